"""The catalogue: what lies in which folder, found again by patient, date, words and verdict.

from mediassist.dicom.catalogue import Catalogue, Search
catalogue = Catalogue(path)
catalogue.index([folder])
for study in catalogue.find(Search(text="wang")): ...
"""

from __future__ import annotations

from mediassist.dicom.catalogue.indexing import IndexCounts
from mediassist.dicom.catalogue.opened import Catalogue
from mediassist.dicom.catalogue.search import FoundStudy, FoundVerdict, Search

__all__ = ["Catalogue", "FoundStudy", "FoundVerdict", "IndexCounts", "Search"]
