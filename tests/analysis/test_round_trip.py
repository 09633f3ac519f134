"""Training pictures made into DICOM and read back through the product score as in training."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mediassist.analysis import Analyzer
from mediassist.models.loaded import LoadedBundle
from mediassist.models.registry import find_bundle
from mediassist.settings import Settings
from mediassist.statistics.probability import ProbabilityMap
from tests.analysis.scan_builder import ct_scan, mr_scan

MOST = 0.02


def pictures(folder: Path, **wanted: str) -> tuple[list[str], list[NDArray[np.uint8]]]:
    """The slices of the first test patient who fits, feet to head."""
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["split"] == "test"]
    rows = [row for row in rows if all(row[name] == value for name, value in wanted.items())]
    mine = [row for row in rows if row["patient"] == rows[0]["patient"]]
    mine.sort(key=lambda row: int(row["slice"]))
    return [row["file"] for row in mine], [
        np.asarray(Image.open(folder / row["file"]).convert("L")) for row in mine
    ]


def differences(bundle_id: str, folder: Path, data_dir: Path, greys: list[Any]) -> NDArray[Any]:
    """Probability of each picture through the product less that of the picture itself."""
    settings = Settings(data_dir=data_dir)
    info = find_bundle(bundle_id, settings.bundles_dir)
    bundle = LoadedBundle.load(info, data_dir / "graphs")
    outputs = bundle.runtime.predict(np.concatenate([bundle.prepare(grey) for grey in greys]))
    mapped = ProbabilityMap.from_dict(info.block.probability_map.model_dump())
    direct = mapped.apply(outputs[0][:, 0].astype(float))
    (result,) = Analyzer([bundle_id], settings=settings).analyze([folder])
    through = [score.probability for score in result.results[0].image_scores]
    assert len(through) == len(direct), result.results[0].refusal
    return np.asarray(through) - direct


@pytest.mark.parametrize("scan_label", ["hemorrhage", "no_hemorrhage"])
def test_a_head_scan_in_hounsfield_units_scores_as_its_pictures(
    shared: Path, chinese_path: Path, scan_label: str
) -> None:
    _need("brain_intracranial_haemorrhage_ct")
    _, found = pictures(
        shared / "datasets/brain/ct_hemorrhage", whole_scan="1", scan_label=scan_label
    )
    grey = np.stack(found[4:24])
    hu = np.round(grey / 255 * 120 - 20).astype(np.int16)
    hu[grey == 0] = -1000
    ct_scan(chinese_path / "study", hu)
    off = differences(
        "brain_intracranial_haemorrhage_ct",
        chinese_path / "study",
        chinese_path / "data",
        [each.astype(np.float32) / 255 for each in grey],
    )
    assert float(np.abs(off).max()) <= MOST


def test_mr_slices_in_another_unit_score_as_their_pictures(
    shared: Path, chinese_path: Path
) -> None:
    _need("brain_tumour_mr")
    _, found = pictures(shared / "datasets/brain/mr_glioma", sequence="flair")
    grey = np.stack(found)
    mr_scan(chinese_path / "study", grey.astype(np.uint16) * 7, series="AX FLAIR")
    off = differences(
        "brain_tumour_mr",
        chinese_path / "study",
        chinese_path / "data",
        [each.astype(np.float32) / 255 for each in grey],
    )
    assert float(np.abs(off).max()) <= MOST


def _need(bundle_id: str) -> None:
    if not (Settings().bundles_dir / bundle_id).is_dir():
        pytest.skip(f"{bundle_id} is not installed")
