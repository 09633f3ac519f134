"""Both thresholds set anew on a site's own cases, with a promise that counts its patients.

A bundle's promise holds for patients like those it was calibrated on; another hospital is another
population. Patients are split: two thirds set the thresholds, one third measures what came out,
so that the new card's rates are not those of the cases that chose the thresholds.
"""

from __future__ import annotations

import functools
import json
import math
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from mediassist.audit.analyses import AnalyserFactory, BundleAnalyser, Progress
from mediassist.audit.audit_log import sha256_of
from mediassist.audit.case import Case, Unit
from mediassist.audit.columns import Columns
from mediassist.audit.gathering import gather
from mediassist.audit.installed import InstalledBundles
from mediassist.audit.outcome import ImageFacts
from mediassist.audit.safeguards import seen_in_training
from mediassist.core.errors import TooFewCases as TooFewCases
from mediassist.core.errors import WrongUsage
from mediassist.core.messages import say
from mediassist.core.operating_point import OperatingPoint, Promise
from mediassist.models.bundle import BundleInfo, file_sha256, write_metadata
from mediassist.report.atomic import whole_folder
from mediassist.settings import Settings
from mediassist.statistics.estimate import BoolArray, FloatArray
from mediassist.statistics.folds import patient_folds
from mediassist.statistics.thresholds import FEWEST_POSITIVES, operating_point
from mediassist.statistics.verdict_rates import verdict_rates, verdicts_at

CARD = "docs/README.md"
_HASHES = "configs/training_pictures.json"  # where the bundle has no such file yet

_PARTS = 3  # one of them measures, the others set the thresholds
_FEWEST_NEGATIVES = 19  # a marginal bound of 5 % needs as many


@dataclass(frozen=True, slots=True)
class SiteCalibration:
    """What was set, on whom, and what was measured on the patients held out."""

    bundle: str
    version: str
    folder: Path
    point: OperatingPoint
    high_promise: Promise
    positives: int
    negatives: int
    left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationRequest:
    """`out` receives a folder named after the bundle; `analyser` is replaced in tests."""

    manifest: Path
    bundle: str
    out: Path
    workers: int = 1
    analyser: AnalyserFactory | None = None


@dataclass(frozen=True, slots=True)
class _Columns:
    positive: BoolArray
    probability: FloatArray
    patient: Sequence[str]

    def rows(self, keep: BoolArray) -> _Columns:
        chosen = [name for name, inside in zip(self.patient, keep.tolist(), strict=True) if inside]
        return _Columns(self.positive[keep], self.probability[keep], chosen)


def calibrate(
    request: CalibrationRequest,
    clock: Callable[[], datetime],
    progress: Progress = lambda done, total: None,
    settings: Settings | None = None,
) -> SiteCalibration:
    """Set thresholds on the manifest's cases and write a new version of the bundle.

    Raises
    ------
    TooFewCases
        With how many patients more are needed.
    BundleMissing, BundleDamaged
        If the bundle can't be used.
    WrongUsage
        If the manifest can't be understood, or the bundle gives no verdicts.
    """
    known = settings or Settings()
    installed = InstalledBundles(known, (request.bundle,))
    info = installed.only()
    if info.block.marks_only:
        raise WrongUsage(
            say(
                "calibrate_marks_only",
                "{bundle} shows candidates and gives no verdicts: it has no thresholds to set.",
                bundle=info.id,
            )
        )
    work = request.out / f"{info.id}-cases"
    factory = request.analyser or functools.partial(BundleAnalyser, (info.id,), known)
    gathered = gather(request.manifest, work, installed, factory, request.workers, progress)
    _, seen = seen_in_training(gathered.cases, gathered.facts, installed.seen({info.block.finding}))
    usable = [
        case
        for case in gathered.cases
        if (case.case, case.finding) not in seen and case.score is not None
    ]
    columns = _columns(usable)
    setting, measuring = _split(columns)
    moment = clock()
    text = f"{request.manifest.name}, {moment.date().isoformat()}"
    point, bound = operating_point(
        setting.positive, setting.probability, setting.patient, measured_on=text
    )
    measured = _measured(measuring, point)
    found = SiteCalibration(
        info.id,
        f"{info.version}+site.{moment:%Y%m%d}",
        request.out / info.id,
        measured,
        bound,
        len({name for name, yes in zip(columns.patient, columns.positive, strict=True) if yes}),
        len({name for name, yes in zip(columns.patient, columns.positive, strict=True) if not yes}),
        len(gathered.cases) - len(usable),
    )
    pictures = [gathered.facts[case.case] for case in usable]
    _write(info, found, pictures, sha256_of(request.manifest), moment)
    _bring_gate(info, installed.gate(), request.out)
    return found


def _columns(cases: Sequence[Case]) -> _Columns:
    """One row a study, as the audit counts: its most alarming image speaks."""
    studies = Columns.of(cases, Unit.PATIENT).by_study()
    return _Columns(
        studies.positive,
        studies.score,
        [case.unit_name(Unit.PATIENT) for case in studies.cases],
    )


