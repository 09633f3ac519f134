"""Every file of the shared collection: same values as two other decoders, or a plain reason."""

from __future__ import annotations

import csv
import hashlib
import time
from pathlib import Path

import numpy as np
import pytest

from mediassist.core.errors import MediAssistError
from mediassist.core.study import Series, Study
from mediassist.dicom import find_studies, load_pixels
from mediassist.dicom.display import display_picture, load_frame
from mediassist.dicom.syntaxes import LOSSY
from mediassist.dicom.volume import plan_volumes


@pytest.fixture(scope="module")
def corpus(shared: Path) -> Path:
    folder = shared / "dicom"
    if not (folder / "index.csv").is_file():
        pytest.skip("shared/dicom with its index is not there")
    return folder


def rows(table: Path) -> list[dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_stored_values_agree_with_the_other_decoders(corpus: Path) -> None:
    wrong = []
    for row in rows(corpus / "index.csv"):
        if row["expect"] != "decodes" or not row["pixel_sha256"]:
            continue
        try:
            pixels = load_pixels(corpus / row["path"])
        except MediAssistError as error:
            wrong.append(f"{row['path']}: {error}")
            continue
        little = pixels.astype(pixels.dtype.newbyteorder("<"), copy=False)
        digest = hashlib.sha256(little.tobytes()).hexdigest()
        # Lossy decoders may differ by 2; those need the reference's values, which a hash lacks.
        is_lossy = row["transfer_syntax"] in LOSSY
        if digest != row["pixel_sha256"] and not is_lossy:
            wrong.append(f"{row['path']}: other values")
    assert wrong == []


def test_no_file_does_anything_but_decode_or_give_a_reason(corpus: Path) -> None:
    slow = []
    for row in rows(corpus / "index.csv"):
        path = corpus / row["path"]
        started = time.monotonic()
        try:
            picture = display_picture(load_frame(path))
        except MediAssistError as error:
            assert row["path"].rsplit("/", 1)[-1] in str(error)
            assert row["expect"] != "decodes", f"{row['path']}: {error}"
        else:
            assert row["expect"] != "no-pixels", row["path"]
            assert np.isfinite(picture).all()
        seconds = time.monotonic() - started
        if seconds > 10:
            slow.append((row["path"], seconds))
    assert slow == []


def test_geometry_agrees_with_the_reference_wherever_the_series_is_sound(corpus: Path) -> None:
    checked = 0
    found: dict[tuple[str, str], Series] = {}
    table = [row for row in rows(corpus / "volumes.csv") if row["status"] == "ok"]
    for folder in {row["dir"] for row in table}:
        for study in find_studies([corpus / folder]):
            if isinstance(study, Study):
                found |= {(folder, series.series_uid): series for series in study.series}
    for row in table:
        checked_mm = float(row["header_check_mm"] or 99)
        series = found.get((row["dir"], row["series_uid"]))
        if checked_mm > 0.001 or series is None:
            continue
        # Three decimals of header_check_mm: the reference itself may be 0.0005 mm further off.
        tolerance_mm = 1e-3 if checked_mm == 0 else checked_mm + 5e-4
        assert corner_distance_mm(row, series) < tolerance_mm, row["dir"]
        checked += 1
    assert checked >= 20


def corner_distance_mm(row: dict[str, str], series: Series) -> float:
    """Largest distance of a volume corner from the nearest corner of the reference."""
    affine = np.array(row["affine_LPS"].split(), dtype=float).reshape(3, 4)
    shape = [int(part) for part in row["shape"].split("x")][:3]
    wanted = corners(affine, shape)
    distances = []
    for stack in plan_volumes(series).stacks:
        first = stack.slices[0].instance
        ours = corners(stack.affine_lps[:3], [len(stack.slices), first.rows, first.columns])
        between = np.linalg.norm(wanted[:, None] - ours[None], axis=2)
        distances.append(max(between.min(axis=0).max(), between.min(axis=1).max()))
    return float(min(distances))


def corners(affine: np.ndarray, shape: list[int]) -> np.ndarray:
    ends = np.array([[i, j, k] for i in (0, 1) for j in (0, 1) for k in (0, 1)])
    return (ends * (np.array(shape) - 1)) @ affine[:, :3].T + affine[:, 3]


def test_the_whole_collection_is_scanned_into_studies(corpus: Path) -> None:
    found = list(find_studies([corpus]))
    studies = [each for each in found if isinstance(each, Study)]
    assert len(studies) > 300
    assert sum(len(s.instances) for study in studies for s in study.series) > 800
    assert all(study.study_uid for study in studies)
