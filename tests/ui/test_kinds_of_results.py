"""Volumes, measured structures, marks without a verdict and moving pictures in the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from mediassist.core.finding import BundleResult
from mediassist.core.messages import say
from mediassist.core.study import PixelSpacing, SpacingSource, Study
from mediassist.core.vocabulary import Verdict
from mediassist.dicom.acquisition import check_study
from mediassist.reading.display_set import display_set
from mediassist.reading.pictures import load_picture
from mediassist.reading.places import MarkedPlace
from mediassist.report.structures import LOOKS, ON_COLOUR
from mediassist.text import words
from mediassist.ui.acquisition_box import AcquisitionBox
from mediassist.ui.buttons import text_label
from mediassist.ui.card_parts import place_words
from mediassist.ui.finding_card import FindingCard
from mediassist.ui.reading_window import ReadingWindow
from mediassist.ui.threshold_bar import ThresholdBar
from tests.dicom.builder import chest_radiograph, ct_series, ultrasound
from tests.reading.kinds import (
    CINE,
    HEART,
    MARKS,
    VESSELS,
    VOLUME,
    cine_result,
    heart_result,
    marks_result,
    result_with,
    vessel_result,
    volume_result,
)
from tests.reading.results import result_of, study_of
from tests.ui.conftest import WAIT_MS, InProcess, MakeWindow, until_ready
from tests.ui.test_reading_window import colours, key

Makers = tuple[Callable[[Study], BundleResult], ...]


class Gives(InProcess):
    """Finds what the makers say."""

    def __init__(self, *makers: Callable[[Study], BundleResult]) -> None:
        super().__init__()
        self._makers = makers

    def analyze(self, study, progress, cancelled):
        return result_with(study, *(make(study) for make in self._makers))


@pytest.fixture
def open_with(
    make_window: MakeWindow, chinese_path: Path, qtbot: QtBot
) -> Callable[..., ReadingWindow]:
    def opened(*makers: Callable[[Study], BundleResult], kind: str) -> ReadingWindow:
        if kind == "ct":
            ct_series(chinese_path / "图", slices=9)
        elif kind == "cine":
            ultrasound(chinese_path / "图" / "心.dcm", frames=8, FrameTime=20)
        else:
            chest_radiograph(chinese_path / "图" / "胸.dcm")
        window = make_window(Gives(*makers))
        window.open([chinese_path / "图"])
        until_ready(qtbot, window, studies=1)
        return window

    return opened


def texts(window: ReadingWindow, bundle_id: str) -> str:
    return "\n".join(label.text() for label in window.panel.cards[bundle_id].findChildren(QLabel))


def test_a_volume_opens_on_its_strongest_slice_and_offers_the_others(
    open_with: Callable[..., ReadingWindow], qtbot: QtBot
) -> None:
    window = open_with(volume_result, kind="ct")
    card, model = window.panel.cards[VOLUME], window.viewport.model
    assert model.index == 3
    (scores,) = card.scores
    x = round(scores.place_of(7))
    qtbot.mouseClick(scores, Qt.MouseButton.LeftButton, pos=QPoint(x, 10))
    assert model.index == 7
    assert window.viewing.current_bundle == VOLUME
    first = card.places.rows[0]
    assert first.text().startswith("Image 4 · 0.93 · 27.9 × 18.6 mm")
    first.click()
    assert model.index == 3
    key(qtbot, window, Qt.Key.Key_N)
    assert model.index in (2, 4)


def test_the_bar_of_the_shown_slice_follows_the_reader(
    open_with: Callable[..., ReadingWindow], qtbot: QtBot
) -> None:
    window = open_with(volume_result, kind="ct")
    (scores,) = window.panel.cards[VOLUME].scores
    key(qtbot, window, Qt.Key.Key_End)
    assert scores._shown == 8


def test_structures_have_colours_of_their_own_and_a_legend_and_measures_a_table(
    open_with: Callable[..., ReadingWindow], qtbot: QtBot
) -> None:
    window = open_with(heart_result, kind="film")
    legend = window.viewport._marks.legend
    assert [entry.text for entry in legend][:3] == ["Heart", "Right lung", "Left lung"]
    assert "Cardiac diameter  164.2 mm" in [entry.text for entry in legend]
    assert len({entry.look for entry in legend}) == 5
    assert colours(window, LOOKS[0].rgb) > 100
    card = texts(window, HEART)
    assert "Cardiothoracic ratio" in card and "0.583" in card and "281.6 mm" in card
    assert card.count("greatest width along the rows at the detector") == 1
    key(qtbot, window, Qt.Key.Key_O)
    assert colours(window, LOOKS[0].rgb) < 100


def test_marks_without_a_verdict_say_so_and_show_no_threshold(
    open_with: Callable[..., ReadingWindow],
) -> None:
    window = open_with(marks_result, kind="film")
    card = window.panel.cards[MARKS]
    assert card.findChildren(ThresholdBar) == []
    assert "gives no verdict" in texts(window, MARKS)
    assert "experimental" in texts(window, MARKS)
    model = window.studies.list.worklist_model
    assert "Marks only" in model.index(0).data()
    assert "Review" not in model.index(0).data()


def test_moving_pictures_play_in_a_loop_with_their_outlines_and_stop(
    open_with: Callable[..., ReadingWindow], qtbot: QtBot
) -> None:
    window = open_with(cine_result, vessel_result, kind="cine")
    model, cine = window.viewport.model, window.viewing.cine
    assert model.picture.frame_time_ms == 20
    seen: list[int] = []
    window.viewing.position_shown.connect(lambda _series, position: seen.append(position))
    key(qtbot, window, Qt.Key.Key_C)
    assert cine.playing
    assert cine.pictures_per_second == 50
    assert window.commands["cine"].isChecked()
    qtbot.waitUntil(lambda: len(seen) > 10, timeout=WAIT_MS)
    assert {(b - a) % 8 for a, b in zip(seen, seen[1:], strict=False)} == {1}
    assert len(window.viewport._marks.outlines) >= 3
    window.image.choose_speed(5)
    assert cine.pictures_per_second == 5
    key(qtbot, window, Qt.Key.Key_Down)
    assert not cine.playing
    assert not window.commands["cine"].isChecked()
    assert set(window.panel.cards) == {CINE, VESSELS}
    rows = window.panel.cards[CINE].places.rows
    assert rows[0].text() == "Image 1 · end-diastole · 3 marks"
    rows[2].click()
    assert model.index == 2


def test_a_size_on_the_detector_says_so_in_the_list_of_places() -> None:
    """Millimetres at the detector are larger than the patient's."""
    study = study_of(images=1)
    shown = display_set(study)
    place = MarkedPlace("1.2.3.1.1", 0, 0, 2, 0.82, (71.34, 63.3))
    near = replace(place, spacing=PixelSpacing(0.2, 0.2, SpacingSource.DETECTOR))
    assert place_words(place, 1, shown, words("en")) == "Place 1 · 0.82 · 71.3 × 63.3 mm"
    assert place_words(near, 1, shown, words("en")).endswith("71.3 × 63.3 mm at detector")
    assert "探测器" in place_words(near, 1, shown, words("zh"))
    gone = replace(place, sop_instance_uid="9.9")
    assert place_words(gone, 1, shown, words("en")).startswith("Image not in this study")


