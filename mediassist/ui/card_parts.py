"""Parts of a finding's card: the list of places to go to, and the table of measurements."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from mediassist.core.finding import BundleResult
from mediassist.core.study import PixelSpacing, SpacingSource
from mediassist.reading.display_set import DisplaySet
from mediassist.reading.places import MarkedPlace
from mediassist.report.structures import value_words
from mediassist.text import Words
from mediassist.ui.buttons import ActionButton, RowButton, text_label

FIRST_PLACES = 4
MOST_PLACES = 60


class PlacesList(QWidget):
    """One line a place, strongest first; the rest of a long list comes on request.

    Signals
    -------
    place_asked : the `MarkedPlace` that was pressed.
    """

    place_asked = Signal(object)

    def __init__(
        self,
        places: tuple[MarkedPlace, ...],
        shown: DisplaySet,
        words: Words,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._places = places
        self._shown = shown
        self._words = words
        self.setProperty("clear", True)
        self.rows: list[QPushButton] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        heading = places_heading(places, words)
        if heading:
            self._column.addWidget(text_label(heading, "faint"))
        self._add(places[:FIRST_PLACES])
        rest = len(places) - FIRST_PLACES
        if rest > 0:
            self._more = ActionButton(words.sentence("{count} more", count=rest))
            self._more.setProperty("quiet", True)
            self._more.clicked.connect(self._show_rest)
            self._column.addWidget(self._more, 0, Qt.AlignmentFlag.AlignLeft)

    def _add(self, places: tuple[MarkedPlace, ...]) -> None:
        for place in places:
            number = self._places.index(place) + 1
            button = RowButton(place_words(place, number, self._shown, self._words))
            button.clicked.connect(lambda _checked, place=place: self.place_asked.emit(place))
            self._column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
            self.rows.append(button)

    def _show_rest(self) -> None:
        self._more.hide()
        self._add(self._places[FIRST_PLACES:MOST_PLACES])


def places_heading(places: tuple[MarkedPlace, ...], words: Words) -> str:
    """What the numbers of the list are; empty where it has none."""
    if all(place.score is None for place in places):
        return ""
    if any(place.size_mm is not None for place in places):
        return words.sentence("Marked, strongest first: score 0 to 1, size")
    return words.sentence("Marked, strongest first: score 0 to 1")


def place_words(place: MarkedPlace, number: int, shown: DisplaySet, words: Words) -> str:
    """Image of the series (or number of the mark), score and size."""
    where = shown.find(place.sop_instance_uid, place.frame)
    if where is None:
        parts = [words.sentence("Image not in this study")]
    elif len(shown.series[where[0]].positions) > 1:
        series, position = where
        parts = [words.sentence("Image {image}", image=position + 1)]
        if len(shown.series) > 1 and shown.series[series].series.number is not None:
            parts[0] = words.sentence(
                "Series {series}, image {image}",
                series=shown.series[series].series.number or 0,
                image=position + 1,
            )
    else:
        parts = [words.sentence("Place {number}", number=number)]
    if place.moment:
        parts.append(words.term(place.moment))
    if place.marks > 1 and place.region is None:
        parts.append(words.sentence("{count} marks", count=place.marks))
    if place.score is not None:
        parts.append(f"{place.score:.2f}")
    if place.size_mm is not None:
        parts.append(_size(place.size_mm, place.spacing, words))
    return " · ".join(parts)


def _size(size_mm: tuple[float, float], spacing: PixelSpacing | None, words: Words) -> str:
    """Millimetres that are not the patient's own say so."""
    fields = {"longest": f"{size_mm[0]:.1f}", "across": f"{size_mm[1]:.1f}"}
    match spacing.source if spacing else None:
        case SpacingSource.DETECTOR:
            return words.sentence("{longest} × {across} mm at detector", **fields)
        case SpacingSource.ERMF:
            return words.sentence("{longest} × {across} mm (magnification estimated)", **fields)
    return words.sentence("{longest} × {across} mm", **fields)


class MeasurementTable(QWidget):
    """Name and value; below them how they were measured, once where it is the same for several."""

    def __init__(self, result: BundleResult, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("clear", True)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 2, 0, 2)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(0, 1)
        row = 0
        for number, measured in enumerate(result.measurements):
            grid.addWidget(text_label(words.term(measured.name)), row, 0)
            value = QLabel(value_words(measured))
            font = value.font()
            font.setBold(True)
            value.setFont(font)
            grid.addWidget(value, row, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
            row += 1
            following = result.measurements[number + 1 : number + 2]
            if measured.method and (not following or following[0].method != measured.method):
                grid.addWidget(text_label(words.term(measured.method), "faint"), row, 0, 1, 2)
                row += 1
