"""Stored values come out exactly as they went in, or a reason comes out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mediassist.core.errors import (
    LimitExceeded,
    MediAssistError,
    UnreadableFile,
    UnsupportedImage,
    WrongUsage,
)
from mediassist.dicom import load_frame, load_pixels
from mediassist.dicom.deflated import DeflatedData
from tests.dicom import builder

LOSSLESS = (
    builder.RLE,
    builder.JPEG_LOSSLESS,
    builder.JPEG_LS,
    builder.JPEG_2000,
    builder.JPEG_XL,
    builder.DEFLATED_FRAMES,
    builder.ENCAPSULATED_UNCOMPRESSED,
)


@pytest.mark.parametrize("syntax", [builder.EXPLICIT_LITTLE, *LOSSLESS])
def test_stored_values_survive_every_lossless_coding(syntax: str, chinese_path: Path) -> None:
    path = builder.chest_radiograph(chinese_path / "胸片.dcm", syntax=syntax)
    pixels = load_pixels(path)
    assert pixels.shape == (1, 96, 80)
    assert pixels.dtype == np.uint16
    np.testing.assert_array_equal(pixels[0], builder.phantom())


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1.99"])
def test_implicit_and_deflated_files_are_read(syntax: str, chinese_path: Path) -> None:
    path = builder.chest_radiograph(chinese_path / "x.dcm", syntax=syntax)
    np.testing.assert_array_equal(load_pixels(path)[0], builder.phantom())


def test_colour_and_frames_keep_their_axes(chinese_path: Path) -> None:
    path = builder.ultrasound(chinese_path / "us.dcm", frames=3)
    assert load_pixels(path).shape == (3, 96, 80, 3)
    lossy = builder.ultrasound(chinese_path / "us2.dcm", frames=3, syntax=builder.JPEG_BASELINE)
    assert load_pixels(lossy).shape == (3, 96, 80, 3)


def test_planar_colour_is_brought_to_one_order(chinese_path: Path) -> None:
    picture = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
    plain = builder.chest_radiograph(chinese_path / "a.dcm", pixels=picture, bits_stored=8)
    planar = builder.chest_radiograph(
        chinese_path / "b.dcm",
        pixels=picture,
        bits_stored=8,
        PlanarConfiguration=1,
        PixelData=picture.transpose(2, 0, 1).tobytes(),
    )
    np.testing.assert_array_equal(load_pixels(planar), load_pixels(plain))


def test_single_bits_become_bytes_across_frame_borders(chinese_path: Path) -> None:
    bits = np.random.default_rng(1).integers(0, 2, (3, 5, 7), dtype=np.uint8)
    packed = np.packbits(bits.reshape(-1), bitorder="little").tobytes()
    path = builder.chest_radiograph(
        chinese_path / "seg.dcm",
        pixels=bits,
        BitsAllocated=1,
        BitsStored=1,
        HighBit=0,
        PixelData=packed + b"\0" * (len(packed) % 2),
    )
    np.testing.assert_array_equal(load_pixels(path), bits)


def test_bits_above_bits_stored_are_no_values(chinese_path: Path) -> None:
    """Old scanners keep overlays there (PS3.5 8.1.1)."""
    values = np.array([[0xF001, 0x0FFF]], dtype=np.uint16)
    path = builder.chest_radiograph(chinese_path / "x.dcm", pixels=values, bits_stored=12)
    assert load_pixels(path).tolist() == [[[1, 4095]]]


def test_missing_bits_stored_means_all_bits(chinese_path: Path) -> None:
    """horosproject/horos#286: a division by zero there."""
    path = builder.chest_radiograph(chinese_path / "x.dcm", BitsStored=None, HighBit=None)
    np.testing.assert_array_equal(load_pixels(path)[0], builder.phantom())


