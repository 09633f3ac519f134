"""A series is taken apart into what it really holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediassist.core.errors import IncompleteSeries
from mediassist.core.study import Series, Study
from mediassist.dicom import PartKind, find_studies, load_volume, series_parts
from tests.dicom import builder


def the_series(folder: Path) -> Series:
    (study,) = (found for found in find_studies([folder]) if isinstance(found, Study))
    (series,) = study.series
    return series


def mixture(folder: Path) -> Series:
    """An axial stack, a sagittal scout, a second plane, and a screenshot, under one UID."""
    builder.ct_series(folder / "axial")
    builder.ct_series(
        folder / "scout",
        slices=1,
        SOPInstanceUID="1.2.1",
        ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"],
        ImageOrientationPatient=[0, 1, 0, 0, 0, -1],
    )
    builder.ct_series(
        folder / "coronal",
        slices=1,
        SOPInstanceUID="1.2.2",
        ImageOrientationPatient=[1, 0, 0, 0, 0, -1],
    )
    builder.ct_series(
        folder / "sheet",
        slices=1,
        SOPInstanceUID="1.2.3",
        ImagePositionPatient=None,
        ImageOrientationPatient=None,
    )
    return the_series(folder)


def test_a_mixture_gives_its_volume_and_names_the_rest(chinese_path: Path) -> None:
    series = mixture(chinese_path)
    with pytest.raises(IncompleteSeries, match="mixes orientations"):
        load_volume(series)
    parts = series_parts(series)
    assert [part.kind for part in parts] == [
        PartKind.VOLUME,
        PartKind.SLICE,
        PartKind.LOCALIZER,
        PartKind.PICTURE,
    ]
    assert parts[0].load().array.shape == (6, 48, 40)
    assert [len(part.instances) for part in parts] == [6, 1, 1, 1]


def test_slices_with_a_gap_are_irregular_and_say_why(chinese_path: Path) -> None:
    builder.ct_series(chinese_path, slices=8, missing=(3,))
    (part,) = series_parts(the_series(chinese_path))
    assert part.kind is PartKind.IRREGULAR
    assert part.problem is not None
    assert part.problem.code == "slices_missing"
    with pytest.raises(IncompleteSeries, match="Slices are missing"):
        part.load()


def test_a_radiograph_is_a_picture(chinese_path: Path) -> None:
    builder.chest_radiograph(chinese_path / "x.dcm")
    (part,) = series_parts(the_series(chinese_path))
    assert part.kind is PartKind.PICTURE
    with pytest.raises(IncompleteSeries, match="no volume"):
        part.load()
