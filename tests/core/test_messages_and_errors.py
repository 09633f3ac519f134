"""Messages are worded in English by default and survive the way between processes."""

from __future__ import annotations

import pickle

import pytest

from mediassist.core.errors import MediAssistError, UnreadableFile
from mediassist.core.messages import say
from mediassist.core.operating_point import OperatingPoint, Promise, PromiseKind
from mediassist.core.vocabulary import FINDINGS, Domain, Verdict


def test_a_message_words_the_messages_inside_it() -> None:
    inner = say("inner", "tag {tag} is missing", tag="(0028,0010)")
    assert str(say("outer", "{path}: {reason}.", path="甲.dcm", reason=inner)) == (
        "甲.dcm: tag (0028,0010) is missing."
    )


def test_an_error_keeps_its_message_across_processes() -> None:
    error = UnreadableFile(say("cut", "{path} is cut off.", path="检查/1.dcm"))
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - made in the line itself
    assert isinstance(again, UnreadableFile)
    assert again.message == error.message and again.values == {"path": "检查/1.dcm"}


def test_every_error_says_what_to_do() -> None:
    for kind in MediAssistError.__subclasses__():
        assert str(kind.advice)


@pytest.mark.parametrize(
    ("probability", "verdict"),
    [
        (0.0, Verdict.CLEARED),
        (0.0999, Verdict.CLEARED),
        (0.1, Verdict.REVIEW),
        (0.5999, Verdict.REVIEW),
        (0.6, Verdict.FLAGGED),
        (1.0, Verdict.FLAGGED),
    ],
)
def test_the_two_thresholds_cut_as_product_md_says(probability: float, verdict: Verdict) -> None:
    point = OperatingPoint(0.1, 0.6, Promise(PromiseKind.MARGINAL, 0.01, None, 134))
    assert point.verdict(probability) is verdict


def test_without_a_cleared_band_nothing_is_cleared() -> None:
    point = OperatingPoint(None, 0.6, Promise(PromiseKind.NONE, None, None, 12))
    assert point.verdict(0.0) is Verdict.REVIEW


def test_haemorrhage_is_listed_under_brain_and_heart() -> None:
    assert FINDINGS["intracranial_haemorrhage"].domains == (Domain.BRAIN, Domain.HEART)