@given(
    arrays.arrays(
        dtype=st.sampled_from([np.uint8, np.int8, np.uint16, np.int16, np.uint32, np.int32]),
        shape=arrays.array_shapes(min_dims=2, max_dims=3, min_side=1, max_side=5).filter(
            lambda shape: shape[-1] != 3
        ),
    )
)
def test_any_grey_array_is_read_back(tmp_path_factory: Any, pixels: np.ndarray) -> None:
    folder = tmp_path_factory.mktemp("像素")
    path = builder.chest_radiograph(
        folder / "x.dcm", pixels=pixels, bits_stored=8 * pixels.dtype.itemsize
    )
    read = load_pixels(path)
    assert read.dtype == pixels.dtype
    np.testing.assert_array_equal(read, pixels if pixels.ndim == 3 else pixels[None])


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"Rows": None}, UnreadableFile, "Rows (0028,0010) is missing"),
        ({"Rows": 0}, UnreadableFile, "Rows (0028,0010) is '0'"),
        ({"BitsAllocated": None}, UnreadableFile, "BitsAllocated (0028,0100) is missing"),
        ({"BitsStored": 20}, UnreadableFile, "BitsStored (0028,0101) is '20'"),
        ({"Rows": 97}, UnreadableFile, "needs 15520 bytes of pixels, the file holds 15360"),
        ({"NumberOfFrames": 2}, UnreadableFile, "needs 30720 bytes"),
        ({"NumberOfFrames": 2_000_000_000}, LimitExceeded, "declares 2000000000 frames"),
        ({"SamplesPerPixel": 2}, UnsupportedImage, "2 samples per pixel"),
        ({"PhotometricInterpretation": "PURPLE"}, UnsupportedImage, "'PURPLE' is unknown"),
        ({"PixelData": None}, UnreadableFile, "holds no image"),
    ],
)
def test_a_picture_that_cannot_be_made_names_what_is_wrong(
    changes: dict[str, Any], error: type[MediAssistError], words: str, chinese_path: Path
) -> None:
    """horosproject/horos#246: a typed reason with element and file, never a guessed picture."""
    path = builder.chest_radiograph(chinese_path / "坏.dcm", **changes)
    with pytest.raises(error) as caught:
        load_pixels(path)
    assert words in str(caught.value)
    assert "坏.dcm" in str(caught.value)


def test_video_is_refused_by_its_name(chinese_path: Path) -> None:
    path = builder.ultrasound(chinese_path / "us.dcm", frames=2, syntax=builder.JPEG_2000)
    video = b"1.2.840.10008.1.2.4.102\0"
    raw = path.read_bytes()
    old = b"\x02\x00\x10\x00UI\x16\x001.2.840.10008.1.2.4.90"
    new = b"\x02\x00\x10\x00UI\x18\x00" + video
    assert old in raw
    path.write_bytes(raw.replace(old, new))
    with pytest.raises(UnsupportedImage, match="MPEG-4 AVC/H.264 High Profile"):
        load_pixels(path)


@pytest.mark.parametrize("keep", [0, 1, 127, 131, 132, 140, 400, 900])
def test_a_cut_file_is_refused_wherever_it_was_cut(keep: int, chinese_path: Path) -> None:
    whole = builder.chest_radiograph(chinese_path / "whole.dcm").read_bytes()
    path = chinese_path / "cut.dcm"
    path.write_bytes(whole[:keep])
    with pytest.raises(UnreadableFile, match=r"cut\.dcm"):
        load_pixels(path)


@pytest.mark.parametrize(
    "content",
    [
        b"<html><body>login</body></html>" * 20,
        b"\x89PNG\r\n\x1a\n" + bytes(300),
        b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(300),
        b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n",
        bytes(5000),
        b"MediAssist\n" * 50,
    ],
)
def test_what_is_not_dicom_is_called_that(content: bytes, chinese_path: Path) -> None:
    """`dcmread(force=True)` takes all of these for data sets."""
    path = chinese_path / "x.dcm"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match="is not a DICOM file"):
        load_pixels(path)


