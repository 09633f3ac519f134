"""Key images with their outlines, the heat map beside them, and what is marked where."""

from __future__ import annotations

from PIL import Image as PillowImage
from reportlab.lib.utils import ImageReader
from reportlab.platypus import Flowable, KeepTogether, Spacer, Table

from mediassist.analysis.result import StudyResult
from mediassist.core.finding import BundleResult
from mediassist.core.study import SpacingSource
from mediassist.report.blocks import heading_line, table_style
from mediassist.report.draft import measurement_words
from mediassist.report.page import CONTENT_WIDTH
from mediassist.report.pictures import Picture, PictureSet, usable_spacing
from mediassist.report.plain_words import decimals, verdict_words
from mediassist.report.structures import label_moment, label_words, structure_name
from mediassist.report.study_words import finding_title, place_words, size_words
from mediassist.report.typeface import shortened
from mediassist.report.typesetting import BODY, SMALL, Style, TextBlock
from mediassist.report.verdict_marks import VerdictWord
from mediassist.text import Words

_GAP = 11.0
_HALF = (CONTENT_WIDTH - _GAP) / 2
_TALLEST = 300.0
_OVERVIEW_TALLEST = 190.0
_PLACES = 12
_CAPTION = Style(size=8.5, leading=12.0, strong=True)


class PlacedPicture(Flowable):
    """A picture scaled into a box, embedded without loss."""

    def __init__(self, picture: PillowImage.Image, width: float, height: float) -> None:
        super().__init__()
        factor = min(width / picture.width, height / picture.height)
        self.width = picture.width * factor
        self.height = picture.height * factor
        self._reader = ImageReader(picture)

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        return self.width, self.height

    def draw(self) -> None:
        self.canv.drawImage(self._reader, 0, 0, self.width, self.height)


def pictures_section(result: StudyResult, pictures: PictureSet, words: Words) -> list[Flowable]:
    """All pictures, two beside each other where there is a heat map."""
    if not pictures.pictures:
        return []
    blocks: list[Flowable] = []
    above = heading_line(words.sentence("Key images"))
    measured: set[str] = set()
    for picture in pictures.pictures:
        # Numbers belong to the finding, not to a picture: they stand beside its first.
        first = picture.bundle_id not in measured
        measured.add(picture.bundle_id)
        content = _picture(result, picture, words, measures=first)
        blocks += [KeepTogether([*above, *content]), Spacer(0, 8)]
        above = []
    titles = {
        entry.bundle.bundle_id: finding_title(entry.bundle, words) for entry in result.results
    }
    for bundle_id, count in pictures.left_out:
        blocks.append(
            TextBlock(
                words.sentence(
                    "{finding}: {count} more marked images are not printed here.",
                    finding=titles.get(bundle_id, bundle_id),
                    count=count,
                ),
                SMALL,
            )
        )
    return blocks


def _picture(
    result: StudyResult, picture: Picture, words: Words, *, measures: bool
) -> list[Flowable]:
    place = place_words(picture.series, picture.instance, picture.frame, words)
    entry = next(
        (entry for entry in result.results if entry.bundle.bundle_id == picture.bundle_id), None
    )
    beside = _notes(picture, entry, words, measures=measures)
    if entry is not None:
        verdict: list[Flowable] = [
            VerdictWord(
                picture.verdict,
                words.sentence(
                    "{finding}: {verdict}",
                    finding=finding_title(entry.bundle, words),
                    verdict=verdict_words(entry, words),
                ),
            )
        ]
    else:
        verdict = [TextBlock(words.sentence("The study (nothing marked)"), _CAPTION)]
    caption: list[Flowable] = [*verdict, TextBlock(place, SMALL)]
    if picture.key_image is None:
        reason = words.message(picture.failure) if picture.failure else ""
        said = words.sentence("The picture cannot be shown: {reason}", reason=reason)
        return [*caption, TextBlock(shortened(said, 400), BODY)]
    tallest = _TALLEST if picture.bundle_id else _OVERVIEW_TALLEST
    left: Flowable = PlacedPicture(picture.key_image, _HALF, tallest)
    if picture.heat_map is not None:
        right: list[Flowable] = [PlacedPicture(picture.heat_map, _HALF, _TALLEST)]
        below = beside
    else:
        right, below = beside, []
    pair = Table(
        [[left, "", right]],
        colWidths=[_HALF, _GAP, _HALF],
        style=table_style(
            [
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("LEFTPADDING", (0, 0), (-1, -1), 0),
                ("RIGHTPADDING", (0, 0), (-1, -1), 0),
                ("TOPPADDING", (0, 0), (-1, -1), 3),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
            ]
        ),
    )
    return [*caption, pair, *below]


def _outlined_words(picture: Picture, words: Words) -> str:
    """Which structures are outlined; of a beating heart, at which moment."""
    labels = [region.label for region in picture.structures]
    names = dict.fromkeys(label_words(structure_name(label), words) for label in labels)
    structures = ("、" if words.lang == "zh_CN" else ", ").join(names)
    moments = dict.fromkeys(label_moment(label) for label in labels)
    if len(moments) == 1 and (moment := next(iter(moments))):
        return words.sentence(
            "Outlined by the model at {moment}: {structures}",
            moment=words.term(moment),
            structures=structures,
        )
    return words.sentence("Outlined by the model: {structures}", structures=structures)


def _notes(
    picture: Picture, entry: BundleResult | None, words: Words, *, measures: bool
) -> list[Flowable]:
    """One line a region, what was measured on structures, and what millimetres are worth."""
    lines: list[str] = []
    outlined = [region for region in picture.regions if len(region.points_px) >= 2]
    for number, region in enumerate(outlined[:_PLACES], start=1):
        parts = [words.sentence("Place {number}", number=number)]
        if size := size_words(region, words):
            parts.append(size)
        if region.score is not None:
            parts.append(words.sentence("score {score}", score=decimals(region.score)))
        lines.append(("，" if words.lang == "zh_CN" else ", ").join(parts))
    if len(outlined) > _PLACES:
        lines.append(words.sentence("and {count} more", count=len(outlined) - _PLACES))
    if picture.legend:
        lines.append(_outlined_words(picture, words))
        if measures and entry is not None:
            lines += [measurement_words([measured], words) for measured in entry.measurements]
    if picture.bundle_id and not outlined and not picture.legend:
        lines.append(words.sentence("No outline on this image."))
    spacing = usable_spacing(picture.instance.spacing) if picture.instance else None
    if spacing is None:
        lines.append(words.sentence("No scale bar: the file does not say how large a pixel is."))
    elif spacing.source is SpacingSource.DETECTOR:
        lines.append(
            words.sentence(
                "Lengths are at the detector: the patient's anatomy is smaller, by an unknown"
                " factor."
            )
        )
    return [TextBlock(line, SMALL) for line in lines]
