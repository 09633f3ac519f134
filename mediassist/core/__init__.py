"""Plain data and pure functions; NumPy only, nothing else of the package."""
