"""A decoder that hangs, dies or eats memory costs one file, never the program."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from mediassist.core.errors import LimitExceeded, MediAssistError, UnreadableFile
from mediassist.dicom import guard, load_pixels
from tests.dicom import builder


def worker_of_this_process() -> psutil.Process:
    worker = guard.shared_decoder()._worker
    assert worker is not None
    return psutil.Process(worker.pid)


def test_a_killed_worker_is_replaced(chinese_path: Path) -> None:
    path = builder.chest_radiograph(chinese_path / "x.dcm", syntax=builder.JPEG_LS)
    load_pixels(path)
    first = worker_of_this_process()
    first.kill()
    first.wait(5)
    np.testing.assert_array_equal(load_pixels(path)[0], builder.phantom())
    assert worker_of_this_process().pid != first.pid


def test_one_worker_serves_file_after_file(chinese_path: Path) -> None:
    path = builder.chest_radiograph(chinese_path / "x.dcm", syntax=builder.RLE)
    load_pixels(path)
    pid = worker_of_this_process().pid
    load_pixels(path)
    assert worker_of_this_process().pid == pid


def test_a_refused_file_leaves_the_worker_alive(chinese_path: Path) -> None:
    good = builder.chest_radiograph(chinese_path / "good.dcm", syntax=builder.JPEG_2000)
    load_pixels(good)
    pid = worker_of_this_process().pid
    raw = bytearray(good.read_bytes())
    at = raw.index(b"\xff\x4f\xff\x51") + 60
    raw[at : at + 400] = bytes(400)
    bad = chinese_path / "bad.dcm"
    bad.write_bytes(raw)
    with pytest.raises(UnreadableFile, match="bad.dcm"):
        load_pixels(bad)
    np.testing.assert_array_equal(load_pixels(good)[0], builder.phantom())
    assert worker_of_this_process().pid == pid


def test_a_stream_larger_than_its_header_is_refused_before_decoding(chinese_path: Path) -> None:
    """A JPEG that says 60000 x 60000 makes decoders allocate gigabytes."""
    path = builder.chest_radiograph(
        chinese_path / "x.dcm",
        pixels=builder.phantom(top=255).astype(np.uint8),
        bits_stored=8,
        syntax=builder.JPEG_BASELINE,
    )
    raw = bytearray(path.read_bytes())
    at = raw.index(b"\xff\xc0") + 5
    raw[at : at + 4] = (60000).to_bytes(2, "big") * 2
    path.write_bytes(raw)
    started = time.monotonic()
    with pytest.raises(UnreadableFile, match="60000 x 60000"):
        load_pixels(path)
    assert time.monotonic() - started < 60


def test_a_hanging_decoder_is_stopped(chinese_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is processor time: here it is set to nothing, so that any decoding exceeds it."""
    path = builder.chest_radiograph(
        chinese_path / "x.dcm", pixels=builder.phantom(1500, 1500), syntax=builder.JPEG_2000
    )
    monkeypatch.setattr(guard, "_FRAME_SECONDS", 0.0)
    monkeypatch.setattr(guard, "_SECONDS_PER_MEGABYTE", 0.0)
    monkeypatch.setattr(guard, "_SECONDS_PER_CODED_MEGABYTE", 0.0)
    monkeypatch.setattr(guard, "_SECONDS_PER_FILE_MEGABYTE", 0.0)
    monkeypatch.setattr(guard, "_WALL_CLOCK_FACTOR", 1.0)
    monkeypatch.setattr(guard, "_LOOK_EVERY_SECONDS", 0.001)
    with pytest.raises(LimitExceeded, match="takes longer"):
        load_pixels(path)
    monkeypatch.undo()
    assert load_pixels(path).shape == (1, 1500, 1500)


def test_a_decoder_that_wants_too_much_memory_is_stopped(
    chinese_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = builder.chest_radiograph(
        chinese_path / "x.dcm", pixels=builder.phantom(1500, 1500), syntax=builder.JPEG_2000
    )
    coded = path.stat().st_size
    # A worker that has decoded before holds freed memory, which it may use again without growing.
    guard.shared_decoder().close()
    monkeypatch.setattr(guard, "_BASE_MEMORY_BYTES", -6 * 1500 * 1500 * 2 - 3 * coded + 2**20)
    with pytest.raises(MediAssistError) as caught:
        load_pixels(path)
    assert isinstance(caught.value, LimitExceeded | UnreadableFile)


def test_threads_share_the_worker(chinese_path: Path) -> None:
    """The window decodes from several threads."""
    paths = [
        builder.chest_radiograph(
            chinese_path / f"{index}.dcm",
            pixels=builder.phantom() + np.uint16(index),
            bits_stored=16,
            syntax=builder.JPEG_LS,
        )
        for index in range(8)
    ]
    wrong: list[int] = []

    def decode(index: int) -> None:
        expected = builder.phantom() + np.uint16(index)
        if not np.array_equal(load_pixels(paths[index])[0], expected):
            wrong.append(index)

    threads = [threading.Thread(target=decode, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_the_worker_ends_with_its_process(chinese_path: Path) -> None:
    path = builder.chest_radiograph(chinese_path / "x.dcm", syntax=builder.RLE)
    code = (
        "import sys; from mediassist.dicom import load_pixels, guard;"
        "load_pixels(sys.argv[1]); print(guard.shared_decoder()._worker.pid)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    pid = int(done.stdout)
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
