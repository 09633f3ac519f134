"""One chain from stored value to the screen (wishes.md, rows 20 to 22)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from mediassist.dicom import Window, display_grey, display_rgb, load_frame, load_frames
from mediassist.dicom.display import display_picture, display_uint8
from mediassist.dicom.windows import WindowFunction, apply_window, fallback_window
from tests.dicom import builder

TWO_GREYS = np.array([[0, 4095], [0, 4095]], dtype=np.uint16)


@pytest.mark.parametrize(
    ("photometric", "shape", "bright_is_high"),
    [
        ("MONOCHROME2", "IDENTITY", True),
        ("MONOCHROME2", None, True),
        ("MONOCHROME2", "INVERSE", False),
        ("MONOCHROME1", "INVERSE", False),
        ("MONOCHROME1", "IDENTITY", False),
        ("MONOCHROME1", None, False),
    ],
)
def test_polarity_is_applied_once_whatever_states_it(
    photometric: str, shape: str | None, bright_is_high: bool, chinese_path: Path
) -> None:
    """cornerstonejs/cornerstone3D#2215, nroduit/Weasis#372: inverted twice there."""
    path = builder.chest_radiograph(
        chinese_path / "x.dcm",
        pixels=TWO_GREYS,
        PhotometricInterpretation=photometric,
        PresentationLUTShape=shape,
    )
    grey = display_grey(load_frame(path))
    assert (grey[0, 1] > grey[0, 0]) == bright_is_high
    assert {float(grey.min()), float(grey.max())} == {0.0, 1.0}


def test_rescale_comes_before_the_window(chinese_path: Path) -> None:
    (path, *_) = builder.ct_series(chinese_path)
    frame = load_frame(path)
    assert frame.unit == "HU"
    assert frame.modality_values is not None
    assert float(frame.modality_values.min()) == -1024 + 180
    assert frame.windows[0] == Window(40.0, 80.0)
    assert display_grey(frame, Window(-1024 + 180 + 0.5, 1.0)).mean() > 0.9


def test_the_standard_s_own_example_of_a_linear_window() -> None:
    """PS3.3 C.11.2.1.2.1: centre 2048, width 4096 maps 0 to black and 4095 to white."""
    greys = apply_window(np.array([-1, 0, 2047, 2048, 4095, 5000]), Window(2048, 4096))
    np.testing.assert_allclose(greys * 4095, [0, 0, 2047, 2048, 4095, 4095], atol=1e-3)


def test_width_one_is_a_threshold_and_exact_is_exact() -> None:
    values = np.array([99, 100, 101])
    assert apply_window(values, Window(100, 1)).tolist() == [0, 1, 1]
    exact = Window(100, 2, WindowFunction.LINEAR_EXACT)
    assert apply_window(values, exact).tolist() == [0, 0.5, 1]


def test_a_sigmoid_is_half_at_its_centre() -> None:
    greys = apply_window(np.array([-1e9, 100, 1e9]), Window(100, 50, WindowFunction.SIGMOID))
    np.testing.assert_allclose(greys, [0, 0.5, 1], atol=1e-6)


@given(
    arrays.arrays(np.int16, 20),
    st.floats(-2000, 2000),
    st.floats(0, 5000),
    st.sampled_from(list(WindowFunction)),
)
def test_a_window_keeps_order_and_range(
    values: np.ndarray, centre: float, width: float, function: WindowFunction
) -> None:
    ordered = np.sort(values)
    greys = apply_window(ordered, Window(centre, width, function))
    assert greys.dtype == np.float32
    assert np.isfinite(greys).all()
    assert greys.min() >= 0
    assert greys.max() <= 1
    assert (np.diff(greys) >= 0).all()


@given(arrays.arrays(np.float32, (5, 6), elements=st.floats(-1e6, 1e6, width=32)))
def test_a_fallback_window_can_always_be_applied(values: np.ndarray) -> None:
    greys = apply_window(values, fallback_window(values))
    assert np.isfinite(greys).all()


