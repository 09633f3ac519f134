"""Measures of pictures that are hardly pictures."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from mediassist.dicom import load_frame
from mediassist.dicom.acquisition.measures import PICTURE_MEASURES
from tests.dicom import builder


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (700, 1), (2, 2), (3, 60), (17, 16)])
@pytest.mark.parametrize("kind", ["noise", "one value", "colour"])
def test_every_measure_is_a_number_or_none_however_small_the_picture(
    kind: str, shape: tuple[int, int], chinese_path: Path
) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    if kind == "one value":
        pixels[:] = 7
    elif kind == "colour":
        pixels = np.stack([pixels] * 3, axis=-1)
    frame = load_frame(
        builder.chest_radiograph(chinese_path / "x.dcm", pixels=pixels, bits_stored=8)
    )
    for name, measure in PICTURE_MEASURES.items():
        found = measure(frame)
        assert found is None or math.isfinite(found), name
