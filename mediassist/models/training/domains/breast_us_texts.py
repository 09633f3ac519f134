"""What the cards of the two breast ultrasound bundles say in words."""

from __future__ import annotations

from typing import Any

_INPUT = {
    "modalities": ["US"],
    "body_parts": ["BREAST"],
    "views": [],
    "photometric": [
        "MONOCHROME2",
        "RGB",
        "YBR_FULL",
        "YBR_FULL_422",
        "YBR_PARTIAL_420",
        "YBR_RCT",
        "YBR_ICT",
        "PALETTE COLOR",
    ],
    "presentation_intent": [],
}
_DATA = {
    "sources": [
        "BUS-BRA (National Institute of Cancer, Rio de Janeiro, Brazil), GE Logiq 5 and 7 only; "
        "Gomez-Flores 2024 (Medical Physics 51, 3110); duty to cite, terms like MIT",
        "BUSI (Baheya Hospital, Cairo, Egypt); Al-Dhabyani 2020 (Data in Brief 28, 104863), "
        "cleaned of copies, of pictures under two labels and of armpits; no licence in the "
        "repository it came from, elsewhere CC BY 4.0 or CC0, not verified",
    ],
    "truth": (
        "BUS-BRA: biopsy, outlines by its authors. BUSI: class by radiologists, checked by its "
        "authors, some outlines loose or of one of several foci; its patients are clusters of "
        "look-alike pictures, so figures within BUSI are optimistic."
    ),
    "ethics": (
        "Two hospitals, still pictures chosen by their authors, one a patient at BUS-BRA, "
        "machines of the years before 2020. Ages are not in the set, so none stand in the input "
        "contract. Measure on your own cases (mediassist audit) before any use."
    ),
}
_MODEL = {
    "Network": "MobileNetV2 (ImageNet start) with a pyramid decoder at stride 4; one training "
    "for both breast ultrasound bundles; the answers pool inside the outline that the network "
    "found itself",
    "Input": "192 x 192 grey, letterboxed, percentiles 1 to 99 stretched",
    "Answer": "mean of three such networks, over the picture and its mirror image",
    "Training": "outlines and labels together; lesion-free cut-outs of both hospitals; measuring "
    "crosses drawn anywhere, on normal pictures too; strong changes of gain, edges, noise, "
    "compression and resolution",
    "Size": "longest extent of the outline and the extent across it, in mm where the ultrasound "
    "region gives the scale",
}
_LICENCE = {
    "weights": "Non-commercial research only",
    "data": "BUS-BRA asks to be cited; the licence of BUSI was not verified, so the weights are "
    "for research only. No picture of either is in this folder.",
}
_COMMON_FAILURES = (
    "Doppler, elastography, armpit, male breast and implants were not in training.",
    "Text and measuring crosses over a lesion can change score and outline.",
    "Several foci may be outlined as one, or only the largest found.",
)

LESION_TEXTS: dict[str, Any] = {
    "title": "Breast lesion on ultrasound",
    "task": "Focal lesions (benign or malignant) on B-mode ultrasound pictures of the breast",
    "intended_use": (
        "Points a reader to still B-mode pictures of the breast that may hold a lesion, outlines "
        "it and gives its size. For research, not for diagnosis."
    ),
    "data_source": "BUS-BRA and BUSI breast ultrasound pictures with outlines",
    "input": _INPUT,
    "model": _MODEL,
    "map_names": ("lesion",),
    "counted": (
        "Only BUSI is counted, as normal pictures come from there alone: pooled with BUS-BRA the "
        "figures would praise telling the hospitals apart."
    ),
    "data": _DATA,
    "cautions": (
        "All normal pictures come from one hospital: what another hospital's normal pictures "
        "would give is not known, and 13 in test prove no false-positive rate.",
    ),
    "known_failures": (
        "Fat lobules, ribs and shadows behind the nipple can be outlined as a lesion.",
        *_COMMON_FAILURES,
    ),
    "licence": _LICENCE,
}

MALIGNANCY_TEXTS: dict[str, Any] = {
    "title": "Malignant breast lesion on ultrasound",
    "task": "Malignant against benign lesions on B-mode ultrasound pictures of the breast",
    "intended_use": (
        "For pictures of a breast lesion: points a reader to those that may be malignant, "
        "outlines the lesion and gives its size. A cleared picture is no reason to leave out a "
        "biopsy. For research, not for diagnosis."
    ),
    "data_source": "BUS-BRA and BUSI breast ultrasound pictures with outlines",
    "input": _INPUT,
    "model": _MODEL,
    "map_names": ("lesion", "malignant lesion"),
    "counted": "Positives: malignant lesions; negatives: benign lesions (no normal pictures).",
    "data": _DATA,
    "known_failures": (
        "Small, well-bounded and mucinous cancers look benign.",
        "Fibroadenomas with shadow, scars and abscesses look malignant.",
        *_COMMON_FAILURES,
    ),
    "licence": _LICENCE,
}
