"""What the card of heart_coronary_stenosis_xa says in words."""

from __future__ import annotations

from typing import Any

TEXTS: dict[str, Any] = {
    "title": "Coronary stenosis candidates on angiograms",
    "task": "Places that may be narrowed on coronary angiograms",
    "intended_use": (
        "Marks places on frames of coronary angiograms where a stenosis may lie, for a second "
        "look. It gives no verdict and no degree of stenosis, and is for research only."
    ),
    "data_source": "ARCADE stenosis task",
    "input": {
        "modalities": ["XA"],
        "body_parts": ["HEART", "CHEST", "CORONARY", "CORONARYARTERY", "THORAX"],
        "views": [],
        "photometric": ["MONOCHROME1", "MONOCHROME2"],
        "presentation_intent": [],
    },
    "model": {
        "Network": "MobileNetV2 (ImageNet start) with a pyramid decoder; one map at stride 4",
        "Input": "384 x 384 grey, letterboxed, percentiles 1 to 99 stretched",
        "Training": "whole frames, first at 256 pixels, then at 384",
    },
    "map_names": ("stenosis",),
    "counted": "Every frame of the set holds at least one stenosis.",
    "data": {
        "sources": [
            "ARCADE (Popov 2024, Scientific Data), stenosis task; 150 frames, one for each "
            "cluster of look-alikes; licence of the copy not stated"
        ],
        "truth": (
            "Outlined by medical experts. Habits differ within the set: some outlines run along a "
            "long diseased segment, some cover a short narrowing."
        ),
        "ethics": (
            "No frame without a stenosis and no patient numbers exist in the set: false alarms "
            "per patient can't be measured, and two views of one patient may stand in two splits."
        ),
    },
    "known_failures": (
        "Crossings and overlaps of vessels, catheter tips and bends seen end-on are marked.",
        "Short narrowings in small branches are missed; so are occlusions, where no vessel shows.",
        "Frames before the contrast has filled the vessels show nothing and are not judged well.",
        "A frame without a mark is not a frame without a stenosis.",
    ),
    "licence": {
        "weights": "Non-commercial research only",
        "data": "No licence is stated in the copy that was used; clear it before any other use. No "
        "picture of the set is in this folder.",
    },
}
