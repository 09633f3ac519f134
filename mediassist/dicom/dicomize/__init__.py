"""Pictures and NIfTI made DICOM: the right SOP class, honest attributes, stable UIDs.

What a class must state and nobody said is asked for, never made up: a millimetre or a side that
nobody measured would be read as a fact by every later program.
"""

from __future__ import annotations

from mediassist.dicom.dicomize.convert import Converted, dicomize
from mediassist.dicom.dicomize.statement import MODALITIES, Grouping, Statement

__all__ = ["MODALITIES", "Converted", "Grouping", "Statement", "dicomize"]
