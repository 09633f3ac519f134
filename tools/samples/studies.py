"""Making one study of each kind: pictures, DICOM files, and what is true of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tools.samples.angiogram import angiogram
from tools.samples.breast_us import Lump, Probe, breast_clip
from tools.samples.chest import Film, cardiothoracic_ratio, chest
from tools.samples.chest_ct import Nodule, chest_ct
from tools.samples.cine_mr import Heart, cine_mr
from tools.samples.fundus import Camera, fundus
from tools.samples.head_ct import SLICE_MM, Scan, head_ct, lesion_boxes
from tools.samples.head_mr import Tumour, head_mr
from tools.samples.limb import Leg, limb
from tools.samples.mammogram import Breast, mammogram
from tools.samples.objects.angiography import angiographic_frame
from tools.samples.objects.base import Order, Packing, write
from tools.samples.objects.ct import CHEST, ct_slice, slice_position
from tools.samples.objects.mr import CINE, FLAIR, T1_CONTRAST, Place, mr_slice, put_phase
from tools.samples.objects.ophthalmic import fundus_photograph
from tools.samples.objects.radiograph import View, lower_leg, mammogram_film, radiograph
from tools.samples.objects.ultrasound import breast_ultrasound
from tools.samples.truth import Box, Lesion, StudyTruth


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A folder of sample_studies and the function that fills it and tells the truth."""

    folder: str
    order: Order
    make: Callable[[Plan, Path], StudyTruth]
    packing: Packing
    domain: str
    modality: str
    findings: dict[str, bool]
    settings: dict[str, Any]


def _truth(
    plan: Plan, lesions: list[Lesion], measurements: dict[str, float] | None = None
) -> StudyTruth:
    return StudyTruth(
        plan.order, plan.folder, plan.domain, plan.modality, plan.findings, lesions, measurements
    )


def head_study(plan: Plan, folder: Path) -> StudyTruth:
    scan: Scan = plan.settings["scan"]
    made = head_ct(plan.order.key, scan)
    count, mm = len(made.hu), scan.mm_per_pixel
    boxes = lesion_boxes(made.bleed) if made.bleed is not None else {}
    lesions: list[Lesion] = []
    for index in range(count):
        ds = ct_slice(plan.order, made.hu, index, mm, SLICE_MM)
        write(ds, folder / f"IM{index + 1:04d}", plan.packing)
        if index in boxes and made.bleed is not None:
            rows, columns = np.nonzero(made.bleed[index])
            corner = slice_position(index, count, scan.side, mm, SLICE_MM)
            centre = (
                round(corner[0] + float(columns.mean()) * mm, 1),
                round(corner[1] + float(rows.mean()) * mm, 1),
                round(corner[2], 1),
            )
            volume = float(made.bleed[index].sum()) * mm * mm * SLICE_MM / 1000
            lesions.append(
                Lesion(
                    finding="intracranial_haemorrhage",
                    kind="intraparenchymal haematoma, this slice",
                    sop_instance_uid=ds.SOPInstanceUID,
                    frame=1,
                    box=boxes[index],
                    centre_lps_mm=centre,
                    volume_ml=round(volume, 2),
                )
            )
    if not lesions:
        return _truth(plan, lesions)
    whole = sum(lesion.volume_ml or 0.0 for lesion in lesions)
    middle = [
        sum((le.volume_ml or 0.0) * (le.centre_lps_mm or (0, 0, 0))[axis] for le in lesions) / whole
        for axis in range(3)
    ]
    measured = {"haematoma_volume_ml": round(whole, 1)}
    for axis, value in zip("xyz", middle, strict=True):
        measured[f"haematoma_centre_lps_{axis}_mm"] = round(value, 1)
    return _truth(plan, lesions, measured)


def _lesions(uid: str, finding: str, found: tuple[tuple[str, Box], ...]) -> list[Lesion]:
    return [
        Lesion(finding=finding, kind=kind, sop_instance_uid=uid, frame=1, box=box)
        for kind, box in found
    ]


