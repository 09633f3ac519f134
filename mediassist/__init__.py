"""MediAssist: offline assisted reading of medical images. Research use, not for diagnosis."""

__version__ = "0.1.0"