def test_a_single_picture_does_not_play(
    open_with: Callable[..., ReadingWindow], qtbot: QtBot
) -> None:
    window = open_with(heart_result, kind="film")
    key(qtbot, window, Qt.Key.Key_C)
    assert not window.viewing.cine.playing
    assert not window.commands["cine"].isChecked()
    assert "only one image" in window.statusBar().currentMessage()


def test_a_still_picture_has_no_frame_time(open_with: Callable[..., ReadingWindow]) -> None:
    window = open_with(heart_result, kind="film")
    picture = load_picture(window.viewport.model.position)
    assert picture.frame_time_ms is None
    assert isinstance(picture.display(picture.default, False), np.ndarray)


def test_what_the_images_lack_stands_above_the_findings(
    make_window: MakeWindow, chinese_path: Path, qtbot: QtBot
) -> None:
    """A reader must know that a rule of acquisition fails before trusting what was found."""
    chest_radiograph(chinese_path / "图" / "胸.dcm")

    class Checked(InProcess):
        def analyze(self, study, progress, cancelled):
            return replace(result_of(study), acquisition=check_study(study, pixels=False))

    window = make_window(Checked())
    window.open([chinese_path / "图"])
    until_ready(qtbot, window, studies=1)
    shown = window.panel.findChild(AcquisitionBox)
    lines = "\n".join(label.text() for label in shown.findChildren(QLabel))
    assert "rules failed" in lines
    assert "measured 80 px, allowed at least 700 px" in lines
    shown.toggle()
    advice = shown.findChildren(QLabel)[-1]
    assert advice.isVisibleTo(shown)
    shown.toggle()
    assert not advice.isVisibleTo(shown)


