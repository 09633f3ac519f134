"""Studies are found wherever they hide, and everything else is told apart with a reason."""

from __future__ import annotations

import io
import os
import random
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from mediassist.core.errors import (
    LimitExceeded,
    NoImages,
    NoStudy,
    UnreadableFile,
    WrongUsage,
)
from mediassist.core.study import Rejected, SpacingSource, Study
from mediassist.dicom import find_studies, load_pixels
from tests.dicom import builder


def split(found: Iterable[Study | Rejected]) -> tuple[list[Study], list[Rejected]]:
    everything = list(found)
    return (
        [each for each in everything if isinstance(each, Study)],
        [each for each in everything if isinstance(each, Rejected)],
    )


def zipped(folder: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder))
    return target


def dicomdir(path: Path, file_ids: list[list[str]]) -> Path:
    dataset = Dataset()
    records = []
    for parts in file_ids:
        record = Dataset()
        record.DirectoryRecordType = "IMAGE"
        record.ReferencedFileID = parts
        records.append(record)
    dataset.DirectoryRecordSequence = Items(records)
    dataset.SOPClassUID = "1.2.840.10008.1.3.10"
    return builder.write(dataset, path)


def test_a_folder_of_mixed_studies_is_grouped(chinese_path: Path) -> None:
    builder.chest_radiograph(chinese_path / "a" / "胸部.dcm", seed=1)
    builder.ct_series(chinese_path / "b", seed=2)
    builder.text_report(chinese_path / "c" / "sr", seed=2)
    (chinese_path / "README.txt").write_text("hello, this is no image")
    (chinese_path / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(500))
    (chinese_path / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    studies, rejected = split(find_studies([chinese_path]))
    assert [study.images for study in studies] == [1, 6]
    assert [series.modality for series in studies[1].series] == ["CT", "SR"]
    assert not studies[1].series[1].instances[0].has_pixels
    assert sorted(Path(each.source).name for each in rejected) == ["README.txt", "photo.jpg"]
    assert all("is not a DICOM file" in str(each.error) for each in rejected)


def test_header_facts_reach_the_study(chinese_path: Path) -> None:
    path = builder.chest_radiograph(chinese_path / "x.dcm")
    ((study,), _) = split(find_studies([path]))
    (series,) = study.series
    (instance,) = series.instances
    assert (study.patient.name, study.patient.sex, study.patient.age_years) == (
        "Sample, Sam",
        "F",
        64.0,
    )
    assert str(study.study_date) == "2024-03-05"
    assert (series.modality, series.body_part) == ("DX", "CHEST")
    assert series.presentation_intent == "FOR PRESENTATION"
    assert (instance.rows, instance.columns, instance.view_position) == (96, 80, "PA")
    assert instance.spacing is not None
    assert instance.spacing.source is SpacingSource.DETECTOR


@pytest.mark.parametrize("depth", [1, 2])
def test_zip_archives_are_opened_nested_ones_too(chinese_path: Path, depth: int) -> None:
    """nroduit/Weasis#576."""
    builder.ct_series(chinese_path / "源" / "序列")
    archive = zipped(chinese_path / "源", chinese_path / "一.zip")
    for level in range(1, depth):
        holder = chinese_path / f"level{level}"
        holder.mkdir()
        archive = zipped(holder / archive.rename(holder / "in.bin").parent, chinese_path / "二.zip")
    work = chinese_path / "work"
    work.mkdir()
    ((study,), rejected) = split(find_studies([archive], work_dir=work))
    assert not rejected
    assert study.images == 6
    instance = study.series[0].instances[0]
    assert "!/" in instance.source
    assert work in instance.path.parents
    assert load_pixels(instance.path).shape == (1, 48, 40)


def test_without_a_work_folder_nothing_is_left_behind(chinese_path: Path) -> None:
    builder.chest_radiograph(chinese_path / "s" / "x.dcm")
    archive = zipped(chinese_path / "s", chinese_path / "a.zip")
    temporary = chinese_path / "tmp"
    temporary.mkdir()
    code = (
        "import sys; from mediassist.dicom import find_studies, load_pixels\n"
        "study, = find_studies([sys.argv[1]])\n"
        "print(load_pixels(study.series[0].instances[0].path).shape)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(archive)],
        env=os.environ | {"TMPDIR": str(temporary), "TEMP": str(temporary)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "(1, 96, 80)"
    assert list(temporary.iterdir()) == []


def test_a_zip_bomb_is_refused_with_a_bounded_folder(chinese_path: Path) -> None:
    archive = chinese_path / "bomb.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out, out.open("IM1", "w") as member:
        for _ in range(100):
            member.write(bytes(1 << 20))
    work = chinese_path / "work"
    work.mkdir()
    _, rejected = split(find_studies([archive], work_dir=work))
    assert isinstance(rejected[0].error, LimitExceeded)
    assert "bomb.zip" in str(rejected[0].error)
    assert list(work.iterdir()) == []


def test_archives_nested_without_end_are_refused(chinese_path: Path) -> None:
    inner = b"not reached"
    for _ in range(6):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as out:
            out.writestr("in.zip", inner)
        inner = buffer.getvalue()
    (chinese_path / "a.zip").write_bytes(inner)
    _, rejected = split(find_studies([chinese_path / "a.zip"]))
    assert any(isinstance(each.error, LimitExceeded) for each in rejected)


@pytest.mark.parametrize(
    "name", ["../../evil.dcm", "/etc/evil.dcm", "C:\\evil.dcm", "a\\..\\..\\b"]
)
def test_members_that_lead_out_of_the_archive_are_refused(name: str, chinese_path: Path) -> None:
    image = builder.chest_radiograph(chinese_path / "x.dcm").read_bytes()
    archive = chinese_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr(name, image)
        out.writestr("good.dcm", image)
    work = chinese_path / "work"
    work.mkdir()
    studies, rejected = split(find_studies([archive], work_dir=work))
    assert studies[0].images == 1
    assert [each.error.message.code for each in rejected] == ["zip_path_outside"]
    assert not (chinese_path.parent / "evil.dcm").exists()


def test_a_damaged_archive_is_rejected_and_the_rest_goes_on(chinese_path: Path) -> None:
    (chinese_path / "a.zip").write_bytes(b"PK\x03\x04" + bytes(200))
    builder.chest_radiograph(chinese_path / "x.dcm")
    studies, rejected = split(find_studies([chinese_path]))
    assert studies[0].images == 1
    assert isinstance(rejected[0].error, UnreadableFile)
    assert "damaged zip" in str(rejected[0].error)


def test_a_dicomdir_gives_the_files_it_lists_whatever_their_case(chinese_path: Path) -> None:
    builder.chest_radiograph(chinese_path / "images" / "im1")
    builder.chest_radiograph(chinese_path / "not_listed.dcm", seed=2)
    path = dicomdir(chinese_path / "DICOMDIR", [["IMAGES", "IM1"], ["IMAGES", "IM2"]])
    studies, rejected = split(find_studies([path]))
    assert [study.images for study in studies] == [1]
    assert "listed in" in str(rejected[0].error)


def test_a_dicomdir_within_a_folder_tells_what_is_missing(chinese_path: Path) -> None:
    builder.chest_radiograph(chinese_path / "im1")
    dicomdir(chinese_path / "DICOMDIR", [["IM1"], ["IM2"]])
    studies, rejected = split(find_studies([chinese_path]))
    assert [study.images for study in studies] == [1]
    assert "lists 2 files, of which 1 are not there" in str(rejected[0].error)


def test_a_dicomdir_cannot_lead_out_of_its_folder(chinese_path: Path) -> None:
    builder.chest_radiograph(chinese_path / "secret.dcm")
    path = dicomdir(chinese_path / "disc" / "DICOMDIR", [["..", "SECRET.DCM"]])
    studies, _ = split(find_studies([path]))
    assert studies == []


def test_a_folder_without_images_says_so(chinese_path: Path) -> None:
    _, rejected = split(find_studies([chinese_path]))
    assert isinstance(rejected[0].error, NoImages)


def test_a_missing_path_is_refused_before_anything_is_read(chinese_path: Path) -> None:
    with pytest.raises(WrongUsage, match="does not exist"):
        find_studies([chinese_path / "缺"])


def test_slices_come_in_order_of_geometry_when_numbers_lie(chinese_path: Path) -> None:
    paths = builder.ct_series(chinese_path / "ct")
    order = list(range(len(paths)))
    random.Random(3).shuffle(order)
    for path, number in zip(paths, order, strict=True):
        raw = path.read_bytes()
        old = b"\x20\x00\x13\x00IS\x02\x00" + f"{paths.index(path) + 1:<2d}".encode()
        assert old in raw
        path.write_bytes(raw.replace(old, old[:-2] + f"{number + 1:<2d}".encode()))
    ((study,), _) = split(find_studies([chinese_path]))
    heights = [instance.position_mm[2] for instance in study.series[0].instances]
    assert heights == sorted(heights)


def test_a_scanner_that_counts_from_the_head_down_is_followed(chinese_path: Path) -> None:
    builder.ct_series(chinese_path, step_mm=-5.0)
    ((study,), _) = split(find_studies([chinese_path]))
    assert [instance.instance_number for instance in study.series[0].instances] == [
        1,
        2,
        3,
        4,
        5,
        6,
    ]


def test_a_copy_is_left_out_and_said(chinese_path: Path) -> None:
    path = builder.chest_radiograph(chinese_path / "a.dcm")
    (chinese_path / "b.dcm").write_bytes(path.read_bytes())
    ((study,), _) = split(find_studies([chinese_path]))
    assert study.images == 1
    assert [warning.code for warning in study.warnings] == ["duplicate_left_out"]


def test_a_file_named_twice_is_no_copy_of_itself(chinese_path: Path) -> None:
    builder.chest_radiograph(chinese_path / "胸片.dcm")
    (study,) = find_studies([chinese_path, chinese_path / "胸片.dcm"])
    assert isinstance(study, Study)
    assert not study.warnings


def test_of_two_copies_the_cut_one_is_left_out(chinese_path: Path) -> None:
    whole = builder.chest_radiograph(chinese_path / "b.dcm")
    (chinese_path / "a.dcm").write_bytes(whole.read_bytes()[:-4000])
    ((study,), _) = split(find_studies([chinese_path]))
    assert [instance.path.name for instance in study.series[0].instances] == ["b.dcm"]


def test_two_images_that_share_a_uid_are_both_kept(chinese_path: Path) -> None:
    builder.chest_radiograph(chinese_path / "a.dcm", SOPInstanceUID="1.2.3", InstanceNumber=1)
    builder.chest_radiograph(chinese_path / "b.dcm", SOPInstanceUID="1.2.3", InstanceNumber=2)
    ((study,), _) = split(find_studies([chinese_path]))
    assert study.images == 2
    assert [warning.code for warning in study.warnings] == ["uid_used_twice"]


def test_missing_uids_are_made_up_the_same_every_time(chinese_path: Path) -> None:
    builder.chest_radiograph(
        chinese_path / "a.dcm", StudyInstanceUID=None, SeriesInstanceUID=None, SOPInstanceUID=None
    )
    ((first,), _) = split(find_studies([chinese_path]))
    ((second,), _) = split(find_studies([chinese_path]))
    assert first == second
    assert first.study_uid.startswith("2.25.")
    assert [warning.code for warning in first.warnings] == ["uid_made_up"]


def test_an_object_of_no_patient_is_no_study(chinese_path: Path) -> None:
    builder.text_report(chinese_path / "palette.dcm", StudyInstanceUID=None)
    studies, rejected = split(find_studies([chinese_path / "palette.dcm"]))
    assert studies == []
    assert isinstance(rejected[0].error, NoStudy)
    assert "Convert" not in str(rejected[0].error.advice)


def test_bad_header_values_never_stop_a_scan(chinese_path: Path) -> None:
    """bastula/dicompyler#119."""
    builder.chest_radiograph(
        chinese_path / "a.dcm",
        PatientAge=b"XXXX",
        PatientBirthDate=b"19991399",
        StudyDate=b"yesterday!",
        StudyTime=b"25:99.",
        ImagerPixelSpacing=b"0,2\\zero",
        WindowCenter=b"much",
        PatientName=b"\xff\xfe\xfd^\x1b$B\xff",
    )
    ((study,), _) = split(find_studies([chinese_path]))
    assert (study.study_date, study.patient.birth_date, study.patient.age_years) == (
        None,
        None,
        None,
    )
    assert study.series[0].instances[0].spacing is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are a POSIX thing")
def test_a_named_pipe_in_a_folder_does_not_block(chinese_path: Path) -> None:
    os.mkfifo(chinese_path / "pipe")
    builder.chest_radiograph(chinese_path / "a.dcm")
    studies, _ = split(find_studies([chinese_path]))
    assert studies[0].images == 1


def test_a_damaged_count_of_frames_is_no_count_of_images(chinese_path: Path) -> None:
    """Two thousand million images in a file of 8 kB would drown every other number."""
    builder.chest_radiograph(chinese_path / "x.dcm", NumberOfFrames=2_000_000_000)
    (study,) = find_studies([chinese_path])
    assert isinstance(study, Study)
    assert study.images == 1
