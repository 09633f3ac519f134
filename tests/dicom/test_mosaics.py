"""Siemens mosaics are taken apart and every tile put in its place."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediassist.core.errors import IncompleteSeries
from mediassist.core.study import Series, Study
from mediassist.dicom import find_studies, load_volume
from mediassist.dicom.mosaics import _csa
from tests.dicom import builder


def csa(values: dict[str, list[str]]) -> bytes:
    """A CSA header in its second format, as scanners write it."""
    out = b"SV10\4\3\2\1" + struct.pack("<LL", len(values), 77)
    for name, texts in values.items():
        out += name.encode().ljust(64, b"\0") + struct.pack(
            "<l4slll", len(texts), b"DS\0\0", 3, len(texts), 77
        )
        for text in texts:
            content = text.encode() + b"\0"
            out += struct.pack("<4l", len(content), len(content), 77, len(content))
            out += content + b"\0" * (-len(content) % 4)
    return out


def mosaic(folder: Path, private: bytes | None) -> Series:
    """Five slices of 12 x 10 in a sheet of 3 x 3; slice i holds the value 100 * (i + 1)."""
    sheet = np.zeros((36, 30), dtype=np.uint16)
    for index in range(5):
        down, right = divmod(index, 3)
        sheet[down * 12 : down * 12 + 12, right * 10 : right * 10 + 10] = 100 * (index + 1)
    (path,) = builder.ct_series(
        folder,
        slices=1,
        ImageType=["ORIGINAL", "PRIMARY", "M", "MOSAIC"],
        SpacingBetweenSlices=4.0,
        RescaleIntercept=0,
        ImagePositionPatient=[-50.0, -60.0, 10.0],
    )
    dataset = pydicom.dcmread(path)
    builder.set_pixels(dataset, sheet, 12)
    if private is not None:
        dataset.private_block(0x0029, "SIEMENS CSA HEADER", create=True).add_new(
            0x10, "OB", private
        )
    dataset.save_as(path)
    (study,) = (found for found in find_studies([folder]) if isinstance(found, Study))
    return study.series[0]


def test_a_mosaic_becomes_its_slices(chinese_path: Path) -> None:
    """Checked once against dcm2niix on two real mosaics: all voxels in the same place."""
    facts = {
        "NumberOfImagesInMosaic": ["5"],
        "SliceNormalVector": ["0.0", "0.0", "1.0"],
        "Empty": [],
    }
    volume = load_volume(mosaic(chinese_path, csa(facts)))
    assert volume.array.shape == (5, 12, 10)
    assert [int(one.min()) for one in volume.array] == [100, 200, 300, 400, 500]
    assert [int(one.max()) for one in volume.array] == [100, 200, 300, 400, 500]
    assert volume.spacing_mm == pytest.approx((4.0, 0.8, 0.6))
    # The sheet's corner moved by half of what the sheet is larger than a tile.
    np.testing.assert_allclose(volume.affine_lps[:3, 3], [-50 + 6.0, -60 + 9.6, 10])


@pytest.mark.parametrize("private", [None, b"", b"SV10", csa({"NumberOfImagesInMosaic": ["5"]})])
def test_a_mosaic_without_its_private_header_is_refused(
    private: bytes | None, chinese_path: Path
) -> None:
    with pytest.raises(IncompleteSeries, match="is a mosaic"):
        load_volume(mosaic(chinese_path, private))


@given(st.binary(max_size=400))
def test_a_damaged_private_header_never_raises(raw: bytes) -> None:
    _csa(raw)
    _csa(b"SV10\4\3\2\1" + raw)
