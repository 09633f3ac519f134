"""Is any simulated picture the copy of a training patient's?

For every sample the closest training picture is sought by two likenesses: correlation of
64 x 64 thumbnails (general impression) and of their locally normalised 128 x 128 versions (fine
structure, where a person could be known again). The sample passes when its closest training
picture is no closer than training pictures of different patients are to one another: at most the
largest nearest-neighbour likeness among them (thumbnail and structure).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage as ndi

from tools.samples.fitting.pictures import Row, training_rows
from tools.samples.plans import PLANS

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Likeness:
    """One sample (or slice of it) against its training set."""

    folder: str
    kind: str
    closest: float
    among_training: float

    @property
    def passed(self) -> bool:
        return self.closest <= self.among_training


_SETS = {
    "brain": ("brain/ct_hemorrhage", lambda row: row["patient"].startswith("ctich")),
    "lung": ("lung/cxr", lambda row: row["label"] == "normal" and row["group"] == "adult"),
    "heart": ("lung/cxr", lambda row: row["label"] == "normal" and row["group"] == "adult"),
    "child": ("lung/cxr", lambda row: row["label"] == "normal" and row["group"] == "child"),
    "eye": ("eye/dr", lambda row: True),
    "bone": ("bone/fracture", lambda row: row["variant"] == "matched"),
    "MG": ("breast/mg_cancer", lambda row: True),
    "XA": ("cardio/vessel_coronary", lambda row: True),
    "breast": ("breast/us_lesion", lambda row: True),
    "MR": ("brain/mr_glioma", lambda row: True),
}
# Built from geometry alone: no picture of anybody went in.
_DRAWN = ("LUNG_CTK", "CINE_N", "CINE_D")


def _unit(vectors: Array) -> Array:
    centred = vectors - vectors.mean(1, keepdims=True)
    return centred / (np.linalg.norm(centred, axis=1, keepdims=True) + 1e-12)


def _features(picture: Image.Image) -> tuple[Array, Array]:
    grey = picture.convert("L")
    thumb = np.asarray(grey.resize((64, 64), Image.Resampling.LANCZOS), np.float64)
    fine = np.asarray(grey.resize((128, 128), Image.Resampling.LANCZOS), np.float64) / 255
    mean = ndi.gaussian_filter(fine, 5.0)
    spread = np.sqrt(ndi.gaussian_filter((fine - mean) ** 2, 5.0) + 0.02**2)
    return thumb.ravel(), ((fine - mean) / spread).ravel()


def _sample_pictures(folder: Path) -> Iterator[Image.Image]:
    for path in sorted(folder.iterdir()):
        ds = pydicom.dcmread(path)
        pixels = ds.pixel_array.astype(np.float64)
        if ds.Modality == "CT":
            grey = np.clip((pixels + float(ds.RescaleIntercept) + 20) / 120, 0, 1) * 255
        elif ds.Modality == "US":
            grey = pixels[len(pixels) // 2] if pixels.ndim == 3 else pixels
        elif ds.Modality == "OP":
            grey = pixels
        else:
            low, high = np.percentile(pixels, [1, 99])
            grey = np.clip((pixels - low) / (high - low), 0, 1) * 255
            if ds.PhotometricInterpretation == "MONOCHROME1":
                grey = 255 - grey
        yield Image.fromarray(grey.astype(np.uint8))


def _training(datasets: Path, name: str) -> tuple[list[Array], NDArray[np.str_]]:
    relative, wanted = _SETS[name]
    rows: list[Row] = list(training_rows(datasets / relative, wanted))[:700]
    pairs = [_features(Image.open(datasets / relative / row["file"])) for row in rows]
    patients = np.array([row["patient"] for row in rows])
    return [_unit(np.array([pair[k] for pair in pairs])) for k in range(2)], patients


def compare(samples: Path, datasets: Path) -> list[Likeness]:
    """The two likenesses of every study; CT counts its slices and keeps the closest."""
    known: dict[str, tuple[list[Array], NDArray[np.str_]]] = {}
    results = []
    for plan in PLANS:
        if plan.folder in _DRAWN:
            continue
        name = "child" if plan.folder == "LUNG_C" else plan.domain
        if plan.modality in _SETS:
            name = plan.modality
        if name not in known:
            known[name] = _training(datasets, name)
        features, patients = known[name]
        pairs = [_features(picture) for picture in _sample_pictures(samples / plan.folder)]
        other = patients[:, None] != patients[None]
        for k, kind in enumerate(("thumbnail", "structure")):
            mine = _unit(np.array([pair[k] for pair in pairs]))
            among = np.where(other, features[k] @ features[k].T, -1.0).max(1)
            results.append(
                Likeness(plan.folder, kind, float((mine @ features[k].T).max()), float(among.max()))
            )
    return results


def check_privacy(samples: Path, datasets: Path) -> bool:
    """Print the comparison; True when no sample is closer than training pictures are."""
    results = compare(samples, datasets)
    print("study     likeness   closest  allowed")
    for item in results:
        word = "ok" if item.passed else "TOO CLOSE"
        figures = f"{item.closest:7.3f}  {item.among_training:7.3f}"
        print(f"{item.folder:9} {item.kind:10} {figures}  {word}")
    return all(item.passed for item in results)
