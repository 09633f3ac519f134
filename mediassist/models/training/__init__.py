"""Making bundles from the picture sets."""
