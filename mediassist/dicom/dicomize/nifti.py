"""NIfTI volumes: values and the place of every voxel, in DICOM's patient axes."""

from __future__ import annotations

import gzip
import time
import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mediassist.core.errors import IncompleteSeries, LimitExceeded, UnreadableFile
from mediassist.core.messages import say

_SUFFIXES = (".nii", ".nii.gz")
_LIMIT_BYTES = 4 * 1024**3
# Rows and columns of a DICOM slice are perpendicular; the headers of sound files are so to 1e-4.
_SHEAR_LIMIT = 1e-3
# Extensions of the header stand before the voxels.
_OFFSET_LIMIT_BYTES = 64 * 1024**2
_COUNT_SECONDS = 1.2


@dataclass(frozen=True, slots=True)
class Grid:
    """Slices as DICOM stores them.

    Attributes
    ----------
    values : (times, slices, rows, columns), with NIfTI's scaling applied; whole numbers stay so.
    affine_lps : 4x4, maps (slice, row, column, 1) to LPS mm.
    time_step_ms : from one time point to the next, 0 where not said.
    is_placed : False where the file says how large its voxels are, and not how they lie.
    """

    values: NDArray[Any]
    affine_lps: NDArray[np.float64]
    time_step_ms: float = 0.0
    is_placed: bool = True


def is_nifti(path: Path) -> bool:
    return path.name.lower().endswith(_SUFFIXES)


def read_nifti(path: Path) -> Grid:
    """Read a 2-D, 3-D or 4-D NIfTI-1 or -2 file.

    The third axis gives the slices. In-plane axes are turned and mirrored so that a slice appears
    as DICOM shows it (patient's right or front at the left, front or head on top); the affine
    follows, so every voxel keeps its place.

    Raises
    ------
    UnreadableFile
        Not NIfTI, cut off, colour, or without any geometry.
    IncompleteSeries
        In-plane axes are not perpendicular: DICOM cannot say that.
    LimitExceeded
        More than 4 GiB of values.
    """
    import nibabel
    from nibabel.filebasedimages import ImageFileError
    from nibabel.spatialimages import HeaderDataError

    try:
        image: Any = nibabel.load(path)
        _check_header(path, image)
        _check_length(path, image)
        values = _values(image)
    except (ImageFileError, HeaderDataError, OSError, EOFError, ValueError, zlib.error) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise _unreadable(path, reason[:200]) from None
    values = values.reshape(*values.shape[:3], -1) if values.ndim > 3 else values[..., None]
    ras = np.asarray(image.affine, dtype=np.float64)
    _check_affine(path, ras)
    unit = image.header.get_xyzt_units()[1]
    step = float(image.header["pixdim"][4]) * {"sec": 1e3, "msec": 1.0, "usec": 1e-3}.get(unit, 0)
    grid = _as_shown(values, np.diag([-1.0, -1.0, 1.0, 1.0]) @ ras, step)
    return replace(grid, is_placed=_says_how_it_lies(image.header))


def _says_how_it_lies(header: Any) -> bool:
    """Whether one of the two transforms has a code; without, nobody knows left from right."""
    return any(int(header[code]) > 0 for code in ("qform_code", "sform_code"))


def _check_header(path: Path, image: Any) -> None:
    shape = tuple(int(size) for size in image.shape)
    dtype = image.get_data_dtype()
    if len(shape) not in (2, 3, 4, 5) or min(shape, default=0) < 1:
        raise _unreadable(path, f"its shape is {shape}")
    if dtype.names is not None or dtype.kind not in "iufb":
        raise _unreadable(path, f"voxels of type {dtype} are no grey values")
    if int(np.prod(shape, dtype=np.float64)) * max(4, dtype.itemsize) > _LIMIT_BYTES:
        raise LimitExceeded(
            say(
                "nifti_too_large",
                "{path}: {shape} voxels are more than MediAssist converts ({limit} GB).",
                path=str(path),
                shape=" x ".join(map(str, shape)),
                limit=round(_LIMIT_BYTES / 1e9, 1),
            )
        )


