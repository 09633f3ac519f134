"""Overlay planes lie where the file says, cut to the picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom

from mediassist.dicom import load_overlays, load_pixels
from tests.dicom import builder


def with_overlay(path: Path, plane: np.ndarray, origin: tuple[int, int]) -> Path:
    builder.chest_radiograph(path)
    dataset = pydicom.dcmread(path)
    dataset.add_new(0x60000010, "US", plane.shape[0])
    dataset.add_new(0x60000011, "US", plane.shape[1])
    dataset.add_new(0x60000022, "LO", "标记")
    dataset.add_new(0x60000040, "CS", "R")
    dataset.add_new(0x60000050, "SS", list(origin))
    dataset.add_new(0x60000100, "US", 1)
    dataset.add_new(0x60000102, "US", 0)
    packed = np.packbits(plane.reshape(-1), bitorder="little").tobytes()
    dataset.add_new(0x60003000, "OW", packed + b"\0" * (len(packed) % 2))
    dataset.save_as(path)
    return path


def test_an_overlay_is_placed_at_its_origin(chinese_path: Path) -> None:
    plane = np.ones((3, 5), dtype=np.uint8)
    (overlay,) = load_overlays(with_overlay(chinese_path / "x.dcm", plane, (11, 21)))
    assert overlay.is_region
    assert overlay.label == "标记"
    assert overlay.mask.shape == (96, 80)
    assert overlay.mask.sum() == 15
    assert overlay.mask[10:13, 20:25].all()


def test_an_overlay_beyond_the_picture_is_cut(chinese_path: Path) -> None:
    plane = np.ones((200, 300), dtype=np.uint8)
    (overlay,) = load_overlays(with_overlay(chinese_path / "x.dcm", plane, (-9, 41)))
    assert overlay.mask[:, 40:].all()
    assert not overlay.mask[:, :40].any()


def test_an_overlay_with_too_few_bits_is_left_out(chinese_path: Path) -> None:
    path = with_overlay(chinese_path / "x.dcm", np.ones((3, 5), dtype=np.uint8), (1, 1))
    dataset = pydicom.dcmread(path)
    dataset[0x60000010].value = 4000
    dataset.save_as(path)
    assert load_overlays(path) == ()
    assert load_pixels(path).shape == (1, 96, 80)


def test_an_overlay_in_unused_bits_is_found_and_is_no_value(chinese_path: Path) -> None:
    marked = builder.phantom() | np.uint16(0x8000)
    marked[50:, :] &= np.uint16(0x7FFF)
    path = builder.chest_radiograph(chinese_path / "x.dcm", pixels=marked)
    dataset = pydicom.dcmread(path)
    dataset.add_new(0x60000010, "US", 96)
    dataset.add_new(0x60000011, "US", 80)
    dataset.add_new(0x60000040, "CS", "G")
    dataset.add_new(0x60000050, "SS", [1, 1])
    dataset.add_new(0x60000100, "US", 16)
    dataset.add_new(0x60000102, "US", 15)
    dataset.save_as(path)
    (overlay,) = load_overlays(path)
    assert overlay.mask[:50].all()
    assert not overlay.mask[50:].any()
    assert load_pixels(path).max() == 4095
