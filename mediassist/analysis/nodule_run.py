"""Task kind `detect_volume`: marks on the thin-slice CT of a study, never a verdict."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mediassist.analysis.section_findings import points_mm
from mediassist.analysis.series_choice import choose_by_header
from mediassist.analysis.slice_series import SliceSeries, choose_slice_series, not_preferred
from mediassist.analysis.study_run import StudyRun
from mediassist.core.errors import MediAssistError
from mediassist.core.finding import (
    BundleResult,
    ImageScore,
    Measurement,
    Refusal,
    Region,
    RegionKind,
)
from mediassist.core.geometry import Volume
from mediassist.core.messages import Message, say
from mediassist.core.study import PixelSpacing, SpacingSource
from mediassist.core.vocabulary import Verdict
from mediassist.dicom.slices import Slice
from mediassist.dicom.stack import Stack
from mediassist.dicom.volume_groups import PartKind, series_parts
from mediassist.models.applicability import header_warnings
from mediassist.models.measures.lesion_size import LONGEST
from mediassist.models.nodule_candidates import lung_mask
from mediassist.models.tasks.detect_volume import Mark, score_candidates
from mediassist.statistics.probability import ProbabilityMap

MOST_MARKS = 8
_LEAST_SLICES = 20


@dataclass(frozen=True, slots=True)
class _Chest:
    chosen: SliceSeries
    stack: Stack
    volume: Volume
    lungs: NDArray[np.bool_]


class NoduleRun(StudyRun):
    """What one bundle marks in the CT volumes of one study; the best series alone is searched.

    The lungs themselves are the picture check: a volume without a litre of lung in it is refused.
    """

    def result(self) -> BundleResult:
        """Raises `MediAssistError` where no series can be read, or the bundle not be trusted."""
        header = choose_by_header(self._study, self._block)
        choice = choose_slice_series(header, self._block.series)
        self._refusals.update((*header.refusals, *choice.refusals))
        chest = self._chest([each for group in choice.groups for each in group])
        if chest is None:
            return self._not_applicable()
        return self._marked(chest)

    def _chest(self, series: list[SliceSeries]) -> _Chest | None:
        """The first series that is a volume with lungs in it."""
        chest: _Chest | None = None
        failure: MediAssistError | None = None
        self._images.looked = bool(series)
        for chosen in series:
            uid = chosen.series.series_uid
            if chest is not None:
                self._refusals[uid] = not_preferred(chosen, chest.chosen)
                continue
            parts = series_parts(replace(chosen.series, instances=chosen.instances))
            stacks = [part.stack for part in parts if part.kind is PartKind.VOLUME and part.stack]
            longest = max(stacks, key=lambda stack: len(stack.slices), default=None)
            if longest is None or len(longest.slices) < _LEAST_SLICES:
                self._refusals[uid] = _no_volume(chosen, longest)
                continue
            part = next(part for part in parts if part.stack is longest)
            try:
                volume = part.load()
            except MediAssistError as error:
                failure = error
                continue
            lungs = lung_mask(volume.array, volume.spacing_mm)
            if lungs is None:
                self._refusals[uid] = Refusal(
                    say("no_lungs", "No lungs were found in the series."), "", ">= 0.3 L"
                )
                continue
            chest = _Chest(chosen, longest, volume, lungs)
        if chest is None and failure is not None:
            raise failure
        return chest

    def _marked(self, chest: _Chest) -> BundleResult:
        bundle = self._load_bundle(self._info)
        window = self._block.window_hu or (-300.0, 1400.0)
        marks = score_candidates(
            bundle, chest.volume, chest.lungs, window, self._block.patch_mm or 35.0
        )
        point = self._block.operating_point.to_core()
        map_block = self._block.probability_map.model_dump()
        probabilities = ProbabilityMap.from_dict(map_block).apply([mark.logit for mark in marks])
        shown = [
            (mark, float(probability))
            for mark, probability in zip(marks, probabilities, strict=True)
            if probability >= point.t_high
        ][:MOST_MARKS]
        series, instance = chest.chosen.series, chest.chosen.instances[0]
        return BundleResult(
            bundle=self._info.identity(),
            verdict=Verdict.REVIEW,
            probability=float(probabilities[0]) if len(marks) else 0.0,
            operating_point=point,
            image_scores=tuple(_score(chest.stack, mark, chance) for mark, chance in shown),
            regions=tuple(
                _region(chest.stack, mark, chance, number)
                for number, (mark, chance) in enumerate(shown, 1)
            ),
            measurements=tuple(_diameter(mark) for mark, _ in shown[:1]),
            series_used=(series.series_uid,),
            series_not_used=self._not_used(),
            warnings=(
                *self._remarks(len(shown)),
                *chest.volume.warnings,
                *header_warnings(self._block.input, series, instance, self._study.patient),
            ),
            runtime=bundle.runtime.name,
            seconds=self._seconds(),
        )

    @staticmethod
    def _remarks(count: int) -> tuple[Message, ...]:
        if count == 0:
            return (
                say(
                    "no_candidate",
                    "No place was sure enough to be marked; that does not rule out a nodule.",
                ),
            )
        return ()


def _no_volume(chosen: SliceSeries, longest: Stack | None) -> Refusal:
    count = chosen.frames if longest is None else len(longest.slices)
    return Refusal(
        say(
            "series_no_volume",
            "The series is no regular stack of thin slices; nodules are searched in a volume.",
        ),
        measured=str(count),
        allowed=f">= {_LEAST_SLICES}",
    )


def _place(stack: Stack, mark: Mark) -> Slice:
    return stack.slices[min(max(round(mark.candidate.index[0]), 0), len(stack.slices) - 1)]


def _score(stack: Stack, mark: Mark, probability: float) -> ImageScore:
    place = _place(stack, mark)
    return ImageScore(place.instance.sop_instance_uid, place.frame, probability, mark.logit)


def _region(stack: Stack, mark: Mark, probability: float, number: int) -> Region:
    """A box round the candidate on its slice, a little wider than the candidate."""
    place = _place(stack, mark)
    _, row, column = mark.candidate.index
    row_mm, column_mm = place.spacing_mm
    reach = mark.size_mm[0] / 2 + 2.0
    corners = (
        (max(0.0, column - reach / column_mm), max(0.0, row - reach / row_mm)),
        (
            min(place.columns - 1.0, column + reach / column_mm),
            min(place.rows - 1.0, row + reach / row_mm),
        ),
    )
    points = tuple((round(x, 2), round(y, 2)) for x, y in corners)
    return Region(
        kind=RegionKind.BOX,
        sop_instance_uid=place.instance.sop_instance_uid,
        frame=place.frame,
        points_px=points,
        score=round(probability, 4),
        label=str(number),
        points_mm=points_mm(points, place),
        size_mm=(round(mark.size_mm[0], 1), round(mark.size_mm[1], 1)),
        spacing=PixelSpacing(row_mm, column_mm, SpacingSource.PATIENT),
    )


def _diameter(mark: Mark) -> Measurement:
    """Mean of the longest extent and the one across it, to one decimal (Lung-RADS v2022)."""
    return Measurement(
        "Diameter of the surest candidate",
        LONGEST,
        round(sum(mark.size_mm) / 2, 1),
        "mm",
        "mean of the longest extent on the axial slice and the one across it",
    )
