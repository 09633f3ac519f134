"""Does a bundle apply to an image? First its header, then its picture, each with its reason.

A refusal names the failed check, the measured value and the allowed ones. A header that is silent
on body part, view or age refuses nothing: then the picture decides and a warning is given.
"""

from __future__ import annotations

from dataclasses import dataclass

from mediassist.core.finding import Refusal
from mediassist.core.messages import Message, say
from mediassist.core.study import Instance, Patient, Series
from mediassist.models.metadata import GateRule, InputContract

_ADULT_YEARS = 18.0


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What the gate model sees in one frame.

    `kind_probabilities` over all picture kinds sum to one; `ood` grows with the distance from the
    training pictures; `orientation` is the clockwise rotation of the picture in degrees (0, 90,
    180, 270), `inverted` whether its grey scale is upside down (air bright).
    """

    kind_probabilities: dict[str, float]
    ood: float
    orientation: int = 0
    inverted: bool = False

    @property
    def kind(self) -> str:
        return max(self.kind_probabilities, key=self.kind_probabilities.__getitem__)


def header_refusal(
    contract: InputContract, series: Series, instance: Instance, patient: Patient
) -> Refusal | None:
    """The first header check that fails, or None; checks go from coarse to fine."""
    if not instance.has_pixels:
        return Refusal(say("no_pixels", "The object holds no picture."))
    modality = instance.modality or series.modality
    if modality not in contract.modalities:
        return _refuse(
            say("modality_not_allowed", "The modality is not one that this model was made for."),
            modality or "-",
            contract.modalities,
        )
    body_part = series.body_part.strip().upper()
    if body_part and contract.body_parts and body_part not in contract.body_parts:
        return _refuse(
            say("body_part_not_allowed", "The body part is not one that this model was made for."),
            body_part,
            contract.body_parts,
        )
    view = instance.view_position.strip().upper()
    if view and contract.views and view not in contract.views:
        return _refuse(_view_words(view, contract.views), view, contract.views)
    if contract.photometric and instance.photometric not in contract.photometric:
        return _refuse(
            say("photometric_not_allowed", "The colour coding is not one that this model takes."),
            instance.photometric or "-",
            contract.photometric,
        )
    intent = series.presentation_intent.strip().upper()
    if intent and contract.presentation_intent and intent not in contract.presentation_intent:
        return _refuse(
            say(
                "intent_not_allowed",
                "The image is raw detector data and was not made for presentation.",
            ),
            intent,
            contract.presentation_intent,
        )
    return _age_refusal(contract, patient)


def size_refusal(instance: Instance, network_size: int) -> Refusal | None:
    """Too few pixels: below half the network's input the picture would be mostly invented.

    `network_size` is the side of the network's square input in pixels. It is the longer side that
    is scaled to it, so a lower leg of 140 x 400 is not enlarged; the shorter one may be half that.
    """
    longer, shorter = network_size // 2, network_size // 4
    sides = sorted((instance.rows, instance.columns))
    if sides[1] >= longer and sides[0] >= shorter:
        return None
    return Refusal(
        say("picture_too_small", "The picture has too few pixels to be assessed."),
        measured=f"{instance.columns} x {instance.rows}",
        allowed=f">= {longer} x {shorter}",
    )


def picture_refusal(rule: GateRule, facts: PictureFacts) -> Refusal | None:
    """The first picture check that fails, or None."""
    probability = sum(facts.kind_probabilities.get(kind, 0.0) for kind in rule.picture_kinds)
    if probability < rule.min_probability:
        return Refusal(
            say(
                "picture_kind_not_allowed",
                "The picture does not look like one that this model was made for.",
            ),
            measured=f"{facts.kind} ({facts.kind_probabilities[facts.kind]:.2f})",
            allowed=f"{', '.join(rule.picture_kinds)} (>= {rule.min_probability:.2f})",
        )
    if facts.orientation != 0:
        return Refusal(
            say("picture_rotated", "The picture is turned and was not assessed."),
            measured=f"{facts.orientation}°",
            allowed="0°",
        )
    if facts.inverted:
        return Refusal(
            say("picture_inverted", "The grey scale is inverted and the film was not assessed."),
            measured="inverted",
            allowed="air dark, bone bright",
        )
    if facts.ood > rule.max_ood:
        return Refusal(
            say(
                "picture_unlike_training",
                "The picture differs too much from those that this model was trained on.",
            ),
            measured=f"{facts.ood:.2f}",
            allowed=f"<= {rule.max_ood:.2f}",
        )
    return None


def header_warnings(
    contract: InputContract, series: Series, instance: Instance, patient: Patient
) -> tuple[Message, ...]:
    """What the header leaves open although the contract asks for it."""
    warnings = []
    if contract.age_years is not None and patient.age_years is None:
        youngest, oldest = contract.age_years
        warnings.append(
            say(
                "age_unknown",
                "The patient's age is unknown; the model was trained on ages {youngest} to "
                "{oldest} years.",
                youngest=f"{youngest:g}",
                oldest=f"{oldest:g}",
            )
        )
    if contract.views and not instance.view_position.strip():
        warnings.append(
            say("view_unknown", "The header does not state the view; the picture decided alone.")
        )
    if contract.body_parts and not series.body_part.strip():
        warnings.append(
            say(
                "body_part_unknown",
                "The header does not state the body part; the picture decided alone.",
            )
        )
    return tuple(warnings)


def _age_refusal(contract: InputContract, patient: Patient) -> Refusal | None:
    if contract.age_years is None or patient.age_years is None:
        return None
    youngest, oldest = contract.age_years
    if youngest <= patient.age_years <= oldest:
        return None
    if patient.age_years < _ADULT_YEARS <= youngest:
        told = say("patient_is_child", "Child: this model was made for adults only.")
    else:
        told = say(
            "age_not_allowed", "The patient's age is outside the ages this model was trained on."
        )
    return Refusal(
        told,
        measured=f"{patient.age_years:g}",
        allowed=f"{youngest:g}-{oldest:g}",
    )


def _view_words(view: str, allowed: tuple[str, ...]) -> Message:
    """An AP film deserves its own words: it looks right, but the heart is magnified on it."""
    if view == "AP" and allowed == ("PA",):
        return say("view_is_ap", "AP film: this model was made for PA films only.")
    return say("view_not_allowed", "The view is not one that this model was made for.")


def _refuse(reason: Message, measured: str, allowed: tuple[str, ...]) -> Refusal:
    return Refusal(reason, measured=measured, allowed=", ".join(allowed))
