"""The table of window presets is the one of conventions.md, section 2."""

from __future__ import annotations

import pytest

from mediassist.reading.window_presets import CT_PRESETS, preset_for_key, presets_for


@pytest.mark.parametrize(
    ("name", "width", "centre", "key"),
    [
        ("brain", 80, 40, 3),
        ("subdural", 200, 80, 4),
        ("stroke", 40, 40, 5),
        ("lung", 1500, -600, 6),
        ("mediastinum", 400, 40, 7),
        ("bone", 2000, 350, 8),
        ("abdomen", 350, 40, 9),
        ("angio", 600, 300, None),
    ],
)
def test_each_preset_has_the_width_centre_and_key_of_the_table(
    name: str, width: float, centre: float, key: int | None
) -> None:
    """A peer once shipped lung as 150/-600: nobody had tested the table."""
    preset = next(one for one in CT_PRESETS if one.name == name)
    assert (preset.width_hu, preset.centre_hu, preset.key) == (width, centre, key)


@pytest.mark.parametrize("modality", ["CR", "DX", "MG", "US", "OP", "MR"])
def test_presets_in_hounsfield_units_are_for_ct_only(modality: str) -> None:
    assert presets_for(modality) == ()
    assert preset_for_key(modality, 3) is None


def test_no_key_is_used_twice_and_none_is_reserved() -> None:
    keys = [preset.key for preset in CT_PRESETS if preset.key is not None]
    assert len(keys) == len(set(keys))
    assert min(keys) == 3
