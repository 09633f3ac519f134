"""The one path: studies in, findings out. Window, batch, audit and network node all call this."""

from __future__ import annotations

import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import mediassist
from mediassist.analysis.images import StudyImages
from mediassist.analysis.result import StudyResult
from mediassist.analysis.result import study_key as study_key
from mediassist.analysis.runs import run_of
from mediassist.analysis.study_run import RunInputs, failed_result
from mediassist.core.errors import BundleDamaged, MediAssistError
from mediassist.core.finding import BundleIdentity, BundleResult
from mediassist.core.provenance import Provenance
from mediassist.core.study import Instance, Rejected, Study
from mediassist.dicom.acquisition import check_study
from mediassist.dicom.find import find_studies
from mediassist.dicom.pictures import PictureFacts, find_pictures_and_studies
from mediassist.models.bundle import BundleInfo
from mediassist.models.gate import PictureGate
from mediassist.models.loaded import LoadedBundle
from mediassist.models.registry import bundle_folders, find_bundle, gate_folder, list_bundles
from mediassist.settings import Settings

_LIBRARIES = ("torch", "monai", "openvino", "pydicom", "numpy")
# A picture asks four bundles at most; all seventeen would hold more than 2 GB.
_MOST_LOADED = 5

Clock = Callable[[], datetime]
Progress = Callable[[str], None]


def utc_now() -> datetime:
    """The clock of the program; tests and reproducible runs inject another."""
    return datetime.now(UTC)


