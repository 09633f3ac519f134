"""De-identification after PS3.15 Annex E: keyed, consistent over runs, checked by a second pass."""

from __future__ import annotations

from mediassist.dicom.deidentify.keyed import Key
from mediassist.dicom.deidentify.pixel_cleaning import PixelReport, PixelState
from mediassist.dicom.deidentify.profile import Option, Profile
from mediassist.dicom.deidentify.run import LeftOut, Released, Withheld, deidentify

__all__ = [
    "Key",
    "LeftOut",
    "Option",
    "PixelReport",
    "PixelState",
    "Profile",
    "Released",
    "Withheld",
    "deidentify",
]
