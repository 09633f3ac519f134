"""What one bundle says of one study: applicability, verdict, regions, measurements."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from mediassist.core.messages import Message
from mediassist.core.operating_point import OperatingPoint
from mediassist.core.study import PixelSpacing
from mediassist.core.vocabulary import Code, Verdict


class RegionKind(StrEnum):
    BOX = "box"
    POLYGON = "polygon"
    CONTOUR = "contour"
    HEAT_MAP = "heat_map"


@dataclass(frozen=True, slots=True)
class Region:
    """A place on one frame of one image.

    `points_px` are (x, y) = (column, row) in pixels of the stored image, pixel centres at whole
    numbers, origin at the upper left; a box gives its upper left and lower right corner.
    `points_mm` are the same points in LPS mm where the image has a patient position.
    `size_mm` is (longest, perpendicular) and has the source of its spacing beside it.
    `frame` counts from 0.
    """

    kind: RegionKind
    sop_instance_uid: str
    frame: int
    points_px: tuple[tuple[float, float], ...]
    score: float | None = None
    label: str = ""
    points_mm: tuple[tuple[float, float, float], ...] = ()
    size_mm: tuple[float, float] | None = None
    spacing: PixelSpacing | None = None


@dataclass(frozen=True, slots=True)
class Measurement:
    """A number with its concept, unit (UCUM) and the method that gave it."""

    name: str
    code: Code | None
    value: float
    unit: str
    method: str


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Evidence over one frame: float32 in 0..1 on the grid of the stored image (rows, columns)."""

    sop_instance_uid: str
    frame: int
    values: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a bundle does not apply: the failed check, what was measured, what is allowed."""

    reason: Message
    measured: str = ""
    allowed: str = ""


@dataclass(frozen=True, slots=True)
class BundleIdentity:
    """Which model spoke: enough to find it again."""

    bundle_id: str
    version: str
    sha256: str
    finding: str
    domain: str
    title: str
    marks_only: bool = False
    experimental: bool = False


@dataclass(frozen=True, slots=True)
class ImageScore:
    """Probability for one frame of one image, and the score before the probability map."""

    sop_instance_uid: str
    frame: int
    probability: float
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleResult:
    """The verdict of one bundle on one study, with everything needed to judge it.

    `probability` is None unless the verdict is flagged, review or cleared. `refusal` is set
    exactly when the verdict is NOT_APPLICABLE, `failure` exactly when it is FAILED.
    `series_used` are Series Instance UIDs; `series_not_used` says for each other one why.
    """

    bundle: BundleIdentity
    verdict: Verdict
    probability: float | None = None
    operating_point: OperatingPoint | None = None
    refusal: Refusal | None = None
    failure: Message | None = None
    image_scores: tuple[ImageScore, ...] = ()
    regions: tuple[Region, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    heat_maps: tuple[HeatMap, ...] = ()
    series_used: tuple[str, ...] = ()
    series_not_used: tuple[tuple[str, Message], ...] = ()
    warnings: tuple[Message, ...] = ()
    runtime: str = ""
    seconds: float = 0.0
