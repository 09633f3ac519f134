"""Millimetres are believed only where they may be (wishes.md, rows 38 and 39)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from mediassist.core.study import PixelSpacing, SpacingSource, Study
from mediassist.dicom import find_studies
from tests.dicom import builder


def spacing_of(path: Path) -> PixelSpacing | None:
    (study,) = (found for found in find_studies([path]) if isinstance(found, Study))
    return study.series[0].instances[0].spacing


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, PixelSpacing(0.2, 0.2, SpacingSource.DETECTOR)),
        ({"PixelSpacing": [0.2, 0.2]}, PixelSpacing(0.2, 0.2, SpacingSource.DETECTOR)),
        ({"PixelSpacing": [0.15, 0.15]}, PixelSpacing(0.15, 0.15, SpacingSource.PATIENT)),
        (
            {"PixelSpacing": [0.2, 0.2], "PixelSpacingCalibrationType": "GEOMETRY"},
            PixelSpacing(0.2, 0.2, SpacingSource.PATIENT),
        ),
        (
            {"EstimatedRadiographicMagnificationFactor": "1.25"},
            PixelSpacing(0.16, 0.16, SpacingSource.ERMF),
        ),
        (
            {"ImagerPixelSpacing": None, "PixelSpacing": [0.1, 0.2]},
            PixelSpacing(0.1, 0.2, SpacingSource.DETECTOR),
        ),
        ({"ImagerPixelSpacing": [0, 0]}, None),
        ({"ImagerPixelSpacing": None}, None),
    ],
)
def test_a_radiograph_says_where_its_millimetres_come_from(
    changes: dict[str, Any], expected: PixelSpacing | None, chinese_path: Path
) -> None:
    """cornerstonejs/cornerstoneWADOImageLoader#261."""
    found = spacing_of(builder.chest_radiograph(chinese_path / "x.dcm", **changes))
    if expected is None:
        assert found is None
    else:
        assert found is not None
        assert found.source is expected.source
        assert (found.row_mm, found.column_mm) == pytest.approx(
            (expected.row_mm, expected.column_mm)
        )


def test_a_slice_has_patient_millimetres(chinese_path: Path) -> None:
    (path, *_) = builder.ct_series(chinese_path)
    assert spacing_of(path) == PixelSpacing(0.8, 0.6, SpacingSource.PATIENT)


def test_ultrasound_takes_the_scale_of_its_region(chinese_path: Path) -> None:
    found = spacing_of(builder.ultrasound(chinese_path / "x.dcm"))
    assert found == PixelSpacing(0.1, 0.1, SpacingSource.REGION)


def test_ultrasound_regions_that_disagree_give_no_millimetres(chinese_path: Path) -> None:
    """OHIF/Viewers#5556: the scale differs per region."""
    regions = []
    for delta in (0.01, 0.02):
        region = Dataset()
        region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3
        region.PhysicalDeltaX = region.PhysicalDeltaY = delta
        regions.append(region)
    path = builder.ultrasound(chinese_path / "x.dcm", SequenceOfUltrasoundRegions=Items(regions))
    assert spacing_of(path) is None
