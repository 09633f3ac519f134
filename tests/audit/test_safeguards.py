"""What could flatter an audit is found."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from mediassist.audit.audit_log import (
    LoggedRun,
    append_run,
    cases_sha256,
    looked_before,
    read_log,
)
from mediassist.audit.outcome import ImageFacts
from mediassist.audit.patients import with_patients
from mediassist.audit.safeguards import (
    SafeguardState,
    SeenPictures,
    duplicates,
    patients_across_labels,
    seen_in_training,
)
from mediassist.audit.shortcut import shortcut_check
from tests.audit.tables import case

BASE = "5a" * 8


def facts(name: str, looks: str = "", **more: int) -> ImageFacts:
    return ImageFacts(images=1, file_sha256=name, perceptual_hash=looks, **more)


def test_a_patient_with_both_truths_is_named() -> None:
    cases = [
        case(1, True, "flagged", patient="a"),
        case(2, False, "cleared", patient="a"),
        case(3, False, "cleared", patient="b"),
    ]
    found = patients_across_labels(cases)
    assert found.state is SafeguardState.WARNING
    assert found.cases == ("1", "2")
    assert patients_across_labels(cases[1:]).state is SafeguardState.PASSED
    assert "too narrow" in str(patients_across_labels([case(1, True, "flagged")]).message)


def test_patients_are_told_apart_by_headers_where_the_table_names_none() -> None:
    cases = [case(i, True, "flagged") for i in range(30)]
    known = {str(i): ImageFacts(images=1, patient=f"header-{i // 2}") for i in range(30)}
    found, said = with_patients(cases, known)
    assert len({one.patient for one in found}) == 15
    assert said is not None and "15 patients" in str(said.message)
    # One ID on everything is no patient.
    same = {str(i): ImageFacts(images=1, patient="header-anonymous") for i in range(30)}
    found, said = with_patients(cases, same)
    assert found == cases
    assert said is not None and said.state is SafeguardState.WARNING
    named = [replace(one, patient="a") for one in cases]
    assert with_patients(named, known) == (named, None)


def test_two_eyes_of_a_patient_may_differ() -> None:
    cases = [
        case(1, True, "flagged", patient="a", side="L"),
        case(2, False, "cleared", patient="a", side="R"),
    ]
    assert patients_across_labels(cases).state is SafeguardState.PASSED


def test_the_same_and_nearly_the_same_pictures_are_found() -> None:
    found = duplicates(
        {
            "a": facts("one", BASE),
            "b": facts("one", BASE),
            "c": facts("two", "5b" + BASE[2:]),
            "d": facts("three", "a5" * 8),
        }
    )
    assert found.state is SafeguardState.WARNING
    assert set(found.cases) == {"a", "b", "c"}
    assert duplicates({"a": facts("one")}).state is SafeguardState.PASSED
    assert duplicates({"a": ImageFacts()}).state is SafeguardState.NOT_CHECKED


def test_cases_that_a_bundle_has_seen_are_left_out() -> None:
    seen = SeenPictures("fracture", ("one",), (BASE,))
    cases = [case(name, True, "flagged") for name in "abc"]
    # The same picture is new to a bundle for another finding.
    cases.append(case("a", True, "flagged", finding="scoliosis"))
    found, left_out = seen_in_training(
        cases,
        {"a": facts("one"), "b": facts("two", "5b" + BASE[2:]), "c": facts("x", "a5" * 8)},
        [seen],
    )
    assert left_out == frozenset({("a", "fracture")})
    assert set(found.cases) == {"a", "b"}
    assert found.state is SafeguardState.WARNING


def test_without_a_record_the_check_says_that_it_was_not_made() -> None:
    known = SeenPictures("fracture", (), ())
    found, left_out = seen_in_training([case("a", True, "flagged")], {"a": facts("one")}, [known])
    assert (found.state, left_out) == (SafeguardState.NOT_CHECKED, frozenset())


def test_a_label_that_the_file_gives_away_is_a_shortcut() -> None:
    random = np.random.default_rng(0)
    cases = [case(i, i % 2 == 0, "review") for i in range(200)]
    telling = {
        str(i): facts(str(i), file_bytes=int(random.normal(9000 if i % 2 else 5000, 500)))
        for i in range(200)
    }
    silent = {str(i): facts(str(i), file_bytes=int(random.normal(7000, 500))) for i in range(200)}
    assert shortcut_check(cases, telling).state is SafeguardState.WARNING
    assert shortcut_check(cases, silent).state is SafeguardState.PASSED
    assert shortcut_check(cases[:10], telling).state is SafeguardState.NOT_CHECKED
    assert shortcut_check(cases, {}).state is SafeguardState.NOT_CHECKED


def logged(threshold: float = 0.6, manifest: str = "m", cases: str = "") -> LoggedRun:
    return LoggedRun(
        "2026-11-24T08:00:00+00:00",
        manifest,
        cases or manifest,
        (("bundle", "ab"),),
        (("fracture", 0.3, threshold),),
        (0.95, 0.01, 0.05),
        (("fracture", "not_met"),),
    )


def test_a_threshold_changed_after_looking_is_said(chinese_path: Path) -> None:
    log = chinese_path / "日志" / "log.jsonl"
    append_run(log, logged(0.6))
    assert looked_before(*read_log(log), logged(0.6)).state is SafeguardState.PASSED
    assert looked_before(*read_log(log), logged(0.5, "other")).state is SafeguardState.PASSED
    found = looked_before(*read_log(log), logged(0.5))
    assert found.state is SafeguardState.WARNING
    assert "1 times before" in str(found.message)
    # A table of which only the thresholds were changed is another file with the same cases.
    edited = looked_before(*read_log(log), logged(0.5, "edited", "m"))
    assert edited.state is SafeguardState.WARNING


def test_the_same_cases_are_known_again_whatever_their_order_and_thresholds() -> None:
    cases = [case(i, i % 2 == 0, "review", score=i / 10) for i in range(5)]
    moved = [replace(one, t_low=0.1, t_high=0.2) for one in reversed(cases)]
    known = cases_sha256(cases, {})
    assert known == cases_sha256(moved, {})
    assert known != cases_sha256(cases[1:], {})
    # Another vendor's scores of the same cases are no second look; another bundle's would be.
    assert known != cases_sha256([replace(one, score=0.9) for one in cases], {})
    pictures = {str(i): facts(f"picture {i}") for i in range(5)}
    renamed = [replace(one, case=f"new {one.case}", score=0.9) for one in cases]
    assert cases_sha256(cases, pictures) == cases_sha256(
        renamed, {f"new {name}": fact for name, fact in pictures.items()}
    )


def test_a_log_that_was_altered_is_noticed(chinese_path: Path) -> None:
    log = chinese_path / "log.jsonl"
    for threshold in (0.4, 0.5, 0.6):
        append_run(log, logged(threshold))
    runs, whole = read_log(log)
    assert (len(runs), whole) == (3, True)
    lines = log.read_text("utf-8").splitlines(keepends=True)
    log.write_text(lines[0] + lines[2], "utf-8")
    runs, whole = read_log(log)
    assert not whole
    assert "altered" in str(looked_before(runs, whole, logged()).message)
