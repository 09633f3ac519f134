"""Which pictures of which data set audit which bundle, and what counts as positive.

One entry a bundle. The rule of each is from the README of its data set; `note` says what a reader
of the figures must know about it. No entry looks at anything but the test split.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from mediassist.audit.case import Unit

Row: TypeAlias = Mapping[str, str]
# True and False are the truth; None leaves the picture out.
Truth: TypeAlias = Callable[[Row], bool | None]


def among(column: str, positive: tuple[str, ...], negative: tuple[str, ...]) -> Truth:
    """Truth from a column of labels; any other value leaves the picture out."""

    def truth(row: Row) -> bool | None:
        value = row[column]
        return True if value in positive else False if value in negative else None

    return truth


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureSet:
    """One folder of pictures for one bundle.

    Attributes
    ----------
    folder : below the data folder; holds manifest.csv.
    modality, body_part : what a header would say.
    view : column with the projection; `side` : column with the side of a paired organ.
    boxes : table of lesions, with columns x0, y0, x1, y1 or x, y, w, h; `box_rule` picks its rows.
    masks : whether the column `mask` outlines the lesions.
    kind : "picture", or how the files become a DICOM series ("ct_volume", "ct_slices", "cine").
    source : column that names the origin, for subgroups.
    """

    folder: str
    truth: Truth
    modality: str
    body_part: str = ""
    view: str = ""
    side: str = ""
    boxes: str = ""
    box_rule: tuple[str, tuple[str, ...]] | None = None
    masks: bool = False
    kind: str = "picture"
    source: str = "source"
    more_groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleTest:
    """How one bundle is audited; `truth_words` says what is positive and what is negative."""

    finding: str
    sets: tuple[PictureSet, ...]
    truth_words: str
    note: str = ""
    unit: Unit = Unit.PATIENT


_CHEST: dict[str, Any] = {
    "folder": "lung/cxr",
    "modality": "DX",
    "body_part": "CHEST",
    "view": "view",
}
_FUNDUS: dict[str, Any] = {"modality": "OP", "source": "group"}


def _is_nodule(row: Row) -> bool | None:
    # Report-mined "no nodule" is weak; normal films are what was read as normal.
    return among("label", ("nodule_mass",), ("normal",))(row)


def _is_lesion(row: Row) -> bool | None:
    # Normal pictures come from one hospital only: judged inside it, or the source gives them away.
    if row["dataset"] != "BUSI":
        return None
    return among("label", ("benign", "malignant"), ("normal",))(row)


TESTS: dict[str, BundleTest] = {
    "brain_intracranial_haemorrhage_ct": BundleTest(
        finding="intracranial_haemorrhage",
        sets=(
            PictureSet(
                folder="brain/ct_hemorrhage",
                truth=among("label", ("hemorrhage",), ("no_hemorrhage",)),
                modality="CT",
                body_part="HEAD",
                boxes="boxes.csv",
                kind="ct_slices",
                more_groups=("whole_scan",),
            ),
        ),
        truth_words="heads with blood on any slice against heads without; every box of a slice is "
        "a lesion of its own",
        note="Bloodless patients come from one hospital only; slices were chosen, but for the "
        "patients with whole scans.",
    ),
    "brain_tumour_mr": BundleTest(
        finding="brain_tumour",
        sets=(
            PictureSet(
                folder="brain/mr_glioma",
                truth=among("label", ("glioma",), ("no_tumour_in_slice",)),
                modality="MR",
                body_part="HEAD",
                masks=True,
                more_groups=("sequence",),
            ),
            PictureSet(
                folder="brain/mr_tumour_mixed",
                truth=among("label", ("glioma", "meningioma", "pituitary"), ("no_tumour",)),
                modality="MR",
                body_part="HEAD",
                boxes="boxes.csv",
                more_groups=("sequence",),
            ),
            PictureSet(
                folder="brain/mr_other",
                truth=among("label", (), ("ms_lesion", "ms_patient")),
                modality="MR",
                body_part="HEAD",
                more_groups=("sequence",),
            ),
        ),
        truth_words="slices with a tumour against slices without",
        note="Nearly every patient has a tumour: false positives of patients cannot be measured "
        "here. Slices are counted.",
        unit=Unit.IMAGE,
    ),
    "lung_opacity_xray": BundleTest(
        finding="lung_opacity",
        sets=(
            PictureSet(
                **_CHEST,
                truth=among("label", ("opacity", "covid"), ("normal",)),
                boxes="boxes/boxes.csv",
                box_rule=("finding", ("lung_opacity",)),
                source="dataset",
                more_groups=("label_source", "group"),
            ),
        ),
        truth_words="films with an opacity or of COVID-19 patients against normal films",
        note="Films with other findings are left out.",
    ),
    "lung_nodule_xray": BundleTest(
        finding="lung_nodule",
        sets=(
            PictureSet(
                **_CHEST,
                truth=_is_nodule,
                boxes="boxes/boxes.csv",
                box_rule=("finding", ("nodule", "Nodule", "Mass", "nodule_mass", "lung_nodule")),
                source="dataset",
            ),
        ),
        truth_words="films with a nodule or mass against normal films",
        note="Positives and normals are spread unevenly over hospitals: the figure may be a "
        "shortcut's.",
    ),
    "lung_nodule_ct": BundleTest(
        finding="lung_nodule",
        sets=(
            PictureSet(
                folder="lung/ct_nodule",
                truth=lambda row: True,
                modality="CT",
                body_part="CHEST",
                kind="ct_volume",
            ),
        ),
        truth_words="whole scans with nodules that four readers outlined",
        note="The data hold one whole scan: this shows that the detector runs, not how good it is.",
    ),
    "eye_diabetic_retinopathy_fundus": BundleTest(
        finding="diabetic_retinopathy",
        sets=(PictureSet(**_FUNDUS, folder="eye/dr", truth=among("referable", ("1",), ("0",))),),
        truth_words="grade 2 and above against grade 0 and 1",
    ),
    "eye_glaucoma_fundus": BundleTest(
        finding="glaucoma",
        sets=(
            PictureSet(**_FUNDUS, folder="eye/glaucoma", truth=among("glaucoma", ("1",), ("0",))),
        ),
        truth_words="eyes with glaucoma against normal eyes",
        note="Truth is the opinion of graders on the photograph, or the clinic; no visual fields.",
    ),
    "eye_cataract_fundus": BundleTest(
        finding="cataract",
        sets=(
            PictureSet(
                **_FUNDUS,
                folder="eye/cataract_myopia_amd",
                truth=among("cataract", ("1",), ("0",)),
            ),
        ),
        truth_words="eyes with cataract against normal eyes of the same source",
        note="Haze is the label: any bad photograph looks the same.",
    ),
    "eye_pathologic_myopia_fundus": BundleTest(
        finding="pathologic_myopia",
        sets=(
            PictureSet(
                **_FUNDUS,
                folder="eye/cataract_myopia_amd",
                truth=among("pathologic_myopia", ("1",), ("0",)),
            ),
        ),
        truth_words="pathologic myopia against eyes without",
        note="Colour alone nearly tells the two apart in this source.",
    ),
    "bone_fracture_xray": BundleTest(
        finding="fracture",
        sets=(
            PictureSet(
                folder="bone/fracture",
                truth=among("label", ("fracture",), ("no_fracture",)),
                modality="DX",
                boxes="boxes.csv",
                source="dataset",
                more_groups=("variant",),
            ),
            PictureSet(
                folder="bone/upper_limb",
                truth=among("label", ("abnormal",), ("no_mark",)),
                modality="DX",
                boxes="boxes.csv",
                source="dataset",
            ),
        ),
        truth_words="fractured legs and abnormal arms against those without a mark",
        note="'Abnormal' includes hardware and healed breaks; 'no mark' is not always normal.",
    ),
    "bone_knee_osteoarthritis_xray": BundleTest(
        finding="knee_osteoarthritis",
        sets=(
            PictureSet(
                folder="bone/knee_oa",
                truth=among("oa", ("1",), ("0",)),
                modality="DX",
                body_part="KNEE",
                side="side",
                source="dataset",
                more_groups=("kl",),
            ),
        ),
        truth_words="Kellgren-Lawrence grade 2 and above against 0 and 1",
        note="One source; grades are levelled, so predictive values mean nothing.",
    ),
    "heart_cardiomegaly_xray": BundleTest(
        finding="cardiomegaly",
        sets=(
            PictureSet(
                folder="cardio/cxr_heart_lungs",
                truth=among("cardiomegaly", ("1.0", "1"), ("0.0", "0")),
                modality="DX",
                body_part="CHEST",
                view="view",
                source="dataset",
            ),
        ),
        truth_words="films labelled cardiomegaly against those that are not",
    ),
    "heart_cardiomyopathy_mr": BundleTest(
        finding="cardiomyopathy",
        sets=(
            PictureSet(
                folder="cardio/mr_cine",
                truth=among("label", ("DCM", "HCM", "MINF", "RV"), ("NOR",)),
                modality="MR",
                body_part="HEART",
                kind="cine",
                more_groups=("label",),
            ),
        ),
        truth_words="four kinds of heart disease against normal hearts",
        note="20 patients, 4 of them normal. Spacing is assumed (1.5 mm, slices of 8 mm).",
    ),
    "heart_coronary_stenosis_xa": BundleTest(
        finding="coronary_stenosis",
        sets=(
            PictureSet(
                folder="cardio/vessel_coronary",
                truth=among("label", ("stenosis",), ()),
                modality="XA",
                boxes="boxes.csv",
            ),
        ),
        truth_words="frames with outlined stenoses",
        note="Every frame has a stenosis: false alarms of patients cannot be measured.",
    ),
    "breast_lesion_us": BundleTest(
        finding="breast_lesion",
        sets=(
            PictureSet(
                folder="breast/us_lesion",
                truth=_is_lesion,
                modality="US",
                body_part="BREAST",
                masks=True,
                source="dataset",
            ),
        ),
        truth_words="pictures with a lesion against normal ones, inside the one hospital that has "
        "both",
        note="13 normal pictures.",
    ),
    "breast_malignancy_us": BundleTest(
        finding="breast_malignancy",
        sets=(
            PictureSet(
                folder="breast/us_lesion",
                truth=among("label", ("malignant",), ("benign", "normal")),
                modality="US",
                body_part="BREAST",
                masks=True,
                source="dataset",
            ),
        ),
        truth_words="malignant lesions against benign ones and normal pictures",
    ),
    "breast_malignancy_mg": BundleTest(
        finding="breast_malignancy",
        sets=(
            PictureSet(
                folder="breast/mg_cancer",
                truth=among("label", ("malignant",), ("benign", "normal")),
                modality="MG",
                body_part="BREAST",
                view="view",
                side="laterality",
                masks=True,
                source="dataset",
            ),
        ),
        truth_words="breasts with cancer against breasts without",
        note="10 cancers on film of the nineties.",
    ),
}
