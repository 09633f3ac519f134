"""A marks-only bundle on angiographic runs: the frames with most contrast are read.

A run starts and ends without contrast; between, the heart moves. Reading sixty frames would mark
the same place sixty times, so of each run the fullest frame is read, and one more from another
moment where it is nearly as full.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mediassist.analysis.bundle_run import BundleRun
from mediassist.analysis.series_choice import Candidate, HeaderChoice
from mediassist.core.finding import BundleResult
from mediassist.core.messages import Message, say
from mediassist.core.study import Instance
from mediassist.models.preprocess import resize

_LOOKED_AT = 24  # frames of a run, evenly over it
_APART = 1 / 6  # of the run: what lies nearer shows the same moment
_NEARLY = 0.85
_SIDE = 192  # pixels on which vessels are looked for
_VESSEL = 9  # of these pixels: wider than any vessel, narrower than heart and diaphragm
_FAINT = 0.04  # of the grey scale; noise is fainter


class AngiogramRun(BundleRun):
    """As a picture bundle, on chosen frames; the result says which."""

    def result(self) -> BundleResult:
        """Raises `BundleDamaged` where bundle or gate can't be trusted."""
        self._chosen: list[Message] = []
        found = super().result()
        return replace(found, warnings=(*self._chosen, *found.warnings))

    def _frames(self, choice: HeaderChoice) -> Iterator[tuple[Candidate, int]]:
        for candidate in choice.candidates:
            frames = self._fullest(candidate.instance)
            if candidate.instance.frames > 1:
                self._chosen.append(
                    say(
                        "frames_chosen",
                        "Of the {count} frames of {source} those with most contrast were read: "
                        "{frames}.",
                        count=candidate.instance.frames,
                        source=candidate.instance.source,
                        frames=", ".join(str(frame + 1) for frame in frames),
                    )
                )
            for frame in frames:
                yield candidate, frame

    def _fullest(self, instance: Instance) -> tuple[int, ...]:
        """One or two frames of a run (from 0), in order; all that can't be read are left out."""
        if instance.frames == 1:
            return (0,)
        tried = np.unique(
            np.linspace(0, instance.frames - 1, min(_LOOKED_AT, instance.frames)).round()
        ).astype(int)
        filling: dict[int, float] = {}
        for frame in tried.tolist():
            picture = self._images.picture(instance, frame)
            if picture is not None:
                filling[frame] = contrast_filling(picture)
        if not filling:
            return (instance.frames // 2,)
        return fullest_frames(filling, _APART * instance.frames)


def fullest_frames(filling: dict[int, float], apart: float) -> tuple[int, ...]:
    """The fullest frame, and the fullest of those `apart` from it if it is nearly as full.

    >>> fullest_frames({0: 0.1, 5: 0.9, 6: 0.8, 20: 0.8, 30: 0.2}, 5)
    (5, 20)
    """
    best = max(filling, key=lambda frame: (filling[frame], -frame))
    others = {
        frame: value
        for frame, value in filling.items()
        if abs(frame - best) >= apart and value >= _NEARLY * filling[best]
    }
    second = max(others, key=lambda frame: (others[frame], -frame), default=None)
    return tuple(sorted({best} if second is None else {best, second}))


def contrast_filling(picture: NDArray[np.generic]) -> float:
    """How much of a frame is thin and dark: vessels with contrast, and a catheter that stays.

    `picture` is a display picture, (rows, columns) in 0..1 or (rows, columns, 3) uint8.
    """
    grey = picture.astype(np.float32)
    if grey.ndim == 3:
        grey = grey.mean(2) / 255.0
    rows, columns = grey.shape
    scale = _SIDE / max(rows, columns)
    small = resize(grey[None], max(1, round(rows * scale)), max(1, round(columns * scale)))[0]
    darker = ndimage.grey_closing(small, size=(_VESSEL, _VESSEL)) - small
    return float(np.clip(darker - _FAINT, 0, None).mean())
