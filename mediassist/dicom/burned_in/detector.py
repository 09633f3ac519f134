"""Where a picture holds text, Latin or Chinese.

A text detector (PP-OCRv4, differentiable binarization, Liao 2020) gives for every pixel how likely
it lies in the middle of a line of text. It was trained on photographs and documents; how well it
finds text on medical pictures is measured by `python -m benchmarks.burned_in_text`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from mediassist.dicom.burned_in.networks import DETECTOR, network

# Small pictures are enlarged, at most threefold, to about this many pixels, large ones are reduced
# to the second number: letters should be 15 to 50 pixels high.
_ENLARGED_PIXELS, _REDUCED_PIXELS = 1_200_000, 2_400_000
_LARGEST_FACTOR = 3.0
_LIKELY = 0.2
# The detector marks the core of a line: letters reach beyond it, most at both ends.
_GROW_ACROSS, _GROW_ALONG = 0.85, 1.2
# Characters of one line stand so near each other, in heights of its (generous) box.
_GAP = 1.2
_SMALLEST_AREA = 9
# Devices write small; a core thicker than this share of the shorter side is a skull or a rib cage.
_THICKEST = 0.15


@dataclass(frozen=True, slots=True)
class TextBox:
    """A line of text: pixels of the picture, ends excluded; `score` is the detector's highest."""

    top: int
    left: int
    bottom: int
    right: int
    score: float

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def width(self) -> int:
        return self.right - self.left


def find_text(picture: NDArray[np.uint8]) -> list[TextBox]:
    """Lines of text in a grey (rows, columns) or colour (rows, columns, 3) picture.

    Boxes are generous: they hold the whole of every letter.
    """
    rows, columns = picture.shape[:2]
    if min(rows, columns) < 8:
        return []
    likely, scale = _likelihood(picture)
    labels, _ = ndimage.label(likely > _LIKELY, np.ones((3, 3)))
    boxes = []
    for number, place in enumerate(ndimage.find_objects(labels), start=1):
        core = labels[place] == number
        thickness = min(
            (place[0].stop - place[0].start) / scale[0], (place[1].stop - place[1].start) / scale[1]
        )
        if core.sum() < _SMALLEST_AREA or thickness > _THICKEST * min(rows, columns):
            continue
        score = float(likely[place][core].max())
        boxes.append(_grown(place, scale, (rows, columns), score))
    return _joined(boxes)


def _joined(boxes: list[TextBox]) -> list[TextBox]:
    """Boxes of one line with a short gap between them become one: between two characters that
    were seen stand those that were not."""
    lines: list[TextBox] = []
    for box in sorted(boxes, key=lambda each: each.left):
        for index, line in enumerate(lines):
            if _goes_on(line, box):
                lines[index] = TextBox(
                    top=min(line.top, box.top),
                    left=line.left,
                    bottom=max(line.bottom, box.bottom),
                    right=max(line.right, box.right),
                    score=max(line.score, box.score),
                )
                break
        else:
            lines.append(box)
    return lines


def _goes_on(line: TextBox, box: TextBox) -> bool:
    """Whether `box`, not further left, continues `line`: of one height, on one level, near."""
    low, high = sorted((line.height, box.height))
    shared = min(line.bottom, box.bottom) - max(line.top, box.top)
    return high <= 1.6 * low and shared >= 0.6 * low and box.left - line.right <= _GAP * high


def _likelihood(picture: NDArray[np.uint8]) -> tuple[NDArray[np.float32], tuple[float, float]]:
    """Likelihood on the network's grid, and its rows and columns per pixel of the picture."""
    rows, columns = picture.shape[:2]
    pixels = rows * columns
    budget = _ENLARGED_PIXELS if pixels < _ENLARGED_PIXELS else min(pixels, _REDUCED_PIXELS)
    factor = min(_LARGEST_FACTOR, math.sqrt(budget / pixels))
    height, width = (max(32, round(side * factor / 32) * 32) for side in (rows, columns))
    image = Image.fromarray(picture).convert("RGB")
    resized = image.resize((width, height), Image.Resampling.BILINEAR)
    values = (np.asarray(resized, dtype=np.float32) / 255 - 0.5) / 0.5
    result: NDArray[np.float32] = network(DETECTOR)(values.transpose(2, 0, 1)[None])[0][0, 0]
    return result, (height / rows, width / columns)


def _grown(
    place: tuple[slice, slice], scale: tuple[float, float], size: tuple[int, int], score: float
) -> TextBox:
    down, across = place
    height = (down.stop - down.start) / scale[0]
    width = (across.stop - across.start) / scale[1]
    # The thickness of the line, which may run vertically.
    thickness = min(height, width)
    across_line, along_line = _GROW_ACROSS * thickness + 2, _GROW_ALONG * thickness + 2
    vertical, horizontal = (
        (across_line, along_line) if width >= height else (along_line, across_line)
    )
    return TextBox(
        top=max(0, int(down.start / scale[0] - vertical)),
        left=max(0, int(across.start / scale[1] - horizontal)),
        bottom=min(size[0], math.ceil(down.stop / scale[0] + vertical)),
        right=min(size[1], math.ceil(across.stop / scale[1] + horizontal)),
        score=score,
    )