def _check_length(path: Path, image: Any) -> None:
    """Refuse a file that holds fewer voxels than it declares, before memory is taken for them."""
    offset = int(image.dataobj.offset)
    needed = offset + int(np.prod(image.shape)) * image.get_data_dtype().itemsize
    if offset > _OFFSET_LIMIT_BYTES:
        raise _unreadable(path, f"its voxels are said to begin at byte {offset}")
    found = path.stat().st_size
    if path.name.lower().endswith(".gz"):
        with path.open("rb") as file:
            file.seek(-4, 2)
            # Of the last of perhaps several streams, and modulo 4 GiB.
            stated = int.from_bytes(file.read(4), "little")
        found = needed if stated >= needed else _inflated_length(path, needed)
    if found < needed:
        raise _unreadable(path, f"it needs {needed} bytes and holds {found}")


def _inflated_length(path: Path, needed: int) -> int:
    """How many bytes come out of a gzip file, counted no further than needed."""
    deadline = time.thread_time() + _COUNT_SECONDS
    found = 0
    with gzip.open(path) as file:
        while found < needed and (chunk := file.read(1 << 20)):
            found += len(chunk)
            if time.thread_time() > deadline:
                raise _unreadable(path, "its parts take too long to unpack")
    return found


def _values(image: Any) -> NDArray[Any]:
    """Scaled values, at least three axes: whole numbers where scaling leaves them whole."""
    slope, intercept = image.dataobj.slope, image.dataobj.inter
    stored: NDArray[Any] = np.asanyarray(image.dataobj.get_unscaled())
    if stored.ndim == 2:
        stored = stored[..., None]
    if slope == 1 and intercept == 0:
        return stored
    return np.asarray(stored * np.float64(slope) + np.float64(intercept), dtype=np.float64)


def _check_affine(path: Path, ras: NDArray[np.float64]) -> None:
    lengths = np.linalg.norm(ras[:3, :3], axis=0)
    if not np.isfinite(ras).all() or lengths.min() <= 0 or abs(np.linalg.det(ras[:3, :3])) < 1e-9:
        raise _unreadable(path, "its header gives no usable geometry (qform, sform)")
    cosine = abs(ras[:3, 0] @ ras[:3, 1]) / (lengths[0] * lengths[1])
    if cosine > _SHEAR_LIMIT:
        raise IncompleteSeries(
            say(
                "nifti_sheared",
                "{path}: rows and columns meet at {degrees} degrees; DICOM knows only 90. Resample"
                " the volume first.",
                path=str(path),
                degrees=round(float(np.degrees(np.arccos(cosine))), 2),
            )
        )


def _as_shown(values: NDArray[Any], lps: NDArray[np.float64], time_step_ms: float) -> Grid:
    """From axes (i, j, k, time) to (time, k, row, column) in the usual display direction.

    Left-right lies across the picture before front-back, and that before head-feet; columns then
    run to the left or the back, rows to the back or the feet.
    """
    first, second = (_dominant(lps[:3, axis]) for axis in (0, 1))
    if second < first:
        values = values.transpose(1, 0, 2, 3)
        lps = lps[:, [1, 0, 2, 3]]
    for axis, wanted in ((0, (1, 1, 1)), (1, (1, 1, -1))):
        dominant = _dominant(lps[:3, axis])
        if lps[dominant, axis] * wanted[dominant] < 0:
            values = np.flip(values, axis)
            lps = lps.copy()
            lps[:3, 3] += lps[:3, axis] * (values.shape[axis] - 1)
            lps[:3, axis] *= -1
    affine = lps[:, [2, 1, 0, 3]]
    return Grid(np.ascontiguousarray(values.transpose(3, 2, 1, 0)), affine, time_step_ms)


def _dominant(axis: NDArray[np.float64]) -> int:
    """0 where the axis runs mostly left-right, 1 front-back, 2 head-feet."""
    return int(np.argmax(np.abs(axis)))


def _unreadable(path: Path, reason: str) -> UnreadableFile:
    return UnreadableFile(
        say(
            "nifti_unreadable",
            "{path} cannot be read as NIfTI: {reason}.",
            path=str(path),
            reason=reason,
        )
    )
