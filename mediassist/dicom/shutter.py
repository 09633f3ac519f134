"""Display shutter (PS3.3 C.7.6.11): what the acquisition masked must stay masked."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from mediassist.dicom import values

Mask = NDArray[np.bool_]


def shutter_mask(dataset: Dataset, rows: int, columns: int) -> Mask | None:
    """True where the picture is hidden; None where there is no usable shutter.

    Several shapes hide what any of them hides. Edges count from 1 and are themselves visible.
    """
    hidden: Mask | None = None
    for shape in values.codes(dataset, "ShutterShape"):
        visible = _visible(dataset, shape.upper(), rows, columns)
        if visible is None or not visible.any():
            continue  # a shutter that hides the whole picture is a mistake, not a wish
        hidden = ~visible if hidden is None else hidden | ~visible
    return hidden if hidden is not None and hidden.any() else None


def _visible(dataset: Dataset, shape: str, rows: int, columns: int) -> Mask | None:
    if shape == "RECTANGULAR":
        return _rectangle(dataset, rows, columns)
    if shape == "CIRCULAR":
        centre = values.numbers(dataset, "CenterOfCircularShutter")
        radius = values.number(dataset, "RadiusOfCircularShutter")
        if len(centre) != 2 or radius is None or radius <= 0:
            return None
        row, column = np.ogrid[1 : rows + 1, 1 : columns + 1]
        inside: Mask = (row - centre[0]) ** 2 + (column - centre[1]) ** 2 <= radius**2
        return inside
    if shape == "POLYGONAL":
        return _polygon(values.numbers(dataset, "VerticesOfThePolygonalShutter"), rows, columns)
    return None


def _rectangle(dataset: Dataset, rows: int, columns: int) -> Mask | None:
    left = values.integer(dataset, "ShutterLeftVerticalEdge")
    right = values.integer(dataset, "ShutterRightVerticalEdge")
    upper = values.integer(dataset, "ShutterUpperHorizontalEdge")
    lower = values.integer(dataset, "ShutterLowerHorizontalEdge")
    if left is None or right is None or upper is None or lower is None:
        return None
    visible = np.zeros((rows, columns), dtype=np.bool_)
    visible[max(0, upper - 1) : max(0, lower), max(0, left - 1) : max(0, right)] = True
    return visible


def _polygon(numbers: tuple[float, ...], rows: int, columns: int) -> Mask | None:
    """Even-odd rule at pixel centres, one row of crossings at a time."""
    if len(numbers) < 6 or len(numbers) % 2:
        return None
    vertex_rows, vertex_columns = np.array(numbers[0::2]), np.array(numbers[1::2])
    next_rows, next_columns = np.roll(vertex_rows, -1), np.roll(vertex_columns, -1)
    visible = np.zeros((rows, columns), dtype=np.bool_)
    centres = np.arange(1, columns + 1)
    for row in range(rows):
        y = row + 1.0
        crosses = (vertex_rows <= y) != (next_rows <= y)
        if not crosses.any():
            continue
        share = (y - vertex_rows[crosses]) / (next_rows - vertex_rows)[crosses]
        at = vertex_columns[crosses] + share * (next_columns - vertex_columns)[crosses]
        visible[row] = (centres[None, :] > at[:, None]).sum(axis=0) % 2 == 1
    return visible
