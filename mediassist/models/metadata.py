"""The `mediassist` block of a bundle's configs/metadata.json, validated once when read.

The MONAI fields around it (version, changelog, network_data_format, ...) are for people and for
MONAI's tools; MediAssist decides on this block alone.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mediassist.core.operating_point import OperatingPoint, Promise, PromiseKind, Rate
from mediassist.core.vocabulary import BUNDLE_TOKENS, FINDINGS, Domain
from mediassist.models.measures import MEASURES


class _Block(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class InputContract(_Block):
    """What an image's header must say; an empty list allows everything.

    A header that is silent on body part or view is let through: then the picture decides.
    `age_years` is [youngest, oldest] of the training data, both included.
    """

    modalities: tuple[str, ...]
    body_parts: tuple[str, ...] = ()
    views: tuple[str, ...] = ()
    age_years: tuple[float, float] | None = None
    photometric: tuple[str, ...] = ()
    presentation_intent: tuple[str, ...] = ()


class GateRule(_Block):
    """Which kinds of picture (classes of the gate model) a bundle sees, and how sure to be."""

    picture_kinds: tuple[str, ...]
    min_probability: float = Field(ge=0, le=1)
    max_ood: float


class PreprocessBlock(BaseModel):
    """`size` is the side of the network's square input in pixels."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    size: int = Field(ge=32)


class ProbabilityMapBlock(_Block):
    kind: str
    parameters: dict[str, Any]


class RateBlock(_Block):
    value: float | None
    numerator: int
    denominator: int
    low: float
    high: float


class PromiseBlock(_Block):
    kind: PromiseKind
    alpha: float | None
    delta: float | None
    n: int


class OperatingPointBlock(_Block):
    t_low: float | None
    t_high: float
    promise: PromiseBlock
    rates: dict[str, RateBlock] = {}
    measured_on: str = ""

    def to_core(self) -> OperatingPoint:
        promise = Promise(self.promise.kind, self.promise.alpha, self.promise.delta, self.promise.n)
        rates = tuple((name, Rate(**rate.model_dump())) for name, rate in self.rates.items())
        return OperatingPoint(self.t_low, self.t_high, promise, rates, self.measured_on)


class HeatMapBlock(_Block):
    """`show` only where the map was measured to point; `threshold` makes outlines of it.

    `boxes`: boxes round its places are shown even where the map is not. A box is one of several
    marks to look at; a coloured map claims the whole picture.
    """

    show: bool
    boxes: bool = False
    threshold: float = 0.5


class SeriesRule(_Block):
    """Which series of a CT or MR study a bundle reads, and how its slices are prepared.

    What a header leaves open (contrast, sequence, plane) is not held against a series.

    Attributes
    ----------
    planes : "axial", "coronal", "sagittal", "oblique".
    contrast : False where a contrast agent spoils the picture; None where either will do.
    sequences : of MR, names of `analysis.series_facts`; of each the best series is read.
    thickness_mm : thinnest and thickest slice.
    slab_mm : thinner slices are averaged to slabs of this thickness, as in training; 0: never.
    head_crop : cut the square round the head out of the whole scan first.
    """

    planes: tuple[str, ...] = ("axial",)
    contrast: bool | None = None
    sequences: tuple[str, ...] = ()
    thickness_mm: tuple[float, float] = (0.0, 12.0)
    slab_mm: float = Field(default=0.0, ge=0)
    head_crop: bool = False


class BundleBlock(BaseModel):
    """Everything MediAssist needs to know of a bundle without loading its weights.

    `aggregate` names the rule by which frames give a study's score (`models.tasks.aggregate`),
    `window_hu` the centre and width at which CT is shown to the network whatever the header's
    window, `series` which series it reads, `patch_mm` the side of a candidate's patch, `measure`
    what is measured on the maps (`models.measures`), `heart_groups` the numbers of
    `models.heart_function.GroupModel` for cine MR and `inside_weights` those of its `unweighted`.
    `regions` says whether a place is shown by its outline or by a box round it, `least_region` the
    share of the picture that a place must cover, `most_regions` how many are shown.
    `sized_boxes`: a box is about as large as what it holds; its sides are given in mm.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    schema_version: Literal[1]
    id: str = Field(pattern=rf"^[a-z]+_[a-z0-9_]+_({'|'.join(BUNDLE_TOKENS)})$")
    task: Literal[
        "classify2d",
        "classify_slices",
        "detect2d",
        "detect_volume",
        "measure2d",
        "segment_cine",
    ]
    finding: str
    domain: Domain
    title: str
    marks_only: bool = False
    experimental: bool = False
    input: InputContract
    gate: GateRule | None = None
    preprocess: PreprocessBlock
    probability_map: ProbabilityMapBlock
    operating_point: OperatingPointBlock
    heat_map: HeatMapBlock | None = None
    aggregate: str | None = None
    window_hu: tuple[float, float] | None = None
    series: SeriesRule = SeriesRule()
    patch_mm: float | None = None
    measure: str | None = None
    heart_groups: dict[str, Any] | None = None
    inside_weights: tuple[float, float, float] = (1.0, 1.0, 1.0)
    regions: Literal["outline", "box"] = "outline"
    least_region: float = Field(default=0.002, gt=0, lt=1)
    most_regions: int = Field(default=6, ge=1, le=50)
    sized_boxes: bool = False
    figures: dict[str, Any] = {}
    data: dict[str, Any] = {}
    licence: dict[str, Any] = {}
    files: dict[str, str]

    @model_validator(mode="after")
    def _words_are_known(self) -> BundleBlock:
        if self.finding not in FINDINGS:
            raise ValueError(f"finding {self.finding!r} is not in the vocabulary")
        if self.task == "classify2d" and self.measure not in (None, *MEASURES):
            raise ValueError(f"{self.measure!r} is not a measure of this version")
        allowed = BUNDLE_TOKENS[self.id.rpartition("_")[2]]
        if not set(self.input.modalities) <= set(allowed):
            raise ValueError(f"the id allows only the modalities {', '.join(allowed)}")
        return self


class GateBlock(BaseModel):
    """The block of the picture gate, which all bundles share."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    schema_version: Literal[1]
    id: Literal["gate"]
    task: Literal["gate"]
    picture_kinds: tuple[str, ...]
    files: dict[str, str]
