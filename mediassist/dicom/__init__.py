"""Read DICOM: find, group, decode in a guarded worker, volumes, text, and the display chain.

Names are exported lazily (PEP 562), so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mediassist.dicom.charset import DecodedText, decode_text, display_name
    from mediassist.dicom.display import (
        Frame,
        display_grey,
        display_picture,
        display_rgb,
        display_uint8,
        load_frame,
        load_frames,
    )
    from mediassist.dicom.find import find_studies
    from mediassist.dicom.overlays import Overlay, load_overlays
    from mediassist.dicom.pixels import load_pixels
    from mediassist.dicom.volume import load_volume, load_volumes, plan_volumes
    from mediassist.dicom.volume_groups import PartKind, SeriesPart, series_parts
    from mediassist.dicom.windows import Window

_HOME = {
    "DecodedText": "charset",
    "decode_text": "charset",
    "display_name": "charset",
    "Frame": "display",
    "display_grey": "display",
    "display_picture": "display",
    "display_rgb": "display",
    "display_uint8": "display",
    "load_frame": "display",
    "load_frames": "display",
    "find_studies": "find",
    "Overlay": "overlays",
    "load_overlays": "overlays",
    "load_pixels": "pixels",
    "load_volume": "volume",
    "load_volumes": "volume",
    "plan_volumes": "volume",
    "PartKind": "volume_groups",
    "SeriesPart": "volume_groups",
    "series_parts": "volume_groups",
    "Window": "windows",
}

__all__ = [
    "DecodedText",
    "Frame",
    "Overlay",
    "PartKind",
    "SeriesPart",
    "Window",
    "decode_text",
    "display_grey",
    "display_name",
    "display_picture",
    "display_rgb",
    "display_uint8",
    "find_studies",
    "load_frame",
    "load_frames",
    "load_overlays",
    "load_pixels",
    "load_volume",
    "load_volumes",
    "plan_volumes",
    "series_parts",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
