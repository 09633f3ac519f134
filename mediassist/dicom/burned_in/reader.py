"""Whether what looks like text can be read: a tumour or a vessel cannot."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mediassist.dicom.burned_in.detector import TextBox
from mediassist.dicom.burned_in.networks import READER, network

_HEIGHT, _SHORTEST, _LONGEST = 48, 320, 1280
_NO_CHARACTER = 0


def read_confidence(picture: NDArray[np.uint8], box: TextBox) -> tuple[int, float]:
    """How many characters a text reader (PP-OCRv4, Latin and Chinese) sees in a box, and how sure
    it is of them on average (0 to 1). The characters themselves are not kept.

    A box that stands upright is read both ways, whichever way its text was turned.
    """
    crop = Image.fromarray(picture[box.top : box.bottom, box.left : box.right]).convert("RGB")
    if crop.height <= 1.5 * crop.width:
        return _read(crop)
    turns = (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270)
    return max((_read(crop.transpose(turn)) for turn in turns), key=lambda found: found[1])


def _read(line: Image.Image) -> tuple[int, float]:
    width = int(np.clip(round(_HEIGHT * line.width / line.height), 16, _LONGEST))
    resized = line.resize((width, _HEIGHT), Image.Resampling.BILINEAR)
    values = (np.asarray(resized, dtype=np.float32) / 255 - 0.5) / 0.5
    padded = np.zeros((_HEIGHT, max(_SHORTEST, width), 3), dtype=np.float32)
    padded[:, :width] = values
    scores: NDArray[np.float32] = network(READER)(padded.transpose(2, 0, 1)[None])[0][0]
    best = scores.argmax(axis=-1)
    # CTC: a character counts once while it lasts.
    starts = (best != _NO_CHARACTER) & (np.diff(best, prepend=_NO_CHARACTER) != 0)
    sure = scores.max(axis=-1)[starts]
    return len(sure), float(sure.mean()) if len(sure) else 0.0
