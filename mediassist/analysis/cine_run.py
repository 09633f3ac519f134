"""One bundle on the cine MR of one study: which stack, which phases, volumes, verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mediassist.analysis.cine_findings import heart_measurements, heart_regions
from mediassist.analysis.cine_frames import CineFrames, read_frames
from mediassist.analysis.series_choice import choose_by_header
from mediassist.analysis.study_run import StudyRun
from mediassist.core.finding import BundleResult, ImageScore, Refusal
from mediassist.core.messages import Message, say
from mediassist.core.study import Instance, Series
from mediassist.core.vocabulary import Verdict
from mediassist.dicom.cine import CineStack, cine_stacks
from mediassist.models.applicability import header_warnings, picture_refusal
from mediassist.models.heart_function import GroupModel, HeartFunction
from mediassist.models.loaded import LoadedBundle
from mediassist.models.tasks.segment_cine import SegmentedCine, find_heart, scaled, segment
from mediassist.statistics.probability import ProbabilityMap

_LEAST_SLICES = 3
_FEW_PHASES = 8  # below this the fullest and emptiest moments are often missed


class CineRun(StudyRun):
    """What one bundle says of the short-axis cine of one study.

    The stack with most slices is read; the others, long axes, single phases and localizers are
    named with the reason why not.
    """

    def result(self) -> BundleResult:
        """Raises `BundleDamaged` where bundle or gate can't be trusted."""
        header = choose_by_header(self._study, self._block)
        self._refusals.update(header.refusals)
        by_series: dict[str, tuple[Series, list[Instance]]] = {}
        for each in header.candidates:
            entry = by_series.setdefault(each.series.series_uid, (each.series, []))
            entry[1].append(each.instance)
        series = [replace(one, instances=tuple(found)) for one, found in by_series.values()]
        result: BundleResult | None = None
        for stack in self._fitting(series):
            if result is not None:
                self._refuse(stack, _not_preferred(result, stack))
                continue
            result = self._read(stack)
        if result is not None:
            for uid in result.series_used:
                self._refusals.pop(uid, None)
            return replace(result, series_not_used=self._not_used(), seconds=self._seconds())
        if self._images.failures and not self._refusals:
            return self._failed()
        return self._not_applicable()

    def _fitting(self, series: Sequence[Series]) -> list[CineStack]:
        """Short-axis stacks with several slices and phases, the longest first."""
        fitting = []
        stacks = cine_stacks(series)
        for stack in stacks:
            refusal = stack_refusal(stack)
            if refusal is None:
                fitting.append(stack)
            else:
                self._refuse(stack, refusal)
        placed = {one.series_uid for stack in stacks for one in stack.series}
        for one in series:
            if one.series_uid not in placed:
                self._refusals[one.series_uid] = Refusal(
                    say(
                        "cine_no_place",
                        "The series is a localizer, or its images state no place in the patient.",
                    )
                )
        return fitting

    def _refuse(self, stack: CineStack, refusal: Refusal) -> None:
        for one in stack.series:
            self._refusals.setdefault(one.series_uid, refusal)

    def _read(self, stack: CineStack) -> BundleResult | None:
        frames = read_frames(stack, self._images)
        if frames is None or len(frames.places) < _LEAST_SLICES:
            return None
        bundle = self._load_bundle(self._info)
        greys = scaled(frames.values)
        row_mm, column_mm = stack.spacing_mm
        square = find_heart(bundle, greys, row_mm)
        refusal = self._look(square.cut(greys[len(greys) // 2, 0], 0.0))
        if refusal is not None:
            self._refuse(stack, refusal)
            return None
        cell_ml = row_mm * column_mm * stack.step_mm / 1000.0
        found = segment(bundle, greys, square, cell_ml)
        if found is None:
            self._refuse(
                stack,
                Refusal(
                    say(
                        "not_measurable",
                        "What has to be measured could not be outlined on the picture.",
                    )
                ),
            )
            return None
        return self._judged(bundle, stack, frames, found)

    def _look(self, picture: NDArray[np.float32]) -> Refusal | None:
        """Ask the gate about the window of the middle slice."""
        rule = self._block.gate
        return None if rule is None else picture_refusal(rule, self._load_gate().look(picture))

    def _judged(
        self,
        bundle: LoadedBundle,
        stack: CineStack,
        frames: CineFrames,
        found: SegmentedCine,
    ) -> BundleResult:
        heart = HeartFunction(found.diastole.volumes, found.systole.volumes)
        score = GroupModel.from_dict(self._block.heart_groups or {}).log_odds(heart.features)
        mapping = ProbabilityMap.from_dict(self._block.probability_map.model_dump())
        # Not rounded: at a threshold the last digit decides between cleared and review.
        probability = float(mapping.apply([score])[0])
        point = self._block.operating_point.to_core()
        verdict = Verdict.REVIEW if self._block.marks_only else point.verdict(probability)
        middle = frames.places[len(frames.places) // 2].phases[found.diastole.phase]
        return BundleResult(
            bundle=self._info.identity(),
            verdict=verdict,
            probability=probability,
            operating_point=point,
            image_scores=(
                ImageScore(middle.instance.sop_instance_uid, middle.frame, probability, score),
            ),
            regions=heart_regions(frames, found, self._block.preprocess.size),
            measurements=heart_measurements(heart),
            series_used=tuple(one.series_uid for one in stack.series),
            warnings=self._warnings(stack, frames, found),
            runtime=bundle.runtime.name,
        )

    def _warnings(
        self, stack: CineStack, frames: CineFrames, found: SegmentedCine
    ) -> tuple[Message, ...]:
        warnings = [
            say(
                "cine_phases",
                "End-diastole is phase {diastole} of {count}, end-systole phase {systole}; "
                "{slices} slices.",
                diastole=found.diastole.phase + 1,
                systole=found.systole.phase + 1,
                count=stack.phases,
                slices=len(frames.places),
            )
        ]
        set_aside = stack.set_aside + len(stack.places) - len(frames.places)
        if set_aside:
            warnings.append(
                say(
                    "cine_slices_set_aside",
                    "Slices that are incomplete or have another number of phases were set aside "
                    "({count}): volumes are too small.",
                    count=set_aside,
                )
            )
        if stack.phases < _FEW_PHASES:
            warnings.append(
                say(
                    "cine_few_phases",
                    "There are only {count} phases; the fullest or the emptiest moment may be "
                    "missing.",
                    count=stack.phases,
                )
            )
        if stack.short_axis is None:
            warnings.append(
                say(
                    "cine_axis_unknown",
                    "The header does not say that the slices are short-axis; the picture decided "
                    "alone.",
                )
            )
        for one in stack.series:
            warnings.extend(
                header_warnings(self._block.input, one, one.instances[0], self._study.patient)
            )
        return tuple(dict.fromkeys(warnings))


def stack_refusal(stack: CineStack) -> Refusal | None:
    """Why a stack can't give volumes, the coarsest reason first."""
    if stack.short_axis is False:
        return Refusal(
            say("cine_long_axis", "The slices do not cut the heart across (short axis)."),
            measured=stack.words.strip() or "-",
            allowed="short axis",
        )
    if stack.phases < 2:
        return Refusal(
            say("cine_single_phase", "The series shows a single phase of the heart beat."),
            measured=str(stack.phases),
            allowed=">= 2",
        )
    if len(stack.places) < _LEAST_SLICES:
        return Refusal(
            say("cine_few_slices", "The series has too few slices for a volume of the heart."),
            measured=str(len(stack.places)),
            allowed=f">= {_LEAST_SLICES}",
        )
    return None


def _not_preferred(result: BundleResult, stack: CineStack) -> Refusal:
    return Refusal(
        say(
            "series_not_preferred",
            "Another series suits this model better: {series}.",
            series=", ".join(result.series_used),
        ),
        measured=f"{len(stack.places)} x {stack.phases}",
    )
