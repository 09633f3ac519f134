"""The one path: a study in, findings out."""

from mediassist.analysis.path import Analyzer, analyze, study_key
from mediassist.analysis.result import StudyResult

__all__ = ["Analyzer", "StudyResult", "analyze", "study_key"]
