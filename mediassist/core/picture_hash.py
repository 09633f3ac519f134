"""Recognise a picture that has been seen before: the very same pixels, or nearly the same view.

Training records both hashes of every picture that a bundle learnt from or was calibrated on; the
audit compares them with its cases, so that nobody measures on what a model has seen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_SIDE = 16

# Of 256 bits. Copies (JPEG, resized, cut by a few pixels) differ by less, other patients by more:
# tests/core/test_picture_hash.py and the numbers in docs/performance.md.
NEAR = 12


def pixel_hash(pixels: NDArray[Any]) -> str:
    """32 hex digits that only the very same stored values give, whatever the file format."""
    values = np.ascontiguousarray(pixels)
    # A grey picture is one frame or an array of one; both are the same picture.
    shape = tuple(side for side in values.shape if side != 1)
    digest = hashlib.sha256(f"{shape} {values.dtype.str}".encode())
    digest.update(values.tobytes())
    return digest.hexdigest()[:32]


def perceptual_hash(picture: NDArray[Any]) -> str:
    """64 hex digits (256 bits) that nearly equal pictures nearly share: a difference hash.

    The picture, (rows, columns) or (rows, columns, 3), is averaged to 16 rows of 17 cells; a bit
    says whether a cell is darker than its right neighbour. Brightness, contrast, size and
    compression hardly change it; turning and mirroring do.
    """
    grey = np.asarray(picture, dtype=np.float64)
    if grey.ndim == 3:
        grey = grey.mean(axis=2)
    cells = _averaged(_averaged(grey, _SIDE, 0), _SIDE + 1, 1)
    # Steps below a thousandth of the range are rounding, not picture.
    step = 1e-3 * float(np.ptp(cells))
    bits = np.diff(cells, axis=1) > step
    return np.packbits(bits).tobytes().hex()


def near_hashes(hashes: Sequence[str], known: Sequence[str], most: int = NEAR) -> list[int]:
    """For each hash the place of the nearest known one within `most` bits, else -1.

    >>> near_hashes(["00" * 32, "ff" * 32], ["01" + "00" * 31])
    [0, -1]
    """
    if not known:
        return [-1] * len(hashes)
    table = _bytes(known)
    found: list[int] = []
    for one in hashes:
        distance = np.bitwise_count(table ^ _bytes([one])).sum(axis=1)
        best = int(distance.argmin())
        found.append(best if distance[best] <= most else -1)
    return found


def near_pairs(hashes: Sequence[str], most: int = NEAR) -> list[tuple[int, int]]:
    """Places (earlier, later) of all pairs within `most` bits.

    >>> near_pairs(["00" * 32, "ff" * 32, "01" + "00" * 31])
    [(0, 2)]
    """
    if not hashes:
        return []
    table = _bytes(hashes)
    found: list[tuple[int, int]] = []
    for place in range(1, len(table)):
        distance = np.bitwise_count(table[:place] ^ table[place]).sum(axis=1)
        found += [(int(other), place) for other in np.flatnonzero(distance <= most)]
    return found


def _bytes(hashes: Sequence[str]) -> NDArray[np.uint64]:
    joined = np.frombuffer(bytes.fromhex("".join(hashes)), dtype=np.uint64)
    return joined.reshape(len(hashes), -1)


def _averaged(values: NDArray[np.float64], cells: int, axis: int) -> NDArray[np.float64]:
    """Means over `cells` equal stretches of one axis, parts of pixels counted in part."""
    size = values.shape[axis]
    sums = np.concatenate(
        [np.zeros_like(np.take(values, [0], axis)), np.cumsum(values, axis=axis)], axis=axis
    )
    edges = np.linspace(0.0, size, cells + 1)
    below = np.minimum(edges.astype(np.intp), size - 1)
    part = edges - below
    shape = [1, 1]
    shape[axis] = len(edges)
    weight = part.reshape(shape)
    at = np.take(sums, below, axis) * (1 - weight) + np.take(sums, below + 1, axis) * weight
    return np.asarray(np.diff(at, axis=axis) / (size / cells))
