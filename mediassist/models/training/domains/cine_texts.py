"""What the card of heart_cardiomyopathy_mr says in words."""

from __future__ import annotations

from typing import Any

TEXTS: dict[str, Any] = {
    "title": "Cardiomyopathy and reduced function on cine MR",
    "task": "Volumes, ejection fraction and abnormal heart on short-axis cine MR",
    "intended_use": (
        "Outlines both ventricles on short-axis cine MR at end-diastole and end-systole, measures "
        "volumes, ejection fractions and muscle mass and sorts studies into normal and abnormal. "
        "It is for research, not for diagnosis."
    ),
    "data_source": "ACDC 2017 (University Hospital of Dijon)",
    "input": {
        "modalities": ["MR"],
        "body_parts": ["HEART", "CHEST", "THORAX", "CARDIAC"],
        "views": [],
        "photometric": ["MONOCHROME2"],
        "presentation_intent": [],
    },
    "model": {
        "Network": "MobileNetV2 (ImageNet start) with a pyramid decoder; maps of right ventricle, "
        "outer border and cavity of the left ventricle at stride 2",
        "Input": "160 x 160 grey, a window of about 192 mm around the heart of one slice",
        "Score": "multinomial logistic regression over four figures: ejection fractions of both "
        "ventricles, muscle to cavity and right to left volume at end-diastole; the score is the "
        "log odds of any of the four abnormal groups against normal",
    },
    "map_names": ("right ventricle", "left ventricle with muscle", "left cavity"),
    "counted": (
        "Positives: patients of the four abnormal groups (dilated, hypertrophic, infarction with "
        "reduced function, abnormal right ventricle); negatives: the normal group."
    ),
    "data": {
        "sources": [
            "ACDC challenge 2017, University Hospital of Dijon, 1.5 T and 3 T Siemens; Bernard "
            "2018 (TMI); a public copy is marked CC BY-NC-SA 4.0"
        ],
        "truth": (
            "Outlines by one clinical expert. Groups by the challenge's rules on volumes, wall "
            "thickness and history, recovered from the known order of the patients."
        ),
        "ethics": (
            "100 patients of one hospital and one maker, five groups of equal size: the share of "
            "abnormal hearts is not that of any clinic. Age, sex, height and weight are unknown, "
            "so nothing is indexed to body surface. Measure on your own cases (mediassist audit) "
            "before any use."
        ),
    },
    "known_failures": (
        "The most basal and the most apical slices decide volumes and are the hardest to outline.",
        "A regional wall motion defect with normal ejection fraction, storage disease and "
        "inflammation without change of volume are not seen.",
        "Arrhythmia, breathing and mistriggering blur the borders; volumes are then too small.",
        "Congenital heart disease and operated hearts were not in the set.",
    ),
    "licence": {
        "weights": "Non-commercial research only",
        "data": "The challenge gives the data out after registration and a copy is marked CC "
        "BY-NC-SA 4.0; the weights follow it. No picture of the set is in this folder.",
    },
}
