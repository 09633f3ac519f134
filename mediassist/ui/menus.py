"""The menu bar, the menu of the image and the list of window presets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QMessageBox, QToolButton

import mediassist
from mediassist.reading.window_presets import presets_for
from mediassist.ui.export_dialog import LANGUAGE_NAMES
from mediassist.ui.icons import icon
from mediassist.ui.own_keys import BUTTON_KEYS, OwnKeys

if TYPE_CHECKING:
    from mediassist.ui.reading_window import ReadingWindow


def build_menu_bar(window: ReadingWindow) -> None:
    words, commands = window.words, window.commands
    bar = window.menuBar()
    file = bar.addMenu(words.sentence("&File"))
    for name in ("open_folder", "open_files", "", "export", "audit", "", "close"):
        _add(file, window, name)
    view = bar.addMenu(words.sentence("&View"))
    for name in (
        "annotations",
        "outlines",
        "heat",
        "",
        "fit",
        "actual_size",
        "zoom_in",
        "zoom_out",
    ):
        _add(view, window, name)
    view.addSeparator()
    for name in ("rotate", "mirror", "invert", "", "reset", "", "cine"):
        _add(view, window, name)
    _add_speeds(view, window)
    findings = bar.addMenu(words.sentence("F&indings"))
    for name in ("next_finding", "previous_finding", "", "accept", "reject"):
        _add(findings, window, name)
    choices = bar.addMenu(words.sentence("&Settings"))
    _add_choices(choices, window)
    about = bar.addMenu(words.sentence("&Help"))
    about.addAction(commands["help"])
    about.addAction(words.sentence("About MediAssist")).triggered.connect(
        lambda: _tell_about(window)
    )


def _add(menu: QMenu, window: ReadingWindow, name: str) -> None:
    if name:
        menu.addAction(window.commands[name])
    else:
        menu.addSeparator()


def _add_speeds(menu: QMenu, window: ReadingWindow) -> None:
    """Speeds of moving pictures; the file's own at first."""
    words = window.words
    speeds = menu.addMenu(words.sentence("Speed of moving pictures"))
    group = QActionGroup(window)
    for speed in (None, 5, 10, 15, 25, 40):
        if speed is None:
            text = words.sentence("As the file says")
        else:
            text = words.sentence("{speed} images a second", speed=speed)
        action = speeds.addAction(text)
        action.setCheckable(True)
        action.setChecked(speed is None)
        action.triggered.connect(lambda _checked, speed=speed: window.image.choose_speed(speed))
        group.addAction(action)


def _add_choices(menu: QMenu, window: ReadingWindow) -> None:
    words, preferences = window.words, window.preferences
    language = menu.addMenu(words.sentence("Language"))
    group = QActionGroup(window)
    for lang, name in LANGUAGE_NAMES.items():
        action = language.addAction(name)
        action.setCheckable(True)
        action.setChecked(lang == words.lang)
        action.triggered.connect(lambda _checked, lang=lang: window.prefer(lang=lang))
        group.addAction(action)
    menu.addSeparator()
    for name, sentence in (
        ("inverse_drag", words.sentence("Dragging down darkens instead of brightens")),
        ("analyse_on_opening", words.sentence("Analyse studies as soon as they are open")),
        ("experimental", words.sentence("Use experimental models (too weak to rely on)")),
    ):
        action = menu.addAction(sentence)
        action.setCheckable(True)
        action.setChecked(bool(getattr(preferences, name)))
        action.toggled.connect(lambda on, name=name: window.prefer(**{name: on}))
    opacity = menu.addMenu(words.sentence("Strength of the heat map"))
    strengths = QActionGroup(window)
    for percent in (25, 45, 65, 85):
        action = opacity.addAction(f"{percent} %")
        action.setCheckable(True)
        action.setChecked(round(100 * preferences.heat_opacity) == percent)
        action.triggered.connect(
            lambda _checked, percent=percent: window.prefer(heat_opacity=percent / 100)
        )
        strengths.addAction(action)


def image_menu(window: ReadingWindow) -> QMenu:
    """The menu of a right click on the image."""
    menu = QMenu(window)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for name in (
        "tool_window",
        "tool_pan",
        "tool_zoom",
        "tool_scroll",
        "",
        "invert",
        "rotate",
        "mirror",
        "fit",
        "actual_size",
        "reset",
        "",
        "outlines",
        "heat",
        "annotations",
        "",
        "cine",
    ):
        _add(menu, window, name)
    menu.insertMenu(window.commands["invert"], _preset_menu(window, menu))
    return menu


class _PresetButton(OwnKeys, QToolButton):
    own_keys = BUTTON_KEYS | {Qt.Key.Key_Down}


def preset_button(window: ReadingWindow) -> QToolButton:
    """The tool button with the list of windows, filled anew whenever it opens."""
    button = _PresetButton(window)
    button.setIcon(icon("preset"))
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    tip = window.words.sentence("Window presets (0 to 9)")
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    menu = QMenu(button)
    menu.aboutToShow.connect(lambda: _fill_presets(menu, window))
    button.setMenu(menu)
    return button


def _preset_menu(window: ReadingWindow, parent: QMenu) -> QMenu:
    menu = QMenu(window.words.sentence("Window presets"), parent)
    _fill_presets(menu, window)
    return menu


def _fill_presets(menu: QMenu, window: ReadingWindow) -> None:
    """Automatic, the file's own windows, and for CT the table of presets."""
    menu.clear()
    words, model = window.words, window.viewport.model
    if model.picture is None or model.picture.colour:
        menu.addAction(words.sentence("This image has no grey window")).setEnabled(False)
        return
    menu.addAction(words.sentence("Automatic") + "\t0").triggered.connect(
        lambda: window.image.choose_number(0)
    )
    for number, stored in enumerate(model.picture.windows[:2], start=1):
        name = stored.name or words.sentence("Window of the file")
        text = f"{name}  ({stored.width:g} / {stored.centre:g})\t{number}"
        menu.addAction(text).triggered.connect(
            lambda _checked=False, number=number: window.image.choose_number(number)
        )
    presets = presets_for(model.modality)
    if presets:
        menu.addSeparator()
    for preset in presets:
        key = "" if preset.key is None else f"\t{preset.key}"
        name = words.message(preset.label)
        text = f"{name}  ({preset.width_hu:g} / {preset.centre_hu:g}){key}"
        menu.addAction(text).triggered.connect(
            lambda _checked=False, preset=preset: window.image.choose_preset(preset)
        )


def _tell_about(window: ReadingWindow) -> None:
    words = window.words
    QMessageBox.about(
        window,
        words.sentence("About MediAssist"),
        "MediAssist "
        + mediassist.__version__
        + "\n\n"
        + words.sentence("Research and teaching use only, not for diagnosis.")
        + "\n"
        + words.sentence(
            "Everything runs on this computer; nothing is sent anywhere. A person always decides."
        )
        + "\n\nQt for Python (LGPL-3.0)",
    )
