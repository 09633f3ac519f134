"""What the acquisition check means for each installed model: may it see the study, and are the
rules that its finding depends on met?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mediassist.analysis.series_choice import choose_by_header
from mediassist.core.acquisition import AcquisitionCheck, Outcome, worst
from mediassist.core.finding import Refusal
from mediassist.core.study import Study
from mediassist.models.bundle import BundleInfo


@dataclass(frozen=True, slots=True)
class ModelFit:
    """One model and one study.

    `refusal` is set where the headers rule the model out; `outcome` is that of the rules that
    belong to its finding, None where no rule does; `broken` are the rules that are not met.
    """

    bundle_id: str
    finding: str
    domain: str
    refusal: Refusal | None
    outcome: Outcome | None
    broken: tuple[str, ...]


def model_fits(
    study: Study, check: AcquisitionCheck, bundles: Iterable[BundleInfo]
) -> tuple[ModelFit, ...]:
    """How the study suits each bundle; only headers are looked at."""
    fits = []
    for info in bundles:
        choice = choose_by_header(study, info.block)
        refusal = None if choice.candidates or not choice.refusals else choice.refusals[0][1]
        finding = info.block.finding
        relevant = [result for result in check.results if finding in result.findings]
        fits.append(
            ModelFit(
                bundle_id=info.id,
                finding=finding,
                domain=info.block.domain.value,
                refusal=refusal,
                outcome=worst(tuple(result.outcome for result in relevant)) if relevant else None,
                broken=tuple(
                    dict.fromkeys(
                        result.rule for result in relevant if result.outcome is not Outcome.PASS
                    )
                ),
            )
        )
    return tuple(fits)
