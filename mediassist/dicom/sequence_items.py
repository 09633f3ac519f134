"""Items of a sequence, read one at a time and only when somebody asks for them.

pydicom makes every element of every item an object as soon as a sequence is touched: seconds for
the functional groups of an enhanced object, minutes for a file made to take long. A scan asks for
the first frame.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import overload

from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset

from mediassist.dicom.plain_header import parse_item, split_items

# What is not ordinary is left to pydicom up to this size.
_PATIENT_LIMIT_BYTES = 256 * 1024
_KEPT = "_mediassist_items"


class RawItems(Sequence[Dataset]):
    """The items in the value of a sequence element of a little-endian data set."""

    def __init__(self, element: RawDataElement, bounds: list[tuple[int, int]], parent: Dataset):
        assert element.value is not None  # noqa: S101  (raw_items looks first)
        self.value = element.value
        self._bounds = bounds
        self._is_implicit = element.is_implicit_VR
        self._encodings = parent.original_character_set
        self._read: dict[int, Dataset] = {}

    def __len__(self) -> int:
        return len(self._bounds)

    @overload
    def __getitem__(self, index: int) -> Dataset: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Dataset, ...]: ...

    def __getitem__(self, index: int | slice) -> Dataset | tuple[Dataset, ...]:
        if isinstance(index, slice):
            return tuple(self._item(place) for place in range(len(self))[index])
        return self._item(range(len(self))[index])

    def __iter__(self) -> Iterator[Dataset]:
        return map(self._item, range(len(self)))

    def _item(self, place: int) -> Dataset:
        found = self._read.get(place)
        if found is None:
            start, stop = self._bounds[place]
            found = self._read[place] = self._parse(self.value[start:stop])
        return found

    def _parse(self, data: bytes) -> Dataset:
        encodings = self._encodings
        names = [encodings] if isinstance(encodings, str) else list(encodings or ())
        found = parse_item(data, self._is_implicit, names)
        if found is None and len(data) <= _PATIENT_LIMIT_BYTES:
            return read_dataset(io.BytesIO(data), self._is_implicit, True, parent_encoding=names)
        return Dataset() if found is None else found


def raw_items(dataset: Dataset, element: RawDataElement) -> Sequence[Dataset] | None:
    """The items of a raw sequence element; None where pydicom has to read it.

    What was split is kept with the data set, since every frame of an object asks again.
    """
    kept: dict[int, RawItems] = dataset.__dict__.setdefault(_KEPT, {})
    known = kept.get(int(element.tag))
    if known is not None and known.value is element.value:
        return known
    if not element.value or not element.is_little_endian:
        return None
    bounds = split_items(element.value, element.is_implicit_VR)
    if bounds is None:
        return None if len(element.value) <= _PATIENT_LIMIT_BYTES else ()
    found = kept[int(element.tag)] = RawItems(element, bounds, dataset)
    return found
