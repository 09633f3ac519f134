"""DICOM series of data that are judged as a whole: chest CT, head CT, and cine MR stacks.

Written plainly, as a scanner would: values in Hounsfield units, one file a slice and phase. What
is there already is left as it is, so that a run that was stopped goes on.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian
from scipy.ndimage import find_objects, label

_CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
_MR_IMAGE = "1.2.840.10008.5.1.4.1.1.4"
_TILE = 128  # side of a slice in the sheets of cardio/mr_cine
# Assumed: the set has no spacing. Usual values of its scanners.
_CINE_MM, _CINE_STEP_MM = 1.5, 8.0
_PHASES = {"ED": 0.0, "ES": 300.0}  # ms after the R wave
_HU_PER_STEP, _HU_START = 8, -1024  # of the stored bytes of lung/ct_nodule
# The slices of brain/ct_hemorrhage show this window. Its spacing is not known; usual values.
_HEAD_LEVEL_HU, _HEAD_WIDTH_HU = 40.0, 120.0
_HEAD_MM, _HEAD_STEP_MM = 0.8, 5.0
_WHOLE = "whole"  # a file that says that the series is complete


def ct_series(folder: Path, row: Mapping[str, str], work: Path) -> tuple[Path, list[list[float]]]:
    """Series folder of one scan, and its lesions as boxes with their first and last slice."""
    target = work / row["patient"]
    with np.load(folder / row["file"], allow_pickle=False) as stored:
        values, outlines = stored["hu8"], stored["seg"]
        step, row_mm, column_mm = (float(mm) for mm in stored["spacing_zyx"])
    for place, plane in enumerate(values if _begin(target) else ()):
        ds = _slice(_CT_IMAGE, "CT", row["patient"], place, plane.astype(np.int16))
        ds.BodyPartExamined, ds.SeriesDescription = "CHEST", "Chest 2.5 lung"
        ds.RescaleSlope, ds.RescaleIntercept, ds.RescaleType = _HU_PER_STEP, _HU_START, "HU"
        ds.PixelSpacing, ds.SliceThickness = [row_mm, column_mm], step
        ds.ImagePositionPatient = [0, 0, place * step]
        ds.WindowCenter, ds.WindowWidth = -600, 1500
        ds.KVP, ds.ImageType = 120, ["ORIGINAL", "PRIMARY", "AXIAL"]
        ds.save_as(target / f"{place:04d}.dcm", enforce_file_format=True)
    _finish(target)
    boxes = [
        [x.start, y.start, x.stop - 1, y.stop - 1, z.start, z.stop - 1]
        for z, y, x in find_objects(label(outlines > 0)[0])
    ]
    return target, [[float(number) for number in box] for box in boxes]


def cine_series(folder: Path, patient: str, work: Path) -> Path:
    """Series folder of one patient: every slice at end-diastole and end-systole."""
    target = work / patient
    if not _begin(target):
        return target
    with (folder / "manifest.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["patient"] == patient]
    for row in rows:
        with Image.open(folder / row["file"]) as sheet:
            planes = np.asarray(sheet.convert("L"))
        for place in range(int(row["slices"])):
            plane = planes[:, place * _TILE : (place + 1) * _TILE].astype(np.int16)
            phase = list(_PHASES).index(row["phase"])
            number = place * len(_PHASES) + phase
            ds = _slice(_MR_IMAGE, "MR", patient, number, plane)
            ds.BodyPartExamined, ds.SeriesDescription = "HEART", "cine SAX"
            ds.PixelSpacing, ds.SliceThickness = [_CINE_MM, _CINE_MM], _CINE_STEP_MM
            ds.SpacingBetweenSlices = _CINE_STEP_MM
            ds.ImagePositionPatient = [0, 0, place * _CINE_STEP_MM]
            ds.SliceLocation = place * _CINE_STEP_MM
            ds.TriggerTime = _PHASES[row["phase"]]
            ds.CardiacNumberOfImages, ds.TemporalPositionIdentifier = len(_PHASES), phase + 1
            ds.ScanningSequence, ds.SequenceVariant, ds.MRAcquisitionType = "GR", "SS", "2D"
            ds.WindowCenter, ds.WindowWidth = 128, 256
            ds.ImageType = ["ORIGINAL", "PRIMARY", "M"]
            ds.save_as(target / f"{number:04d}.dcm", enforce_file_format=True)
    _finish(target)
    return target


def head_series(folder: Path, patient: str, files: Sequence[str], work: Path) -> Path:
    """Series folder of one head: its slices from the neck upwards, in Hounsfield units again."""
    target = work / patient
    if not _begin(target):
        return target
    for place, file in enumerate(files):
        with Image.open(folder / file) as picture:
            plane = np.asarray(picture.convert("L")).astype(np.int16)
        ds = _slice(_CT_IMAGE, "CT", patient, place, plane)
        ds.BodyPartExamined, ds.SeriesDescription = "HEAD", "Head 5.0 brain"
        ds.RescaleSlope = round(_HEAD_WIDTH_HU / 255, 6)
        ds.RescaleIntercept, ds.RescaleType = _HEAD_LEVEL_HU - _HEAD_WIDTH_HU / 2, "HU"
        ds.PixelSpacing, ds.SliceThickness = [_HEAD_MM, _HEAD_MM], _HEAD_STEP_MM
        ds.ImagePositionPatient = [0, 0, place * _HEAD_STEP_MM]
        ds.WindowCenter, ds.WindowWidth = _HEAD_LEVEL_HU, _HEAD_WIDTH_HU
        ds.KVP, ds.ImageType = 120, ["ORIGINAL", "PRIMARY", "AXIAL"]
        ds.save_as(target / f"{place:04d}.dcm", enforce_file_format=True)
    _finish(target)
    return target


def _begin(target: Path) -> bool:
    """False where the series is complete already."""
    target.mkdir(parents=True, exist_ok=True)
    return not (target.parent / f"{target.name}.{_WHOLE}").is_file()


def _finish(target: Path) -> None:
    (target.parent / f"{target.name}.{_WHOLE}").touch()


def _slice(
    sop_class: str, modality: str, patient: str, number: int, plane: NDArray[np.int16]
) -> Dataset:
    ds: Any = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID = sop_class
    ds.SOPInstanceUID = _uid(patient, modality, str(number))
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    ds.StudyInstanceUID = _uid(patient, modality, "study")
    ds.SeriesInstanceUID = _uid(patient, modality, "series")
    ds.FrameOfReferenceUID = _uid(patient, modality, "frame")
    ds.PatientID, ds.PatientName, ds.Modality = patient, "", modality
    ds.SeriesNumber, ds.InstanceNumber = 1, number + 1
    ds.ImageOrientationPatient, ds.PatientPosition = [1, 0, 0, 0, 1, 0], "HFS"
    ds.Rows, ds.Columns = plane.shape
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 1
    ds.PixelData = plane.tobytes()
    return ds


def _uid(*parts: str) -> str:
    digest = hashlib.sha256("/".join(("performance", *parts)).encode()).hexdigest()
    return f"2.25.{int(digest[:32], 16)}"
