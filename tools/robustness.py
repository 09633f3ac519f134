"""How much a bundle's answers change with the picture: `python -m tools.robustness`.

Test pictures are changed as hospitals change them (turned, mirrored, written on, compressed,
resized, inverted, noisy, in 12 bits), wrapped as DICOM and analysed by the product's own path.
For each change the table gives the AUC on the pictures that stay applicable, its difference to
the AUC of the same pictures unchanged, and the share that stays applicable beside that of the
unchanged ones. A refusal is a right answer to a turned or inverted film, and none to noise.
"""

from __future__ import annotations

import argparse
import io
import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mediassist.analysis import Analyzer
from mediassist.core.finding import BundleResult
from mediassist.core.study import Rejected
from mediassist.core.vocabulary import Verdict
from mediassist.dicom.pictures import PictureFacts, find_pictures_and_studies
from mediassist.models.registry import find_bundle
from mediassist.models.training.domains import MODULES, training_of
from mediassist.models.training.sample import Sample
from mediassist.models.training.scoring import known
from mediassist.settings import Settings
from mediassist.statistics.roc import auc

Picture = NDArray[np.uint8]
LARGEST_LOSS = 0.03
# Volumes and cine are no single pictures: what these changes do to a slice says little of them.
TASKS = ("classify2d", "measure2d", "classify_slices")


def _same(picture: Picture) -> Picture:
    return picture


def _resized(share: float) -> Callable[[Picture], Picture]:
    def change(picture: Picture) -> Picture:
        image = Image.fromarray(picture)
        size = (max(1, round(image.width * share)), max(1, round(image.height * share)))
        return np.asarray(image.resize(size, Image.Resampling.BICUBIC))

    return change


def _jpeg(picture: Picture) -> Picture:
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", quality=50)
    return np.asarray(Image.open(stream))


def _noisy(picture: Picture) -> Picture:
    noise = np.random.default_rng(7).normal(0, 0.03 * 255, picture.shape)
    return np.clip(np.rint(picture + noise), 0, 255).astype(np.uint8)


def _written(words: str, corner: tuple[float, float], size: float) -> Callable[[Picture], Picture]:
    def change(picture: Picture) -> Picture:
        image = Image.fromarray(picture)
        place = (corner[0] * image.width, corner[1] * image.height)
        white = 255 if picture.ndim == 2 else (255, 255, 255)
        ImageDraw.Draw(image).text(place, words, fill=white, font_size=size * image.height)
        return np.asarray(image)

    return change


