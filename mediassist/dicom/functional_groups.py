"""Per-frame facts of multi-frame objects (PS3.3 C.7.6.16), with the classic header as fallback."""

from __future__ import annotations

from pydicom.dataset import Dataset

from mediassist.dicom import values

_MOST_FRAMES = 200_000


def is_enhanced(dataset: Dataset) -> bool:
    """Whether the object keeps facts per frame; classic ones need no further look."""
    return values.has(dataset, "SharedFunctionalGroupsSequence") or values.has(
        dataset, "PerFrameFunctionalGroupsSequence"
    )


def frame_groups(dataset: Dataset, frame: int) -> tuple[Dataset, ...]:
    """The functional groups that hold for a frame: its own, then the shared ones."""
    per_frame = values.items(dataset, "PerFrameFunctionalGroupsSequence", _MOST_FRAMES)
    shared = values.first_item(dataset, "SharedFunctionalGroupsSequence")
    own = (per_frame[frame],) if 0 <= frame < len(per_frame) else ()
    return (*own, shared)


def functional_group(dataset: Dataset, frame: int, keyword: str) -> Dataset | None:
    """The first item of a functional group sequence for a frame, or None."""
    if not is_enhanced(dataset):
        return None
    for groups in frame_groups(dataset, frame):
        found = values.items(groups, keyword)
        if found:
            return found[0]
    return None


def group_or_header(dataset: Dataset, frame: int, keyword: str) -> Dataset:
    """The functional group where there is one, else the header itself (classic objects)."""
    group = functional_group(dataset, frame, keyword)
    return dataset if group is None else group
