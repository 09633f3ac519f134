"""Pure functions on NumPy arrays: intervals, ROC, thresholds, probability maps, tests."""
