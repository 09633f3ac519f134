"""The part of a picture that models look at, and what they say of it back on the whole picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mediassist.core.finding import HeatMap
from mediassist.core.study import Instance


def on_whole_picture(heat: HeatMap | None, instance: Instance) -> HeatMap | None:
    """A heat map of `instance.tissue_px` on the grid of the stored picture, zero around it."""
    if heat is None or instance.tissue_px is None:
        return heat
    left, top, right, bottom = instance.tissue_px
    values = np.zeros((instance.rows, instance.columns), np.float32)
    values[top:bottom, left:right] = heat.values
    return replace(heat, values=values)
