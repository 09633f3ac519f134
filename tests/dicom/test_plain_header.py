"""The quick way through a header and pydicom's: the same elements, or no quick way at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from mediassist.core.errors import MediAssistError
from mediassist.dicom import header as header_module
from mediassist.dicom import values
from mediassist.dicom.header import PIXEL_TAGS, read_header
from mediassist.dicom.plain_header import HeaderCutError, parse_plain
from tests.dicom.builder import JPEG_2000, chest_radiograph, ct_series, enhanced_ct, text_report

CUT = 400


def described(path: Path) -> Any:
    """All that a header says, values converted; or the refusal."""
    try:
        header = read_header(path)
    except MediAssistError as error:
        return str(error)
    said = (header.transfer_syntax_uid, header.pixels, header.dataset.original_encoding)
    return _elements(header.dataset), _elements(header.dataset.file_meta), said


def _elements(dataset: Dataset) -> list[Any]:
    found: list[Any] = []
    for tag in sorted(dataset.keys()):
        try:
            element = dataset[tag]
        except Exception as error:
            found.append((tag, type(error).__name__))
            continue
        items = element.value if element.VR == "SQ" else None
        value = [_elements(item) for item in items] if items is not None else str(element)
        found.append((tag, value))
    return found


def both_ways(path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    quick = described(path)
    with monkeypatch.context() as patch:
        patch.setattr(header_module, "parse_plain", lambda *_: None)
        return quick, described(path)


def test_every_shared_file_reads_the_same(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [path for path in sorted((shared / "dicom").rglob("*")) if path.is_file()]
    # A fourth of them, spread over all origins: the comparison is slow, not the reading.
    for path in files[::4]:
        quick, patient = both_ways(path, monkeypatch)
        assert quick == patient, path


def made(folder: Path) -> list[Path]:
    sequence = Sequence([Dataset(), Dataset()])
    sequence[0].CodeMeaning = "one"
    sequence[0].ProcedureCodeSequence = Sequence([Dataset()])
    paths = [
        chest_radiograph(folder / "a.dcm", ProcedureCodeSequence=sequence),
        chest_radiograph(folder / "b.dcm", syntax=JPEG_2000),
        text_report(folder / "c.dcm"),
        enhanced_ct(folder / "d.dcm"),
        *ct_series(folder / "ct", slices=1),
    ]
    dataset = pydicom.dcmread(paths[0])
    for item in dataset.ProcedureCodeSequence:
        item.is_undefined_length_sequence_item = True
    dataset["ProcedureCodeSequence"].is_undefined_length = True
    dataset.save_as(folder / "undefined.dcm")
    return [*paths, folder / "undefined.dcm"]


def test_ordinary_files_go_the_quick_way(
    chinese_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in made(chinese_path):
        data = path.read_bytes()
        found = parse_plain(data, True, PIXEL_TAGS)
        assert found is not None, path
        quick, patient = both_ways(path, monkeypatch)
        assert quick == patient


@given(place=st.integers(132, 1200), value=st.integers(0, 255))
def test_a_changed_byte_is_read_as_pydicom_reads_it_or_refused(
    tmp_path_factory: pytest.TempPathFactory, place: int, value: int
) -> None:
    path = chest_radiograph(tmp_path_factory.mktemp("x") / "a.dcm")
    data = bytearray(path.read_bytes())
    data[min(place, len(data) - 1)] = value
    path.write_bytes(bytes(data))
    with pytest.MonkeyPatch.context() as patch:
        quick, patient = both_ways(path, patch)
    if isinstance(quick, str) or isinstance(patient, str):
        assert isinstance(patient, str) or isinstance(quick, str)
    else:
        assert quick == patient


def test_what_is_cut_off_or_not_ordinary_is_left_to_pydicom(tmp_path: Path) -> None:
    data = chest_radiograph(tmp_path / "a.dcm").read_bytes()
    assert parse_plain(data[:CUT], True, PIXEL_TAGS) is None
    assert parse_plain(data[132:], True, PIXEL_TAGS) is None
    other = chest_radiograph(tmp_path / "b.dcm", syntax="1.2.840.10008.1.2.1.99").read_bytes()
    assert parse_plain(other, True, PIXEL_TAGS) is None


def test_a_header_longer_than_the_bytes_given_asks_for_more(tmp_path: Path) -> None:
    data = chest_radiograph(tmp_path / "a.dcm").read_bytes()
    with pytest.raises(HeaderCutError) as caught:
        parse_plain(data[:CUT], False, PIXEL_TAGS)
    assert caught.value.needed > CUT


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1"])
def test_the_header_of_many_frames_goes_the_quick_way(
    syntax: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Longer than the first read, in items of both kinds of length."""
    path = enhanced_ct(tmp_path / "a.dcm", frames=400, syntax=syntax)
    dataset = pydicom.dcmread(path)
    for item in dataset.PerFrameFunctionalGroupsSequence[::2]:
        item.is_undefined_length_sequence_item = True
    dataset["PerFrameFunctionalGroupsSequence"].is_undefined_length = True
    dataset.save_as(path)
    quick, patient = both_ways(path, monkeypatch)
    assert quick == patient
    with monkeypatch.context() as patch:
        patch.setattr(header_module, "_parse", None)
        groups = values.items(read_header(path).dataset, "PerFrameFunctionalGroupsSequence", 500)
    assert len(groups) == 400
    position = values.first_item(groups[399], "PlanePositionSequence")
    assert len(values.numbers(position, "ImagePositionPatient")) == 3


def test_items_that_are_not_ordinary_are_read_by_pydicom(tmp_path: Path) -> None:
    """A private element of unknown length within an item."""
    path = chest_radiograph(tmp_path / "a.dcm", ProcedureCodeSequence=[Dataset()])
    raw = path.read_bytes()
    at = raw.index(b"\x08\x00\x32\x10SQ")
    inner = b"\x09\x00\x10\x10UN\0\0\xff\xff\xff\xff\xfe\xff\xdd\xe0\0\0\0\0"
    inner = b"\x08\x00\x00\x01SH\x04\x00ABCD" + inner
    item = b"\xfe\xff\x00\xe0" + len(inner).to_bytes(4, "little") + inner
    length = 12 + int.from_bytes(raw[at + 8 : at + 12], "little")
    sequence = raw[at : at + 8] + len(item).to_bytes(4, "little") + item
    path.write_bytes(raw[:at] + sequence + raw[at + length :])
    item_read = values.first_item(read_header(path).dataset, "ProcedureCodeSequence")
    assert values.code(item_read, "CodeValue") == "ABCD"
