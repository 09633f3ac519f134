"""Finding round dense places in lungs."""

from __future__ import annotations

import numpy as np
import pytest

from mediassist.models.nodule_candidates import diameter_mm, find_candidates, lung_mask
from tests.analysis.scan_builder import AIR_HU, chest

SPACING = (2.0, 3.0, 3.0)


@pytest.mark.parametrize("nodule_mm", [9.0, 15.0, 24.0])
def test_a_ball_in_the_lung_is_the_first_candidate_with_its_diameter(nodule_mm: float) -> None:
    volume = chest(60, 96, nodule_mm)
    lungs = lung_mask(volume, SPACING)
    assert lungs is not None
    first = find_candidates(volume, SPACING, lungs)[0]
    away = (np.array(first.index) - [30, 48, 28.8]) * SPACING
    assert np.linalg.norm(away) <= 4.0
    size = diameter_mm(volume, first, SPACING)
    assert size is not None and abs(size[0] - nodule_mm) <= 4.5


def test_a_volume_without_lungs_has_no_lung_mask() -> None:
    assert lung_mask(np.full((20, 32, 32), AIR_HU, np.int16), SPACING) is None
    assert lung_mask(np.full((20, 32, 32), 40, np.int16), SPACING) is None


def test_air_round_the_body_is_no_lung() -> None:
    lungs = lung_mask(chest(), SPACING)
    assert lungs is not None and not lungs[:, 0].any() and 0.05 < lungs.mean() < 0.3