def test_a_path_that_does_not_exist_is_wrong_usage(chinese_path: Path) -> None:
    with pytest.raises(WrongUsage, match="does not exist"):
        load_pixels(chinese_path / "nothing.dcm")


def test_files_without_preamble_or_meta_header_are_read(chinese_path: Path) -> None:
    """Enet4/dicom-test-files holds such files; so do archives of the nineties."""
    raw = builder.chest_radiograph(chinese_path / "x.dcm").read_bytes()
    start = raw.index(b"\x08\x00\x05\x00CS")
    for name, content in (("bare", raw[start:]), ("prefix", raw[128:]), ("meta", raw[132:])):
        path = chinese_path / name
        path.write_bytes(content)
        np.testing.assert_array_equal(load_pixels(path)[0], builder.phantom())


def a_coded_radiograph(folder: Path, cut_bytes: int) -> Path:
    """A baseline JPEG whose stream lacks its last bytes, written by hand."""
    import imagecodecs
    from pydicom import dcmread
    from pydicom.encaps import encapsulate

    grey = builder.phantom(top=255).astype(np.uint8)
    path = builder.chest_radiograph(
        folder / f"cut {cut_bytes}.dcm", pixels=grey, bits_stored=8, syntax=builder.JPEG_BASELINE
    )
    stream = bytes(imagecodecs.jpeg8_encode(grey, level=95))
    dataset = dcmread(path)
    dataset.PixelData = encapsulate([stream[: len(stream) - cut_bytes]])
    dataset.save_as(path)
    return path


def test_a_jpeg_that_was_cut_off_is_neither_shown_nor_judged(chinese_path: Path) -> None:
    """libjpeg fills the missing part with grey and says nothing. `load_pixels` gives what every
    decoder gives; whatever shows or judges a picture goes through `load_frame`."""
    path = a_coded_radiograph(chinese_path, cut_bytes=300)
    assert load_pixels(path).shape == (1, 96, 80)
    with pytest.raises(UnreadableFile, match=r"cut 300\.dcm: the compressed picture is cut off"):
        load_frame(path)


def test_a_jpeg_that_lacks_only_its_end_marker_is_whole(chinese_path: Path) -> None:
    path = a_coded_radiograph(chinese_path, cut_bytes=2)
    assert (load_frame(path).rows, load_frame(path).columns) == (96, 80)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("syntax", [*LOSSLESS[:-1], builder.ENCAPSULATED_UNCOMPRESSED])
def test_a_stream_that_was_cut_off_is_never_shown(
    syntax: str, share: float, chinese_path: Path
) -> None:
    """Some decoders make up the rest of a JPEG-LS picture and say nothing."""
    path = builder.chest_radiograph(
        chinese_path / "x.dcm", pixels=builder.phantom(300, 200), syntax=syntax
    )
    raw = path.read_bytes()
    at = raw.rindex(b"\xe0\x7f\x10\x00") + 12
    at += 8 + int.from_bytes(raw[at + 4 : at + 8], "little")
    length = int.from_bytes(raw[at + 4 : at + 8], "little")
    kept = int(share * length) // 2 * 2
    fragment = raw[at : at + 4] + kept.to_bytes(4, "little") + raw[at + 8 : at + 8 + kept]
    path.write_bytes(raw[:at] + fragment + b"\xfe\xff\xdd\xe0\0\0\0\0")
    with pytest.raises(UnreadableFile, match=r"x\.dcm"):
        load_frame(path)


