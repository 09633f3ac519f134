"""One run of the acquisition check from the command line: study by study, then the summary."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from mediassist.analysis.acquisition_json import acquisition_json
from mediassist.analysis.acquisition_models import ModelFit, model_fits
from mediassist.analysis.findings_json import message_json
from mediassist.analysis.result import study_key
from mediassist.cli.exit_codes import ExitCode
from mediassist.cli.progress import spinner
from mediassist.cli.tables import plain_table
from mediassist.cli.terminal import Terminal
from mediassist.core.acquisition import AcquisitionCheck, Outcome, worst
from mediassist.core.errors import WrongUsage
from mediassist.core.messages import say
from mediassist.core.study import Rejected, Study
from mediassist.dicom import find_studies
from mediassist.dicom.acquisition import AcquisitionSummary, check_study, with_own_rules
from mediassist.dicom.acquisition.wording import protocol_title
from mediassist.models import list_bundles
from mediassist.models.bundle import BundleInfo

SCHEMA_VERSION = "1.0"

_STYLES = {Outcome.PASS: "green", Outcome.WARN: "yellow", Outcome.FAIL: "bold red"}
_MOST_RATES_SHOWN = 40


class CheckRun:
    """Checks studies one by one, shows each, and keeps what the JSON document needs.

    Raises
    ------
    WrongUsage
        A rule file can't be used, or there is no such protocol.
    """

    def __init__(
        self,
        terminal: Terminal,
        *,
        own_rules: tuple[Path, ...] = (),
        protocol: str | None = None,
        pixels: bool = True,
    ) -> None:
        self._terminal = terminal
        self._protocols = with_own_rules(own_rules)
        self._forced = protocol
        self._pixels = pixels
        self._bundles = [entry for entry in list_bundles() if isinstance(entry, BundleInfo)]
        self._summary = AcquisitionSummary()
        self._studies: list[dict[str, Any]] = []
        self._rejected: list[Rejected] = []
        self._outcome = Outcome.PASS
        known = [each.id for each in self._protocols]
        if protocol is not None and protocol not in known:
            raise WrongUsage(
                say(
                    "protocol_unknown",
                    "There is no protocol '{protocol}'; there are: {known}.",
                    protocol=protocol,
                    known=", ".join(known),
                )
            )

    def go(self, paths: Sequence[Path]) -> None:
        """Work off the inputs; each study is shown when it is finished."""
        with tempfile.TemporaryDirectory() as work_dir, spinner(self._terminal) as show:
            show(self._terminal.text(say("analyze_searching", "Looking for studies")))
            for found in find_studies(paths, Path(work_dir)):
                if isinstance(found, Rejected):
                    self._rejected.append(found)
                    self._terminal.fault(found.error)
                    continue
                show(
                    self._terminal.text(
                        say("check_step", "Checking study {number}", number=len(self._studies) + 1)
                    )
                )
                self._check(found)

    def document(self) -> dict[str, Any]:
        """What --json prints (schema/check.schema.json)."""
        outcomes = self._summary.outcomes
        return {
            "schema_version": SCHEMA_VERSION,
            "outcome": self._outcome.value,
            "studies": self._studies,
            "rejected": [
                {"path": one.source, "reason": self._terminal.text(one.error.message)}
                for one in self._rejected
            ],
            "summary": {
                "studies": self._summary.studies,
                "outcomes": {outcome.value: outcomes[outcome] for outcome in Outcome},
                "broken": [
                    {
                        "scanner": rate.scanner,
                        "protocol": rate.protocol_name,
                        "rule": rate.rule,
                        "title": self._terminal.text(rate.title),
                        "checked": rate.checked,
                        "warned": rate.warned,
                        "failed": rate.failed,
                    }
                    for rate in self._summary.broken()
                ],
            },
        }

    def exit_code(self) -> ExitCode:
        is_well = self._outcome is not Outcome.FAIL and not self._rejected
        return ExitCode.DONE if is_well else ExitCode.SOME_FAILED

    def show_summary(self, console: Console) -> None:
        """Which scanner and protocol break which rule how often; only over several studies."""
        words = self._terminal.words
        outcomes = self._summary.outcomes
        if self._summary.studies > 1:
            rates = self._summary.broken()
            table = plain_table(
                words.sentence("Scanner"),
                words.sentence("Protocol"),
                words.sentence("Rule"),
                words.sentence("Not met"),
            )
            for rate in rates[:_MOST_RATES_SHOWN]:
                table.add_row(
                    rate.scanner,
                    rate.protocol_name,
                    f"{words.message(rate.title)} ({rate.rule})",
                    f"{rate.broken}/{rate.checked}",
                    style=_STYLES[Outcome.FAIL if rate.failed else Outcome.WARN],
                )
            if rates:
                console.print(table)
            if len(rates) > _MOST_RATES_SHOWN:
                rest = len(rates) - _MOST_RATES_SHOWN
                console.print(words.sentence("and {count} more", count=rest))
        console.print(
            words.sentence(
                "Studies: {studies}; all rules met: {passed}, warnings: {warned}, failed: {failed}."
                " Rejected files: {rejected}.",
                studies=self._summary.studies,
                passed=outcomes[Outcome.PASS],
                warned=outcomes[Outcome.WARN],
                failed=outcomes[Outcome.FAIL],
                rejected=len(self._rejected),
            ),
            soft_wrap=True,
        )

    def _check(self, study: Study) -> None:
        check = check_study(
            study, protocols=self._protocols, forced=self._forced, pixels=self._pixels
        )
        fits = model_fits(study, check, self._bundles)
        self._summary.add(study, check)
        self._outcome = worst((self._outcome, check.outcome))
        self._studies.append(self._entry(study, check, fits))
        if not self._terminal.options.json:
            self._show(study, check)

    def _entry(
        self, study: Study, check: AcquisitionCheck, fits: Sequence[ModelFit]
    ) -> dict[str, Any]:
        wording = self._terminal.text
        sources = (one.source for series in study.series for one in series.instances)
        return {
            "study_instance_uid": study.study_uid,
            "study_key": study_key(study.study_uid),
            "patient_id": study.patient.patient_id,
            "date": study.study_date.isoformat() if study.study_date else None,
            "description": study.description,
            "modalities": list(dict.fromkeys(series.modality for series in study.series)),
            "path": next(sources, ""),
            "acquisition": acquisition_json(check, lambda said: message_json(said, wording)),
            "models": [
                {
                    "bundle": fit.bundle_id,
                    "finding": fit.finding,
                    "domain": fit.domain,
                    "applicable": fit.refusal is None,
                    "reason": message_json(fit.refusal.reason, wording) if fit.refusal else None,
                    "measured": fit.refusal.measured if fit.refusal else "",
                    "allowed": fit.refusal.allowed if fit.refusal else "",
                    "outcome": fit.outcome.value if fit.outcome else None,
                    "broken_rules": list(fit.broken),
                }
                for fit in fits
            ],
        }

    def _show(self, study: Study, check: AcquisitionCheck) -> None:
        console, words = self._terminal.out, self._terminal.words
        parts = [
            words.term(f"outcome_{check.outcome.value}"),
            study.patient.name or study.patient.patient_id or words.sentence("(no name)"),
            study.study_date.isoformat() if study.study_date else words.sentence("(no date)"),
            "+".join(dict.fromkeys(series.modality for series in study.series if series.modality)),
            study.description,
            self._protocol_titles(check),
        ]
        console.print(
            "  ".join(part for part in parts if part),
            style=_STYLES[check.outcome],
            soft_wrap=True,
        )
        wants_all = self._terminal.options.verbose
        shown = [each for each in check.by_rule if wants_all or each.outcome is not Outcome.PASS]
        if shown:
            table = plain_table(
                "",
                words.sentence("Rule"),
                words.sentence("Measured"),
                words.sentence("Allowed"),
                words.sentence("What to do"),
            )
            for result in shown:
                is_met = result.outcome is Outcome.PASS
                measured = words.message(result.measured)
                if result.breaking and result.checked > 1:
                    measured += f" ({result.breaking}/{result.checked})"
                table.add_row(
                    words.term(f"outcome_{result.outcome.value}"),
                    f"{words.message(result.title)} ({result.rule})",
                    measured,
                    words.message(result.allowed),
                    "" if is_met else words.message(result.advice),
                    style=_STYLES[result.outcome],
                )
            console.print(table)
        console.print()

    def _protocol_titles(self, check: AcquisitionCheck) -> str:
        used = dict.fromkeys(name for _, name in check.protocols)
        titles = [
            self._terminal.text(protocol_title(each)) for each in self._protocols if each.id in used
        ]
        if titles:
            return "[" + ", ".join(titles) + "]"
        return "[" + self._terminal.words.sentence("no protocol: rules for every image only") + "]"
