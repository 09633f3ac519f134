"""Files in, DICOM out: which file becomes which object of which series and study."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from mediassist.core.errors import IncompleteSeries, MediAssistError, UnreadableFile, WrongUsage
from mediassist.core.messages import Message, say
from mediassist.core.study import Rejected
from mediassist.dicom.dicomize import optical, projection, screen, slices
from mediassist.dicom.dicomize.common import Place, Source, derived_uid, write
from mediassist.dicom.dicomize.nifti import Grid, is_nifti, read_nifti
from mediassist.dicom.dicomize.statement import Grouping, Statement, check_said
from mediassist.dicom.picture_files import PictureFrames, is_picture, read_picture

_STACKED = frozenset({"CT", "MR"})
_BUILDERS: dict[str, Callable[[Statement, Place, Source], Dataset]] = {
    "CR": projection.computed_radiograph,
    "DX": projection.digital_radiograph,
    "MG": projection.mammogram,
    "XA": projection.angiogram,
    "US": screen.ultrasound,
    "SC": screen.secondary_capture,
    "OP": optical.fundus_photograph,
    "OPT": optical.tomogram,
}
# A clip or a volume is one object of these; pages become objects of their own in the others.
_MULTI_FRAME = frozenset({"US", "XA", "OP", "OPT"})


@dataclass(frozen=True, slots=True)
class Converted:
    """One series written from one or several files."""

    sources: tuple[Path, ...]
    written: tuple[Path, ...]
    sop_class_uid: str
    study_uid: str
    series_uid: str
    notes: tuple[Message, ...] = ()


def dicomize(
    paths: Iterable[Path],
    statement: Statement,
    out: Path,
    now: datetime,
    *,
    grouping: Grouping = Grouping.STUDY,
) -> Iterator[Converted | Rejected]:
    """Write every picture and NIfTI file in and below `paths` as DICOM into `out`.

    Pictures of CT and MR are the slices of one stack (phases of one place for cine), in the order
    given; every other file is a series of its own. UIDs follow from the files' bytes
    and the statement: the same call gives the same objects.

    Raises
    ------
    WrongUsage
        The statement lacks what the class must state.
    """
    files = list(_convertible(paths))
    if not files:
        raise WrongUsage(
            say("dicomize_nothing", "No PNG, JPEG, WebP, TIFF or NIfTI file was named.")
        )
    names = _Names(out)
    for number, members in enumerate(_groups(files, grouping), start=1):
        run = _Run(statement, members, names, now, grouping, number)
        yield from run.convert()


def _convertible(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            below = sorted(each for each in path.rglob("*") if each.is_file())
            yield from (each for each in below if is_picture(each) or is_nifti(each))
        else:
            yield path


def _groups(files: Sequence[Path], grouping: Grouping) -> list[list[Path]]:
    if grouping is Grouping.STUDY:
        return [list(files)]
    if grouping is Grouping.FILE:
        return [[path] for path in files]
    folders: dict[Path, list[Path]] = {}
    for path in files:
        folders.setdefault(path.parent, []).append(path)
    return list(folders.values())


class _Names:
    """Names of output folders and files, unique within one run."""

    def __init__(self, out: Path) -> None:
        self._out = out
        self._taken: set[str] = set()

    def folder(self, wished: str) -> Path:
        plain = re.sub(r'[<>:"/\\|?*\x00-\x1f]+', "_", wished).strip(" .")[:80] or "series"
        name, count = plain, 1
        while name.casefold() in self._taken:
            count += 1
            name = f"{plain}-{count}"
        self._taken.add(name.casefold())
        return self._out / name


class _Run:
    """The files of one study."""

    def __init__(
        self,
        statement: Statement,
        files: Sequence[Path],
        names: _Names,
        now: datetime,
        grouping: Grouping,
        number: int,
    ) -> None:
        self._files = files
        self._names = names
        self._now = now
        self._digests = {path: _digest(path) for path in files}
        if not statement.patient_id:
            # Archives refuse objects without one; two patients must never share it.
            made_up = f"{_stem(files[0])[:50]}-{self._digests[files[0]][:8]}"
            statement = replace(statement, patient_id=made_up.replace("\\", "_"))
        self._statement = statement
        key = statement.study_key or "\n".join(self._digests.values())
        if statement.study_key and grouping is not Grouping.STUDY:
            key = f"{key}\n{number}"
        self._study_uid = derived_uid("study", statement.patient_id, key)
        self._study_id = (statement.study_key or str(number))[:16]
        self._series = 0

    def convert(self) -> Iterator[Converted | Rejected]:
        stacked: list[Path] = []
        for path in self._files:
            if self._statement.modality in _STACKED and is_picture(path):
                stacked.append(path)
                continue
            try:
                yield self._one_file(path)
            except WrongUsage:
                raise
            except MediAssistError as error:
                yield Rejected(str(path), error)
        if stacked:
            yield from self._picture_stack(stacked)

    def _one_file(self, path: Path) -> Converted:
        if is_nifti(path):
            grid = read_nifti(path)
            if self._statement.modality in _STACKED:
                return self._grid([path], grid, slices.stored_and_scale)
            return self._frames(path, _frames_of(grid), _with_geometry(self._statement, grid))
        if is_picture(path):
            picture = read_picture(path, self._statement.keeps_colour)
            return self._frames(path, _without_needless_colour(picture), self._statement)
        raise UnreadableFile(
            say(
                "dicomize_format_unknown",
                "{path} is no PNG, JPEG, WebP, TIFF or NIfTI file.",
                path=str(path),
            )
        )

    def _picture_stack(self, paths: list[Path]) -> Iterator[Converted | Rejected]:
        pages: list[NDArray[Any]] = []
        used: list[Path] = []
        lossy = Source("", np.empty(0))
        for path in paths:
            try:
                picture = read_picture(path, keep_colour=False)
                if pages and picture.values.shape[1:] != pages[0].shape[1:]:
                    raise IncompleteSeries(
                        say(
                            "dicomize_sizes_differ",
                            "{file} is of another size than {first}: they are no stack.",
                            file=str(path),
                            first=str(used[0]),
                        )
                    )
                if pages and picture.values.dtype != pages[0].dtype:
                    raise IncompleteSeries(
                        say(
                            "dicomize_depths_differ",
                            "{file} has another bit depth than {first}: they are no stack.",
                            file=str(path),
                            first=str(used[0]),
                        )
                    )
            except MediAssistError as error:
                yield Rejected(str(path), error)
                continue
            pages.append(picture.values)
            used.append(path)
            if picture.lossy_method:
                lossy = Source("", np.empty(0), picture.lossy_method, picture.ratio)
        if not pages:
            return
        values = np.concatenate(pages)
        check_said(self._statement, used[0].name, len(values))
        grid = slices.stack_of_pictures(self._statement, values)
        yield self._grid(used, grid, slices.picture_scale, lossy)

    def _grid(
        self,
        paths: list[Path],
        grid: Grid,
        to_stored: Callable[[Statement, NDArray[Any]], tuple[NDArray[Any], slices.Scale]],
        lossy: Source | None = None,
    ) -> Converted:
        """CT or MR: one object a slice and time."""
        stored, scale = to_stored(self._statement, grid.values)
        statement = slices.with_window(self._statement, stored, scale)
        name = _stem(paths[0])
        folder = self._names.folder(name)
        series_uid, seed, series_number = self._new_series(paths)
        written = []
        times, count = stored.shape[:2]
        for time in range(times):
            for index in range(count):
                number = time * count + index + 1
                source = Source(
                    name,
                    stored[time, index][None],
                    lossy.lossy_method if lossy else "",
                    lossy.ratio if lossy else 0.0,
                )
                place = self._place(series_uid, series_number, number, seed)
                step = slices.Step(index, time, times, grid.time_step_ms)
                dataset = slices.slice_object(
                    statement, place, source, grid.affine_lps, scale, step
                )
                path = folder / f"IM{number:05d}.dcm"
                write(dataset, path)
                written.append(path)
        return Converted(
            tuple(paths),
            tuple(written),
            str(dataset.SOPClassUID),
            self._study_uid,
            series_uid,
            _notes(self._statement, scale, paths, grid.is_placed),
        )

    def _frames(self, path: Path, picture: PictureFrames, statement: Statement) -> Converted:
        """Every other modality: one object a file, or one a page where the class has no frames."""
        check_said(statement, path.name, len(picture.values))
        name = _stem(path)
        series_uid, seed, series_number = self._new_series([path])
        frames = picture.values
        split = len(frames) > 1 and statement.modality not in _MULTI_FRAME
        parts = [frame[None] for frame in frames] if split else [frames]
        target = self._names.folder(name)
        written = []
        for number, values in enumerate(parts, start=1):
            source = Source(name, values, picture.lossy_method, picture.ratio)
            place = self._place(series_uid, series_number, number, seed)
            dataset = _BUILDERS[statement.modality](statement, place, source)
            file = (
                target / f"IM{number:05d}.dcm" if split else target.with_name(f"{target.name}.dcm")
            )
            write(dataset, file)
            written.append(file)
        return Converted(
            (path,), tuple(written), str(dataset.SOPClassUID), self._study_uid, series_uid
        )

    def _new_series(self, paths: Sequence[Path]) -> tuple[str, str, int]:
        """UID, seed of the images' UIDs, number."""
        self._series += 1
        stated = repr(replace(self._statement, study_key=""))
        seed = "\n".join((self._study_uid, stated, *(self._digests[path] for path in paths)))
        return derived_uid("series", seed), seed, self._series

    def _place(self, series_uid: str, series: int, number: int, seed: str) -> Place:
        return Place(
            study_uid=self._study_uid,
            series_uid=series_uid,
            series_number=series,
            instance_number=number,
            seed=seed,
            study_id=self._study_id,
            now=self._now,
        )


