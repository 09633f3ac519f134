"""Zip archives: members as files of a managed folder, bombs and tricks refused.

Member names never become paths (extracted files are numbered), so nothing can be written outside
the folder; names that try are refused all the same, because such an archive is not honest.

What is no DICOM by its first bytes is never extracted, and an archive in which no image turns up
within a second of processor time is given up: a refused file may not take long.
"""

from __future__ import annotations

import atexit
import re
import shutil
import stat
import struct
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath
from typing import IO

import psutil

from mediassist.core.errors import LimitExceeded, MediAssistError, UnreadableFile
from mediassist.core.messages import say
from mediassist.core.study import Rejected
from mediassist.dicom.recognition import may_be_dicom, no_dicom

NESTING_LIMIT = 3
_RATIO_LIMIT = 150
_RATIO_FREE_BYTES = 64 * 1024**2
# A directory of so many takes a second to read; no study has a tenth of it.
_MEMBER_COUNT_LIMIT = 100_000
# Processor time until a member has turned out to be an image.
_FRUITLESS_SECONDS = 1.0
_PEEK_BYTES = 1024
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
_PREFIX = "mediassist-zip-"
_LITTER = ("__MACOSX/",)


@dataclass(frozen=True, slots=True)
class Member:
    """An extracted file: `path` to open, `source` to tell people (`a.zip!/IM0001`)."""

    path: Path
    source: str
    budget: _Budget

    def accept(self) -> None:
        """Say that it is an image: the archive is worth the time that the rest of it takes."""
        self.budget.is_fruitful = True


@dataclass(slots=True)
class _Budget:
    """What all members of one archive, nested ones included, may take."""

    bytes_left: int
    allowed: int = field(init=False)
    deadline: float = field(init=False)
    seen: int = 0
    is_fruitful: bool = False

    def __post_init__(self) -> None:
        self.allowed = self.bytes_left
        self.deadline = time.thread_time() + _FRUITLESS_SECONDS

    def next_member(self, source: str) -> None:
        """Count a member; raises `LimitExceeded` where none was an image for too long."""
        if not self.is_fruitful and time.thread_time() > self.deadline:
            raise LimitExceeded(
                say(
                    "zip_fruitless",
                    "{path}: none of its first {count} members is a DICOM image; unpack it and"
                    " give the folder of the images.",
                    path=source,
                    count=self.seen,
                )
            )
        self.seen += 1