def test_structures_give_way_to_the_finding_that_is_looked_at(
    open_with: Callable[..., ReadingWindow], qtbot: QtBot
) -> None:
    """The outline of the heart would lie over the lung that the reader was led to."""
    window = open_with(marks_result, heart_result, kind="film")
    window.viewing.choose_finding(MARKS)
    assert window.viewport._marks.legend == ()
    window.viewing.choose_finding(HEART)
    assert len(window.viewport._marks.legend) == 5


def test_a_click_on_the_text_of_a_card_leads_back_to_its_place(
    open_with: Callable[..., ReadingWindow], qtbot: QtBot
) -> None:
    window = open_with(volume_result, kind="ct")
    model = window.viewport.model
    key(qtbot, window, Qt.Key.Key_End)
    assert model.index == 8
    label = window.panel.cards[VOLUME].findChildren(QLabel)[0]
    qtbot.mouseClick(label, Qt.MouseButton.LeftButton)
    assert model.index == 3


def test_a_finding_that_marks_nothing_says_where_to_look(
    open_with: Callable[..., ReadingWindow],
) -> None:
    window = open_with(lambda study: replace(volume_result(study), regions=()), kind="ct")
    assert "look at the whole image" in texts(window, VOLUME)


def test_one_mark_is_listed_with_its_score_and_size_and_a_narrow_panel_cuts_no_card(
    open_with: Callable[..., ReadingWindow], qtbot: QtBot
) -> None:
    def alone(study: Study) -> BundleResult:
        made = volume_result(study)
        return replace(made, regions=made.regions[:1], image_scores=())

    window = open_with(alone, kind="ct")
    card = window.panel.cards[VOLUME]
    (row,) = card.places.rows
    assert "mm" in row.text()
    assert row.toolTip() == row.text()
    assert "score 0 to 1, size" in texts(window, VOLUME)
    assert card.places.minimumSizeHint().width() < 150


def test_marks_on_a_picture_in_colour_have_the_colour_of_the_report(
    make_window: MakeWindow, chinese_path: Path, qtbot: QtBot
) -> None:
    """Orange drowns in a fundus."""
    ultrasound(chinese_path / "图" / "彩.dcm", frames=1)
    window = make_window(Gives(marks_result))
    window.open([chinese_path / "图"])
    until_ready(qtbot, window, studies=1)
    assert window.viewport.model.picture.colour
    assert colours(window, ON_COLOUR) > 20


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_in_a_panel_of_least_width_no_card_is_cut(lang: str, qtbot: QtBot) -> None:
    study = study_of(modality="CT", images=9)
    film = study_of()
    frames = study_of(modality="MR", frames=9)
    altered = say("altered", "{path} was altered.", path="/models/lung_opacity/" + "3db171c1" * 8)
    broken = replace(heart_result(film), verdict=Verdict.FAILED, failure=altered)
    made = [
        (film, replace(heart_result(film), verdict=Verdict.CLEARED)),
        (film, broken),
        (study, volume_result(study)),
        (film, marks_result(film)),
        (frames, cine_result(frames)),
    ]
    for of, result in made:
        card = FindingCard(result, display_set(of), words(lang))
        qtbot.addWidget(card)
        assert card.minimumSizeHint().width() <= 262, result.bundle.bundle_id


def test_a_word_too_long_for_any_panel_loses_its_middle_and_the_tool_tip_has_it(
    qtbot: QtBot,
) -> None:
    whole = "/数据/lung_opacity_xray/README.md: SHA-256 " + "3db171c1" * 8
    label = text_label(whole)
    qtbot.addWidget(label)
    assert label.text() == "/数据/lung_opacity_xray/README.md: SHA-256 3db171c13db171…c13db171c1"
    assert label.toolTip() == whole
    short = text_label("nothing to cut")
    qtbot.addWidget(short)
    assert short.toolTip() == ""
