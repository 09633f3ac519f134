"""Closed lists of interface.md: domains, findings, verdicts, modalities, with their codes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Domain(StrEnum):
    BRAIN = "brain"
    LUNG = "lung"
    EYE = "eye"
    BONE = "bone"
    HEART = "heart"
    BREAST = "breast"


class Verdict(StrEnum):
    """What MediAssist says of one finding in one study; see product.md for the two thresholds."""

    FLAGGED = "flagged"
    REVIEW = "review"
    CLEARED = "cleared"
    NOT_APPLICABLE = "not_applicable"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Code:
    """A coded concept: `scheme` is SCT (SNOMED CT), RADLEX or DCM."""

    scheme: str
    value: str
    meaning: str


@dataclass(frozen=True, slots=True)
class FindingTerm:
    """One entry of the finding list. `english` is also the key of its translation."""

    key: str
    english: str
    code: Code
    domains: tuple[Domain, ...]


def _finding(key: str, english: str, sct: str, meaning: str, *domains: Domain) -> FindingTerm:
    return FindingTerm(key, english, Code("SCT", sct, meaning), domains)


# SNOMED CT concept identifiers from the International Edition.
FINDINGS: dict[str, FindingTerm] = {
    term.key: term
    for term in (
        _finding(
            "intracranial_haemorrhage",
            "Intracranial haemorrhage",
            "1386000",
            "Intracranial hemorrhage",
            Domain.BRAIN,
            Domain.HEART,
        ),
        _finding("brain_tumour", "Brain tumour", "126952004", "Neoplasm of brain", Domain.BRAIN),
        _finding("lung_opacity", "Lung opacity / pneumonia", "233604007", "Pneumonia", Domain.LUNG),
        _finding("lung_nodule", "Lung nodule", "427359005", "Solitary nodule of lung", Domain.LUNG),
        _finding(
            "diabetic_retinopathy",
            "Referable diabetic retinopathy",
            "4855003",
            "Diabetic retinopathy",
            Domain.EYE,
        ),
        _finding("glaucoma", "Glaucoma", "23986001", "Glaucoma", Domain.EYE),
        _finding("cataract", "Cataract", "193570009", "Cataract", Domain.EYE),
        _finding(
            "pathologic_myopia",
            "Pathologic myopia",
            "32022003",
            "Degenerative progressive high myopia",
            Domain.EYE,
        ),
        _finding(
            "fracture", "Fracture / abnormal limb", "125605004", "Fracture of bone", Domain.BONE
        ),
        _finding(
            "knee_osteoarthritis",
            "Knee osteoarthritis",
            "239873007",
            "Osteoarthritis of knee",
            Domain.BONE,
        ),
        _finding(
            "scoliosis", "Scoliosis", "298382003", "Scoliosis deformity of spine", Domain.BONE
        ),
        _finding("cardiomegaly", "Cardiomegaly", "8186001", "Cardiomegaly", Domain.HEART),
        _finding(
            "cardiomyopathy",
            "Cardiomyopathy / reduced function",
            "85898001",
            "Cardiomyopathy",
            Domain.HEART,
        ),
        _finding(
            "coronary_stenosis",
            "Coronary artery stenosis",
            "233970002",
            "Coronary artery stenosis",
            Domain.HEART,
        ),
        _finding(
            "breast_lesion", "Breast lesion", "126926005", "Neoplasm of breast", Domain.BREAST
        ),
        _finding(
            "breast_malignancy",
            "Malignant breast lesion",
            "254837009",
            "Malignant neoplasm of breast",
            Domain.BREAST,
        ),
    )
}

# Token of a bundle id -> DICOM modalities whose images it may see.
BUNDLE_TOKENS: dict[str, tuple[str, ...]] = {
    "ct": ("CT",),
    "mr": ("MR",),
    "xray": ("CR", "DX"),
    "fundus": ("OP",),
    "us": ("US",),
    "mg": ("MG",),
    "xa": ("XA",),
}

MANIFEST_MODALITIES = ("CR", "DX", "CT", "MR", "MG", "US", "OP", "XA")
