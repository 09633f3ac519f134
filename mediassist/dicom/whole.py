"""A file whole, pixels and all, in the bounds that `read_header` keeps.

`pydicom.dcmread` reads whatever a file asks for: a deflated stream to its end, sequences of
millions of items, and what stands behind the pixels. Here the header comes from `read_header`,
everything in it is counted before anything is made of it, and the pixels are added as bytes.
"""

from __future__ import annotations

from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.tag import BaseTag

from mediassist.core.errors import LimitExceeded, MediAssistError, UnreadableFile
from mediassist.core.messages import say
from mediassist.dicom.encapsulation import DamagedFragments, end_of_fragments
from mediassist.dicom.header import PIXEL_TAGS, DicomHeader
from mediassist.dicom.header_size import (
    HeaderSize,
    NotCountableError,
    TooMuchError,
    add_element,
)
from mediassist.dicom.layout import pixel_layout

# Ten thousand frames of an enhanced object with thirty elements each.
MOST_ELEMENTS = 300_000
# Sequences that cannot be counted are left to pydicom up to this size, as elsewhere.
_PATIENT_LIMIT_BYTES = 256 * 1024
# What a deflated data set may hold as pixels beyond the picture that it declares.
_SURPLUS_BYTES = 64 * 1024**2


def read_whole(header: DicomHeader) -> tuple[Dataset, int]:
    """The data set of a file with its pixels as they are stored, and how many elements it has.

    The header's own data set is given back, with the pixels added to it; values stay raw until
    somebody asks for them. What stands behind the pixels (padding, signatures, private copies) is
    left out.

    Raises
    ------
    LimitExceeded
        The file has more elements than a real one, a value too long to be read, or inflates to
        more than its picture.
    UnreadableFile
        Its compressed pixels are damaged.
    """
    dataset = header.dataset
    size = HeaderSize(MOST_ELEMENTS)
    patience = _PATIENT_LIMIT_BYTES
    for tag in list(dataset.keys()):
        element = dataset.get_item(tag, keep_deferred=True)
        if not isinstance(element, RawDataElement):
            continue  # read by pydicom, within the bounds of `read_header`
        _refuse_deferred(header, element)
        try:
            add_element(size, dataset, element)
        except TooMuchError:
            raise _too_much(header) from None
        except NotCountableError:
            patience -= len(element.value or b"")
            if patience < 0 and not tag.is_private:
                raise _too_much(header) from None
            if patience < 0:
                del dataset[tag]  # as de-identification does with all that is private
    if not hasattr(dataset, "file_meta"):
        dataset.file_meta = FileMetaDataset()
    if header.pixels is not None:
        _add_pixels(header, dataset)
    return dataset, size.elements


def _too_much(header: DicomHeader) -> LimitExceeded:
    return LimitExceeded(
        say(
            "header_too_many",
            "{path}: the header has more elements than any real file.",
            path=str(header.path),
        )
    )


def _refuse_deferred(header: DicomHeader, element: RawDataElement) -> None:
    """Values that `read_header` left in the file are not missing: nobody may write them as such."""
    if element.value is None and element.length not in (0, 0xFFFFFFFF):
        raise LimitExceeded(
            say(
                "value_too_long",
                "{path}: the value of {tag} has {megabytes} MB, more than is read of a header.",
                path=str(header.path),
                tag=str(element.tag),
                megabytes=element.length >> 20,
            )
        )


def _add_pixels(header: DicomHeader, dataset: Dataset) -> None:
    pixels = header.pixels
    assert pixels is not None  # noqa: S101  (asked by read_whole)
    (tag,) = (tag for tag, keyword in PIXEL_TAGS.items() if keyword == pixels.keyword)
    vr = pixels.vr if pixels.vr in ("OB", "OW", "OF", "OD") else "OW"
    element = DataElement(BaseTag(tag), vr, _pixel_bytes(header), already_converted=True)
    element.is_undefined_length = pixels.length is None
    dataset[BaseTag(tag)] = element


def _pixel_bytes(header: DicomHeader) -> bytes:
    pixels = header.pixels
    assert pixels is not None  # noqa: S101
    if header.deflated is not None:
        length = pixels.length or 0
        if length > _declared_bytes(header) + _SURPLUS_BYTES:
            raise LimitExceeded(
                say(
                    "inflates_too_far",
                    "{path} inflates to more than {limit} MB.",
                    path=str(header.path),
                    limit=(_declared_bytes(header) + _SURPLUS_BYTES) >> 20,
                )
            )
        return header.deflated.read(pixels.offset, length).tobytes()
    with header.path.open("rb") as file:
        file.seek(pixels.offset)
        if pixels.length is not None:
            return file.read(min(pixels.length, header.size - pixels.offset))
        try:
            end = end_of_fragments(file, header.size)
        except DamagedFragments as error:
            raise UnreadableFile(
                say(
                    "pixels_damaged",
                    "{path}: the compressed pixels cannot be decoded ({reason}).",
                    path=str(header.path),
                    reason=str(error),
                )
            ) from error
        file.seek(pixels.offset)
        return file.read(end - pixels.offset)


def _declared_bytes(header: DicomHeader) -> int:
    try:
        return pixel_layout(header).decoded_bytes
    except MediAssistError:
        return 0
