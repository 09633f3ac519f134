"""Reports: PDF, study folders, summaries, and the pictures in them.

Names are exported lazily (PEP 562), so that importing the package loads no PDF library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mediassist.report.outputs import StudyFiles, write_study
    from mediassist.report.pdf import write_report
    from mediassist.report.summary import RunInfo, Summary, study_entry

_HOME = {
    "RunInfo": "summary",
    "StudyFiles": "outputs",
    "Summary": "summary",
    "study_entry": "summary",
    "write_report": "pdf",
    "write_study": "outputs",
}

__all__ = ["RunInfo", "StudyFiles", "Summary", "study_entry", "write_report", "write_study"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
