"""Each bundle's audit manifest comes from the test split of its data and nothing else."""

from __future__ import annotations

import csv
from pathlib import Path

from PIL import Image

from mediassist.audit.manifest import read_manifest
from mediassist.audit.result import RATE_NAMES
from mediassist.core.study import Study
from mediassist.core.vocabulary import FINDINGS
from mediassist.dicom import find_studies
from tools.performance.manifests import write_manifest
from tools.performance.page import Measured, page
from tools.performance.test_sets import TESTS, BundleTest, PictureSet, among
from tools.performance.volumes import cine_series, head_series


def rate(numerator: int, denominator: int) -> dict[str, object]:
    value = numerator / denominator if denominator else None
    return {
        "value": value,
        "numerator": numerator,
        "denominator": denominator,
        "low": 0.0,
        "high": 1.0,
        "one_sided_bound": 0.5,
        "with_refused": {
            **{"value": value, "numerator": numerator, "denominator": denominator},
            "one_sided_bound": 0.4,
        },
    }


def measured(bundle: str, verdict: str, detected: int) -> Measured:
    unknown = {"value": None, "low": 0.0, "high": 1.0}
    lesion = {"false_marks_per_image": 1.0, "detection": rate(7, 9)}
    finding = {
        **{"verdict": verdict, "positives": 10, "negatives": 5, "cases": 15, "failed": 0},
        **{"not_applicable": 0, "refused": [], "thresholds": [], "subgroups": []},
        "auc": {"value": 0.9, "low": 0.8, "high": 0.95},
        **{name: unknown for name in ("auc_cases", "brier", "calibration_error")},
        "coverage": rate(15, 15),
        "rates": {name: rate(detected, 10) for name in RATE_NAMES},
        # Ten patients with twelve pictures.
        "study_rates": {name: rate(detected, 10) for name in RATE_NAMES},
        "case_rates": {name: rate(detected, 12) for name in RATE_NAMES},
        "targets": {"detection": {"target": 0.95, "verdict": "not_met", "more_cases": 82}},
        "predictive_values": [{"prevalence": 0.01, "ppv": unknown, "npv": unknown}],
        "lesions": None
        if verdict != "marks_only"
        else {
            **{"lesions": 9, "images": 5, "hit_rule": "centre", "mean_detection": unknown},
            **{"detection_at": [lesion, lesion, lesion], "as_shown": lesion},
        },
    }
    return Measured(bundle, "1.0", TESTS[bundle], finding, [], {})


def test_the_weakest_bundle_stands_first_and_candidates_have_no_rates() -> None:
    text = page(
        [
            measured("eye_cataract_fundus", "not_met", 9),
            measured("bone_fracture_xray", "not_met", 4),
            measured("heart_coronary_stenosis_xa", "marks_only", 0),
        ],
        ["lung_moon_xray"],
        "command",
        "2026-11-24",
    )
    rows = [line for line in text.splitlines() if line.startswith("| [")]
    assert [row.split("](")[0][3:] for row in rows] == [
        "heart_coronary_stenosis_xa",
        "bone_fracture_xray",
        "eye_cataract_fundus",
    ]
    assert "lesions at 1 false mark: 77.8 % (7/9)" in rows[0] and "marks only" in rows[0]
    assert "lung_moon_xray" in text
    detection = next(line for line in text.splitlines() if line.startswith("| detection rate"))
    assert "&gt; 95 %: not met; 82 more without an error would prove it" in detection
    assert "by case |" in text and "by study" not in text


def test_only_the_test_split_and_only_what_has_a_truth_is_audited(chinese_path: Path) -> None:
    folder = chinese_path / "eye" / "dr"
    folder.mkdir(parents=True)
    rows = [
        {"file": f"{name}.png", "patient": name, "split": split, "label": label, "source": "s"}
        for name, split, label in (
            ("a", "test", "ill"),
            ("b", "test", "well"),
            ("c", "test", "odd"),
            ("d", "train", "ill"),
        )
    ]
    for row in rows:
        Image.new("L", (8, 8)).save(folder / row["file"])
    with (folder / "manifest.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    (folder / "boxes.csv").write_text("file,x,y,w,h\na.png,1,2,3,4\n", encoding="utf-8")
    one = PictureSet(
        folder="eye/dr",
        truth=among("label", ("ill",), ("well",)),
        modality="OP",
        boxes="boxes.csv",
    )
    test = BundleTest(finding="glaucoma", sets=(one,), truth_words="")
    cases = list(read_manifest(write_manifest(test, chinese_path, chinese_path / "出")))
    assert [(case.patient, case.positive) for case in cases] == [("a", True), ("b", False)]
    assert cases[0].lesions is not None and cases[0].lesions[0].box == (1.0, 2.0, 4.0, 6.0)
    assert cases[0].path.is_file() and cases[1].lesions is None


def test_every_entry_fits_its_data(shared: Path, chinese_path: Path) -> None:
    for bundle, test in TESTS.items():
        assert test.finding in FINDINGS
        if any(one.kind != "picture" for one in test.sets):
            continue
        manifest = write_manifest(test, shared / "datasets", chinese_path / bundle)
        cases = list(read_manifest(manifest))
        assert cases and all(case.path.is_file() for case in cases)
        assert any(case.positive for case in cases)


def test_a_stopped_run_does_not_write_a_series_again(shared: Path, chinese_path: Path) -> None:
    folder = shared / "datasets" / "brain" / "ct_hemorrhage"
    with (folder / "manifest.csv").open(encoding="utf-8") as stream:
        rows = [each for each in csv.DictReader(stream) if each["split"] == "test"]
    patient = rows[0]["patient"]
    files = [row["file"] for row in rows if row["patient"] == patient][:3]
    target = head_series(folder, patient, files, chinese_path)
    before = {path: path.stat().st_mtime_ns for path in target.iterdir()}
    assert head_series(folder, patient, files, chinese_path) == target
    assert {path: path.stat().st_mtime_ns for path in target.iterdir()} == before
    (study,) = find_studies([target])
    assert isinstance(study, Study)
    assert len(study.series[0].instances) == 3


def test_a_cine_stack_becomes_one_series_of_both_phases(shared: Path, chinese_path: Path) -> None:
    folder = shared / "datasets" / "cardio" / "mr_cine"
    with (folder / "manifest.csv").open(encoding="utf-8") as stream:
        row = next(each for each in csv.DictReader(stream) if each["split"] == "test")
    (study,) = find_studies([cine_series(folder, row["patient"], chinese_path)])
    assert isinstance(study, Study)
    (series,) = study.series
    assert len(series.instances) == 2 * int(row["slices"])
