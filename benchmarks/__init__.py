"""Measured times, printed with ratios; nothing here asserts one, since computers differ."""
