"""What harmless changes do to a bundle: `python -m benchmarks.robustness ID --data DIR`.

Every picture of the test split goes through the product's own gate, preprocessing and runtime, as
it is and changed as other machines, archives and people change pictures. Printed: the AUC on
pictures let in, its change, how many negatives are flagged and positives cleared, and the share
let in.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Change = Callable[[Image.Image, np.random.Generator], Image.Image]


def _scaled(image: Image.Image, factor: float) -> Image.Image:
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    return image.resize(size, Image.Resampling.BICUBIC)


def _jpeg(image: Image.Image, quality: int) -> Image.Image:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    return Image.open(stream).convert(image.mode)


def _words(image: Image.Image, text: str, share: float = 0.05) -> Image.Image:
    written = image.copy()
    pen = ImageDraw.Draw(written)
    white: Any = 255 if image.mode == "L" else (255, 255, 255)
    pen.text((0.02 * image.width, 0.02 * image.height), text, white, font_size=share * image.height)
    return written


def _noise(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    values = np.asarray(image, np.float32)
    noisy = values + rng.normal(0, 0.02 * 255, values.shape)
    return Image.fromarray(np.clip(np.round(noisy), 0, 255).astype(np.uint8), image.mode)


def _framed(image: Image.Image) -> Image.Image:
    """On the black 4:3 frame of a camera."""
    wide = Image.new(image.mode, (round(image.height * 4 / 3), image.height))
    wide.paste(image, ((wide.width - image.width) // 2, 0))
    return wide


def _hurried(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Out of focus by two 224ths of the picture and dark to one side."""
    blurred = image.filter(ImageFilter.GaussianBlur(2 * max(image.size) / 224))
    rows, columns = np.mgrid[-1 : 1 : image.height * 1j, -1 : 1 : image.width * 1j]
    angle = rng.uniform(0, 2 * np.pi)
    light = 1 - 0.6 * np.clip(0.5 + np.cos(angle) * columns + np.sin(angle) * rows, 0, 1)
    values = np.asarray(blurred, np.float32) * (light if image.mode == "L" else light[..., None])
    return Image.fromarray(values.astype(np.uint8), image.mode)


CHANGES: dict[str, Change] = {
    "as it is": lambda image, rng: image,
    "turned by 90 degrees": lambda image, rng: image.transpose(Image.Transpose.ROTATE_90),
    "mirrored": lambda image, rng: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "side marker": lambda image, rng: _words(image, "R", 0.09),
    "burned-in text": lambda image, rng: _words(image, "MUSTER 12-03-1960 F", 0.04),
    "half resolution": lambda image, rng: _scaled(image, 0.5),
    "double resolution": lambda image, rng: _scaled(image, 2.0),
    "JPEG quality 50": lambda image, rng: _jpeg(image, 50),
    "noise, 2 % of the range": _noise,
    "out of focus": lambda image, rng: image.filter(
        ImageFilter.GaussianBlur(max(image.size) / 256)
    ),
    "hurried photograph": _hurried,
    "4:3 frame": lambda image, rng: _framed(image),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One change: AUC, (negatives flagged, negatives), (positives cleared, positives), (let in,
    pictures)."""

    name: str
    auc: float
    flagged: tuple[int, int]
    cleared: tuple[int, int]
    let_in: tuple[int, int]


def measure(bundle_id: str, data: Path, names: Sequence[str], most: int) -> list[Row]:
    """One row a change; at most `most` pictures of the test split are used."""
    from mediassist.core.vocabulary import Verdict
    from mediassist.models.applicability import picture_refusal
    from mediassist.models.gate import PictureGate
    from mediassist.models.loaded import LoadedBundle
    from mediassist.models.registry import find_bundle, gate_folder
    from mediassist.models.training.domains import training_of
    from mediassist.models.training.scoring import known
    from mediassist.settings import Settings
    from mediassist.statistics.probability import ProbabilityMap
    from mediassist.statistics.roc import auc

    settings = Settings()
    graphs = settings.data_dir / "graphs"
    info = find_bundle(bundle_id, settings.bundles_dir)
    bundle = LoadedBundle.load(info, graphs)
    gate = PictureGate.load(gate_folder(settings.bundles_dir), graphs)
    training = training_of(bundle_id)
    spec = training.spec(bundle_id)
    samples = training.load(data, ("test",))
    counted = [s for s, counts in zip(samples, known(spec, samples), strict=True) if counts]
    chosen = np.random.default_rng(7).permutation(len(counted))[:most]
    colour = len(counted[0].picture) == 3
    point = info.block.operating_point.to_core()
    probability_map = ProbabilityMap.from_dict(info.block.probability_map.model_dump())
    rows = []
    for name in names:
        truths: list[bool] = []
        scores: list[float] = []
        for position in chosen:
            sample = counted[position]
            with Image.open(sample.row.path) as image:
                stored = image.convert("RGB" if colour else "L")
            picture = _display(CHANGES[name](stored, np.random.default_rng(position)))
            rule = info.block.gate
            if rule is not None and picture_refusal(rule, gate.look(picture)) is not None:
                continue
            truths.append(bool(sample.positive[spec.answer]))
            scores.append(float(bundle.runtime.predict(bundle.prepare(picture))[0][0, 0]))
        value = auc(truths, scores) if 0 < sum(truths) < len(truths) else float("nan")
        verdicts = [point.verdict(float(p)) for p in probability_map.apply(scores)]
        flagged = sum(v is Verdict.FLAGGED for t, v in zip(truths, verdicts, strict=True) if not t)
        cleared = sum(v is Verdict.CLEARED for t, v in zip(truths, verdicts, strict=True) if t)
        rows.append(
            Row(
                name,
                value,
                (flagged, len(truths) - sum(truths)),
                (cleared, sum(truths)),
                (len(truths), len(chosen)),
            )
        )
    return rows


def _display(image: Image.Image) -> NDArray[Any]:
    """As `dicom.display` gives it: RGB bytes, or grey in 0..1."""
    values = np.asarray(image)
    return values if values.ndim == 3 else values.astype(np.float32) / np.float32(255)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle", metavar="ID")
    parser.add_argument("--data", type=Path, required=True, help="folder of the picture sets")
    parser.add_argument("--most", type=int, default=10_000, help="test pictures at most")
    parser.add_argument("--only", nargs="*", choices=list(CHANGES), help="some of the changes")
    arguments = parser.parse_args()
    names = ["as it is", *(n for n in arguments.only or CHANGES if n != "as it is")]
    rows = measure(arguments.bundle, arguments.data, names, arguments.most)
    print(f"| {arguments.bundle} | AUC | change | negatives flagged | positives cleared | let in |")
    print("|---|---|---|---|---|---|")
    for row in rows:
        shares = " | ".join(f"{a}/{b}" for a, b in (row.flagged, row.cleared, row.let_in))
        print(f"| {row.name} | {row.auc:.3f} | {row.auc - rows[0].auc:+.3f} | {shares} |")


if __name__ == "__main__":
    main()
