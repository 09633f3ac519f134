"""The process that decodes: started by `mediassist.dicom.guard`, killed when it misbehaves.

It reads requests from standard input and answers on the original standard output, JSON for what
is said and raw bytes for pixels; nothing is pickled, so that a subverted worker cannot make its
parent run code. It ends when its input ends, that is also when its parent dies.
"""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import signal
import struct
from functools import lru_cache
from typing import Any, BinaryIO

REQUEST_HEAD = struct.Struct("<L")
ANSWER_HEAD = struct.Struct("<cQ")
# Before the values of a frame: their colour space, and whether the stream was cut off.
FRAME_FACTS = struct.Struct("<16s?")
FRAME, DONE, ERROR, READY = b"F", b"D", b"E", b"R"


def main() -> None:
    """Serve until standard input is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    # Codecs print to standard output; that must not fall among the answers.
    silence = open(os.devnull, "r+b")  # noqa: SIM115  (lives as long as the process)
    os.dup2(silence.fileno(), 0)
    os.dup2(silence.fileno(), 1)
    os.dup2(silence.fileno(), 2)
    _import_decoders()
    _answer(answers, READY)
    while True:
        head = requests.read(REQUEST_HEAD.size)
        if len(head) < REQUEST_HEAD.size:
            return
        request = json.loads(requests.read(*REQUEST_HEAD.unpack(head)))
        # Ends this process even if its parent is gone and a codec hangs with the GIL held.
        faulthandler.dump_traceback_later(request["dead_man_seconds"], exit=True, file=silence)
        _limit_memory(request["memory_bytes"])
        _serve(request, answers)
        faulthandler.cancel_dump_traceback_later()


def _import_decoders() -> None:
    """Import before the clock of the first file runs."""
    import imagecodecs  # noqa: F401

    import mediassist.dicom.frame_decoders  # noqa: F401


def _answer(answers: BinaryIO, kind: bytes, *payload: bytes | memoryview) -> None:
    answers.write(ANSWER_HEAD.pack(kind, sum(map(len, payload))))
    for part in payload:
        answers.write(part)
    answers.flush()


def _serve(request: dict[str, Any], answers: BinaryIO) -> None:
    from mediassist.dicom.encapsulation import DamagedFragments
    from mediassist.dicom.frame_decoders import UndecodableFrame, decode_frame
    from mediassist.dicom.pixel_layout import PixelLayout

    try:
        layout = PixelLayout(**request["layout"])
        frames = _frames(request, layout.frames)
        for index in range(request["first"], request["first"] + request["count"]):
            decoded = decode_frame(
                frames[index], request["syntax"], layout, with_gdcm=request["with_gdcm"]
            )
            facts = FRAME_FACTS.pack(decoded.photometric.encode(), decoded.is_cut)
            _answer(answers, FRAME, facts, decoded.values.data.cast("B"))
        _answer(answers, DONE)
    except MemoryError:
        _fail(answers, "memory", "out of memory")
    except (DamagedFragments, UndecodableFrame, OSError, ValueError) as error:
        _fail(answers, "damaged", str(error))


def _frames(request: dict[str, Any], count: int) -> list[bytes]:
    """Compressed frames of the requested file, kept while the same file is asked for again: a
    cine is decoded frame by frame."""
    status = os.stat(request["path"])
    facts = (request["path"], status.st_mtime_ns, status.st_size, request["offset"], count)
    return list(_split(*facts, request["end"], tuple(request["extended_table"])))


@lru_cache(maxsize=1)
def _split(
    path: str,
    modified_ns: int,
    size: int,
    offset: int,
    count: int,
    end: int,
    extended_table: tuple[int, ...],
) -> tuple[bytes, ...]:
    from mediassist.dicom.encapsulation import join_frames, read_fragments

    with open(path, "rb") as file:
        file.seek(offset)
        table, fragments, offsets = read_fragments(file, end, count)
    return tuple(join_frames(count, table, fragments, offsets, extended_table))


def _fail(answers: BinaryIO, kind: str, reason: str) -> None:
    _answer(answers, ERROR, json.dumps({"kind": kind, "reason": reason[:300]}).encode())


def _limit_memory(extra_bytes: int) -> None:
    """Let the address space grow by `extra_bytes` from here (POSIX; elsewhere the guard looks)."""
    try:
        import resource

        import psutil
    except ImportError:
        return
    limit = psutil.Process().memory_info().vms + extra_bytes
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
