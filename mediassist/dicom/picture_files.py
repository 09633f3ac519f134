"""Values of PNG, JPEG, WebP and TIFF pictures, with what their compression has lost."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from mediassist.core.errors import UnreadableFile
from mediassist.core.messages import say

PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff"})

_MAX_PIXELS = 200_000_000
# Large pictures are read or refused here; Pillow's remark would only appear on stderr.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


@dataclass(frozen=True, slots=True)
class PictureFrames:
    """The pages of one picture file.

    Attributes
    ----------
    values : (frames, rows, columns) uint8, uint16, int32 or float32; (frames, rows, columns, 3)
        uint8 for colour.
    lossy_method : DICOM's term for the compression that lost something (PS3.3 C.7.6.1.1.5),
        "WEBP" where it has none; empty where nothing was lost.
    ratio : uncompressed by compressed size, 0 where nothing was lost.
    """

    values: NDArray[Any]
    lossy_method: str = ""
    ratio: float = 0.0

    @property
    def is_colour(self) -> bool:
        return self.values.ndim == 4


def is_picture(path: Path) -> bool:
    """Whether the name ends as that of a picture that `read_picture` reads."""
    return path.suffix.lower() in PICTURE_SUFFIXES


def read_picture(path: Path, keep_colour: bool) -> PictureFrames:
    """All pages of a picture, turned upright where its camera noted how it was held (EXIF).

    Without `keep_colour`, colours become their luminance.

    Raises
    ------
    UnreadableFile
        No picture, damaged, of more than 200 million pixels, or with pages of different sizes.
    """
    try:
        with Image.open(path) as image:
            _check_size(path, image, 1)
            lossy = _lossy_method(path, image)
            frames: list[NDArray[Any]] = []
            for frame in ImageSequence.Iterator(image):
                _check_size(path, frame, len(frames) + 1)
                frames.append(_plain(ImageOps.exif_transpose(frame), keep_colour))
        values = np.stack(frames)
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError) as error:
        raise unreadable_picture(path, str(error)) from None
    except Image.DecompressionBombError as error:
        raise unreadable_picture(path, str(error)) from None
    ratio = values.nbytes / max(1, path.stat().st_size) if lossy else 0.0
    return PictureFrames(values, lossy, ratio)


def _check_size(path: Path, image: Image.Image, page: int) -> None:
    if image.width * image.height * page > _MAX_PIXELS:
        raise unreadable_picture(path, f"{image.width} x {image.height} pixels are too many")


def _lossy_method(path: Path, image: Image.Image) -> str:
    if image.format in ("JPEG", "MPO"):
        return "ISO_10918_1"
    if image.format == "WEBP":
        with path.open("rb") as file:
            # The chunk names stand in the first bytes; VP8L is the lossless coding.
            return "" if b"VP8L" in file.read(64) else "WEBP"
    # TIFF may hold JPEG strips.
    return "ISO_10918_1" if image.info.get("compression") in ("jpeg", "tiff_jpeg") else ""


def _plain(frame: Image.Image, keep_colour: bool) -> NDArray[Any]:
    """(rows, columns) of a grey page, or (rows, columns, 3) uint8 where colour is kept."""
    if frame.mode.startswith("I;16"):
        return np.asarray(frame).astype(np.uint16)
    if frame.mode in ("I", "F"):
        values = np.asarray(frame)
        fits = frame.mode == "I" and values.min() >= 0 and values.max() <= 65535
        return values.astype(np.uint16) if fits else values
    # A grey film stored as lossy colour has channels that differ by a grey level or two.
    is_grey = frame.mode in ("L", "1", "LA") or not keep_colour
    return np.asarray(frame.convert("L" if is_grey else "RGB"))


def unreadable_picture(path: Path, reason: str) -> UnreadableFile:
    """The error for a picture that cannot be read."""
    return UnreadableFile(
        say(
            "picture_unreadable",
            "{path} cannot be read as a picture: {reason}.",
            path=str(path),
            reason=reason.rstrip("."),
        )
    )
