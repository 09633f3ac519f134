"""What the cards of the four fundus bundles say in words."""

from __future__ import annotations

from typing import Any

_CONTRACT: dict[str, Any] = {
    # The eye sets state no ages, so the contract has none: any age is let in, none was measured.
    "modalities": ["OP"],
    "body_parts": ["EYE", "RETINA", "FUNDUS", "OPTIC DISC", "MACULA"],
    "photometric": ["RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "YBR_ICT"],
}
_AGES = (
    "No source states ages: the contract has none, adults are presumed and children were not "
    "measured."
)
_PREPARED = "the camera's field of view is found and cut out, the rest is black, letterboxed"
_LICENCE = {
    "weights": "Non-commercial research only",
    "data": "Licences of several sources are unknown or bound to research (see the sources); the "
    "weights follow the strictest. No picture of any source is in this folder.",
}
_SOURCES = {
    "idrid": "IDRiD (eye clinic in Nanded, India; Kowa VX-10 alpha, 50 degrees); Porwal 2018 "
    "(Data), 2020 (MedIA); CC BY 4.0",
    "eyepacs": "EyePACS, Kaggle 2015 (many sites and cameras, USA; 400-pixel copies); Cuadros and "
    "Bresnick 2009; terms of the competition, redistribution not settled",
    "odir": "ODIR-5K (several hospitals and cameras, China); Peking University 2019; CC BY 4.0 "
    "stated by the owner of the copy",
    "drishti": "Drishti-GS1 (Aravind Eye Hospital, Madurai, India); Sivaswamy 2014 (ISBI); "
    "research on request",
    "airogs": "AIROGS-light v2 (EyePACS, USA); de Vente 2023 (IEEE TMI); original CC BY-NC-ND 4.0",
    "palm": "PALM / iChallenge-PM (Zhongshan Ophthalmic Center, Guangzhou, China); Fu 2019 (IEEE "
    "DataPort); licence unknown",
}
_PHOTO_FAILURES = (
    "A photograph that is badly out of focus, dark, or taken through a small pupil can hide any "
    "finding; a person must judge whether it is gradable.",
    "Photographs of other kinds (autofluorescence, red-free, ultra-wide field, angiography) were "
    "not in training; the picture gate is what keeps them out.",
)

DR_TEXTS: dict[str, Any] = {
    "title": "Referable diabetic retinopathy on fundus photographs",
    "task": "Diabetic retinopathy of grade 2 or more (International Clinical DR scale) on colour "
    "fundus photographs",
    "intended_use": (
        "Points an ophthalmologist or trained grader to colour fundus photographs of people with "
        "diabetes that may show referable retinopathy (moderate or worse), and to the lesions. It "
        "does not assess macular oedema, does not say that a photograph is gradable, and is for "
        "research, not for diagnosis."
    ),
    "data_source": "IDRiD (grades, lesion outlines), EyePACS (grades), ODIR-5K (healthy eyes)",
    "input": _CONTRACT,
    "model": {
        "Network": "MobileNetV2 (ImageNet start) with a pyramid decoder at stride 4; the answer "
        "sees its own lesion map",
        "Input": f"352 x 352 RGB; {_PREPARED}; slow changes of brightness and colour taken away",
        "Answer": "mean over the photograph and its mirror image",
        "Training": "grade >= 2, >= 1 and >= 3, lesion and exudate outlines and the optic disc "
        "together; eyes of grade 0 are free of lesions; any rotation, strong changes of colour, "
        "blur, noise, compression and resolution; source and label drawn independently; weights "
        "averaged",
    },
    "map_names": ("lesions",),
    "counted": "Positives: grade 2 to 4; negatives: grade 0 and 1. Both eyes of an EyePACS patient "
    "are one patient; IDRiD has no patient numbers.",
    "data": {
        "sources": [_SOURCES["idrid"], _SOURCES["eyepacs"], _SOURCES["odir"]],
        "truth": (
            "IDRiD: grades and outlines of microaneurysms, haemorrhages, hard and soft exudates by "
            "experts; seven near-identical pairs of that set, four of them graded differently, "
            "show how sure a grade is. EyePACS: one grader a picture. ODIR: eyes without any "
            "finding, read by its annotators."
        ),
        "ethics": (
            f"{_AGES} Two clinics' worth of eyes; about 61 % of the pictures are referable, which "
            "is no screening prevalence: predictive values must be recomputed for yours. Measure "
            "on your own cases (mediassist audit) before any use."
        ),
    },
    "known_failures": (
        "A few microaneurysms or one small haemorrhage are missed: at 352 pixels a microaneurysm "
        "is one pixel wide.",
        "Drusen, laser scars, reflexes of young eyes and dust on the lens can look like lesions.",
        "Retinopathy that is mostly new vessels without bleeding has few examples.",
        *_PHOTO_FAILURES,
    ),
    "licence": _LICENCE,
}

GLAUCOMA_TEXTS: dict[str, Any] = {
    "title": "Glaucoma suspect on fundus photographs",
    "task": "Glaucomatous optic disc on colour fundus photographs, with the vertical cup-to-disc "
    "ratio",
    "intended_use": (
        "Points an ophthalmologist to colour fundus photographs whose optic disc looks "
        "glaucomatous, and measures the vertical cup-to-disc ratio on outlines that it shows. A "
        "photograph proves or excludes no glaucoma: pressure, visual field and nerve fibre layer "
        "are not seen. For research, not for diagnosis."
    ),
    "data_source": "Drishti-GS1 (labels, disc and cup outlines), AIROGS-light and ODIR-5K "
    "(labels), IDRiD (disc outlines)",
    "input": _CONTRACT,
    "model": {
        "Network": "MobileNetV2 (ImageNet start) with a pyramid decoder at stride 4, used twice: "
        "on the whole photograph at half size to find the disc, then on a window of about three "
        "disc diameters around it",
        "Input": f"384 x 384 RGB; {_PREPARED}",
        "Answer": "from the window around the disc; mean over the photograph and its mirror image",
        "Training": "labels and outlines together; sources drawn half glaucoma, half normal; any "
        "rotation, strong changes of colour, blur, noise, compression and resolution; weights "
        "averaged",
    },
    "map_names": ("optic disc", "optic cup", "optic disc, first look"),
    "counted": "Positives: glaucoma or referable glaucoma; negatives: eyes labelled normal.",
    "data": {
        "sources": [_SOURCES[name] for name in ("drishti", "airogs", "odir", "idrid")],
        "truth": (
            "AIROGS and ODIR: opinion of graders on the photograph; Drishti-GS: clinical "
            "examination. No visual fields. Outlines of disc and cup: at least half of four "
            "experts (Drishti-GS); disc of IDRiD: experts there."
        ),
        "ethics": (
            f"{_AGES} 413 eyes, 55 % with glaucoma: no screening prevalence. Large physiological "
            "cups, tilted and myopic discs are rare in the set. Measure on your own cases "
            "(mediassist audit) before any use."
        ),
    },
    "known_failures": (
        "Large healthy cups and tilted, myopic or very small discs are judged wrongly.",
        "Cup outlines were learned from one hospital (Drishti-GS, disc-centred photographs); on "
        "macula-centred photographs the cup is some ten pixels wide and its outline is coarse.",
        "Where the disc is outside the photograph or hidden by haze, the window is somewhere else.",
        *_PHOTO_FAILURES,
    ),
    "licence": _LICENCE,
}

CATARACT_TEXTS: dict[str, Any] = {
    "title": "Cataract (media haze) on fundus photographs",
    "task": "Cataract as it shows on a colour fundus photograph: a hazy view of the retina",
    "intended_use": (
        "Points a reader to colour fundus photographs whose haze may come from a cataract. It sees "
        "the haze, not the lens: it is no slit-lamp grading, can't tell a cataract from other "
        "opacities of the media, and is for research, not for diagnosis."
    ),
    "data_source": "ODIR-5K (cataract, normal); normal and other eyes of Drishti-GS1, "
    "AIROGS-light, IDRiD and PALM as weak negatives",
    "input": _CONTRACT,
    "model": {
        "Network": "MobileNetV2 (ImageNet start), one network with the pathologic myopia bundle",
        "Input": f"224 x 224 RGB; {_PREPARED}",
        "Answer": "mean over the photograph and its mirror image",
        "Training": "healthy photographs made out of focus, dark or unevenly lit are negatives, so "
        "that poor photography is not called cataract; any rotation, strong changes of colour, "
        "noise, compression and resolution; weights averaged",
    },
    "map_names": (),
    "counted": "Positives: eyes that a reader of ODIR named cataract; negatives: eyes of ODIR "
    "named normal.",
    "data": {
        "sources": [_SOURCES[n] for n in ("odir", "palm", "drishti", "airogs", "idrid")],
        "truth": (
            "ODIR: named by readers from the photograph and the record of one eye. Eyes of other "
            "sets are negatives by presumption and weigh a third."
        ),
        "ethics": (
            f"{_AGES} One source carries all cataracts: no figure from another hospital exists. "
            "Measure on your own cases (mediassist audit) before any use."
        ),
    },
    "known_failures": (
        "Vitreous haemorrhage, corneal opacity, asteroid hyalosis and poor pupils look the same.",
        "Early cataract that leaves the view clear is missed by nature.",
        *_PHOTO_FAILURES,
    ),
    "licence": _LICENCE,
}

MYOPIA_TEXTS: dict[str, Any] = {
    "title": "Pathologic myopia on fundus photographs",
    "task": "Pathologic myopia (myopic maculopathy) on colour fundus photographs",
    "intended_use": (
        "Points an ophthalmologist to colour fundus photographs that may show pathologic myopia. "
        "High myopia without degeneration is not its finding. For research, not for diagnosis."
    ),
    "data_source": "PALM / iChallenge-PM (pathologic myopia, other eyes), ODIR-5K (normal eyes); "
    "other eye sets as weak negatives",
    "input": _CONTRACT,
    "model": {
        "Network": "MobileNetV2 (ImageNet start), one network with the cataract bundle",
        "Input": f"224 x 224 RGB; {_PREPARED}",
        "Answer": "mean over the photograph and its mirror image",
        "Training": "any rotation, strong changes of colour (colour alone tells the classes of "
        "PALM apart with an AUC of 0.98), blur, noise, compression and resolution; normal eyes of "
        "ODIR as negatives of another camera; weights averaged",
    },
    "map_names": (),
    "counted": "Positives: pathologic myopia of PALM; negatives: the other eyes of PALM and normal "
    "eyes of ODIR.",
    "data": {
        "sources": [_SOURCES[n] for n in ("palm", "odir", "drishti", "airogs", "idrid", "eyepacs")],
        "truth": (
            "PALM: clinical diagnosis at one centre. ODIR: normal by its readers. Eyes of other "
            "sets are negatives by presumption (the finding is rare) and weigh a third."
        ),
        "ethics": (
            f"{_AGES} All positives come from one hospital, at 224 pixels, where colour and "
            "exposure go along with the label: no figure from another hospital exists, and the "
            "true one is probably lower. Measure on your own cases (mediassist audit) before use."
        ),
    },
    "known_failures": (
        "Seven eyes with high myopia but no degeneration are in the set: how such eyes are judged "
        "is hardly known.",
        "Tessellated (tigroid) healthy retinas of other cameras may be flagged.",
        "Large atrophy of other causes (geographic atrophy, scars) looks alike.",
        *_PHOTO_FAILURES,
    ),
    "licence": _LICENCE,
}