def test_a_file_without_a_window_gets_one_that_ignores_padding(chinese_path: Path) -> None:
    pixels = builder.phantom().astype(np.int16)
    pixels[:, :40] = -2000
    path = builder.chest_radiograph(
        chinese_path / "x.dcm",
        pixels=pixels,
        bits_stored=16,
        WindowCenter=None,
        WindowWidth=None,
        PixelPaddingValue=-2000,
    )
    frame = load_frame(path)
    assert frame.vois == ()
    low = frame.fallback.centre - frame.fallback.width / 2
    assert low > 0
    grey = display_grey(frame)
    assert float(grey[:, :40].max()) == 0.0
    assert float(grey[:, 40:].max()) == 1.0


def test_padding_is_black_also_where_low_values_are_bright(chinese_path: Path) -> None:
    pixels = builder.phantom()
    pixels[:, :10] = 0
    path = builder.chest_radiograph(
        chinese_path / "x.dcm",
        pixels=pixels,
        PhotometricInterpretation="MONOCHROME1",
        PixelPaddingValue=0,
    )
    assert display_grey(load_frame(path))[:, :10].max() == 0.0


@pytest.mark.parametrize("bits", [8, 16])
def test_a_voi_table_wins_over_the_window(bits: int, chinese_path: Path) -> None:
    """OHIF/Viewers#818: tables of CR and MG ignored there."""
    table = Dataset()
    top = 2**bits - 1
    table.LUTDescriptor = [4096, 0, bits]
    table["LUTDescriptor"].VR = "US"
    entries = np.full(4096, top, dtype=np.uint16)
    entries[:1000] = 0
    table.LUTData = entries.tolist()
    table["LUTData"].VR = "US"
    table.LUTExplanation = "Hard"
    path = builder.chest_radiograph(chinese_path / "x.dcm", VOILUTSequence=Items([table]))
    frame = load_frame(path)
    grey = display_grey(frame)
    assert set(np.unique(grey)) == {0.0, 1.0}
    assert np.array_equal(grey > 0.5, builder.phantom() >= 1000)
    assert [voi.name for voi in frame.vois] == ["Hard", ""]
    assert len(frame.windows) == 1


def test_a_modality_table_gives_the_values(chinese_path: Path) -> None:
    table = Dataset()
    table.LUTDescriptor = [4, 1, 16]
    table["LUTDescriptor"].VR = "US"
    table.LUTData = [10, 20, 30, 40]
    table["LUTData"].VR = "US"
    table.ModalityLUTType = "OD"
    pixels = np.array([[0, 1, 2, 9]], dtype=np.uint16)
    path = builder.chest_radiograph(
        chinese_path / "x.dcm",
        pixels=pixels,
        ModalityLUTSequence=Items([table]),
        RescaleSlope=None,
        RescaleIntercept=None,
    )
    frame = load_frame(path)
    assert frame.modality_values is not None
    assert frame.modality_values.tolist() == [[10, 10, 20, 40]]
    assert frame.unit == "OD"


def test_a_shutter_hides_what_lies_outside(chinese_path: Path) -> None:
    path = builder.chest_radiograph(
        chinese_path / "x.dcm",
        ShutterShape=["RECTANGULAR", "CIRCULAR"],
        ShutterLeftVerticalEdge=11,
        ShutterRightVerticalEdge=70,
        ShutterUpperHorizontalEdge=11,
        ShutterLowerHorizontalEdge=86,
        CenterOfCircularShutter=[48, 40],
        RadiusOfCircularShutter=36,
    )
    frame = load_frame(path)
    assert frame.hidden is not None
    assert frame.hidden[0, 0]
    assert frame.hidden[48, 5]
    assert frame.hidden[11, 11]
    assert not frame.hidden[47, 39]
    assert display_grey(frame)[0, 0] == 0.0


def test_a_polygon_shutter_follows_its_corners(chinese_path: Path) -> None:
    path = builder.chest_radiograph(
        chinese_path / "x.dcm",
        ShutterShape="POLYGONAL",
        VerticesOfThePolygonalShutter=[1, 1, 1, 80, 96, 1],
    )
    hidden = load_frame(path).hidden
    assert hidden is not None
    assert not hidden[5, 5]
    assert hidden[90, 75]


