"""What the picture gate learns from: every set, pictures that are no pictures, foreign DICOM.

Kinds follow the sets. Foreign DICOM files are split by *origin* (the public repository a file
came from), never by file: half the origins build the gate, the other half measure it, and
origins that are known to carry copies of each other stand on the same side.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mediassist.core.errors import MediAssistError
from mediassist.models.preprocess import resize
from mediassist.models.training.foreign import FAMILIES, draw_foreign
from mediassist.models.training.manifest import Row, read_manifest, read_rgb

KINDS = (
    "chest_frontal",
    "head_ct",
    "head_mr",
    "chest_ct",
    "fundus",
    "limb",
    "knee",
    "spine",
    "cardiac_mr",
    "angiogram",
    "breast_us",
    "mammogram",
    "foreign",
)
FOREIGN = KINDS.index("foreign")
# Kinds whose pictures have one proper way up, and those where air is dark by convention.
UPRIGHT_KINDS = ("chest_frontal", "knee", "spine", "breast_us", "mammogram")
RADIOGRAPHS = ("chest_frontal", "limb", "knee", "spine", "mammogram")

_SETS: tuple[tuple[str, str | Callable[[Row], str | None]], ...] = (
    ("lung/cxr", "chest_frontal"),
    ("cardio/cxr_heart_lungs", "chest_frontal"),
    ("brain/ct_hemorrhage", "head_ct"),
    ("cardio/stroke_ct", "head_ct"),
    ("brain/mr_glioma", "head_mr"),
    ("brain/mr_tumour_mixed", "head_mr"),
    ("brain/mr_other", lambda row: "head_ct" if row["label"].startswith("isch") else "head_mr"),
    ("lung/ct_other", "chest_ct"),
    ("eye/dr", "fundus"),
    ("eye/glaucoma", "fundus"),
    ("eye/cataract_myopia_amd", "fundus"),
    ("eye/vessels", "fundus"),
    ("bone/fracture", "limb"),
    ("bone/upper_limb", "limb"),
    ("bone/knee_oa", "knee"),
    ("bone/scoliosis", "spine"),
    ("cardio/mr_cine", "cardiac_mr"),
    ("cardio/vessel_coronary", "angiogram"),
    ("breast/us_lesion", "breast_us"),
    ("breast/mg_cancer", "mammogram"),
)
# Origins that build the gate; every other origin of the corpus measures it. The pydicom family
# shares pictures among its repositories, and so do the two copies of the committee's samples.
BUILDING_ORIGINS = (
    "pydicom/",
    "(made)",
    "Enet4/dicom-test-files",
    "wearemothership/dicom-test-files",
    "ImagingDataCommons/highdicom",
    "icometrix/dicom2nifti",
    "cornerstonejs/cornerstone3D",
    "neurolabusc/dcm_qa_ct",
    "neurolabusc/dcm_qa_philips",
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture, squashed to a square: (3, S, S) uint8, with its kind and where it is from."""

    picture: NDArray[np.uint8]
    kind: str
    split: str
    source: str
    patient: str
    name: str
    modality: str = ""  # of a corpus file's header
    body_part: str = ""


def set_samples(data: Path, size: int, most: dict[str, int], seed: int) -> Iterator[Sample]:
    """Pictures of the sets, at most `most[split]` of one set and split, drawn with `seed`."""
    for folder, kind_of in _SETS:
        by_split: dict[str, list[Row]] = {}
        for row in read_manifest(data / folder):
            by_split.setdefault(_split(folder, row), []).append(row)
        for split, rows in sorted(by_split.items()):
            for row in _draw(rows, _limit(folder, split, most), seed):
                kind = kind_of if isinstance(kind_of, str) else kind_of(row)
                if kind is not None:
                    yield _sample(read_rgb(row.path), size, kind, split, folder, row)


