"""The log file: what happened, in English, for the person who mends the program."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path

from mediassist.settings import Settings

_LIMIT_BYTES = 5_000_000


def log_file() -> Path:
    """Where this user's log lies; the folder may not exist yet."""
    return Settings().data_dir / "logs" / "mediassist.log"


def open_log(debug: bool) -> Path | None:
    """Send the log to its file; None where no file can be written."""
    path = log_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _turn_over(path)
        handler = logging.FileHandler(path, encoding="utf-8", delay=True)
    except OSError:
        return None
    handler.setFormatter(
        logging.Formatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s")
    )
    logger = logging.getLogger("mediassist")
    logger.setLevel(logging.DEBUG if debug else logging.INFO)
    for old in [one for one in logger.handlers if isinstance(one, logging.FileHandler)]:
        logger.removeHandler(old)
        old.close()
    logger.addHandler(handler)
    return path


def _turn_over(path: Path) -> None:
    """Keep the last full log beside the new one."""
    if path.is_file() and path.stat().st_size > _LIMIT_BYTES:
        # Windows refuses while another run has the file open; then this run appends to it.
        with contextlib.suppress(PermissionError):
            path.replace(path.with_suffix(".log.1"))
