"""A manifest's images analysed, and the cases that come of it."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import mediassist
from mediassist.audit.analyses import AnalyserFactory, Progress, analysed
from mediassist.audit.case import Case
from mediassist.audit.document import GalleryPicture, ReferenceStandard, UsedBundle
from mediassist.audit.installed import InstalledBundles
from mediassist.audit.joining import joined, silent
from mediassist.audit.journal import case_key
from mediassist.audit.manifest import ManifestCase, read_manifest
from mediassist.audit.outcome import CaseOutcome, ImageFacts
from mediassist.audit.patients import with_patients
from mediassist.audit.safeguards import Safeguard
from mediassist.audit.task import Place, TaskList, Truth


@dataclass(frozen=True, slots=True)
class Gathered:
    """Cases to count, facts of their images by case name, bundles that were asked, gallery.

    `silent` are the cases of bundles that another one for the same finding outspoke; they count
    in no figure but their own bundle's.
    """

    cases: list[Case]
    facts: dict[str, ImageFacts]
    bundles: tuple[UsedBundle, ...]
    pictures: tuple[GalleryPicture, ...] = ()
    reference: ReferenceStandard = ReferenceStandard()
    silent: list[Case] = field(default_factory=list)
    checks: tuple[Safeguard, ...] = ()


def findings_of(manifest: Path, installed: InstalledBundles) -> set[str]:
    """The findings that a manifest names."""
    return {row.finding for row in read_manifest(manifest, installed.only_finding())}


def gather(
    manifest: Path,
    folder: Path,
    installed: InstalledBundles,
    factory: AnalyserFactory,
    workers: int = 1,
    progress: Progress = lambda done, total: None,
    *,
    apart: bool = False,
) -> Gathered:
    """Analyse every image of the manifest once; journal and gallery lie in `folder`."""

    def rows() -> Iterator[ManifestCase]:
        # Read again for each pass: the rows of a hundred thousand cases need not fit into memory.
        return read_manifest(manifest, installed.only_finding())

    task_of_row, tasks = _tasks(rows(), installed)
    cases: list[Case] = []
    facts: dict[str, ImageFacts] = {}
    unheard: list[Case] = []
    pictures: list[GalleryPicture] = []
    used: dict[str, UsedBundle] = {}
    with analysed(tasks, folder, factory, workers, progress, apart=apart) as outcome_of:
        for row, number in zip(rows(), task_of_row, strict=True):
            outcome = outcome_of(tasks.keys[number])
            case = joined(row, outcome, installed.asked)
            cases.append(case)
            unheard += silent(row, outcome, installed.asked, case.bundle)
            facts[row.case] = outcome.facts
            _note_bundles(outcome, used)
            for result in outcome.results:
                if result.bundle == case.bundle and result.picture:
                    pictures.append(
                        GalleryPicture(case.case, case.finding, result.picture, case.score)
                    )
    cases, said = with_patients(cases, facts)
    return Gathered(
        cases,
        facts,
        tuple(used[name] for name in sorted(used)),
        tuple(pictures),
        reference_standard(rows()),
        with_patients(unheard, facts)[0],
        () if said is None else (said,),
    )


def _tasks(
    rows: Iterable[ManifestCase], installed: InstalledBundles
) -> tuple[array[int], TaskList]:
    """One task a path, for all its findings; and the number of each row's task."""
    numbers: dict[Place, int] = {}
    truths: list[Truth] = []
    task_of_row = array("l")
    # A hundred thousand rows state few different things: each is kept once.
    shared: dict[Truth, Truth] = {}
    for row in rows:
        place = (str(row.path), row.modality, row.body_part, row.view, row.laterality)
        number = numbers.setdefault(place, len(numbers))
        task_of_row.append(number)
        if number == len(truths):
            truths.append(())
        truth = tuple(sorted({**dict(truths[number]), row.finding: row.positive}.items()))
        truths[number] = shared.setdefault(truth, truth)
    tasks = TaskList()
    for place, number in numbers.items():
        # Labels are part of the key: they decide which pictures the gallery keeps.
        stated = [*place[1:], *(f"{name}={int(label)}" for name, label in truths[number])]
        key = case_key(Path(place[0]), stated, installed.hashes, mediassist.__version__)
        tasks.add(key, place, truths[number])
    return task_of_row, tasks


def _note_bundles(outcome: CaseOutcome, used: dict[str, UsedBundle]) -> None:
    for result in outcome.results:
        if result.bundle not in used or (result.promise and not used[result.bundle].promise):
            used[result.bundle] = UsedBundle(
                result.bundle,
                result.version,
                result.sha256,
                result.finding,
                result.promise,
                result.marks_only,
            )


_SORTABLE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{8}")


class _Stated(Protocol):
    """What a row says of its truth."""

    @property
    def reference(self) -> str: ...
    @property
    def reader(self) -> str: ...
    @property
    def date(self) -> str: ...


def reference_standard(rows: Iterable[_Stated]) -> ReferenceStandard:
    """How the truth of all rows is known, together."""
    sources: Counter[str] = Counter()
    readers: set[str] = set()
    found: set[str] = set()
    for row in rows:
        sources[row.reference] += 1
        readers.add(row.reader)
        found.add(row.date)
    del sources[""]
    dates = sorted(found - {""})
    if not all(_SORTABLE.fullmatch(date) and len(date) == len(dates[0]) for date in dates):
        dates = []
    return ReferenceStandard(
        tuple(sources.most_common()),
        len(readers - {""}),
        dates[0] if dates else "",
        dates[-1] if dates else "",
    )
