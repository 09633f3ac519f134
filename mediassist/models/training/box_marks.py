"""Boxes round the hottest places of a map: from which level on, and how often they are right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage

from mediassist.core.finding import HeatMap, Region
from mediassist.models.letterbox import Letterbox
from mediassist.models.regions import boxes
from mediassist.models.training.recipe import BundleSpec
from mediassist.models.training.sample import Sample
from mediassist.models.training.scoring import Outputs, look
from mediassist.statistics.froc import MarkedImage, match_marks

Corners = tuple[float, float, float, float]  # x0, y0, x1, y1 of pixels that lie in the box
FALSE_BOXES = 1.0  # a picture, at most, where the level of the boxes is fixed
HITS_FROM = 1 / 3  # of the lesions: boxes that hit fewer at that level are not shown
_LEVELS = tuple(round(0.05 * step, 2) for step in range(2, 19))


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the product draws of a map.

    Attributes
    ----------
    least_share : of the picture that a place must cover.
    most : places that are drawn, at most.
    sized : boxes are about as large as what they hold.
    """

    least_share: float = 0.002
    most: int = 6
    sized: bool = False

    @property
    def task_fields(self) -> dict[str, Any]:
        """How a bundle's metadata say it."""
        return {
            "regions": "box",
            "least_region": self.least_share,
            "most_regions": self.most,
            "sized_boxes": self.sized,
        }


PLAIN = Drawn()


def drawn_of(spec: BundleSpec) -> Drawn:
    fields = PLAIN.task_fields | dict(spec.task_fields)
    return Drawn(fields["least_region"], fields["most_regions"], fields["sized_boxes"])


@dataclass(frozen=True, slots=True)
class Seen:
    """A picture with its map on the network's square (S, S)."""

    sample: Sample
    heat: NDArray[np.float32]


def see(network: torch.nn.Module, samples: Sequence[Sample]) -> list[Seen]:
    return seen_in(samples, look(network, samples))


def seen_in(samples: Sequence[Sample], outputs: Outputs) -> list[Seen]:
    """Pictures with the first of their maps.

    Without those whose lesion nobody drew: a box there is neither right nor wrong.
    """
    seen = []
    for sample, maps in zip(samples, outputs.maps, strict=True):
        if sample.positive[0] and not sample.targets[0].any():
            continue
        seen.append(Seen(sample, on_canvas(maps[0], sample.targets.shape[-1])))
    return seen


def on_canvas(values: NDArray[np.float16], side: int) -> NDArray[np.float32]:
    """A map on its network's square, as the product interpolates it."""
    plane = values.astype(np.float32)
    return Letterbox(side, side, side).map_to_stored(plane, side // plane.shape[-1])


def marked_images(
    seen: Sequence[Seen], level: float, least_iou: float | None, drawn: Drawn
) -> list[MarkedImage]:
    """Boxes as the product draws them, matched with the lesions' boxes."""
    images = []
    for each in seen:
        regions = _regions(each, level, drawn)
        scores = [region.score or 0.0 for region in regions]
        truth = drawn_boxes(each.sample.targets[0])
        images.append(match_marks(_corners(regions), scores, truth, least_iou))
    return images


def side_shares(seen: Sequence[Seen], level: float, drawn: Drawn) -> NDArray[np.float64]:
    """Longer side of every box whose centre lies in a lesion's, as a share of that one's."""
    shares = []
    for each, image in zip(seen, marked_images(seen, level, None, drawn), strict=True):
        truth = drawn_boxes(each.sample.targets[0])
        marks = _corners(_regions(each, level, drawn))
        shares += [
            _longer_side(mark) / _longer_side(truth[lesion])
            for mark, lesion in zip(marks, image.mark_lesions, strict=True)
            if lesion >= 0
        ]
    return np.array(shares, np.float64)


def _regions(each: Seen, level: float, drawn: Drawn) -> tuple[Region, ...]:
    return boxes(HeatMap("", 0, each.heat), level, None, drawn.least_share, drawn.most)


def _corners(regions: Sequence[Region]) -> list[Corners]:
    return [(*region.points_px[0], *region.points_px[1]) for region in regions]


def _longer_side(box: Corners) -> float:
    return 1 + max(box[2] - box[0], box[3] - box[1])


def box_level(seen: Sequence[Seen], least_iou: float | None, drawn: Drawn) -> tuple[float, float]:
    """Level whose boxes hit most lesions with at most `FALSE_BOXES` a picture, and their share."""
    lesions = sum(len(drawn_boxes(each.sample.targets[0])) for each in seen)
    found = {}
    for level in _LEVELS:
        images = marked_images(seen, level, least_iou, drawn)
        false = sum(mark < 0 for image in images for mark in image.mark_lesions)
        if false <= FALSE_BOXES * len(images):
            found[level] = sum(len(set(image.mark_lesions) - {-1}) for image in images)
    level = max(found, key=lambda level: (found[level], level), default=_LEVELS[-1])
    return level, found.get(level, 0) / max(1, lesions)


def drawn_boxes(target: NDArray[np.bool_]) -> list[Corners]:
    """(x0, y0, x1, y1) of every connected place of a target."""
    labels, _ = ndimage.label(target)
    return [
        (float(x.start), float(y.start), float(x.stop - 1), float(y.stop - 1))
        for y, x in ndimage.find_objects(labels)
    ]
