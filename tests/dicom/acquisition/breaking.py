"""How to break each rule: one change to a good examination that makes a failing sample."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from tests.dicom.acquisition.examinations import Study, change, pixels_of, place, repaint
from tests.dicom.builder import set_pixels

Break = Callable[[Study], None]


def elements(**values: Any) -> Break:
    return lambda study: change(study, **values)


def painted(paint: Callable[[NDArray[Any]], NDArray[Any]]) -> Break:
    return lambda study: repaint(study, paint)


def blurred(pixels: NDArray[Any]) -> NDArray[Any]:
    sigma = (14, 14, 0) if pixels.ndim == 3 else 14
    return ndimage.gaussian_filter(pixels.astype(np.float32), sigma).astype(pixels.dtype)


def burnt_out(pixels: NDArray[Any]) -> NDArray[Any]:
    top = int(pixels.max())
    return np.where(pixels > 0.55 * top, top, pixels).astype(pixels.dtype)


def blackened(pixels: NDArray[Any]) -> NDArray[Any]:
    return np.where(pixels < 0.95 * pixels.max(), pixels.min(), pixels).astype(pixels.dtype)


def half_size(pixels: NDArray[Any]) -> NDArray[Any]:
    step = 4
    return np.ascontiguousarray(
        pixels[..., ::step, ::step, :] if pixels.shape[-1] == 3 else pixels[..., ::step, ::step]
    )


def eight_bits(study: Study) -> None:
    for dataset in study:
        pixels = pixels_of(dataset)
        set_pixels(dataset, (pixels / pixels.max() * 255).astype(np.uint8))


def seven_bits(study: Study) -> None:
    for dataset in study:
        set_pixels(dataset, pixels_of(dataset) // 2, 7)


def blank(study: Study) -> None:
    repaint(study, lambda pixels: np.full_like(pixels, 700))


def cut_off(study: Study) -> None:
    for dataset in study:
        dataset.Rows = dataset.Rows * 3


def thick(thickness_mm: float) -> Break:
    return elements(SliceThickness=thickness_mm)


def thick_and_apart(thickness_mm: float) -> Break:
    def apply(study: Study) -> None:
        for dataset in study:
            x, y, z = dataset.ImagePositionPatient
            factor = thickness_mm / dataset.SliceThickness
            dataset.ImagePositionPatient = [x, y, float(z) * factor]
            dataset.SliceThickness = thickness_mm

    return apply


def stretched(factor: float) -> Break:
    """Slices farther apart than they are thick."""

    def apply(study: Study) -> None:
        for dataset in study:
            x, y, z = dataset.ImagePositionPatient
            dataset.ImagePositionPatient = [x, y, float(z) * factor]

    return apply


def without_slice(study: Study) -> None:
    del study[7]


def only(count: int) -> Break:
    def apply(study: Study) -> None:
        del study[count:]

    return apply


def keep(*names: str) -> Break:
    """Leave out the series whose descriptions are not named."""

    def apply(study: Study) -> None:
        study[:] = [dataset for dataset in study if dataset.SeriesDescription in names]

    return apply


def lossy(ratio: float) -> Break:
    return elements(LossyImageCompression="01", LossyImageCompressionRatio=ratio)


def coarse(spacing_mm: float) -> Break:
    def apply(study: Study) -> None:
        for dataset in study:
            name = "PixelSpacing" if "PixelSpacing" in dataset else "ImagerPixelSpacing"
            setattr(dataset, name, [spacing_mm, spacing_mm])

    return apply


def raw_values(study: Study) -> None:
    change(study, RescaleIntercept=0)


def tilted(study: Study) -> None:
    angle = np.radians(30)
    change(
        study,
        ImageOrientationPatient=[1, 0, 0, 0, float(np.cos(angle)), float(-np.sin(angle))],
    )


def moved(study: Study) -> None:
    """The patient lies 20 mm further to the side from the middle slice on."""
    for dataset in study[len(study) // 2 :]:
        shift = round(20 / dataset.PixelSpacing[0])
        moved_picture = np.roll(pixels_of(dataset), shift, axis=1)
        set_pixels(dataset, moved_picture, dataset.BitsStored)


def ghosted(pixels: NDArray[Any]) -> NDArray[Any]:
    ghost = np.roll(pixels, len(pixels) // 2, axis=0)
    return (pixels + ghost * 0.2).astype(pixels.dtype)


def region(**values: Any) -> Break:
    def apply(study: Study) -> None:
        for dataset in study:
            item = dataset.SequenceOfUltrasoundRegions[0]
            for keyword, value in values.items():
                setattr(item, keyword, value)

    return apply


def same_angle(study: Study) -> None:
    change(study, PositionerPrimaryAngle=10.0)


def doppler(pixels: NDArray[Any]) -> NDArray[Any]:
    painted_in = pixels.copy()
    painted_in[100:300, 100:300] = (220, 30, 30)
    return painted_in


def grey_only(study: Study) -> None:
    for dataset in study:
        set_pixels(dataset, pixels_of(dataset)[..., 1].copy())


def half_dark(pixels: NDArray[Any]) -> NDArray[Any]:
    picture = pixels.astype(np.float32)
    picture[:, : picture.shape[1] // 2] *= 0.15
    return np.where(pixels > 0, np.maximum(picture, 18), 0).astype(pixels.dtype)


def covered(pixels: NDArray[Any]) -> NDArray[Any]:
    picture = pixels.copy()
    picture[: len(picture) // 2] = 0
    picture[:, : picture.shape[1] // 4] = 0
    return picture


def flashed(pixels: NDArray[Any]) -> NDArray[Any]:
    picture = pixels.copy()
    picture[400:600, 400:600] = 255
    return picture


def dim(pixels: NDArray[Any]) -> NDArray[Any]:
    return (pixels * 0.12).astype(pixels.dtype)


def flat(study: Study) -> None:
    repaint(study, lambda pixels: (pixels * 0.2 + 60).astype(pixels.dtype))
    change(study, WindowCenter=128, WindowWidth=256)


def one_phase_of_three(study: Study) -> None:
    study[:] = [dataset for dataset in study if (dataset.InstanceNumber - 1) % 20 < 6]


def slow(study: Study) -> None:
    for dataset in study:
        dataset.TriggerTime = 2 * dataset.TriggerTime


def cine_steps(step_mm: float) -> Break:
    def apply(study: Study) -> None:
        for dataset in study:
            z = float(dataset.ImagePositionPatient[2])
            place(dataset, z / 10.0 * step_mm, 8.0, 1.5)

    return apply


FILM_PAINT: dict[str, Break] = {
    "intent": elements(PresentationIntentType="FOR PROCESSING"),
    "blur": painted(blurred),
    "compression": lossy(45),
    "pixel_spacing": coarse(0.5),
    "matrix": painted(half_size),
}

# Of every rule: what makes its failing sample out of the good examination.
BREAKS: dict[str, Break] = {
    "any_image.patient_id": elements(PatientID=""),
    "any_image.study_date": elements(StudyDate=""),
    "any_image.patient_sex": elements(PatientSex=""),
    "any_image.manufacturer": elements(Manufacturer=""),
    "any_image.body_part": elements(BodyPartExamined=""),
    "any_image.readable": cut_off,
    "any_image.not_blank": blank,
    "any_image.burned_in": elements(BurnedInAnnotation="YES"),
    "brain_ct.slice_thickness": thick_and_apart(8.0),
    "brain_ct.gap": stretched(1.8),
    "brain_ct.even_spacing": without_slice,
    "brain_ct.coverage": only(12),
    "brain_ct.tube_voltage": elements(KVP=80),
    "brain_ct.air": raw_values,
    "brain_ct.matrix": painted(half_size),
    "brain_ct.pixel_spacing": coarse(0.9),
    "brain_ct.compression": lossy(20),
    "brain_ct.no_contrast": elements(ContrastBolusAgent="Iohexol"),
    "brain_ct.tilt": tilted,
    "brain_ct.motion": moved,
    "brain_mr.slice_thickness": thick_and_apart(7.0),
    "brain_mr.gap": stretched(1.6),
    "brain_mr.even_spacing": without_slice,
    "brain_mr.pixel_spacing": coarse(1.8),
    "brain_mr.coverage": lambda study: study.__setitem__(
        slice(None), [one for one in study if one.InstanceNumber <= 10]
    ),
    "brain_mr.sequences": keep("T1", "T1 +C", "T2"),
    "brain_mr.contrast": keep("T1", "T2", "FLAIR"),
    "brain_mr.field_strength": elements(MagneticFieldStrength=0.3),
    "brain_mr.ghosting": painted(ghosted),
    "brain_mr.compression": lossy(40),
    "chest_xray.frontal": elements(ViewPosition="LL"),
    "chest_xray.erect_pa": elements(ViewPosition="AP"),
    "chest_xray.tube_voltage": elements(KVP=60),
    "chest_xray.distance": elements(DistanceSourceToDetector=1000),
    "chest_xray.exposure_time": elements(ExposureTime=80),
    "chest_xray.bits": eight_bits,
    "chest_xray.deviation_index": elements(DeviationIndex="4.2"),
    "chest_xray.clipped_white": painted(burnt_out),
    "chest_xray.clipped_black": painted(blackened),
    **{f"chest_xray.{name}": action for name, action in FILM_PAINT.items()},
    "chest_ct.slice_thickness": thick_and_apart(5.0),
    "chest_ct.thin_for_measuring": thick_and_apart(2.0),
    "chest_ct.gap": stretched(2.0),
    "chest_ct.even_spacing": without_slice,
    "chest_ct.coverage": only(60),
    "chest_ct.tube_voltage": elements(KVP=70),
    "chest_ct.air": raw_values,
    "chest_ct.pixel_spacing": coarse(1.3),
    "chest_ct.compression": lossy(25),
    "chest_ct.motion": moved,
    "fundus.colour": grey_only,
    "fundus.laterality": elements(ImageLaterality=""),
    "fundus.both_eyes": only(2),
    "fundus.two_fields": only(1),
    "fundus.matrix": painted(half_size),
    "fundus.field_of_view": elements(HorizontalFieldOfView=200.0),
    "fundus.resolution": elements(HorizontalFieldOfView=58.0),
    "fundus.compression": lossy(40),
    "fundus.brightness": painted(dim),
    "fundus.overexposed": painted(flashed),
    "fundus.even_light": painted(half_dark),
    "fundus.field_seen": painted(covered),
    "fundus.blur": painted(blurred),
    "bone_xray.two_views": only(1),
    "bone_xray.laterality": elements(ImageLaterality=""),
    "bone_xray.part": elements(BodyPartExamined="EXTREMITY"),
    "bone_xray.bits": eight_bits,
    "bone_xray.tube_voltage": elements(KVP=125),
    "bone_xray.clipped_white": painted(burnt_out),
    **{f"bone_xray.{name}": action for name, action in FILM_PAINT.items()},
    "knee_xray.frontal": elements(ViewPosition="LL"),
    "knee_xray.weight_bearing": elements(SeriesDescription="Knee AP"),
    "knee_xray.both_knees": only(1),
    "knee_xray.laterality": elements(ImageLaterality=""),
    "knee_xray.distance": elements(DistanceSourceToDetector=700),
    "knee_xray.tube_voltage": elements(KVP=110),
    **{f"knee_xray.{name}": action for name, action in FILM_PAINT.items()},
    "cardiac_cine_mr.phases": one_phase_of_three,
    "cardiac_cine_mr.temporal_resolution": slow,
    "cardiac_cine_mr.slice_thickness": thick(12.0),
    "cardiac_cine_mr.step": cine_steps(14.0),
    "cardiac_cine_mr.short_axis_stack": keep("cine 2CH", "cine 4CH"),
    "cardiac_cine_mr.planes": keep("cine SAX"),
    "cardiac_cine_mr.pixel_spacing": coarse(2.6),
    "cardiac_cine_mr.heart_rate": elements(NominalInterval=None),
    "cardiac_cine_mr.field_strength": elements(MagneticFieldStrength=0.5),
    "cardiac_cine_mr.compression": lossy(40),
    "coronary_angiogram.frame_rate": elements(FrameTime=250.0),
    "coronary_angiogram.run_length": elements(FrameTime=20.0),
    "coronary_angiogram.matrix": painted(half_size),
    "coronary_angiogram.bits": seven_bits,
    "coronary_angiogram.primary_angle": elements(PositionerPrimaryAngle=None),
    "coronary_angiogram.two_projections": same_angle,
    "coronary_angiogram.calibration": elements(ImagerPixelSpacing=None),
    "coronary_angiogram.tube_voltage": elements(KVP=140),
    "coronary_angiogram.contrast": flat,
    "coronary_angiogram.compression": lossy(25),
    "breast_us.frequency": region(TransducerFrequency=5000),
    "breast_us.laterality": elements(Laterality=""),
    "breast_us.calibration": elements(SequenceOfUltrasoundRegions=None),
    "breast_us.pixel_spacing": region(PhysicalDeltaX=0.05, PhysicalDeltaY=0.05),
    "breast_us.depth": elements(DepthOfScanField=120),
    "breast_us.matrix": painted(half_size),
    "breast_us.two_directions": only(1),
    "breast_us.no_doppler": painted(doppler),
    "breast_us.clipped_white": painted(burnt_out),
    "breast_us.blur": painted(blurred),
    "breast_us.compression": lossy(25),
    "mammogram.both_views": lambda study: study.pop(1),  # type: ignore[dict-item,return-value]
    "mammogram.both_breasts": only(2),
    "mammogram.laterality": elements(ImageLaterality=""),
    "mammogram.view": elements(ViewPosition=""),
    "mammogram.no_lossy": lossy(5),
    "mammogram.bits": eight_bits,
    "mammogram.tube_voltage": elements(KVP=60),
    "mammogram.compression_force": elements(CompressionForce=12),
    "mammogram.thickness": elements(BodyPartThickness=130),
    "mammogram.dose": elements(OrganDose=0.09),
    "mammogram.clipped_white": painted(burnt_out),
    **{f"mammogram.{name}": FILM_PAINT[name] for name in ("intent", "blur", "pixel_spacing")},
}