@pytest.mark.parametrize(
    "changes", [{"PhotometricInterpretation": "YBR_FULL"}, {"PhotometricInterpretation": "RGB"}]
)
def test_colour_is_shown_as_rgb(changes: dict[str, Any], chinese_path: Path) -> None:
    """A red picture, stored as red or as its YBR."""
    colour = (76, 85, 255) if changes["PhotometricInterpretation"] == "YBR_FULL" else (255, 0, 0)
    pixels = np.tile(np.array(colour, dtype=np.uint8), (4, 4, 1))
    path = builder.chest_radiograph(chinese_path / "x.dcm", pixels=pixels, bits_stored=8, **changes)
    frame = load_frame(path)
    assert frame.is_colour
    np.testing.assert_allclose(display_rgb(frame)[0, 0], (254, 0, 0), atol=2)
    assert display_picture(frame).dtype == np.uint8
    assert 0.25 < float(display_grey(frame)[0, 0]) < 0.35


def test_a_palette_is_looked_up(chinese_path: Path) -> None:
    changes: dict[str, Any] = {"PhotometricInterpretation": "PALETTE COLOR"}
    for index, name in enumerate(("Red", "Green", "Blue")):
        table = np.zeros(4, dtype="<u2")
        table[index + 1] = 65535
        changes[f"{name}PaletteColorLookupTableDescriptor"] = [4, 0, 16]
        changes[f"{name}PaletteColorLookupTableData"] = table.tobytes()
    dataset_path = chinese_path / "x.dcm"
    pixels = np.array([[0, 1, 2, 3]], dtype=np.uint8)
    tables = {key: changes.pop(key) for key in list(changes) if key.endswith("Data")}
    path = builder.chest_radiograph(dataset_path, pixels=pixels, bits_stored=8, **changes)
    dataset = pydicom.dcmread(path)
    for key, value in tables.items():
        setattr(dataset, key, value)
        dataset[key].VR = "OW"
    dataset.save_as(path)
    rgb = display_rgb(load_frame(path))
    assert rgb[0].tolist() == [[0, 0, 0], [255, 0, 0], [0, 255, 0], [0, 0, 255]]


def test_frames_of_an_enhanced_image_have_their_own_window(chinese_path: Path) -> None:
    path = builder.enhanced_ct(chinese_path / "x.dcm")
    frames = list(load_frames(path))
    assert [frame.windows[0].centre for frame in frames] == [40, 41, 42, 43, 44]
    alone = load_frame(path, 3)
    assert alone.modality_values is not None
    np.testing.assert_array_equal(alone.modality_values, frames[3].modality_values)
    assert (alone.index, alone.frames) == (3, 5)


def test_compressed_frames_can_be_read_one_by_one(chinese_path: Path) -> None:
    path = builder.ultrasound(chinese_path / "x.dcm", frames=4, syntax=builder.JPEG_BASELINE)
    together = [frame.rgb for frame in load_frames(path)]
    for index in (3, 0, 2):
        np.testing.assert_array_equal(load_frame(path, index).rgb, together[index])


def test_not_a_number_is_shown_black(chinese_path: Path) -> None:
    path = builder.chest_radiograph(chinese_path / "x.dcm", WindowCenter=None, WindowWidth=None)
    dataset = pydicom.dcmread(path)
    del dataset.PixelData
    values = builder.phantom().astype("<f4")
    values[0, 0] = np.nan
    dataset.FloatPixelData = values.tobytes()
    dataset.BitsAllocated = 32
    dataset.save_as(path)
    frame = load_frame(path)
    grey = display_grey(frame)
    assert np.isfinite(grey).all()
    assert grey[0, 0] == 0.0
    assert grey[0, 1] == 1.0


def test_a_page_gets_bytes(chinese_path: Path) -> None:
    frame = load_frame(builder.chest_radiograph(chinese_path / "x.dcm"))
    picture = display_uint8(frame)
    assert (picture.dtype, picture.shape, picture[0, 0]) == (np.uint8, (96, 80), 255)


