"""What every run of a bundle on a study shares: its inputs, its clock and its plain answers."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from mediassist.analysis.images import StudyImages
from mediassist.analysis.refusals import deepest
from mediassist.core.errors import MediAssistError
from mediassist.core.finding import BundleIdentity, BundleResult, Refusal
from mediassist.core.messages import Message, say
from mediassist.core.study import Study
from mediassist.core.vocabulary import Verdict
from mediassist.models.bundle import BundleInfo
from mediassist.models.gate import PictureGate
from mediassist.models.loaded import LoadedBundle


@dataclass(frozen=True, slots=True)
class RunInputs:
    """The study with its decoded images, and how to get at networks, which load lazily."""

    study: Study
    images: StudyImages
    load_bundle: Callable[[BundleInfo], LoadedBundle]
    load_gate: Callable[[], PictureGate]


class StudyRun(ABC):
    """One bundle on one study; a subclass says how in `result()`.

    `_refusals` collects, by Series Instance UID, why a series was not used.
    """

    def __init__(self, info: BundleInfo, inputs: RunInputs) -> None:
        self._info, self._block = info, info.block
        self._study = inputs.study
        self._images = inputs.images
        self._load_bundle = inputs.load_bundle
        self._load_gate = inputs.load_gate
        self._started = time.monotonic()
        self._refusals: dict[str, Refusal] = {}

    @abstractmethod
    def result(self) -> BundleResult:
        """What the bundle says of the study.

        Raises
        ------
        BundleDamaged
            If bundle or gate can't be trusted.
        """

    def _not_applicable(self) -> BundleResult:
        return BundleResult(
            bundle=self._info.identity(),
            verdict=Verdict.NOT_APPLICABLE,
            refusal=deepest(self._refusals.values()),
            series_not_used=self._not_used(),
            seconds=self._seconds(),
        )

    def _failed(self) -> BundleResult:
        """The first image of the study that could not be read is the reason."""
        failure = unreadable(self._images.failures[0].error)
        return failed_result(self._info.identity(), failure, self._seconds())

    def _not_used(self) -> tuple[tuple[str, Message], ...]:
        return tuple((uid, refusal.reason) for uid, refusal in self._refusals.items())

    def _seconds(self) -> float:
        return round(time.monotonic() - self._started, 3)


def failed_result(bundle: BundleIdentity, failure: Message, seconds: float) -> BundleResult:
    """The result of a bundle that could not run at all."""
    return BundleResult(
        bundle=bundle, verdict=Verdict.FAILED, failure=failure, seconds=round(seconds, 3)
    )


def unreadable(error: MediAssistError) -> Message:
    return say("image_unreadable", "An image could not be read: {reason}", reason=error.message)
