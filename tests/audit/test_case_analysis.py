"""Real files through the one path, with a tiny bundle."""

from __future__ import annotations

import json
from pathlib import Path

import nibabel
import numpy as np
import pytest
from PIL import Image

from mediassist.audit import AuditOptions, AuditRequest, run_audit
from mediassist.audit.lesions import mask_lesions
from mediassist.core.errors import WrongUsage
from mediassist.models.bundle import METADATA, file_sha256, write_metadata
from mediassist.settings import Settings
from tests.audit.tables import write_table
from tests.dicom.builder import chest_radiograph
from tests.models.bundle_builder import BUNDLE_ID, build_bundle


def record_seen(bundle: Path, picture: Path) -> None:
    """As training does: a bundle names the pictures that it was made from."""
    name = "configs/training_pictures.json"
    hashes = {
        "content": {"hashes": [file_sha256(picture)]},
        "perceptual": {"hashes": ["0123456789abcdef"]},
    }
    (bundle / name).write_text(json.dumps(hashes), encoding="utf-8")
    document = json.loads((bundle / METADATA).read_text("utf-8"))
    document["mediassist"]["files"][name] = file_sha256(bundle / name)
    document["mediassist"]["data"] = {"picture_hashes": name}
    write_metadata(bundle, document)


def test_dicom_and_pictures_take_the_same_path_and_seen_ones_are_left_out(
    chinese_path: Path,
) -> None:
    bundles = chinese_path / "权重"
    bundles.mkdir()
    point = {
        "t_low": 0.0,
        "t_high": 1e-9,  # flags everything: the negatives must come into the gallery
        "promise": {"kind": "marginal", "alpha": 0.01, "delta": None, "n": 134},
    }
    learnt = np.random.default_rng(1).integers(0, 255, (90, 80), dtype=np.uint8)
    Image.fromarray(learnt).save(chinese_path / "学过.png")
    record_seen(build_bundle(bundles, operating_point=point), chinese_path / "学过.png")
    chest_radiograph(chinese_path / "胸片.dcm")
    grey = np.random.default_rng(0).integers(0, 255, (90, 80), dtype=np.uint8)
    Image.fromarray(grey).save(chinese_path / "胸片.png")
    (chinese_path / "broken.dcm").write_bytes(b"no image")
    rows = [
        {"case": name, "path": path, "label": label, "modality": modality, "body_part": "CHEST"}
        for name, path, label, modality in (
            ("dicom", "胸片.dcm", 1, ""),
            ("picture", "胸片.png", 0, "DX"),
            ("picture without modality", "胸片.png", 0, ""),
            ("broken", "broken.dcm", 0, ""),
            ("absent", "absent.dcm", 1, ""),
            ("seen", "学过.png", 1, "DX"),
        )
    ]
    table = write_table(chinese_path / "清单.csv", rows)
    run = run_audit(
        AuditRequest(
            out=chinese_path / "out",
            manifest=table,
            bundles=(BUNDLE_ID,),
            options=AuditOptions(resamples=20),
        ),
        settings=Settings(bundles_dir=bundles, data_dir=chinese_path / "data"),
    )
    (one,) = run.result.findings
    assert one.finding == "lung_opacity"
    assert dict(one.flow)["positive_flagged"] == 1
    assert dict(one.flow)["negative_flagged"] == 1
    assert one.failed == 3
    text = (chinese_path / "out" / "cases.csv").read_text("utf-8-sig")
    assert "must state its modality" in text
    assert "absent.dcm does not exist" in text
    assert [one.case for one in run.excluded] == ["seen"]
    assert "Used in training or calibration" in text
    (shown,) = run.pictures
    assert shown.case == "picture" and shown.score is not None
    with Image.open(chinese_path / "out" / "gallery" / shown.file) as picture:
        assert max(picture.size) == 512


def test_lesion_masks_give_a_box_for_each_part(chinese_path: Path) -> None:
    mask = np.zeros((50, 40), dtype=np.uint8)
    mask[5:10, 5:15] = 255
    mask[30:40, 20:30] = 255
    Image.fromarray(mask).save(chinese_path / "mask.png")
    # The image is twice as large as its mask.
    assert [each.box for each in mask_lesions(chinese_path / "mask.png", 100, 80)] == [
        (10.0, 10.0, 29.0, 19.0),
        (40.0, 60.0, 59.0, 79.0),
    ]
    with pytest.raises(WrongUsage, match="mask"):
        mask_lesions(chinese_path / "absent.png", 10, 10)


def test_nifti_takes_the_same_path_with_its_geometry(chinese_path: Path) -> None:
    bundles = chinese_path / "权重"
    bundles.mkdir()
    point = {
        "t_low": 0.0,
        "t_high": 1e-9,
        "promise": {"kind": "marginal", "alpha": 0.01, "delta": None, "n": 134},
    }
    build_bundle(bundles, operating_point=point)
    grey = np.random.default_rng(0).integers(0, 255, (80, 90, 1), dtype=np.uint8)
    nibabel.save(nibabel.Nifti1Image(grey, np.eye(4)), chinese_path / "胸片.nii.gz")
    mask = np.zeros((20, 20, 4), dtype=np.uint8)
    mask[5:10, 5:10, 1:3] = 1
    nibabel.save(nibabel.Nifti1Image(mask, np.diag([-1, -1, 1, 1])), chinese_path / "面罩.nii")
    (lesion,) = mask_lesions(chinese_path / "面罩.nii", 20, 20)
    assert (lesion.first_slice, lesion.last_slice) == (1, 2)
    rows = [
        {
            "case": "a",
            "path": "胸片.nii.gz",
            "label": 1,
            "modality": "DX",
            "body_part": "CHEST",
            "view": "PA",
        }
    ]
    run = run_audit(
        AuditRequest(
            out=chinese_path / "out",
            manifest=write_table(chinese_path / "清单.csv", rows),
            bundles=(BUNDLE_ID,),
            options=AuditOptions(resamples=20),
        ),
        settings=Settings(bundles_dir=bundles, data_dir=chinese_path / "data"),
    )
    (one,) = run.result.findings
    assert dict(one.flow)["positive_flagged"] == 1


def test_a_mask_of_several_slices_gives_lesions_with_their_slices(chinese_path: Path) -> None:
    mask = np.zeros((4, 20, 20), dtype=np.uint8)
    mask[1:3, 5:10, 5:10] = 255
    mask[3, 15:18, 15:18] = 255
    pages = [Image.fromarray(page) for page in mask]
    pages[0].save(chinese_path / "面罩.tif", save_all=True, append_images=pages[1:])
    first, second = mask_lesions(chinese_path / "面罩.tif", 20, 20)
    assert (first.first_slice, first.last_slice) == (1, 2)
    assert (second.box, second.first_slice) == ((15.0, 15.0, 17.0, 17.0), 3)
    assert first.holds_slice(2) and not first.holds_slice(3)
