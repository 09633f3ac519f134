"""Which pictures the gate would let into a bundle, and the rule that goes into its metadata."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mediassist.core.errors import WrongUsage
from mediassist.core.messages import say
from mediassist.models.bundle import METADATA
from mediassist.models.preprocess import SquashSquare, StretchGrey, ThreeChannels
from mediassist.models.training.gate_figures import Answers
from mediassist.models.training.gate_recipe import SIZE
from mediassist.models.training.manifest import read_grey, read_rgb
from mediassist.settings import Settings

GATE = "gate"


def bundles_with_gate(out: Path) -> Path:
    """The folder whose gate a new bundle is measured with: `out`, else the installed bundles.

    Raises
    ------
    WrongUsage
        If neither holds a gate. Asked before a training starts, not after it.
    """
    for bundles in (out, Settings().bundles_dir):
        if (bundles / GATE / METADATA).is_file():
            return bundles
    raise WrongUsage(
        say(
            "train_no_gate",
            "There is no picture gate in {folder}; run 'mediassist train gate' first.",
            folder=str(out),
        )
    )


def gate_rule(bundles: Path, kind: str) -> dict[str, Any]:
    """The gate block of a bundle that sees one kind of picture."""
    path = bundles / GATE / METADATA
    figures = json.loads(path.read_text(encoding="utf-8"))["mediassist"]["figures"]
    return {
        "picture_kinds": [kind],
        "min_probability": figures["min_probability"],
        "max_ood": figures["max_ood"][kind],
    }


def admitted(
    bundles: Path, films: Sequence[Path], rule: Mapping[str, Any], colour: bool = False
) -> NDArray[np.bool_]:
    """Whether each picture, grey or in `colour`, would pass the gate's picture checks."""
    read = read_rgb if colour else read_grey
    return admitted_pictures(bundles, (read(film) for film in films), rule)


def admitted_pictures(
    bundles: Path, pictures: Iterable[NDArray[np.float32]], rule: Mapping[str, Any]
) -> NDArray[np.bool_]:
    """As `admitted`, for pictures (1 or 3, rows, columns) in 0..1 that are no files."""
    from mediassist.models.runtime import load_network

    network = load_network(bundles / GATE)
    squash, stretch, repeat = SquashSquare(SIZE), StretchGrey(0.5, 99.5, 1.0), ThreeChannels()
    prepared = np.stack([repeat(stretch(squash(picture))) for picture in pictures])
    answers = Answers(network, torch.from_numpy(prepared))
    return answers.accepted(rule["picture_kinds"][0], rule["max_ood"], rule["min_probability"])
