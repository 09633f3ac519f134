"""What a command's exit code says, and which one wins where several hold."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from mediassist.core.errors import (
    BundleDamaged,
    BundleMissing,
    IncompleteSeries,
    LimitExceeded,
    MediAssistError,
    NoImages,
    TooFewCases,
    UnreadableFile,
    UnsupportedImage,
    WrongUsage,
)


class ExitCode(IntEnum):
    DONE = 0  # also where nothing applies to a study
    UNEXPECTED = 1  # a fault of the program or of the computer; the log says more
    WRONG_USAGE = 2  # an option that makes no sense or a path that does not exist
    SOME_FAILED = 3  # input was rejected or failed, a folder held no image, doctor found a fault
    TARGET_NOT_MET = 4  # an audit target
    BUNDLE = 5  # a bundle is missing or altered
    INTERRUPTED = 130


# Where several hold, the first of these is the answer.
PRECEDENCE = (
    ExitCode.INTERRUPTED,
    ExitCode.UNEXPECTED,
    ExitCode.WRONG_USAGE,
    ExitCode.BUNDLE,
    ExitCode.TARGET_NOT_MET,
    ExitCode.SOME_FAILED,
    ExitCode.DONE,
)


def strongest(codes: Iterable[ExitCode]) -> ExitCode:
    """The code that wins; `DONE` where there is none.

    >>> strongest([ExitCode.SOME_FAILED, ExitCode.BUNDLE]).name
    'BUNDLE'
    """
    return min(codes, key=PRECEDENCE.index, default=ExitCode.DONE)


# The input is to blame; everything that is not listed is the fault of program or computer.
_INPUT = (UnreadableFile, UnsupportedImage, IncompleteSeries, NoImages, LimitExceeded, TooFewCases)


def code_of(error: MediAssistError) -> ExitCode:
    """The exit code of an error that ended a command."""
    if isinstance(error, WrongUsage):
        return ExitCode.WRONG_USAGE
    if isinstance(error, BundleMissing | BundleDamaged):
        return ExitCode.BUNDLE
    return ExitCode.SOME_FAILED if isinstance(error, _INPUT) else ExitCode.UNEXPECTED
