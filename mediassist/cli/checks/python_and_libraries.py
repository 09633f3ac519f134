"""Python itself and the libraries that MediAssist stands on."""

from __future__ import annotations

import importlib
import platform
import struct
import sys
from importlib import metadata

from mediassist.cli.checks.check import Check, Health
from mediassist.core.messages import say

# Distribution -> module that must import.
_LIBRARIES = {
    "numpy": "numpy",
    "scipy": "scipy",
    "scikit-learn": "sklearn",
    "pydicom": "pydicom",
    "pillow": "PIL.Image",
    "torch": "torch",
    "monai": "monai",
    "openvino": "openvino",
    "safetensors": "safetensors",
    "sqlalchemy": "sqlalchemy",
    "reportlab": "reportlab",
}


def python_checks() -> list[Check]:
    """Python 3.11 in 64 bits."""
    found = f"{platform.python_version()}, {struct.calcsize('P') * 8} bit, {platform.platform()}"
    good = sys.version_info[:2] == (3, 11) and struct.calcsize("P") == 8
    return [
        Check(
            say("check_python", "Python"),
            Health.OK if good else Health.FAULT,
            found,
            None if good else say("advice_python", "Install the 64-bit Python 3.11."),
        )
    ]


def library_checks() -> list[Check]:
    """Every library imports; a missing system library shows here."""
    return [_library(name, module) for name, module in _LIBRARIES.items()]


def _library(name: str, module: str) -> Check:
    subject = say("check_library", "Library {name}", name=name)
    try:
        importlib.import_module(module)
        return Check(subject, Health.OK, metadata.version(name))
    except (ImportError, OSError, metadata.PackageNotFoundError) as error:
        return Check(
            subject,
            Health.FAULT,
            " ".join(str(error).split()),
            say("advice_library", "Install MediAssist again; its libraries come with it."),
        )
