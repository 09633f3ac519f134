"""Which images of a study a bundle may see by their headers, and why not the others."""

from __future__ import annotations

from dataclasses import dataclass

from mediassist.core.finding import Refusal
from mediassist.core.messages import Message
from mediassist.core.study import Instance, Series, Study
from mediassist.models.applicability import header_refusal, size_refusal
from mediassist.models.metadata import BundleBlock


@dataclass(frozen=True, slots=True)
class Candidate:
    """One image whose header fits a bundle's input contract."""

    series: Series
    instance: Instance


@dataclass(frozen=True, slots=True)
class HeaderChoice:
    """`refusals` has one entry per series that offers no candidate, in reading order."""

    candidates: tuple[Candidate, ...]
    refusals: tuple[tuple[str, Refusal], ...]

    @property
    def not_used(self) -> tuple[tuple[str, Message], ...]:
        return tuple((uid, refusal.reason) for uid, refusal in self.refusals)


def choose_by_header(study: Study, block: BundleBlock) -> HeaderChoice:
    """Check every image of the study against a bundle's contract, series by series."""
    candidates: list[Candidate] = []
    refusals: list[tuple[str, Refusal]] = []
    for series in study.series:
        fitting, refusal = _fitting_instances(series, study, block)
        candidates.extend(Candidate(series, instance) for instance in fitting)
        if not fitting and refusal is not None:
            refusals.append((series.series_uid, refusal))
    return HeaderChoice(tuple(candidates), tuple(refusals))


def _fitting_instances(
    series: Series, study: Study, block: BundleBlock
) -> tuple[list[Instance], Refusal | None]:
    fitting: list[Instance] = []
    first_refusal: Refusal | None = None
    for instance in series.instances:
        refusal = header_refusal(block.input, series, instance, study.patient) or size_refusal(
            instance, block.preprocess.size
        )
        if refusal is None:
            fitting.append(instance)
        elif first_refusal is None or instance.has_pixels:
            first_refusal = refusal
    return fitting, first_refusal
