"""Of an angiographic run the frames with most contrast are read, and named."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediassist.analysis.angiogram_run import AngiogramRun, contrast_filling, fullest_frames
from mediassist.analysis.images import StudyImages
from mediassist.analysis.study_run import RunInputs
from mediassist.core.finding import BundleResult, RegionKind
from mediassist.core.vocabulary import Verdict
from mediassist.dicom.find import find_studies
from mediassist.models.letterbox import Letterbox
from mediassist.models.preprocess import FitSquare
from mediassist.models.registry import find_bundle
from tests.dicom import builder
from tests.models.bundle_builder import build_bundle

XA_STORAGE = "1.2.840.10008.5.1.4.1.1.12.1"
SIDE, SIZE = 128, 128


def frame(filled: float) -> np.ndarray:
    """A bright field with a dark vessel of which a share is filled, and a soft dark heart."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    picture = 200 - 60 * np.exp(-((rows - 64.0) ** 2 + (columns - 64.0) ** 2) / 1500)
    vessel = np.abs(columns - 40 - 12 * np.sin(rows / 18)) < 2.5
    picture[vessel & (rows < filled * SIDE)] -= 90
    return picture.astype(np.uint8)


def analysed(folder: Path, filling: list[float]) -> BundleResult:
    dataset = builder.patient_and_study(1)
    dataset.Modality, dataset.SOPClassUID = "XA", XA_STORAGE
    dataset.SOPInstanceUID, dataset.SeriesInstanceUID = builder.uid("xa"), builder.uid("run")
    builder.set_pixels(dataset, np.stack([frame(each) for each in filling]))
    builder.write(dataset, folder / "study" / "run.dcm")
    build_bundle(
        folder / "bundles",
        "heart_coronary_stenosis_xa",
        task="detect2d",
        finding="coronary_stenosis",
        domain="heart",
        marks_only=True,
        input={"modalities": ["XA"]},
        gate=None,
        preprocess={"size": SIZE},
        regions="box",
    )
    info = find_bundle("heart_coronary_stenosis_xa", folder / "bundles")

    def predict(batch: np.ndarray) -> tuple[np.ndarray, ...]:
        maps = np.full((len(batch), 1, SIZE // 4, SIZE // 4), -6.0, np.float32)
        maps[:, :, 10:14, 8:12] = 3.0
        return np.full((len(batch), 1), 1.0, np.float32), maps

    stand_in = SimpleNamespace(
        info=info,
        runtime=SimpleNamespace(name="stand-in", predict=predict),
        prepare=lambda picture: FitSquare(SIZE)(picture[None].astype(np.float32))[None],
        letterbox=lambda picture, size: Letterbox(*picture.shape[:2], size),
    )
    (study,) = find_studies([folder / "study"])
    inputs = RunInputs(study, StudyImages(), lambda _: stand_in, lambda: pytest.fail("no gate"))
    return AngiogramRun(info, inputs).result()


def test_the_fullest_frame_is_read_and_named(chinese_path: Path) -> None:
    result = analysed(chinese_path, [0.0, 0.2, 0.5, 1.0, 0.6, 0.1])
    assert [score.frame for score in result.image_scores] == [3]
    (told,) = [each for each in result.warnings if each.code == "frames_chosen"]
    assert dict(told.values)["frames"] == "4"
    assert result.verdict is Verdict.REVIEW
    (region,) = result.regions
    assert region.kind is RegionKind.BOX
    assert region.frame == 3


def test_a_single_frame_needs_no_choice(chinese_path: Path) -> None:
    result = analysed(chinese_path, [0.4])
    assert [score.frame for score in result.image_scores] == [0]
    assert [each for each in result.warnings if each.code == "frames_chosen"] == []


@given(first=st.floats(0.0, 0.9), more=st.floats(0.1, 0.5))
def test_filling_grows_with_the_vessel(first: float, more: float) -> None:
    assert contrast_filling(frame(min(1.0, first + more))) > contrast_filling(frame(first))


def test_a_second_frame_is_read_only_from_another_moment() -> None:
    assert fullest_frames({0: 0.5, 1: 0.99, 2: 1.0, 9: 0.9}, 4) == (2, 9)
    assert fullest_frames({0: 0.5, 1: 0.99, 2: 1.0, 9: 0.5}, 4) == (2,)
