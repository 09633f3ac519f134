"""List every part of an installed MediAssist: `python -m tools.sbom sbom.cdx.json` (CycloneDX 1.6).

Packages with the hashes of the lock file, the report's font and the model bundles with the hashes
of their files. Same checkout, same bytes: no time stamp, and the serial number follows the content.
"""

from __future__ import annotations

import hashlib
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from mediassist import __version__
from tools.third_parties import Pin, licence_of, runtime_pins

REPOSITORY = Path(__file__).resolve().parents[1]
DATA = {"model_weights": ComponentType.MACHINE_LEARNING_MODEL, "mediassist/report/fonts": None}


def package_component(pin: Pin) -> Component:
    """A package; its hashes are those of all files of the release, as pip checks them."""
    url = PackageURL("pypi", None, pin.name, pin.version)
    references = [
        ExternalReference(
            type=ExternalReferenceType.DISTRIBUTION,
            url=XsUri(str(url)),
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
        )
        for digest in pin.hashes
    ]
    return Component(
        type=ComponentType.LIBRARY,
        name=pin.name,
        version=pin.version,
        purl=url,
        bom_ref=str(url),
        licenses=[LicenseFactory().make_from_string(licence_of(pin.name))],
        external_references=references,
    )


def file_components(repository: Path) -> Iterator[Component]:
    """The files that are data and not code: weights with their metadata, fonts."""
    for folder, kind in DATA.items():
        for path in sorted((repository / folder).rglob("*")):
            if not path.is_file() or "__pycache__" in path.parts:
                continue
            name = path.relative_to(repository).as_posix()
            is_model = kind is not None and path.suffix == ".safetensors"
            yield Component(
                type=ComponentType.MACHINE_LEARNING_MODEL if is_model else ComponentType.FILE,
                name=name,
                bom_ref=name,
                hashes=[
                    HashType(
                        alg=HashAlgorithm.SHA_256,
                        content=hashlib.sha256(path.read_bytes()).hexdigest(),
                    )
                ],
            )


def bill_of_materials(repository: Path = REPOSITORY) -> str:
    bom = Bom()
    bom.metadata.component = Component(
        type=ComponentType.APPLICATION,
        name="mediassist",
        version=__version__,
        bom_ref="mediassist",
        licenses=[LicenseFactory().make_from_string("Apache-2.0")],
    )
    for pin in runtime_pins(repository):
        bom.components.add(package_component(pin))
    for component in file_components(repository):
        bom.components.add(component)
    bom.register_dependency(bom.metadata.component, bom.components)
    parts = sorted(
        f"{part.name} {part.version} {[item.content for item in part.hashes]}"
        for part in bom.components
    )
    bom.serial_number = uuid.uuid5(uuid.NAMESPACE_URL, "\n".join([__version__, *parts]))
    bom.metadata.timestamp = None
    return JsonV1Dot6(bom).output_as_string(indent=2)


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit("Name the file to write: python -m tools.sbom sbom.cdx.json")
    path = Path(sys.argv[1])
    path.write_text(bill_of_materials() + "\n", encoding="utf-8", newline="\n")
    print(f"{path}: {path.read_text('utf-8').count('bom-ref')} parts")


if __name__ == "__main__":
    main()
