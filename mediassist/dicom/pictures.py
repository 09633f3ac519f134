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
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from mediassist.core.errors import MediAssistError, NoImages, WrongUsage
from mediassist.core.messages import say
from mediassist.core.study import Rejected, Study
from mediassist.core.vocabulary import MANIFEST_MODALITIES
from mediassist.dicom.dicomize.nifti import is_nifti
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
    from mediassist.dicom.dicomize import Statement, dicomize

    body_part = facts.body_part.upper()
    statement = Statement(
        modality=facts.modality,
        patient_id=path.name.split(".")[0][:64],
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

    UIDs come from the picture's bytes and the stated facts: the same picture is the same study in
    every run.
    """
    frames = _read_frames(path, facts)
    stated = "\n".join((facts.modality, facts.body_part, facts.view, facts.laterality))
    digest = hashlib.sha256(path.read_bytes() + stated.encode()).hexdigest()
    dataset = _dataset(frames, facts, digest, path)
    target = work_dir / f"{digest[:32]}.dcm"
    dataset.save_as(target, enforce_file_format=True)
    return target


def _read_frames(path: Path, facts: PictureFacts) -> NDArray[Any]:
    """(frames, rows, columns[, 3]), uint8 or uint16."""
    values = read_picture(path, keep_colour=facts.modality in _COLOUR_MODALITIES).values
    if values.dtype in (np.uint8, np.uint16):
        return values
    return np.asarray(np.clip(values, 0, 65535), dtype=np.uint16)


def _dataset(frames: NDArray[Any], facts: PictureFacts, digest: str, path: Path) -> Dataset:
    bits = frames.dtype.itemsize * 8
    is_colour = frames.ndim == 4
    sop_class = _SOP_CLASSES[facts.modality]
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = sop_class
    dataset.file_meta.MediaStorageSOPInstanceUID = _uid(digest, "image")
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = sop_class
    dataset.SOPInstanceUID = _uid(digest, "image")
    dataset.StudyInstanceUID = _uid(digest, "study")
    dataset.SeriesInstanceUID = _uid(digest, "series")
    dataset.Modality = facts.modality
    dataset.BodyPartExamined = facts.body_part.upper()
    dataset.ViewPosition = facts.view.upper()
    dataset.ImageLaterality = facts.laterality.upper()
    dataset.PatientName = ""
    dataset.PatientID = path.stem
    dataset.StudyDescription = f"Picture {path.name}"[:64]
    dataset.InstanceNumber = 1
    dataset.SeriesNumber = 1
    dataset.Rows, dataset.Columns = frames.shape[1:3]
    dataset.SamplesPerPixel = 3 if is_colour else 1
    dataset.PhotometricInterpretation = "RGB" if is_colour else "MONOCHROME2"
    if is_colour:
        dataset.PlanarConfiguration = 0
    else:
        # PS3.3 C.11.2.1.2.1: with the linear function this window maps 0..2^bits-1 onto 0..1.
        dataset.WindowCenter, dataset.WindowWidth = 2 ** (bits - 1), 2**bits
    dataset.BitsAllocated = dataset.BitsStored = bits
    dataset.HighBit = bits - 1
    dataset.PixelRepresentation = 0
    if len(frames) > 1:
        dataset.NumberOfFrames = len(frames)
    data = frames.tobytes()
    dataset.PixelData = data + b"\0" * (len(data) % 2)
    return dataset


def _uid(digest: str, level: str) -> str:
    number = int(hashlib.sha256(f"{digest}/{level}".encode()).hexdigest()[:32], 16)
    return f"2.25.{number}"
