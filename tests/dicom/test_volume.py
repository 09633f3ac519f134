"""Volumes: every voxel in its place, and a refusal with numbers and files where there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediassist.core.errors import IncompleteSeries
from mediassist.core.study import Instance, PixelSpacing, Series, SpacingSource, Study
from mediassist.dicom import find_studies, load_volume
from mediassist.dicom.slices import Slice
from mediassist.dicom.stack import fit_stack
from mediassist.dicom.volume import load_volumes, plan_volumes
from tests.dicom import builder


def the_series(folder: Path) -> Series:
    (study,) = (found for found in find_studies([folder]) if isinstance(found, Study))
    (series,) = study.series
    return series


def test_an_axial_series_becomes_hounsfield_units_on_a_grid(chinese_path: Path) -> None:
    builder.ct_series(chinese_path)
    volume = load_volume(the_series(chinese_path))
    assert volume.array.shape == (6, 48, 40)
    assert volume.array.dtype == np.int16
    expected = builder.phantom(48, 40, 1200).astype(np.int16) + 20 - 1024
    np.testing.assert_array_equal(volume.array[2], expected)
    assert volume.spacing_mm == pytest.approx((5.0, 0.8, 0.6))
    np.testing.assert_allclose(
        volume.affine_lps @ [5, 10, 20, 1], [-12 + 20 * 0.6, -19.2 + 10 * 0.8, -30 + 25, 1]
    )
    assert volume.sop_instance_uids[0] == builder.uid("ct", 1, 0)
    assert volume.warnings == ()


def test_slices_ascend_however_the_scanner_counted(chinese_path: Path) -> None:
    builder.ct_series(chinese_path / "up", seed=1)
    builder.ct_series(chinese_path / "down", seed=1, step_mm=-5.0)
    up = load_volume(the_series(chinese_path / "up"))
    down = load_volume(the_series(chinese_path / "down"))
    assert up.affine_lps[2, 0] == down.affine_lps[2, 0] == 5.0
    assert down.affine_lps[2, 3] == -30.0 - 25.0


def test_compressed_slices_give_the_same_volume(chinese_path: Path) -> None:
    builder.ct_series(chinese_path / "plain")
    builder.ct_series(chinese_path / "coded", syntax=builder.JPEG_LS)
    np.testing.assert_array_equal(
        load_volume(the_series(chinese_path / "plain")).array,
        load_volume(the_series(chinese_path / "coded")).array,
    )


def test_a_rescale_that_is_no_whole_number_gives_floats(chinese_path: Path) -> None:
    builder.ct_series(chinese_path, RescaleSlope="0.5")
    volume = load_volume(the_series(chinese_path))
    assert volume.array.dtype == np.float32
    assert float(volume.array[0, 0, 0]) == 1200 * 0.5 - 1024


@pytest.mark.parametrize(("slope", "intercept"), [(1, -32768), (2, -3000), (-1, 500), (1, 0)])
def test_whole_numbers_are_rescaled_exactly(slope: int, intercept: int, chinese_path: Path) -> None:
    builder.ct_series(chinese_path, slices=2, RescaleSlope=slope, RescaleIntercept=intercept)
    volume = load_volume(the_series(chinese_path))
    assert volume.array.dtype == np.int16
    stored = builder.phantom(48, 40, 1200).astype(int)
    np.testing.assert_array_equal(volume.array[0], stored * slope + intercept)


def test_missing_slices_are_counted_and_named(chinese_path: Path) -> None:
    """dave3d/dicom2stl#68, Slicer/Slicer#7339: "3 slices missing between 41 and 42"."""
    builder.ct_series(chinese_path, slices=9, missing=(4, 5))
    with pytest.raises(IncompleteSeries) as caught:
        load_volume(the_series(chinese_path))
    text = str(caught.value)
    assert "Slices are missing (2)" in text
    assert "IM0003.dcm" in text
    assert "IM0006.dcm" in text
    assert "expected a step of 5.0 mm, found 15.0 mm" in text