class Analyzer:
    """Analyses one study after the other with the bundles asked for (default: all but
    experimental ones, and those too where the settings switch them on). Bundles load at the first
    study that their header contract fits.

    `damaged` lists bundles that are installed but can't be trusted; their results are FAILED and
    the rest goes on.

    Raises
    ------
    BundleMissing
        If a bundle asked for by name is not installed.
    """

    def __init__(
        self,
        bundles: Sequence[str] | None = None,
        *,
        clock: Clock = utc_now,
        settings: Settings | None = None,
    ) -> None:
        self._settings = settings or Settings()
        self._clock = clock
        self._damaged: dict[str, BundleDamaged] = {}
        self._bundles = self._choose(bundles)
        self._loaded: dict[str, LoadedBundle] = {}
        self._gate: PictureGate | None = None

    @property
    def damaged(self) -> tuple[BundleDamaged, ...]:
        return tuple(self._damaged.values())

    @property
    def bundle_hashes(self) -> tuple[tuple[str, str], ...]:
        """(id, seal) of every bundle in use: a batch job is done again when these change."""
        return tuple((info.id, info.sha256) for info in self._bundles)

    def analyze(
        self,
        paths: Iterable[Path],
        on_rejected: Callable[[Rejected], None] = lambda rejected: None,
        pictures: PictureFacts | None = None,
    ) -> Iterator[StudyResult]:
        """Find studies under `paths` and analyse each; rejected files go to `on_rejected`.

        PNG, JPEG, WebP and TIFF pictures count as input where `pictures` says what they show.
        Raises `WrongUsage` where a path does not exist.
        """
        with tempfile.TemporaryDirectory(prefix="mediassist-") as folder:
            work_dir = Path(folder)
            if pictures is None:
                found = find_studies(paths, work_dir)
            else:
                found = find_pictures_and_studies(paths, pictures, work_dir)
            for each in found:
                if isinstance(each, Rejected):
                    on_rejected(each)
                else:
                    yield self.analyze_study(each)

    def analyze_study(self, study: Study, progress: Progress = lambda step: None) -> StudyResult:
        """Run every bundle on one study; bad images and bundles become results, not exceptions.

        `progress` is told the id of each bundle as it starts.
        """
        started = time.monotonic()
        images = StudyImages()
        results = []
        for info in self._bundles:
            progress(info.id)
            results.append(self._run_bundle(info, study, images))
        results.extend(self._damaged_results(results))
        if not images.looked:
            _look_at_one_image(study, images)
        return StudyResult(
            study=study,
            study_key=study_key(study.study_uid),
            results=tuple(sorted(results, key=lambda result: result.bundle.bundle_id)),
            provenance=self._provenance(),
            warnings=study.warnings,
            failed_images=images.failures,
            acquisition=check_study(study),
            seconds=round(time.monotonic() - started, 3),
        )

    def evidence_of(self, study: Study, bundle_id: str) -> BundleResult | None:
        """What a bundle sees in a study if nothing may be cleared: maps and outlines of a miss.

        Only for looking at afterwards (the audit's gallery): the verdict is not the bundle's.
        None where the bundle is not in use.
        """
        for info in self._bundles:
            if info.id == bundle_id:
                point = info.block.operating_point.model_copy(update={"t_low": None})
                block = info.block.model_copy(update={"operating_point": point})
                return self._run_bundle(replace(info, block=block), study, StudyImages())
        return None

    def _choose(self, bundles: Sequence[str] | None) -> tuple[BundleInfo, ...]:
        root = self._settings.bundles_dir
        if bundles is None:
            installed = list_bundles(root)
            names = [folder.name for folder in bundle_folders(root)]
            for name, entry in zip(names, installed, strict=True):
                if isinstance(entry, BundleDamaged):
                    self._damaged[name] = entry
            return tuple(
                entry
                for entry in installed
                if isinstance(entry, BundleInfo)
                and (self._settings.experimental or not entry.block.experimental)
            )
        chosen = []
        for name in dict.fromkeys(bundles):
            try:
                chosen.append(find_bundle(name, root))
            except BundleDamaged as error:
                self._damaged[name] = error
        return tuple(chosen)

    def _run_bundle(self, info: BundleInfo, study: Study, images: StudyImages) -> BundleResult:
        started = time.monotonic()
        try:
            run = run_of(info.block.task)
            return run(info, RunInputs(study, images, self._load, self._load_gate)).result()
        except BundleDamaged as error:
            self._damaged[info.id] = error
            return failed_result(info.identity(), error.message, time.monotonic() - started)
        except MediAssistError as error:
            return failed_result(info.identity(), error.message, time.monotonic() - started)

    def _load(self, info: BundleInfo) -> LoadedBundle:
        """The bundle, loaded at the first image that it may judge; of many, the last few stay."""
        bundle = self._loaded.pop(info.id, None)
        if bundle is None:
            while len(self._loaded) >= _MOST_LOADED:
                del self._loaded[next(iter(self._loaded))]
            bundle = LoadedBundle.load(info, self._settings.data_dir / "graphs")
        self._loaded[info.id] = bundle
        return bundle

    def _load_gate(self) -> PictureGate:
        if self._gate is None:
            root = self._settings.bundles_dir
            self._gate = PictureGate.load(gate_folder(root), self._settings.data_dir / "graphs")
        return self._gate

    def _damaged_results(self, results: list[BundleResult]) -> list[BundleResult]:
        """Entries for bundles whose metadata could not even be read."""
        seen = {result.bundle.bundle_id for result in results}
        return [
            failed_result(BundleIdentity(name, "", "", "", "", name), error.message, 0.0)
            for name, error in self._damaged.items()
            if name not in seen
        ]

    def _provenance(self) -> Provenance:
        return Provenance(
            mediassist_version=mediassist.__version__,
            created=self._clock(),
            platform=f"{platform.system()} {platform.machine()}",
            python=".".join(str(part) for part in sys.version_info[:3]),
            libraries=tuple((name, metadata.version(name)) for name in _LIBRARIES),
        )


def analyze(
    paths: Iterable[Path],
    bundles: Sequence[str] | None = None,
    on_rejected: Callable[[Rejected], None] = lambda rejected: None,
    pictures: PictureFacts | None = None,
) -> Iterator[StudyResult]:
    """Analyse everything under `paths`; see `Analyzer`."""
    return Analyzer(bundles).analyze(paths, on_rejected, pictures)


def _look_at_one_image(study: Study, images: StudyImages) -> None:
    """Decode one image, so that a damaged study to which nothing applies is noticed too."""
    instance = representative_image(study)
    if instance is not None:
        images.picture(instance, instance.frames // 2)


def representative_image(study: Study) -> Instance | None:
    """The middle image of the longest series that has pixels; None where there is none."""
    series = max(
        study.series,
        key=lambda each: sum(instance.has_pixels for instance in each.instances),
        default=None,
    )
    if series is None:
        return None
    pictures = [instance for instance in series.instances if instance.has_pixels]
    return pictures[len(pictures) // 2] if pictures else None
