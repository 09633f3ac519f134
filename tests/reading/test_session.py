"""One sitting: results come in, decisions go out and come back."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediassist.core.decision import DecisionKind
from mediassist.core.vocabulary import Verdict
from mediassist.reading.decisions import ReviewState
from mediassist.reading.session import HEAT_MAP_STUDIES, ReadingSession
from mediassist.reading.worklist import AnalysisState
from tests.reading.results import HEART, NOW, OPACITY, result_of, study_of


def session_in(folder: Path) -> ReadingSession:
    return ReadingSession(folder, "李医师", clock=lambda: NOW)


def test_a_decision_is_kept_and_changes_the_row(chinese_path: Path) -> None:
    session = session_in(chinese_path)
    session.add_study(study_of())
    session.finish(result_of(study_of()))
    made = session.decide("1.2.3", OPACITY, DecisionKind.REJECTED, "  伪影 ")
    assert (made.reader, made.at, made.reason) == ("李医师", NOW, "伪影")
    assert session.decisions("1.2.3") == {OPACITY: made}
    assert session.worklist["1.2.3"].review is ReviewState.DECIDED


def test_decisions_come_back_in_the_next_sitting(chinese_path: Path) -> None:
    first = session_in(chinese_path)
    first.add_study(study_of())
    first.finish(result_of(study_of()))
    first.decide("1.2.3", OPACITY, DecisionKind.ACCEPTED)
    second = session_in(chinese_path)
    second.add_study(study_of())
    row = second.finish(result_of(study_of()))
    assert row.review is ReviewState.DECIDED
    assert set(second.decisions("1.2.3")) == {OPACITY}


def test_results_of_an_output_folder_keep_their_decisions_there(chinese_path: Path) -> None:
    session = session_in(chinese_path / "work")
    session.add_study(study_of(), chinese_path / "OUT")
    session.finish(result_of(study_of()))
    session.decide("1.2.3", HEART, DecisionKind.ACCEPTED)
    assert (chinese_path / "OUT" / "decisions").is_dir()
    assert not (chinese_path / "work").exists()


def test_an_analysis_waits_runs_stops_and_fails_in_words(chinese_path: Path) -> None:
    session = session_in(chinese_path)
    session.add_study(study_of())
    assert session.queue("1.2.3").state is AnalysisState.WAITING
    assert session.start("1.2.3").state is AnalysisState.RUNNING
    assert session.stop("1.2.3").state is AnalysisState.NOT_ASKED
    assert session.decisions("1.2.3") == {}
    with pytest.raises(ValueError, match="nothing to decide"):
        session.decide("1.2.3", OPACITY, DecisionKind.ACCEPTED)


def test_a_study_with_nothing_to_decide_says_so(chinese_path: Path) -> None:
    session = session_in(chinese_path)
    session.add_study(study_of())
    row = session.finish(result_of(study_of(), Verdict.CLEARED))
    assert row.review is ReviewState.NOTHING_TO_DECIDE


def test_the_heat_maps_of_a_few_studies_only_stay_in_memory(chinese_path: Path) -> None:
    """A heat map is as large as its picture: hundreds of studies would not fit."""
    session = session_in(chinese_path)
    for number in range(HEAT_MAP_STUDIES + 2):
        study = study_of(uid=f"1.{number}")
        session.add_study(study)
        row = session.finish(result_of(study))
        assert row.result is not None
        assert all(one.heat_maps == () for one in row.result.results)
    held = [uid for uid in (f"1.{n}" for n in range(6)) if session.held_heat_maps(uid)]
    assert held == ["1.2", "1.3", "1.4", "1.5"]


def test_a_study_of_an_output_folder_that_is_analysed_again_has_its_evidence_here(
    chinese_path: Path,
) -> None:
    """Its old heat maps lay over the new finding; what was decided stays with the folder."""
    session = ReadingSession(chinese_path / "工作", "李医师", clock=lambda: NOW)
    study = study_of()
    session.add_study(study, chinese_path / "批量")
    assert session.study_folder(study.study_uid).parent == chinese_path / "批量"
    session.made_here(study.study_uid)
    assert session.study_folder(study.study_uid).parent == chinese_path / "工作"
    assert session.result_folder(study.study_uid) == chinese_path / "批量"
