"""A reader's decisions are kept whatever happens, and the newest one counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediassist.core.decision import Decision, DecisionKind
from mediassist.core.errors import OutputNotWritable
from mediassist.core.vocabulary import Verdict
from mediassist.reading.decisions import DecisionStore, ReviewState
from tests.reading.results import HEART, NOW, OPACITY, identity, result_of, study_of

KEY = "0123456789abcdef"


def decision(kind: DecisionKind = DecisionKind.ACCEPTED, **changes: object) -> Decision:
    made = Decision(
        study_uid="1.2.3",
        bundle_id=OPACITY,
        bundle_sha256=identity(OPACITY, "").sha256,
        kind=kind,
        reader="李医师",
        at=NOW,
    )
    return replace(made, **changes)


def test_a_decision_survives_reopening_with_every_field(chinese_path: Path) -> None:
    made = decision(DecisionKind.REJECTED, reason='皮肤皱褶 { } "quoted"')
    DecisionStore(chinese_path / "输出").record(KEY, made)
    assert DecisionStore(chinese_path / "输出").history(KEY) == (made,)


def test_the_newest_decision_of_a_bundle_counts_and_the_older_ones_stay(
    chinese_path: Path,
) -> None:
    store = DecisionStore(chinese_path)
    first = decision()
    second = decision(DecisionKind.REJECTED, at=NOW + timedelta(minutes=1))
    store.record(KEY, first)
    store.record(KEY, second)
    assert store.newest(KEY) == {OPACITY: second}
    assert store.history(KEY) == (first, second)


@pytest.mark.expects_log("is not a decision")
def test_a_line_torn_by_a_crash_costs_nothing_but_itself(chinese_path: Path) -> None:
    store = DecisionStore(chinese_path)
    store.record(KEY, decision())
    file = chinese_path / "decisions" / f"{KEY}.jsonl"
    file.write_bytes(file.read_bytes() + b'{"study_uid": "1.2.3", "bun')
    store.record(KEY, decision(bundle_id=HEART))
    assert set(store.newest(KEY)) == {OPACITY, HEART}


def test_two_stores_on_one_folder_see_each_others_decisions(chinese_path: Path) -> None:
    one, other = DecisionStore(chinese_path), DecisionStore(chinese_path)
    one.record(KEY, decision())
    other.record(KEY, decision(bundle_id=HEART))
    assert one.newest(KEY).keys() == other.newest(KEY).keys() == {OPACITY, HEART}


def test_rewriting_a_study_folder_leaves_the_decisions_alone(chinese_path: Path) -> None:
    """`write_study` replaces OUT/<study> whole; decisions therefore stand beside it."""
    from mediassist.report.outputs import write_study

    result = result_of(study_of(chinese_path / "缺.dcm"))
    store = DecisionStore(chinese_path)
    store.record(result.study_key, decision())
    write_study(result, chinese_path, formats=("json",))
    write_study(result, chinese_path, formats=("json",))
    assert set(store.newest(result.study_key)) == {OPACITY}


def test_a_folder_that_cannot_be_written_is_told(chinese_path: Path) -> None:
    blocked = chinese_path / "file"
    blocked.write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(OutputNotWritable, match="could not be written"):
        DecisionStore(blocked).record(KEY, decision())


def test_a_decision_about_an_earlier_model_does_not_count(chinese_path: Path) -> None:
    store = DecisionStore(chinese_path)
    result = result_of(study_of(), version="1.0.0")
    store.record(result.study_key, decision())
    assert set(store.valid(result)) == {OPACITY}
    assert store.valid(result_of(study_of(), version="2.0.0")) == {}


def test_the_review_state_counts_flagged_and_review_only(chinese_path: Path) -> None:
    store = DecisionStore(chinese_path)
    result = result_of(study_of(), Verdict.REVIEW)
    assert store.state(result) is ReviewState.OPEN
    store.record(result.study_key, decision(bundle_id=HEART))
    assert store.state(result) is ReviewState.OPEN
    store.record(result.study_key, decision())
    assert store.state(result) is ReviewState.DECIDED
    cleared = result_of(study_of(uid="9"), Verdict.CLEARED)
    assert store.state(cleared) is ReviewState.NOTHING_TO_DECIDE


@given(reader=st.text(max_size=30), reason=st.text(max_size=60), kind=st.sampled_from(DecisionKind))
def test_any_text_of_a_reader_comes_back_unchanged(
    tmp_path_factory: pytest.TempPathFactory, reader: str, reason: str, kind: DecisionKind
) -> None:
    store = DecisionStore(tmp_path_factory.mktemp("文字"))
    made = decision(kind, reader=reader, reason=reason)
    store.record(KEY, made)
    assert store.history(KEY) == (made,)