def test_of_two_steps_the_longer_one_holds_the_gap(chinese_path: Path) -> None:
    builder.ct_series(chinese_path, slices=4, missing=(1,))
    with pytest.raises(IncompleteSeries, match=r"missing \(1\).*a step of 5.0 mm, found 10.0 mm"):
        load_volume(the_series(chinese_path))


def moved(folder: Path, index: int, **changes: Any) -> None:
    """Rewrite one slice of a series with other geometry."""
    position = [-12.0, -19.2, -30.0 + index * 5.0]
    one = builder.ct_series(folder / "other", **{"ImagePositionPatient": position, **changes})
    (folder / "other").joinpath(one[index].name).replace(folder / one[index].name)
    for path in (folder / "other").iterdir():
        path.unlink()
    (folder / "other").rmdir()


def test_irregular_spacing_is_refused_with_both_numbers(chinese_path: Path) -> None:
    """DIAGNijmegen/rse-panimg#7: never interpolated silently."""
    builder.ct_series(chinese_path)
    moved(chinese_path, 3, ImagePositionPatient=[-12.0, -19.2, -30.0 + 3 * 5.0 + 1.5])
    with pytest.raises(IncompleteSeries, match=r"expected .* mm, found .* mm between"):
        load_volume(the_series(chinese_path))


def test_mixed_orientations_are_refused_with_the_angle(chinese_path: Path) -> None:
    builder.ct_series(chinese_path)
    moved(chinese_path, 2, ImageOrientationPatient=[0, 1, 0, 0, 0, -1])
    with pytest.raises(IncompleteSeries, match=r"turned by \d+\.\d degrees"):
        load_volume(the_series(chinese_path))


def test_localizers_within_a_series_are_set_aside_and_said(chinese_path: Path) -> None:
    builder.ct_series(chinese_path)
    builder.ct_series(
        chinese_path / "scout",
        slices=1,
        SOPInstanceUID="1.2.3.4",
        ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"],
        ImageOrientationPatient=[0, 1, 0, 0, 0, -1],
    )
    volume = load_volume(the_series(chinese_path))
    assert volume.array.shape == (6, 48, 40)
    assert [warning.code for warning in volume.warnings] == ["localizers_set_aside"]


@pytest.mark.parametrize("degrees", [-18.0, 7.5, 25.0])
def test_a_tilted_gantry_is_said_in_degrees_and_placed_exactly(
    degrees: float, chinese_path: Path
) -> None:
    """cornerstonejs/cornerstone3D#227, rordenlab/dcm2niix#253."""
    builder.ct_series(chinese_path, tilt_degrees=degrees)
    volume = load_volume(the_series(chinese_path))
    (warning,) = volume.warnings
    assert warning.code == "gantry_tilt"
    assert dict(warning.values)["degrees"] == abs(degrees)
    np.testing.assert_allclose(volume.affine_lps @ [5, 0, 0, 1], [-12, -19.2, -5, 1], atol=1e-6)


def test_enhanced_frames_are_placed_by_their_functional_groups(chinese_path: Path) -> None:
    builder.enhanced_ct(chinese_path / "x.dcm")
    volume = load_volume(the_series(chinese_path))
    assert volume.array.shape == (5, 40, 32)
    assert volume.array.dtype == np.int16
    assert volume.spacing_mm == pytest.approx((3.0, 0.7, 0.9))
    np.testing.assert_allclose(volume.affine_lps[:3, 3], [-10, -20, 40])
    assert int(volume.array[1, 0, 0]) == 1200 + 7 - 1024


