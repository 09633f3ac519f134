"""What the card of lung_nodule_ct says in words."""

from __future__ import annotations

from typing import Any

TEXTS: dict[str, Any] = {
    "title": "Lung nodule candidates on chest CT",
    "task": "Places in a chest CT volume that may be a nodule of 3 to 30 mm, with diameter",
    "intended_use": (
        "Marks up to eight places of a thin-slice chest CT for a radiologist's second look. It "
        "gives no verdict, never says that there is no nodule, does not tell benign from "
        "malignant, and is for research, not for diagnosis."
    ),
    "data_source": "LUNA16 candidates (patches), LIDC-IDRI (volumes)",
    "input": {
        "modalities": ["CT"],
        "body_parts": ["CHEST", "THORAX", "LUNG", "CHESTABDOMEN", "CHESTABDPELVIS"],
        "photometric": ["MONOCHROME1", "MONOCHROME2"],
    },
    "model": {
        "Finder": "lungs by threshold and closing; maxima of a Laplacian pyramid at six "
        "diameters from 4 to 28 mm, at most 400 a scan; nothing of it is learned",
        "Network": "MobileNetV2 (ImageNet start) on axial patches; the mean of the candidate's "
        "slice and one above and below",
        "Input": "35 mm of the slice, Hounsfield units -1000 to 400 as grey, 64 x 64",
        "Training": "turned, mirrored, shifted and resized patches with changes of grey curve, "
        "sharpness, noise and compression",
    },
    "counted": (
        "A unit is a patch round a candidate of LUNA16's detectors: these are hard negatives, and "
        "a rate of patches is no rate of scans."
    ),
    "data": {
        "sources": [
            "LUNA16 (Setio 2017, MedIA) from LIDC-IDRI (Armato 2011, Med Phys); CC BY 3.0 / 4.0",
        ],
        "truth": (
            "A nodule of 3 mm or more outlined by at least three of four readers; candidates from "
            "detectors that no reader outlined are non-nodules."
        ),
        "ethics": (
            "Scans of seven US centres of about 2000 to 2010. One whole volume is there to run the "
            "detector on; that measures nothing: look at your own cases first (mediassist audit)."
        ),
    },
    "cautions": [
        "Marks only: one whole CT volume with one outlined nodule is in the set, so that the "
        "sensitivity of the whole chain (finder and network) is not known."
    ],
    "known_failures": (
        "Ground glass and nodules under 4 mm are hardly found by the finder.",
        "Vessels that run along the slices' normal, scars and lymph nodes at fissures are marked.",
        "Nodules of more than 30 mm, or broadly grown into the chest wall, may get no mark.",
        "Training scans had slices of at most 2.5 mm; those of up to 5 mm are read, but small "
        "nodules fall between them. Thicker ones are refused.",
    ),
    "licence": {
        "weights": "CC BY 4.0",
        "data": "LIDC-IDRI and LUNA16 are CC BY. No picture of any source is in this folder.",
    },
}
