"""The sensitivity audit: does 95 / 1 / 5 hold on these cases?

Names are exported lazily (PEP 562), so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mediassist.audit.case import Case, Unit
    from mediassist.audit.figures import audit
    from mediassist.audit.predictions import read_predictions
    from mediassist.audit.result import AuditOptions, AuditResult
    from mediassist.audit.run import AuditRequest, run_audit
    from mediassist.audit.targets import Targets, TargetVerdict

_HOME = {
    "AuditOptions": "result",
    "AuditRequest": "run",
    "AuditResult": "result",
    "Case": "case",
    "TargetVerdict": "targets",
    "Targets": "targets",
    "Unit": "case",
    "audit": "figures",
    "read_predictions": "predictions",
    "run_audit": "run",
}

__all__ = [
    "AuditOptions",
    "AuditRequest",
    "AuditResult",
    "Case",
    "TargetVerdict",
    "Targets",
    "Unit",
    "audit",
    "read_predictions",
    "run_audit",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
