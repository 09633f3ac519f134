"""Read, decode, group and display DICOM; no models, no Qt."""
