"""What a reader has chosen in the window; kept between starts beside the other user data."""

from __future__ import annotations

import json
import logging
import os
import tempfile
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from mediassist.reading.worklist import SortOrder

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Preferences:
    """Choices of one reader.

    Attributes
    ----------
    lang : language of the window, empty to follow the settings.
    inverse_drag : dragging down darkens instead of brightens.
    analyse_on_opening : start the analysis of every study as soon as it is open.
    order : how the study list is sorted.
    heat_opacity : 0..1, how strongly a heat map covers the picture.
    experimental : experimental models take part in analyses.
    """

    lang: str = ""
    inverse_drag: bool = False
    analyse_on_opening: bool = True
    order: SortOrder = SortOrder.URGENT_FIRST
    heat_opacity: float = 0.45
    experimental: bool = False


def load_preferences(path: Path) -> Preferences:
    """What `path` holds; entries that are missing, unknown or nonsense get their default."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Preferences()
    except (OSError, ValueError):
        _log.warning("the window's preferences could not be read; defaults are used")
        return Preferences()
    known = {field.name: type(getattr(Preferences(), field.name)) for field in fields(Preferences)}
    chosen = {}
    for name, kind in known.items():
        try:
            if name in entries:
                chosen[name] = kind(entries[name])
        except (TypeError, ValueError):
            _log.warning("preference %s is not usable and gets its default", name)
    return Preferences(**chosen)


def save_preferences(preferences: Preferences, path: Path) -> None:
    """Write to a temporary name, then rename: a crash leaves the old file whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump(asdict(preferences), stream, ensure_ascii=False, indent=2)
        stream.flush()
        os.fsync(stream.fileno())
    Path(temporary).replace(path)
