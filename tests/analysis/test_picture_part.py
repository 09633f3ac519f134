"""What a model says of a part of a picture stands in its place on the whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from mediassist.analysis.picture_part import on_whole_picture
from mediassist.core.finding import HeatMap
from mediassist.core.study import Instance

INSTANCE = Instance(path=Path("a.dcm"), source="a.dcm", sop_instance_uid="1.2", rows=60, columns=80)


def test_a_map_of_the_tissue_is_moved_to_its_place() -> None:
    heat = HeatMap("1.2", 0, np.full((20, 30), 0.7, np.float32))
    placed = on_whole_picture(heat, replace(INSTANCE, tissue_px=(10, 5, 40, 25)))
    assert placed is not None and placed.values.shape == (60, 80)
    rows, columns = np.nonzero(placed.values)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (5, 24, 10, 39)


def test_without_a_part_the_map_stays_as_it_is() -> None:
    heat = HeatMap("1.2", 0, np.zeros((60, 80), np.float32))
    assert on_whole_picture(heat, INSTANCE) is heat
    assert on_whole_picture(None, replace(INSTANCE, tissue_px=(10, 5, 40, 25))) is None
