"""Compressed pixels are decoded as a hospital's would be: the whole way, through the guard."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mediassist.cli.checks.check import Check, Health
from mediassist.core.errors import MediAssistError
from mediassist.core.messages import Message, say

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70"
_LOSSLESS = {
    "JPEG Lossless": _JPEG_LOSSLESS,
    "JPEG-LS": "1.2.840.10008.1.2.4.80",
    "JPEG 2000": "1.2.840.10008.1.2.4.90",
    "RLE": "1.2.840.10008.1.2.5",
}


def decoder_checks() -> list[Check]:
    """One small picture in each lossless compression comes back as it went in."""
    return [_round_trip(name, syntax) for name, syntax in _LOSSLESS.items()]


def _round_trip(name: str, transfer_syntax: str) -> Check:
    from mediassist.dicom import load_pixels

    subject = say("check_decoder", "Decoder {name}", name=name)
    picture = (np.arange(64 * 48, dtype=np.uint16) * 21 % 4096).reshape(64, 48)
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "影像 image.dcm"
            _compressed(picture, transfer_syntax).save_as(path, enforce_file_format=True)
            same = bool(np.array_equal(load_pixels(path)[0], picture))
    except (MediAssistError, ImportError, OSError, ValueError, RuntimeError) as error:
        return _fault(subject, " ".join(str(error).split()))
    if not same:
        return _fault(subject, "other values came back")
    return Check(subject, Health.OK, "")


def _fault(subject: Message, found: str) -> Check:
    return Check(
        subject,
        Health.FAULT,
        found,
        say("advice_library", "Install MediAssist again; its libraries come with it."),
    )


def _compressed(picture: np.ndarray[tuple[int, int], np.dtype[np.uint16]], syntax: str) -> Dataset:
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.encaps import encapsulate
    from pydicom.uid import ExplicitVRLittleEndian

    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    dataset.file_meta.MediaStorageSOPInstanceUID = "2.25.1"
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", "2.25.1"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "2.25.2", "2.25.3"
    dataset.Modality, dataset.PatientID = "OT", "doctor"
    dataset.Rows, dataset.Columns = picture.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
    dataset.PixelRepresentation = 0
    dataset.PixelData = picture.tobytes()
    if syntax == _JPEG_LOSSLESS:
        # pydicom has no encoder for it.
        import imagecodecs

        dataset.PixelData = encapsulate([bytes(imagecodecs.ljpeg_encode(picture))])
        dataset["PixelData"].VR = "OB"
        dataset.file_meta.TransferSyntaxUID = syntax
    else:
        dataset.compress(syntax, generate_instance_uid=False)
    return dataset