def test_two_time_points_are_two_volumes(chinese_path: Path) -> None:
    for time in (1, 2):
        paths = builder.ct_series(chinese_path / str(time), TemporalPositionIdentifier=time)
        for index, path in enumerate(paths):
            old = builder.uid("ct", 1, index).encode()
            new = old[:-1] + (b"1" if time == 1 else b"2")
            path.write_bytes(path.read_bytes().replace(old, new))
    series = the_series(chinese_path)
    assert [volume.array.shape for volume in load_volumes(series)] == [(6, 48, 40)] * 2
    assert [w.code for w in load_volume(series).warnings] == ["several_volumes"]
    assert len(plan_volumes(series).stacks) == 2


def test_a_radiograph_is_no_volume(chinese_path: Path) -> None:
    builder.chest_radiograph(chinese_path / "x.dcm")
    with pytest.raises(IncompleteSeries, match="state no position"):
        load_volume(the_series(chinese_path))


def slice_at(position: tuple[float, float, float], cosines: tuple[float, ...], index: int) -> Slice:
    spacing = PixelSpacing(0.5, 0.7, SpacingSource.PATIENT)
    instance = Instance(
        path=Path(f"{index}"),
        source=f"{index}",
        sop_instance_uid=f"1.{index}",
        rows=4,
        columns=5,
        spacing=spacing,
    )
    a, b, c, d, e, f = cosines
    return Slice(
        instance=instance,
        frame=0,
        position_mm=position,
        cosines=(a, b, c, d, e, f),
        spacing_mm=(0.5, 0.7),
        thickness_mm=None,
    )


@given(
    st.tuples(*[st.floats(-3, 3)] * 3).filter(lambda angles: any(angles)),
    st.tuples(*[st.floats(-500, 500)] * 3),
    st.floats(0.3, 12),
    st.integers(2, 12),
    st.randoms(use_true_random=False),
)
def test_any_turned_stack_is_placed_exactly_in_any_file_order(
    angles: tuple[float, float, float],
    origin: tuple[float, float, float],
    step_mm: float,
    count: int,
    random: Any,
) -> None:
    rotation = np.eye(3)
    for axis, angle in enumerate(angles):
        c, s = np.cos(angle), np.sin(angle)
        turn = np.eye(3)
        i, j = [k for k in range(3) if k != axis]
        turn[i, i] = turn[j, j] = c
        turn[i, j], turn[j, i] = -s, s
        rotation = rotation @ turn
    cosines = tuple(rotation[:, :2].T.reshape(-1))
    where = [np.array(origin) + index * step_mm * rotation[:, 2] for index in range(count)]
    slices = [slice_at((p[0], p[1], p[2]), cosines, index) for index, p in enumerate(where)]
    shuffled = list(slices)
    random.shuffle(shuffled)
    stack = fit_stack(shuffled)
    assert list(stack.slices) == slices
    corner = np.array(origin) + rotation @ [4 * 0.7, 3 * 0.5, (count - 1) * step_mm]
    np.testing.assert_allclose((stack.affine_lps @ [count - 1, 3, 4, 1])[:3], corner, atol=1e-6)
    assert stack.tilt_degrees == 0


@pytest.mark.parametrize(
    ("keyword", "values"), [("EchoTime", ("30", "4.5")), ("DiffusionBValue", (1000.0, 0.0))]
)
def test_echoes_and_diffusion_weights_come_in_ascending_order(
    keyword: str, values: tuple[Any, Any], chinese_path: Path
) -> None:
    """Instance numbers say nothing here: both volumes count from 1."""
    for volume, value in enumerate(values):
        for path in builder.ct_series(
            chinese_path / str(volume), RescaleIntercept=100 * volume, **{keyword: value}
        ):
            raw = path.read_bytes()
            uids = [builder.uid("ct", 1, index).encode() for index in range(6)]
            for uid in uids:
                raw = raw.replace(uid, uid[:-1] + str(volume).encode())
            path.write_bytes(raw)
    low, high = (float(v.array.mean()) for v in load_volumes(the_series(chinese_path)))
    assert low == high + 100
