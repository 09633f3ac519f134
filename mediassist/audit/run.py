"""A whole audit: tables in, figures, checks and documents out."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import mediassist
from mediassist.audit.analyses import AnalyserFactory, Progress
from mediassist.audit.audit_log import (
    LOG_FILE,
    LoggedRun,
    append_run,
    cases_sha256,
    looked_before,
    read_log,
    sha256_of,
    timestamp,
)
from mediassist.audit.case import Case
from mediassist.audit.cases_table import cases_csv
from mediassist.audit.document import AuditRun, ExcludedCase, audit_document
from mediassist.audit.figures import audit
from mediassist.audit.gathering import Gathered, findings_of, gather, reference_standard
from mediassist.audit.installed import InstalledBundles
from mediassist.audit.outcome import ImageFacts
from mediassist.audit.predictions import read_predictions, read_truth
from mediassist.audit.result import AuditOptions, AuditResult
from mediassist.audit.safeguards import (
    CaseOfFinding,
    Safeguard,
    duplicates,
    patients_across_labels,
    seen_in_training,
)
from mediassist.audit.shortcut import shortcut_check
from mediassist.audit.targets import Targets
from mediassist.core.errors import WrongUsage
from mediassist.core.messages import Message, say
from mediassist.core.provenance import Provenance
from mediassist.report.atomic import write_whole
from mediassist.settings import Settings
from mediassist.text import Words, words

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The clock of the program; tests and reproducible runs inject another."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRequest:
    """What was asked for.

    Attributes
    ----------
    manifest, predictions : exactly one of them.
    bundles : ids; empty means every installed bundle for the manifest's findings.
    apart : analyse in another process also where one worker is enough, as the window must.
    analyser : opens what analyses a case; default is the program's one path.
    """

    out: Path
    manifest: Path | None = None
    predictions: Path | None = None
    bundles: tuple[str, ...] = ()
    targets: Targets = field(default_factory=Targets)
    options: AuditOptions = field(default_factory=AuditOptions)
    workers: int = 1
    apart: bool = False
    lang: str = "en"
    analyser: AnalyserFactory | None = None


def run_audit(
    request: AuditRequest,
    progress: Progress = lambda done, total: None,
    *,
    clock: Clock = utc_now,
    settings: Settings | None = None,
) -> AuditRun:
    """Audit and write audit.json, cases.csv, audit.html and audit.pdf into `request.out`.

    Raises
    ------
    WrongUsage
        If a table can't be understood or nothing is to be audited.
    BundleMissing, BundleDamaged
        If a bundle that was asked for can't be used.
    OutputNotWritable
        If the results can't be written.
    """
    source = request.manifest or request.predictions
    if source is None or (request.manifest is not None and request.predictions is not None):
        raise WrongUsage(
            say("audit_one_table", "Name either a manifest of images or a table of predictions.")
        )
    known = settings or Settings()
    installed = InstalledBundles(known, request.bundles)
    gathered = (
        _analysed(request, request.manifest, installed, progress)
        if request.manifest is not None
        else _predicted(request, source, installed)
    )
    return audit_gathered(
        request, gathered, Source(source.name, sha256_of(source)), installed, known, clock
    )


@dataclass(frozen=True, slots=True)
class Source:
    """Where the truth comes from: a name for people, and a hash of its content."""

    name: str
    sha256: str


def audit_gathered(
    request: AuditRequest,
    gathered: Gathered,
    source: Source,
    installed: InstalledBundles,
    settings: Settings,
    clock: Clock = utc_now,
    more_checks: Sequence[Safeguard] = (),
) -> AuditRun:
    """Figures, checks and documents of cases that are known; see `run_audit` for what it raises."""
    if not gathered.cases:
        raise WrongUsage(say("audit_empty", "{path} names no case.", path=source.name))
    findings = {case.finding for case in gathered.cases}
    known_pictures = installed.seen(findings) if gathered.facts else ()
    seen_check, seen = seen_in_training(gathered.cases, gathered.facts, known_pictures)
    reason = say("audit_excluded_seen", "Used in training or calibration of a bundle.")
    kept, left_out = _parted(gathered.cases, seen)
    if not kept:
        raise WrongUsage(
            say(
                "audit_all_seen",
                "All {cases} cases of {path} were used in training or calibration of a bundle: "
                "nothing is left that could prove anything.",
                cases=len(left_out),
                path=source.name,
            )
        )
    result = audit(kept, request.targets, request.options, _parted(gathered.silent, seen)[0])
    moment = clock()
    logged = _logged(result, gathered, source.sha256, moment)
    log = settings.data_dir / LOG_FILE
    run = AuditRun(
        result=result,
        source=source.name,
        source_sha256=source.sha256,
        provenance=_provenance(moment),
        bundles=gathered.bundles,
        safeguards=(
            seen_check,
            duplicates(gathered.facts),
            patients_across_labels(kept),
            *_shortcuts(kept, gathered.facts, request.options.seed),
            looked_before(*read_log(log), logged),
            *gathered.checks,
            *more_checks,
        ),
        excluded=tuple(ExcludedCase(case.case, case.finding, reason) for case in left_out),
        pictures=gathered.pictures,
        reference=gathered.reference,
    )
    append_run(log, logged)
    write_audit(run, kept, [(case, reason) for case in left_out], request.out, words(request.lang))
    return run


def _parted(cases: Sequence[Case], seen: frozenset[CaseOfFinding]) -> tuple[list[Case], list[Case]]:
    """Cases that are new to the bundles, and those that are not."""
    kept: list[Case] = []
    left_out: list[Case] = []
    for case in cases:
        (left_out if (case.case, case.finding) in seen else kept).append(case)
    return kept, left_out


def write_audit(
    run: AuditRun,
    cases: Sequence[Case],
    excluded: Sequence[tuple[Case, Message]],
    out: Path,
    worded: Words,
) -> None:
    """All documents of one audit, each there whole or not at all."""
    from mediassist.audit.html import audit_html
    from mediassist.audit.pdf import audit_pdf

    document = audit_document(run, worded.message)
    write_whole(
        out / "audit.json", (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()
    )
    rows = [(case, worded.message(reason)) for case, reason in excluded]
    write_whole(out / "cases.csv", cases_csv(cases, rows, worded.message))
    write_whole(out / "audit.html", audit_html(run, out / "gallery", worded))
    write_whole(out / "audit.pdf", audit_pdf(run, out / "gallery", worded))


def _predicted(request: AuditRequest, source: Path, installed: InstalledBundles) -> Gathered:
    cases = list(read_predictions(source, installed.only_finding()))
    return Gathered(cases, {}, (), reference=reference_standard(read_truth(source)))


def _analysed(
    request: AuditRequest, manifest: Path, installed: InstalledBundles, progress: Progress
) -> Gathered:
    factory = request.analyser or installed.analyser_for(findings_of(manifest, installed))
    return gather(
        manifest,
        request.out,
        installed,
        factory,
        request.workers,
        progress,
        apart=request.apart,
    )


def _shortcuts(
    cases: Sequence[Case], facts: dict[str, ImageFacts], seed: int
) -> tuple[Safeguard, ...]:
    by_finding: dict[str, list[Case]] = {}
    for case in cases:
        by_finding.setdefault(case.finding, []).append(case)
    return tuple(shortcut_check(rows, facts, seed) for rows in by_finding.values())


def _logged(result: AuditResult, gathered: Gathered, digest: str, moment: datetime) -> LoggedRun:
    return LoggedRun(
        timestamp(moment),
        digest,
        cases_sha256(gathered.cases, gathered.facts),
        tuple((one.id, one.sha256) for one in gathered.bundles),
        tuple(
            (one.finding, pair.t_low, pair.t_high)
            for one in result.findings
            for pair in one.thresholds
        ),
        (result.targets.detection, result.targets.false_negative, result.targets.false_positive),
        tuple((one.finding, one.verdict.value) for one in result.findings),
    )


def _provenance(moment: datetime) -> Provenance:
    return Provenance(
        mediassist_version=mediassist.__version__,
        created=moment,
        platform=f"{platform.system()} {platform.machine()}",
        python=".".join(str(part) for part in sys.version_info[:3]),
        libraries=tuple((name, metadata.version(name)) for name in ("numpy", "scipy")),
    )
