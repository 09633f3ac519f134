"""Cardiothoracic ratio: greatest width of the heart over that from lung to lung.

Both are taken along the rows of the film, as with a ruler on a PA film of a standing patient. The
ratio needs no scale; diameters in mm are those at the detector, larger than the patient's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from mediassist.core.finding import Measurement, Region, RegionKind
from mediassist.core.study import PixelSpacing, SpacingSource
from mediassist.core.vocabulary import Code
from mediassist.models.contours import (
    LEVEL,
    Island,
    Plane,
    Points,
    largest_island,
    outline_of,
)
from mediassist.models.letterbox import Letterbox
from mediassist.models.measures.reading import FrameReading, Measured

NAME = "cardiothoracic_ratio"
HEART, RIGHT_LUNG, LEFT_LUNG = "Heart", "Right lung", "Left lung"
HEART_DIAMETER, CHEST_DIAMETER = "Cardiac diameter", "Thoracic diameter"
CODE = Code("99MEDIASSIST", "CTR", "Cardiothoracic ratio")
METHOD = (
    "greatest width of the heart over greatest width from lung to lung, from the model's outlines"
)
_WIDTH = "greatest width along the rows"
_WIDTH_METHODS = {
    SpacingSource.PATIENT: _WIDTH,
    SpacingSource.REGION: _WIDTH,
    SpacingSource.DETECTOR: "greatest width along the rows at the detector, magnified",
    SpacingSource.ERMF: "greatest width along the rows, estimated magnification taken off",
}
_LEAST_LUNG = 0.02  # of the square: smaller islands are no lung
_LEAST_HEART = 0.01
_LEAST_BALANCE = 0.25  # the smaller lung as a share of the larger
_PLAUSIBLE = (0.2, 0.95)


@dataclass(frozen=True, slots=True)
class ChestOutlines:
    """Closed lines (n, 2) of (x, y) on the grid of the maps; left and right are the patient's."""

    heart: Points
    right_lung: Points
    left_lung: Points

    @property
    def heart_ends(self) -> tuple[Points, Points]:
        """Leftmost and rightmost point of the heart."""
        return self.heart[self.heart[:, 0].argmin()], self.heart[self.heart[:, 0].argmax()]

    @property
    def chest_ends(self) -> tuple[Points, Points]:
        """Leftmost and rightmost point of both lungs together."""
        lungs = np.concatenate([self.right_lung, self.left_lung])
        return lungs[lungs[:, 0].argmin()], lungs[lungs[:, 0].argmax()]

    @property
    def ratio(self) -> float:
        """Dimensionless; both widths along the rows."""
        (heart_left, heart_right), (left, right) = self.heart_ends, self.chest_ends
        return float((heart_right[0] - heart_left[0]) / (right[0] - left[0]))


def chest_outlines(heart: Plane, lungs: Plane) -> ChestOutlines | None:
    """Outlines of heart and both lungs, or None where the film does not show all three.

    Parameters
    ----------
    heart, lungs : (h, w) probabilities on one grid; `lungs` holds both.
    """
    islands = _two_lungs(lungs)
    if islands is None:
        return None
    heart_island = largest_island(heart >= LEVEL)
    if heart_island is None or heart_island.mean() < _LEAST_HEART:
        return None
    lines = [outline_of(heart, heart_island), *(outline_of(lungs, island) for island in islands)]
    if any(len(line) < 3 for line in lines):
        return None
    # On a film as it is hung, the patient's right lies on the left.
    first, second = sorted(lines[1:], key=lambda line: float(line[:, 0].mean()))
    found = ChestOutlines(lines[0], first, second)
    (heart_left, heart_right), (left, right) = found.heart_ends, found.chest_ends
    between = left[0] <= (heart_left[0] + heart_right[0]) / 2 <= right[0]
    return found if between and _PLAUSIBLE[0] <= found.ratio <= _PLAUSIBLE[1] else None


def cardiothoracic_ratio(reading: FrameReading) -> Measured:
    """Ratio, diameters in mm where the scale is known, and what they were taken from.

    The first map is the heart, the second both lungs. Gives nothing where the film does not show
    them (`tasks.measure2d` refuses such a film).
    """
    found = chest_outlines(reading.maps[0], reading.maps[1])
    if found is None:
        return Measured()
    stride = reading.letterbox.size // reading.maps.shape[-1]

    def stored(points: Points) -> Points:
        return inside(reading.letterbox.to_stored(points, stride), reading.letterbox)

    diameters = (
        (HEART_DIAMETER, level_line(*(stored(end) for end in found.heart_ends))),
        (CHEST_DIAMETER, level_line(*(stored(end) for end in found.chest_ends))),
    )
    shapes = (
        (HEART, stored(found.heart)),
        (RIGHT_LUNG, stored(found.right_lung)),
        (LEFT_LUNG, stored(found.left_lung)),
    )
    regions = [
        *(_region(reading, RegionKind.CONTOUR, label, points) for label, points in shapes),
        *(_region(reading, RegionKind.POLYGON, label, points) for label, points in diameters),
    ]
    return Measured(
        (
            Measurement(NAME, CODE, round(found.ratio, 3), "1", METHOD),
            *(
                _diameter(label, points, reading.spacing)
                for label, points in diameters
                if reading.spacing is not None
            ),
        ),
        tuple(regions),
    )


def level_line(first: Points, second: Points) -> Points:
    """The two points on one row, half-way between theirs: a width is drawn as it was measured."""
    row = (first[1] + second[1]) / 2
    return np.array([[first[0], row], [second[0], row]])


def inside(points: Points, box: Letterbox) -> Points:
    """Points of the stored picture, none beyond its pixels."""
    result: Points = np.clip(points, 0, [box.columns - 1, box.rows - 1])
    return result


def _diameter(label: str, points: Points, spacing: PixelSpacing) -> Measurement:
    length = float(points[1, 0] - points[0, 0]) * spacing.column_mm
    code = Code("99MEDIASSIST", label.upper().replace(" ", "-"), label)
    name = label.lower().replace(" ", "_")
    return Measurement(name, code, round(length, 1), "mm", _WIDTH_METHODS[spacing.source])


def _region(reading: FrameReading, kind: RegionKind, label: str, points: Points) -> Region:
    return Region(
        kind=kind,
        sop_instance_uid=reading.sop_instance_uid,
        frame=reading.frame,
        points_px=tuple((round(float(x), 1), round(float(y), 1)) for x, y in points),
        label=label,
        spacing=reading.spacing,
    )


def _two_lungs(lungs: Plane) -> list[Island] | None:
    """Two islands of the lung map at one half.

    Where they touch, a higher level parts them, and every cell goes to the nearer part.
    """
    whole = lungs >= LEVEL
    for level in (LEVEL, 0.6, 0.7, 0.8, 0.9, 0.95):
        labels, count = ndimage.label(lungs >= level)
        if count < 2:
            continue
        sizes = ndimage.sum_labels(lungs >= level, labels, np.arange(1, count + 1))
        larger, smaller = np.argsort(-sizes, kind="stable")[:2] + 1
        if sizes[smaller - 1] < max(
            _LEAST_LUNG * lungs.size, _LEAST_BALANCE * float(sizes[larger - 1])
        ):
            continue
        distances = [ndimage.distance_transform_edt(labels != part) for part in (larger, smaller)]
        nearer = distances[0] <= distances[1]
        together, _ = ndimage.label(whole)
        kept = np.isin(together, np.unique(together[np.isin(labels, (larger, smaller))]))
        return [whole & kept & nearer, whole & kept & ~nearer]
    return None
