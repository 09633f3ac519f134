"""The acquisition check: what the images of an examination must have, as data, and whether they do.

from mediassist.dicom.acquisition import check_study
check = check_study(study)          # an AcquisitionCheck: one result a rule
"""

from __future__ import annotations

from mediassist.dicom.acquisition.check import check_study
from mediassist.dicom.acquisition.rulebook import read_protocol, rulebook, with_own_rules
from mediassist.dicom.acquisition.summary import AcquisitionSummary, RuleRate

__all__ = [
    "AcquisitionSummary",
    "RuleRate",
    "check_study",
    "read_protocol",
    "rulebook",
    "with_own_rules",
]
