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


def test_every_file_gives_the_reference_s_values_or_a_reason(corpus: Path) -> None:
    wrong, slow = [], []
    for row in rows(corpus / "index.csv"):
        started = time.monotonic()
        complaint = complaint_about(corpus / row["path"], row)
        if complaint:
            wrong.append(f"{row['path']}: {complaint}")
        if time.monotonic() - started > 60:  # 2 s on a computer that does nothing else
            slow.append(row["path"])
    assert (wrong, slow) == ([], [])


def complaint_about(path: Path, row: dict[str, str]) -> str:
    """What is wrong with our reading of a file; empty if nothing is."""
    is_damaged = row["path"].startswith("made/broken/")
    try:
        pixels = load_pixels(path)
        try:
            picture = display_picture(load_frame(path))
        except MediAssistError:
            if not is_damaged:
                raise
            picture = pixels
    except MediAssistError as error:
        if path.name not in str(error):
            return f"the reason does not name the file: {error}"
        return str(error) if row["expect"] == "decodes" else ""
    if row["expect"] == "no-pixels":
        return "a picture came out of a file without pixels"
    if not np.isfinite(picture).all():
        return "the picture holds values that are no numbers"
    little = pixels.astype(pixels.dtype.newbyteorder("<"), copy=False)
    digest = hashlib.sha256(little.tobytes()).hexdigest()
    # Lossy decoders may differ by 2, which a hash cannot tell.
    is_exact = row["pixel_sha256"] and row["transfer_syntax"] not in LOSSY
    return "other values" if is_exact and digest != row["pixel_sha256"] else ""


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
