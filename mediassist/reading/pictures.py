"""Frames ready for the screen, kept within a fixed budget of memory.

Pixels become grey values once, in `mediassist.dicom.display`: the same chain that feeds the
models and the report, so that the reader sees what the models saw. Beside the full frame a
picture keeps reduced copies (each pixel the mean of two by two): a radiograph of ten megapixels
is then windowed at screen resolution while one drags, and shows no aliasing.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset

from mediassist.core.messages import Message
from mediassist.core.study import Instance
from mediassist.dicom import values
from mediassist.dicom.display import Frame, display_uint8, load_frame
from mediassist.dicom.header import read_header
from mediassist.dicom.windows import Voi, Window
from mediassist.reading.annotations import (
    Letters,
    orientation_letters,
    patient_orientation_letters,
)
from mediassist.reading.display_set import ScrollPosition

BUDGET_BYTES = 1024 * 2**20
SMALLEST_SIDE = 384


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of pixels: rows `top` to `bottom`, columns `left` to `right`, ends not in it."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """One frame with its reduced copies.

    Attributes
    ----------
    frames : the frame itself, then copies of half, a quarter ... of its size.
    letters : orientation letters of the unturned picture, where the file states them.
    pixel_aspect : row over column spacing where the file gives a ratio but no millimetres.
    frame_time_ms : from one frame to the next, where the file states it.
    """

    frames: tuple[Frame, ...]
    letters: Letters | None = None
    pixel_aspect: float = 1.0
    span: float = 1.0
    frame_time_ms: float | None = None

    @property
    def columns(self) -> int:
        return self.frames[0].columns

    @property
    def rows(self) -> int:
        return self.frames[0].rows

    @property
    def levels(self) -> int:
        return len(self.frames)

    @property
    def colour(self) -> bool:
        return self.frames[0].is_colour

    @property
    def windows(self) -> tuple[Window, ...]:
        """The windows stored in the file."""
        return self.frames[0].windows

    @property
    def automatic(self) -> Window:
        """A window from the picture's own values."""
        return self.frames[0].fallback

    @property
    def default(self) -> Voi:
        """What the file asks for: its table, its first window, or the automatic one."""
        return self.frames[0].default_voi

    @property
    def nbytes(self) -> int:
        return sum(
            part.nbytes
            for frame in self.frames
            for part in (frame.modality_values, frame.rgb, frame.hidden)
            if part is not None
        )

    def display(
        self, voi: Voi | None, inverted: bool, level: int = 0, area: Area | None = None
    ) -> NDArray[np.uint8]:
        """Display values, (rows, columns) or (rows, columns, 3), of `area` (default: all).

        `inverted` turns grey round on top of what the file asks for. What is hidden stays black.
        """
        frame = self.frames[level]
        if area is not None:
            frame = _cut(frame, area)
        if inverted and not frame.is_colour:
            frame = replace(frame, inverted=not frame.inverted)
        return display_uint8(frame, voi)

    def value_text(self, column: int, row: int) -> str:
        """The value at a pixel with its unit; hidden pixels have none to speak of."""
        frame = self.frames[0]
        if frame.rgb is not None:
            red, green, blue = frame.rgb[row, column]
            return f"R {red}  G {green}  B {blue}"
        assert frame.modality_values is not None  # noqa: S101  (a frame is grey or colour)
        value = float(frame.modality_values[row, column])
        digits = 0 if self.span > 20 else 3
        # DICOM's "US" means "unspecified" (PS3.3 C.11.1.1.2): beside a value it reads like a unit.
        unit = "" if frame.unit == "US" else frame.unit
        return f"{value:.{digits}f} {unit}".rstrip()


def load_picture(position: ScrollPosition) -> Picture:
    """Decode a frame and make its reduced copies.

    Raises
    ------
    MediAssistError
        As `mediassist.dicom.load_frame`.
    """
    instance = position.instance
    frame = load_frame(instance.path, position.frame)
    dataset = read_header(instance.path).dataset
    low, high = frame.value_range
    ratio = values.numbers(dataset, "PixelAspectRatio")
    return Picture(
        frames=_pyramid(frame),
        letters=_letters(instance, values.codes(dataset, "PatientOrientation")),
        pixel_aspect=ratio[0] / ratio[1] if len(ratio) == 2 and min(ratio) > 0 else 1.0,
        span=max(high - low, 1e-6),
        frame_time_ms=_frame_time_ms(dataset) if instance.frames > 1 else None,
    )


