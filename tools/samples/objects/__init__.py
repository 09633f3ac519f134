"""DICOM objects of the simulated studies, one module a SOP class family."""