def foreign_samples(size: int, count: int, split: str, seed: int) -> Iterator[Sample]:
    """Drawn pictures: blank, noise, texts, plots. Some families are kept for measuring only."""
    families = [name for name, only_test in FAMILIES.items() if split == "test" or not only_test]
    offset = {"train": 0, "calib": 1, "test": 2}[split]
    for position in range(count):
        rng = np.random.default_rng([seed, offset, position])
        family = families[position % len(families)]
        picture = draw_foreign(family, 2 * size, rng)
        yield Sample(
            as_bytes(resize(picture, size, size)),
            "foreign",
            split,
            f"drawn {family}",
            f"{family}-{split}-{position}",
            f"{family} {position}",
        )


def corpus_samples(corpus: Path, size: int) -> Iterator[Sample]:
    """Frames of the DICOM corpus, decoded and displayed by the product's own path.

    Head CT and head MR frames are of a kind the gate knows, so in the building half they are left
    out; in the measuring half they are still foreign to a chest or fundus model.
    """
    from mediassist.dicom.display import display_picture, load_frame

    with (corpus / "index.csv").open(encoding="utf-8", newline="") as stream:
        records = list(csv.DictReader(stream))
    for record in records:
        if record["expect"] != "decodes" or record["has_pixels"] != "1":
            continue
        building = record["origin"].startswith(BUILDING_ORIGINS)
        head = record["body_part"].upper() in ("HEAD", "BRAIN") and record["modality"] in (
            "CT",
            "MR",
        )
        if building and (head or "dcm_qa" in record["origin"]):
            continue
        frames = int(re.sub(r"\D", "", record["frames"]) or 1)
        try:
            shown = display_picture(load_frame(corpus / record["path"], frames // 2))
        except MediAssistError:
            continue
        if min(shown.shape[:2]) < 16:
            continue
        planes = (
            np.repeat(shown[None].astype(np.float32), 3, 0)
            if shown.ndim == 2
            else shown.transpose(2, 0, 1).astype(np.float32) / 255
        )
        yield Sample(
            as_bytes(resize(planes.astype(np.float32), size, size)),
            "foreign",
            "train" if building else "test",
            f"corpus {record['origin']}",
            record["path"],
            f"{record['modality']} {record['body_part']} {record['path']}",
            record["modality"],
            record["body_part"].upper(),
        )


def as_bytes(picture: NDArray[Any]) -> NDArray[np.uint8]:
    """0..1 to 0..255, rounded."""
    scaled: NDArray[np.uint8] = np.round(np.clip(picture, 0, 1) * 255).astype(np.uint8)
    return scaled


def _split(folder: str, row: Row) -> str:
    """The manifest's split; the chest CT figures are test material of another task only.

    They never meet a CT model's training here: the gate learns what a chest CT looks like, not
    what is in it. A patient keeps one side.
    """
    if folder == "lung/ct_other":
        return ("train", "calib", "test")[sum(row.patient.encode()) % 3]
    return "train" if row.split == "extra" else row.split


def _limit(folder: str, split: str, most: dict[str, int]) -> int:
    return most[split] * (4 if folder == "lung/cxr" else 1)


def _draw(rows: list[Row], count: int, seed: int) -> list[Row]:
    if len(rows) <= count:
        return rows
    rng = np.random.default_rng(seed)
    return [rows[i] for i in sorted(rng.choice(len(rows), count, replace=False))]


def _sample(
    picture: NDArray[np.float32], size: int, kind: str, split: str, folder: str, row: Row
) -> Sample:
    if kind == "cardiac_mr":
        picture = _one_tile(picture, row)
    squashed = as_bytes(resize(picture, size, size))
    source = row["dataset"] or row["source"]
    return Sample(squashed, kind, split, f"{folder} {source}"[:60], row.patient, row.file)


def _one_tile(picture: NDArray[np.float32], row: Row) -> NDArray[np.float32]:
    """Middle slice of a cine stack, which lies beside its neighbours in one picture."""
    tile, slices = int(row["tile"]), int(row["slices"])
    across = picture.shape[2] // tile
    middle = slices // 2
    top, left = (middle // across) * tile, (middle % across) * tile
    return picture[:, top : top + tile, left : left + tile]
