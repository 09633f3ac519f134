"""Terms that stand alone in tables and lists: key in programs, English for people.

Findings come from `core.vocabulary`; the rest of the closed lists are here. The English word is
the catalogue's key under the context "term", so that "Eye" as a heading and a sentence that
happens to read "Eye" can be translated apart.
"""

from __future__ import annotations

from mediassist.core.vocabulary import FINDINGS

TERM_CONTEXT = "term"

TERMS: dict[str, str] = {
    **{key: finding.english for key, finding in FINDINGS.items()},
    # Domains of interface.md
    "brain": "Brain",
    "lung": "Lung",
    "eye": "Eye",
    "bone": "Bone",
    "heart": "Heart and vessels",
    "breast": "Breast",
    # Verdicts
    "flagged": "Flagged",
    "review": "Needs review",
    "cleared": "Nothing of this kind seen",
    "not_applicable": "Not applicable",
    "failed": "Failed",
    # Outcomes of the acquisition check
    "outcome_pass": "pass",
    "outcome_warn": "warning",
    "outcome_fail": "FAIL",
    # A reader's decision
    "accepted": "Accepted",
    "rejected": "Rejected",
    # DICOM modality codes (PS3.3 C.7.3.1.1.1)
    "CR": "Computed radiography",
    "DX": "Digital radiography",
    "CT": "Computed tomography",
    "MR": "Magnetic resonance",
    "MG": "Mammography",
    "US": "Ultrasound",
    "OP": "Fundus photography",
    "OPT": "Optical coherence tomography",
    "XA": "X-ray angiography",
    "SC": "Secondary capture",
    # Patient's Sex (0010,0040)
    "M": "Male",
    "F": "Female",
    "O": "Other",
    # Image Laterality (0020,0062)
    "L": "Left",
    "R": "Right",
    "B": "Both sides",
    "U": "Unpaired",
    # Rates of interface.md, as audit.json and the operating point name them
    "detection": "Detection rate",
    "false_negative": "False-negative rate",
    "false_positive": "False-positive rate",
    "review_load": "Review load",
    "cleared_yield": "Share of disease-free cases cleared",
    "sensitivity_low": "Sensitivity at the lower threshold",
    "specificity_low": "Specificity at the lower threshold",
    "sensitivity_high": "Sensitivity at the upper threshold",
    "specificity_high": "Specificity at the upper threshold",
    "ppv": "Positive predictive value",
    "npv": "Negative predictive value",
    # Measurements that bundles make
    "cardiothoracic_ratio": "Cardiothoracic ratio",
    "cardiac_diameter": "Cardiac diameter",
    "thoracic_diameter": "Thoracic diameter",
    "cobb_angle": "Cobb angle",
    "ejection_fraction": "Ejection fraction",
    "lv_ejection_fraction": "Left ventricular ejection fraction",
    "lv_end_diastolic_volume": "Left ventricular end-diastolic volume",
    "lv_end_systolic_volume": "Left ventricular end-systolic volume",
    "lv_stroke_volume": "Left ventricular stroke volume",
    "lv_muscle_mass": "Left ventricular muscle mass",
    "lv_muscle_to_cavity": "Left ventricular muscle to cavity, by volume",
    "rv_ejection_fraction": "Right ventricular ejection fraction",
    "rv_end_diastolic_volume": "Right ventricular end-diastolic volume",
    "rv_end_systolic_volume": "Right ventricular end-systolic volume",
    "rv_to_lv_volume": "Right to left ventricular volume",
    "cup_disc_ratio": "Vertical cup-to-disc ratio",
    "kl_grade_estimate": "Kellgren-Lawrence grade, estimated",
    "longest_extent": "Longest extent of the lesion",
    "extent_across": "Extent across it",
    **{
        name: name
        for name in (
            "Volume of the outlined finding",
            "Largest area on one slice",
            "Longest extent of the lesion",
            "Extent across it",
            "Diameter of the surest candidate",
        )
    },
    # Structures that bundles outline: the label of a region is its key
    **{
        label: label
        for label in (
            "Heart",
            "Right lung",
            "Left lung",
            "Cardiac diameter",
            "Thoracic diameter",
            "Optic disc",
            "Optic cup",
            "Left ventricle",
            "Myocardium",
            "Right ventricle",
            "end-diastole",
            "end-systole",
        )
    },
    # How they were made: the sentence itself is the key, as it stands in findings.json
    **{
        method: method
        for method in (
            "greatest width of the heart over greatest width from lung to lung, from the model's "
            "outlines",
            "greatest width along the rows",
            "greatest width along the rows at the detector, magnified",
            "greatest width along the rows, estimated magnification taken off",
            "outlined areas of all slices times their distance",
            "outlined muscle at end-diastole, 1.05 g/mL",
            "from the volumes at end-diastole and end-systole",
            "volumes at end-diastole",
            "expected grade 0 to 4 from the model's chances of KL >= 1 to KL >= 4; not a reading",
            "vertical extents of the model's outlines of cup and disc, photograph as stored",
            "sum over slices of outlined area times slice distance",
            "area of the model's outlines on the slice where it is largest",
            "extent of the model's outline on that slice",
            "mean of the longest extent on the axial slice and the one across it",
            "extent of the model's outline",
            "extent of the model's outline, scale of the ultrasound region",
            "extent of the model's outline at the detector, magnified",
            "extent of the model's outline, estimated magnification taken off",
        )
    },
    # Kinds of pictures that the gate tells apart
    "kind_chest_frontal": "frontal chest film",
    "kind_head_ct": "CT of the head",
    "kind_head_mr": "MR of the head",
    "kind_chest_ct": "CT of the chest",
    "kind_fundus": "photograph of the fundus",
    "kind_limb": "film of a limb",
    "kind_knee": "film of a knee",
    "kind_spine": "film of the spine",
    "kind_cardiac_mr": "cine MR of the heart",
    "kind_angiogram": "coronary angiogram",
    "kind_breast_us": "ultrasound of the breast",
    "kind_mammogram": "mammogram",
    "kind_foreign": "something else",
    # An inverted film, and how it should be
    "inverted": "inverted",
    "air dark, bone bright": "air dark, bone bright",
    # Body Part Examined (0018,0015), the defined terms that our bundles meet
    "HEAD": "Head",
    "BRAIN": "Brain",
    "SKULL": "Skull",
    "NECK": "Neck",
    "CHEST": "Chest",
    "LUNG": "Lung",
    "HEART": "Heart",
    "BREAST": "Breast",
    "ABDOMEN": "Abdomen",
    "PELVIS": "Pelvis",
    "SPINE": "Spine",
    "CSPINE": "Cervical spine",
    "TSPINE": "Thoracic spine",
    "LSPINE": "Lumbar spine",
    "SHOULDER": "Shoulder",
    "ELBOW": "Elbow",
    "WRIST": "Wrist",
    "HAND": "Hand",
    "FINGER": "Finger",
    "FOREARM": "Forearm",
    "HUMERUS": "Upper arm",
    "ARM": "Arm",
    "HIP": "Hip",
    "KNEE": "Knee",
    "ANKLE": "Ankle",
    "FOOT": "Foot",
    "LEG": "Leg",
    "TIBIA": "Lower leg",
    "FEMUR": "Thigh",
    "EXTREMITY": "Extremity",
    "EYE": "Eye",
}
