"""The DICOMDIR of the sample folder: patient, study, series and image records.

Record offsets are byte positions in the file itself, so it is written twice: once with zeros to
learn where every record falls (all offsets have a fixed width), then with the true numbers.
"""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, MediaStorageDirectoryStorage

from tools.samples.objects.base import IMPLEMENTATION_NAME, IMPLEMENTATION_UID, uid

_KEYS = {
    "PATIENT": ("PatientID", "PatientName"),
    "STUDY": (
        "StudyDate",
        "StudyTime",
        "StudyDescription",
        "StudyInstanceUID",
        "StudyID",
        "AccessionNumber",
    ),
    "SERIES": ("Modality", "SeriesInstanceUID", "SeriesNumber"),
    "IMAGE": ("InstanceNumber",),
}


class _Node:
    """A record with its children; `item` is the dataset that goes into the sequence."""

    def __init__(self, kind: str, source: Dataset) -> None:
        self.children: dict[str, _Node] = {}
        self.item = Dataset()
        self.item.OffsetOfTheNextDirectoryRecord = 0
        self.item.RecordInUseFlag = 0xFFFF
        self.item.OffsetOfReferencedLowerLevelDirectoryEntity = 0
        self.item.DirectoryRecordType = kind
        self.item.SpecificCharacterSet = source.SpecificCharacterSet
        for key in _KEYS[kind]:
            setattr(self.item, key, source[key].value)

    def child(self, key: str, kind: str, source: Dataset) -> _Node:
        if key not in self.children:
            self.children[key] = _Node(kind, source)
        return self.children[key]


def _tree(root: Path) -> dict[str, _Node]:
    patients: dict[str, _Node] = {}
    for path in sorted(p for p in root.glob("*/*") if p.is_file()):
        ds = pydicom.dcmread(path, stop_before_pixels=True)
        if ds.PatientID not in patients:
            patients[ds.PatientID] = _Node("PATIENT", ds)
        study = patients[ds.PatientID].child(ds.StudyInstanceUID, "STUDY", ds)
        series = study.child(ds.SeriesInstanceUID, "SERIES", ds)
        image = series.child(ds.SOPInstanceUID, "IMAGE", ds).item
        image.ReferencedFileID = [path.parent.name, path.name]
        image.ReferencedSOPClassUIDInFile = ds.SOPClassUID
        image.ReferencedSOPInstanceUIDInFile = ds.SOPInstanceUID
        image.ReferencedTransferSyntaxUIDInFile = ds.file_meta.TransferSyntaxUID
    return patients


def _in_order(nodes: dict[str, _Node]) -> list[_Node]:
    """Each record before its children."""
    found = []
    for node in nodes.values():
        found.append(node)
        found.extend(_in_order(node.children))
    return found


def _link(nodes: dict[str, _Node], place: dict[int, int]) -> None:
    siblings = list(nodes.values())
    for one, following in pairwise(siblings):
        one.item.OffsetOfTheNextDirectoryRecord = place[id(following)]
    for node in siblings:
        if node.children:
            first = next(iter(node.children.values()))
            node.item.OffsetOfReferencedLowerLevelDirectoryEntity = place[id(first)]
            _link(node.children, place)


def write_dicomdir(root: Path) -> None:
    """Write `root`/DICOMDIR for the files in the folders below it."""
    patients = _tree(root)
    records = _in_order(patients)
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.MediaStorageSOPClassUID = MediaStorageDirectoryStorage
    ds.file_meta.MediaStorageSOPInstanceUID = uid(
        "dicomdir", *(record.item.get("ReferencedSOPInstanceUIDInFile", "") for record in records)
    )
    ds.file_meta.ImplementationClassUID = IMPLEMENTATION_UID
    ds.file_meta.ImplementationVersionName = IMPLEMENTATION_NAME
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.FileSetID = "SIMULATED"
    ds.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity = 0
    ds.OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity = 0
    ds.FileSetConsistencyFlag = 0
    ds.DirectoryRecordSequence = Sequence([record.item for record in records])
    draft = io.BytesIO()
    ds.save_as(draft, enforce_file_format=True)
    draft.seek(0)
    read = pydicom.dcmread(draft)
    place = {
        id(record): item.seq_item_tell
        for record, item in zip(records, read.DirectoryRecordSequence, strict=True)
    }
    _link(patients, place)
    roots = list(patients.values())
    ds.OffsetOfTheFirstDirectoryRecordOfTheRootDirectoryEntity = place[id(roots[0])]
    ds.OffsetOfTheLastDirectoryRecordOfTheRootDirectoryEntity = place[id(roots[-1])]
    ds.save_as(root / "DICOMDIR", enforce_file_format=True)
