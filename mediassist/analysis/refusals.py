"""Of many reasons why a bundle does not apply, the one to tell."""

from __future__ import annotations

from collections.abc import Iterable

from mediassist.core.finding import Refusal
from mediassist.core.messages import say

# The refusal of the check that got furthest says most to a reader: coarse checks come first.
_CHECK_ORDER = (
    "no_pixels",
    "modality_not_allowed",
    "body_part_not_allowed",
    "photometric_not_allowed",
    "intent_not_allowed",
    "series_localizer",
    "cine_no_place",
    "cine_single_phase",
    "cine_few_slices",
    "cine_long_axis",
    "series_made_over",
    "series_plane",
    "series_sequence",
    "series_contrast",
    "series_thickness",
    "series_not_preferred",
    "series_no_volume",
    "no_lungs",
    "picture_kind_not_allowed",
    "view_not_allowed",
    "view_is_ap",
    "age_not_allowed",
    "patient_is_child",
    "picture_too_small",
    "picture_rotated",
    "picture_inverted",
    "picture_unlike_training",
    "not_measurable",
)


def deepest(refusals: Iterable[Refusal]) -> Refusal:
    """The refusal of the latest check; a refusal of its own where there is none."""
    return max(
        refusals,
        key=lambda refusal: _CHECK_ORDER.index(refusal.reason.code),
        default=Refusal(say("no_series", "The study holds no image series.")),
    )
