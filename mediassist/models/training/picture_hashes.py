"""Fingerprints of the pictures a bundle was made from, so that an audit can find them again.

The content hash finds a copied file; the perceptual hash finds the same picture after scaling,
recompression or conversion to DICOM.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mediassist.core.picture_hash import SIDE, perceptual_hash
from mediassist.models.preprocess import SquashSquare
from mediassist.models.training.manifest import read_grey


def picture_hashes(paths: Sequence[Path]) -> dict[str, Any]:
    """Sorted, so that the order says nothing of labels or splits."""
    return {
        "content": {
            "method": "SHA-256 of the file as in the picture set",
            "hashes": sorted(hashlib.sha256(path.read_bytes()).hexdigest() for path in paths),
        },
        "perceptual": {
            "method": "64 bits: signs of the 8x8 lowest cosine terms (without the mean) of the "
            "32x32 grey picture against their median, row by row, most significant bit first",
            "hashes": sorted(
                perceptual_hash(SquashSquare(SIDE)(read_grey(path))[0]) for path in paths
            ),
        },
    }
