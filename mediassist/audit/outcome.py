"""What the one path said about one path of the manifest, small enough to keep for every case."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from mediassist.core.messages import Message, Value
from mediassist.core.vocabulary import Verdict

# Bounding box (x0, y0, x1, y1) in pixels of the stored image, the score, and the place of the
# image in its series (or of the frame in its image), from 0 in reading order.
Mark: TypeAlias = tuple[float, float, float, float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleOutcome:
    """One bundle on one case. `picture` is the file of the gallery, where one was drawn.

    `marks_only` bundles show candidates and give no verdict.
    """

    bundle: str
    version: str
    sha256: str
    finding: str
    verdict: Verdict
    probability: float | None = None
    t_low: float | None = None
    t_high: float | None = None
    promise: str = ""
    reason: Message | None = None
    marks_only: bool = False
    marks: tuple[Mark, ...] = ()
    picture: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFacts:
    """What is known of a case's images without looking for disease.

    Both hashes are of the middle image: of its file, and of what it looks like
    (`core.picture_hash`; empty where it can't be decoded). `study` is the Study Instance UID,
    `patient` stands for the Patient ID without being it; both are empty for pictures, which have
    none. `header` holds further (name, value) of the middle image's
    header that have nothing to do with what it shows.
    """

    images: int = 0
    frames: int = 0
    study: str = ""
    patient: str = ""
    file_bytes: int = 0
    suffix: str = ""
    rows: int = 0
    columns: int = 0
    bits: int = 0
    manufacturer: str = ""
    model_name: str = ""
    header: tuple[tuple[str, str], ...] = ()
    file_sha256: str = ""
    perceptual_hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOutcome:
    """Everything said about one path; `failure` where it could not be read at all."""

    results: tuple[BundleOutcome, ...] = ()
    facts: ImageFacts = ImageFacts()
    failure: Message | None = None
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        document = asdict(self)
        document["failure"] = _message_to_json(self.failure)
        for stored, result in zip(document["results"], self.results, strict=True):
            stored["verdict"] = result.verdict.value
            stored["reason"] = _message_to_json(result.reason)
        return document

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> CaseOutcome:
        return cls(
            results=tuple(_bundle_outcome(stored) for stored in document["results"]),
            facts=_facts(document["facts"]),
            failure=_message_from_json(document["failure"]),
            seconds=document["seconds"],
        )


def _facts(stored: dict[str, Any]) -> ImageFacts:
    # The same few words in every case of a site: each is kept once.
    header = _shared(tuple((name, value) for name, value in stored["header"]))
    words = {name: sys.intern(stored[name]) for name in ("suffix", "manufacturer", "model_name")}
    return ImageFacts(**{**stored, **words, "header": header})


@lru_cache(maxsize=4096)
def _shared(header: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return header


def _bundle_outcome(stored: dict[str, Any]) -> BundleOutcome:
    changed = {
        "verdict": Verdict(stored["verdict"]),
        "bundle": sys.intern(stored["bundle"]),
        "finding": sys.intern(stored["finding"]),
        "reason": _message_from_json(stored["reason"]),
        "marks": tuple(tuple(mark) for mark in stored["marks"]),
    }
    return BundleOutcome(**{**stored, **changed})


def _message_to_json(message: Message | None) -> dict[str, Any] | None:
    if message is None:
        return None
    values = [
        [name, _message_to_json(value) if isinstance(value, Message) else value]
        for name, value in message.values
    ]
    return {"code": message.code, "template": message.template, "values": values}


def _message_from_json(stored: dict[str, Any] | None) -> Message | None:
    if stored is None:
        return None
    values: list[tuple[str, Value]] = []
    for name, value in stored["values"]:
        inner = _message_from_json(value) if isinstance(value, dict) else value
        values.append((name, "" if inner is None else inner))
    return Message(stored["code"], stored["template"], tuple(values))
