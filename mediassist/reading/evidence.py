"""Heat maps, kept as plain 8-bit evidence beside the findings and read back when they are shown.

A heat map has the size of its picture: a few hundred studies of a sitting would fill the memory
with them. So the session holds results without heat maps, and the window reads those of the study
it shows. The heat-map pictures of the output folder already contain the anatomy; they cannot be
laid over the picture again, `evidence-<bundle>-<n>.png` can.
"""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path

import numpy as np

from mediassist.analysis.result import StudyResult
from mediassist.core.errors import OutputNotWritable
from mediassist.core.finding import HeatMap, RegionKind
from mediassist.core.messages import say
from mediassist.reading.stored_results import FINDINGS_FILE

HeatMaps = dict[str, tuple[HeatMap, ...]]
"""Heat maps by bundle id."""

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
    from PIL import Image

    try:
        document = json.loads((study_folder / FINDINGS_FILE).read_text(encoding="utf-8"))
        places = {
            entry["bundle"]: [
                (region["sop_instance_uid"], region["frame"])
                for region in entry["regions"]
                if region["type"] == RegionKind.HEAT_MAP
            ]
            for entry in document["findings"]
        }
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    found: HeatMaps = {}
    for bundle_id, heats in places.items():
        maps = []
        for number, (uid, frame) in enumerate(heats, start=1):
            file = study_folder / evidence_file(bundle_id, number)
            try:
                with Image.open(file) as picture:
                    levels = np.asarray(picture.convert("L"), dtype=np.float32)
            except FileNotFoundError:
                continue
            except OSError:
                _log.warning("evidence of %s cannot be read; no heat map is shown", bundle_id)
                continue
            maps.append(HeatMap(uid, frame, levels / np.float32(255)))
        if maps:
            found[bundle_id] = tuple(maps)
    return found


def evidence_file(bundle_id: str, number: int) -> str:
    return f"evidence-{bundle_id}-{number}.png"
