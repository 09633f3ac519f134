"""What the card of lung_opacity_xray says in words."""

from __future__ import annotations

from typing import Any

TEXTS: dict[str, Any] = {
    "title": "Lung opacity / pneumonia on chest radiographs",
    "task": "Opacity of the lungs (pneumonia, COVID-19 and others) on frontal chest radiographs",
    "intended_use": (
        "Points a radiologist to frontal chest radiographs (PA or AP) of adults and children that "
        "may show a lung opacity such as pneumonia. It does not tell pneumonia from other causes "
        "of opacity, does not look for nodules, effusion or pneumothorax, and is for research, "
        "not for diagnosis."
    ),
    "data_source": (
        "NIH ChestX-ray14 with RSNA and NIH boxes, JSRT with SCR outlines, Kermany paediatric "
        "films, ieee8023 covid-chestxray, Hannover COVID-19 repository"
    ),
    "input": {
        "modalities": ["CR", "DX"],
        "body_parts": ["CHEST", "THORAX", "LUNG", "PULMON"],
        "views": ["PA", "AP"],
        "photometric": ["MONOCHROME1", "MONOCHROME2"],
        "presentation_intent": ["FOR PRESENTATION"],
    },
    "model": {
        "Network": "MobileNetV2 (ImageNet start) with a pyramid decoder at stride 8; the "
        "image-level answer pools only inside the lungs that the network found itself",
        "Input": "256 x 256 grey, letterboxed, percentiles 1 to 99 stretched",
        "Answer": "mean over the film and its mirror image",
        "Training": "weights averaged over the last steps; labels, boxes and masks together; "
        "source and label drawn independently; strong changes of grey curve, edges, noise, "
        "compression, resolution and framing",
    },
    "data": {
        "sources": [
            "NIH ChestX-ray14 (NIH Clinical Center, USA); Wang 2017 (CVPR); free use with citation",
            "RSNA Pneumonia Detection Challenge readings and boxes of NIH films; Shih 2019 "
            "(Radiology: AI); research use",
            "JSRT (14 centres, Japan and USA) with SCR outlines; Shiraishi 2000 (AJR), van "
            "Ginneken 2006 (MedIA); free for research with citation",
            "Kermany paediatric films (Guangzhou, China; 1 to 5 years); Kermany 2018 (Cell); "
            "CC BY 4.0",
            "ieee8023 covid-chestxray (many hospitals); Cohen 2020; per image, mostly CC BY-NC-SA "
            "4.0",
            "Hannover COVID-19 repository (Germany); Winther 2020; CC BY 3.0",
        ],
        "truth": (
            "RSNA films: read by radiologists, opacities boxed. Other NIH films: mined from "
            "reports (of films mined as pneumonia 43 % were read as opacity by radiologists). "
            "Kermany: two physicians. COVID-19: PCR; the film itself may look normal. JSRT: CT."
        ),
        "ethics": (
            "Few films of children outside one hospital, none of infants under one year with a "
            "stated age, few countries. Where view (AP), age or scanner go along with disease in "
            "training, the network may lean on them: measure on your own cases (mediassist "
            "audit) before any use."
        ),
    },
    "licence": {
        "weights": "Non-commercial research only",
        "data": "The strictest terms are CC BY-NC-SA 4.0 (ieee8023) and research-only (RSNA, "
        "JSRT); the weights follow them. No picture of any source is in this folder.",
    },
    "map_names": ("opacity", "lungs"),
    "counted": (
        "Positives: opacity and COVID films; negatives: normal films and films with other "
        "findings; films with a lone nodule or mass are left out."
    ),
    "known_failures": (
        "Small or faint opacities behind the heart or below the diaphragm are missed; so are "
        "normal-looking films of PCR-positive patients.",
        "Poor inspiration, a child's thymus and breast shadows can look like an opacity.",
        "A nodule or mass is not this bundle's finding: a lone one may be cleared.",
        "Lateral views, upside-down, turned and inverted films are refused by the picture gate, "
        "not assessed.",
    ),
}