@cache
def session_folder() -> Path:
    """A folder for extracted members that is removed when this process ends.

    Folders of processes that were killed are removed at the same occasion.
    """
    parent = Path(tempfile.gettempdir())
    for left_over in parent.glob(f"{_PREFIX}*"):
        owner = re.match(rf"{_PREFIX}(\d+)-", left_over.name)
        if owner and not psutil.pid_exists(int(owner[1])):
            shutil.rmtree(left_over, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{psutil.Process().pid}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def is_zip(path: Path) -> bool:
    """By content: the name proves nothing."""
    try:
        with path.open("rb") as file:
            return file.read(4) in _MAGIC
    except OSError:
        return False


def extract(
    path: Path, source: str, work_dir: Path, depth: int = 0, budget: _Budget | None = None
) -> Iterator[Member | Rejected]:
    """Extract the members of an archive one after the other, archives within it too."""
    budget = budget or _Budget(_allowed_bytes(path, work_dir))
    try:
        _check_directory(path, source)
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                if info.is_dir() or info.filename.startswith(_LITTER):
                    continue
                budget.next_member(source)
                yield from _member(archive, info, source, work_dir, depth, budget)
    except MediAssistError as error:
        yield Rejected(source, error)
    except (
        OSError,
        zipfile.BadZipFile,
        ValueError,
        NotImplementedError,
        EOFError,
        struct.error,
    ) as error:
        yield Rejected(
            source,
            UnreadableFile(
                say(
                    "zip_damaged",
                    "{path} is a damaged zip archive ({reason}).",
                    path=source,
                    reason=str(error) or type(error).__name__,
                )
            ),
        )


def _check_directory(path: Path, source: str) -> None:
    """Count the members before anything is made of them: a million take gigabytes.

    The directory's length is in the record at the end of the file, or in its ZIP64 form before.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - (1 << 16) - 128))
        tail = file.read()
        at = tail.rfind(b"PK\x05\x06")
        if at < 0:
            return  # zipfile says what is wrong
        (length,) = struct.unpack_from("<L", tail, at + 12)
        if tail[max(0, at - 20) : at][:4] == b"PK\x06\x07" and at >= 76:
            (length,) = struct.unpack_from("<Q", tail, at - 76 + 40)
        end = size - len(tail) + at
        file.seek(max(0, end - length - 76))
        count, kept = 0, b""
        while count <= _MEMBER_COUNT_LIMIT and (chunk := file.read(1 << 20)):
            count += (kept + chunk).count(b"PK\x01\x02")
            kept = chunk[-3:]
    if count > _MEMBER_COUNT_LIMIT:
        raise LimitExceeded(
            say(
                "zip_too_many",
                "{path} has more than {limit} members; unpack it and give the folder of the"
                " images.",
                path=source,
                limit=_MEMBER_COUNT_LIMIT,
            )
        )


def _member(
    archive: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    source: str,
    work_dir: Path,
    depth: int,
    budget: _Budget,
) -> Iterator[Member | Rejected]:
    name = f"{source}!/{info.filename}"
    refusal = _refusal(info, name)
    if refusal is not None:
        yield Rejected(name, refusal)
        return
    try:
        with archive.open(info) as member:
            start = member.read(_PEEK_BYTES)
            is_archive = start[:4] in _MAGIC
            if is_archive and depth + 1 >= NESTING_LIMIT:
                yield Rejected(name, _nested_too_deep(name))
                return
            if not is_archive and not may_be_dicom(start):
                yield Rejected(name, no_dicom(start, name))
                return
            target = _unpack(member, start, info, source, work_dir, budget)
    except (
        OSError,
        zipfile.BadZipFile,
        zlib.error,
        RuntimeError,
        NotImplementedError,
        EOFError,
    ) as error:
        yield Rejected(
            name,
            UnreadableFile(
                say(
                    "zip_member_damaged",
                    "{path} cannot be unpacked ({reason}).",
                    path=name,
                    reason=str(error) or type(error).__name__,
                )
            ),
        )
        return
    if not is_archive:
        yield Member(target, name, budget)
        return
    try:
        yield from extract(target, name, work_dir, depth + 1, budget)
    finally:
        with suppress(OSError):
            target.unlink()


def _unpack(
    member: IO[bytes],
    start: bytes,
    info: zipfile.ZipInfo,
    source: str,
    work_dir: Path,
    budget: _Budget,
) -> Path:
    """Write a member, of which `start` has been read, into a file; raises `LimitExceeded`."""
    suffix = PurePosixPath(info.filename).suffix.lower()
    suffix = suffix if re.fullmatch(r"\.[a-z0-9]{1,8}", suffix) else ""
    # Members may share their bytes: each is measured by its own, too.
    most = max(_RATIO_FREE_BYTES, _RATIO_LIMIT * info.compress_size)
    if info.file_size > min(budget.bytes_left, most):
        raise _bomb(source, budget)
    descriptor = tempfile.NamedTemporaryFile(  # noqa: SIM115  (kept after closing)
        dir=work_dir, prefix="member-", suffix=suffix, delete=False
    )
    target = Path(descriptor.name)
    try:
        with descriptor as out:
            chunk = start
            while chunk:
                budget.bytes_left -= len(chunk)
                most -= len(chunk)
                if min(budget.bytes_left, most) < 0:
                    raise _bomb(source, budget)
                out.write(chunk)
                chunk = member.read(1 << 20)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return target


def _bomb(source: str, budget: _Budget) -> LimitExceeded:
    return LimitExceeded(
        say(
            "zip_bomb",
            "{path} unpacks to more than {limit} MB; it may be a zip bomb.",
            path=source,
            limit=budget.allowed >> 20,
        )
    )


def _nested_too_deep(name: str) -> LimitExceeded:
    return LimitExceeded(
        say(
            "zip_nested",
            "{path}: archives are nested more than {limit} deep.",
            path=name,
            limit=NESTING_LIMIT,
        )
    )


def _refusal(info: zipfile.ZipInfo, name: str) -> MediAssistError | None:
    parts = info.filename.replace("\\", "/").split("/")
    leaves = ".." in parts or parts[0] == "" or re.match(r"[A-Za-z]:", info.filename)
    if leaves or stat.S_ISLNK(info.external_attr >> 16):
        return UnreadableFile(
            say(
                "zip_path_outside",
                "{path}: the member's path leads out of the archive.",
                path=name,
            )
        )
    if info.flag_bits & 1:
        return UnreadableFile(
            say("zip_encrypted", "{path} is encrypted; unpack it first.", path=name)
        )
    if info.compress_type not in _METHODS:
        # zipfile does not limit what one read of them makes.
        return UnreadableFile(
            say(
                "zip_method",
                "{path} is packed in a way that MediAssist does not open; unpack it first.",
                path=name,
            )
        )
    return None


def _allowed_bytes(path: Path, work_dir: Path) -> int:
    """Room for honest archives (DICOM packs 1:2 to 1:20), not for bombs (1:1000)."""
    by_ratio = max(_RATIO_FREE_BYTES, _RATIO_LIMIT * path.stat().st_size)
    return min(by_ratio, int(shutil.disk_usage(work_dir).free * 0.9))
