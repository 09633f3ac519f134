"""Site thresholds: counted in patients, written as a bundle that is still trusted."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from mediassist.audit.installed import InstalledBundles
from mediassist.audit.outcome import BundleOutcome, CaseOutcome, ImageFacts
from mediassist.audit.site_calibration import (
    CARD,
    CalibrationRequest,
    SiteCalibration,
    TooFewCases,
    calibrate,
)
from mediassist.audit.task import PathTask
from mediassist.core.errors import WrongUsage
from mediassist.core.messages import say
from mediassist.core.operating_point import PromiseKind
from mediassist.core.vocabulary import Verdict
from mediassist.models.registry import find_bundle, verify_bundle
from mediassist.settings import Settings
from tests.audit.tables import write_table
from tests.models.bundle_builder import BUNDLE_ID, build_bundle

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def named_score(task: PathTask, gallery: Path) -> CaseOutcome:
    """The file's name is its probability."""
    if task.path.stem == "refused":
        score, verdict = None, Verdict.NOT_APPLICABLE
    else:
        score, verdict = float(task.path.stem), Verdict.REVIEW
    return CaseOutcome(
        results=(
            BundleOutcome(
                bundle=BUNDLE_ID,
                version="0.0.1",
                sha256="ab" * 32,
                finding="lung_opacity",
                verdict=verdict,
                probability=score,
                reason=None if score is not None else say("odd", "This is odd."),
            ),
        ),
        facts=ImageFacts(images=1, file_sha256=task.path.name),
    )


def open_named_score() -> partial[CaseOutcome]:
    return partial(named_score)


def calibrated(folder: Path, positives: int, negatives: int, **block: object) -> SiteCalibration:
    bundles = folder / "权重"
    (bundles / "gate" / "configs").mkdir(parents=True)
    (bundles / "gate" / "configs" / "metadata.json").touch()
    build_bundle(bundles, **block)
    scores = [
        *((f"0.{500 + i}1", 1) for i in range(positives)),
        *((f"0.{100 + i}", 0) for i in range(negatives)),
        ("refused", 1),
    ]
    rows = [
        {"case": name, "path": f"{name}.png", "label": label, "patient": name}
        for name, label in scores
    ]
    for row in rows:
        (folder / str(row["path"])).touch()
    request = CalibrationRequest(
        manifest=write_table(folder / "清单.csv", rows),
        bundle=BUNDLE_ID,
        out=folder / "新",
        analyser=open_named_score,
    )
    settings = Settings(bundles_dir=bundles, data_dir=folder / "data")
    return calibrate(request, lambda: NOW, settings=settings)


def test_two_thirds_set_the_thresholds_and_one_third_measures(chinese_path: Path) -> None:
    found = calibrated(chinese_path, 150, 150)
    assert (found.point.promise.kind, found.point.promise.n) == (PromiseKind.MARGINAL, 100)
    assert (found.positives, found.negatives, found.left_out) == (150, 150, 1)
    rates = dict(found.point.rates)
    assert rates["detection"].denominator == 50
    assert rates["false_negative"].denominator == 50
    assert found.point.t_low is not None
    assert found.point.t_low <= found.point.t_high


def test_the_new_version_is_a_sound_bundle_whose_card_goes_on(chinese_path: Path) -> None:
    rule = {"picture_kinds": ["chest"], "min_probability": 0.5, "max_ood": 1.0}
    found = calibrated(chinese_path, 60, 60, gate=rule)
    root = found.folder.parent
    verify_bundle(BUNDLE_ID, root)
    info = find_bundle(BUNDLE_ID, root)
    assert info.version == "0.0.1+site.20261124"
    assert info.block.operating_point.t_high == found.point.t_high
    assert info.block.operating_point.to_core() == found.point
    site = info.document["mediassist"]["site_calibration"]
    assert site["before"]["version"] == "0.0.1"
    assert site["positive_patients"] == 60
    card = (found.folder / CARD).read_text("utf-8")
    assert "## Site calibration" in card and "清单.csv" in card
    # An audit of the new version leaves out what set its thresholds.
    (seen,) = InstalledBundles(Settings(bundles_dir=root), (BUNDLE_ID,)).seen({info.block.finding})
    assert {f"0.{500 + i}1.png" for i in range(60)} <= set(seen.files_sha256)
    # The folder is one to work with: what the bundle asks stands beside it.
    assert (root / "gate" / "configs" / "metadata.json").is_file()
    # The installed bundle is as it was.
    assert find_bundle(BUNDLE_ID, chinese_path / "权重").version == "0.0.1"


@pytest.mark.parametrize(("positives", "negatives"), [(44, 100), (100, 28)])
def test_too_few_patients_are_refused_with_the_number_needed(
    chinese_path: Path, positives: int, negatives: int
) -> None:
    with pytest.raises(TooFewCases, match="at least 45 and 29 are needed"):
        calibrated(chinese_path, positives, negatives)
    assert not (chinese_path / "新" / BUNDLE_ID).exists()


def test_a_bundle_without_verdicts_has_no_thresholds(chinese_path: Path) -> None:
    with pytest.raises(WrongUsage, match="gives no verdicts"):
        calibrated(chinese_path, 50, 50, marks_only=True)
