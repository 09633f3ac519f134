"""Task kind `classify_slices`: one bundle on the CT or MR scans of a study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mediassist.analysis.refusals import deepest
from mediassist.analysis.section_findings import (
    ShownSection,
    extent_of,
    heat_maps,
    show_sections,
    volume_of,
)
from mediassist.analysis.sections import Scan, read_scan
from mediassist.analysis.series_choice import choose_by_header
from mediassist.analysis.slice_series import SliceSeries, choose_slice_series, not_preferred
from mediassist.analysis.study_run import RunInputs, StudyRun
from mediassist.core.finding import BundleResult, ImageScore, Refusal
from mediassist.core.messages import Message, say
from mediassist.core.vocabulary import Verdict
from mediassist.models.applicability import header_warnings, picture_refusal
from mediassist.models.bundle import BundleInfo
from mediassist.models.tasks.aggregate import aggregate
from mediassist.models.tasks.classify_slices import SectionAnswer, assess_sections
from mediassist.statistics.probability import ProbabilityMap

_LOOKS = (0.35, 0.5, 0.65)  # where in a scan the gate looks
_FEW_SECTIONS = 8
_MEASURES = {"slice_volume": volume_of, "slice_extent": extent_of}


@dataclass(frozen=True, slots=True)
class _Read:
    """One series that was read: its sections with their answers and the score of the scan."""

    chosen: SliceSeries
    scan: Scan
    answers: list[SectionAnswer]
    logit: float


class SlicesRun(StudyRun):
    """What one bundle says of the scans of one study.

    Of each MR sequence the best series is read (of CT one series at all); the study gets the
    highest score of them. A series at which the gate shakes its head makes room for the next.
    """

    def __init__(self, info: BundleInfo, inputs: RunInputs) -> None:
        super().__init__(info, inputs)
        self._unread = False

    def result(self) -> BundleResult:
        """Raises `BundleDamaged` where bundle or gate can't be trusted."""
        header = choose_by_header(self._study, self._block)
        choice = choose_slice_series(header, self._block.series)
        self._refusals.update((*header.refusals, *choice.refusals))
        reads = [read for read in map(self._read, choice.groups) if read is not None]
        if reads:
            return self._judged(reads)
        if self._unread and self._images.failures:
            return self._failed()
        return self._not_applicable()

    def _read(self, group: Sequence[SliceSeries]) -> _Read | None:
        """The first series of a group that can be read and is let in."""
        read: _Read | None = None
        for chosen in group:
            if read is not None:
                self._refusals[chosen.series.series_uid] = not_preferred(chosen, read.chosen)
                continue
            scan = read_scan(
                chosen.series,
                chosen.instances,
                self._block.series,
                self._block.window_hu,
                self._images,
            )
            if scan is None:
                self._unread = True
                continue
            refusal = self._look(scan)
            if refusal is not None:
                self._refusals[chosen.series.series_uid] = refusal
                continue
            bundle = self._load_bundle(self._info)
            answers = assess_sections(
                bundle, [section.grey for section in scan.sections], scan.square
            )
            rule = self._block.aggregate or "max"
            read = _Read(chosen, scan, answers, aggregate(rule, [a.logit for a in answers]))
        return read

    def _look(self, scan: Scan) -> Refusal | None:
        """Ask the gate about a few sections of the middle; half of them have to be let in."""
        rule = self._block.gate
        if rule is None:
            return None
        count = len(scan.sections)
        places = dict.fromkeys(min(count - 1, int(share * count)) for share in _LOOKS)
        refusals = []
        for place in places:
            picture = scan.square.cut(scan.sections[place].grey, 0.0)
            refusal = picture_refusal(rule, self._load_gate().look(picture))
            if refusal is not None:
                refusals.append(refusal)
        return deepest(refusals) if 2 * len(refusals) > len(places) else None

    def _judged(self, reads: list[_Read]) -> BundleResult:
        worst = max(reads, key=lambda read: read.logit)
        point = self._block.operating_point.to_core()
        probability = self._probabilities([worst.logit])[0]
        verdict = Verdict.REVIEW if self._block.marks_only else point.verdict(probability)
        shown = [] if verdict is Verdict.CLEARED else self._shown(worst, point.t_low)
        if verdict is Verdict.CLEARED and _is_part(worst):
            # The promise was made for scans: a slice without blood has a neighbour with it.
            verdict = Verdict.REVIEW
        measure = _MEASURES.get(self._block.measure or "")
        return BundleResult(
            bundle=self._info.identity(),
            verdict=verdict,
            probability=probability,
            operating_point=point,
            image_scores=tuple(score for read in reads for score in self._scores(read)),
            regions=tuple(region for each in shown for region in each.regions),
            measurements=measure(shown) if measure else (),
            heat_maps=heat_maps(shown),
            series_used=tuple(read.chosen.series.series_uid for read in reads),
            series_not_used=self._not_used(),
            warnings=self._warnings(reads),
            runtime=self._load_bundle(self._info).runtime.name,
            seconds=self._seconds(),
        )

    def _probabilities(self, logits: Sequence[float]) -> list[float]:
        block = self._block.probability_map
        probabilities = ProbabilityMap.from_dict(block.model_dump()).apply(list(logits))
        # Not rounded: at a threshold the last digit decides between cleared and review.
        return [float(each) for each in probabilities]

    def _scores(self, read: _Read) -> list[ImageScore]:
        logits = [answer.logit for answer in read.answers]
        return [
            ImageScore(section.instance.sop_instance_uid, section.frame, probability, logit)
            for section, probability, logit in zip(
                read.scan.sections, self._probabilities(logits), logits, strict=True
            )
        ]

    def _shown(self, read: _Read, t_low: float | None) -> list[ShownSection]:
        """Outlines on the sections that are not cleared alone, and always on the highest."""
        block = self._block.heat_map
        if block is None or not block.show:
            return []
        logits = [answer.logit for answer in read.answers]
        highest = int(np.argmax(logits))
        least = 0.5 if t_low is None else t_low
        pairs = [
            (section, answer)
            for index, (section, answer, probability) in enumerate(
                zip(read.scan.sections, read.answers, self._probabilities(logits), strict=True)
            )
            if probability >= least or index == highest
        ]
        return show_sections(read.scan, pairs, block.threshold, self._block.preprocess.size)

    def _warnings(self, reads: Sequence[_Read]) -> tuple[Message, ...]:
        warnings: list[Message] = []
        for failure in self._images.failures:
            reason = failure.error.message
            warnings.append(
                say("image_unreadable", "An image could not be read: {reason}", reason=reason)
            )
        for read in reads:
            warnings.extend(_remarks(read))
            series, instance = read.chosen.series, read.chosen.instances[0]
            warnings.extend(
                header_warnings(self._block.input, series, instance, self._study.patient)
            )
        return tuple(dict.fromkeys(warnings))


def _is_part(read: _Read) -> bool:
    return len(read.scan.sections) < _FEW_SECTIONS


def _remarks(read: _Read) -> list[Message]:
    facts, remarks = read.chosen.facts, []
    if read.scan.slab_slices > 1:
        remarks.append(
            say(
                "slices_averaged",
                "Slices were averaged in groups of {count}; a mark stands on the middle one.",
                count=read.scan.slab_slices,
            )
        )
    if _is_part(read):
        remarks.append(
            say(
                "few_slices",
                "Slices read: {count}. Fewer than {least} are never cleared: nothing is known of "
                "the rest of the head.",
                count=len(read.scan.sections),
                least=_FEW_SECTIONS,
            )
        )
    if facts.bone_kernel:
        remarks.append(
            say(
                "bone_kernel_used",
                "Only a series reconstructed for bone was there; it is noisier than those that "
                "the model was trained on.",
            )
        )
    if read.chosen.series.modality == "MR" and not facts.sequence:
        remarks.append(
            say("sequence_unknown", "The header does not say which MR sequence this is.")
        )
    return remarks
