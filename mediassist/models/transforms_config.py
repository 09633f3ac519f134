"""Preprocessing as data: the list in inference.json becomes MONAI transforms.

A bundle may only name transforms of the allow-list below. MONAI's own parser would evaluate "$"
expressions and import whatever `_target_` says, so a bundle could run code of its own; here it is
refused instead.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mediassist.core.errors import BundleDamaged
from mediassist.core.messages import say

if TYPE_CHECKING:
    from monai.transforms import Compose

_OWN_ALLOWED = frozenset(
    {
        "FieldOfView",
        "FitSquare",
        "LocalContrast",
        "OneChannel",
        "SquashSquare",
        "StretchGrey",
        "ThreeChannels",
    }
)

_MONAI_ALLOWED = frozenset(
    {
        "CastToType",
        "CenterSpatialCrop",
        "EnsureType",
        "NormalizeIntensity",
        "RepeatChannel",
        "Resize",
        "ScaleIntensity",
        "ScaleIntensityRange",
        "ScaleIntensityRangePercentiles",
        "SpatialPad",
        "Zoom",
    }
)


def build_transforms(entries: list[dict[str, Any]], folder: Path) -> Compose:
    """MONAI Compose of `entries` ({"_target_": name, argument: value}); raises `BundleDamaged`."""
    from monai.transforms import Compose

    return Compose([_build(entry, folder) for entry in entries])


def _build(entry: dict[str, Any], folder: Path) -> Any:
    target = str(entry.get("_target_", ""))
    arguments = {name: value for name, value in entry.items() if name != "_target_"}
    constructor = _constructor(target)
    if constructor is None or _has_expression(arguments):
        raise BundleDamaged(
            say(
                "bundle_foreign_code",
                "{folder}: the bundle asks for {target}, which is not part of MediAssist.",
                folder=str(folder),
                target=target or "a transform without a name",
            )
        )
    return constructor(**arguments)


def _constructor(target: str) -> Any | None:
    module, _, name = target.rpartition(".")
    if module == "monai.transforms" and name in _MONAI_ALLOWED:
        import monai.transforms

        return getattr(monai.transforms, name)
    if module == "mediassist.models.preprocess" and name in _OWN_ALLOWED:
        from mediassist.models import preprocess

        return getattr(preprocess, name)
    return None


def _has_expression(value: Any) -> bool:
    if isinstance(value, str):
        return value.startswith(("$", "@", "%"))
    if isinstance(value, dict):
        return any(_has_expression(item) for item in value.values())
    return isinstance(value, list) and any(_has_expression(item) for item in value)
