"""Decode in another process, with limits: a hanging or dying codec costs one file, no program.

One worker is started at the first compressed file and kept. It is watched for processor time,
wall-clock time and memory, killed when it goes beyond, and replaced at the next file. Started by
`subprocess` rather than `multiprocessing`: that works from threads, from daemonic workers and
under pythonw, and does not import the caller's main module again.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess  # noqa: S404
import sys
import threading
import time
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any

import numpy as np
import psutil
from numpy.typing import NDArray

from mediassist.core.errors import LimitExceeded, MediAssistError, UnreadableFile
from mediassist.core.messages import say
from mediassist.dicom.decoding_worker import (
    ANSWER_HEAD,
    DONE,
    ERROR,
    FRAME,
    FRAME_FACTS,
    READY,
    REQUEST_HEAD,
)
from mediassist.dicom.pixel_layout import PixelLayout

_START_SECONDS = 60.0
# Processor time: codecs are busy with the compressed bytes; the pixels have to be filled.
_FRAME_SECONDS = 1.2
_SECONDS_PER_CODED_MEGABYTE = 1.0
_SECONDS_PER_MEGABYTE = 0.05
_SECONDS_PER_FILE_MEGABYTE = 0.02
_WALL_CLOCK_FACTOR = 20.0
_BASE_MEMORY_BYTES = 350 * 1024**2
_LOOK_EVERY_SECONDS = 0.05

_BOOT = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    " from mediassist.dicom.decoding_worker import main; main()"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodingRequest:
    """Frames `first` to `first + count` of the encapsulated pixels at `offset` of `path`."""

    path: Path
    offset: int
    end: int
    syntax: str
    layout: PixelLayout
    first: int
    count: int
    extended_table: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class DecodedFrames:
    """Stored values, shape (count, rows, columns[, 3]), and the colour space that they are in.

    `is_cut` says that a stream ended early and its decoder made up the rest.
    """

    values: NDArray[Any]
    photometric: str
    is_cut: bool


class _WorkerDied(Exception):
    """The worker ended or was killed; `reason` is time, memory or crash."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class GuardedDecoder:
    """One worker process and the rules it has to keep. Safe to call from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._worker: subprocess.Popen[bytes] | None = None
        self._owner = os.getpid()

    def decode(self, request: DecodingRequest) -> DecodedFrames:
        """The requested frames.

        Raises
        ------
        UnreadableFile
            The stream is damaged, or crashed every decoder that takes it.
        LimitExceeded
            Decoding took more time or memory than the size of the picture can explain.
        """
        with self._lock:
            try:
                return self._attempt(request, with_gdcm=True)
            except _WorkerDied as death:
                if death.reason != "crash":
                    raise _too_much(request.path, death.reason) from death
            # gdcm aborts its process on some damaged streams: try the other decoders.
            try:
                return self._attempt(request, with_gdcm=False)
            except _WorkerDied as death:
                if death.reason != "crash":
                    raise _too_much(request.path, death.reason) from death
                raise UnreadableFile(
                    say(
                        "decoder_crashed",
                        "{path}: the compressed pixels crash the decoder; the file is damaged.",
                        path=str(request.path),
                    )
                ) from death

    @property
    def pid(self) -> int | None:
        """Of the running worker, None where there is none."""
        return self._worker.pid if self._worker is not None else None

    def close(self) -> None:
        """End the worker; the next `decode` starts another."""
        worker, self._worker = self._worker, None
        if worker is None or self._owner != os.getpid():
            return
        worker.kill()
        for pipe in (worker.stdin, worker.stdout):
            if pipe is not None:
                pipe.close()
        worker.wait()

    def _attempt(self, request: DecodingRequest, with_gdcm: bool) -> DecodedFrames:
        worker = self._running_worker()
        watch = _Watch(worker, request)
        try:
            return self._converse(worker, watch, request, with_gdcm)
        except (OSError, EOFError) as error:
            self.close()
            raise _WorkerDied(watch.reason or "crash") from error
        except BaseException as error:
            # Also on KeyboardInterrupt: an unfinished answer must not meet the next request.
            if not isinstance(error, MediAssistError):
                self.close()
            raise
        finally:
            watch.stop()

    def _running_worker(self) -> subprocess.Popen[bytes]:
        if self._owner != os.getpid():
            # Forked: the worker belongs to the parent process.
            self._worker, self._owner = None, os.getpid()
        if self._worker is not None and self._worker.poll() is None:
            return self._worker
        self.close()
        paths = [entry or os.getcwd() for entry in sys.path]
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        worker = subprocess.Popen(  # noqa: S603  (our own interpreter and module)
            [sys.executable, "-c", _BOOT, json.dumps(paths)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._worker = worker
        alarm = threading.Timer(_START_SECONDS, worker.kill)
        alarm.start()
        try:
            kind, _ = _read_head(_pipe(worker.stdout))
        except EOFError as error:
            self.close()
            raise _WorkerDied("crash") from error
        finally:
            alarm.cancel()
        if kind != READY:
            self.close()
            raise _WorkerDied("crash")
        return worker

    def _converse(
        self,
        worker: subprocess.Popen[bytes],
        watch: _Watch,
        request: DecodingRequest,
        with_gdcm: bool,
    ) -> DecodedFrames:
        layout = request.layout
        body = json.dumps(
            {
                "path": str(request.path.absolute()),
                "offset": request.offset,
                "end": request.end,
                "syntax": request.syntax,
                "layout": asdict(layout),
                "first": request.first,
                "count": request.count,
                "extended_table": request.extended_table,
                "with_gdcm": with_gdcm,
                "memory_bytes": watch.memory_bytes,
                "dead_man_seconds": watch.wall_seconds * (request.count + 1),
            }
        ).encode()
        stdin, stdout = _pipe(worker.stdin), _pipe(worker.stdout)
        stdin.write(REQUEST_HEAD.pack(len(body)) + body)
        stdin.flush()
        frames = np.empty((request.count, *layout.frame_shape), layout.dtype)
        photometric = layout.photometric
        is_cut = False
        received = 0
        while True:
            kind, length = _read_head(stdout)
            if kind == DONE and received == request.count:
                return DecodedFrames(frames, photometric, is_cut)
            if kind == ERROR:
                raise _refusal(request.path, json.loads(_read(stdout, min(length, 1 << 16))))
            expected = FRAME_FACTS.size + frames[0].nbytes
            if kind != FRAME or length != expected or received == request.count:
                raise EOFError("the worker does not keep to the protocol")
            name, cut = FRAME_FACTS.unpack(_read(stdout, FRAME_FACTS.size))
            photometric = name.decode("ascii", "replace").strip(" \0")
            is_cut = is_cut or cut
            _read_into(stdout, memoryview(frames[received]).cast("B"))
            received += 1
            watch.restart()


class _Watch:
    """Kills the worker when one frame takes too long, or the process grows too large.

    Processor time is what counts, so that a busy computer makes nothing fail; wall-clock time
    stops a worker that waits for ever.
    """

    def __init__(self, worker: subprocess.Popen[bytes], request: DecodingRequest) -> None:
        frame_bytes = request.layout.frame_values * request.layout.dtype.itemsize
        coded_bytes = request.end - request.offset
        self.cpu_seconds = (
            _FRAME_SECONDS
            + _SECONDS_PER_MEGABYTE * frame_bytes / 1e6
            + _SECONDS_PER_CODED_MEGABYTE * coded_bytes / 1e6 / request.layout.frames
            # Before the first frame the whole file is read and split.
            + _SECONDS_PER_FILE_MEGABYTE * coded_bytes / 1e6
        )
        self.wall_seconds = _WALL_CLOCK_FACTOR * self.cpu_seconds
        # The compressed frames of the file are all read, and perhaps joined from fragments.
        self.memory_bytes = _BASE_MEMORY_BYTES + 6 * frame_bytes + 3 * coded_bytes
        self.reason = ""
        self._worker = worker
        self._stopped = threading.Event()
        self._restart = threading.Event()
        self._thread = threading.Thread(target=self._look, name="decoder-watch", daemon=True)
        self._thread.start()

    def restart(self) -> None:
        """A frame is finished: the clocks of the next one begin."""
        self._restart.set()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _look(self) -> None:
        try:
            process = psutil.Process(self._worker.pid)
            cpu_start, rss_start = _cpu_seconds(process), process.memory_info().rss
            wall_start = time.monotonic()
            while not self._stopped.wait(_LOOK_EVERY_SECONDS):
                if self._restart.is_set():
                    self._restart.clear()
                    cpu_start, wall_start = _cpu_seconds(process), time.monotonic()
                elapsed = time.monotonic() - wall_start
                computed = _cpu_seconds(process) - cpu_start
                if computed > self.cpu_seconds or elapsed > self.wall_seconds:
                    self.reason = "time"
                elif process.memory_info().rss - rss_start > self.memory_bytes:
                    self.reason = "memory"
                if self.reason:
                    self._worker.kill()
                    return
        except psutil.Error:
            return  # the process is gone; the reader of its pipe notices


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise EOFError("the worker has no pipe")
    return pipe


def _read(pipe: IO[bytes], length: int) -> bytes:
    found = pipe.read(length)
    if len(found) < length:
        raise EOFError("the worker is gone")
    return found


def _read_head(pipe: IO[bytes]) -> tuple[bytes, int]:
    kind, length = ANSWER_HEAD.unpack(_read(pipe, ANSWER_HEAD.size))
    return kind, length


def _read_into(pipe: IO[bytes], target: memoryview) -> None:
    position = 0
    while position < len(target):
        count = pipe.readinto(target[position:])  # type: ignore[attr-defined]
        if not count:
            raise EOFError("the worker is gone")
        position += count


def _refusal(path: Path, answer: dict[str, str]) -> MediAssistError:
    if answer.get("kind") == "memory":
        return _too_much(path, "memory")
    return UnreadableFile(
        say(
            "pixels_damaged",
            "{path}: the compressed pixels cannot be decoded ({reason}).",
            path=str(path),
            reason=str(answer.get("reason", "")),
        )
    )


def _too_much(path: Path, what: str) -> LimitExceeded:
    if what == "memory":
        return LimitExceeded(
            say(
                "decoding_memory",
                "{path}: decoding needs more memory than a picture of its size may take.",
                path=str(path),
            )
        )
    return LimitExceeded(
        say(
            "decoding_time",
            "{path}: decoding takes longer than a picture of its size may take.",
            path=str(path),
        )
    )


@cache
def shared_decoder() -> GuardedDecoder:
    """The decoder of this process; its worker ends with the process."""
    decoder = GuardedDecoder()
    atexit.register(decoder.close)
    return decoder
