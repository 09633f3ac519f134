"""What the card of bone_knee_osteoarthritis_xray says in words."""

from __future__ import annotations

from typing import Any

TEXTS: dict[str, Any] = {
    "title": "Knee osteoarthritis (KL 2 and above) on radiographs",
    "task": "Radiographic osteoarthritis of one knee (Kellgren-Lawrence grade 2 and above)",
    "intended_use": (
        "Points a reader to frontal radiographs of a single knee that may show osteoarthritis of "
        "Kellgren-Lawrence grade 2 or above, and estimates the grade. The picture must be cut "
        "tightly to one knee joint, as in training; a whole film of both knees, a lateral or a "
        "skyline view is not applicable. For research, not for diagnosis."
    ),
    "data_source": "Chen 2018 knee cut-outs of Osteoarthritis Initiative baseline radiographs",
    "input": {
        "modalities": ["CR", "DX"],
        "body_parts": ["KNEE", "KNEES", "KNEE JOINT"],
        "views": ["PA", "AP"],
        "photometric": ["MONOCHROME1", "MONOCHROME2"],
        "presentation_intent": ["FOR PRESENTATION"],
    },
    "model": {
        "Network": "MobileNetV2 (ImageNet start), four ordinal answers: KL at least 2, 1, 3, 4",
        "Input": "224 x 224 grey, letterboxed, percentiles 1 to 99 stretched; the cut-out has to "
        "show one knee joint and little more",
        "Answer": "mean of two such networks, over the picture and its mirror image",
        "KL estimate": "sum of the four chances P(KL >= 1) to P(KL >= 4), made to fall with the "
        "step; an expected grade from 0 to 4, not a reading",
        "Training": "neighbouring grades softened as readers disagree on them; strong changes of "
        "grey curve, edges, noise, compression and resolution",
    },
    "counted": (
        "Positives: KL 2 to 4, negatives: KL 0 and 1, in nearly equal numbers on purpose (in the "
        "source 3253, 1495, 2175, 1086 and 251 knees of KL 0 to 4): predictive values need your "
        "own prevalence."
    ),
    "data": {
        "sources": [
            "Knee cut-outs of P. Chen, 2018 (Mendeley Data, doi 10.17632/56rmx5bjcr), from "
            "baseline bilateral fixed-flexion PA radiographs of the Osteoarthritis Initiative, "
            "one knee a participant; licence as remembered, not checked: CC BY 4.0, and the "
            "OAI's own data-use terms",
        ],
        "truth": (
            "Central OAI reading of the Kellgren-Lawrence grade. KL 1 is doubtful by definition: "
            "see 'without KL 1' among the subgroups."
        ),
        "ethics": (
            "One study of one country (OAI, several US centres), participants at risk of knee "
            "osteoarthritis. Ages, sex and centre are not in the set, so no ages stand in the "
            "input contract and no such subgroup could be measured. A second hospital was never "
            "seen: measure on your own cases (mediassist audit) before any use."
        ),
    },
    "known_failures": (
        "KL 1 and KL 2 are told apart poorly, as readers do.",
        "A film that is not cut to one joint is not applicable: cut it to the joint first.",
        "Implants, fractures, children's growth plates, lateral and skyline views were not in "
        "training.",
        "Nearly washed-out cut-outs lose the joint line.",
        "Where the osteoarthritis is seen is not shown: the set has no outlines, so no map could "
        "be measured.",
    ),
    "licence": {
        "weights": "Non-commercial research only",
        "data": "The licence of the cut-outs was not checked and the OAI has its own data-use "
        "terms; the weights follow the stricter. No picture is in this folder.",
    },
}
