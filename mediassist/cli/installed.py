"""Whether there is any model at all: without one nothing can be found, and that must be said."""

from __future__ import annotations

from mediassist.core.errors import BundleMissing
from mediassist.core.messages import say


def none_installed() -> BundleMissing | None:
    """The error of an empty bundles folder; None where any bundle is there, sound or not."""
    from mediassist.models.registry import bundle_folders
    from mediassist.settings import Settings

    folder = Settings().bundles_dir
    if bundle_folders(folder):
        return None
    return BundleMissing(
        say("no_bundles", "No bundle is installed in {folder}.", folder=str(folder))
    )
