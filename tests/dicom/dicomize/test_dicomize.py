"""Pictures and NIfTI become valid DICOM of the right class, and every voxel keeps its place."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from mediassist.core.errors import IncompleteSeries, UnreadableFile, WrongUsage
from mediassist.core.study import Rejected, Study
from mediassist.dicom import find_studies, load_pixels, load_volume, load_volumes
from mediassist.dicom.dicomize import Converted, Grouping, Statement, dicomize

NOW = datetime(2026, 3, 4, 5, 6, 7)
GREY = (np.add.outer(np.arange(48), np.arange(40)) * 2).astype(np.uint8)
COLOUR = np.stack([GREY, GREY // 2, 255 - GREY], axis=-1)

# dciodvfy contradicts itself here: its OPT rules demand the values 0, 1, 1 that PS3.3 C.8.17.7
# enumerates, its rules for multi-frame groups forbid the same elements.
OPT_CONTRADICTION = ("ConcatenationFrameOffsetNumber", "InConcatenation")

CLASSES = {
    "CR": "1.2.840.10008.5.1.4.1.1.1",
    "DX": "1.2.840.10008.5.1.4.1.1.1.1",
    "MG": "1.2.840.10008.5.1.4.1.1.1.2",
    "CT": "1.2.840.10008.5.1.4.1.1.2",
    "MR": "1.2.840.10008.5.1.4.1.1.4",
    "US": "1.2.840.10008.5.1.4.1.1.6.1",
    "OP": "1.2.840.10008.5.1.4.1.1.77.1.5.1",
    "OPT": "1.2.840.10008.5.1.4.1.1.77.1.5.4",
    "XA": "1.2.840.10008.5.1.4.1.1.12.1",
    "SC": "1.2.840.10008.5.1.4.1.1.7",
}
SAID: dict[str, dict[str, Any]] = {
    "CR": {"body_part": "CHEST", "view": "PA"},
    "DX": {"body_part": "KNEE", "view": "AP", "laterality": "L", "spacing_mm": (0.2, 0.2)},
    "MG": {"view": "MLO", "laterality": "R", "spacing_mm": (0.1, 0.1)},
    "CT": {"spacing_mm": (0.5, 0.4), "slice_step_mm": 3.0, "window": (40.0, 80.0)},
    "MR": {"spacing_mm": (0.5, 0.4), "slice_step_mm": 3.0},
    "US": {"spacing_mm": (0.1, 0.1), "body_part": "BREAST"},
    "OP": {"laterality": "L"},
    "OPT": {"laterality": "R", "spacing_mm": (0.004, 0.01), "slice_step_mm": 0.2},
    "XA": {"body_part": "HEART"},
    "SC": {},
}


@pytest.fixture
def pictures(chinese_path: Path) -> Path:
    folder = chinese_path / "图片"
    folder.mkdir()
    Image.fromarray(GREY).save(folder / "grey.png")
    Image.fromarray(GREY.astype(np.uint16) * 200).save(folder / "deep.png")
    Image.fromarray(COLOUR).save(folder / "colour.jpg")
    Image.fromarray(COLOUR).save(folder / "colour.webp")
    pages = [Image.fromarray(np.roll(GREY, 3 * page, axis=1)) for page in range(3)]
    pages[0].save(folder / "pages.tif", save_all=True, append_images=pages[1:])
    return folder


def convert(paths: list[Path], out: Path, **said: Any) -> list[Converted]:
    grouping = said.pop("grouping", Grouping.STUDY)
    found = list(dicomize(paths, Statement(**said), out, NOW, grouping=grouping))
    assert not [each for each in found if isinstance(each, Rejected)]
    return [each for each in found if isinstance(each, Converted)]


def errors_of(dciodvfy: str, path: Path, modality: str) -> list[str]:
    said = subprocess.run([dciodvfy, str(path)], capture_output=True, text=True, check=False)
    lines = (said.stdout + said.stderr).splitlines()
    allowed = OPT_CONTRADICTION if modality == "OPT" else ()
    return [line for line in lines if "Error" in line and not any(name in line for name in allowed)]


def only_study(folder: Path) -> Study:
    [study] = [found for found in find_studies([folder]) if isinstance(found, Study)]
    return study


@pytest.mark.parametrize("modality", CLASSES)
def test_every_modality_gives_valid_objects_of_its_class(
    modality: str, pictures: Path, tmp_path: Path, need_program: Callable[[str], str]
) -> None:
    dciodvfy = need_program("dciodvfy")
    files = sorted(pictures.iterdir())
    for number, file in enumerate(files):
        [made] = convert([file], tmp_path / str(number), modality=modality, **SAID[modality])
        for path in made.written:
            said = subprocess.run(
                [dciodvfy, str(path)], capture_output=True, text=True, check=False
            )
            errors = [line for line in (said.stdout + said.stderr).splitlines() if "Error" in line]
            if modality == "OPT":
                errors = [e for e in errors if not any(name in e for name in OPT_CONTRADICTION)]
            assert errors == [], path.name
            dataset = pydicom.dcmread(path)
            is_clip = modality == "US" and file.name == "pages.tif"
            wanted = "1.2.840.10008.5.1.4.1.1.3.1" if is_clip else CLASSES[modality]
            assert dataset.SOPClassUID == wanted == dataset.file_meta.MediaStorageSOPClassUID
            assert dataset.Modality == ("OT" if modality == "SC" else modality)
            assert dataset.LossyImageCompression == ("01" if file.stem == "colour" else "00")


def test_grey_pictures_keep_their_values(pictures: Path, tmp_path: Path) -> None:
    [shallow] = convert([pictures / "grey.png"], tmp_path / "a", modality="CR")
    [deep] = convert([pictures / "deep.png"], tmp_path / "b", modality="CR")
    assert np.array_equal(load_pixels(shallow.written[0])[0], GREY)
    assert np.array_equal(load_pixels(deep.written[0])[0], GREY.astype(np.uint16) * 200)


def test_colour_is_kept_where_it_is_seen_and_left_out_where_it_is_not_there(
    pictures: Path, tmp_path: Path
) -> None:
    Image.fromarray(np.stack([GREY] * 3, axis=-1)).save(pictures / "grey as colour.png")
    [fundus] = convert([pictures / "colour.webp"], tmp_path, modality="OP", laterality="R")
    [echo] = convert([pictures / "grey as colour.png"], tmp_path, modality="US")
    assert load_pixels(fundus.written[0]).shape == (1, 48, 40, 3)
    assert np.array_equal(load_pixels(echo.written[0])[0], GREY)


def test_a_ct_picture_becomes_hu_by_its_window(pictures: Path, tmp_path: Path) -> None:
    convert([pictures / "grey.png"], tmp_path, modality="CT", **SAID["CT"])
    volume = load_volume(only_study(tmp_path).series[0])
    assert np.allclose(volume.array[0], GREY / 255 * 80 + 40 - 40, atol=1e-3)


def test_a_ct_picture_without_its_window_is_not_called_hu(pictures: Path, tmp_path: Path) -> None:
    [made] = convert([pictures / "grey.png"], tmp_path, modality="CT", spacing_mm=(1.0, 1.0))
    assert made.notes
    assert pydicom.dcmread(made.written[0]).RescaleType == "US"


def test_pictures_of_one_call_are_the_slices_of_one_stack(pictures: Path, tmp_path: Path) -> None:
    files = [pictures / "grey.png", pictures / "pages.tif"]
    [made] = convert(files, tmp_path, modality="MR", **SAID["MR"])
    volume = load_volume(only_study(tmp_path).series[0])
    assert len(made.written) == 4 == len(volume.array)
    assert volume.spacing_mm == pytest.approx((3.0, 0.5, 0.4))


def test_cine_pictures_are_phases_of_one_place(pictures: Path, tmp_path: Path) -> None:
    convert(
        [pictures / "pages.tif"],
        tmp_path,
        modality="MR",
        spacing_mm=(1.0, 1.0),
        is_cine=True,
        frame_time_ms=30.0,
        body_part="HEART",
    )
    volumes = list(load_volumes(only_study(tmp_path).series[0]))
    assert len(volumes) == 3
    for time, volume in enumerate(volumes):
        assert np.array_equal(volume.array[0], np.roll(GREY, 3 * time, axis=1))


@pytest.mark.parametrize(
    ("modality", "said", "word"),
    [
        ("DX", {}, "--spacing"),
        ("CT", {}, "--spacing"),
        ("MG", {"spacing_mm": (1.0, 1.0), "laterality": "L"}, "--view"),
        ("OP", {}, "--laterality"),
        ("OPT", {"laterality": "R"}, "--spacing"),
    ],
)
def test_what_a_class_must_state_is_asked_for(
    modality: str, said: dict[str, Any], word: str, pictures: Path, tmp_path: Path
) -> None:
    with pytest.raises(WrongUsage, match=word):
        convert([pictures / "grey.png"], tmp_path, modality=modality, **said)
    assert not list(tmp_path.rglob("*.dcm"))


def test_an_unknown_spacing_is_a_stand_in_that_says_so(pictures: Path, tmp_path: Path) -> None:
    [made] = convert([pictures / "grey.png"], tmp_path, modality="DX", spacing_unknown=True)
    dataset = pydicom.dcmread(made.written[0])
    assert dataset.ImagerPixelSpacing == [1, 1]
    assert "not known" in dataset.ImageComments


def test_side_and_view_are_read_from_the_name_of_a_mammogram(
    pictures: Path, tmp_path: Path
) -> None:
    named = (pictures / "grey.png").rename(pictures / "20586908_R_CC.png")
    [made] = convert([named], tmp_path, modality="MG", spacing_mm=(0.1, 0.1))
    dataset = pydicom.dcmread(made.written[0])
    assert (dataset.ImageLaterality, dataset.ViewPosition) == ("R", "CC")


def test_names_in_both_scripts_and_age_come_back(pictures: Path, tmp_path: Path) -> None:
    convert(
        [pictures / "grey.png"],
        tmp_path,
        modality="CR",
        patient_name="Wang^Ming=王^明",
        patient_id="甲1",
        patient_age="64",
        patient_sex="F",
    )
    patient = only_study(tmp_path).patient
    assert (patient.patient_id, patient.sex, patient.age_years) == ("甲1", "F", 64)
    assert "王" in patient.name


def test_grouping_and_keys_decide_what_is_one_study(pictures: Path, tmp_path: Path) -> None:
    files = [pictures / "grey.png", pictures / "deep.png"]
    together = convert(files, tmp_path / "a", modality="US")
    apart = convert(files, tmp_path / "b", modality="US", grouping=Grouping.FILE)
    keyed = [
        convert([file], tmp_path / "c", modality="US", patient_id="P", study_key="S")[0]
        for file in files
    ]
    assert len({each.study_uid for each in together}) == 1
    assert len({each.study_uid for each in apart}) == 2
    assert len({each.study_uid for each in keyed}) == 1
    assert len({each.series_uid for each in keyed}) == 2


def test_the_same_call_gives_the_same_bytes(pictures: Path, tmp_path: Path) -> None:
    [one] = convert([pictures / "grey.png"], tmp_path / "a", modality="CR")
    [two] = convert([pictures / "grey.png"], tmp_path / "b", modality="CR")
    assert one.written[0].read_bytes() == two.written[0].read_bytes()


def test_a_damaged_picture_is_rejected_and_the_others_are_converted(
    pictures: Path, tmp_path: Path
) -> None:
    (pictures / "cut.png").write_bytes((pictures / "grey.png").read_bytes()[:60])
    (pictures / "not.nii.gz").write_bytes(b"no NIfTI at all")
    found = list(dicomize([pictures], Statement(modality="US"), tmp_path, NOW))
    rejected = [each for each in found if isinstance(each, Rejected)]
    assert sorted(Path(each.source).name for each in rejected) == ["cut.png", "not.nii.gz"]
    assert all(isinstance(each.error, UnreadableFile) for each in rejected)
    assert len(found) == 7


def _turn(angles: tuple[float, float, float]) -> NDArray[np.float64]:
    matrix = np.eye(3)
    for axis, angle in enumerate(angles):
        c, s = np.cos(angle), np.sin(angle)
        one = np.eye(3)
        i, j = [k for k in range(3) if k != axis]
        one[[i, i, j, j], [i, j, i, j]] = c, -s, s, c
        matrix = matrix @ one
    return matrix


def _nifti(path: Path, affine: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.int16]:
    values = np.arange(int(np.prod(shape)), dtype=np.int16).reshape(shape) - 50
    nibabel.Nifti1Image(values, affine).to_filename(path)
    return values


@given(
    angles=st.tuples(*[st.floats(-3.1, 3.1)] * 3),
    spacing=st.tuples(*[st.floats(0.3, 6.0)] * 3),
    origin=st.tuples(*[st.floats(-300, 300)] * 3),
    mirrored=st.booleans(),
    modality=st.sampled_from(["CT", "MR"]),
)
def test_every_voxel_of_a_nifti_keeps_its_place(
    tmp_path_factory: pytest.TempPathFactory,
    angles: tuple[float, float, float],
    spacing: tuple[float, float, float],
    origin: tuple[float, float, float],
    mirrored: bool,
    modality: str,
) -> None:
    folder = tmp_path_factory.mktemp("体积")
    affine = np.eye(4)
    affine[:3, :3] = _turn(angles) @ np.diag([-1 if mirrored else 1, 1, 1]) @ np.diag(spacing)
    affine[:3, 3] = origin
    values = _nifti(folder / "v.nii.gz", affine, (4, 5, 3))
    convert([folder / "v.nii.gz"], folder / "out", modality=modality)
    volume = load_volume(only_study(folder / "out").series[0])
    assert sorted(volume.array.ravel()) == sorted(values.ravel())
    where = {int(values[index]): index for index in np.ndindex(values.shape)}
    stored = nibabel.load(folder / "v.nii.gz").affine
    for index in np.ndindex(volume.array.shape):
        lps = (volume.affine_lps @ [*index, 1])[:3]
        ras = (stored @ [*where[int(volume.array[index])], 1])[:3]
        assert np.abs(lps - ras * [-1, -1, 1]).max() < 1e-3


def test_a_sheared_nifti_is_refused_with_its_angle(tmp_path: Path) -> None:
    affine = np.diag([1.0, 1, 2, 1])
    affine[0, 1] = 0.3
    _nifti(tmp_path / "v.nii", affine, (4, 5, 3))
    [found] = dicomize([tmp_path / "v.nii"], Statement(modality="MR"), tmp_path / "out", NOW)
    assert isinstance(found, Rejected)
    assert isinstance(found.error, IncompleteSeries)
    assert "73.3" in str(found.error)


def test_a_4d_nifti_gives_its_times(tmp_path: Path) -> None:
    values = _nifti(tmp_path / "v.nii", np.diag([1.0, 1, 2, 1]), (4, 5, 3, 2))
    convert([tmp_path / "v.nii"], tmp_path / "out", modality="MR")
    volumes = list(load_volumes(only_study(tmp_path / "out").series[0]))
    assert [sorted(each.array.ravel()) for each in volumes] == [
        sorted(values[..., time].ravel()) for time in range(2)
    ]


def test_a_nifti_tomogram_brings_its_spacings(tmp_path: Path) -> None:
    _nifti(tmp_path / "v.nii.gz", np.diag([0.01, 0.02, 0.25, 1]), (4, 5, 3))
    [made] = convert([tmp_path / "v.nii.gz"], tmp_path / "out", modality="OPT", laterality="R")
    shared = pydicom.dcmread(made.written[0]).SharedFunctionalGroupsSequence[0]
    measures = shared.PixelMeasuresSequence[0]
    assert sorted(map(float, measures.PixelSpacing)) == pytest.approx([0.01, 0.02])
    assert float(measures.SliceThickness) == pytest.approx(0.25)


def test_values_of_millions_do_not_stop_the_call(tmp_path: Path) -> None:
    values = np.arange(60, dtype=np.int32).reshape(4, 5, 3) * 1_000_000
    nibabel.Nifti1Image(values, np.eye(4)).to_filename(tmp_path / "v.nii")
    [made] = convert([tmp_path / "v.nii"], tmp_path / "out", modality="MR")
    assert float(pydicom.dcmread(made.written[0]).WindowWidth) > 1e7


@pytest.mark.parametrize("modality", CLASSES)
def test_niftis_of_every_modality_are_valid(
    modality: str, tmp_path: Path, need_program: Callable[[str], str]
) -> None:
    dciodvfy = need_program("dciodvfy")
    generator = np.random.default_rng(5)
    affine = np.diag([0.7, 0.8, 2.5, 1.0])
    for name, shape, kind in (
        ("short", (9, 11, 3), np.int16),
        ("float", (9, 11, 2), np.float32),
        ("plane", (11, 9), np.uint8),
        ("times", (8, 7, 2, 2), np.uint16),
    ):
        values = generator.integers(0, 200, shape).astype(kind)
        nibabel.Nifti1Image(values, affine).to_filename(tmp_path / f"{name}.nii.gz")
        said = SAID[modality]
        [made] = convert([tmp_path / f"{name}.nii.gz"], tmp_path / name, modality=modality, **said)
        for path in (made.written[0], made.written[-1]):
            assert errors_of(dciodvfy, path, modality) == [], path


def test_fractions_in_a_nifti_are_kept_to_a_65535th_of_their_range(tmp_path: Path) -> None:
    values = np.random.default_rng(3).normal(0.2, 3, (4, 5, 3)).astype(np.float32)
    nibabel.Nifti1Image(values, np.eye(4)).to_filename(tmp_path / "v.nii")
    convert([tmp_path / "v.nii"], tmp_path / "out", modality="MR")
    found = load_volume(only_study(tmp_path / "out").series[0]).array
    step = float(np.ptp(values)) / 65535
    assert np.abs(np.sort(found.ravel()) - np.sort(values.ravel())).max() <= 0.51 * step


def test_a_nifti_that_does_not_say_how_it_lies_is_converted_with_a_note(tmp_path: Path) -> None:
    """Without qform and sform nobody knows left from right."""
    values = np.arange(60, dtype=np.int16).reshape(4, 5, 3)
    for name, affine in (("lies", np.diag([-1.0, 1, 2, 1])), ("not", None)):
        nibabel.Nifti1Image(values, affine).to_filename(tmp_path / f"{name}.nii")
    lies, unknown = convert(
        [tmp_path / "lies.nii", tmp_path / "not.nii"], tmp_path / "out", modality="CT"
    )
    assert lies.notes == ()
    assert "left and right" in str(unknown.notes[0])


def test_voxels_without_a_value_become_the_lowest(tmp_path: Path) -> None:
    """0 HU would be water around the patient."""
    values = np.linspace(-1000, 1000, 60).reshape(4, 5, 3).round().astype(np.float32)
    values[0, 0, 0] = np.nan
    nibabel.Nifti1Image(values, np.diag([-1.0, 1, 2, 1])).to_filename(tmp_path / "v.nii")
    convert([tmp_path / "v.nii"], tmp_path / "out", modality="CT")
    array = load_volume(only_study(tmp_path / "out").series[0]).array
    assert array.min() == np.nanmin(values)
    assert np.count_nonzero(array == array.min()) == 1 + np.count_nonzero(
        values == np.nanmin(values)
    )
