"""The floor to leave behind: frozen ImageNet features and a logistic regression.

The same recipe as the table in the picture sets' README (mean and maximum of the last map of the
letterboxed picture; trained on train and calib), computed anew so that it can be compared with a
bundle picture by picture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mediassist.models.networks.mobilenet import MobileNetEncoder
from mediassist.models.preprocess import FitSquare, ThreeChannels
from mediassist.models.training.manifest import read_rgb
from mediassist.models.training.sample import Sample
from mediassist.statistics.roc import delong_test

PictureOf = Callable[[Sample], NDArray[np.float32]]

SIZE = 224
_STRENGTH = 0.01  # inverse regularisation; 2560 features against some hundreds of pictures


def whole_picture(sample: Sample) -> NDArray[np.float32]:
    """The sample's stored picture, (3, rows, columns) in 0..1."""
    return read_rgb(sample.row.path)


def baseline_features(
    samples: Sequence[Sample], encoder: MobileNetEncoder, picture: PictureOf = whole_picture
) -> NDArray[np.float32]:
    """(n, 2560) mean and maximum of the encoder's last map."""
    fit, repeat = FitSquare(SIZE), ThreeChannels()
    rows = []
    encoder.eval()
    with torch.inference_mode():
        for start in range(0, len(samples), 32):
            some = samples[start : start + 32]
            pictures = [repeat(fit(picture(sample))) for sample in some]
            deep = encoder(torch.from_numpy(np.stack(pictures)) * 2 - 1)[2]
            rows.append(torch.cat([deep.mean((2, 3)), deep.amax((2, 3))], 1).numpy())
    return np.concatenate(rows)


def baseline_scores(
    fitted_on: Sequence[Sample],
    scored: Sequence[Sample],
    answer: int,
    encoder: MobileNetEncoder,
    picture: PictureOf = whole_picture,
) -> NDArray[np.float64]:
    """Scores (n,) of a logistic regression on samples whose truth of `answer` is known."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    known = [sample for sample in fitted_on if sample.positive[answer] is not None]
    model = make_pipeline(StandardScaler(), LogisticRegression(C=_STRENGTH, max_iter=2000))
    features = baseline_features(known, encoder, picture)
    model.fit(features, [bool(sample.positive[answer]) for sample in known])
    scores = model.decision_function(baseline_features(scored, encoder, picture))
    return np.asarray(scores, np.float64)


def compare(
    positive: NDArray[np.bool_],
    baseline: NDArray[np.float64],
    ours: NDArray[np.float64],
    patients: NDArray[np.str_],
) -> dict[str, Any]:
    """Both AUCs on the same pictures, their difference and the paired DeLong p-value."""
    test = delong_test(positive, baseline, ours, patients=patients)
    return {
        "baseline": test.first,
        "here": test.second,
        "difference": asdict(test.difference),
        "p_value": test.p_value,
        "test": "paired DeLong, clustered by patient, two-sided",
    }
