"""The dark reading-room look: one palette and one style sheet for every widget.

Greys are neutral so that they do not tint a grey picture beside them; text keeps a contrast of at
least 4.5 to 1 on its ground. Verdict colours are those of the report (Okabe and Ito), lightened
for a dark ground; shape and word always stand beside them.
"""

from __future__ import annotations

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from mediassist.core.vocabulary import Verdict

GROUND = "#141517"
PANEL = "#1a1c1f"
RAISED = "#23262a"
HOVER = "#2c3035"
PRESSED = "#353a40"
LINE = "#2e3237"
LINE_STRONG = "#474d55"
TEXT = "#dfe2e5"
TEXT_DIM = "#9aa1a9"
TEXT_FAINT = "#787f88"
ACCENT = "#6fa8dc"
ACCENT_GROUND = "#24394d"
VIEWPORT = "#000000"
VIEWPORT_TEXT = "#c9d3da"

VERDICT_COLOURS: dict[Verdict, str] = {
    Verdict.FLAGGED: "#ff7a4a",
    Verdict.REVIEW: "#ffc83c",
    Verdict.CLEARED: "#38c6a4",
    Verdict.NOT_APPLICABLE: "#969fa8",
    Verdict.FAILED: "#c08cf0",
}

SPACE = 8
RADIUS = 6

STYLE = f"""
* {{ outline: none; }}
QWidget {{ color: {TEXT}; }}
QMainWindow, QDialog, QMessageBox {{ background: {GROUND}; }}
QWidget[panel="true"] {{ background: {PANEL}; }}
QWidget[clear="true"] {{ background: transparent; }}
QLabel {{ background: transparent; }}
QLabel[dim="true"] {{ color: {TEXT_DIM}; }}
QLabel[faint="true"] {{ color: {TEXT_FAINT}; }}
QLabel[heading="true"] {{ color: {TEXT_DIM}; font-weight: 600; }}
QFrame[card="true"] {{
    background: {RAISED}; border: 1px solid {LINE}; border-radius: {RADIUS}px;
}}
QFrame[card="true"][current="true"] {{ border: 1px solid {ACCENT}; }}
QFrame[card="true"]:focus {{ border: 2px solid {ACCENT}; }}
QFrame[rule="true"] {{ background: {LINE}; max-height: 1px; min-height: 1px; border: none; }}
QToolBar {{ background: {PANEL}; border: none; spacing: 2px; padding: 4px 8px; }}
QToolBar::separator {{ background: {LINE}; width: 1px; margin: 5px 6px; }}
QToolButton, QPushButton {{
    background: transparent; border: 1px solid transparent; border-radius: {RADIUS}px;
    padding: 5px 9px; min-height: 20px;
}}
QPushButton {{ background: {RAISED}; border-color: {LINE_STRONG}; }}
QPushButton[quiet="true"] {{
    background: transparent; border-color: transparent; color: {ACCENT}; padding: 5px 3px;
}}
QPushButton[row="true"] {{
    background: transparent; border-color: transparent; color: {ACCENT}; padding: 1px 3px;
    min-height: 16px;
}}
QToolButton:hover, QPushButton:hover {{ background: {HOVER}; }}
QToolButton:pressed, QPushButton:pressed {{ background: {PRESSED}; }}
QToolButton:checked, QPushButton:checked {{
    background: {ACCENT_GROUND}; border-color: {ACCENT}; color: #ffffff;
}}
QToolButton:focus, QPushButton:focus {{ border: 1px solid {ACCENT}; }}
QToolButton:disabled, QPushButton:disabled {{ color: #5d636a; border-color: {LINE}; }}
QPushButton[main="true"] {{ background: {ACCENT_GROUND}; border-color: {ACCENT}; }}
QPushButton[main="true"]:hover {{ background: #2d4963; }}
QPushButton[main="true"]:disabled {{ background: {RAISED}; border-color: {LINE}; }}
QToolButton::menu-indicator {{ image: none; }}
QMenuBar {{ background: {PANEL}; padding: 2px 4px; }}
QMenuBar::item {{ padding: 4px 9px; border-radius: 4px; background: transparent; }}
QMenuBar::item:selected {{ background: {HOVER}; }}
QMenu {{ background: {RAISED}; border: 1px solid {LINE_STRONG}; padding: 5px; }}
QMenu::item {{ padding: 5px 26px 5px 22px; border-radius: 4px; }}
QMenu::icon:checked {{
    background: {ACCENT_GROUND}; border: 1px solid {ACCENT}; border-radius: 3px;
}}
QMenu::item:selected {{ background: {ACCENT_GROUND}; }}
QMenu::item:disabled {{ color: #6a7077; }}
QMenu::separator {{ height: 1px; background: {LINE}; margin: 5px 8px; }}
QStatusBar {{ background: {PANEL}; color: {TEXT_DIM}; }}
QStatusBar::item {{ border: none; }}
QSplitter::handle {{ background: #0c0d0e; }}
QListView {{ background: {PANEL}; border: none; }}
QScrollArea {{ background: {PANEL}; border: none; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {LINE_STRONG}; border-radius: 3px; margin: 2px;
    min-height: 28px; min-width: 28px; }}
QScrollBar::handle:hover {{ background: #5b626b; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QLineEdit, QComboBox, QPlainTextEdit {{
    background: {GROUND}; border: 1px solid {LINE_STRONG}; border-radius: {RADIUS}px;
    padding: 4px 7px; selection-background-color: {ACCENT_GROUND};
}}
QLineEdit:focus, QComboBox:focus, QPlainTextEdit:focus {{ border-color: {ACCENT}; }}
QProgressBar {{ background: {GROUND}; border: none; border-radius: 2px; max-height: 4px; }}
QProgressBar::chunk {{ background: {ACCENT}; border-radius: 2px; }}
QToolTip {{ background: {RAISED}; color: {TEXT}; border: 1px solid {LINE_STRONG}; padding: 4px; }}
QCheckBox {{ spacing: 7px; background: transparent; }}
"""


