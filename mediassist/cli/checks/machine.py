"""The computer: processors, memory, disk, screen."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil

from mediassist.cli.checks.check import Check, Health
from mediassist.core.messages import Message, say

# One radiograph needs about 1.5 GB in all, a long CT up to 2 GB more.
_LEAST_MEMORY_GB = 3.0
_LEAST_DISK_GB = 2.0
_GB = 1e9


def processor_checks() -> list[Check]:
    """How many studies can run side by side."""
    cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
    return [Check(say("check_cores", "Processor cores"), Health.OK, str(cores))]


def memory_checks() -> list[Check]:
    """Free memory for one study."""
    memory = psutil.virtual_memory()
    found = f"{memory.available / _GB:.1f} GB free of {memory.total / _GB:.1f} GB"
    enough = memory.available >= _LEAST_MEMORY_GB * _GB
    return [
        Check(
            say("check_memory", "Memory"),
            Health.OK if enough else Health.FAULT,
            found,
            None
            if enough
            else say(
                "advice_memory",
                "Close other programs; MediAssist needs {need:g} GB of free memory.",
                need=_LEAST_MEMORY_GB,
            ),
        )
    ]


def disk_checks() -> list[Check]:
    """Room, and the right to write, where MediAssist keeps its own files."""
    from mediassist.settings import Settings

    return [
        _disk(say("check_data_dir", "Data folder"), Settings().data_dir),
        _disk(say("check_temp", "Folder for temporary files"), Path(tempfile.gettempdir())),
    ]


def _disk(subject: Message, folder: Path) -> Check:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Check(
            subject,
            Health.FAULT,
            f"{folder}: {error.strerror or error}",
            say("advice_disk_write", "Give yourself the right to write there."),
        )
    enough = free >= _LEAST_DISK_GB * _GB
    return Check(
        subject,
        Health.OK if enough else Health.FAULT,
        f"{folder}: {free / _GB:.1f} GB free",
        None
        if enough
        else say(
            "advice_disk_space", "Free some space; {need:g} GB are needed.", need=_LEAST_DISK_GB
        ),
    )


def window_checks() -> list[Check]:
    """Whether `mediassist gui` could open its window; nothing else needs one."""
    subject = say("check_window", "Reading window")
    if sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        return [
            Check(
                subject,
                Health.NOTE,
                "no display",
                say(
                    "advice_display",
                    "Only 'mediassist gui' needs a screen; every other command works without.",
                ),
            )
        ]
    # In a process of its own: a missing system library can end the process that loads Qt.
    tried = subprocess.run(  # noqa: S603 - our own interpreter with a fixed text
        [sys.executable, "-c", "import PySide6.QtWidgets"],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if tried.returncode == 0:
        return [Check(subject, Health.OK, "")]
    lines = tried.stderr.strip().splitlines()
    return [
        Check(
            subject,
            Health.NOTE,
            lines[-1] if lines else f"exit code {tried.returncode}",
            say(
                "advice_qt",
                "Install what the window lacks (Debian, Ubuntu: apt install libegl1 libgl1 "
                "libxkbcommon-x11-0 libxcb-cursor0); every other command works without.",
            ),
        )
    ]