def chest_study(plan: Plan, folder: Path) -> StudyTruth:
    film: Film = plan.settings["film"]
    view: View = plan.settings["view"]
    made = chest(plan.order.key, film)
    ds = radiograph(
        plan.order,
        view,
        made.values,
        plan.settings["spacing_mm"],
        as_cr=plan.settings.get("cr", False),
        inverted=plan.settings.get("inverted", False),
    )
    write(ds, folder / "IM0001", plan.packing)
    lesions = _lesions(ds.SOPInstanceUID, "lung_opacity", made.boxes)
    if plan.findings.get("cardiomegaly"):
        heart = (("enlarged heart", Box.around(made.heart)),)
        lesions += _lesions(ds.SOPInstanceUID, "cardiomegaly", heart)
    return _truth(plan, lesions, {"cardiothoracic_ratio": round(cardiothoracic_ratio(made), 3)})


def eye_study(plan: Plan, folder: Path) -> StudyTruth:
    camera: Camera = plan.settings["camera"]
    made = fundus(plan.order.key, camera, plan.findings["diabetic_retinopathy"])
    ds = fundus_photograph(plan.order, made.pixels, "R" if camera.right_eye else "L")
    write(ds, folder / "IM0001", plan.packing)
    return _truth(plan, _lesions(ds.SOPInstanceUID, "diabetic_retinopathy", made.lesions))


def leg_study(plan: Plan, folder: Path) -> StudyTruth:
    leg: Leg = plan.settings["leg"]
    made = limb(plan.order.key, leg)
    view = lower_leg("R" if leg.right_leg else "L")
    ds = radiograph(plan.order, view, made.values, leg.mm_per_pixel)
    write(ds, folder / "IM0001", plan.packing)
    return _truth(plan, _lesions(ds.SOPInstanceUID, "fracture", made.boxes))


def breast_study(plan: Plan, folder: Path) -> StudyTruth:
    probe: Probe = plan.settings["probe"]
    lump: Lump = plan.settings["lump"]
    made = breast_clip(plan.order.key, probe, lump, plan.settings.get("frames", 1))
    ds = breast_ultrasound(
        plan.order, made.frames, probe.mm_per_pixel, plan.settings["laterality"], 66.0
    )
    write(ds, folder / "IM0001", plan.packing)
    present = [key for key, value in plan.findings.items() if value]
    lesions = [
        Lesion(
            finding=finding,
            kind=lump.value,
            sop_instance_uid=ds.SOPInstanceUID,
            frame=frame,
            box=box,
        )
        for finding in present
        for frame, box in enumerate(made.boxes, 1)
        if box is not None
    ]
    return _truth(plan, lesions)


def mammogram_study(plan: Plan, folder: Path) -> StudyTruth:
    """An oblique mammogram of one breast."""
    breast: Breast = plan.settings["breast"]
    made = mammogram(plan.order.key, breast)
    ds = mammogram_film(plan.order, made.values, breast.mm_per_pixel, breast.right)
    write(ds, folder / "IM0001", plan.packing)
    lesions = []
    for finding in (key for key, present in plan.findings.items() if present):
        lesions += _lesions(ds.SOPInstanceUID, finding, made.boxes)
    return _truth(plan, lesions)


def angiogram_study(plan: Plan, folder: Path) -> StudyTruth:
    """A frame of a coronary angiogram."""
    made = angiogram(plan.order.key, narrowed=plan.findings["coronary_stenosis"])
    ds = angiographic_frame(plan.order, made.values, plan.settings["spacing_mm"])
    write(ds, folder / "IM0001", plan.packing)
    return _truth(plan, _lesions(ds.SOPInstanceUID, "coronary_stenosis", made.boxes))


_CHEST_CT_SIDE, _CHEST_CT_MM, _CHEST_CT_STEP, _CHEST_CT_SLICES = 288, 1.25, 4.0, 56
_HEAD_MR_SIDE, _HEAD_MR_MM, _HEAD_MR_LEVELS = 256, 0.9, range(6, 26)
_CINE_BEAT_MS = 860.0