def verdict_colour(verdict: Verdict) -> QColor:
    return QColor(VERDICT_COLOURS[verdict])


def apply_theme(app: QApplication) -> None:
    """Give the application its palette, fonts and style sheet."""
    app.setStyle("Fusion")
    palette = QPalette()
    for role, colour in (
        (QPalette.ColorRole.Window, GROUND),
        (QPalette.ColorRole.WindowText, TEXT),
        (QPalette.ColorRole.Base, PANEL),
        (QPalette.ColorRole.AlternateBase, RAISED),
        (QPalette.ColorRole.Text, TEXT),
        (QPalette.ColorRole.PlaceholderText, TEXT_FAINT),
        (QPalette.ColorRole.Button, RAISED),
        (QPalette.ColorRole.ButtonText, TEXT),
        (QPalette.ColorRole.Highlight, ACCENT_GROUND),
        (QPalette.ColorRole.HighlightedText, "#ffffff"),
        (QPalette.ColorRole.ToolTipBase, RAISED),
        (QPalette.ColorRole.ToolTipText, TEXT),
        (QPalette.ColorRole.Link, ACCENT),
    ):
        palette.setColor(role, QColor(colour))
    app.setPalette(palette)
    app.setFont(_reading_font())
    app.setStyleSheet(STYLE)


def _reading_font() -> QFont:
    """The platform's own font, and behind it the report's Chinese one, so that a Chinese name is
    legible on a machine that has no Chinese font installed."""
    font = QFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont))
    families = [font.family()]
    if not _has_chinese():
        families += _report_font_families()
    font.setFamilies(families)
    font.setPointSizeF(max(font.pointSizeF(), 10.0))
    return font


def _has_chinese() -> bool:
    return bool(QFontDatabase.families(QFontDatabase.WritingSystem.SimplifiedChinese))


def _report_font_families() -> list[str]:
    from importlib import resources

    path = resources.files("mediassist.report").joinpath("fonts", "NotoSansSC-Regular.ttf")
    with resources.as_file(path) as file:
        number = QFontDatabase.addApplicationFont(str(file))
    return QFontDatabase.applicationFontFamilies(number) if number >= 0 else []
