"""What a study's files held when they were analysed, to tell a damaged copy from the original.

UIDs alone do not: a file that was cut off in transfer, or exported again with other pixels, keeps
them. A mark is the file's size and a hash of its beginning, its end and blocks in between, so that
a share with large studies is not read whole at each opening.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from mediassist.core.errors import OutputNotWritable
from mediassist.core.messages import say
from mediassist.core.study import Study

CONTENT_FILE = "content.json"
WHOLE_BYTES = 1 << 18  # files up to this size are hashed whole
BLOCK_BYTES = 1 << 14
BLOCKS = 16

Marks = dict[str, str]
"""Mark of each picture's file by SOP Instance UID."""


def content_marks(study: Study) -> Marks:
    """The marks of a study's pictures as their files are now."""
    return {
        instance.sop_instance_uid: _mark(instance.path)
        for series in study.series
        for instance in series.instances
        if instance.has_pixels
    }


def keep_content(study: Study, study_folder: Path) -> None:
    """Write the marks beside the study's findings.

    Raises
    ------
    OutputNotWritable
        If the folder cannot be written.
    """
    path = study_folder / CONTENT_FILE
    try:
        path.write_text(json.dumps(content_marks(study), indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise OutputNotWritable(
            say(
                "content_not_written",
                "{path} cannot be written: {reason}",
                path=str(path),
                reason=error.strerror or type(error).__name__,
            )
        ) from error


def kept_marks(study_folder: Path) -> Marks | None:
    """The marks that `keep_content` wrote; None where there are none that can be read."""
    try:
        marks = json.loads((study_folder / CONTENT_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return marks if isinstance(marks, dict) else None


def _mark(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            digest = hashlib.sha256()
            if size <= WHOLE_BYTES:
                stream.seek(0)
                digest.update(stream.read())
            else:
                for number in range(BLOCKS):
                    stream.seek((size - BLOCK_BYTES) * number // (BLOCKS - 1))
                    digest.update(stream.read(BLOCK_BYTES))
    except OSError:
        return "unreadable"
    return f"{size} {digest.hexdigest()[:32]}"
