"""lung/cxr for opacities: pictures, what is known where, and how much to trust a label.

Every rule here answers one of the traps in the set's README: report-mined labels are weak, a box
of another finding is no opacity, COVID films may look normal, and some hospitals have only one
class, so that their classification weight must stay low.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mediassist.models.letterbox import Letterbox
from mediassist.models.preprocess import FitSquare, StretchGrey
from mediassist.models.training.manifest import Row, read_grey, read_manifest
from mediassist.models.training.sample import Box, Sample, as_bytes, read_boxes

POSITIVE_LABELS = ("opacity", "covid")
BOXES_OF_OPACITY = ("lung_opacity", "Pneumonia", "Infiltrate")
_OPACITY, _OPACITY_KNOWN, _LUNG, _LUNG_KNOWN = range(4)  # planes of `_targets`

_LUNG_BITS = {"JSRT": 1 | 2, "both": 1, "V7": 1 | 2 | 32 | 64 | 128}
_GROUND_GLASS, _CONSOLIDATION = 32, 64


def source_name(row: Row) -> str:
    """Short name of the hospital group, the unit of leave-one-source-out."""
    dataset = row["dataset"]
    for key in ("NIH", "JSRT", "Kermany", "ieee8023", "Hannover"):
        if key in dataset:
            return key
    return dataset


def trusted(row: Row) -> bool:
    """Whether a person looked at this film (or PCR, CT) instead of a text miner at its report."""
    return row["label_source"] != "report-mined"


def load_films(data: Path, canvas: int, splits: tuple[str, ...]) -> list[Sample]:
    """Films on a square canvas; a lone nodule or mass is neither positive nor negative."""
    folder = data / "lung" / "cxr"
    boxes = read_boxes(folder / "boxes" / "boxes.csv")
    rows = [row for row in read_manifest(folder) if row.split in splits]
    return [_film(row, folder, boxes.get(row.file, []), canvas) for row in rows]


def _film(row: Row, folder: Path, boxes: list[tuple[dict[str, str], Box]], canvas: int) -> Sample:
    picture = read_grey(row.path)
    planes = _targets(row, folder, boxes, Letterbox(picture.shape[1], picture.shape[2], canvas))
    truth, weight = _belief(row)
    judged = row.label != "nodule_mass"
    return Sample(
        row=row,
        picture=as_bytes(StretchGrey()(FitSquare(canvas)(picture))),
        targets=planes[[_OPACITY, _LUNG]],
        known=planes[[_OPACITY_KNOWN, _LUNG_KNOWN]],
        truths=np.array([truth], np.float32),
        weights=np.array([weight], np.float32),
        positive=((row.label in POSITIVE_LABELS) if judged else None,),
        cell=_cell(row),
        source="children" if row["group"] == "child" else source_name(row),
        trusted=trusted(row),
    )


def _belief(row: Row) -> tuple[float, float]:
    """Softened truth and weight of the image-level label."""
    source, label = source_name(row), row.label
    if label == "nodule_mass":
        return 0.0, 0.0
    if label == "covid":
        return 0.88, 0.5
    if label == "opacity":
        return (0.97, 1.0 if source != "ieee8023" else 0.5) if trusted(row) else (0.7, 0.35)
    if label == "normal":
        weight = 0.5 if source == "JSRT" else 1.0 if trusted(row) else 0.6
        return 0.03 if trusted(row) else 0.07, weight
    return (0.06, 0.7) if trusted(row) else (0.2, 0.15)


def _cell(row: Row) -> str:
    """Sampling cell: source, label, and for NIH the view, which alone predicts disease there."""
    source, label = source_name(row), row.label
    if source == "NIH":
        return f"NIH {row['view'][:2]} {label}"
    return f"{source} {label}"


def _targets(
    row: Row, folder: Path, boxes: list[tuple[dict[str, str], Box]], box: Letterbox
) -> NDArray[np.bool_]:
    targets = np.zeros((4, box.size, box.size), bool)
    bits = _mask_bits(row, folder, box)
    kind = row["mask_kind"]
    if bits is not None:
        key = "both" if "both_lungs" in kind else "V7" if "ground_glass" in kind else "JSRT"
        targets[_LUNG] = (bits & _LUNG_BITS[key]) > 0
        targets[_LUNG_KNOWN] = True
    if row.label == "normal" or (
        row.label == "other_abnormal" and row["label_source"] == "radiologist-RSNA"
    ):
        targets[_OPACITY_KNOWN] = True
    elif row.label in POSITIVE_LABELS:
        if bits is not None and "ground_glass" in kind:
            targets[_OPACITY] = (bits & (_GROUND_GLASS | _CONSOLIDATION)) > 0
            targets[_OPACITY_KNOWN] = True
        for record, corners in boxes:
            if record["finding"] in BOXES_OF_OPACITY:
                _draw_box(targets, corners, box, everything_boxed=record["author"] == "RSNA")
        if bits is not None:  # wherever the film is not lung, there is no lung opacity
            targets[_OPACITY_KNOWN] |= ~_grown(targets[_LUNG], box.size // 24)
    return targets


def _draw_box(
    targets: NDArray[np.bool_], corners: Box, box: Letterbox, everything_boxed: bool
) -> None:
    """The inscribed ellipse is opacity, the corners of the box are unknown.

    RSNA readers boxed every opacity, so the rest of such a film is known to be free; NIH boxes
    mark single findings and say nothing of the rest.
    """
    ends = box.to_network(np.array([corners[:2], corners[2:]]))
    (left, top), (right, bottom) = ends
    if everything_boxed and not targets[_OPACITY_KNOWN].any():
        targets[_OPACITY_KNOWN] = True
    inside = np.zeros(targets.shape[1:], bool)
    rows = slice(max(0, round(top)), max(0, round(bottom)) + 1)
    columns = slice(max(0, round(left)), max(0, round(right)) + 1)
    inside[rows, columns] = True
    ellipse = Image.new("1", (box.size, box.size))
    ImageDraw.Draw(ellipse).ellipse((left, top, right, bottom), fill=1)
    seen = np.asarray(ellipse)
    targets[_OPACITY_KNOWN] &= ~(inside & ~targets[_OPACITY])
    targets[_OPACITY] |= seen
    targets[_OPACITY_KNOWN] |= seen


def _mask_bits(row: Row, folder: Path, box: Letterbox) -> NDArray[np.uint8] | None:
    if not row["mask"]:
        return None
    square = np.zeros((box.size, box.size), np.uint8)
    (rows, columns), (top, left) = box.inner, box.margin
    with Image.open(folder / row["mask"]) as image:
        fitted = image.convert("L").resize((columns, rows), Image.Resampling.NEAREST)
    square[top : top + rows, left : left + columns] = np.asarray(fitted)
    return square


def _grown(mask: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    from scipy.ndimage import maximum_filter

    grown: NDArray[np.bool_] = maximum_filter(mask, size=2 * by + 1)
    return grown
