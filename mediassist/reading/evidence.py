"""Heat maps, kept as plain 8-bit evidence beside the findings and read back when they are shown.

A heat map has the size of its picture: a few hundred studies of a sitting would fill the memory
with them. So the session holds results without heat maps, and the window reads those of the study
it shows. `evidence-<bundle>-<n>.png` can be laid over the picture. The output folders of `analyze`
and `batch` have none: there the heat-map pictures stand in, which already contain the anatomy and
are shown in place of it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mediassist.analysis.result import StudyResult
from mediassist.core.errors import OutputNotWritable
from mediassist.core.finding import HeatMap, RegionKind
from mediassist.core.messages import say
from mediassist.reading.stored_results import FINDINGS_FILE

HeatMaps = dict[str, tuple[HeatMap, ...]]
"""Heat maps by bundle id."""


@dataclass(frozen=True, slots=True)
class HeatPicture:
    """A heat map that was drawn over its frame for people: RGB (height, width, 3) in 8 bits, and
    the size in pixels of the stored image that it covers."""

    sop_instance_uid: str
    frame: int
    rgb: NDArray[np.uint8]
    columns: int
    rows: int


ShownHeat = dict[str, tuple[HeatMap | HeatPicture, ...]]
"""What the window shows as heat, by bundle id."""

_log = logging.getLogger(__name__)


def heat_maps_of(result: StudyResult) -> HeatMaps:
    return {one.bundle.bundle_id: one.heat_maps for one in result.results if one.heat_maps}


def without_heat_maps(result: StudyResult) -> StudyResult:
    """The result as the session holds it."""
    return replace(result, results=tuple(replace(one, heat_maps=()) for one in result.results))


def with_heat_maps(result: StudyResult, heat_maps: HeatMaps) -> StudyResult:
    """The result as the report needs it."""
    return replace(
        result,
        results=tuple(
            replace(one, heat_maps=heat_maps.get(one.bundle.bundle_id, ()))
            for one in result.results
        ),
    )


def keep_evidence(result: StudyResult, study_folder: Path) -> None:
    """Write the evidence of a result whose findings.json stands in `study_folder`.

    Raises
    ------
    OutputNotWritable
        If the folder cannot be written.
    """
    from PIL import Image

    for bundle_id, heat_maps in heat_maps_of(result).items():
        for number, heat in enumerate(heat_maps, start=1):
            levels = np.rint(255 * np.clip(np.nan_to_num(heat.values), 0, 1)).astype(np.uint8)
            path = study_folder / evidence_file(bundle_id, number)
            try:
                Image.fromarray(levels).save(path)
            except OSError as error:
                raise OutputNotWritable(
                    say(
                        "evidence_not_written",
                        "{path} cannot be written: {reason}",
                        path=str(path),
                        reason=error.strerror or type(error).__name__,
                    )
                ) from error


def kept_heat_maps(study_folder: Path) -> HeatMaps:
    """The heat maps that `keep_evidence` wrote; those without evidence are left out, because a
    result from elsewhere has none."""
    found: HeatMaps = {}
    for heat in _heats(study_folder):
        levels = _read_picture(study_folder / evidence_file(heat.bundle_id, heat.number), "L")
        if levels is not None:
            values = levels.astype(np.float32) / np.float32(255)
            made = HeatMap(heat.sop_instance_uid, heat.frame, values)
            found[heat.bundle_id] = (*found.get(heat.bundle_id, ()), made)
    return found


def heat_pictures(study_folder: Path) -> ShownHeat:
    """The heat-map pictures of an output folder."""
    from mediassist.report.overlay import STRIP_PX

    found: ShownHeat = {}
    for heat in _heats(study_folder):
        rgb = _read_picture(study_folder / heat.picture, "RGB") if heat.picture else None
        if rgb is not None and rgb.shape[0] > STRIP_PX and heat.rows and heat.columns:
            made = HeatPicture(
                heat.sop_instance_uid, heat.frame, rgb[:-STRIP_PX], heat.columns, heat.rows
            )
            found[heat.bundle_id] = (*found.get(heat.bundle_id, ()), made)
    return found


@dataclass(frozen=True, slots=True)
class _Heat:
    """One heat map as findings.json names it: the n-th of its bundle, from 1."""

    bundle_id: str
    number: int
    sop_instance_uid: str
    frame: int
    picture: str
    columns: int
    rows: int


def _heats(study_folder: Path) -> Iterator[_Heat]:
    try:
        document = json.loads((study_folder / FINDINGS_FILE).read_text(encoding="utf-8"))
        yield from list(_heats_of(document))
    except (OSError, ValueError, KeyError, TypeError):
        return


def _heats_of(document: dict[str, Any]) -> Iterator[_Heat]:
    sizes = {
        image["sop_instance_uid"]: (image["columns"], image["rows"])
        for series in document["study"]["series"]
        for image in series["images"]
    }
    for entry in document["findings"]:
        heats = [region for region in entry["regions"] if region["type"] == RegionKind.HEAT_MAP]
        for number, region in enumerate(heats, start=1):
            uid = region["sop_instance_uid"]
            columns, rows = sizes.get(uid, (0, 0))
            # A name only: findings.json must not point out of its folder.
            picture = Path(region["file"] or "").name
            yield _Heat(entry["bundle"], number, uid, region["frame"], picture, columns, rows)


def _read_picture(path: Path, mode: str) -> NDArray[np.uint8] | None:
    """The pixels of a PNG; None where it is missing, or damaged (which the log tells)."""
    from PIL import Image

    try:
        with Image.open(path) as picture:
            return np.asarray(picture.convert(mode), dtype=np.uint8)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, Image.DecompressionBombError):
        _log.warning("%s cannot be read; no heat map is shown", path.name)
        return None


def evidence_file(bundle_id: str, number: int) -> str:
    return f"evidence-{bundle_id}-{number}.png"
