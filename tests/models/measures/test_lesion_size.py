"""Millimetres only where the picture has a scale."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mediassist.core.finding import HeatMap
from mediassist.core.study import PixelSpacing, SpacingSource
from mediassist.models.letterbox import Letterbox
from mediassist.models.measures import FrameReading
from mediassist.models.measures.lesion_size import lesion_size
from mediassist.models.regions import outlines

SPACING = PixelSpacing(0.1, 0.1, SpacingSource.REGION)


def reading(spacing: PixelSpacing | None) -> FrameReading:
    values = np.zeros((200, 300), np.float32)
    values[20:61, 20:41] = 0.8
    values[100:151, 100:241] = 0.7
    return FrameReading(
        sop_instance_uid="1.2",
        frame=0,
        logits=np.zeros(1),
        maps=np.zeros((1, 8, 8), np.float32),
        letterbox=Letterbox(200, 300, 256),
        regions=outlines(HeatMap("1.2", 0, values), 0.5, spacing),
        spacing=spacing,
    )


def test_the_largest_outline_is_measured_along_and_across() -> None:
    longest, across = lesion_size(reading(SPACING)).measurements
    # 140 x 50 pixels of 0.1 mm: the diagonal, and the extent perpendicular to it.
    assert longest.value == pytest.approx(np.hypot(140, 50) / 10, abs=0.3)
    assert 5.0 < across.value < longest.value
    assert longest.unit == across.unit == "mm" and "region" in longest.method


def test_without_a_scale_there_is_no_size() -> None:
    assert lesion_size(reading(None)).measurements == ()


def test_without_an_outline_there_is_no_size() -> None:
    assert lesion_size(replace(reading(SPACING), regions=())).measurements == ()