def test_a_jpeg_that_says_what_its_colours_are_is_believed(chinese_path: Path) -> None:
    """A real dental photograph (fo-dicom GH195) says RGB over a JFIF stream in YCbCr."""
    import io

    from PIL import Image
    from pydicom import dcmread
    from pydicom.encaps import encapsulate

    red = np.zeros((64, 64, 3), np.uint8)
    red[..., 0] = 200
    stream = io.BytesIO()
    Image.fromarray(red).save(stream, "JPEG", quality=95)
    path = builder.ultrasound(chinese_path / "us.dcm", frames=1, syntax=builder.JPEG_BASELINE)
    dataset = dcmread(path)
    dataset.Rows, dataset.Columns, dataset.PhotometricInterpretation = 64, 64, "RGB"
    dataset.PixelData = encapsulate([stream.getvalue()])
    dataset.save_as(path)
    shown = load_frame(path).rgb
    assert shown is not None
    assert np.abs(shown.astype(int) - red).max() < 8


@pytest.mark.parametrize(("photometric", "red"), [("YBR_FULL", 200), ("YBR_RCT", 60)])
def test_jpeg_2000_undoes_its_own_colour_transform_only(
    photometric: str, red: int, chinese_path: Path
) -> None:
    """YBR_FULL values that are stored in JPEG 2000 come out as they went in: not as RGB."""
    import imagecodecs
    from pydicom import dcmread
    from pydicom.encaps import encapsulate

    values = np.zeros((64, 64, 3), np.uint8)
    values[:] = (60, 94, 228)  # YCbCr of a red (200, 0, 0)
    stream = bytes(imagecodecs.jpeg2k_encode(values, level=0, codecformat="j2k", mct=False))
    path = builder.ultrasound(chinese_path / "us.dcm", frames=1, syntax=builder.JPEG_2000)
    dataset = dcmread(path)
    dataset.Rows, dataset.Columns, dataset.PhotometricInterpretation = 64, 64, photometric
    dataset.PixelData = encapsulate([stream])
    dataset.save_as(path)
    shown = load_frame(path).rgb
    assert shown is not None
    assert abs(int(shown[0, 0, 0]) - red) < 3


def with_values(path: Path, values: np.ndarray) -> Path:
    """A map of float or double float values without a window."""
    builder.chest_radiograph(
        path, pixels=np.zeros(values.shape, np.uint16), WindowCenter=None, WindowWidth=None
    )
    dataset = pydicom.dcmread(path)
    for keyword in ("PixelData", "BitsStored", "HighBit", "PixelRepresentation"):
        delattr(dataset, keyword)
    name = "FloatPixelData" if values.dtype == np.float32 else "DoubleFloatPixelData"
    setattr(dataset, name, values.tobytes())
    dataset.BitsAllocated = 8 * values.dtype.itemsize
    dataset.save_as(path)
    return path


@pytest.mark.parametrize(
    "values",
    [np.full((6, 5), np.nan, np.float32), np.full((6, 5), 1e300), np.full((6, 5), -np.inf)],
)
@pytest.mark.filterwarnings("error")
def test_a_map_without_a_single_value_is_black(values: np.ndarray, chinese_path: Path) -> None:
    frame = load_frame(with_values(chinese_path / "x.dcm", values))
    assert frame.hidden is not None
    assert frame.hidden.all()
    assert display_uint8(frame).max() == 0


@pytest.mark.parametrize("stated", [-2000, 65536 - 2000, 4096 - 2000])
def test_padding_of_twelve_signed_bits_is_found_however_it_was_written(
    stated: int, chinese_path: Path
) -> None:
    pixels = builder.phantom().astype(np.int16) - 1000
    pixels[:10] = -2000
    path = builder.chest_radiograph(
        chinese_path / "x.dcm",
        pixels=(pixels & 0xFFF).astype(np.uint16),
        PixelRepresentation=1,
    )
    dataset = pydicom.dcmread(path)
    dataset.add_new(0x00280120, "SS" if stated < 0 else "US", stated)
    dataset.save_as(path)
    hidden = load_frame(path).hidden
    assert hidden is not None
    assert hidden[:10].all()
    assert not hidden[10:].any()
