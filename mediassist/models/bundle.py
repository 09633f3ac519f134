"""A bundle folder on disk: read, sealed, verified. No weights are loaded here.

Layout (interface.md): configs/{metadata,inference,train}.json, models/model.safetensors,
docs/README.md. Every file's SHA-256 stands in metadata.json, and metadata.json itself is sealed,
so that an altered threshold is refused like an altered weight.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mediassist.core.errors import BundleDamaged
from mediassist.core.finding import BundleIdentity
from mediassist.core.messages import say
from mediassist.models.metadata import BundleBlock, GateBlock

METADATA = Path("configs/metadata.json")
INFERENCE = Path("configs/inference.json")
WEIGHTS = Path("models/model.safetensors")


@dataclass(frozen=True, slots=True)
class BundleInfo:
    """A bundle as described by its metadata; `sha256` is the seal of the metadata."""

    folder: Path
    version: str
    sha256: str
    block: BundleBlock
    document: dict[str, Any]

    @property
    def id(self) -> str:
        return self.block.id

    def identity(self) -> BundleIdentity:
        return BundleIdentity(
            bundle_id=self.block.id,
            version=self.version,
            sha256=self.sha256,
            finding=self.block.finding,
            domain=self.block.domain.value,
            title=self.block.title,
            marks_only=self.block.marks_only,
            experimental=self.block.experimental,
        )


def seal(document: dict[str, Any]) -> dict[str, Any]:
    """The document with `mediassist.sealed_sha256` set to the hash of everything else in it."""
    block = {key: value for key, value in document["mediassist"].items() if key != "sealed_sha256"}
    unsealed = {**document, "mediassist": block}
    return {**document, "mediassist": {**block, "sealed_sha256": _canonical_sha256(unsealed)}}


def write_metadata(folder: Path, document: dict[str, Any]) -> None:
    """Seal `document` and put it in place atomically."""
    target = folder / METADATA
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_suffix(".json.tmp")
    temporary.write_text(
        json.dumps(seal(document), indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    os.replace(temporary, target)


def read_bundle(folder: Path) -> BundleInfo:
    """Metadata of the bundle in `folder`; raises `BundleDamaged` where it can't be trusted."""
    document = read_sealed_document(folder)
    try:
        block = BundleBlock.model_validate(document["mediassist"])
    except ValidationError as error:
        raise _unknown_schema(folder, error) from None
    if block.id != folder.name:
        raise BundleDamaged(
            say(
                "bundle_folder_name",
                "{folder}: the bundle says that its id is {found}; folder and id must agree.",
                folder=str(folder),
                found=block.id,
            )
        )
    return BundleInfo(
        folder=folder,
        version=str(document.get("version", "")),
        sha256=document["mediassist"]["sealed_sha256"],
        block=block,
        document=document,
    )


def read_gate_block(folder: Path) -> GateBlock:
    """Metadata of the picture gate; raises `BundleDamaged`."""
    document = read_sealed_document(folder)
    try:
        return GateBlock.model_validate(document["mediassist"])
    except ValidationError as error:
        raise _unknown_schema(folder, error) from None


def read_sealed_document(folder: Path) -> dict[str, Any]:
    """metadata.json of `folder` after its seal was checked; raises `BundleDamaged`."""
    path = folder / METADATA
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        recorded = document["mediassist"]["sealed_sha256"]
        computed = seal(document)["mediassist"]["sealed_sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        raise BundleDamaged(
            say("bundle_metadata_unreadable", "{path} is missing or unreadable.", path=str(path))
        ) from None
    if recorded != computed:
        raise BundleDamaged(
            say(
                "bundle_seal_broken",
                "{path} was altered after it was sealed: SHA-256 is {found}, recorded {expected}.",
                path=str(path),
                found=computed,
                expected=str(recorded),
            )
        )
    return document


def verify_files(folder: Path, files: dict[str, str]) -> None:
    """Compare every recorded file with its SHA-256; raises `BundleDamaged` naming the file."""
    if WEIGHTS.as_posix() not in files or INFERENCE.as_posix() not in files:
        raise BundleDamaged(
            say(
                "bundle_hash_missing",
                "{folder}: the metadata record no hash for the weights or the inference config.",
                folder=str(folder),
            )
        )
    for name, expected in sorted(files.items()):
        path = folder / name
        if ".." in Path(name).parts or Path(name).is_absolute() or not path.is_file():
            raise BundleDamaged(
                say("bundle_file_missing", "{path}: this file is missing.", path=str(path))
            )
        found = file_sha256(path)
        if found != expected:
            raise BundleDamaged(
                say(
                    "bundle_file_altered",
                    "{path} was altered: its SHA-256 is {found}, but {expected} is recorded. "
                    "The bundle is not used.",
                    path=str(path),
                    found=found,
                    expected=expected,
                )
            )


def file_sha256(path: Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _canonical_sha256(document: dict[str, Any]) -> str:
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _unknown_schema(folder: Path, error: ValidationError) -> BundleDamaged:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return BundleDamaged(
        say(
            "bundle_schema_unknown",
            "{path}: this version of MediAssist does not understand the field {field}: {reason}.",
            path=str(folder / METADATA),
            field=place,
            reason=first["msg"],
        )
    )
