"""Small fitted models (averages and a few modes); README.md says how they were made."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files

import numpy as np
from numpy.typing import NDArray


@cache
def load(name: str) -> dict[str, NDArray[np.generic]]:
    """The arrays of models/`name`.npz; never unpickles."""
    with (
        as_file(files(__name__) / f"{name}.npz") as path,
        np.load(path, allow_pickle=False) as arrays,
    ):
        return {key: arrays[key] for key in arrays.files}
