"""PNG, JPEG, WebP, TIFF and NIfTI take the very same path as DICOM: they become it first.

A picture has no header, so the caller states modality, body part, view and laterality. The DICOM
file made here lives in a work folder for the time of the analysis; it holds the picture's own
values, unscaled, with a window over their full range so that nothing is stretched behind the
model's back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mediassist.core.errors import MediAssistError, NoImages, WrongUsage
from mediassist.core.messages import say
from mediassist.core.study import Rejected, Study
from mediassist.core.vocabulary import MANIFEST_MODALITIES
from mediassist.dicom.dicomize import common
from mediassist.dicom.dicomize.nifti import is_nifti
from mediassist.dicom.dicomize.statement import Statement
from mediassist.dicom.find import find_studies
from mediassist.dicom.picture_files import is_picture as is_picture
from mediassist.dicom.picture_files import read_picture

_SOP_CLASSES = {
    "CR": "1.2.840.10008.5.1.4.1.1.1",
    "DX": "1.2.840.10008.5.1.4.1.1.1.1",
    "MG": "1.2.840.10008.5.1.4.1.1.1.2",
    "CT": "1.2.840.10008.5.1.4.1.1.2",
    "MR": "1.2.840.10008.5.1.4.1.1.4",
    "US": "1.2.840.10008.5.1.4.1.1.6.1",
    "OP": "1.2.840.10008.5.1.4.1.1.77.1.5.1",
    "XA": "1.2.840.10008.5.1.4.1.1.12.1",
}
_COLOUR_MODALITIES = frozenset({"US", "OP"})
_VOLUMES = frozenset({"CT", "MR"})
# The objects are gone with the work folder: their time of making must not change anything.
_NO_TIME = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What the user states about pictures that can't say it themselves.

    Raises
    ------
    WrongUsage
        If `modality` is none of the manifest's codes.
    """

    modality: str
    body_part: str = ""
    view: str = ""
    laterality: str = ""

    def __post_init__(self) -> None:
        if self.modality not in MANIFEST_MODALITIES:
            raise WrongUsage(
                say(
                    "modality_unknown",
                    "{modality} is not a modality that MediAssist takes; it takes {allowed}.",
                    modality=self.modality,
                    allowed=", ".join(MANIFEST_MODALITIES),
                )
            )


def find_pictures_and_studies(
    paths: Iterable[Path], facts: PictureFacts, work_dir: Path
) -> Iterator[Study | Rejected]:
    """As `find.find_studies`, with every picture and volume in `paths` and below as a study.

    `work_dir` receives the wrapped pictures; the caller removes it when the studies are no longer
    needed. Raises `WrongUsage` where a path does not exist.
    """
    origins: dict[Path, str] = {}
    roots: list[Path] = []
    for path in paths:
        pictures = [path] if path.is_file() else sorted(path.rglob("*"))
        pictures = [each for each in pictures if each.is_file() and needs_facts(each)]
        if not path.is_file() or not pictures:
            roots.append(path)
        for picture in pictures:
            try:
                wrapped = (
                    _wrap_volume(picture, facts, work_dir)
                    if is_nifti(picture)
                    else [wrap_picture(picture, facts, work_dir)]
                )
            except MediAssistError as error:
                yield Rejected(str(picture), error)
                continue
            origins |= dict.fromkeys(wrapped, str(picture))
    for found in find_studies([*origins, *roots], work_dir):
        if isinstance(found, Study):
            yield _with_origins(found, origins)
        elif not needs_facts(Path(found.source)) and not _only_pictures(found, origins):
            yield found


def needs_facts(path: Path) -> bool:
    """Whether the file is a picture or NIfTI volume: neither says its modality."""
    return is_picture(path) or is_nifti(path)


def _wrap_volume(path: Path, facts: PictureFacts, work_dir: Path) -> list[Path]:
    """A NIfTI file as the DICOM that `dicomize` makes of it, with its geometry."""
    # nibabel is loaded only where a NIfTI file is met.
    from mediassist.dicom.dicomize import dicomize

    body_part = facts.body_part.upper()
    statement = Statement(
        modality=facts.modality,
        patient_id=_patient_of(path),
        body_part=body_part,
        view=facts.view.upper(),
        laterality=facts.laterality.upper(),
        spacing_unknown=facts.modality not in _VOLUMES,
        is_cine=facts.modality == "MR" and body_part == "HEART",
    )
    digest = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:32]
    written: list[Path] = []
    for made in dicomize([path], statement, work_dir / digest, _NO_TIME):
        if isinstance(made, Rejected):
            raise made.error
        written += made.written
    return written


def _with_origins(study: Study, origins: dict[Path, str]) -> Study:
    """People are told the picture's own path, not that of its wrapping."""
    return replace(
        study,
        series=tuple(
            replace(
                series,
                instances=tuple(
                    replace(instance, source=origins.get(instance.path, instance.source))
                    for instance in series.instances
                ),
            )
            for series in study.series
        ),
    )


def _only_pictures(rejected: Rejected, origins: dict[Path, str]) -> bool:
    """A folder "without any image" that held nothing but pictures was not empty after all."""
    return isinstance(rejected.error, NoImages) and any(
        Path(origin).is_relative_to(rejected.source) for origin in origins.values()
    )


def wrap_picture(path: Path, facts: PictureFacts, work_dir: Path) -> Path:
    """Write `path` as a DICOM file into `work_dir`; raises `UnreadableFile`.

    It is built from the parts of `dicomize`, but not by it: what a class demands and nobody stated
    (the view of a mammogram) stays empty, and the applicability check says what that means. UIDs
    come from the picture's bytes and the stated facts: the same picture is the same study in every
    run.
    """
    statement = Statement(
        modality=facts.modality,
        patient_id=_patient_of(path),
        study_description=f"Picture {path.name}",
    )
    picture = read_picture(path, keep_colour=facts.modality in _COLOUR_MODALITIES)
    stated = "\n".join((facts.modality, facts.body_part, facts.view, facts.laterality))
    digest = hashlib.sha256(path.read_bytes() + stated.encode()).hexdigest()
    place = common.Place(
        study_uid=common.derived_uid(digest, "study"),
        series_uid=common.derived_uid(digest, "series"),
        series_number=1,
        instance_number=1,
        seed=digest,
        study_id="",
        now=_NO_TIME,
    )
    values = _unscaled(picture.values)
    source = common.Source(path.name, values, picture.lossy_method, picture.ratio)
    dataset = common.new_object(statement, place, source, _SOP_CLASSES[facts.modality])
    dataset.Manufacturer = dataset.ManufacturerModelName = ""  # of the device, which nobody knows
    # As stated, whatever the class allows: it is compared with what a model takes.
    dataset.BodyPartExamined = facts.body_part.upper()
    dataset.ViewPosition = facts.view.upper()
    dataset.ImageLaterality = facts.laterality.upper()
    common.put_pixels(dataset, values)
    common.put_window(dataset, statement, values)
    if len(values) > 1:
        dataset.NumberOfFrames = len(values)
    target = work_dir / f"{digest[:32]}.dcm"
    common.write(dataset, target)
    return target


def _patient_of(path: Path) -> str:
    """The name without its ending (`.nii.gz` is one): nobody stated a patient."""
    return path.stem.removesuffix(".nii").replace("\\", "_")[:64]


def _unscaled(values: NDArray[Any]) -> NDArray[Any]:
    """(frames, rows, columns[, 3]), uint8 or uint16: wider values are cut off, not stretched."""
    if values.dtype in (np.uint8, np.uint16):
        return values
    return np.asarray(np.clip(values, 0, 65535), dtype=np.uint16)
