"""The pictures least like the rest, on one sheet: a person should look before training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

_TILE, _TEXT = 160, 28


def write_outlier_montage(
    path: Path,
    pictures: Sequence[NDArray[np.uint8]],
    names: Sequence[str],
    most: int = 40,
) -> None:
    """Sort grey squares by their distance to the nearest neighbours and draw the farthest.

    Distance is Euclidean between 24x24 thumbnails of equal mean and spread, averaged over the
    five nearest others: a wrong body part, a lateral view or an inverted film has no near ones.
    """
    thumbnails = np.stack([_thumbnail(picture) for picture in pictures])
    similarity = thumbnails @ thumbnails.T
    np.fill_diagonal(similarity, -1)
    nearest = np.sort(similarity, axis=1)[:, -5:].mean(1)
    strangest = np.argsort(nearest, kind="stable")[:most]
    across = 8
    rows = -(-len(strangest) // across)
    sheet = Image.new("L", (across * _TILE, rows * (_TILE + _TEXT)))
    pen = ImageDraw.Draw(sheet)
    for place, index in enumerate(strangest):
        x, y = (place % across) * _TILE, (place // across) * (_TILE + _TEXT)
        sheet.paste(Image.fromarray(pictures[index]).resize((_TILE - 4, _TILE - 4)), (x, y + _TEXT))
        pen.text((x + 2, y), names[index][:26], fill=255)
        pen.text((x + 2, y + 13), f"similarity {nearest[index]:.2f}", fill=160)
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)


def _thumbnail(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    small = np.asarray(Image.fromarray(picture).resize((24, 24), Image.Resampling.BOX), float)
    centred = small.reshape(-1) - small.mean()
    result: NDArray[np.float64] = centred / max(float(np.linalg.norm(centred)), 1e-9)
    return result
