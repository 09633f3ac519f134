"""A bundle's audit manifest, written from the test split of its data."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

from tools.performance.test_sets import BundleTest, PictureSet, Row
from tools.performance.volumes import cine_series, ct_series, head_series

COLUMNS = (
    *("case", "path", "label", "finding", "patient", "side", "study", "modality", "body_part"),
    *("view", "laterality", "lesions", "reference", "source"),
)


def write_manifest(test: BundleTest, data: Path, work: Path) -> Path:
    """manifest.csv in `work`; DICOM series are written beside it where the data are no pictures."""
    work.mkdir(parents=True, exist_ok=True)
    rows = [row for one in test.sets for row in _rows(one, test.finding, data, work)]
    groups = sorted({name for row in rows for name in row} - set(COLUMNS))
    path = work / "manifest.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, [*COLUMNS, *groups], restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def _rows(one: PictureSet, finding: str, data: Path, work: Path) -> Iterator[dict[str, str]]:
    folder = data / one.folder
    if one.kind == "ct_volume":
        yield from _volumes(one, finding, folder, work)
        return
    boxes = _boxes(one, folder)
    if one.kind == "ct_slices":
        yield from _heads(one, finding, folder, work, boxes)
        return
    done: set[str] = set()
    for row in _test_split(folder / "manifest.csv"):
        positive = one.truth(row)
        if positive is None:
            continue
        if one.kind == "cine":
            if row["patient"] in done:
                continue
            done.add(row["patient"])
            path = cine_series(folder, row["patient"], work / "dicom")
            name = row["patient"]
        else:
            path, name = folder / row["file"], Path(row["file"]).stem
        yield {
            **_stated(one, row),
            "case": f"{one.folder.replace('/', '-')}-{name}",
            "path": path.resolve().as_posix(),
            "label": str(int(positive)),
            "finding": finding,
            "lesions": _lesions(one, row, folder, boxes, positive=positive),
        }


def _stated(one: PictureSet, row: Row) -> dict[str, str]:
    """What a header would say; a DICOM series says it itself."""
    side = row[one.side][:1].upper() if one.side else ""
    stated = {
        "patient": row["patient"],
        "side": side,
        "source": row[one.source],
        **{name: row[name] for name in one.more_groups},
    }
    if one.kind != "picture":
        return stated
    view = row[one.view].upper() if one.view else ""
    return stated | {
        "modality": one.modality,
        "body_part": one.body_part,
        "view": "AP" if view.startswith("AP") else view,
        "laterality": side,
    }


def _volumes(one: PictureSet, finding: str, folder: Path, work: Path) -> Iterator[dict[str, str]]:
    for row in _test_split(folder / "volumes.csv"):
        if row["kind"] != "whole_chest_crop":
            continue
        path, lesions = ct_series(folder, row, work / "dicom")
        yield {
            "case": row["patient"],
            "path": path.resolve().as_posix(),
            "label": str(int(bool(one.truth(row)))),
            "finding": finding,
            "patient": row["patient"],
            "lesions": json.dumps(lesions),
            "source": row["dataset"],
        }


def _heads(
    one: PictureSet, finding: str, folder: Path, work: Path, boxes: dict[str, list[list[float]]]
) -> Iterator[dict[str, str]]:
    """One case a patient: positive with any slice that is."""
    heads: dict[str, list[Row]] = {}
    for row in _test_split(folder / "manifest.csv"):
        if one.truth(row) is not None:
            heads.setdefault(row["patient"], []).append(row)
    for patient, rows in heads.items():
        rows.sort(key=lambda row: int(row["slice"]))
        path = head_series(folder, patient, [row["file"] for row in rows], work / "dicom")
        positive = any(one.truth(row) for row in rows)
        lesions = [
            [*box, place, place]
            for place, row in enumerate(rows)
            for box in boxes.get(row["file"], [])
        ]
        yield {
            **_stated(one, rows[0]),
            "case": patient,
            "path": path.resolve().as_posix(),
            "label": str(int(positive)),
            "finding": finding,
            "lesions": json.dumps(lesions) if positive and lesions else "",
        }


def _test_split(table: Path) -> Iterator[Row]:
    with table.open(encoding="utf-8-sig", newline="") as stream:
        yield from (row for row in csv.DictReader(stream) if row["split"] == "test")


def _boxes(one: PictureSet, folder: Path) -> dict[str, list[list[float]]]:
    if not one.boxes:
        return {}
    found: dict[str, list[list[float]]] = {}
    with (folder / one.boxes).open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            if one.box_rule is not None and row[one.box_rule[0]] not in one.box_rule[1]:
                continue
            if "w" in row:
                x, y, w, h = (float(row[name]) for name in ("x", "y", "w", "h"))
                box = [x, y, x + w, y + h]
            else:
                box = [float(row[name]) for name in ("x0", "y0", "x1", "y1")]
            found.setdefault(row["file"], []).append(box)
    return found


def _lesions(
    one: PictureSet, row: Row, folder: Path, boxes: dict[str, list[list[float]]], *, positive: bool
) -> str:
    """Boxes, or the mask's path; empty where nothing is drawn, which is not: no lesion."""
    if not positive:
        return ""
    if one.masks and row.get("mask"):
        return (folder / row["mask"]).resolve().as_posix()
    return json.dumps(boxes[row["file"]]) if row.get("file") in boxes else ""
