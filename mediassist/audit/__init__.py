"""The sensitivity audit."""
