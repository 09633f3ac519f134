"""What the card of breast_malignancy_mg says in words."""

from __future__ import annotations

from typing import Any

TEXTS: dict[str, Any] = {
    "title": "Breast cancer on mammograms (experimental)",
    "task": "Malignant lesions on mediolateral oblique mammograms",
    "intended_use": (
        "An experiment that shows how the program handles mammograms. It was taught 52 cancers "
        "on digitised films of the 1990s, oblique view only, and is off unless switched on. No "
        "use on patients: for research on methods only."
    ),
    "data_source": "mini-MIAS, 322 digitised screening mammograms with circles",
    "input": {
        "modalities": ["MG"],
        "body_parts": ["BREAST"],
        "views": ["MLO"],
        "photometric": ["MONOCHROME1", "MONOCHROME2"],
        "presentation_intent": ["FOR PRESENTATION"],
    },
    "model": {
        "Network": "MobileNetV2 (ImageNet start) with a pyramid decoder at stride 8; the answer is "
        "the mean of the twelve hottest cells of the cancer map",
        "Input": "640 x 640 grey, letterboxed, percentiles 1 to 99 stretched",
        "Training": "windows of 224 pixels, half of those of a film with a cancer hold it; benign "
        "circles as a second map",
    },
    "map_names": ("cancer", "any abnormality"),
    "counted": "Positives: malignant films; negatives: normal and benign films, both breasts.",
    "data": {
        "sources": [
            "Mammographic Image Analysis Society database (mini-MIAS), J Suckling et al., "
            "Excerpta Medica ICS 1069 (1994) 375-378; research only, not to be rented, leased or "
            "sold, to be named in publications",
        ],
        "truth": "Radiologists' list of the society: class and a rough circle, not an outline.",
        "ethics": (
            "Films of one screening programme (UK, 1990s), reduced to 8 bits and 0.2 mm: fine "
            "calcifications are lost. Ages are not in the set, so none stand in the input "
            "contract. Nothing here says how it does on digital mammograms."
        ),
    },
    "cautions": (
        "Ten cancers in test: every figure has an interval as wide as half the scale.",
        "Craniocaudal views are not applicable; so are raw detector data.",
    ),
    "known_failures": (
        "Calcifications without a mass are missed.",
        "Cancers in dense tissue, distortion and asymmetry are missed.",
        "Benign masses, skin folds and the pectoral muscle are marked.",
        "A digital (FFDM) mammogram looks unlike the films of training.",
    ),
    "licence": {
        "weights": "Non-commercial research only",
        "data": "MIAS licence agreement: research purposes only; the weights follow it. No film "
        "is in this folder.",
    },
}
