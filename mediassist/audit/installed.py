"""The bundles that an audit uses, what they have seen, and their hashes."""

from __future__ import annotations

import functools
import json
from pathlib import Path

from mediassist.audit.analyses import AnalyserFactory, BundleAnalyser
from mediassist.audit.safeguards import SeenPictures
from mediassist.core.errors import BundleDamaged, WrongUsage
from mediassist.core.messages import say
from mediassist.models.bundle import BundleInfo, file_sha256
from mediassist.models.registry import find_bundle, gate_folder, list_bundles
from mediassist.settings import Settings


class InstalledBundles:
    """The bundles asked for, or all that are installed and sound.

    Raises
    ------
    BundleMissing, BundleDamaged
        If a bundle that was asked for can't be used.
    """

    def __init__(self, settings: Settings, asked: tuple[str, ...]) -> None:
        self.asked = asked
        self._settings = settings
        bundles_dir = settings.bundles_dir
        if asked:
            self._infos = tuple(find_bundle(name, bundles_dir) for name in asked)
        else:
            self._infos = tuple(
                entry for entry in list_bundles(bundles_dir) if isinstance(entry, BundleInfo)
            )

    @property
    def hashes(self) -> tuple[tuple[str, str], ...]:
        return tuple((info.id, info.sha256) for info in self._infos)

    def only(self) -> BundleInfo:
        """The one bundle that was asked for."""
        (info,) = self._infos
        return info

    def only_finding(self) -> str:
        """The finding of the one bundle that was asked for; empty where that is not one."""
        findings = {info.block.finding for info in self._infos} if self.asked else set()
        return findings.pop() if len(findings) == 1 else ""

    def gate(self) -> Path:
        """Where the picture gate lies that the bundles share."""
        return gate_folder(self._settings.bundles_dir)

    def seen(self, findings: set[str]) -> tuple[SeenPictures, ...]:
        """Hashes of the pictures that each bundle for these findings was made from.

        A bundle that does not record them is left out.

        Raises
        ------
        BundleDamaged
            If the record is not the one that the bundle was sealed with.
        """
        return tuple(
            _seen(info)
            for info in self._infos
            if info.block.finding in findings and "picture_hashes" in info.block.data
        )

    def analyser_for(self, findings: set[str]) -> AnalyserFactory:
        """Only bundles for these findings run; experimental ones only where asked for."""
        chosen = tuple(
            info.id
            for info in self._infos
            if info.block.finding in findings and (self.asked or not info.block.experimental)
        )
        if not chosen:
            raise WrongUsage(
                say(
                    "audit_no_bundles",
                    "No installed bundle looks for any of these findings: {findings}.",
                    findings=", ".join(sorted(findings)),
                )
            )
        return functools.partial(BundleAnalyser, chosen, self._settings)


def _seen(info: BundleInfo) -> SeenPictures:
    name = str(info.block.data["picture_hashes"])
    path = info.folder / name
    if not path.is_file() or file_sha256(path) != info.block.files.get(name):
        raise BundleDamaged(
            say("bundle_file_altered", "{path} was altered or is missing.", path=str(path))
        )
    recorded = json.loads(path.read_text(encoding="utf-8"))
    return SeenPictures(
        info.block.finding,
        tuple(recorded["content"]["hashes"]),
        tuple(recorded["perceptual"]["hashes"]),
    )
