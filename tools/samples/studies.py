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
from tools.samples.fundus import Camera, fundus
from tools.samples.head_ct import SLICE_MM, Scan, head_ct, lesion_boxes
from tools.samples.limb import Leg, limb
from tools.samples.mammogram import Breast, mammogram
from tools.samples.objects.angiography import angiographic_frame
from tools.samples.objects.base import Order, Packing, write
from tools.samples.objects.ct import ct_slice, slice_position
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
