"""What a validator chooses in the window's audit dialog, and the audit that comes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from mediassist.core.errors import WrongUsage
from mediassist.core.messages import say
from mediassist.settings import Settings

if TYPE_CHECKING:
    from mediassist.audit.document import AuditRun
    from mediassist.text import Words

Progress = Callable[[int, int], None]


class AuditSource(StrEnum):
    """What is audited."""

    IMAGES = "images"
    PREDICTIONS = "predictions"
    REVIEWS = "reviews"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditChoice:
    """Targets are percentages; `bundle` is empty for all models of the findings named."""

    kind: AuditSource
    source: Path
    out: Path
    targets: tuple[float, float, float] = (95.0, 1.0, 5.0)
    bundle: str = ""
    lang: str = "en"


@dataclass(frozen=True, slots=True)
class Headline:
    """One finding's answer: its verdict on the targets, in words, with the rates behind it."""

    verdict: str
    text: str


def default_output(source: Path) -> Path:
    """A folder beside what is audited, so that nothing of it is overwritten.

    >>> default_output(Path("cases.csv")).name
    'cases-audit'
    """
    return source.parent / f"{source.stem or source.name}-audit"


def bundle_names(settings: Settings) -> list[str]:
    """Ids of the models that can be chosen, without loading any."""
    from mediassist.models.bundle import BundleInfo
    from mediassist.models.registry import list_bundles

    found = list_bundles(settings.bundles_dir)
    return [entry.id for entry in found if isinstance(entry, BundleInfo)]


def run_choice(choice: AuditChoice, settings: Settings, progress: Progress) -> AuditRun:
    """The audit that was chosen; the models run in another process.

    Raises
    ------
    MediAssistError
        As `audit.run_audit` and `reading.review_audit.audit_reviews`.
    """
    from mediassist.audit.analyses import AUTOMATIC
    from mediassist.audit.run import AuditRequest, run_audit
    from mediassist.audit.targets import Targets

    if not choice.source.exists():
        raise WrongUsage(
            say("path_missing", "{path} does not exist.", path=str(choice.source)),
        )
    request = AuditRequest(
        out=choice.out,
        manifest=choice.source if choice.kind is AuditSource.IMAGES else None,
        predictions=choice.source if choice.kind is AuditSource.PREDICTIONS else None,
        bundles=(choice.bundle,) if choice.bundle else (),
        targets=Targets(*(share / 100.0 for share in choice.targets)),
        workers=AUTOMATIC,
        apart=True,
        lang=choice.lang,
    )
    if choice.kind is not AuditSource.REVIEWS:
        return run_audit(request, progress, settings=settings)
    from mediassist.reading.review_audit import audit_reviews

    return audit_reviews(choice.source, request, progress, settings=settings)


def headlines(run: AuditRun, words: Words) -> list[Headline]:
    """The answer for every finding, the weakest first."""
    from mediassist.audit.wording import counted, target_words

    return [
        Headline(
            one.verdict.value,
            words.sentence(
                "{finding}: {verdict}. {rates}. Coverage {coverage}.",
                finding=words.term(one.finding),
                verdict=target_words(one.verdict, words),
                rates="; ".join(
                    f"{words.term(each.rate)} {counted(one.rate(each.rate).rate)}"
                    for each in one.targets
                ),
                coverage=counted(one.coverage),
            ),
        )
        for one in run.result.findings
    ]


def warnings_of(run: AuditRun, words: Words) -> list[str]:
    """What was found beside the figures and must be known with them."""
    return [words.message(one.message) for one in run.safeguards if one.state.value == "warning"]