CHANGES: Mapping[str, Callable[[Picture], Picture]] = {
    "unchanged": _same,
    "MONOCHROME1": _same,  # the DICOM file is inverted, not the picture
    "12 bits": _same,  # the DICOM file has sixteen times the values
    "turned by 90 degrees": lambda picture: np.ascontiguousarray(np.rot90(picture)),
    "mirrored": lambda picture: np.ascontiguousarray(picture[:, ::-1]),
    "laterality mark": _written("R", (0.06, 0.08), 0.09),
    "burned-in text": _written("PORTABLE ERECT 12:45", (0.55, 0.93), 0.05),
    "half resolution": _resized(0.5),
    "double resolution": _resized(2.0),
    "JPEG, quality 50": _jpeg,
    "noise of 3 %": _noisy,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One change of one bundle's test pictures."""

    change: str
    auc: float | None  # None where nothing applies, or pictures of one class alone
    auc_unchanged: float | None
    applicable: int
    applicable_unchanged: int
    pictures: int


def chosen(samples: Sequence[Sample], answer: int, most: int) -> list[Sample]:
    """At most `most` pictures of each class, spread over the manifest, one a patient."""
    found: list[Sample] = []
    for positive in (True, False):
        first = {s.row.patient: s for s in reversed(samples) if s.positive[answer] is positive}
        members = [s for s in samples if first.get(s.row.patient) is s]
        step = max(1.0, len(members) / most)
        found += [members[int(place * step)] for place in range(min(most, len(members)))]
    return found


def stored(path: Path, colour: bool) -> Picture:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB" if colour else "L"))


def scores(
    analyzer: Analyzer, pictures: Sequence[Picture], change: str, facts: PictureFacts, work: Path
) -> Iterator[float | None]:
    """The bundle's score of each picture; None where it does not apply."""
    for number, picture in enumerate(pictures):
        source = work / f"{number:05d}.png"
        Image.fromarray(CHANGES[change](picture)).save(source)
        folder = work / "dicom"
        folder.mkdir(exist_ok=True)
        (study,) = find_pictures_and_studies([source], facts, folder)
        if isinstance(study, Rejected):
            raise study.error
        rewrite(study.series[0].instances[0].path, change)
        (result,) = analyzer.analyze_study(study).results
        yield _score(result)
        source.unlink()


def _score(result: BundleResult) -> float | None:
    """Not the probability: steps of a probability map would hide changes of the order."""
    if result.verdict in (Verdict.NOT_APPLICABLE, Verdict.FAILED) or not result.image_scores:
        return None
    return max(score.score for score in result.image_scores)


def rewrite(path: Path, change: str) -> None:
    """Changes of the file and not of the picture; colour photographs have neither."""
    if change not in ("MONOCHROME1", "12 bits"):
        return
    ds = pydicom.dcmread(path)
    if ds.SamplesPerPixel != 1:
        return
    values = ds.pixel_array
    if change == "MONOCHROME1":
        top = 2**ds.BitsStored - 1
        ds.PhotometricInterpretation = "MONOCHROME1"
        ds.PixelData = (top - values).astype(values.dtype).tobytes()
    else:
        ds.BitsAllocated, ds.BitsStored, ds.HighBit = 16, 12, 11
        ds.PixelData = (values.astype(np.uint16) * 16).tobytes()
        ds["PixelData"].VR = "OW"
        for name, factor in (("WindowCenter", 16), ("WindowWidth", 16)):
            if name in ds:
                setattr(ds, name, float(ds[name].value) * factor)
    ds.save_as(path)


def measure(bundle_id: str, data: Path, most: int, tell: Callable[[str], None]) -> list[Row]:
    """Every change on up to `most` test pictures of each class."""
    training = training_of(bundle_id)
    spec = training.spec(bundle_id)
    info = find_bundle(bundle_id, Settings().bundles_dir)
    samples = (spec.load or training.load)(data, ("test",))
    usable = [s for s, counts in zip(samples, known(spec, samples), strict=True) if counts]
    used = chosen(usable, spec.answer, most)
    truth = np.array([bool(s.positive[spec.answer]) for s in used])
    contract = info.block.input
    colour = len(used[0].picture) == 3
    facts = PictureFacts(
        contract.modalities[-1],
        *(part[0] if part else "" for part in (contract.body_parts, contract.views)),
    )
    analyzer = Analyzer([bundle_id])
    pictures = [stored(s.row.path, colour) for s in used]
    found: dict[str, list[float | None]] = {}
    rows = []
    with tempfile.TemporaryDirectory(prefix="mediassist-") as folder:
        for change in CHANGES:
            tell(f"{bundle_id}: {change}")
            found[change] = list(scores(analyzer, pictures, change, facts, Path(folder)))
            both = np.array(
                [
                    a is not None and b is not None
                    for a, b in zip(found[change], found["unchanged"], strict=True)
                ]
            )
            rows.append(
                Row(
                    change,
                    _auc(truth, found[change], both),
                    _auc(truth, found["unchanged"], both),
                    sum(score is not None for score in found[change]),
                    sum(score is not None for score in found["unchanged"]),
                    len(used),
                )
            )
    return rows


def _auc(
    truth: NDArray[np.bool_], found: Sequence[float | None], use: NDArray[np.bool_]
) -> float | None:
    kept = [
        float(score)
        for score, counts in zip(found, use, strict=True)
        if counts and score is not None
    ]
    return auc(truth[use], kept) if 0 < truth[use].sum() < use.sum() else None


def page(tables: Mapping[str, Sequence[Row]], most: int) -> str:
    """docs/robustness.md."""
    lines = [
        "# What changed pictures do to the bundles",
        "",
        "Made by `python -m tools.robustness --data DIR`; not written by hand. Up to "
        f"{most} test pictures of each class, one a patient, through the whole path (file, gate, "
        "model). AUC on the pictures that apply with and without the change; beside it how many "
        "apply. Turned and inverted films are to be refused, not judged.",
    ]
    for bundle_id, rows in tables.items():
        lines += ["", f"## {bundle_id}", "", "| change | AUC | against unchanged | applicable |"]
        lines.append("|---|---|---|---|")
        for row in rows:
            lines.append(
                f"| {row.change} | {_difference(row)} | "
                f"{row.applicable}/{row.pictures} ({row.applicable_unchanged} unchanged) |"
            )
    return "\n".join(lines) + "\n"


def _difference(row: Row) -> str:
    """AUC and its difference to the unchanged pictures; dashes where nothing applies."""
    if row.auc is None or row.auc_unchanged is None:
        return "- | -"
    difference = row.auc - row.auc_unchanged
    mark = " **(more than 0.03)**" if difference < -LARGEST_LOSS else ""
    return f"{row.auc:.3f} | {difference:+.3f}{mark}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the picture sets")
    parser.add_argument("--bundle", action="append", help="only these bundles")
    parser.add_argument("--most", type=int, default=60, help="pictures of each class")
    parser.add_argument("--out", type=Path, default=Path("docs/robustness.md"))
    chosen_options = parser.parse_args()
    kept = chosen_options.out.with_suffix(".json")
    tables: dict[str, list[Row]] = {}
    if kept.is_file():
        stored_rows = json.loads(kept.read_text(encoding="utf-8"))
        tables = {name: [Row(**row) for row in rows] for name, rows in stored_rows.items()}
    for bundle_id in chosen_options.bundle or MODULES:
        folder = Settings().bundles_dir
        if (
            not (folder / bundle_id).is_dir()
            or find_bundle(bundle_id, folder).block.task not in TASKS
        ):
            continue
        tables[bundle_id] = measure(
            bundle_id,
            chosen_options.data,
            chosen_options.most,
            lambda line: print(line, flush=True),
        )
        plain = {
            n: [{f: getattr(r, f) for f in Row.__slots__} for r in rows]
            for n, rows in tables.items()
        }
        kept.write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8", newline="\n")
        chosen_options.out.write_text(
            page(tables, chosen_options.most), encoding="utf-8", newline="\n"
        )


if __name__ == "__main__":
    main()
