"""Tell volumes of one place apart: time points, echoes, diffusion weights, heart phases."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import groupby

from pydicom.dataset import Dataset

from mediassist.core.errors import IncompleteSeries
from mediassist.core.messages import say
from mediassist.dicom import values
from mediassist.dicom.duplicates import same_pictures
from mediassist.dicom.functional_groups import functional_group
from mediassist.dicom.header import read_header
from mediassist.dicom.slices import Slice

_SAME_PLACE_MM = 1e-2

# What tells volumes apart, most telling first: element of a classic header, and the functional
# group and element that say the same of a frame of an enhanced object.
_FACTS = (
    ("ImageType", "MRImageFrameTypeSequence", "FrameType"),
    ("TemporalPositionIdentifier", "FrameContentSequence", "TemporalPositionIndex"),
    ("EchoTime", "MREchoSequence", "EffectiveEchoTime"),
    ("DiffusionBValue", "MRDiffusionSequence", "DiffusionBValue"),
    ("TriggerTime", "CardiacSynchronizationSequence", "NominalCardiacTriggerDelayTime"),
    ("AcquisitionNumber", "FrameContentSequence", "FrameAcquisitionNumber"),
    ("AcquisitionTime", "FrameContentSequence", "FrameAcquisitionDateTime"),
)

Place = tuple[int, ...]


def one_per_place(placed: Sequence[Slice]) -> list[list[Slice]]:
    """Split slices that share places so that each group has every place once.

    Slices of mixed planes are left together: `fit_stack` refuses them with a reason. Where no
    header element tells the volumes apart, the order of acquisition does.

    Raises
    ------
    IncompleteSeries
        Some places have more images than others.
    """
    places = _places(placed)
    counts = Counter(len(group) for group in places.values())
    if set(counts) == {1}:
        return [list(placed)]
    if len(counts) > 1:
        usual = max(counts, key=lambda count: counts[count])
        odd = next(group for group in places.values() if len(group) != usual)
        raise IncompleteSeries(
            say(
                "places_uneven",
                "Most places of the series have {usual} images, the place of {file} has {found}.",
                usual=usual,
                file=odd[0].label,
                found=len(odd),
            )
        )
    (count,) = counts
    return _by_facts(placed, len(places), count) or [
        [group[rank] for group in (sorted(each, key=_acquired) for each in places.values())]
        for rank in range(count)
    ]


def without_copies(placed: Sequence[Slice]) -> tuple[list[Slice], list[Slice]]:
    """(what stays, copies): pictures that were sent twice under two SOP Instance UIDs.

    Only looked for where some places have more images than others, so that sound series cost
    nothing; time points of one place are never compared.
    """
    counts = Counter(len(group) for group in _places(placed).values())
    if len(counts) < 2:
        return list(placed), []
    pictures = [one.instance for one in placed if one.instance.frames == 1]
    copies = {copy.path for copy, _ in same_pictures(pictures)}
    kept = [one for one in placed if one.instance.path not in copies]
    return kept, [one for one in placed if one.instance.path in copies]


def _by_facts(placed: Sequence[Slice], places: int, count: int) -> list[list[Slice]] | None:
    """Groups by the first element that has one value per volume, in the order of its values."""
    facts = _facts(placed)
    for index in range(len(_FACTS)):
        groups: dict[str, list[Slice]] = defaultdict(list)
        for each, found in zip(placed, facts, strict=True):
            groups[found[index]].append(each)
        if len(groups) == count and all(
            len(members) == places == len(_places(members)) for members in groups.values()
        ):
            return [groups[value] for value in sorted(groups, key=_numeric)]
    return None


def _facts(placed: Sequence[Slice]) -> list[tuple[str, ...]]:
    """The telling elements of every slice; each file is read once."""
    found: dict[int, tuple[str, ...]] = {}
    numbered = sorted(enumerate(placed), key=lambda item: str(item[1].instance.path))
    for path, members in groupby(numbered, key=lambda item: item[1].instance.path):
        dataset = read_header(path).dataset
        for index, one in members:
            found[index] = tuple(
                _fact(dataset, one.frame, classic, sequence, keyword)
                for classic, sequence, keyword in _FACTS
            )
    return [found[index] for index in range(len(placed))]


def _fact(dataset: Dataset, frame: int, classic: str, sequence: str, keyword: str) -> str:
    group = functional_group(dataset, frame, sequence)
    source, name = (dataset, classic) if group is None else (group, keyword)
    number = values.number(source, name) if name != "ImageType" else None
    return f"{number:g}" if number is not None else values.code(source, name)


def _numeric(value: str) -> tuple[float, str]:
    try:
        return float(value), ""
    except ValueError:
        return 0.0, value


def _places(placed: Sequence[Slice]) -> dict[Place, list[Slice]]:
    places: dict[Place, list[Slice]] = defaultdict(list)
    for each in placed:
        where = [round(value / _SAME_PLACE_MM) for value in each.position_mm]
        turned = [round(value * 100) for value in each.cosines]
        places[(*where, *turned, each.rows, each.columns)].append(each)
    return places


def _acquired(one: Slice) -> tuple[int, str, int]:
    return one.instance.instance_number or 0, one.instance.source, one.frame
