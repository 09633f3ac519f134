"""How long MediAssist takes to start: `python -m benchmarks.startup`.

`mediassist --help` has to answer within 0.5 s, the window has to be painted within 1 s (wishes.md,
row 45); both are measured as a user meets them, from the start of the process. The processor's
time beside it tells a slow program from a busy computer.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

REPEATS = 7

# Opens the window as `mediassist gui` does and ends with its first painting.
SHOW_WINDOW = """
import sys
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication
from mediassist.ui.application import run

class EndAtFirstPainting(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, application.quit)
        return False

application = QApplication(sys.argv[:1])
ending = EndAtFirstPainting()
application.installEventFilter(ending)
run([])
assert "torch" not in sys.modules, "torch was imported to show the window"
"""


@dataclass(frozen=True, slots=True)
class Start:
    """One way to start, and the aim in seconds (None: for comparison only)."""

    name: str
    command: list[str]
    aim_seconds: float | None


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of several runs by the clock, and of the processor for one run on average."""

    clock: list[float]
    processor: float


def console_script() -> list[str]:
    """The installed command, or the module where it is not installed."""
    script = Path(sys.executable).with_name("mediassist.exe" if os.name == "nt" else "mediassist")
    found = script if script.exists() else shutil.which("mediassist")
    return [str(found)] if found else [sys.executable, "-m", "mediassist"]


def times_of(command: list[str], environment: dict[str, str]) -> Times:
    """Run it several times; the first run, which fills the disk cache, is left out."""
    clock = []
    used = 0.0
    for _ in range(REPEATS + 1):
        before, started = os.times(), time.perf_counter()
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        clock.append(time.perf_counter() - started)
        after = os.times()
        used += after.children_user - before.children_user
        used += after.children_system - before.children_system
        if done.returncode:
            raise SystemExit(f"{' '.join(command[:2])} failed:\n{done.stderr[-2000:]}")
    return Times(clock[1:], used / (REPEATS + 1))


def main() -> None:
    starts = [
        Start("Python alone", [sys.executable, "-c", "pass"], None),
        Start("mediassist --help", [*console_script(), "--help"], 0.5),
        Start("window painted", [sys.executable, "-c", SHOW_WINDOW], 1.0),
    ]
    titles = ("median s", "fastest", "slowest", "processor", "of the aim")
    print(f"{'start of':<20}" + "".join(f"{title:>11}" for title in titles))
    with tempfile.TemporaryDirectory() as data:
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "MEDIASSIST_DATA_DIR": data}
        for start in starts:
            times = times_of(start.command, environment)
            median = statistics.median(times.clock)
            figures = [median, min(times.clock), max(times.clock), times.processor]
            share = "" if start.aim_seconds is None else f"{median / start.aim_seconds:.0%}"
            shown = "".join(f"{seconds:>11.2f}" for seconds in figures)
            print(f"{start.name:<20}{shown}{share:>11}")


if __name__ == "__main__":
    main()
