"""Burned-in text that is found and blanked, and how much of clean pictures is blanked for nothing.

Writes names, numbers, dates and places, Latin and Chinese, into real pictures (../shared/datasets
and the decodable files of ../shared/dicom), cleans them as `mediassist deidentify` does, and counts
a line as found when at least 98 % of its ink is gone. Every picture is also cleaned as it is; what
is blanked there is counted as blanked for nothing (some of it is real text: markers, scales).

    python -m benchmarks.burned_in_text [--pictures 300] [--seed 1]
"""

from __future__ import annotations

import argparse
import random
import string
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from mediassist.core.errors import MediAssistError
from mediassist.dicom import display_uint8, load_frame
from mediassist.dicom.burned_in.masking import text_mask
from mediassist.statistics.intervals import clopper_pearson

SHARED = Path(__file__).resolve().parents[1].parent / "shared"
CHINESE_FONT = (
    Path(__file__).resolve().parents[1] / "mediassist/report/fonts/NotoSansSC-Regular.ttf"
)
FAMILIES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建文玉兰红"
FOUND_INK = 0.98
# How ultrasound and screenshots are cleaned, and how all other pictures are.
RULES = {"screens (all that looks like text)": False, "other pictures (what can be read)": True}
MIN_CONTRAST = 50
COLOURS = ((255, 255, 255), (210, 210, 210), (255, 255, 0), (0, 255, 0), (0, 0, 0), (150, 150, 150))


@dataclass(frozen=True)
class Line:
    """A line that was written, and the pixels that changed."""

    text: str
    script: str
    height: int
    ink: NDArray[np.bool_]


def a_text(chance: random.Random) -> tuple[str, str]:
    """Something that identifies a person, and its script."""
    day, month, year = (
        chance.randrange(1, 29),
        chance.randrange(1, 13),
        chance.randrange(1930, 2026),
    )
    if chance.random() < 0.5:
        name = chance.choice(FAMILIES) + "".join(chance.sample(GIVEN, chance.choice((1, 2))))
        texts = (
            name,
            f"姓名:{name}",
            f"病历号 {chance.randrange(10**7)}",
            f"{chance.choice('男女')} {chance.randrange(1, 99)}岁",
            f"{chance.choice(FAMILIES)}县第一人民医院",
            f"{year}年{month}月{day}日",
        )
        return chance.choice(texts), "Chinese"
    letters = string.ascii_uppercase
    family = "".join(chance.choice(letters) for _ in range(chance.randrange(3, 10)))
    given = "".join(chance.choice(letters) for _ in range(chance.randrange(2, 8))).title()
    texts = (
        f"{family}^{given}",
        f"{family.title()}, {given}",
        family,
        f"ID {chance.randrange(10**8)}",
        f"DOB {day:02d}/{month:02d}/{year}",
        f"{family.title()} Hospital",
        f"{year}-{month:02d}-{day:02d} {chance.randrange(24):02d}:{chance.randrange(60):02d}",
        f"ACC{chance.randrange(10**7)}",
    )
    return chance.choice(texts), "Latin"


def a_font(script: str, size: int, chance: random.Random) -> ImageFont.FreeTypeFont:
    """A font of the script: that of the reports, or Pillow's own for Latin."""
    if script == "Chinese" or chance.random() < 0.4:
        return ImageFont.truetype(CHINESE_FONT, size)
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font


def written(picture: Image.Image, chance: random.Random) -> tuple[Image.Image, list[Line]]:
    """The picture with up to four lines of text, three of four at the border as devices do."""
    lines: list[Line] = []
    for _ in range(4):
        text, script = a_text(chance)
        smallest = 12 if script == "Chinese" else 10
        size = max(smallest, round(chance.uniform(0.018, 0.05) * min(picture.size)))
        font = a_font(script, size, chance)
        left, top, right, bottom = (int(edge) for edge in font.getbbox(text))
        width, height = right - left, bottom - top
        if width >= picture.width - 8 or height >= picture.height - 8:
            continue
        x = chance.randrange(3, picture.width - width - 3)
        y = chance.randrange(3, picture.height - height - 3)
        if chance.random() < 0.75:
            y = chance.choice((3, picture.height - height - 4))
        near = (slice(max(0, y - 4), y + height + 4), slice(max(0, x - 8), x + width + 8))
        if any(line.ink[near].any() for line in lines):
            continue
        picture, ink = legibly(picture, (x - left, y - top), text, font, chance)
        lines.append(Line(text, script, height, ink))
    return picture, lines


