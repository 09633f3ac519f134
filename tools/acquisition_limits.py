"""Where limits on pictures come from.

    python -m tools.acquisition_limits --data ../shared/datasets

For each set of public pictures the percentiles of every picture measure of the acquisition check.
The rules whose source says "own limit" name the extremes printed here.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections import defaultdict
from pathlib import Path

import numpy as np
from PIL import Image

from mediassist.dicom.acquisition.measures import PICTURE_MEASURES
from mediassist.dicom.display import Frame
from mediassist.dicom.windows import Window

SETS = (
    "lung/cxr",
    "bone/upper_limb",
    "bone/fracture",
    "bone/knee_oa",
    "breast/us_lesion",
    "breast/mg_cancer",
    "eye/dr",
    "eye/glaucoma",
    "cardio/vessel_coronary",
)
PERCENTILES = (0, 1, 50, 99, 100)
# They need Hounsfield units or raw MR values, which these pictures are not.
_NOT_HERE = frozenset({"air_hu", "ghosting_percent"})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the picture sets")
    parser.add_argument("--pictures", type=int, default=120, help="drawn from each set")
    parser.add_argument("--set", action="append", choices=SETS, help="only this one; repeatable")
    arguments = parser.parse_args()
    heads = " ".join(f"{percentile:>8}%" for percentile in PERCENTILES)
    print(f"{'':<26}{heads}")
    for name in arguments.set or SETS:
        with (arguments.data / name / "manifest.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        chosen = random.Random(1).sample(rows, min(arguments.pictures, len(rows)))  # noqa: S311
        found: dict[str, list[float]] = defaultdict(list)
        for row in chosen:
            frame = frame_of(arguments.data / name / row["file"])
            for measure, function in PICTURE_MEASURES.items():
                value = None if measure in _NOT_HERE else function(frame)
                if value is not None:
                    found[measure].append(value)
        print(f"{name}, {len(chosen)} pictures")
        for measure, values in found.items():
            shown = " ".join(f"{value:>9.2f}" for value in np.percentile(values, PERCENTILES))
            print(f"  {measure:<24}{shown}", flush=True)


def frame_of(path: Path) -> Frame:
    """A picture as the check meets it, with the window of 8 bits."""
    with Image.open(path) as picture:
        values = np.asarray(picture)
    is_grey = values.ndim == 2 or bool((np.ptp(values, axis=-1) == 0).all())
    grey = values if values.ndim == 2 else values[..., 0]
    return Frame(
        path=path,
        index=0,
        frames=1,
        rows=values.shape[0],
        columns=values.shape[1],
        modality_values=grey.astype(np.float32) if is_grey else None,
        rgb=None if is_grey else values[..., :3],
        fallback=Window(127.5, 256.0),
    )


if __name__ == "__main__":
    main()
