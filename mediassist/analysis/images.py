"""Frames of a study: decoded once and looked at once by the gate, for every bundle."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from numpy.typing import NDArray

from mediassist.core.errors import MediAssistError
from mediassist.core.study import Instance, Rejected
from mediassist.dicom.display import display_picture, load_frame
from mediassist.models.applicability import PictureFacts
from mediassist.models.gate import PictureGate

Picture = NDArray[Any]

_KEPT_BYTES = 512 * 2**20


class StudyImages:
    """Display pictures and gate facts by (SOP Instance UID, frame); failures are told once."""

    def __init__(self) -> None:
        self._pictures: OrderedDict[tuple[str, int], Picture] = OrderedDict()
        self._facts: dict[tuple[str, int], PictureFacts] = {}
        self._failures: dict[str, Rejected] = {}
        self.looked = False

    def picture(self, instance: Instance, frame: int) -> Picture | None:
        """(rows, columns) float32 in 0..1 or (rows, columns, 3) uint8; None if unreadable."""
        self.looked = True
        key = (instance.sop_instance_uid, frame)
        if key in self._pictures:
            self._pictures.move_to_end(key)
            return self._pictures[key]
        if instance.sop_instance_uid in self._failures:
            return None
        try:
            picture = display_picture(load_frame(instance.path, frame))
        except MediAssistError as error:
            self._failures[instance.sop_instance_uid] = Rejected(instance.source, error)
            return None
        self._keep(key, picture)
        return picture

    def part(self, instance: Instance, frame: int) -> Picture | None:
        """What models see of a frame: an ultrasound screen without its frame of words."""
        picture = self.picture(instance, frame)
        if picture is None or instance.tissue_px is None:
            return picture
        left, top, right, bottom = instance.tissue_px
        part: Picture = picture[top:bottom, left:right]
        return part

    def facts(self, instance: Instance, frame: int, gate: PictureGate) -> PictureFacts | None:
        """What the gate sees in a frame; None if the frame is unreadable."""
        key = (instance.sop_instance_uid, frame)
        if key not in self._facts:
            picture = self.part(instance, frame)
            if picture is None:
                return None
            self._facts[key] = gate.look(picture)
        return self._facts[key]

    def tell_failure(self, sop_instance_uid: str, failure: Rejected) -> None:
        """Note an image that could not be read while a volume was made."""
        self._failures.setdefault(sop_instance_uid, failure)

    def failure(self, instance: Instance) -> Rejected | None:
        return self._failures.get(instance.sop_instance_uid)

    @property
    def failures(self) -> tuple[Rejected, ...]:
        return tuple(self._failures.values())

    def _keep(self, key: tuple[str, int], picture: Picture) -> None:
        self._pictures[key] = picture
        while len(self._pictures) > 1 and self._bytes() > _KEPT_BYTES:
            self._pictures.popitem(last=False)

    def _bytes(self) -> int:
        return sum(picture.nbytes for picture in self._pictures.values())
