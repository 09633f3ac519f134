"""What the card of lung_opacity_xray says in words: contract, data, licence, known failures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

DOCUMENT: dict[str, Any] = {
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
    "network_data_format": {
        "inputs": {
            "image": {
                "type": "image",
                "format": "display grey (modality LUT, VOI, polarity): air dark, bone bright",
                "num_channels": 1,
                "spatial_shape": [256, 256],
                "dtype": "float32",
                "value_range": [0, 1],
                "is_patch_data": False,
            }
        },
        "outputs": {
            "logit": {"format": "image-level logit before the probability map", "num_channels": 1},
            "opacity": {"format": "logits of the opacity map, stride 8", "num_channels": 1},
            "lung": {"format": "logits of the lung mask, stride 8", "num_channels": 1},
        },
    },
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
}

LICENCE = {
    "weights": "Non-commercial research only",
    "data": "The strictest terms are CC BY-NC-SA 4.0 (ieee8023) and research-only (RSNA, JSRT); "
    "the weights follow them. No picture of any source is in this folder.",
}


TEXTS: dict[str, Any] = {
    **DOCUMENT,
    "licence": LICENCE,
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


def cautions(measured: Mapping[str, Any]) -> list[str]:
    """Two figures that must stand beside the rates: the hardest source, other hospitals."""
    lines = []
    nih = measured["subgroups"].get("opacity against normal, NIH")
    if nih is not None and nih["auc"] is not None:
        auc = nih["auc"]
        lines.append(
            f"Opacity against normal within NIH alone: AUC {auc['value']:.3f} "
            f"({auc['low']:.3f}-{auc['high']:.3f}); the figure over all sources is helped by "
            "differences between the sources."
        )
    for source, row in measured.get("left_out", {}).items():
        auc = row["auc"]
        lines.append(
            f"Source left out of training, {source}: AUC {auc['value']:.3f} "
            f"({auc['low']:.3f}-{auc['high']:.3f})."
        )
    return lines


def known_failures(measured: Mapping[str, Any]) -> list[str]:
    """Described, with the measured share where there is one."""
    lines = []
    other = measured["subgroups"].get("other findings (all negative)")
    if other is not None:
        rate = other["false_positive"]
        lines.append(
            f"Other findings (effusion, atelectasis, mass) are flagged as opacity in "
            f"{rate['numerator']} of {rate['denominator']} patients of the test split."
        )
    return [
        *lines,
        "Small or faint opacities behind the heart or below the diaphragm are missed; so are "
        "normal-looking films of PCR-positive patients.",
        "Poor inspiration, a child's thymus and breast shadows can look like an opacity.",
        "A nodule or mass is not this bundle's finding: a lone one may be cleared.",
        "Lateral views, upside-down, turned and inverted films are refused by the picture gate, "
        "not assessed.",
    ]