def legibly(
    picture: Image.Image,
    place: tuple[int, int],
    text: str,
    font: ImageFont.FreeTypeFont,
    chance: random.Random,
) -> tuple[Image.Image, NDArray[np.bool_]]:
    """Write a line so that a person can read all of it, and give the pixels of its ink.

    A colour is taken that differs by at least 50 grey levels from what lies under 95 % of the ink;
    where the picture has none such, the line gets an opaque box, as devices do.
    """
    mask = Image.new("L", picture.size)
    ImageDraw.Draw(mask).text(place, text, 255, font)
    ink = np.asarray(mask) > 100
    below = np.asarray(picture.convert("L"), dtype=np.int16)[ink]
    colours = [
        colour
        for colour in COLOURS
        if np.mean(np.abs(below - np.dot(colour, (0.299, 0.587, 0.114))) > MIN_CONTRAST) > 0.95
    ]
    after = picture.copy()
    pen = ImageDraw.Draw(after)
    colour = chance.choice(colours or COLOURS)
    if not colours:
        dark = np.dot(colour, (0.299, 0.587, 0.114)) > 100
        left, top, right, bottom = pen.textbbox(place, text, font)
        pen.rectangle((left - 2, top - 2, right + 2, bottom + 2), (0, 0, 0) if dark else (255,) * 3)
    pen.text(place, text, colour, font)
    return after, ink


def pictures(count: int, chance: random.Random) -> Iterator[tuple[str, Image.Image]]:
    """Real pictures of every set, evenly, as (set, RGB picture)."""
    sets: dict[str, list[Path]] = defaultdict(list)
    for path in sorted((SHARED / "datasets").glob("*/*/images/*.webp")):
        sets["/".join(path.parts[-4:-2])].append(path)
    for path in sorted((SHARED / "dicom").rglob("*.dcm")):
        sets["dicom"].append(path)
    for paths in sets.values():
        chance.shuffle(paths)
    # DICOM files are many kinds: they get the share of three sets.
    names = [*sets, "dicom", "dicom"] if "dicom" in sets else [*sets]
    given = 0
    while given < count and any(sets.values()):
        for name in names:
            while sets[name] and given < count:
                picture = _opened(sets[name].pop())
                if picture is not None:
                    given += 1
                    yield name, picture
                    break


def _opened(path: Path) -> Image.Image | None:
    """RGB; None for what is no picture, too small for a line of text, or of no content."""
    try:
        if path.suffix == ".webp":
            picture = Image.open(path).convert("RGB")
        else:
            picture = Image.fromarray(display_uint8(load_frame(path))).convert("RGB")
    except MediAssistError:
        return None
    content = np.asarray(picture).std() > 5
    return picture if min(picture.size) >= 128 and content else None


def blanked(picture: Image.Image, spare: bool) -> NDArray[np.bool_]:
    """Pixels that would be blanked: on a screen, or (`spare`) on any other picture."""
    return text_mask(np.asarray(picture), spare=spare).mask


def main() -> None:
    """Print recall with counts and intervals, and the share blanked for nothing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--missed", action="store_true", help="list what was not found")
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)  # noqa: S311  (a fixed sequence is wanted)
    hits: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for_nothing: dict[tuple[str, str], list[float]] = defaultdict(list)
    seconds = []
    for name, picture in pictures(arguments.pictures, chance):
        marked, lines = written(picture, chance)
        for rule, spare in RULES.items():
            start = time.perf_counter()
            mask = blanked(marked, spare)
            seconds.append(time.perf_counter() - start)
            for_nothing[rule, name].append(float(blanked(picture, spare).mean()))
            for line in lines:
                gone = float(mask[line.ink].mean())
                hits[rule, line.script].append(gone >= FOUND_INK)
                if gone < FOUND_INK and arguments.missed:
                    size = f"{picture.width} x {picture.height}"
                    print(f"missed ({rule}): {line.text!r}, {line.height} px, {gone:.0%} gone, "
                          f"{name}, {size}")  # fmt: skip
    for rule in RULES:
        print(f"As {rule}:")
        scripts = {script: hits[rule, script] for script in ("Chinese", "Latin")}
        for script, found in (*scripts.items(), ("both", sum(scripts.values(), []))):
            low, high = clopper_pearson(sum(found), len(found))
            print(
                f"  {script:8} found {sum(found)} of {len(found)} lines = "
                f"{100 * sum(found) / len(found):.2f} % (95 %: {100 * low:.2f}-{100 * high:.2f} %)"
            )
        clean = {name: shares for (of, name), shares in for_nothing.items() if of == rule}
        everything = [share for shares in clean.values() for share in shares]
        print(f"  {100 * np.mean(everything):.2f} % of {len(everything)} clean pictures blanked")
        for name, shares in sorted(clean.items()):
            if np.mean(shares) > 0:
                print(f"    {name:26} {100 * np.mean(shares):5.2f} % of {len(shares)}")
    print(f"median time a picture: {1000 * float(np.median(seconds)):.0f} ms")


if __name__ == "__main__":
    main()
