"""The log file: what happened, in English, for the person who mends the program.

Worker processes write into the same file as the command that started them. Nothing of it reaches
the terminal: what a person must know is said there in words.
"""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path

_LIMIT_BYTES = 5_000_000
_HANDLER = "mediassist log"


def log_path(data_dir: Path) -> Path:
    """Where the log of this user lies; the folder may not exist yet."""
    return data_dir / "logs" / "mediassist.log"


def open_log(path: Path | None, *, debug: bool = False) -> None:
    """Send the log, and warnings of libraries, to this file; nowhere where it can't be written."""
    handler: logging.Handler = logging.NullHandler()
    if path is not None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _turn_over(path)
            handler = logging.FileHandler(path, encoding="utf-8", delay=True)
        except OSError:
            # A full or read-only disk must not keep anybody from reading images.
            handler = logging.NullHandler()
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s")
    )
    handler.set_name(_HANDLER)
    root = logging.getLogger()
    for old in [one for one in root.handlers if one.get_name() == _HANDLER]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    logging.captureWarnings(True)
    logging.getLogger("mediassist").setLevel(logging.DEBUG if debug else logging.INFO)


def _turn_over(path: Path) -> None:
    """Keep the last full log beside the new one."""
    if path.is_file() and path.stat().st_size > _LIMIT_BYTES:
        # Windows refuses while another run has the file open; then this run appends to it.
        with contextlib.suppress(PermissionError):
            path.replace(path.with_suffix(".log.1"))
