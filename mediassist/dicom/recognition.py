"""Whether bytes are the beginning of a DICOM file, and what else they are."""

from __future__ import annotations

import struct

from mediassist.core.errors import UnreadableFile
from mediassist.core.messages import say

_VRS = (
    b"AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL "
    b"UN UR US UT UV"
).split()
_FIRST_GROUPS = frozenset(
    group.to_bytes(2, order)
    for group in (0x0000, 0x0002, 0x0004, 0x0008)
    for order in ("little", "big")
)
_OTHER_ARCHIVES = {
    "gzip": (0, b"\x1f\x8b\x08"),
    "bzip2": (0, b"BZh"),
    "xz": (0, b"\xfd7zXZ\0"),
    "7-Zip": (0, b"7z\xbc\xaf\x27\x1c"),
    "RAR": (0, b"Rar!\x1a\x07"),
    "tar": (257, b"ustar"),
}
UNDEFINED_LENGTH = 0xFFFFFFFF
LONG_VRS = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())


def start_of_data(start: bytes) -> int | None:
    """Where pydicom should begin to read, or None if this is no DICOM.

    A file with `DICM` at 128 is DICOM by definition. Without it, the first elements must look
    like elements: at the very start (no preamble), or behind a preamble that lost its prefix.
    """
    if start[128:132] == b"DICM":
        return 0 if len(start) > 132 else None
    for offset in (0, 128, 132):
        if offset == 0 and start[:4] == b"DICM":
            offset = 4
        if looks_like_elements(start, offset):
            return offset
    return None


def may_be_dicom(start: bytes) -> bool:
    """Whether a file that begins with these bytes (some hundred) is worth being opened: no more
    than a quick look, which takes everything that `read_header` takes."""
    if start[128:132] == b"DICM" or start[:4] == b"DICM":
        return True
    return any(start[offset : offset + 2] in _FIRST_GROUPS for offset in (0, 128, 132))


def no_dicom(start: bytes, source: str) -> UnreadableFile:
    """The error for a file that begins with these bytes and is no DICOM."""
    if not start:
        return UnreadableFile(say("file_empty", "{path} is empty.", path=source))
    for kind, (at, magic) in _OTHER_ARCHIVES.items():
        if start[at : at + len(magic)] == magic and not source.lower().endswith(".nii.gz"):
            return UnreadableFile(
                say(
                    "other_archive",
                    "{path} is a {kind} archive, which MediAssist does not open; unpack it and"
                    " give the folder.",
                    path=source,
                    kind=kind,
                )
            )
    return UnreadableFile(say("not_dicom", "{path} is not a DICOM file.", path=source))


def looks_like_elements(start: bytes, offset: int) -> bool:
    return any(
        has_elements(start, offset, order, explicit) for order in "<>" for explicit in (True, False)
    )


def has_elements(start: bytes, offset: int, order: str, explicit: bool) -> bool:
    """Whether three elements (or all there are) follow each other in ascending order."""
    previous = -1
    for count in range(3):
        head = start[offset : offset + 12]
        if len(head) < 8:
            return count > 0 and not head
        group, element = struct.unpack(f"{order}HH", head[:4])
        tag = group << 16 | element
        if tag <= previous or (count == 0 and group not in (0x0000, 0x0002, 0x0004, 0x0008)):
            return False
        previous = tag
        if explicit:
            vr = head[4:6]
            if vr not in _VRS:
                return False
            if vr in LONG_VRS:
                if len(head) < 12:
                    return False
                (length,) = struct.unpack(f"{order}L", head[8:12])
                offset += 12
            else:
                (length,) = struct.unpack(f"{order}H", head[6:8])
                offset += 8
        else:
            (length,) = struct.unpack(f"{order}L", head[4:8])
            offset += 8
        if length == UNDEFINED_LENGTH:
            return count > 0
        if length > 1 << 20:
            return False
        offset += length
        # A file of its few elements is DICOM only if it ends where they end.
        if offset >= len(start):
            return count > 0 and offset == len(start)
    return True
