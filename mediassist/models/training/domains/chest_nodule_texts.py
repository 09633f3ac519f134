"""What the card of lung_nodule_xray says in words."""

from __future__ import annotations

from typing import Any

TEXTS: dict[str, Any] = {
    "title": "Lung nodule on chest radiographs",
    "task": "Nodules and masses of the lungs on frontal chest radiographs of adults",
    "intended_use": (
        "Points a radiologist to places on frontal chest radiographs of adults that may be a "
        "nodule. It does not tell benign from malignant and is for research, not for diagnosis."
    ),
    "data_source": "JSRT with SCR outlines (CT-confirmed nodules), NIH ChestX-ray14",
    "input": {
        "modalities": ["CR", "DX"],
        "body_parts": ["CHEST", "THORAX", "LUNG", "PULMON"],
        "views": ["PA", "AP"],
        "photometric": ["MONOCHROME1", "MONOCHROME2"],
        "presentation_intent": ["FOR PRESENTATION"],
    },
    "model": {
        "Network": "MobileNetV2 (ImageNet start) with a pyramid decoder at stride 8; the answer is "
        "the mean of the four hottest cells of the nodule map inside the lungs it found itself",
        "Input": "512 x 512 grey, letterboxed, percentiles 1 to 99 stretched",
        "Training": "windows of 224 pixels, half of those of a film with a nodule hold it; strong "
        "changes of grey curve, edges, noise, compression and resolution",
    },
    "map_names": ("nodule", "lungs"),
    "counted": "Positives: films labelled nodule or mass; negatives: films without any finding.",
    "data": {
        "sources": [
            "JSRT (14 centres, Japan and USA) with SCR outlines; Shiraishi 2000 (AJR), van "
            "Ginneken 2006 (MedIA); free for research with citation",
            "NIH ChestX-ray14 (NIH Clinical Center, USA); Wang 2017 (CVPR); free use with citation",
        ],
        "truth": (
            "JSRT: nodules confirmed by CT, position and size by radiologists. NIH: 'nodule' and "
            "'no finding' mined from reports, which are often wrong; few are boxed."
        ),
        "ethics": (
            "JSRT is digitised film with mostly solitary nodules of 5 to 60 mm. Other hospitals, "
            "portable films and several nodules are hardly in the set: measure on your own cases "
            "(mediassist audit) before any use."
        ),
    },
    "known_failures": (
        "Subtle nodules, and nodules behind heart, ribs' crossing and diaphragm, are missed.",
        "Vessels seen end-on, nipples, rib ends and calcified granulomas are marked.",
        "Opacities and other findings were not in training as negatives; they may be marked.",
        "A film without a mark is not a film without a nodule.",
    ),
    "licence": {
        "weights": "Non-commercial research only",
        "data": "JSRT is free for research only; the weights follow it. No picture of any source "
        "is in this folder.",
    },
}
