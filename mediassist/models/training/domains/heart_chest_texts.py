"""What the card of heart_cardiomegaly_xray says in words."""

from __future__ import annotations

from typing import Any

TEXTS: dict[str, Any] = {
    "title": "Cardiomegaly on chest radiographs (cardiothoracic ratio)",
    "task": "Cardiothoracic ratio on frontal PA chest radiographs of adults",
    "intended_use": (
        "Outlines heart and lungs on PA chest radiographs of adults, measures the cardiothoracic "
        "ratio and sorts films by it. It is for research, not for diagnosis."
    ),
    "data_source": "JSRT with SCR outlines, NIH ChestX-ray14, COVID-19 image collections (lungs)",
    "input": {
        "modalities": ["CR", "DX"],
        "body_parts": ["CHEST", "THORAX", "LUNG", "HEART", "PULMON"],
        "views": ["PA"],
        "photometric": ["MONOCHROME1", "MONOCHROME2"],
        "presentation_intent": ["FOR PRESENTATION"],
    },
    "model": {
        "Network": "MobileNetV2 (ImageNet start) with a pyramid decoder, maps of heart and lungs "
        "at stride 4, averaged over the film and its mirror image",
        "Input": "256 x 256 grey, letterboxed, percentiles 1 to 99 stretched",
        "Score": "cardiothoracic ratio = greatest width of the heart / greatest width from lung to "
        "lung, both from the outlines; no image label was used to train the network",
    },
    "map_names": ("heart", "lungs"),
    "counted": (
        "Positives: adults' PA films labelled cardiomegaly in NIH; negatives: the set's "
        "matched NIH films labelled without finding or with another one. JSRT gives the outlines "
        "and has no such label."
    ),
    "cautions": (
        "Test films of lung/cxr whose report leaves the heart out are not among the negatives: "
        "many hearts there look enlarged. The AUC with them stands below, beside the measurements.",
    ),
    "data": {
        "sources": [
            "JSRT (14 centres, Japan and USA) with SCR outlines; Shiraishi 2000 (AJR), van "
            "Ginneken 2006 (MedIA); free for research with citation",
            "NIH ChestX-ray14 (NIH Clinical Center, USA); Wang 2017 (CVPR); free use with citation",
            "ieee8023 COVID-19 collection and Hannover repository (lung outlines of other "
            "hospitals); Cohen 2020, Winther 2020; CC BY-NC-SA 4.0 and CC BY 3.0",
        ],
        "truth": (
            "Outlines of heart and lungs were drawn by hand (JSRT/SCR). 'Cardiomegaly' of NIH was "
            "mined from reports: on inspection several such hearts look normal in size and some "
            "others look large, so no method comes near 95 % against this label alone."
        ),
        "ethics": (
            "Adults, PA, two countries. A ratio above 0.5 is also found in healthy people of "
            "another build or with a high diaphragm: measure on your own cases (mediassist audit) "
            "before any use."
        ),
    },
    "known_failures": (
        "Poor inspiration, a rotated patient, scoliosis and a film taken lying down raise the "
        "ratio without a larger heart; the header rarely tells.",
        "Effusion, consolidation or a mass beside the heart hides its border; the outline then "
        "follows the shadow.",
        "A dilated heart in a wide chest keeps a normal ratio.",
        "AP films and children are not assessed: the ratio isn't valid there.",
    ),
    "licence": {
        "weights": "Non-commercial research only",
        "data": "JSRT is free for research only, some lung outlines are CC BY-NC-SA 4.0; the "
        "weights follow them. No picture of any source is in this folder.",
    },
}
