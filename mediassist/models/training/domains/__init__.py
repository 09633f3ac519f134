"""One module a domain: what its pictures are, what is known of them, which bundles come of it."""

from __future__ import annotations

from importlib import import_module

from mediassist.models.training.recipe import Training

# Bundle -> module of this package. Modules are imported only when asked for: they import torch.
MODULES = {
    "brain_intracranial_haemorrhage_ct": "haemorrhage",
    "brain_tumour_mr": "brain_tumour",
    "lung_opacity_xray": "chest_opacity",
    "lung_nodule_xray": "chest_nodule",
    "lung_nodule_ct": "ct_nodule",
    "eye_diabetic_retinopathy_fundus": "fundus_dr",
    "eye_glaucoma_fundus": "fundus_glaucoma",
    "eye_cataract_fundus": "fundus_media",
    "eye_pathologic_myopia_fundus": "fundus_media",
    "bone_fracture_xray": "limb",
    "bone_knee_osteoarthritis_xray": "knee",
    "heart_cardiomegaly_xray": "heart_chest",
    "heart_cardiomyopathy_mr": "cine",
    "heart_coronary_stenosis_xa": "coronary",
    "breast_lesion_us": "breast_us",
    "breast_malignancy_us": "breast_us",
    "breast_malignancy_mg": "mammogram",
}


def training_of(bundle_id: str) -> Training:
    """The training that gives a bundle; raises `KeyError` for one that is not in `MODULES`."""
    module = import_module(f"{__name__}.{MODULES[bundle_id]}")
    training: Training = module.TRAINING
    return training
