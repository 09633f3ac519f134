"""The same picture under two SOP Instance UIDs: an examination that was sent, and sent again.

Archives that give out new UIDs make such copies; counted twice they would weigh twice in an audit
and fill a volume with doubled slices. They are told, not left out: which one is the original can't
be known.
"""

from __future__ import annotations

import hashlib
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator

from mediassist.core.errors import MediAssistError
from mediassist.core.study import Instance
from mediassist.dicom import syntaxes
from mediassist.dicom.header import DEFLATED, read_header

_PROBE_BYTES = 256
_CHUNK_BYTES = 1 << 20


def same_pictures(instances: Iterable[Instance]) -> Iterator[tuple[Instance, Instance]]:
    """(copy, original) of images whose header facts and pixel data are the same.

    Only images that agree in number, place, size and view are looked at; a few bytes from the
    middle of the pixels part nearly all of them (two reconstructions of one scan agree in all
    these facts), and only what still agrees is read whole.
    """
    alike: dict[tuple[object, ...], list[Instance]] = defaultdict(list)
    for instance in instances:
        if instance.has_pixels:
            alike[_facts(instance)].append(instance)
    for group in alike.values():
        if len(group) > 1:
            yield from _same(group)


def _facts(instance: Instance) -> tuple[object, ...]:
    return (
        instance.modality,
        instance.instance_number,
        instance.position_mm,
        instance.orientation,
        instance.rows,
        instance.columns,
        instance.frames,
        instance.photometric,
        instance.bits_stored,
        instance.view_position,
        instance.laterality,
        instance.transfer_syntax_uid,
    )


def _same(group: list[Instance]) -> Iterator[tuple[Instance, Instance]]:
    probed: dict[bytes, list[Instance]] = defaultdict(list)
    for instance in group:
        probe = _probe(instance)
        if probe:
            probed[probe].append(instance)
    for alike in probed.values():
        first: dict[str, Instance] = {}
        for instance in alike if len(alike) > 1 else ():
            digest = _pixel_digest(instance)
            if digest is None:
                continue
            original = first.setdefault(digest, instance)
            if original is not instance:
                yield instance, original


def _probe(instance: Instance) -> bytes:
    """Some bytes of the pixels, counted from the end of the file: headers of copies differ in
    length, and nothing is parsed for this. A deflated file has no such bytes."""
    if instance.transfer_syntax_uid == DEFLATED:
        return b"deflated"
    back = _PROBE_BYTES
    if instance.transfer_syntax_uid in syntaxes.NATIVE:
        values = instance.rows * instance.columns * instance.frames * instance.samples_per_pixel
        back += values * max(1, instance.bits_stored // 8) // 2
    try:
        with instance.path.open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - back))
            return file.read(_PROBE_BYTES)
    except OSError:
        return b""


def _pixel_digest(instance: Instance) -> str | None:
    try:
        header = read_header(instance.path)
        if header.pixels is None:
            return None
        digest = hashlib.sha256()
        if header.deflated is not None:
            # The picture's own bytes: a stated length may be gigabytes of what inflates to nothing.
            most = 8 * instance.rows * instance.columns * instance.frames
            length = min(header.pixels.length or 0, most * instance.samples_per_pixel)
            for piece in header.deflated.pieces(header.pixels.offset, length):
                digest.update(piece)
            return digest.hexdigest()
        left = header.pixels.length
        with instance.path.open("rb") as file:
            file.seek(header.pixels.offset)
            while chunk := file.read(_CHUNK_BYTES if left is None else min(_CHUNK_BYTES, left)):
                digest.update(chunk)
                left = None if left is None else left - len(chunk)
    except (MediAssistError, OSError, zlib.error):
        return None
    return digest.hexdigest()
