"""Writes a study's result folder: findings.json, pictures, report.pdf."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from PIL import Image

from mediassist.analysis.findings_json import heat_map_file
from mediassist.analysis.result import StudyResult
from mediassist.core.decision import Decision
from mediassist.core.errors import WrongUsage
from mediassist.core.messages import say
from mediassist.report.atomic import not_writable, whole_folder, write_synced
from mediassist.report.pdf import report_bytes
from mediassist.report.pictures import (
    FrameLoader,
    frame_from_file,
    heat_map_picture,
    make_pictures,
)
from mediassist.text import Words, words

FORMATS = ("json", "pdf")
FINDINGS_FILE = "findings.json"
REPORT_FILE = "report.pdf"


@dataclass(frozen=True, slots=True)
class StudyFiles:
    """What was written for one study: its folder and the names of the files in it."""

    folder: Path
    names: tuple[str, ...]


def key_image_file(number: int) -> str:
    """Name of the n-th key image, counting from 1."""
    return f"keyimage-{number}.png"


def png_bytes(picture: Image.Image) -> bytes:
    """The picture as PNG; the same picture gives the same bytes."""
    stream = BytesIO()
    picture.save(stream, "PNG", compress_level=3)
    return stream.getvalue()


def json_bytes(document: object) -> bytes:
    """JSON for people and programs: UTF-8, indented, one newline at the end."""
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def write_study(
    result: StudyResult,
    out: Path,
    lang: str = "en",
    formats: Collection[str] = FORMATS,
    decisions: Sequence[Decision] = (),
    load: FrameLoader = frame_from_file,
) -> StudyFiles:
    """Write OUT/<study_key>, whole or not at all; an older result of the study gives way whole.

    Parameters
    ----------
    formats : of `FORMATS`. "json" writes findings.json with its pictures (one heat map file for
        each heat map of the result, as findings.json names them, and the key images); "pdf"
        writes the report, which holds its pictures itself.
    decisions : what readers decided; the newest about each finding is said in the report.
    load : display values of a frame; the default is the chain that the window uses.

    Raises
    ------
    WrongUsage
        If a format is not one that this function writes.
    OutputNotWritable
        If the folder cannot be written.
    """
    for name in formats:
        if name not in FORMATS:
            raise WrongUsage(
                say("format_unknown", "The output format '{format}' is not known.", format=name)
            )
    wording = words(lang)
    contents = _contents(result, wording, formats, decisions, load)
    target = out / result.study_key
    with whole_folder(target) as folder:
        try:
            for name, content in contents.items():
                write_synced(folder / name, content)
        except OSError as error:
            raise not_writable(target, error) from error
    return StudyFiles(target, tuple(contents))


def _contents(
    result: StudyResult,
    wording: Words,
    formats: Collection[str],
    decisions: Sequence[Decision],
    load: FrameLoader,
) -> dict[str, bytes]:
    """File names with their bytes, made before anything touches the disk."""
    load = lru_cache(maxsize=4)(load)
    contents: dict[str, bytes] = {}
    pictures = make_pictures(result, wording, load)
    if "json" in formats:
        contents[FINDINGS_FILE] = json_bytes(result.to_json(wording.message))
        shown = [each.key_image for each in pictures.pictures if each.key_image is not None]
        for number, key_image in enumerate(shown, start=1):
            contents[key_image_file(number)] = png_bytes(key_image)
        for entry in result.results:
            for number, heat in enumerate(entry.heat_maps, start=1):
                name = heat_map_file(entry.bundle.bundle_id, number)
                contents[name] = png_bytes(heat_map_picture(result.study, heat, wording, load))
    if "pdf" in formats:
        contents[REPORT_FILE] = report_bytes(result, pictures, wording, decisions)
    return contents
