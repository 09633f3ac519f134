"""Window presets for CT, as data (conventions.md, section 2).

Only CT has absolute numbers (HU), so only CT gets presets; a radiograph, an ultrasound image or a
fundus photograph is windowed by what its file stores or by its own range. Keys 0, 1 and 2 belong
to every image: automatic, and the first and second window stored in the file.
"""

from __future__ import annotations

from dataclasses import dataclass

from mediassist.core.messages import Message, say

AUTOMATIC_KEY = 0
STORED_KEYS = (1, 2)


@dataclass(frozen=True, slots=True)
class WindowPreset:
    """A named grey window; `name` is for programs, `label` for people."""

    name: str
    label: Message
    width_hu: float
    centre_hu: float
    key: int | None


# Trap: a published preset once said lung = 150 / -600; a test holds this table to the document.
CT_PRESETS: tuple[WindowPreset, ...] = (
    WindowPreset("brain", say("preset_brain", "Brain"), 80, 40, 3),
    WindowPreset("subdural", say("preset_subdural", "Subdural"), 200, 80, 4),
    WindowPreset("stroke", say("preset_stroke", "Stroke"), 40, 40, 5),
    WindowPreset("lung", say("preset_lung", "Lung"), 1500, -600, 6),
    WindowPreset("mediastinum", say("preset_mediastinum", "Mediastinum / soft tissue"), 400, 40, 7),
    WindowPreset("bone", say("preset_bone", "Bone"), 2000, 350, 8),
    WindowPreset("abdomen", say("preset_abdomen", "Abdomen / liver"), 350, 40, 9),
    WindowPreset("angio", say("preset_angio", "Angiography"), 600, 300, None),
)


def presets_for(modality: str) -> tuple[WindowPreset, ...]:
    """The presets that make sense for a modality: all for CT, none for any other."""
    return CT_PRESETS if modality == "CT" else ()


def preset_for_key(modality: str, key: int) -> WindowPreset | None:
    """The preset on a number key, or None where the key means nothing for the modality."""
    return next((preset for preset in presets_for(modality) if preset.key == key), None)
