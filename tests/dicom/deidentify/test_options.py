"""Clean graphics, clean structured content, DICOMDIR and faces."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from PIL import Image, ImageDraw, ImageFont
from pydicom.dataset import Dataset
from pydicom.fileset import FileSet
from pydicom.sequence import Sequence

from mediassist.dicom.deidentify import Key, LeftOut, Profile, Released, deidentify
from tests.dicom.builder import chest_radiograph, ct_series, text_report

KEY = Key(b"a secret of the test, 32 bytes..")
FONT = Path(__file__).parents[3] / "mediassist" / "report" / "fonts" / "NotoSansSC-Regular.ttf"


def results(path: Path, profile: str = "basic") -> list[Any]:
    return list(deidentify([path], path.parent / f"out {profile}", Profile.parse(profile), KEY))


def cleaned(path: Path, profile: str) -> Dataset:
    [one] = results(path, profile)
    assert isinstance(one, Released)
    return pydicom.dcmread(one.target)


def with_overlay(path: Path, text: str = "") -> Path:
    """A radiograph with an outline in an overlay plane, and a text beside it."""
    chest_radiograph(path)
    dataset = pydicom.dcmread(path)
    drawing = Image.new("L", (dataset.Columns, dataset.Rows))
    pen = ImageDraw.Draw(drawing)
    pen.ellipse((60, 80, 200, 210), outline=255, width=2)
    pen.text((20, 10), text, 255, ImageFont.truetype(FONT, 22))
    bits = np.packbits(np.asarray(drawing).ravel() > 128, bitorder="little").tobytes()
    for element, vr, value in (
        (0x0010, "US", dataset.Rows),
        (0x0011, "US", dataset.Columns),
        (0x0022, "LO", "drawn by Dr. Sample"),
        (0x0040, "CS", "G"),
        (0x0050, "SS", [1, 1]),
        (0x0100, "US", 1),
        (0x0102, "US", 0),
        (0x3000, "OW", bits + b"\0" * (len(bits) % 2)),
    ):
        dataset.add_new(0x60000000 | element, vr, value)
    dataset.save_as(path)
    return path


def test_an_overlay_goes_unless_graphics_are_asked_for(chinese_path: Path) -> None:
    path = with_overlay(chinese_path / "a.dcm")
    assert not cleaned(path, "basic").group_dataset(0x6000)
    kept = cleaned(path, "basic,clean-graphics")
    assert (kept.overlay_array(0x6000) == pydicom.dcmread(path).overlay_array(0x6000)).all()
    assert (0x6000, 0x0022) not in kept
    codes = [item.CodeValue for item in kept.DeidentificationMethodCodeSequence]
    assert codes == ["113100", "113101", "113103"]


def test_an_overlay_with_a_text_goes_all_the_same(chinese_path: Path) -> None:
    path = with_overlay(chinese_path / "a.dcm", "王小明 1985-03-12")
    assert not cleaned(path, "basic,clean-graphics").group_dataset(0x6000)


def report(path: Path, text: str) -> Path:
    item, number = Dataset(), Dataset()
    item.RelationshipType, item.ValueType, item.TextValue = "CONTAINS", "TEXT", text
    number.RelationshipType, number.ValueType = "CONTAINS", "NUM"
    value = Dataset()
    value.NumericValue = "12.5"
    number.MeasuredValueSequence = Sequence([value])
    return text_report(path, ContentSequence=Sequence([item, number]))


def test_texts_of_reports_are_removed_though_they_name_nobody_known(chinese_path: Path) -> None:
    """TextValue is not in Table E.1-1: a neighbour's name in it stayed."""
    path = report(chinese_path / "sr.dcm", "Bed 4, son of the mayor of Elsewhere")
    result = cleaned(path, "basic")
    assert result.ContentSequence[0].TextValue == "REMOVED"
    assert result.ContentSequence[1].MeasuredValueSequence[0].NumericValue == 12.5


def test_structured_content_keeps_words_of_examinations_where_asked(chinese_path: Path) -> None:
    path = report(chinese_path / "sr.dcm", "CT chest, seen by the mayor")
    result = cleaned(path, "basic,clean-structured-content")
    assert result.ContentSequence[0].TextValue.lower().startswith("ct chest")
    assert "mayor" not in result.ContentSequence[0].TextValue
    assert "113104" in [item.CodeValue for item in result.DeidentificationMethodCodeSequence]
    empty = report(chinese_path / "b.dcm", "Elsewhere")
    assert cleaned(empty, "basic,clean-structured-content").ContentSequence[0].TextValue == (
        "REMOVED"
    )


def test_dates_in_other_calendars_go(chinese_path: Path) -> None:
    path = chest_radiograph(
        chinese_path / "a.dcm", PatientBirthDateInAlternativeCalendar="民国74年3月12日"
    )
    assert "74" not in str(cleaned(path, "basic").get("PatientBirthDateInAlternativeCalendar"))


def test_a_dicomdir_is_left_out_with_a_sentence(chinese_path: Path) -> None:
    media = FileSet()
    media.add(ct_series(chinese_path / "ct", slices=1)[0])
    media.write(chinese_path / "media")
    found = results(chinese_path / "media")
    assert sum(isinstance(one, Released) for one in found) == 1
    [left_out] = [one for one in found if isinstance(one, LeftOut)]
    assert "DICOMDIR" in left_out.source
    assert "left out" in str(left_out.reason)


def test_slices_of_heads_are_named_because_faces_stay(chinese_path: Path) -> None:
    [head] = ct_series(chinese_path / "head", slices=1, BodyPartExamined="HEAD")
    [chest] = ct_series(chinese_path / "chest", slices=1, BodyPartExamined="CHEST")
    assert [results(path)[0].may_show_face for path in (head, chest)] == [True, False]
    assert "113102" not in str(cleaned(head, "research").DeidentificationMethodCodeSequence)
