"""Keys as data: one table for the window, the tooltips and the help (conventions.md, section 1)."""

from __future__ import annotations

from dataclasses import dataclass

from mediassist.core.messages import Message, say


@dataclass(frozen=True, slots=True)
class Shortcut:
    """`text` is the sentence of the help and of the tooltip.

    The keys work anywhere in the window; lists, buttons and text fields keep those that they use
    themselves (`own_keys.py`).
    """

    command: str
    keys: tuple[str, ...]
    text: Message


_TEXTS = say("key_annotations", "Texts on the image: all, without the patient, none")

SHORTCUTS: tuple[Shortcut, ...] = (
    Shortcut("tool_window", ("W",), say("key_tool_window", "Drag changes window and level")),
    Shortcut("tool_pan", ("T",), say("key_tool_pan", "Drag moves the image")),
    Shortcut("tool_zoom", ("Z",), say("key_tool_zoom", "Drag zooms")),
    Shortcut("tool_scroll", ("S",), say("key_tool_scroll", "Drag scrolls")),
    Shortcut("rotate", ("R",), say("key_rotate", "Turn by 90 degrees")),
    Shortcut("mirror", ("Shift+H",), say("key_mirror", "Mirror left to right")),
    Shortcut("invert", ("Shift+I",), say("key_invert", "Invert black and white")),
    Shortcut("fit", ("F",), say("key_fit", "Fit to the window")),
    Shortcut("reset", ("Esc",), say("key_reset", "Reset window, zoom and turn")),
    Shortcut("annotations", ("I",), _TEXTS),
    Shortcut("annotations_too", ("Space",), _TEXTS),
    Shortcut("outlines", ("O",), say("key_outlines", "Outlines on and off")),
    Shortcut("cine", ("C",), say("key_cine", "Play and pause moving pictures")),
    Shortcut("heat", ("Shift+O",), say("key_heat", "Heat map on and off")),
    Shortcut("next_finding", ("N",), say("key_next_finding", "Next finding")),
    Shortcut("previous_finding", ("P",), say("key_previous_finding", "Previous finding")),
    Shortcut("accept", ("Return", "Enter"), say("key_accept", "Accept the finding")),
    Shortcut("reject", ("X",), say("key_reject", "Reject the finding")),
    Shortcut("up", ("Up",), say("key_up", "Previous image")),
    Shortcut("down", ("Down",), say("key_down", "Next image")),
    Shortcut("up_fast", ("Shift+Up", "PgUp"), say("key_up_fast", "Ten images back")),
    Shortcut("down_fast", ("Shift+Down", "PgDown"), say("key_down_fast", "Ten images on")),
    Shortcut("first", ("Home",), say("key_first", "First image")),
    Shortcut("last", ("End",), say("key_last", "Last image")),
    Shortcut("previous_series", ("Left",), say("key_previous_series", "Previous series")),
    Shortcut("next_series", ("Right",), say("key_next_series", "Next series")),
    Shortcut("previous_study", ("Ctrl+Left",), say("key_previous_study", "Previous study")),
    Shortcut("next_study", ("Ctrl+Right",), say("key_next_study", "Next study")),
    Shortcut(
        "brighter", ("Alt+Up",), say("key_brighter", "Brighter by 1 (with Shift 10, with Ctrl 100)")
    ),
    Shortcut(
        "darker", ("Alt+Down",), say("key_darker", "Darker by 1 (with Shift 10, with Ctrl 100)")
    ),
    Shortcut("narrower", ("Alt+Left",), say("key_narrower", "Window narrower by 1")),
    Shortcut("wider", ("Alt+Right",), say("key_wider", "Window wider by 1")),
    Shortcut("zoom_in", ("+", "="), say("key_zoom_in", "Zoom in")),
    Shortcut("zoom_out", ("-",), say("key_zoom_out", "Zoom out")),
    Shortcut(
        "actual_size", ("Shift+F",), say("key_actual_size", "One image pixel per screen pixel")
    ),
    Shortcut("export", ("E",), say("key_export", "Export the report")),
    Shortcut("open_folder", ("Ctrl+O",), say("key_open_folder", "Open a folder")),
    Shortcut("open_files", ("Ctrl+Shift+O",), say("key_open_files", "Open files")),
    Shortcut("audit", ("Ctrl+U",), say("key_audit", "Sensitivity audit on your own cases")),
    Shortcut("close", ("Ctrl+W",), say("key_close", "Close the window")),
    Shortcut("help", ("F1",), say("key_help", "Show all keys")),
)

# Fine, coarse and coarsest steps of the window keys, by modifier (wishes.md, row 34).
WINDOW_STEPS = (("", 1.0), ("Shift+", 10.0), ("Ctrl+", 100.0))
WINDOW_MOVES: dict[str, tuple[int, int]] = {
    "brighter": (-1, 0),
    "darker": (1, 0),
    "narrower": (0, -1),
    "wider": (0, 1),
}
# 0 automatic, 1-2 stored windows, 3-9 presets.
NUMBER_KEYS = tuple(range(10))


def shortcut(command: str) -> Shortcut:
    return next(entry for entry in SHORTCUTS if entry.command == command)


def key_text(command: str) -> str:
    """The key to name in a tooltip."""
    return shortcut(command).keys[0]
