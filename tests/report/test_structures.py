"""Named structures, measurements and marks without a verdict, in pictures and report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mediassist.core.finding import BundleResult, Measurement, RegionKind
from mediassist.core.study import Study
from mediassist.core.vocabulary import Verdict
from mediassist.report import write_report
from mediassist.report.draft import draft_findings, draft_impression
from mediassist.report.pictures import make_pictures
from mediassist.report.structures import (
    LOOKS,
    end_marks,
    is_structure,
    label_words,
    legend_entries,
    structure_looks,
    value_words,
)
from mediassist.report.urgency import by_urgency
from mediassist.text import words
from tests.reading.kinds import (
    cine_result,
    disc_result,
    heart_result,
    marks_result,
    result_with,
    volume_result,
)
from tests.reading.results import study_of
from tests.report.pdf_reading import joined_text

EN, ZH = words("en"), words("zh")
FILM = study_of()


def grey(path: Path, frame: int) -> np.ndarray:
    return np.full((96, 80), 90, np.uint8)


def has_colour(picture: object, rgb: tuple[int, int, int]) -> bool:
    shown = np.asarray(picture).astype(int)
    return bool((np.abs(shown - np.array(rgb)).max(axis=-1) < 12).sum() > 30)


def test_each_structure_has_a_colour_and_line_of_its_own_at_all_times() -> None:
    looks = structure_looks([heart_result(FILM), cine_result(study_of(frames=8))])
    assert len({looks[label] for label in ("Heart", "Right lung", "Left lung")}) == 3
    assert looks["Left ventricle, end-diastole"] == looks["Left ventricle, end-systole"]
    assert len({(look.rgb, look.dashes) for look in LOOKS}) == len(LOOKS)
    assert len({look.dashes for look in LOOKS}) == len(LOOKS)


def test_a_box_with_a_name_is_a_place_and_no_structure() -> None:
    outline = heart_result(FILM).regions[0]
    assert is_structure(outline)
    assert not is_structure(replace(outline, label=""))
    assert not is_structure(replace(outline, kind=RegionKind.BOX))


def test_the_legend_names_each_structure_once_with_what_was_measured_on_it() -> None:
    result = heart_result(FILM)
    entries = legend_entries(result.regions, result.measurements, structure_looks([result]), ZH)
    assert [entry.text for entry in entries] == [
        "心脏",
        "右肺",
        "左肺",
        "心脏横径  164.2 mm",
        "胸廓横径  281.6 mm",
    ]
    assert label_words("Left ventricle, end-diastole", EN) == "Left ventricle, end-diastole"
    assert label_words("Left ventricle, end-diastole", ZH) == "左心室，舒张末期"


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (0.583, "1", "0.583"),
        (0.64, "{ratio}", "0.64"),
        (164.24, "mm", "164.2 mm"),
        (47.34, "%", "47.3%"),
        (12.04, "deg", "12°"),
        (310.0, "mm2", "310 mm²"),
        (12345.2, "mm3", "12345 mm³"),
    ],
)
def test_values_have_units_that_people_write(value: float, unit: str, said: str) -> None:
    assert value_words(Measurement("x", None, value, unit, "")) == said


def test_a_measured_length_has_marks_across_its_ends() -> None:
    assert end_marks((0, 0), (10, 0), 2) == [[(0, -2), (0, 2)], [(10, -2), (10, 2)]]
    assert len(end_marks((3, 3), (3, 3), 2)) == 2


def test_pictures_show_structures_and_legend_also_where_the_study_is_cleared() -> None:
    (picture,) = make_pictures(
        result_with(FILM, heart_result(FILM, Verdict.CLEARED)), EN, grey
    ).pictures
    assert picture.regions == ()
    assert len(picture.structures) == len(picture.legend) == 5
    for look in LOOKS[:3]:
        assert has_colour(picture.key_image, look.rgb)


def test_of_a_beating_heart_the_two_extremes_are_printed() -> None:
    study = study_of(modality="MR", frames=9)
    made = make_pictures(result_with(study, cine_result(study)), EN, grey)
    assert [picture.frame for picture in made.pictures] == [0, 4]
    assert made.left_out == (("heart_cardiomyopathy_mr", 7),)


def test_slices_with_marks_are_counted_as_images_in_the_draft() -> None:
    study = study_of(modality="CT", images=9)
    (line, measured, *_) = draft_findings(
        result_with(study, volume_result(study)), [volume_result(study)], EN
    )
    assert "Images with marks: 3; the strongest: Series 1" in line
    assert "27.9 × 18.6 mm" in line
    assert measured.endswith("measured: Volume of the outlined finding 23.4 mL.")


def test_structures_are_no_marked_places_in_the_draft() -> None:
    lines = draft_findings(result_with(FILM, heart_result(FILM)), [heart_result(FILM)], EN)
    assert lines[0] == "Cardiomegaly: flagged, probability 0.91."
    assert "Cardiothoracic ratio 0.583; Cardiac diameter 164.2 mm" in lines[1]


def test_a_model_that_only_marks_gives_no_verdict_anywhere_in_the_report(tmp_path: Path) -> None:
    target = tmp_path / "报告" / "r.pdf"
    target.parent.mkdir()
    study: Study = FILM
    results: tuple[BundleResult, ...] = (marks_result(study), disc_result(study))
    made = result_with(study, *results)
    write_report(made, target, "en", load=grey)
    text = joined_text(target)
    assert text.count("Marksonly:noverdict") >= 3
    assert "0.41" in text.split("Keyimages")[1]
    assert "0.41" not in text.split("Keyimages")[0]
    assert "Lungnodule:candidatesonly,noverdict.Placesmarked:3" in text
    assert "Verticalcup-to-discratio0.64" in text
    assert "verticalextentsofbothoutlines" in text
    ordered = by_urgency(made)
    assert [entry.bundle.finding for entry in ordered] == ["glaucoma", "lung_nodule"]
    assert "Lung nodule: no verdict; a person must look." in draft_impression(made, ordered, (), EN)
