"""What is really in the simulated pictures: the plain data behind truth.json."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.samples.objects.base import Order, uid


@dataclass(frozen=True, slots=True)
class Box:
    """Upright box in pixels of the stored frame: left, top, width, height."""

    x: int
    y: int
    width: int
    height: int

    @classmethod
    def around(cls, mask: NDArray[np.bool_], top: int = 0, left: int = 0) -> Box:
        """The smallest box round the true pixels of `mask`, whose corner is at (top, left)."""
        rows, columns = np.nonzero(mask)
        return cls(
            int(columns.min()) + left,
            int(rows.min()) + top,
            int(columns.max() - columns.min()) + 1,
            int(rows.max() - rows.min()) + 1,
        )

    def mirrored(self, columns: int) -> Box:
        """The same box after the picture of `columns` pixels was flipped left to right."""
        return Box(columns - self.x - self.width, self.y, self.width, self.height)

    def listed(self) -> list[int]:
        """As truth.json has it: [x, y, width, height]."""
        return [self.x, self.y, self.width, self.height]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesion:
    """One place of disease. `centre_lps_mm` and `volume_ml` only where geometry is known."""

    finding: str
    kind: str
    sop_instance_uid: str
    frame: int
    box: Box
    centre_lps_mm: tuple[float, float, float] | None = None
    volume_ml: float | None = None


@dataclass(frozen=True, slots=True)
class StudyTruth:
    """Everything truth.json says of one study."""

    order: Order
    folder: str
    domain: str
    modality: str
    findings: dict[str, bool]
    lesions: list[Lesion]
    measurements: dict[str, float] | None

    def to_json(self) -> dict[str, Any]:
        """Plain data; absent facts are left out, not null."""
        lesions = []
        for lesion in self.lesions:
            entry: dict[str, Any] = {
                "finding": lesion.finding,
                "kind": lesion.kind,
                "sop_instance_uid": lesion.sop_instance_uid,
                "frame": lesion.frame,
                "box": lesion.box.listed(),
            }
            if lesion.centre_lps_mm is not None:
                entry["centre_lps_mm"] = list(lesion.centre_lps_mm)
            if lesion.volume_ml is not None:
                entry["volume_ml"] = lesion.volume_ml
            lesions.append(entry)
        result: dict[str, Any] = {
            "study_uid": uid(self.order.key),
            "folder": self.folder,
            "patient_id": self.order.person.patient_id,
            "domain": self.domain,
            "modality": self.modality,
            "body_part": self.order.body_part,
            "description": self.order.description,
            "simulated": True,
            "findings": self.findings,
            "lesions": lesions,
        }
        if self.measurements:
            result["measurements"] = self.measurements
        return result
