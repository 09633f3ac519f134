"""Refusals name the check, the measured value and the allowed ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mediassist.core.study import Instance, Patient, Series
from mediassist.models.applicability import (
    PictureFacts,
    header_refusal,
    header_warnings,
    picture_refusal,
    size_refusal,
)
from mediassist.models.metadata import GateRule, InputContract

CONTRACT = InputContract(
    modalities=("CR", "DX"),
    body_parts=("CHEST",),
    views=("PA", "AP"),
    age_years=(1, 90),
    photometric=("MONOCHROME1", "MONOCHROME2"),
    presentation_intent=("FOR PRESENTATION",),
)
INSTANCE = Instance(
    path=Path("a.dcm"),
    source="a.dcm",
    sop_instance_uid="1.2",
    modality="DX",
    photometric="MONOCHROME2",
    view_position="PA",
)
SERIES = Series(
    series_uid="1", modality="DX", body_part="CHEST", presentation_intent="FOR PRESENTATION"
)
PATIENT = Patient(age_years=50.0)
RULE = GateRule(picture_kinds=("chest_frontal",), min_probability=0.8, max_ood=2.0)
FACTS = PictureFacts({"chest_frontal": 0.95, "knee": 0.05}, ood=1.0)


def test_a_fitting_image_is_let_through_without_a_word() -> None:
    assert header_refusal(CONTRACT, SERIES, INSTANCE, PATIENT) is None
    assert header_warnings(CONTRACT, SERIES, INSTANCE, PATIENT) == ()
    assert picture_refusal(RULE, FACTS) is None


@pytest.mark.parametrize(
    ("series", "instance", "patient", "code", "measured"),
    [
        ({}, {"has_pixels": False}, {}, "no_pixels", ""),
        ({}, {"modality": "MR"}, {}, "modality_not_allowed", "MR"),
        ({"body_part": "knee "}, {}, {}, "body_part_not_allowed", "KNEE"),
        ({}, {"view_position": "LL"}, {}, "view_not_allowed", "LL"),
        ({}, {"photometric": "RGB"}, {}, "photometric_not_allowed", "RGB"),
        ({"presentation_intent": "FOR PROCESSING"}, {}, {}, "intent_not_allowed", "FOR PROCESSING"),
        ({}, {}, {"age_years": 0.5}, "age_not_allowed", "0.5"),
    ],
)
def test_each_header_check_refuses_with_its_own_reason(
    series: dict[str, object],
    instance: dict[str, object],
    patient: dict[str, object],
    code: str,
    measured: str,
) -> None:
    refusal = header_refusal(
        CONTRACT,
        replace(SERIES, **series),  # type: ignore[arg-type]
        replace(INSTANCE, **instance),  # type: ignore[arg-type]
        replace(PATIENT, **patient),  # type: ignore[arg-type]
    )
    assert refusal is not None
    assert (refusal.reason.code, refusal.measured) == (code, measured)


@pytest.mark.parametrize(
    ("view", "age", "code", "words"),
    [("AP", 50.0, "view_is_ap", "AP film"), ("PA", 9.0, "patient_is_child", "Child")],
)
def test_a_model_of_adults_pa_films_names_an_ap_film_and_a_child(
    view: str, age: float, code: str, words: str
) -> None:
    contract = CONTRACT.model_copy(update={"views": ("PA",), "age_years": (18, 90)})
    refusal = header_refusal(
        contract, SERIES, replace(INSTANCE, view_position=view), Patient(age_years=age)
    )
    assert refusal is not None
    assert refusal.reason.code == code
    assert str(refusal.reason).startswith(words)


def test_a_silent_header_refuses_nothing_but_is_said() -> None:
    series, instance = replace(SERIES, body_part=""), replace(INSTANCE, view_position="")
    assert header_refusal(CONTRACT, series, instance, Patient()) is None
    codes = {each.code for each in header_warnings(CONTRACT, series, instance, Patient())}
    assert codes == {"age_unknown", "view_unknown", "body_part_unknown"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind_probabilities": {"chest_frontal": 0.1, "knee": 0.9}}, "picture_kind_not_allowed"),
        ({"orientation": 180}, "picture_rotated"),
        ({"inverted": True}, "picture_inverted"),
        ({"ood": 2.5}, "picture_unlike_training"),
    ],
)
def test_each_picture_check_refuses_with_its_own_reason(
    change: dict[str, object], code: str
) -> None:
    refusal = picture_refusal(RULE, replace(FACTS, **change))  # type: ignore[arg-type]
    assert refusal is not None
    assert refusal.reason.code == code
    assert refusal.measured and refusal.allowed


@pytest.mark.parametrize(
    ("rows", "columns", "refused"),
    [(64, 128, False), (400, 140, False), (63, 300, True), (127, 127, True), (40, 40, True)],
)
def test_a_picture_below_half_the_networks_size_is_refused(
    rows: int, columns: int, refused: bool
) -> None:
    refusal = size_refusal(replace(INSTANCE, rows=rows, columns=columns), 256)
    assert (refusal is not None) == refused
    if refusal is not None:
        assert (refusal.measured, refusal.allowed) == (f"{columns} x {rows}", ">= 128 x 64")
