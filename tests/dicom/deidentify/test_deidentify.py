"""Identities go out of headers, private data and pixels; what remains is found and withheld."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from mediassist.core.errors import WrongUsage
from mediassist.core.study import Rejected
from mediassist.dicom import load_pixels
from mediassist.dicom.burned_in.masking import text_mask
from mediassist.dicom.burned_in.regions import read_rules
from mediassist.dicom.deidentify import (
    Key,
    Option,
    PixelState,
    Profile,
    Released,
    Withheld,
    deidentify,
)
from mediassist.dicom.deidentify.descriptors import clean_descriptor
from mediassist.dicom.deidentify.header_cleaning import shifted
from mediassist.dicom.deidentify.identifiers import identifiers_of
from mediassist.dicom.deidentify.residue import find_residues
from tests.dicom.builder import (
    JPEG_2000,
    JPEG_BASELINE,
    RLE,
    chest_radiograph,
    ct_series,
    encoded_name,
    phantom,
    text_report,
    ultrasound,
)

DEFLATED = "1.2.840.10008.1.2.1.99"
KEY = Key(b"a secret of the test, 32 bytes..")
FONT = Path(__file__).parents[3] / "mediassist" / "report" / "fonts" / "NotoSansSC-Regular.ttf"


def run(paths: list[Path], out: Path, profile: str = "basic", key: Key = KEY) -> list[Any]:
    return list(deidentify(paths, out, Profile.parse(profile), key))


def only(found: list[Any]) -> Released:
    [one] = found
    assert isinstance(one, Released), one
    return one


def cleaned(path: Path, out: Path, profile: str = "basic") -> Dataset:
    return pydicom.dcmread(only(run([path], out, profile)).target)


def _code(value: str) -> Sequence:
    item = Dataset()
    item.PersonName, item.InstitutionName = value, "St. Elsewhere"
    item.add_new(0x00091001, "LO", value)
    return Sequence([item])


def test_who_and_where_go_out_at_every_depth(tmp_path: Path, chinese_path: Path) -> None:
    path = chest_radiograph(
        chinese_path / "a.dcm",
        PatientName="Müller^Änne=王^小明",
        PatientID="PAT-0815",
        OtherPatientIDs="OLD-77123",
        InstitutionName="St. Elsewhere",
        OperatorsName="Operator^Olga",
        PatientAddress="12 Acacia Avenue",
        ImageComments="seen by Dr Referrer",
        RequestAttributesSequence=_code("Nested^Nora"),
        ContentSequence=_code("Nested^Nora"),
    )
    dataset = pydicom.dcmread(path)
    block = dataset.private_block(0x0009, "VENDOR", create=True)
    block.add_new(0x01, "LO", "Müller^Änne")
    dataset.preamble = b"PAT-0815" + b"\0" * 120
    dataset.save_as(path)
    result = cleaned(path, tmp_path / "out")
    raw = only(run([path], tmp_path / "out")).target.read_bytes().lower()
    for word in ("Müller", "Änne", "王", "小明", "Nested", "Nora"):
        assert word.lower().encode() not in raw
    for word in (b"pat-0815", b"77123", b"elsewhere", b"olga", b"acacia", b"referrer"):
        assert word not in raw
    assert str(result.PatientName) == result.PatientID + "^"
    assert result.PatientIdentityRemoved == "YES"
    assert not [element for element in result.iterall() if element.tag.is_private]


def test_method_and_codes_are_stated(tmp_path: Path) -> None:
    path = chest_radiograph(tmp_path / "a.dcm")
    result = cleaned(path, tmp_path / "out", "research")
    codes = [item.CodeValue for item in result.DeidentificationMethodCodeSequence]
    assert codes == ["113100", "113101", "113105", "113107", "113108"]
    assert result.LongitudinalTemporalInformationModified == "MODIFIED"
    assert cleaned(path, tmp_path / "b").LongitudinalTemporalInformationModified == "REMOVED"


def test_the_same_key_gives_the_same_names_in_every_run_and_another_key_others(
    tmp_path: Path,
) -> None:
    first = chest_radiograph(tmp_path / "a.dcm", seed="x")
    second = ct_series(tmp_path / "ct", seed="x", slices=2)
    one, two = cleaned(first, tmp_path / "1"), cleaned(second[0], tmp_path / "2")
    other = pydicom.dcmread(only(run([first], tmp_path / "3", key=Key(b"another" * 8))).target)
    assert one.PatientID == two.PatientID != other.PatientID
    assert one.StudyInstanceUID == two.StudyInstanceUID != other.StudyInstanceUID
    assert one.StudyInstanceUID.is_valid
    assert one.file_meta.MediaStorageSOPInstanceUID == one.SOPInstanceUID
    frames = {pydicom.dcmread(each.target).FrameOfReferenceUID for each in run(second, tmp_path)}
    assert len(frames) == 1
    assert frames != {pydicom.dcmread(second[0]).FrameOfReferenceUID}


def test_references_between_files_stay_consistent(tmp_path: Path) -> None:
    image = chest_radiograph(tmp_path / "a.dcm")
    item = Dataset()
    item.ReferencedSOPClassUID = pydicom.dcmread(image).SOPClassUID
    item.ReferencedSOPInstanceUID = pydicom.dcmread(image).SOPInstanceUID
    other = ultrasound(tmp_path / "b.dcm", ReferencedImageSequence=Sequence([item]))
    image_out, other_out = cleaned(image, tmp_path / "o"), cleaned(other, tmp_path / "o")
    reference = other_out.ReferencedImageSequence[0]
    assert reference.ReferencedSOPInstanceUID == image_out.SOPInstanceUID
    assert reference.ReferencedSOPClassUID == image_out.SOPClassUID


def test_dates_of_a_patient_move_by_one_number_of_days(tmp_path: Path) -> None:
    first = chest_radiograph(tmp_path / "a.dcm", StudyDate="20240301", ContentDate="20240302")
    second = chest_radiograph(
        tmp_path / "b.dcm", StudyDate="20240401", AcquisitionDateTime="20240401101112.5"
    )
    one, two = (cleaned(each, tmp_path / "o", "basic,modified-dates") for each in (first, second))
    days = [
        (pydicom.valuerep.DA(later) - pydicom.valuerep.DA(earlier)).days
        for earlier, later in (
            (one.StudyDate, one.ContentDate),
            (one.StudyDate, two.StudyDate),
            (one.StudyDate, "20240301"),
        )
    ]
    assert days[:2] == [1, 31]
    assert 365 <= days[2] <= 3650
    assert two.AcquisitionDateTime.endswith("101112.5")
    assert one.StudyTime == "101500"
    assert not one.PatientBirthDate


def test_full_dates_characteristics_device_institution_and_uids_are_kept_where_asked(
    tmp_path: Path,
) -> None:
    path = chest_radiograph(tmp_path / "a.dcm", DeviceSerialNumber="SN-4711", PatientAge="095Y")
    original = pydicom.dcmread(path)
    options = "strict,full-dates,patient-characteristics,device,institution,uids"
    result = cleaned(path, tmp_path / "o", options)
    kept = "StudyDate PatientSex DeviceSerialNumber InstitutionName SOPInstanceUID"
    for keyword in kept.split():
        assert result[keyword].value == original[keyword].value
    assert result.PatientAge == "090Y"
    bare = cleaned(path, tmp_path / "b", "strict")
    assert "PatientAge" not in bare
    assert not bare.PatientSex


def test_descriptors_keep_words_of_the_examination_only(tmp_path: Path) -> None:
    path = chest_radiograph(
        tmp_path / "a.dcm",
        StudyDescription="Chest PA for Dr. Jones, tel 5551234",
        SeriesDescription="胸部正位 王小明",
    )
    result = cleaned(path, tmp_path / "o", "basic,clean-descriptors")
    assert result.StudyDescription == "Chest PA for"
    assert result.SeriesDescription == "胸部 正位"
    assert "StudyDescription" not in cleaned(path, tmp_path / "b")
    assert clean_descriptor("t2_tse_tra 5mm 20240305 Miller") == "t2 tse tra 5mm"


def test_a_name_typed_into_a_kept_field_is_taken_out(tmp_path: Path) -> None:
    path = chest_radiograph(tmp_path / "a.dcm", DetectorDescription="Sample's detector")
    assert "ample" not in str(cleaned(path, tmp_path / "o").DetectorDescription)


def test_a_name_in_capitals_is_taken_out_of_labels(tmp_path: Path) -> None:
    """Content Label is a code string by type and free text by use."""
    path = chest_radiograph(
        tmp_path / "a.dcm", PatientName="Featherstone^Ann", ContentLabel="FEATHERSTONE"
    )
    assert cleaned(path, tmp_path / "o").ContentLabel == "REMOVED"


def test_the_second_pass_finds_originals_in_texts_bytes_and_sequences(tmp_path: Path) -> None:
    path = chest_radiograph(tmp_path / "a.dcm", PatientName="王^小明", PatientID="HN-2024-77")
    originals = identifiers_of(pydicom.dcmread(path), Profile.parse("basic"), ["ISO_IR 192"])
    clean = only(run([path], tmp_path / "o")).target
    assert find_residues(clean, originals) == ()
    nested = Dataset()
    nested.CodeMeaning = "copy of hn-2024-77"
    for keyword, value in (
        ("DetectorDescription", "für 王小明"),
        ("ProcedureCodeSequence", Sequence([nested])),
        ("SpectroscopyData", None),
    ):
        dataset = pydicom.dcmread(clean)
        if value is None:
            dataset.add_new(0x00191010, "OB", "王小明".encode("gb18030"))
        else:
            setattr(dataset, keyword, value)
        dataset.save_as(tmp_path / "leak.dcm")
        assert find_residues(tmp_path / "leak.dcm", originals), keyword
    (tmp_path / "leak.dcm").write_bytes(b"HN-2024-77" + b"\0" * 118 + clean.read_bytes()[128:])
    assert find_residues(tmp_path / "leak.dcm", originals)


def test_a_file_with_a_residue_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = chest_radiograph(tmp_path / "a.dcm")
    monkeypatch.setattr("mediassist.dicom.deidentify.run.clean_header", lambda *_: None)
    [found] = run([path], tmp_path / "o")
    assert isinstance(found, Withheld)
    assert found.residues
    assert "Sample" not in str(found.reason)
    assert not [each for each in (tmp_path / "o").rglob("*") if each.is_file()]


@pytest.mark.parametrize("charset", ["GB18030", "ISO_IR 192", "ISO 2022 IR 6\\ISO 2022 IR 58"])
def test_names_in_chinese_character_sets_go_out(charset: str, tmp_path: Path) -> None:
    name = encoded_name("Wang^XiaoDong=王^小东", charset)
    path = chest_radiograph(
        tmp_path / "a.dcm", SpecificCharacterSet=charset.split("\\"), PatientName=name
    )
    raw = only(run([path], tmp_path / "o")).target.read_bytes()
    for encoding in ("gb18030", "utf-8", "gb2312"):
        assert "小东".encode(encoding) not in raw
    assert b"XiaoDong" not in raw


@pytest.mark.parametrize("syntax", [RLE, JPEG_2000, "1.2.840.10008.1.2", DEFLATED])
def test_pixels_without_text_stay_as_they_are(syntax: str, tmp_path: Path) -> None:
    path = chest_radiograph(tmp_path / "a.dcm", syntax=syntax)
    released = only(run([path], tmp_path / "o"))
    assert released.pixels.state is PixelState.CLEAN
    assert np.array_equal(load_pixels(released.target), load_pixels(path))


def picture_with_text(text: str, size: tuple[int, int] = (320, 240)) -> Image.Image:
    columns, rows = size
    grey = np.tile(np.linspace(20, 90, columns), (rows, 1)).astype(np.uint8)
    picture = Image.fromarray(grey)
    font = ImageFont.truetype(FONT, 20)
    ImageDraw.Draw(picture).text((30, 100), text, 240, font)
    return picture


@pytest.mark.parametrize("text", ["MILLER^ANNA 1960", "姓名:王小明 男"])
@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", JPEG_BASELINE])
def test_burned_in_text_of_a_radiograph_is_blanked(text: str, syntax: str, tmp_path: Path) -> None:
    pixels = np.asarray(picture_with_text(text))
    path = chest_radiograph(
        tmp_path / "a.dcm", pixels=pixels, bits_stored=8, syntax=syntax,
        WindowCenter=128, WindowWidth=256,
    )  # fmt: skip
    released = only(run([path], tmp_path / "o"))
    assert released.pixels.state is PixelState.BLANKED
    assert released.pixels.share < 0.25
    assert load_pixels(released.target).max() < 120
    result = pydicom.dcmread(released.target)
    assert (result.PatientIdentityRemoved, result.BurnedInAnnotation) == ("YES", "NO")


def test_text_that_runs_upwards_or_downwards_is_read_too() -> None:
    line = Image.new("L", (300, 30))
    font = ImageFont.truetype(FONT, 20)
    ImageDraw.Draw(line).text((4, 2), "WANG XIAOMING 1960", fill=255, font=font)
    for turn in (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270):
        picture = Image.new("L", (400, 400), 30)
        turned = line.transpose(turn)
        picture.paste(turned, (185, 50), turned)
        ink = np.asarray(picture) > 150
        assert text_mask(np.asarray(picture), spare=True).mask[ink].mean() > 0.98


def test_text_stays_and_identity_removed_is_no_where_pixels_are_not_to_be_cleaned(
    tmp_path: Path,
) -> None:
    pixels = np.asarray(picture_with_text("MILLER^ANNA 1960"))
    path = chest_radiograph(
        tmp_path / "a.dcm", pixels=pixels, bits_stored=8, WindowCenter=128, WindowWidth=256
    )
    released = only(run([path], tmp_path / "o", "strict"))
    assert released.pixels.state is PixelState.TEXT
    assert not released.identity_removed
    assert pydicom.dcmread(released.target).PatientIdentityRemoved == "NO"


def test_a_header_that_declares_text_which_nobody_finds_needs_a_person(tmp_path: Path) -> None:
    path = chest_radiograph(tmp_path / "a.dcm", BurnedInAnnotation="YES")
    assert only(run([path], tmp_path / "o")).pixels.state is PixelState.DECLARED


def test_the_border_of_an_ultrasound_is_blanked_in_all_frames(tmp_path: Path) -> None:
    region = Dataset()
    region.RegionSpatialFormat, region.RegionDataType, region.RegionFlags = 1, 1, 0
    region.RegionLocationMinX0, region.RegionLocationMinY0 = 10, 20
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = 69, 79
    path = ultrasound(tmp_path / "a.dcm", frames=3, SequenceOfUltrasoundRegions=Sequence([region]))
    released = only(run([path], tmp_path / "o"))
    before, after = load_pixels(path), load_pixels(released.target)
    assert not after[:, :20].any() and not after[:, :, :10].any() and not after[:, 80:].any()
    assert (after[:, 20:80, 10:70] == before[:, 20:80, 10:70]).mean() > 0.5


def test_rules_of_a_file_blank_their_areas(tmp_path: Path) -> None:
    (tmp_path / "rules.json").write_text(
        '[{"when": {"Manufacturer": "builder"}, "blank": [[0, 0, 30, 80]]}]', encoding="utf-8"
    )
    path = chest_radiograph(tmp_path / "a.dcm")
    rules = read_rules(tmp_path / "rules.json")
    found = list(deidentify([path], tmp_path / "o", Profile.parse("basic"), KEY, rules))
    after = load_pixels(only(found).target)[0]
    assert np.unique(after[:30]).size == 1
    assert np.array_equal(after[30:], load_pixels(path)[0][30:])
    (tmp_path / "rules.json").write_text('{"blank": 3}', encoding="utf-8")
    with pytest.raises(WrongUsage):
        read_rules(tmp_path / "rules.json")


def test_scanner_slices_are_not_blanked(tmp_path: Path) -> None:
    for path in ct_series(tmp_path / "ct", slices=2):
        released = only(run([path], tmp_path / "o"))
        assert released.pixels.state is PixelState.CLEAN
        assert np.array_equal(load_pixels(released.target), load_pixels(path))


def test_a_name_drawn_into_a_scanner_slice_is_blanked(tmp_path: Path) -> None:
    """Letters with soft edges, no brighter than bone: no grey value betrays them."""
    [path] = ct_series(tmp_path / "ct", slices=1, rows=256, columns=256)
    dataset = pydicom.dcmread(path)
    stored = dataset.pixel_array.copy()
    letters = Image.new("L", (256, 256))
    font = ImageFont.truetype(FONT, 16)
    ImageDraw.Draw(letters).text((90, 120), "WANG FANG 1960", fill=255, font=font)
    share = np.asarray(letters) / 255
    drawn = np.rint(stored * (1 - share) + stored.max() * share).astype(stored.dtype)
    dataset.PixelData = drawn.tobytes()
    dataset.save_as(path)
    released = only(run([path], tmp_path / "o"))
    assert released.pixels.state is PixelState.BLANKED
    ink = np.asarray(letters) > 100
    assert (load_pixels(released.target)[0][ink] == stored.min()).mean() > 0.98


def test_reports_lose_their_texts_and_documents_are_withheld(tmp_path: Path) -> None:
    item = Dataset()
    item.RelationshipType, item.ValueType, item.TextValue = "CONTAINS", "TEXT", "Mrs Sample is well"
    report = text_report(tmp_path / "sr.dcm", ContentSequence=Sequence([item]))
    result = cleaned(report, tmp_path / "o")
    assert "ample" not in result.ContentSequence[0].TextValue
    document = text_report(tmp_path / "pdf.dcm")
    dataset = pydicom.dcmread(document)
    dataset.EncapsulatedDocument = b"%PDF-1.4 Sample "
    dataset.save_as(document)
    [found] = run([document], tmp_path / "o")
    assert isinstance(found, Withheld)


def test_overlays_hidden_in_unused_bits_are_cleared(tmp_path: Path) -> None:
    pixels = phantom().astype(np.uint16) | np.uint16(0x8000)
    path = chest_radiograph(tmp_path / "a.dcm", pixels=pixels, bits_stored=12)
    dataset = pydicom.dcmread(path)
    dataset.add_new(0x60000100, "US", 16)
    dataset.add_new(0x60000102, "US", 15)
    dataset.save_as(path)
    result = cleaned(path, tmp_path / "o")
    assert not (np.frombuffer(result.PixelData, np.uint16) & 0xF000).any()


def test_archives_are_opened_and_other_files_rejected(tmp_path: Path) -> None:
    path = chest_radiograph(tmp_path / "in" / "a.dcm")
    (tmp_path / "in" / "notes.txt").write_text("Sample^Sam was here", encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "in" / "b.zip", "w") as archive:
        archive.write(chest_radiograph(tmp_path / "z.dcm", seed=2), "z.dcm")
    found = run([tmp_path / "in"], tmp_path / "o")
    assert sorted(type(each).__name__ for each in found) == ["Rejected", "Released", "Released"]
    assert path.is_file()
    [rejected] = [each for each in found if isinstance(each, Rejected)]
    assert rejected.source.endswith("notes.txt")


def test_names_of_outputs_give_nothing_away(tmp_path: Path) -> None:
    path = chest_radiograph(tmp_path / "Sample Sam.dcm", PatientID="SAM-1")
    target = only(run([path], tmp_path / "o")).target
    assert "sam" not in target.relative_to(tmp_path / "o").as_posix().lower()


def test_profiles_are_words_that_add_up() -> None:
    assert Profile.parse("basic").options == {Option.CLEAN_PIXELS}
    assert Option.DEVICE in Profile.parse("research, device")
    for wrong in ("bascic", "full-dates,modified-dates"):
        with pytest.raises(WrongUsage):
            Profile.parse(wrong)


def test_a_key_file_is_made_once_and_read_again(chinese_path: Path) -> None:
    path = chinese_path / "密钥" / "key"
    first = Key.load_or_create(path)
    assert Key.load_or_create(path) == first
    assert first.secret.hex() not in repr(first)
    path.write_text("not a key", encoding="utf-8")
    with pytest.raises(WrongUsage):
        Key.load_or_create(path)


@given(st.dates(), st.integers(-3650, -365))
def test_shifted_dates_keep_their_distances(day: Any, days: int) -> None:
    text = f"{day:%Y%m%d}".rjust(8, "0")
    moved = shifted(text, days)
    assert moved == "" or (pydicom.valuerep.DA(text) - pydicom.valuerep.DA(moved)).days == -days


def test_what_is_no_date_becomes_empty() -> None:
    assert [shifted(text, -1) for text in ("", "2024", "20241399", "yesterday")] == [""] * 4
