"""What the card of brain_tumour_mr says in words."""

from __future__ import annotations

from typing import Any

TEXTS: dict[str, Any] = {
    "title": "Brain tumour on MR",
    "task": "Tumours of the brain on axial FLAIR and contrast-enhanced T1 slices: place and extent",
    "intended_use": (
        "Points a radiologist to slices and places of a head MR that may be a tumour, with area "
        "and extent. It was never shown a healthy adult's scan in any number, does not replace "
        "reading a scan that it clears, and is for research, not for diagnosis."
    ),
    "data_source": "TCGA-LGG (glioma, outlined), Cheng's set (meningioma, glioma, pituitary "
    "tumours, boxed), Ljubljana MS sets (not a tumour)",
    "input": {
        "modalities": ["MR"],
        "body_parts": ["HEAD", "BRAIN", "SKULL", "CRANIUM"],
        "photometric": ["MONOCHROME1", "MONOCHROME2"],
    },
    "model": {
        "Network": "MobileNetV2 (ImageNet start) with a pyramid decoder at stride 4; a slice's "
        "answer is the mean of the eight hottest cells of its own tumour map and nothing else",
        "Input": "192 x 192 grey, letterboxed, percentiles 1 to 99 stretched; thin slices are "
        "averaged to about 4 mm",
        "Answer": "of a series: the mean of its three highest slices; of a study: the highest of "
        "FLAIR and contrast-enhanced T1",
        "Training": "tumour and no tumour equally often at each level of the head in each "
        "institution; Cheng's set teaches places only, never yes or no",
    },
    "map_names": ("tumour",),
    "counted": (
        "A positive unit is the tumour slices of one patient, a negative unit the tumour-free "
        "slices of one patient, nearly all of whom have a tumour elsewhere: **false positives of "
        "people without a tumour are not measurable here.** The few true patients without a tumour "
        "have multiple sclerosis (subgroup MS)."
    ),
    "data": {
        "sources": [
            "TCGA-LGG with outlines (four institutions, USA); Buda 2019 (Comput Biol Med); "
            "outlines CC BY-NC-SA 4.0, pictures under the TCIA data usage policy",
            "Cheng's brain tumour set (Guangzhou and Tianjin, China, 2005-2010); Cheng 2015 (PLoS "
            "ONE); CC BY by its page, not verified",
            "MS sets of the University of Ljubljana; Lesjak 2016, 2018; CC BY",
            "Healthy volunteers: Pediatric Template of Brain Perfusion, two single volunteers",
        ],
        "truth": (
            "TCGA-LGG: FLAIR abnormality outlined by hand and checked by a radiologist, histology "
            "known. Cheng: outlined by radiologists (kept as boxes), type by pathology."
        ),
        "ethics": (
            "Lower-grade glioma of five US institutions, and three kinds of tumour of two Chinese "
            "hospitals. Metastases, high-grade glioma on FLAIR, and healthy adults are missing: "
            "measure on your own cases (mediassist audit) before any use."
        ),
    },
    "cautions": [
        "Patient-level false positives are not measurable: the sets hold next to no patient "
        "without a tumour. How often a healthy head is flagged is not known, and a flag alone is "
        "no evidence.",
        "The miss bound holds for lower-grade glioma like that of TCGA; other tumours were never "
        "judged yes or no here (see how often the map points on Cheng's pictures).",
    ],
    "known_failures": (
        "Oedema, infarct, demyelination and other bright lesions of FLAIR can be marked.",
        "Normal enhancement (vessels, plexus, pituitary) can be marked on contrast-enhanced T1.",
        "Small tumours of a few millimetres, and tumours as bright as cortex, are missed.",
        "Sagittal and coronal series, plain T1, T2 and diffusion are not read.",
        "On contrast-enhanced T1 the outline may hold only the part that takes up the agent.",
    ),
    "licence": {
        "weights": "Non-commercial research only, share alike",
        "data": "The outlines of TCGA-LGG are CC BY-NC-SA 4.0; the weights follow them. No picture "
        "of any source is in this folder.",
    },
}
