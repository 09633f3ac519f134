"""The second pass finds originals in whatever form they come: attempts to slip one past it."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence

from mediassist.dicom.deidentify import Profile
from mediassist.dicom.deidentify.identifiers import Identifiers, identifiers_of
from mediassist.dicom.deidentify.residue import find_residues
from tests.dicom.builder import JPEG_BASELINE, chest_radiograph

PATIENT = {
    "PatientName": "Zhang^XiaoDong=张^小东",
    "PatientID": "00123456789",
    "PatientBirthDate": "19850312",
    "OtherPatientIDs": "MRN-77-4512",
    "ReferringPhysicianName": "Müller^Jürgen",
    "OperatorsName": "Li^Na",
    "AccessionNumber": "A2025-118",
    "StudyInstanceUID": "1.2.826.0.1.3680043.10.999.77.1",
}


def originals() -> Identifiers:
    dataset = Dataset()
    for keyword, value in PATIENT.items():
        setattr(dataset, keyword, value)
    return identifiers_of(dataset, Profile.parse("basic"), ["ISO_IR 192"])


@pytest.fixture
def clean(chinese_path: Path) -> Path:
    """A file that holds nothing of the patient."""
    return chest_radiograph(chinese_path / "clean.dcm", seed="nobody at all", syntax=JPEG_BASELINE)


def residues(path: Path, change: object) -> int:
    dataset = pydicom.dcmread(path)
    change(dataset)  # type: ignore[operator]
    dataset.SpecificCharacterSet = "ISO_IR 192"
    target = path.with_name("changed.dcm")
    dataset.save_as(target)
    return len(find_residues(target, originals()))


def test_a_clean_file_has_none(clean: Path) -> None:
    assert residues(clean, lambda dataset: None) == 0


@pytest.mark.parametrize(
    "text",
    [
        "Zhang XiaoDong", "XIAODONG ZHANG", "zhangxiaodong", "ZhangXiaoDong2024", "Xiao-Dong Zhang",
        "zhang.xiaodong", "zhang_xiao_dong", "张 小东", "张·小东", "张\u200b小东", "患者张小东复查",
        "ＺＨＡＮＧ ＸｉａｏＤｏｎｇ", "123456789", "123-456-789", "123 456 789", "PID00123456789X",
        "mrn774512", "MRN 77 4512", "1985-3-12", "12.3.1985", "12 March 1985", "Mar 12, 1985",
        "1985年3月12日", "1985年03月12日", "12MAR1985", "19850312093000", "110101198503121234",
        "3/12/1985", "1985 03 12", "Mueller", "MULLER", "Muller, Jurgen", "Juergen Mueller",
        "li na t1", "na li", "a2025-118", "A2025118", "UID 1.2.826.0.1.3680043.10.999.77.1",
    ],
)  # fmt: skip
def test_originals_in_other_forms_are_found_in_any_text(text: str, clean: Path) -> None:
    assert residues(clean, lambda dataset: setattr(dataset, "SequenceName", text[:16])) or residues(
        clean, lambda dataset: setattr(dataset, "ImageComments", text)
    )


@pytest.mark.parametrize(
    "text",
    ["Thorax PA", "zhangjiakou", "12345678", "1985", "xiaomi", "T1 SE 120 2.5", "19850313", "Nail"]
    + ["Linac", "Mull", "胸部正位", "小儿", "1.2.826.0.1.3680043.10.999.77.10", "A20251189"],
)
def test_other_texts_are_let_through(text: str, clean: Path) -> None:
    assert residues(clean, lambda dataset: setattr(dataset, "ImageComments", text)) == 0


def hide_in_private_tag(dataset: Dataset) -> None:
    dataset.private_block(0x0029, "VENDOR", create=True).add_new(0x10, "UN", "张小东".encode("gbk"))


def hide_in_private_sequence(dataset: Dataset) -> None:
    item = Dataset()
    item.add_new(0x00291010, "LO", "Zhang XiaoDong")
    dataset.private_block(0x0029, "VENDOR", create=True).add_new(0x20, "SQ", Sequence([item]))


def hide_in_overlay(dataset: Dataset) -> None:
    dataset.add_new(0x60000022, "LO", "zhangxiaodong")


def hide_in_overlay_bits(dataset: Dataset) -> None:
    dataset.add_new(0x60003000, "OW", b"\0\0ZHANG^XIAODONG\0\0")


def hide_in_uid(dataset: Dataset) -> None:
    dataset.SeriesInstanceUID = PATIENT["StudyInstanceUID"]


def hide_in_curve(dataset: Dataset) -> None:
    dataset.add_new(0x50003000, "OW", "张小东".encode("utf-16-le"))


def hide_in_padding(dataset: Dataset) -> None:
    dataset.add_new(0xFFFCFFFC, "OB", b"Li^Na^^^")


def hide_in_number(dataset: Dataset) -> None:
    dataset.add_new(0x00291010, "UL", 123456789)


def _codestream(dataset: Dataset) -> bytes:
    return next(pydicom.encaps.generate_frames(dataset.PixelData, number_of_frames=1))


def hide_in_jpeg_comment(dataset: Dataset) -> None:
    frame = _codestream(dataset)
    comment = b"\xff\xfe" + (2 + 6).to_bytes(2, "big") + b"Li^Na "
    dataset.PixelData = encapsulate([frame[:2] + comment + frame[2:]])


def hide_in_exif(dataset: Dataset) -> None:
    frame = _codestream(dataset)
    text = b"Exif\0\0\xff\xda" + "张小东".encode()
    segment = b"\xff\xe1" + (2 + len(text)).to_bytes(2, "big") + text
    dataset.PixelData = encapsulate([frame[:2] + segment + frame[2:]])


def hide_behind_the_codestream(dataset: Dataset) -> None:
    dataset.PixelData = encapsulate([_codestream(dataset) + b"Li^Na^"])


def hide_behind_native_pixels(dataset: Dataset) -> None:
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
    pixels = np.zeros((dataset.Rows, dataset.Columns), np.uint16).tobytes()
    dataset.PixelData = pixels + b"Li^Na^" + b"\0" * (len(pixels) % 2)
    dataset["PixelData"].is_undefined_length = False


@pytest.mark.parametrize(
    "hide",
    [
        hide_in_private_tag, hide_in_private_sequence, hide_in_overlay, hide_in_overlay_bits,
        hide_in_uid, hide_in_curve, hide_in_padding, hide_in_number, hide_in_jpeg_comment,
        hide_in_exif, hide_behind_the_codestream, hide_behind_native_pixels,
    ],
)  # fmt: skip
def test_originals_are_found_wherever_they_hide(hide: object, clean: Path) -> None:
    assert residues(clean, hide) > 0


@pytest.mark.parametrize(
    ("name", "pinyin"),
    [
        ("王小明", "Wang Xiaoming"), ("欧阳^娜娜", "OUYANG NANA"), ("吕^布", "LV BU"),
        ("单^雄信", "shan xiongxin"), ("曾^国藩", "ceng guofan"), ("曾^国藩", "Zeng Guo Fan"),
    ],
)  # fmt: skip
def test_chinese_names_are_searched_in_pinyin(name: str, pinyin: str, clean: Path) -> None:
    dataset = Dataset()
    dataset.PatientName = name
    found = identifiers_of(dataset, Profile.parse("basic"), ["ISO_IR 192"])
    changed = copy.deepcopy(pydicom.dcmread(clean))
    changed.ImageComments = f"pat. {pinyin}, f/u"
    changed.save_as(clean)
    assert find_residues(clean, found)
