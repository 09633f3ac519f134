"""One bundle on one study: header check, picture check, inference, verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from mediassist.analysis.picture_part import on_whole_picture
from mediassist.analysis.refusals import deepest
from mediassist.analysis.series_choice import Candidate, HeaderChoice, choose_by_header
from mediassist.analysis.study_run import StudyRun, failed_result, unreadable
from mediassist.core.finding import BundleResult, HeatMap, Refusal, Region
from mediassist.core.messages import Message, say
from mediassist.core.vocabulary import Verdict
from mediassist.models.applicability import header_warnings, picture_refusal
from mediassist.models.loaded import LoadedBundle
from mediassist.models.measures import MEASURES, FrameReading, Measured
from mediassist.models.regions import boxes, outlines
from mediassist.models.tasks.classify2d import FrameAssessment, assess_frame
from mediassist.models.tasks.measure2d import assess_measured

_Assess = Callable[..., FrameAssessment | Refusal]
_ASSESSORS: dict[str, _Assess] = {"measure2d": assess_measured}


@dataclass(frozen=True, slots=True)
class _Assessed:
    candidate: Candidate
    frame: int
    assessment: FrameAssessment


class BundleRun(StudyRun):
    """Collects what one bundle says of one study; `result()` never looks at truth or files."""

    def result(self) -> BundleResult:
        """Raises `BundleDamaged` where bundle or gate can't be trusted."""
        choice = choose_by_header(self._study, self._block)
        if not choice.candidates:
            return self._refused(choice, [])
        bundle = self._load_bundle(self._info)
        assessed: list[_Assessed] = []
        refusals: list[tuple[str, Refusal]] = []
        unread: list[Message] = []
        for candidate, frame in self._frames(choice):
            picture = self._images.part(candidate.instance, frame)
            if picture is None:
                unread.append(self._unreadable(candidate))
                continue
            refusal = self._look(candidate, frame)
            if refusal is not None:
                refusals.append((candidate.series.series_uid, refusal))
                continue
            uid = candidate.instance.sop_instance_uid
            assess: _Assess = _ASSESSORS.get(self._block.task, assess_frame)
            assessment = assess(bundle, uid, frame, picture)
            if isinstance(assessment, Refusal):
                refusals.append((candidate.series.series_uid, assessment))
                continue
            heat = on_whole_picture(assessment.heat_map, candidate.instance)
            assessed.append(_Assessed(candidate, frame, replace(assessment, heat_map=heat)))
        if assessed:
            return self._judged(bundle, choice, assessed, refusals, unread)
        if unread:
            return failed_result(self._info.identity(), unread[0], self._seconds())
        return self._refused(choice, refusals)

    def _frames(self, choice: HeaderChoice) -> Iterator[tuple[Candidate, int]]:
        for candidate in choice.candidates:
            for frame in range(candidate.instance.frames):
                yield candidate, frame

    def _look(self, candidate: Candidate, frame: int) -> Refusal | None:
        rule = self._block.gate
        if rule is None:
            return None
        facts = self._images.facts(candidate.instance, frame, self._load_gate())
        return picture_refusal(rule, facts) if facts is not None else None

    def _judged(
        self,
        bundle: LoadedBundle,
        choice: HeaderChoice,
        assessed: list[_Assessed],
        refusals: list[tuple[str, Refusal]],
        unread: list[Message],
    ) -> BundleResult:
        worst = max(assessed, key=lambda each: each.assessment.score.probability)
        probability = worst.assessment.score.probability
        point = self._block.operating_point.to_core()
        verdict = Verdict.REVIEW if self._block.marks_only else point.verdict(probability)
        shown = [each for each in assessed if self._uncleared(each, point.t_low)]
        regions = {id(each): self._regions(each) for each in shown}
        measured = self._measured(worst, regions.get(id(worst), ()))
        used = tuple(dict.fromkeys(each.candidate.series.series_uid for each in assessed))
        not_used = dict(choice.not_used)
        not_used |= {uid: refusal.reason for uid, refusal in refusals if uid not in used}
        return BundleResult(
            bundle=self._info.identity(),
            verdict=verdict,
            probability=probability,
            operating_point=point,
            image_scores=tuple(each.assessment.score for each in assessed),
            regions=(*(r for each in shown for r in regions[id(each)]), *measured.regions),
            measurements=measured.measurements,
            heat_maps=tuple(
                each.assessment.heat_map
                for each in shown
                if each.assessment.heat_map is not None and self._shows_map
            ),
            series_used=used,
            series_not_used=tuple(not_used.items()),
            warnings=self._warnings(assessed, unread),
            runtime=bundle.runtime.name,
            seconds=self._seconds(),
        )

    def _uncleared(self, assessed: _Assessed, t_low: float | None) -> bool:
        """Places are evidence only on a picture that is not cleared."""
        return t_low is None or assessed.assessment.score.probability >= t_low

    @property
    def _shows_map(self) -> bool:
        return self._block.heat_map is not None and self._block.heat_map.show

    def _regions(self, assessed: _Assessed) -> tuple[Region, ...]:
        heat: HeatMap | None = assessed.assessment.heat_map
        block = self._block.heat_map
        if heat is None or block is None or not (block.show or block.boxes):
            return ()
        sized = self._block.sized_boxes
        mark = partial(boxes, sized=sized) if self._block.regions == "box" else outlines
        return mark(
            heat,
            block.threshold,
            assessed.candidate.instance.spacing,
            self._block.least_region,
            self._block.most_regions,
        )

    def _measured(self, worst: _Assessed, regions: tuple[Region, ...]) -> Measured:
        """What the bundle measures, on the picture that decided the verdict."""
        name = self._block.measure
        if name is None:
            return Measured()
        return MEASURES[name](
            FrameReading(
                sop_instance_uid=worst.candidate.instance.sop_instance_uid,
                frame=worst.frame,
                logits=worst.assessment.logits,
                maps=worst.assessment.maps,
                letterbox=worst.assessment.letterbox,
                regions=regions,
                spacing=worst.candidate.instance.spacing,
            )
        )

    def _warnings(self, assessed: list[_Assessed], unread: list[Message]) -> tuple[Message, ...]:
        warnings = list(unread)
        for each in assessed:
            series, instance = each.candidate.series, each.candidate.instance
            warnings.extend(
                header_warnings(self._block.input, series, instance, self._study.patient)
            )
            if instance.lossy:
                warnings.append(
                    say("lossy", "{source} was compressed with loss.", source=instance.source)
                )
        return tuple(dict.fromkeys(warnings))

    def _unreadable(self, candidate: Candidate) -> Message:
        failure = self._images.failure(candidate.instance)
        return say("unreadable", "Unreadable.") if failure is None else unreadable(failure.error)

    def _refused(
        self, choice: HeaderChoice, picture_refusals: list[tuple[str, Refusal]]
    ) -> BundleResult:
        refusals = [*choice.refusals, *picture_refusals]
        return BundleResult(
            bundle=self._info.identity(),
            verdict=Verdict.NOT_APPLICABLE,
            refusal=deepest(refusal for _, refusal in refusals),
            series_not_used=tuple({uid: refusal.reason for uid, refusal in refusals}.items()),
            seconds=self._seconds(),
        )
