"""The one path: a study in, findings out.

Names are exported lazily (PEP 562): a program that only shows results (the window, `--help`)
does not pay for the libraries that make them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mediassist.analysis.path import Analyzer, analyze
    from mediassist.analysis.result import StudyResult, study_key

_HOME = {
    "Analyzer": "path",
    "StudyResult": "result",
    "analyze": "path",
    "study_key": "result",
}

__all__ = ["Analyzer", "StudyResult", "analyze", "study_key"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