def _with_geometry(statement: Statement, grid: Grid) -> Statement:
    """The spacings of a NIfTI tomogram, where nobody stated others. Those of projections and
    ultrasound are of another plane than NIfTI's and are left to the user."""
    if statement.modality != "OPT" or statement.spacing_unknown:
        return statement
    step, row, column = (float(value) for value in np.linalg.norm(grid.affine_lps[:3, :3], axis=0))
    return replace(
        statement,
        spacing_mm=statement.spacing_mm or (row, column),
        slice_step_mm=statement.slice_step_mm or step,
    )


def _frames_of(grid: Grid) -> PictureFrames:
    """A NIfTI file of a modality without volumes: its slices and times as frames."""
    times, count, rows, columns = grid.values.shape
    values = grid.values.reshape(times * count, rows, columns)
    if values.dtype.kind in "iub" and values.min() >= 0 and values.max() <= 65535:
        values = values.astype(np.uint8 if values.max() <= 255 else np.uint16)
    return PictureFrames(values)


def _without_needless_colour(picture: PictureFrames) -> PictureFrames:
    """Grey kept as colour (equal channels, as most ultrasound exports) becomes grey."""
    values = picture.values
    if not picture.is_colour or not np.array_equal(values[..., 0], values[..., 1]):
        return picture
    if not np.array_equal(values[..., 1], values[..., 2]):
        return picture
    return replace(picture, values=np.ascontiguousarray(values[..., 0]))


def _notes(
    statement: Statement, scale: slices.Scale, paths: Sequence[Path], is_placed: bool
) -> tuple[Message, ...]:
    notes = []
    if statement.modality == "CT" and scale.unit != "HU":
        notes.append(
            say(
                "dicomize_no_hu",
                "{file}: without --window LEVEL,WIDTH the grey values of a CT picture cannot"
                " become HU; they are stored with an unspecified unit.",
                file=str(paths[0]),
            )
        )
    if not is_placed:
        notes.append(
            say(
                "dicomize_not_placed",
                "{file} does not say how its voxels lie in the patient (qform and sform are 0):"
                " left and right, front and back, head and feet of the result are assumed, not"
                " known.",
                file=str(paths[0]),
            )
        )
    return tuple(notes)


def _stem(path: Path) -> str:
    name = path.name
    for suffix in (".nii.gz", ".nii"):
        if name.lower().endswith(suffix):
            return name[: -len(suffix)]
    return path.stem


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
