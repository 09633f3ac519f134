"""Bundles: metadata, hashes, gate, preprocessing, runtimes, task kinds, training."""

from __future__ import annotations

from pathlib import Path

from mediassist.models.loaded import LoadedBundle
from mediassist.models.registry import find_bundle, list_bundles, verify_bundle
from mediassist.settings import Settings

__all__ = ["LoadedBundle", "find_bundle", "list_bundles", "load_bundle", "verify_bundle"]


def load_bundle(bundle_id: str, bundles_dir: Path | None = None) -> LoadedBundle:
    """A verified bundle, ready to predict; raises `BundleMissing` or `BundleDamaged`."""
    graphs_dir = Settings().data_dir / "graphs"
    return LoadedBundle.load(find_bundle(bundle_id, bundles_dir), graphs_dir)
