"""What of a study is shown, and where one can scroll to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mediassist.core.study import Study
from mediassist.dicom import find_studies
from mediassist.reading.display_set import display_set
from tests.dicom.builder import chest_radiograph, ct_series, text_report, ultrasound
from tests.reading.results import study_of


def test_a_stack_opens_in_its_middle_and_scrolls_slice_by_slice(chinese_path: Path) -> None:
    ct_series(chinese_path, slices=7)
    (study,) = find_studies([chinese_path])
    assert isinstance(study, Study)
    (series,) = display_set(study).series
    assert len(series.positions) == 7
    assert series.start == 3
    assert series.thumbnail is series.positions[3]


def test_frames_of_a_cine_scroll_like_slices_and_start_at_the_first(chinese_path: Path) -> None:
    ultrasound(chinese_path / "超声.dcm", frames=5)
    (study,) = find_studies([chinese_path])
    assert isinstance(study, Study)
    (series,) = display_set(study).series
    assert [position.frame for position in series.positions] == [0, 1, 2, 3, 4]
    assert series.start == 0


def test_objects_without_pixels_have_no_thumbnail(chinese_path: Path) -> None:
    chest_radiograph(chinese_path / "胸片.dcm")
    text_report(chinese_path / "报告.dcm")
    (study,) = find_studies([chinese_path])
    assert isinstance(study, Study)
    assert [series.series.modality for series in display_set(study).series] == ["DX"]


def test_series_stand_in_the_order_of_their_numbers() -> None:
    first = study_of().series[0]
    late = replace(first, series_uid="b", number=12)
    unnumbered = replace(first, series_uid="c", number=None)
    shown = display_set(replace(study_of(), series=(unnumbered, late, first)))
    assert [series.series.number for series in shown.series] == [1, 12, None]


def test_a_picture_is_found_by_its_identity_and_frame() -> None:
    shown = display_set(study_of(images=2, frames=3))
    assert shown.find("1.2.3.1.2", 1) == (0, 4)
    assert shown.find("1.2.3.1.2", 3) is None
    assert shown.find("elsewhere", 0) is None
