"""One audited case: what is true, what was said, and who it belongs to."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from mediassist.core.messages import Message
from mediassist.core.vocabulary import Verdict
from mediassist.statistics.froc import MarkedImage

# Findings of organs that a patient has two of: each side is a unit of its own.
PAIRED = frozenset(
    {
        *("diabetic_retinopathy", "glaucoma", "cataract", "pathologic_myopia"),
        *("knee_osteoarthritis", "breast_lesion", "breast_malignancy"),
    }
)
_SIDES = {
    **dict.fromkeys(("l", "left", "os", "左", "左侧", "左眼", "左膝", "左乳"), "L"),
    **dict.fromkeys(("r", "right", "od", "右", "右侧", "右眼", "右膝", "右乳"), "R"),
}


def side_of(text: str) -> str:
    """One way to write a side, so that left and L are one; anything else as it is.

    >>> [side_of(one) for one in ("left", "OD", "左", "upper")]
    ['L', 'R', 'L', 'upper']
    """
    return _SIDES.get(text.strip().lower(), text)


class Unit(StrEnum):
    """What is counted. A case is a row of the manifest: an image, a series or a study.

    Rows of one study are joined where the study is known: from the table, or from the headers.
    """

    PATIENT = "patient"
    STUDY = "study"
    IMAGE = "image"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One row of an audit: one finding in one case.

    Attributes
    ----------
    patient : who is counted as one; empty means that the case stands for itself.
    side : laterality of a paired organ; patient and side are then the unit.
    score : probability (or another vendor's score), higher means more likely; None where refused.
    verdict : None where only a score is known.
    t_low, t_high : thresholds that gave the verdict, where they are known.
    reason : why the case was refused.
    bundle : id of the bundle that spoke; empty for predictions made elsewhere.
    groups : (column, value) of the subgroups.
    study : which study the case belongs to; empty means that the case is a study of its own.
    marks_only : the bundle shows candidates and gives no verdict: the case counts in no rate.
    marks : marks against lesions, where the manifest gives lesions; `in_slices` where those
        are given slice by slice; `lesions_lost` where they are given and can't be placed.
    path : what was analysed; empty for predictions made elsewhere.
    """

    case: str
    positive: bool
    finding: str
    patient: str = ""
    side: str = ""
    score: float | None = None
    verdict: Verdict | None = None
    t_low: float | None = None
    t_high: float | None = None
    reason: Message | None = None
    bundle: str = ""
    groups: tuple[tuple[str, str], ...] = ()
    study: str = ""
    marks_only: bool = False
    marks: MarkedImage | None = None
    in_slices: bool = False
    lesions_lost: bool = False
    path: str = ""

    def __post_init__(self) -> None:
        if self.score is not None and not math.isfinite(self.score):
            raise ValueError(f"case {self.case}: score {self.score} is not finite")
        if self.refused and self.score is not None:
            raise ValueError(f"case {self.case}: a refused case has no score")

    @property
    def refused(self) -> bool:
        """Not applicable or failed: nothing was said about the finding."""
        return self.verdict in (Verdict.NOT_APPLICABLE, Verdict.FAILED)

    def unit_name(self, unit: Unit) -> str:
        """Cases of one name are counted as one."""
        if unit is Unit.IMAGE:
            return self.case
        if unit is Unit.STUDY:
            # A study of both breasts or knees is two units, as a patient is.
            return f"{self.study}\x1f{self.side}" if self.study else f"case\x1f{self.case}"
        # A case without a patient must not be joined with a patient of the same name.
        if not self.patient:
            return f"case\x1f{self.case}"
        return f"{self.patient}\x1f{self.side}" if self.side else self.patient
