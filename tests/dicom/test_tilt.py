"""A tilted gantry: what was sheared becomes straight, and every value stays where it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediassist.core.geometry import Volume
from mediassist.core.study import Study
from mediassist.dicom import find_studies, load_volume
from mediassist.dicom.tilt import straightened, tilt_degrees
from tests.dicom.builder import ct_series


def a_tilted_volume(degrees: float, mirrored: bool) -> Volume:
    """Values that are a linear function of the place, so that interpolation is exact."""
    angle = np.radians(degrees)
    affine = np.eye(4)
    affine[:3, 0] = 0, 0, -4 if mirrored else 4
    affine[:3, 1] = 0, 0.7 * np.cos(angle), -0.7 * np.sin(angle)
    affine[:3, 2] = 0.9, 0, 0
    affine[:3, 3] = -11, 7, 100
    places = np.stack([*np.indices((9, 30, 20)), np.ones((9, 30, 20))], axis=-1) @ affine.T
    return Volume(
        array=(places[..., :3] @ [1.0, 2.0, 3.0]).astype(np.float32),
        affine_lps=affine,
        spacing_mm=(4.0, 0.7, 0.9),
    )


@given(st.floats(-30, 30), st.booleans())
def test_values_stay_where_they_are_in_the_patient(degrees: float, mirrored: bool) -> None:
    tilted = a_tilted_volume(degrees, mirrored)
    volume = straightened(tilted)
    if abs(degrees) < 0.1:
        assert volume is tilted
        return
    assert tilt_degrees(volume) == pytest.approx(0, abs=1e-6)
    shape = volume.array.shape
    places = np.stack([*np.indices(shape), np.ones(shape)], axis=-1) @ volume.affine_lps.T
    expected = places[..., :3] @ [1.0, 2.0, 3.0]
    original = places @ np.linalg.inv(tilted.affine_lps).T
    limits = np.array(tilted.array.shape) - 1
    inside = ((original[..., :3] >= 1e-6) & (original[..., :3] <= limits - 1e-6)).all(axis=-1)
    np.testing.assert_allclose(volume.array[inside], expected[inside], atol=0.01)
    assert inside.sum() > 0.6 * tilted.array.size


def test_a_series_is_straightened_where_asked_and_its_files_are_named(chinese_path: Path) -> None:
    ct_series(chinese_path, tilt_degrees=18)
    [study] = [found for found in find_studies([chinese_path]) if isinstance(found, Study)]
    sheared, straight = (load_volume(study.series[0], straight=asked) for asked in (False, True))
    [warning] = sheared.warnings
    assert "IM0000.dcm" in str(warning) and "IM0005.dcm" in str(warning) and "18.0" in str(warning)
    assert [each.code for each in straight.warnings] == ["tilt_straightened"]
    assert straight.array.dtype == np.int16
    assert straight.array.shape[1] > sheared.array.shape[1]
    assert straight.array.max() == sheared.array.max()
    assert pydicom.dcmread(next(chinese_path.glob("*.dcm"))).GantryDetectorTilt == 18
