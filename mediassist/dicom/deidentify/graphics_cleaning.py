"""Clean Graphics (PS3.15 E.3.3): overlay planes that hold drawings and no text."""

from __future__ import annotations

import numpy as np
from pydicom.dataset import Dataset, FileDataset

from mediassist.dicom.burned_in.masking import text_mask
from mediassist.dicom.values import CONVERSION_ERRORS

_GROUPS = range(0x6000, 0x6020, 2)
_MOST_FRAMES = 12


def drop_texts_in_overlays(dataset: FileDataset) -> int:
    """Take every overlay plane out of a data set that looks as if it held text, that cannot be
    looked at, or that stands in the pixels' unused bits; returns how many were taken out.

    Names are drawn into overlays as well as into pixels; lines and outlines may stay.
    """
    dropped = 0
    for group in _GROUPS:
        tags = [tag for tag in dataset.keys() if tag.group == group]  # noqa: SIM118
        if tags and not _is_free_of_text(dataset, group):
            dropped += 1
            for tag in tags:
                del dataset[tag]
    return dropped


def _is_free_of_text(dataset: Dataset, group: int) -> bool:
    if (group, 0x3000) not in dataset:
        return False
    try:
        plane = np.atleast_3d(dataset.overlay_array(group))
    except (*CONVERSION_ERRORS, AttributeError):
        return False
    frames = plane if plane.shape[-1] != 1 else plane[..., 0][None]
    if len(frames) > _MOST_FRAMES:
        return False
    return not any(
        text_mask((frame > 0).astype(np.uint8) * 255, spare=False).boxes for frame in frames
    )
