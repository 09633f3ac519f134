"""Zip archives: members as files of a managed folder, bombs and tricks refused.

Member names never become paths (extracted files are numbered), so nothing can be written outside
the folder; names that try are refused all the same, because such an archive is not honest.
"""

from __future__ import annotations

import atexit
import re
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath

import psutil

from mediassist.core.errors import LimitExceeded, MediAssistError, UnreadableFile
from mediassist.core.messages import say
from mediassist.core.study import Rejected

NESTING_LIMIT = 3
_RATIO_LIMIT = 150
_RATIO_FREE_BYTES = 64 * 1024**2
_MEMBER_COUNT_LIMIT = 1_000_000
_PREFIX = "mediassist-zip-"
_LITTER = ("__MACOSX/",)


@dataclass(frozen=True, slots=True)
class Member:
    """An extracted file: `path` to open, `source` to tell people (`a.zip!/IM0001`)."""

    path: Path
    source: str


@dataclass(slots=True)
class _Budget:
    """What all members of one archive, nested ones included, may take."""

    bytes_left: int
    allowed: int = field(init=False)

    def __post_init__(self) -> None:
        self.allowed = self.bytes_left


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
            return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")
    except OSError:
        return False


def extract(
    path: Path, source: str, work_dir: Path, depth: int = 0, budget: _Budget | None = None
) -> Iterator[Member | Rejected]:
    """Extract the members of an archive one after the other, archives within it too."""
    budget = budget or _Budget(_allowed_bytes(path, work_dir))
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > _MEMBER_COUNT_LIMIT:
                raise LimitExceeded(
                    say(
                        "zip_too_many",
                        "{path} has {count} members; the limit is {limit}.",
                        path=source,
                        count=len(members),
                        limit=_MEMBER_COUNT_LIMIT,
                    )
                )
            for info in members:
                if info.is_dir() or info.filename.startswith(_LITTER):
                    continue
                yield from _member(archive, info, source, work_dir, depth, budget)
    except MediAssistError as error:
        yield Rejected(source, error)
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
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
    suffix = PurePosixPath(info.filename).suffix.lower()
    suffix = suffix if re.fullmatch(r"\.[a-z0-9]{1,8}", suffix) else ""
    descriptor = tempfile.NamedTemporaryFile(  # noqa: SIM115  (kept after closing)
        dir=work_dir, prefix="member-", suffix=suffix, delete=False
    )
    target = Path(descriptor.name)
    try:
        with descriptor as out, archive.open(info) as member:
            while chunk := member.read(1 << 20):
                budget.bytes_left -= len(chunk)
                if budget.bytes_left < 0:
                    raise LimitExceeded(
                        say(
                            "zip_bomb",
                            "{path} unpacks to more than {limit} MB; it may be a zip bomb.",
                            path=source,
                            limit=budget.allowed >> 20,
                        )
                    )
                out.write(chunk)
    except (
        OSError,
        zipfile.BadZipFile,
        zlib.error,
        RuntimeError,
        NotImplementedError,
        EOFError,
    ) as error:
        target.unlink(missing_ok=True)
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
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    if not is_zip(target):
        yield Member(target, name)
        return
    try:
        if depth + 1 >= NESTING_LIMIT:
            yield Rejected(
                name,
                LimitExceeded(
                    say(
                        "zip_nested",
                        "{path}: archives are nested more than {limit} deep.",
                        path=name,
                        limit=NESTING_LIMIT,
                    )
                ),
            )
            return
        yield from extract(target, name, work_dir, depth + 1, budget)
    finally:
        with suppress(OSError):
            target.unlink()


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
    return None


def _allowed_bytes(path: Path, work_dir: Path) -> int:
    """Room for honest archives (DICOM packs 1:2 to 1:20), not for bombs (1:1000)."""
    by_ratio = max(_RATIO_FREE_BYTES, _RATIO_LIMIT * path.stat().st_size)
    return min(by_ratio, int(shutil.disk_usage(work_dir).free * 0.9))
