"""Keys as data: one table for the window, the tooltips and the help (conventions.md, section 1)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reach(StrEnum):
    """Where a key works: anywhere in the window, or with the keyboard focus on the image.

    Keys that lists and buttons use themselves (arrows, Space, Enter) reach only the image, so
    that the whole window can be worked without a mouse.
    """

    WINDOW = "window"
    IMAGE = "image"


@dataclass(frozen=True, slots=True)
class Shortcut:
    """`english` is the sentence of the help and the key of its translation."""

    command: str
    keys: tuple[str, ...]
    english: str
    reach: Reach = Reach.WINDOW


SHORTCUTS: tuple[Shortcut, ...] = (
    Shortcut("tool_window", ("W",), "Drag changes window and level"),
    Shortcut("tool_pan", ("T",), "Drag moves the image"),
    Shortcut("tool_zoom", ("Z",), "Drag zooms"),
    Shortcut("tool_scroll", ("S",), "Drag scrolls"),
    Shortcut("rotate", ("R",), "Turn by 90 degrees"),
    Shortcut("mirror", ("Shift+H",), "Mirror left to right"),
    Shortcut("invert", ("Shift+I",), "Invert black and white"),
    Shortcut("fit", ("F",), "Fit to the window"),
    Shortcut("reset", ("Esc",), "Reset window, zoom and turn"),
    Shortcut("annotations", ("I",), "Texts on the image: all, without the patient, none"),
    Shortcut("annotations_too", ("Space",), "The same", Reach.IMAGE),
    Shortcut("outlines", ("O",), "Outlines on and off"),
    Shortcut("heat", ("Shift+O",), "Heat map on and off"),
    Shortcut("next_finding", ("N",), "Next finding"),
    Shortcut("previous_finding", ("P",), "Previous finding"),
    Shortcut("accept", ("Return", "Enter"), "Accept the finding", Reach.IMAGE),
    Shortcut("reject", ("X",), "Reject the finding", Reach.IMAGE),
    Shortcut("up", ("Up",), "Previous image", Reach.IMAGE),
    Shortcut("down", ("Down",), "Next image", Reach.IMAGE),
    Shortcut("up_fast", ("Shift+Up", "PgUp"), "Ten images back", Reach.IMAGE),
    Shortcut("down_fast", ("Shift+Down", "PgDown"), "Ten images on", Reach.IMAGE),
    Shortcut("first", ("Home",), "First image", Reach.IMAGE),
    Shortcut("last", ("End",), "Last image", Reach.IMAGE),
    Shortcut("previous_series", ("Left",), "Previous series", Reach.IMAGE),
    Shortcut("next_series", ("Right",), "Next series", Reach.IMAGE),
    Shortcut("previous_study", ("Ctrl+Left",), "Previous study"),
    Shortcut("next_study", ("Ctrl+Right",), "Next study"),
    Shortcut("brighter", ("Alt+Up",), "Brighter by 1 (with Shift 10, with Ctrl 100)", Reach.IMAGE),
    Shortcut("darker", ("Alt+Down",), "Darker by 1 (with Shift 10, with Ctrl 100)", Reach.IMAGE),
    Shortcut("narrower", ("Alt+Left",), "Window narrower by 1", Reach.IMAGE),
    Shortcut("wider", ("Alt+Right",), "Window wider by 1", Reach.IMAGE),
    Shortcut("zoom_in", ("+", "="), "Zoom in"),
    Shortcut("zoom_out", ("-",), "Zoom out"),
    Shortcut("actual_size", ("Shift+F",), "One image pixel per screen pixel"),
    Shortcut("export", ("E",), "Export the report"),
    Shortcut("open_folder", ("Ctrl+O",), "Open a folder"),
    Shortcut("open_files", ("Ctrl+Shift+O",), "Open files"),
    Shortcut("close", ("Ctrl+W",), "Close the window"),
    Shortcut("help", ("F1",), "Show all keys"),
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