def chest_ct_study(plan: Plan, folder: Path) -> StudyTruth:
    """A chest CT, with a nodule where the plan says so."""
    nodule: Nodule | None = plan.settings["nodule"]
    made = chest_ct(
        plan.order.key, _CHEST_CT_SLICES, _CHEST_CT_SIDE, _CHEST_CT_MM, _CHEST_CT_STEP, nodule
    )
    boxes, lesions = made.boxes(), []
    for index in range(len(made.hu)):
        ds = ct_slice(plan.order, made.hu, index, _CHEST_CT_MM, _CHEST_CT_STEP, CHEST)
        write(ds, folder / f"IM{index + 1:04d}", plan.packing)
        if index in boxes and nodule is not None:
            lesions.append(
                Lesion(
                    finding="lung_nodule",
                    kind="solid nodule, this slice",
                    sop_instance_uid=ds.SOPInstanceUID,
                    frame=1,
                    box=boxes[index],
                    centre_lps_mm=(nodule.left_mm, nodule.behind_mm, nodule.up_mm),
                )
            )
    measured = None if nodule is None else {"nodule_diameter_mm": nodule.diameter_mm}
    return _truth(plan, lesions, measured)


def head_mr_study(plan: Plan, folder: Path) -> StudyTruth:
    """FLAIR and T1 with contrast of one head; an empty corner of the stack is the foot."""
    tumour: Tumour | None = plan.settings["tumour"]
    side, mm = _HEAD_MR_SIDE, _HEAD_MR_MM
    made = head_mr(plan.order.key, _HEAD_MR_LEVELS, side, mm, 1.0, tumour)
    count, lesions = len(made.flair), []
    for sequence, stack in ((FLAIR, made.flair), (T1_CONTRAST, made.contrast)):
        for index in range(count):
            left, front, up = slice_position(index, count, side, mm, SLICE_MM)
            place = Place((left, front, up), (1, 0, 0, 0, 1, 0), mm, SLICE_MM, SLICE_MM)
            ds = mr_slice(plan.order, sequence, stack[index], index + 1, place)
            write(ds, folder / f"IM{sequence.number}{index + 1:03d}", plan.packing)
            if made.lesion is not None and made.lesion[index].sum() >= 20:
                kind = "tumour with oedema, this slice"
                box = Box.around(made.lesion[index])
                lesions += _lesions(ds.SOPInstanceUID, "brain_tumour", ((kind, box),))
    return _truth(plan, lesions)


def cine_study(plan: Plan, folder: Path) -> StudyTruth:
    """A short-axis stack from base to apex, every slice through one heart beat."""
    heart: Heart = plan.settings["heart"]
    made = cine_mr(plan.order.key, heart)
    along_row, along_column = np.array([0.64, 0.64, -0.425]), np.array([-0.45, -0.135, -0.883])
    along_row /= np.linalg.norm(along_row)
    along_column -= along_row * (along_row @ along_column)
    along_column /= np.linalg.norm(along_column)
    normal = np.cross(along_row, along_column)
    orientation = tuple(float(v) for v in (*along_row, *along_column))
    half = (heart.side - 1) / 2 * heart.mm_per_pixel
    number, lesions = 0, []
    for level in range(heart.slices):
        corner = (level - heart.slices / 2) * heart.gap_mm * normal
        corner = corner - half * (along_row + along_column)
        for phase in range(heart.phases):
            number += 1
            place = Place(
                (float(corner[0]), float(corner[1]), float(corner[2])),
                orientation,
                heart.mm_per_pixel,
                heart.gap_mm - 1.0,
                heart.gap_mm,
            )
            ds = mr_slice(plan.order, CINE, made.values[level, phase], number, place)
            put_phase(ds, phase, heart.phases, _CINE_BEAT_MS)
            write(ds, folder / f"IM{number:04d}", plan.packing)
            if plan.findings["cardiomyopathy"] and (level, phase) == (heart.slices // 2, 0):
                box = Box.around(made.labels[level, phase] == 3)
                kind = "left ventricle at end-diastole, middle slice"
                lesions += _lesions(ds.SOPInstanceUID, "cardiomyopathy", ((kind, box),))
    cavity, right = made.volume_ml(3, heart), made.volume_ml(1, heart)
    measured = {
        "lv_end_diastolic_volume_ml": round(float(cavity.max()), 1),
        "lv_end_systolic_volume_ml": round(float(cavity.min()), 1),
        "lv_ejection_fraction": round(float(1 - cavity.min() / cavity.max()), 3),
        "rv_end_diastolic_volume_ml": round(float(right.max()), 1),
        "rv_ejection_fraction": round(float(1 - right.min() / right.max()), 3),
    }
    return _truth(plan, lesions, measured)
