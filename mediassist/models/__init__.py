"""Bundles: metadata, hashes, gate, preprocessing, runtimes, task kinds, training."""
