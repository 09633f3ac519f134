"""Sound studies that look odd to a rule: none of them may fail."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from mediassist.core.acquisition import AcquisitionCheck, Outcome
from mediassist.core.study import Study
from mediassist.dicom import find_studies
from mediassist.dicom.acquisition import check_study
from mediassist.dicom.acquisition.picture_measures import content_percent, contrast_percent
from mediassist.dicom.display import load_frame
from tests.dicom.acquisition.examinations import (
    brain_mr,
    chest_ct,
    in_series,
    mammogram,
    write_study,
)
from tests.dicom.builder import set_pixels


def checked(study: list[Dataset], folder: Path) -> AcquisitionCheck:
    (read,) = [
        each for each in find_studies([write_study(study, folder)]) if isinstance(each, Study)
    ]
    return check_study(read)


def not_passed(check: AcquisitionCheck) -> set[str]:
    return {result.rule for result in check.results if result.outcome is not Outcome.PASS}


@pytest.mark.parametrize("name", ["FAST LOCALIZER", "Survey_MST", "T/S/C PILOT", "3-Plane定位像"])
def test_a_scout_that_only_its_name_tells_is_not_judged(name: str, chinese_path: Path) -> None:
    """Thick scouts came out as brain MR with slices of 10 mm."""
    study = brain_mr()
    scout = in_series(copy.deepcopy(study[0]), name)
    scout.SliceThickness = 10
    assert not_passed(checked([*study, scout], chinese_path)) == set()


def test_maps_of_computed_values_are_not_judged(chinese_path: Path) -> None:
    study = brain_mr()
    blood_flow = in_series(copy.deepcopy(study[0]), "relCBF")
    blood_flow.ImageType = ["DERIVED", "PRIMARY", "ASL", "RCBF"]
    blood_flow.SliceThickness = 20
    assert not_passed(checked([*study, blood_flow], chinese_path)) == set()


def test_a_window_that_leaves_all_values_outside_does_not_make_a_picture_blank(
    chinese_path: Path,
) -> None:
    study = chest_ct()
    for dataset in study:
        dataset.WindowCenter, dataset.WindowWidth = 30000, 100
    folder = write_study(study, chinese_path)
    frame = load_frame(next(iter(sorted(folder.rglob("*.dcm")))))
    assert contrast_percent(frame) == 0
    assert (content_percent(frame) or 0) > 50
    assert "any_image.not_blank" not in not_passed(checked(study, chinese_path / "again"))


def test_plain_glass_on_a_slide_is_no_blank_picture(chinese_path: Path) -> None:
    study = chest_ct()[:1]
    study[0].Modality = "SM"
    set_pixels(study[0], np.full((64, 64), 200, np.uint16), 12)
    assert "any_image.not_blank" not in not_passed(checked(study, chinese_path))


@pytest.mark.parametrize(
    ("scheme", "code", "view"),
    [("SCT", "399192008", "XCCL"), ("SRT", "R-10230", "LMO"), ("SCT", "127457009", "SPECIMEN")],
)
def test_a_mammographic_view_stated_by_its_code_alone_is_stated(
    scheme: str, code: str, view: str, chinese_path: Path
) -> None:
    """PS3.16 CID 4014: View Position is optional where View Code Sequence is there."""
    study = mammogram()
    extra = copy.deepcopy(study[0])
    extra.SOPInstanceUID += ".9"
    del extra.ViewPosition
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code, scheme, view
    extra.ViewCodeSequence = Items([item])
    check = checked([*study, extra], chinese_path)
    assert "mammogram.view" not in not_passed(check)
    assert "mammogram.both_views" not in not_passed(check)