def _split(columns: _Columns) -> tuple[_Columns, _Columns]:
    """Patients that set the thresholds, and patients that measure them."""
    positives = {name for name, yes in zip(columns.patient, columns.positive, strict=True) if yes}
    negatives = set(columns.patient) - positives
    share = (_PARTS - 1) / _PARTS
    needed = math.ceil(FEWEST_POSITIVES / share), math.ceil(_FEWEST_NEGATIVES / share)
    if len(positives) < needed[0] or len(negatives) < needed[1]:
        raise TooFewCases(
            say(
                "calibrate_too_few",
                "{positives} positive and {negatives} negative patients could be judged; at least "
                "{needed_positives} and {needed_negatives} are needed. With {marginal} positive "
                "patients at most 1 % are missed on average, with {high} in 95 of 100 sites.",
                positives=len(positives),
                negatives=len(negatives),
                needed_positives=needed[0],
                needed_negatives=needed[1],
                marginal=math.ceil(99 / share),
                high=math.ceil(299 / share),
            )
        )
    measuring = patient_folds(columns.positive, columns.patient, _PARTS) == 0
    return columns.rows(~measuring), columns.rows(measuring)


def _measured(columns: _Columns, point: OperatingPoint) -> OperatingPoint:
    verdicts = verdicts_at(columns.probability, point.t_low, point.t_high)
    rates = verdict_rates(columns.patient, columns.positive, verdicts)
    names = ("detection", "false_negative", "false_positive", "review_load", "cleared_yield")
    return OperatingPoint(
        point.t_low,
        point.t_high,
        point.promise,
        tuple((name, getattr(rates, name)) for name in names),
        point.measured_on,
    )


def _write(
    info: BundleInfo,
    found: SiteCalibration,
    pictures: Sequence[ImageFacts],
    manifest: str,
    moment: datetime,
) -> None:
    """The bundle's folder with new thresholds, its card extended, sealed again.

    `pictures` join those that the bundle has seen: an audit leaves them out.
    """
    old = info.block.operating_point
    document = json.loads(json.dumps(info.document))
    block = document["mediassist"]
    document["version"] = found.version
    document.setdefault("changelog", {})[found.version] = "Thresholds set on a site's own cases."
    block["operating_point"] = {
        "t_low": found.point.t_low,
        "t_high": found.point.t_high,
        "promise": _promise(found.point.promise),
        "rates": {name: asdict(rate) for name, rate in found.point.rates},
        "measured_on": found.point.measured_on,
    }
    block["site_calibration"] = {
        "made": moment.isoformat(timespec="seconds"),
        "manifest_sha256": manifest,
        "positive_patients": found.positives,
        "negative_patients": found.negatives,
        "cases_left_out": found.left_out,
        "promise_high": _promise(found.high_promise),
        "before": {
            "version": info.version,
            "sha256": info.sha256,
            "t_low": old.t_low,
            "t_high": old.t_high,
        },
    }
    with whole_folder(found.folder) as making:
        shutil.copytree(info.folder, making, dirs_exist_ok=True)
        card = making / CARD
        before = card.read_text(encoding="utf-8") if card.is_file() else f"# {info.block.title}\n"
        card.parent.mkdir(parents=True, exist_ok=True)
        card.write_text(before + _card(info, found), encoding="utf-8", newline="\n")
        block["files"][CARD] = file_sha256(card)
        hashes = str(block.setdefault("data", {}).setdefault("picture_hashes", _HASHES))
        _add_hashes(making / hashes, pictures)
        block["files"][hashes] = file_sha256(making / hashes)
        write_metadata(making, document)


def _bring_gate(info: BundleInfo, gate: Path, out: Path) -> None:
    """The gate that the bundle asks stands beside it, so that `out` is a bundles folder."""
    target = out / gate.name
    if info.block.gate is None or not gate.is_dir() or target.exists():
        return
    with whole_folder(target) as making:
        shutil.copytree(gate, making, dirs_exist_ok=True)


def _add_hashes(path: Path, pictures: Sequence[ImageFacts]) -> None:
    """Sorted, so that the order says nothing of labels."""
    stored: dict[str, Any] = {"content": {"hashes": []}, "perceptual": {"hashes": []}}
    if path.is_file():
        stored = json.loads(path.read_text(encoding="utf-8"))
    for kind, codes in (
        ("content", {picture.file_sha256 for picture in pictures}),
        ("perceptual", {picture.perceptual_hash for picture in pictures}),
    ):
        known = codes.union(stored[kind]["hashes"]) - {""}
        stored[kind]["hashes"] = sorted(known)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8", newline="\n")


def _promise(promise: Promise) -> dict[str, Any]:
    return {**asdict(promise), "kind": promise.kind.value}


def _card(info: BundleInfo, found: SiteCalibration) -> str:
    """The model card is English, as the rest of it."""
    promise, low = found.point.promise, found.point.t_low
    alpha = "nothing is promised" if promise.alpha is None else f"{100 * promise.alpha:.2f} %"
    cleared = "nothing is cleared" if low is None else f"cleared below {low:.6g}"
    lines = [
        "",
        f"## Site calibration: version {found.version}",
        "",
        f"Thresholds were set again on a site's own cases ({found.point.measured_on}): "
        f"{found.positives} positive and {found.negatives} negative patients; two thirds set the "
        f"thresholds, one third measured the rates below. {found.left_out} cases were left out "
        "(refused, or used in training). Before: "
        f"version {info.version}, seal {info.sha256[:16]}.",
        "",
        f"Flagged from {found.point.t_high:.6g}, {cleared}. Promise about missed positives: "
        f"{promise.kind.value}, at most {alpha}, from {promise.n} patients; it holds for this "
        "site's patients only. All other figures of this card are those of the version before.",
        "",
        "| rate | value | counts | 95 % interval |",
        "| --- | --- | --- | --- |",
    ]
    for name, rate in found.point.rates:
        value = "-" if rate.value is None else f"{rate.value:.3f}"
        counts = f"{rate.numerator}/{rate.denominator}"
        lines.append(f"| {name} | {value} | {counts} | {rate.low:.3f}-{rate.high:.3f} |")
    return "\n".join(lines) + "\n"
