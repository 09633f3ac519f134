"""What the card of brain_intracranial_haemorrhage_ct says in words."""

from __future__ import annotations

from typing import Any

TEXTS: dict[str, Any] = {
    "title": "Intracranial haemorrhage on head CT",
    "task": "Blood inside the skull on non-contrast axial CT of the head: slice, scan, place",
    "intended_use": (
        "Points a radiologist to head CT scans that may show blood inside the skull, and to the "
        "slices and places. It does not tell the kind of bleeding, does not see early ischaemia, "
        "and is for research, not for diagnosis."
    ),
    "data_source": "CT-ICH (trauma, Iraq), PHE-SICH-CT-IDS (basal ganglia haemorrhage, China)",
    "input": {
        "modalities": ["CT"],
        "body_parts": ["HEAD", "BRAIN", "SKULL", "HEADNECK", "CRANIUM"],
        "photometric": ["MONOCHROME1", "MONOCHROME2"],
    },
    "model": {
        "Network": "MobileNetV2 (ImageNet start) with a pyramid decoder at stride 4; a slice's "
        "answer is the mean of the eight hottest cells of its own blood map and nothing else",
        "Input": "the square round the head in the whole scan, Hounsfield units -20 to 100 as "
        "grey, 256 x 256; thin slices are averaged to about 5 mm",
        "Answer": "of a scan: the mean of its three highest slices; each slice is averaged over "
        "the picture and its mirror image",
        "Training": "blood and no blood equally often at each level of the head in each hospital; "
        "dense tissue inside the boxes as outline; changes of grey curve, noise, sharpness, "
        "compression and framing",
    },
    "map_names": ("blood",),
    "counted": (
        "A unit is a scan. All patients of PHE-SICH-CT-IDS bleed and only the slices round the "
        "haematoma are in the set; every patient without blood is from CT-ICH, whose test scans "
        "are whole. False positives are therefore measured on CT-ICH alone."
    ),
    "data": {
        "sources": [
            "CT-ICH 1.0.0 (Al Hilla Teaching Hospital, Iraq, 2018, Siemens, 5 mm); Hssayeni 2020 "
            "(Data); restricted health data licence, not verified for this release",
            "Boxes for CT-ICH: third-party annotation export, CC BY 4.0",
            "PHE-SICH-CT-IDS (a hospital in China); Ma 2023; licence not verified",
        ],
        "truth": (
            "CT-ICH: two radiologists in consensus, a slice at a time. PHE-SICH-CT-IDS: boxes "
            "round haematoma and oedema by its annotators. Outlines of blood are not drawn by "
            "hand: they are the tissue denser than brain inside the boxes."
        ),
        "ethics": (
            "Two hospitals, each with its own disease: trauma of mostly young people, and bleeding "
            "of the basal ganglia in hypertension. Subarachnoid bleeding of an aneurysm, tumours, "
            "infants and operated heads are hardly in the sets: measure on your own cases "
            "(mediassist audit) before any use."
        ),
    },
    "cautions": [
        "Ages are not recorded in the sets (the papers give a mean of 28 with a standard deviation "
        "of 20, and adults); 15 to 95 years is a stated limit, not a measured range."
    ],
    "known_failures": (
        "A thin subdural collection as dense as brain, or a trace of subarachnoid blood, is "
        "missed.",
        "Calcified plexus, falx or basal ganglia, and beam hardening at the skull base, are marked "
        "as blood.",
        "Contrast agent looks like blood; series whose header says contrast are left out, others "
        "cannot be told.",
        "A scan of one or two slices gets a score, but the rule for scans was fixed on whole ones.",
    ),
    "licence": {
        "weights": "Non-commercial research only",
        "data": "The licence of CT-ICH 1.0.0 and of PHE-SICH-CT-IDS is not verified; the weights "
        "follow the strictest reading. No picture of any source is in this folder.",
    },
}