@pytest.mark.parametrize("signed", [False, True])
def test_two_values_in_three_bytes_are_unpacked(signed: bool, chinese_path: Path) -> None:
    """ACR-NEMA's packing; frames of an odd number of values begin within a byte."""
    generator = np.random.default_rng(3)
    values = generator.integers(0, 4096, (3, 7, 5)).astype(np.uint16)
    nibbles = np.stack([values & 15, values >> 4 & 15, values >> 8], -1).reshape(-1)
    nibbles = np.append(nibbles, np.zeros(len(nibbles) % 2, np.uint16)).astype(np.uint8)
    packed = (nibbles[0::2] | nibbles[1::2] << 4).tobytes()
    path = builder.chest_radiograph(
        chinese_path / "x.dcm",
        pixels=values,
        PixelData=packed + bytes(len(packed) % 2),
        BitsAllocated=12,
        BitsStored=12,
        HighBit=11,
        PixelRepresentation=int(signed),
    )
    expected = values.astype(np.int16)
    if signed:
        expected[expected > 2047] -= 4096
    loaded = load_pixels(path)
    assert loaded.dtype == (np.int16 if signed else np.uint16)
    np.testing.assert_array_equal(loaded, expected)
    last = load_frame(path, 2).modality_values
    np.testing.assert_array_equal(last, expected[2])


@pytest.mark.parametrize("syntax", [builder.JPEG_LS, builder.JPEG_2000, builder.JPEG_XL])
def test_the_sign_of_a_value_stands_in_the_highest_stored_bit(
    syntax: str, chinese_path: Path
) -> None:
    """Streams of 16 bits under a header of 12: what stands above Bits Stored means nothing."""
    signed = builder.phantom().astype(np.int16) - 2048
    masked = signed.view(np.uint16) & 0x0FFF
    path = builder.chest_radiograph(
        chinese_path / "x.dcm",
        pixels=masked,
        bits_stored=16,
        syntax=syntax,
        BitsStored=12,
        HighBit=11,
        PixelRepresentation=1,
    )
    np.testing.assert_array_equal(load_pixels(path)[0], signed)


def test_the_decoding_worker_starts_without_pydicom() -> None:
    """Its plugins weigh 50 MB and a third of a second, and few streams need them."""
    code = (
        "import sys, mediassist.dicom.decoding_worker as worker; worker._import_decoders();"
        "sys.exit('pydicom' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize(
    ("syntax", "reason"),
    [
        ("1.2.840.10008.1.2.4.102", "is compressed as MPEG-4 AVC/H.264 High Profile"),
        ("1.2.840.10008.1.2.4.107", "is compressed as HEVC/H.265 Main Profile"),
        ("1.2.840.10008.1.2.4.94", r"names a server that has them \(JPIP Referenced\)"),
    ],
)
def test_video_and_pixels_elsewhere_are_refused_in_words(
    syntax: str, reason: str, chinese_path: Path
) -> None:
    path = builder.chest_radiograph(chinese_path / "x.dcm", syntax=builder.JPEG_XL)
    stated = syntax.encode().ljust(len(builder.JPEG_XL), b"\0")
    content = path.read_bytes().replace(builder.JPEG_XL.encode(), stated)
    if syntax.endswith(".94"):
        content = content[: content.rindex(b"\xe0\x7f\x10\x00")]
    path.write_bytes(content)
    with pytest.raises(UnsupportedImage, match=reason):
        load_pixels(path)


def test_a_deflated_clip_is_inflated_once(
    chinese_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = np.stack([builder.phantom(top=4000) + index for index in range(5)])
    path = builder.chest_radiograph(
        chinese_path / "x.dcm", pixels=frames, syntax="1.2.840.10008.1.2.1.99"
    )
    inflated: list[int] = []
    read = DeflatedData.read
    monkeypatch.setattr(
        DeflatedData,
        "read",
        lambda data, start, length: inflated.append(length) or read(data, start, length),
    )
    for index in (0, 3, 1, 4, 2):
        np.testing.assert_array_equal(load_frame(path, index).modality_values, frames[index])
    assert inflated == [frames.nbytes]
    # Another file under the same name is no longer what was kept.
    builder.chest_radiograph(path, pixels=frames[::-1], syntax="1.2.840.10008.1.2.1.99")
    np.testing.assert_array_equal(load_frame(path, 0).modality_values, frames[4])
