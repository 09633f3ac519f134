"""Which bundles are installed; a new finding is a new folder, nothing is registered in code."""

from __future__ import annotations

import difflib
from pathlib import Path

from mediassist.core.errors import BundleDamaged, BundleMissing, MediAssistError
from mediassist.core.messages import say
from mediassist.models.bundle import (
    METADATA,
    BundleInfo,
    read_bundle,
    read_gate_block,
    verify_files,
)
from mediassist.settings import Settings

GATE_ID = "gate"


def bundle_folders(bundles_dir: Path | None = None) -> list[Path]:
    """Folders that hold a bundle, by id; the shared picture gate is not one of them."""
    root = bundles_dir or Settings().bundles_dir
    if not root.is_dir():
        return []
    return sorted(
        folder
        for folder in root.iterdir()
        if folder.name != GATE_ID and (folder / METADATA.parent).is_dir()
    )


def list_bundles(bundles_dir: Path | None = None) -> list[BundleInfo | BundleDamaged]:
    """Every installed bundle, or why it can't be used; weights are not read."""
    return [_read_or_error(folder) for folder in bundle_folders(bundles_dir)]


def find_bundle(bundle_id: str, bundles_dir: Path | None = None) -> BundleInfo:
    """Metadata of one bundle; raises `BundleMissing` (with the nearest name) or `BundleDamaged`."""
    folders = {folder.name: folder for folder in bundle_folders(bundles_dir)}
    if bundle_id in folders:
        return read_bundle(folders[bundle_id])
    near = difflib.get_close_matches(bundle_id, folders, n=1)
    if near:
        raise BundleMissing(
            say(
                "bundle_missing_near",
                "There is no bundle {bundle}. Did you mean {near}?",
                bundle=bundle_id,
                near=near[0],
            )
        )
    raise BundleMissing(
        say("bundle_missing", "There is no bundle {bundle} installed.", bundle=bundle_id)
    )


def verify_bundle(bundle_id: str, bundles_dir: Path | None = None) -> None:
    """Hash every file of a bundle (or of the gate); raises `BundleMissing`, `BundleDamaged`."""
    if bundle_id == GATE_ID:
        folder = gate_folder(bundles_dir)
        verify_files(folder, read_gate_block(folder).files)
        return
    info = find_bundle(bundle_id, bundles_dir)
    verify_files(info.folder, info.block.files)


def gate_folder(bundles_dir: Path | None = None) -> Path:
    """Where the picture gate lies."""
    return (bundles_dir or Settings().bundles_dir) / GATE_ID


def _read_or_error(folder: Path) -> BundleInfo | BundleDamaged:
    try:
        return read_bundle(folder)
    except MediAssistError as error:
        return error if isinstance(error, BundleDamaged) else BundleDamaged(error.message)
