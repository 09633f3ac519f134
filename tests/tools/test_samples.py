"""The sample studies and their generator: valid, true, small, and the same bytes every time."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.fileset import FileSet

from tools.samples.__main__ import main
from tools.samples.breast_us import Lump, Probe, breast_clip
from tools.samples.chest import Film, cardiothoracic_ratio, chest
from tools.samples.head_ct import Bleed, Scan, head_ct
from tools.samples.objects.base import uid
from tools.samples.truth import Box

SAMPLES = Path(__file__).resolve().parents[2] / "sample_studies"
DOMAINS = {"brain", "lung", "eye", "bone", "heart", "breast"}


def _images() -> list[Path]:
    return sorted(p for p in SAMPLES.glob("*/*") if p.is_file())


def _truth() -> list[dict[str, Any]]:
    text = json.loads((SAMPLES / "truth.json").read_text(encoding="utf-8"))
    assert text["simulated"] is True
    studies: list[dict[str, Any]] = text["studies"]
    return studies


def _digest(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_study_made_twice_has_the_same_bytes_and_is_the_one_in_the_repository(
    tmp_path: Path,
) -> None:
    first, second = tmp_path / "第一次", tmp_path / "第二次"
    for out in (first, second):
        assert main(["--out", str(out), "--only", "BREAST_M"]) == 0
    assert _digest(first) == _digest(second)
    assert _digest(first / "BREAST_M") == _digest(SAMPLES / "BREAST_M")


def test_every_domain_has_a_normal_and_an_abnormal_study() -> None:
    seen: dict[str, set[bool]] = {}
    for study in _truth():
        seen.setdefault(study["domain"], set()).add(any(study["findings"].values()))
    assert seen == {domain: {True, False} for domain in DOMAINS}


def test_truth_names_files_that_exist_and_boxes_lie_within_their_frames() -> None:
    for study in _truth():
        found = {}
        for path in sorted((SAMPLES / study["folder"]).iterdir()):
            ds = pydicom.dcmread(path, stop_before_pixels=True)
            assert ds.StudyInstanceUID == study["study_uid"]
            assert ds.PatientID == study["patient_id"]
            found[ds.SOPInstanceUID] = ds
        present = {key for key, value in study["findings"].items() if value}
        assert {lesion["finding"] for lesion in study["lesions"]} == present
        for lesion in study["lesions"]:
            ds = found[lesion["sop_instance_uid"]]
            x, y, width, height = lesion["box"]
            assert 0 <= x < x + width <= ds.Columns
            assert 0 <= y < y + height <= ds.Rows
            assert 1 <= lesion["frame"] <= int(ds.get("NumberOfFrames", 1))


def test_the_bleed_in_truth_is_bright_where_it_is_said_to_be() -> None:
    study = next(s for s in _truth() if s["findings"].get("intracranial_haemorrhage"))
    lesion = max(study["lesions"], key=lambda item: item["volume_ml"])
    for path in (SAMPLES / study["folder"]).iterdir():
        ds = pydicom.dcmread(path)
        if ds.SOPInstanceUID != lesion["sop_instance_uid"]:
            continue
        hu = ds.pixel_array + float(ds.RescaleIntercept)
        x, y, width, height = lesion["box"]
        inner = hu[y + height // 3 : y + 2 * height // 3, x + width // 3 : x + 2 * width // 3]
        assert 55 <= inner.mean() <= 75
        row = (lesion["centre_lps_mm"][1] - ds.ImagePositionPatient[1]) / ds.PixelSpacing[0]
        column = (lesion["centre_lps_mm"][0] - ds.ImagePositionPatient[0]) / ds.PixelSpacing[1]
        assert x <= column <= x + width
        assert y <= row <= y + height
        assert float(ds.ImagePositionPatient[2]) == lesion["centre_lps_mm"][2]
        return
    pytest.fail("the slice of the largest bleed is not in the folder")


def test_every_file_says_that_it_is_simulated() -> None:
    for path in _images():
        ds = pydicom.dcmread(path, stop_before_pixels=True)
        assert "SIMULATED" in ds.PatientID
        assert "SIMULATED" in ds.StudyDescription
        assert "SIMULATED" in ds.ImageComments


def test_every_file_decodes_to_the_announced_size() -> None:
    syntaxes = set()
    for path in _images():
        ds = pydicom.dcmread(path)
        syntaxes.add(ds.file_meta.TransferSyntaxUID.name)
        pixels = ds.pixel_array
        assert pixels.shape[-2:] == (ds.Rows, ds.Columns) or pixels.shape == (
            ds.Rows,
            ds.Columns,
            3,
        )
        assert pixels.std() > 5
    assert len(syntaxes) == 5


def test_the_lossy_photograph_admits_it() -> None:
    lossy = [
        ds
        for path in _images()
        if (ds := pydicom.dcmread(path, stop_before_pixels=True)).LossyImageCompression == "01"
    ]
    assert len(lossy) == 1
    assert lossy[0].LossyImageCompressionMethod == "ISO_10918_1"
    assert float(lossy[0].LossyImageCompressionRatio) > 1


def test_the_chinese_name_reads_back() -> None:
    names = [
        ds.PatientName
        for path in _images()
        if (ds := pydicom.dcmread(path, stop_before_pixels=True)).SpecificCharacterSet == "GB18030"
    ]
    assert [name.ideographic for name in names] == ["张^伟"]
    assert [name.alphabetic for name in names] == ["Zhang^Wei"]


def test_one_film_is_monochrome1_and_one_study_has_many_frames() -> None:
    headers = [pydicom.dcmread(path, stop_before_pixels=True) for path in _images()]
    assert sum(ds.PhotometricInterpretation == "MONOCHROME1" for ds in headers) == 1
    assert sum(int(ds.get("NumberOfFrames", 1)) > 1 for ds in headers) == 1


def test_ct_slices_stand_five_millimetres_apart_without_a_gap() -> None:
    for folder in ("BRAIN_N", "BRAIN_H"):
        heights = sorted(
            float(pydicom.dcmread(p, stop_before_pixels=True).ImagePositionPatient[2])
            for p in (SAMPLES / folder).iterdir()
        )
        assert len(heights) >= 20
        assert np.allclose(np.diff(heights), 5.0)


def test_the_dicomdir_leads_to_every_file_and_keeps_the_chinese_name() -> None:
    listed = FileSet(SAMPLES / "DICOMDIR")
    assert {Path(item.path) for item in listed} == set(_images())
    names = {str(item.PatientName) for item in listed}
    assert "Zhang^Wei=张^伟" in names


def test_the_folder_stays_small() -> None:
    total = sum(path.stat().st_size for path in SAMPLES.rglob("*") if path.is_file())
    assert total <= 40 * 2**20


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dciodvfy (dicom3tools) is missing")
def test_dciodvfy_finds_no_error() -> None:
    complaints = []
    for path in [*_images(), SAMPLES / "DICOMDIR"]:
        if path.name[3:] not in ("001", "012", "OMDIR"):
            continue  # slices of one series differ in pixels and position only
        done = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
        complaints += [
            f"{path.parent.name}/{path.name}: {line}"
            for line in (done.stderr + done.stdout).splitlines()
            if line.startswith("Error")
        ]
    assert complaints == []


def test_uids_depend_on_their_text_alone_and_fit_the_standard() -> None:
    assert uid("a", 1) == uid("a", 1) != uid("a", 2)
    assert len(uid("a", 1)) <= 64


def test_a_box_mirrors_to_itself_after_two_flips() -> None:
    mask = np.zeros((20, 30), bool)
    mask[3:7, 5:15] = True
    box = Box.around(mask)
    assert box == Box(5, 3, 10, 4)
    assert box.mirrored(30).mirrored(30) == box


def test_a_larger_heart_measures_larger() -> None:
    small = cardiothoracic_ratio(chest("size", Film("chest_adult", 256, 256)))
    large = cardiothoracic_ratio(chest("size", Film("chest_adult", 256, 256, heart=1.7)))
    assert large > small + 0.05


def test_a_bleed_adds_blood_only_where_its_mask_is() -> None:
    spec = Bleed(12.0, 27.0, 2.0, 16.0, 66.0)
    scan = head_ct("blood", Scan(11, 13, 128, 1.8, 0.0, 0.0, 1.0, spec))
    assert scan.bleed is not None
    assert 58 < scan.hu[scan.bleed].mean() < 72
    assert scan.hu.min() == -1000


def test_a_clip_moves_and_its_box_follows_the_lump() -> None:
    clip = breast_clip("clip", Probe(160, 180, 0.2), Lump.FIBROADENOMA, frames=3)
    assert clip.frames.shape == (3, 160, 180)
    middles = [box.x + box.width / 2 for box in clip.boxes if box is not None]
    assert len(middles) == 3
    assert middles == sorted(middles, reverse=True)
