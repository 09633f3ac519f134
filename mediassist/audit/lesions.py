"""Where the lesions of a case are, from the boxes or the mask that the manifest names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageSequence, UnidentifiedImageError
from scipy.ndimage import find_objects, label

from mediassist.audit.manifest import Lesion
from mediassist.core.errors import MediAssistError, WrongUsage
from mediassist.core.messages import say
from mediassist.dicom.dicomize.nifti import is_nifti, read_nifti


def mask_lesions(path: Path, rows: int, columns: int) -> tuple[Lesion, ...]:
    """The connected parts of a mask, in pixels of an image of rows by columns.

    A NIfTI volume, or a TIFF of several pages, is a mask of as many slices, in reading order:
    parts that touch from slice to slice are one lesion.

    Raises
    ------
    WrongUsage
        If the mask is missing or no picture.
    """
    mask = _mask(path)
    in_slices = len(mask) > 1
    down, right = rows / mask.shape[1], columns / mask.shape[2]
    parts, _ = label(mask)
    found: list[Lesion] = []
    for slices, y, x in find_objects(parts):
        box = (x.start * right, y.start * down, x.stop * right - 1, y.stop * down - 1)
        first, last = (slices.start, slices.stop - 1) if in_slices else (None, None)
        found.append(Lesion(box, first, last))
    return tuple(found)


def _mask(path: Path) -> NDArray[np.bool_]:
    """(slices, rows, columns), true where a lesion is."""
    try:
        if is_nifti(path):
            return np.asarray(read_nifti(path).values[0] > 0)
        with Image.open(path) as image:
            pages = [np.asarray(page.convert("L")) > 0 for page in ImageSequence.Iterator(image)]
        return np.stack(pages)
    except (OSError, ValueError, UnidentifiedImageError, MediAssistError) as error:
        raise WrongUsage(
            say(
                "audit_mask_unreadable",
                "The lesion mask {path} cannot be read: {reason}",
                path=str(path),
                reason=str(error),
            )
        ) from error
