"""The one path: a study in, findings out."""
