"""What the card of bone_fracture_xray says in words."""

from __future__ import annotations

from typing import Any

# DICOM's defined terms (PS3.16 Annex L) and what else is met in headers.
BODY_PARTS = (
    "SHOULDER",
    "CLAVICLE",
    "ARM",
    "UPPERARM",
    "UPPER ARM",
    "HUMERUS",
    "ELBOW",
    "FOREARM",
    "RADIUS",
    "ULNA",
    "RADIUSULNA",
    "RADIUS ULNA",
    "WRIST",
    "HAND",
    "FINGER",
    "THUMB",
    "UPPERLIMB",
    "UPPER LIMB",
    "UPPER EXTREMITY",
    "EXTREMITY",
    "LEG",
    "LOWERLEG",
    "LOWER LEG",
    "CALF",
    "TIBIA",
    "FIBULA",
    "TIBIA FIBULA",
    "TIBIAFIBULA",
    "TIBIA/FIBULA",
    "TIBFIB",
    "TIB FIB",
    "LOWERLIMB",
    "LOWER LIMB",
    "LOWER EXTREMITY",
)

TEXTS: dict[str, Any] = {
    "title": "Fracture or abnormal limb on radiographs",
    "task": "Shaft fractures of the lower leg; fractures, hardware and other abnormal places of "
    "the upper limb, on radiographs of any view",
    "intended_use": (
        "Points a reader to radiographs of the upper limb (shoulder to finger) and of the lower "
        "leg that may show a fracture or another abnormal place, and frames the place. It was "
        "taught coarse fractures, hardware and healed breaks alike, does not tell them apart, "
        "and is for research, not for diagnosis."
    ),
    "data_source": "dl_eeeh lower-leg radiographs and a Roboflow set of upper limbs (boxes)",
    "input": {
        "modalities": ["CR", "DX"],
        "body_parts": list(BODY_PARTS),
        "views": [],
        "photometric": ["MONOCHROME1", "MONOCHROME2"],
        "presentation_intent": ["FOR PRESENTATION"],
    },
    "model": {
        "Network": "MobileNetV2 (ImageNet start) with a pyramid decoder at stride 8",
        "Input": "288 x 288 grey, letterboxed, percentiles 1 to 99 stretched",
        "Answer": "mean over the picture and its mirror image",
        "Boxes": "rectangles round what the map holds above its threshold, the hottest first",
        "Training": "boxes and labels together, both sources with both classes in every batch; "
        "turned by any quarter; strong changes of grey curve, edges, noise, compression and "
        "resolution; picture size and cut-out are never an input",
    },
    "map_names": ("abnormal place",),
    "counted": (
        "Positives: fractured lower legs and upper limbs with an outline; negatives: cut-outs of "
        "normal lower legs and upper limbs without one. Pooled figures mix two sources with "
        "different shares of positives; each stands among the subgroups."
    ),
    "data": {
        "sources": [
            "Lower-leg radiographs of kosratdev/fracture-detection (dl_eeeh, most likely an "
            "emergency hospital in Erbil); no licence found; boxes drawn for training by eye, not "
            "by a physician",
            "Upper-limb radiographs of dennis-1240-cdm/diagnosis_of_bones_fractures (Roboflow "
            "'bone fracture detection', veda, version 4, tagged CC BY 4.0); they look like "
            "Stanford's MURA, whose research-use agreement that tag cannot lift",
        ],
        "truth": (
            "Lower leg: class folder of the authors, no second reader known. Upper limb: coarse "
            "outlines by anonymous annotators; no outline counted as normal, although 2 of 40 "
            "looked at held hardware or an old lesion."
        ),
        "ethics": (
            "28 fractured legs in training, all coarse and mostly displaced; upper limbs of one "
            "collection. Ages are not in the sets, so none stand in the input contract. Measure "
            "on your own cases (mediassist audit) before any use."
        ),
    },
    "known_failures": (
        "Hairline, buckle and avulsion fractures were hardly in training and are missed.",
        "Children's growth plates can look like a fracture line, and a fracture through one can "
        "be missed: a picture of a child needs a reader whatever the verdict.",
        "Plates, screws, joint replacements and healed breaks are flagged like a fracture.",
        "Casts and splints hide a fracture, and in training only fractured legs wore one.",
        "Foot, ankle, knee, thigh, hip, pelvis, ribs and spine are not its body parts.",
        "Dislocation and soft tissue are not looked for.",
    ),
    "licence": {
        "weights": "Non-commercial research only",
        "data": "No licence was found for the lower legs, and the upper limbs may be MURA's "
        "(research use only); the weights follow the stricter. No picture is in this folder.",
    },
}