def _frame_time_ms(dataset: Dataset) -> float | None:
    """Frame Time, else from Recommended Display Frame Rate or Cine Rate (PS3.3 C.7.6.5)."""
    time_ms = values.number(dataset, "FrameTime")
    if time_ms is not None and time_ms > 0:
        return time_ms
    for name in ("RecommendedDisplayFrameRate", "CineRate"):
        rate = values.number(dataset, name)
        if rate is not None and rate > 0:
            return 1000.0 / rate
    return None


def _letters(instance: Instance, patient_orientation: tuple[str, ...]) -> Letters | None:
    if instance.orientation is not None:
        x0, x1, x2, y0, y1, y2 = instance.orientation
        return orientation_letters((x0, x1, x2), (y0, y1, y2))
    if len(patient_orientation) == 2 and all(patient_orientation):
        return patient_orientation_letters((patient_orientation[0], patient_orientation[1]))
    return None


def _cut(frame: Frame, area: Area) -> Frame:
    """The frame within `area`; the arrays are views, nothing is copied."""
    rows, columns = slice(area.top, area.bottom), slice(area.left, area.right)
    return replace(
        frame,
        rows=area.bottom - area.top,
        columns=area.right - area.left,
        modality_values=(
            None if frame.modality_values is None else frame.modality_values[rows, columns]
        ),
        rgb=None if frame.rgb is None else frame.rgb[rows, columns],
        hidden=None if frame.hidden is None else frame.hidden[rows, columns],
    )


def _pyramid(frame: Frame) -> tuple[Frame, ...]:
    frames = [frame]
    while min(frames[-1].rows, frames[-1].columns) >= 2 * SMALLEST_SIDE:
        frames.append(_halved(frames[-1]))
    return tuple(frames)


def _halved(frame: Frame) -> Frame:
    """Half the size; an odd last row or column is left out (half a screen pixel at most)."""
    rows, columns = frame.rows // 2, frame.columns // 2
    hidden = frame.hidden
    return replace(
        frame,
        rows=rows,
        columns=columns,
        modality_values=(
            None
            if frame.modality_values is None
            else _mean(frame.modality_values, rows, columns).astype(np.float32, copy=False)
        ),
        rgb=(
            None
            if frame.rgb is None
            else np.rint(_mean(frame.rgb.astype(np.float32), rows, columns)).astype(np.uint8)
        ),
        hidden=None if hidden is None else hidden[: 2 * rows : 2, : 2 * columns : 2],
    )


def _mean(pixels: NDArray[Any], rows: int, columns: int) -> NDArray[Any]:
    even = pixels[: 2 * rows, : 2 * columns]
    total: NDArray[Any] = even[0::2, 0::2] + even[0::2, 1::2]
    total += even[1::2, 0::2]
    total += even[1::2, 1::2]
    total *= np.float32(0.25)
    return total


class PictureStore:
    """The pictures that were read last, and the reasons why others cannot be; thread-safe."""

    def __init__(
        self,
        load: Callable[[ScrollPosition], Picture] = load_picture,
        budget_bytes: int = BUDGET_BYTES,
    ) -> None:
        self._load = load
        self._budget = budget_bytes
        self._pictures: OrderedDict[tuple[str, int], Picture] = OrderedDict()
        self._failures: dict[tuple[str, int], Message] = {}
        self._lock = threading.Lock()

    def known(self, position: ScrollPosition) -> Picture | Message | None:
        """The picture, or why it cannot be shown; None if it has not been read."""
        key = _key(position)
        with self._lock:
            if key in self._pictures:
                self._pictures.move_to_end(key)
                return self._pictures[key]
            return self._failures.get(key)

    def load(self, position: ScrollPosition) -> Picture:
        """The picture, read if need be; raises what reading raises."""
        known = self.known(position)
        if isinstance(known, Picture):
            return known
        picture = self._load(position)
        with self._lock:
            self._pictures[_key(position)] = picture
            while len(self._pictures) > 1 and self._held > self._budget:
                self._pictures.popitem(last=False)
        return picture

    def remember_failure(self, position: ScrollPosition, reason: Message) -> None:
        with self._lock:
            self._failures[_key(position)] = reason

    @property
    def _held(self) -> int:
        return sum(picture.nbytes for picture in self._pictures.values())


def _key(position: ScrollPosition) -> tuple[str, int]:
    return position.instance.sop_instance_uid, position.frame
