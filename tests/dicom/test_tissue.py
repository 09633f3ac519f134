"""Which part of an ultrasound screen is tissue."""

from __future__ import annotations

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from mediassist.dicom.tissue import tissue_rectangle


def region(
    left: int, top: int, right: int, bottom: int, spatial: int = 1, kind: int = 1
) -> Dataset:
    item = Dataset()
    item.RegionSpatialFormat, item.RegionDataType = spatial, kind
    item.RegionLocationMinX0, item.RegionLocationMinY0 = left, top
    item.RegionLocationMaxX1, item.RegionLocationMaxY1 = right, bottom
    return item


def header(*regions: Dataset) -> Dataset:
    dataset = Dataset()
    dataset.SequenceOfUltrasoundRegions = Sequence(regions)
    return dataset


def test_the_end_of_a_region_is_the_pixel_after_its_last() -> None:
    assert tissue_rectangle(header(region(100, 50, 699, 549)), 768, 1024) == (100, 50, 700, 550)


def test_a_doppler_spectrum_is_no_tissue() -> None:
    found = header(region(100, 50, 699, 349), region(100, 400, 699, 700, spatial=3, kind=3))
    assert tissue_rectangle(found, 768, 1024) == (100, 50, 700, 350)


def test_two_views_side_by_side_are_taken_together() -> None:
    found = header(region(0, 60, 499, 559), region(520, 60, 1023, 559))
    assert tissue_rectangle(found, 768, 1024) == (0, 60, 1024, 560)


def test_a_region_that_is_the_picture_or_nonsense_cuts_nothing() -> None:
    for item in (region(0, 0, 1023, 767), region(10, 10, 30, 700), region(900, 0, 100, 700)):
        assert tissue_rectangle(header(item), 768, 1024) is None
    assert tissue_rectangle(Dataset(), 768, 1024) is None


def test_a_region_that_runs_out_of_the_picture_ends_with_it() -> None:
    assert tissue_rectangle(header(region(-5, 40, 2000, 700)), 768, 1024) == (0, 40, 1024, 701)
