"""Put scanned files together: patients' studies, their series, in reading order."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from mediassist.core.messages import Message, say
from mediassist.core.study import Instance, Series, Study
from mediassist.dicom.duplicates import same_pictures
from mediassist.dicom.instance import Scanned, SeriesFacts, StudyFacts, made_up_uid

_WARNING_LIMIT = 20


@dataclass(slots=True)
class StudyBuilder:
    """Collects the instances of one Study Instance UID; `build` gives the finished study."""

    facts: StudyFacts
    _series: dict[str, SeriesFacts] = field(default_factory=dict)
    _instances: dict[str, dict[str, Instance]] = field(default_factory=dict)
    _warnings: dict[str, list[Message]] = field(default_factory=dict)
    _series_of: dict[str, str] = field(default_factory=dict)

    def add(self, scanned: Scanned) -> None:
        """Add one file; a second copy of an object is left out and said."""
        for warning in scanned.warnings:
            self._warn(warning)
        if scanned.study.patient.patient_id != self.facts.patient.patient_id:
            self._warn(
                say(
                    "patients_differ",
                    "{file} belongs to the same study but names another patient ID.",
                    file=scanned.instance.source,
                )
            )
        instance = scanned.instance
        known_in = self._series_of.get(instance.sop_instance_uid)
        if known_in is not None:
            known = self._instances[known_in][instance.sop_instance_uid]
            if known.source == instance.source:
                return  # one file named twice, as a folder and its DICOMDIR do: no second copy
            if _is_same_object(known, instance):
                kept, left_out = _sounder(known, instance)
                self._instances[known_in][known.sop_instance_uid] = kept
                self._warn(
                    say(
                        "duplicate_left_out",
                        "{file} is a copy of {other} and was left out.",
                        file=left_out.source,
                        other=kept.source,
                    )
                )
                return
            self._warn(
                say(
                    "uid_used_twice",
                    "{file} and {other} are different images with the same SOP Instance UID;"
                    " both are kept.",
                    file=instance.source,
                    other=known.source,
                )
            )
            uid = made_up_uid(instance.sop_instance_uid, _digest(instance.path))
            if uid in self._series_of:
                return
            instance = replace(instance, sop_instance_uid=uid)
        series_uid = scanned.series.series_uid
        self._series.setdefault(series_uid, scanned.series)
        self._instances.setdefault(series_uid, {})[instance.sop_instance_uid] = instance
        self._series_of[instance.sop_instance_uid] = series_uid

    def build(self) -> Study:
        self._tell_copies()
        series = sorted(
            (self._build_series(uid) for uid in self._series),
            key=lambda each: (each.number is None, each.number or 0, each.series_uid),
        )
        facts = self.facts
        return Study(
            study_uid=facts.study_uid,
            patient=facts.patient,
            study_date=facts.study_date,
            study_time=facts.study_time,
            description=facts.description,
            accession_number=facts.accession_number,
            study_id=facts.study_id,
            institution=facts.institution,
            referring_physician=facts.referring_physician,
            series=tuple(series),
            warnings=self._summed_up_warnings(),
        )

    def _build_series(self, uid: str) -> Series:
        facts = self._series[uid]
        return Series(
            series_uid=uid,
            modality=facts.modality,
            number=facts.number,
            description=facts.description,
            body_part=facts.body_part,
            protocol=facts.protocol,
            manufacturer=facts.manufacturer,
            model_name=facts.model_name,
            frame_of_reference_uid=facts.frame_of_reference_uid,
            presentation_intent=facts.presentation_intent,
            instances=in_reading_order(tuple(self._instances[uid].values())),
        )

    def _tell_copies(self) -> None:
        images = (image for series in self._instances.values() for image in series.values())
        for copy, original in same_pictures(images):
            self._warn(
                say(
                    "same_picture",
                    "{file} shows the same picture as {other} under another SOP Instance UID.",
                    file=copy.source,
                    other=original.source,
                )
            )

    def _warn(self, message: Message) -> None:
        self._warnings.setdefault(message.code, []).append(message)

    def _summed_up_warnings(self) -> tuple[Message, ...]:
        """The first of each kind of warning, and how many more there were: 2000 slices of one
        series must not give 2000 sentences."""
        shown: list[Message] = []
        for messages in self._warnings.values():
            shown.append(messages[0])
            if len(messages) > 1:
                shown.append(
                    say(
                        "same_for_others",
                        "The same holds for further files ({count}): {warning}",
                        count=len(messages) - 1,
                        warning=messages[0],
                    )
                )
        return tuple(shown[:_WARNING_LIMIT])


def in_reading_order(instances: Sequence[Instance]) -> tuple[Instance, ...]:
    """Slices by geometry where they form one stack, else by instance number, then by source.

    The numbering of the scanner is kept where it runs through the stack in one direction: that
    is how the department is used to scroll. Objects without pixels come last.
    """
    images = [instance for instance in instances if instance.has_pixels]
    others = [instance for instance in instances if not instance.has_pixels]
    by_number = sorted(images, key=_number_key)
    along = stack_positions_mm(by_number)
    if along is not None:
        steps = np.diff(along)
        numbers_known = all(instance.instance_number is not None for instance in by_number)
        monotonic = bool((steps > 0).all() or (steps < 0).all())
        if not (numbers_known and monotonic):
            by_number = [by_number[index] for index in np.argsort(along, kind="stable")]
    return (*by_number, *sorted(others, key=_number_key))


def stack_positions_mm(instances: Sequence[Instance]) -> np.ndarray | None:
    """Distances of the slices along their common normal, or None where they are no stack.

    A stack has one orientation and no two slices at one place; localisers, time series and
    radiographs are none.
    """
    if len(instances) < 2:
        return None
    orientations = [instance.orientation for instance in instances]
    positions = [instance.position_mm for instance in instances]
    if any(o is None for o in orientations) or any(p is None for p in positions):
        return None
    cosines = np.array(orientations, dtype=np.float64)
    if np.abs(cosines - cosines[0]).max() > 1e-3:
        return None
    normal = np.cross(cosines[0, :3], cosines[0, 3:])
    along = np.array(positions, dtype=np.float64) @ normal
    if np.min(np.diff(np.sort(along))) < 1e-3:
        return None
    return along


def _number_key(instance: Instance) -> tuple[bool, int, str]:
    number = instance.instance_number
    return number is None, number or 0, instance.source


def _is_same_object(first: Instance, second: Instance) -> bool:
    """Two files of one UID: copies, or two images that share a UID by mistake?"""
    facts = ("instance_number", "position_mm", "rows", "columns", "frames", "has_pixels")
    if any(getattr(first, name) != getattr(second, name) for name in facts):
        return False
    if first.position_mm is not None:
        # The same slice again, perhaps in another transfer syntax.
        return True
    return (
        first.transfer_syntax_uid != second.transfer_syntax_uid
        or first.instance_number is not None
        or _digest(first.path) == _digest(second.path)
    )


def _sounder(known: Instance, other: Instance) -> tuple[Instance, Instance]:
    """Which of two copies to keep: the larger where one may have been cut off, else the first."""
    is_same_coding = known.transfer_syntax_uid == other.transfer_syntax_uid
    if is_same_coding and _size(other.path) > _size(known.path):
        return other, known
    return known, other


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return str(path)
