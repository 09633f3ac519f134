"""What the rules look at: images and series with their headers and pictures, read when needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
from pydicom.dataset import Dataset

from mediassist.core.errors import MediAssistError
from mediassist.core.study import Instance, Series, Study
from mediassist.dicom.acquisition.geometry import Geometry, geometry_of
from mediassist.dicom.display import Frame, load_frame
from mediassist.dicom.header import read_header
from mediassist.dicom.slices import is_localizer

PictureMeasure = Callable[[Frame], float | None]

# Headers of one series agree; looking at some of them finds what differs without reading all.
_MOST_HEADERS = 24
_MOST_PICTURES = 24
_MOST_SLICES = 5
_VOLUME_FROM = 8
# Scouts that say so only in their name, in some countries' words.
_SCOUTS = ("localiz", "localis", "lokali", "scout", "survey", "pilot", "topogram", "定位")
_MAPS = frozenset({"PERFUSION", "METABOLITE_MAP", "RCBF", "RCBV", "CBF", "CBV", "MTT", "TTP"})
_SLICED = frozenset({"CT", "MR"})
# Tiles of a slide may be plain glass.
_TILED = "SM"
_NO_PICTURES = frozenset({"SEG", "RTDOSE", "RTSTRUCT", "PR", "KO", "SR", "DOC"})


class ImageSubject:
    """One image of a series."""

    def __init__(
        self,
        study: Study,
        series: Series,
        instance: Instance,
        pictures: Mapping[str, PictureMeasure],
    ) -> None:
        self.study = study
        self.series = series
        self.instance = instance
        self._pictures = pictures

    @cached_property
    def dataset(self) -> Dataset:
        """The header; empty where it can't be read any more."""
        try:
            return read_header(self.instance.path).dataset
        except MediAssistError:
            return Dataset()

    @cached_property
    def picture(self) -> dict[str, float | None] | None:
        """All picture measures of the middle frame, so that no frame need be kept; None where
        the pixels can't be read."""
        try:
            frame = load_frame(self.instance.path, self.instance.frames // 2)
        except MediAssistError:
            return None
        if self.instance.modality == _TILED:
            return dict.fromkeys(self._pictures)
        return {name: measure(frame) for name, measure in self._pictures.items()}


class SeriesSubject:
    """The images of one series that are meant to be read: no localisers, no screen shots.

    A localiser is known by its Image Type, or of CT and MR by the name of its series.

    `pictures` are the picture measures that any rule will ask for.
    """

    def __init__(
        self, study: Study, series: Series, pictures: Mapping[str, PictureMeasure]
    ) -> None:
        meant = () if _is_scout(series) else series.instances
        instances = tuple(each for each in meant if is_meant_to_be_read(each))
        self.study = study
        self.series = replace(series, instances=instances)
        self.images = tuple(ImageSubject(study, series, each, pictures) for each in instances)

    @property
    def is_volume(self) -> bool:
        return len(self.images) >= _VOLUME_FROM

    @cached_property
    def with_header(self) -> tuple[ImageSubject, ...]:
        """Images whose headers are read: evenly spread over the series."""
        return spread(self.images, _MOST_HEADERS)

    @cached_property
    def with_picture(self) -> tuple[ImageSubject, ...]:
        """Images whose pixels are looked at; few of a volume, whose slices were made alike, and
        none of its ends, where there may be nothing but air."""
        if not self.is_volume:
            return spread(self.images, _MOST_PICTURES)
        end = len(self.images) // 8
        return spread(self.images[end : len(self.images) - end], _MOST_SLICES)

    @cached_property
    def geometry(self) -> Geometry | None:
        """Where the slices lie; None where they have no place in the patient."""
        return geometry_of(self.series)

    @cached_property
    def words(self) -> str:
        """All that people wrote about the series, in lower case."""
        series = self.series
        texts = (series.description, series.protocol, self.study.description)
        return " ".join(texts).lower()


def _is_scout(series: Series) -> bool:
    name = series.description.lower()
    return series.modality in _SLICED and any(word in name for word in _SCOUTS)


def is_meant_to_be_read(instance: Instance) -> bool:
    """Not a localiser, a screen shot, a dose sheet, a mask or a map of computed values."""
    kinds = {part.upper() for part in instance.image_type}
    return (
        instance.has_pixels
        and instance.modality not in _NO_PICTURES
        and not is_localizer(instance)
        and "SCREEN SAVE" not in kinds
        and "DOSE INFO" not in kinds
        and not kinds & _MAPS
    )


def spread(images: Sequence[ImageSubject], most: int) -> tuple[ImageSubject, ...]:
    """At most so many, evenly over the whole, ends included."""
    if len(images) <= most:
        return tuple(images)
    places = np.unique(np.linspace(0, len(images) - 1, most).round().astype(int))
    return tuple(images[place] for place in places)
