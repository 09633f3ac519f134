"""Copies of a picture under new UIDs are told, other reconstructions are not."""

from __future__ import annotations

from pathlib import Path

import pydicom
import pytest

from mediassist.core.study import Study
from mediassist.dicom import PartKind, find_studies, load_volume, series_parts
from tests.dicom.builder import (
    JPEG_2000,
    chest_radiograph,
    ct_series,
    enhanced_ct,
    phantom,
    uid,
)


def warnings_of(folder: Path) -> list[str]:
    (study,) = [found for found in find_studies([folder]) if isinstance(found, Study)]
    return [warning.code for warning in study.warnings]


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", JPEG_2000, "1.2.840.10008.1.2.1.99"])
def test_a_film_sent_again_under_another_uid_is_told_by_both_names(
    chinese_path: Path, syntax: str
) -> None:
    chest_radiograph(chinese_path / "a.dcm", syntax=syntax)
    chest_radiograph(
        chinese_path / "b.dcm", syntax=syntax, SOPInstanceUID="1.2.3", SeriesInstanceUID="1.2.4"
    )
    (study,) = find_studies([chinese_path])
    assert isinstance(study, Study)
    (warning,) = study.warnings
    assert warning.code == "same_picture"
    assert "a.dcm" in str(warning)
    assert "b.dcm" in str(warning)
    assert study.images == 2


def test_a_whole_series_sent_again_is_told_once_with_the_count(chinese_path: Path) -> None:
    ct_series(chinese_path / "first", slices=5)
    for index, path in enumerate(ct_series(chinese_path / "again", slices=5, seed=1)):
        ct_series_copy(path, index)
    (study,) = find_studies([chinese_path])
    assert isinstance(study, Study)
    assert [warning.code for warning in study.warnings] == ["same_picture", "same_for_others"]
    assert "(4)" in str(study.warnings[1])


def ct_series_copy(path: Path, index: int) -> None:
    import pydicom

    dataset = pydicom.dcmread(path)
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = uid("again", index)
    dataset.SeriesInstanceUID = uid("again")
    dataset.save_as(path)


def test_another_reconstruction_of_the_same_slices_is_no_copy(chinese_path: Path) -> None:
    ct_series(chinese_path / "soft", slices=3)
    for index, path in enumerate(ct_series(chinese_path / "bone", slices=3)):
        ct_series_copy(path, index)
        content = bytearray(path.read_bytes())
        content[-len(content) // 3] ^= 1
        path.write_bytes(bytes(content))
    assert warnings_of(chinese_path) == []


def test_the_other_view_is_no_copy_even_where_the_pixels_agree(chinese_path: Path) -> None:
    picture = phantom()
    chest_radiograph(chinese_path / "a.dcm", pixels=picture, ViewPosition="PA")
    chest_radiograph(chinese_path / "b.dcm", pixels=picture, ViewPosition="LL")
    assert warnings_of(chinese_path) == []


def test_a_multi_frame_copy_is_told(chinese_path: Path) -> None:
    enhanced_ct(chinese_path / "a.dcm")
    enhanced_ct(chinese_path / "b.dcm", SOPInstanceUID="1.2.3.4")
    assert warnings_of(chinese_path) == ["same_picture"]


def test_a_slice_that_was_sent_twice_spoils_no_volume(chinese_path: Path) -> None:
    """One slice of six came again under another UID: the volume has six slices, and it is told."""
    third = ct_series(chinese_path, slices=6)[2]
    dataset = pydicom.dcmread(third)
    dataset.SOPInstanceUID = uid("again")
    dataset.save_as(chinese_path / "again.dcm")
    (study,) = (each for each in find_studies([chinese_path]) if isinstance(each, Study))
    volume = load_volume(study.series[0])
    assert volume.array.shape[0] == 6
    assert [warning.code for warning in volume.warnings] == ["copies_set_aside"]
    kinds = [(part.kind, len(part.instances)) for part in series_parts(study.series[0])]
    assert kinds == [(PartKind.VOLUME, 6), (PartKind.COPY, 1)]
