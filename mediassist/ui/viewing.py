"""Joins a study to the viewport: series, frames, overlays, and the tour of the findings."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from mediassist.analysis.result import StudyResult
from mediassist.core.finding import BundleResult, HeatMap
from mediassist.core.messages import Message
from mediassist.core.study import Study
from mediassist.reading.display_set import DisplaySet, ScrollPosition, display_set
from mediassist.reading.evidence import HeatPicture, ShownHeat
from mediassist.reading.finding_stops import FindingStop, finding_stops, stops_of
from mediassist.reading.pictures import Picture
from mediassist.reading.places import MarkedPlace
from mediassist.ui.cine import Cine
from mediassist.ui.marks import marks_at
from mediassist.ui.picture_image import array_image, heat_image
from mediassist.ui.picture_loader import PictureLoader
from mediassist.ui.series_strip import SeriesStrip
from mediassist.ui.viewport import HeatLayer, QtViewport
from mediassist.ui.viewport_painting import Marks

AHEAD = 4
AnyHeat = HeatMap | HeatPicture


class Viewing(QObject):
    """What the viewport shows of the chosen study.

    Signals
    -------
    finding_changed : bundle id of the finding that accept and reject speak about, or empty.
    position_shown : (series index, position) of the picture that is shown now.
    nothing_to_visit : the next finding was asked for where none awaits a decision.
    """

    finding_changed = Signal(str)
    nothing_to_visit = Signal()
    position_shown = Signal(int, int)

    def __init__(
        self,
        viewport: QtViewport,
        strip: SeriesStrip,
        loader: PictureLoader,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._viewport = viewport
        self._model = viewport.model
        self._strip = strip
        self._loader = loader
        self.shown: DisplaySet | None = None
        self._series_index = 0
        self.result: StudyResult | None = None
        self._heat_maps: ShownHeat = {}
        self._stops: tuple[FindingStop, ...] = ()
        self._stop: FindingStop | None = None
        self.cine = Cine(self._model, self._ready, self._play_on, self)
        self._heat_cache: tuple[AnyHeat | None, QImage | None] = (None, None)
        self.heat_available = False
        loader.loaded.connect(self._loaded)
        viewport.position_changed.connect(self._scrolled)
        strip.series_chosen.connect(self.show_series)

    # Study and series

    def show_study(self, study: Study, result: StudyResult | None) -> None:
        self.cine.stop()
        self.shown = display_set(study)
        self._strip.show_set(self.shown)
        self.result = None
        self._heat_maps = {}
        self._stops, self._stop = (), None
        self._model.clear()
        self._loader.forget_lasting()
        if self.shown.series:
            self.show_series(0)
        else:
            self._viewport.refresh()
        for series in self.shown.series:
            known = self._loader.prefetched(series.thumbnail)
            if known is not None:
                self._loaded(series.thumbnail, known)
        self.set_result(result)

    def set_result(self, result: StudyResult | None) -> None:
        """The findings of the study that is shown.

        The first of them is gone to, unless the reader has begun to look around: an analysis
        that ends must not take the picture away from under his eyes.
        """
        if result is self.result:
            return
        first = self.result is None
        self.result = result
        self._stops = () if result is None else finding_stops(result)
        self._stop = self._stops[0] if first and self._stops else None
        if self._stop is not None and self._untouched():
            self._go_to(self._stop)
        else:
            self.finding_changed.emit(self.current_bundle)
            self._show_overlays()

    def _untouched(self) -> bool:
        """Whether the picture is still the one that the study opened with, as it opened."""
        series = self._model.series
        at_start = series is not None and self._model.index == series.start
        return at_start and self._series_index == 0 and self._model.view.fitted

    def set_heat_maps(self, heat_maps: ShownHeat) -> None:
        """The heat maps of the study that is shown; they may come after its findings."""
        self._heat_maps = heat_maps
        self._show_overlays()

    def show_series(self, index: int, position: int | None = None) -> None:
        if self.shown is None or not 0 <= index < len(self.shown.series):
            return
        self.cine.stop()
        self._series_index = index
        self._strip.set_current(index)
        self._model.open(self.shown.study, self.shown.series[index], position)
        self._position_changed()

    def step_series(self, steps: int) -> None:
        self.show_series(self._series_index + steps)

    def show_end(self, *, last: bool) -> None:
        if self._model.series is not None:
            self._viewport.scroll_to(len(self._model.series.positions) - 1 if last else 0)

    # Frames

    def _position_changed(self) -> None:
        position = self._model.position
        if position is None:
            return
        known = self._loader.show(position)
        if known is not None:
            self._take(known)
        else:
            self._viewport.refresh()
        self._show_overlays()
        self._loader.prefetch(self._ahead())
        self.position_shown.emit(self._series_index, self._model.index)

    def _ahead(self) -> list[ScrollPosition]:
        assert self._model.series is not None  # noqa: S101  (called with a series open)
        positions = self._model.series.positions
        if self.cine.playing:
            return [positions[index] for index in self.cine.coming()]
        near = [self._model.index + step for n in range(1, AHEAD + 1) for step in (n, -n)]
        return [positions[index] for index in near if 0 <= index < len(positions)]

    def _ready(self, places: list[int]) -> bool:
        """For the cine: whether the first of these pictures is at hand; all of them are read."""
        assert self._model.series is not None  # noqa: S101  (a cine plays an open series)
        positions = [self._model.series.positions[place] for place in places]
        if self._loader.known(positions[0]):
            return True
        self._loader.prefetch(positions)
        return False

    def _play_on(self, place: int) -> None:
        if self._model.scroll_to(place):
            self._position_changed()

    def _scrolled(self) -> None:
        """The reader moved by himself: the cine makes way."""
        self.cine.stop()
        self._position_changed()

    def _loaded(self, position: ScrollPosition, what: Picture | Message) -> None:
        if position == self._model.position and self._model.picture is None:
            self._take(what)
            self._show_overlays()
        if self.shown is None or not isinstance(what, Picture):
            return
        for index, series in enumerate(self.shown.series):
            if series.thumbnail == position:
                pixels = what.display(None if what.colour else what.default, False, what.levels - 1)
                self._strip.set_thumbnail(index, array_image(pixels))

    def _take(self, what: Picture | Message) -> None:
        if isinstance(what, Picture):
            self._model.set_picture(what)
        else:
            self._model.set_failure(what)
        self._viewport.refresh()

    # Findings

    @property
    def current_bundle(self) -> str:
        return "" if self._stop is None else self._stop.bundle_id

    def step_finding(self, steps: int) -> None:
        """The next or previous finding that awaits a decision, round and round."""
        if not self._stops:
            self.nothing_to_visit.emit()
            return
        if self._stop in self._stops:
            number = (self._stops.index(self._stop) + steps) % len(self._stops)
        else:
            number = 0 if steps > 0 else len(self._stops) - 1
        self._go_to(self._stops[number])

    def choose_finding(self, bundle_id: str, again: bool = False) -> None:
        """The reader chose a card: show its strongest place. `again` takes him back to where he
        was led before, should he have scrolled away."""
        if self._stop is not None and bundle_id == self._stop.bundle_id:
            if again:
                self._go_to(self._stop)
            return
        chosen = self._bundle(bundle_id)
        if chosen is not None:
            self._go_to(stops_of(chosen)[0])

    def show_place(self, bundle_id: str, place: MarkedPlace) -> None:
        """The reader chose one place of a finding."""
        self._go_to(
            FindingStop(bundle_id, place.sop_instance_uid, place.frame, region=place.region)
        )

    def _go_to(self, stop: FindingStop) -> None:
        self._stop = stop
        place = None
        if self.shown is not None and stop.sop_instance_uid:
            place = self.shown.find(stop.sop_instance_uid, stop.frame)
        if place is not None:
            series, position = place
            if (series, position) != (self._series_index, self._model.index):
                self.show_series(series, position)
        self.finding_changed.emit(stop.bundle_id)
        self._show_overlays()

    def _bundle(self, bundle_id: str) -> BundleResult | None:
        if self.result is None:
            return None
        return next((one for one in self.result.results if one.bundle.bundle_id == bundle_id), None)

    # Overlays

    def _show_overlays(self) -> None:
        marks = Marks()
        position = self._model.position
        heat: AnyHeat | None = None
        if self.result is not None and position is not None:
            place = (position.instance.sop_instance_uid, position.frame)
            marks = marks_at(self.result, place, self._stop, self._viewport.words)
            heat = self._heat_at(place)
        image = self._heat_picture(heat)
        self.heat_available = image is not None
        self._viewport.set_overlays(marks, self._heat_layer(heat, image))
        self._viewport.view_changed.emit()

    def _heat_layer(self, heat: AnyHeat | None, image: QImage | None) -> HeatLayer | None:
        if heat is None or image is None:
            return None
        if isinstance(heat, HeatPicture):
            return HeatLayer(image, heat.columns, heat.rows, opaque=True)
        rows, columns = heat.values.shape
        return HeatLayer(image, columns, rows)

    def _heat_at(self, place: tuple[str, int]) -> AnyHeat | None:
        """The current finding's heat map of this picture, else any finding's."""
        found = [
            (bundle_id == self.current_bundle, heat)
            for bundle_id, heat_maps in self._heat_maps.items()
            for heat in heat_maps
            if (heat.sop_instance_uid, heat.frame) == place
        ]
        if not found:
            return None
        return max(found, key=lambda entry: entry[0])[1]

    def _heat_picture(self, heat: AnyHeat | None) -> QImage | None:
        if heat is not self._heat_cache[0]:
            self._heat_cache = (heat, None if heat is None else heat_image(heat))
        return self._heat_cache[1]
