"""Starts the window. Imports little: something must stand on the screen within a second."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QSplashScreen

from mediassist.ui import theme
from mediassist.ui.icons import icon

SPLASH_SIZE = QSize(460, 190)


def run(paths: Sequence[Path] = ()) -> int:
    """Open the reading window on `paths` (pictures or result folders); the exit code.

    Ctrl-C in the terminal ends it as closing the window does; that is no error.
    """
    app = QApplication.instance() or QApplication(sys.argv[:1])
    if not isinstance(app, QApplication):
        raise TypeError("another kind of Qt application runs in this process already")
    app.setApplicationName("MediAssist")
    theme.apply_theme(app)
    splash = QSplashScreen(splash_picture(app.devicePixelRatio()))
    splash.show()
    app.processEvents()
    # Everything else is loaded while the splash stands.
    from mediassist.settings import Settings
    from mediassist.ui.garbage import GarbageOnMainThread
    from mediassist.ui.sitting import Sitting

    # Its timer also gives Python the turns in which it notices Ctrl-C.
    garbage = GarbageOnMainThread()
    sitting = Sitting(Settings())
    before = signal.signal(signal.SIGINT, lambda *_: app.quit())
    try:
        sitting.window.show()
        splash.finish(sitting.window)
        sitting.window.open([Path(path) for path in paths])
        return app.exec()
    finally:
        sitting.close()
        garbage.stop()
        signal.signal(signal.SIGINT, before)


def splash_picture(ratio: float) -> QPixmap:
    """Name and disclaimer in both languages: nobody knows yet which one the reader has chosen."""
    pixmap = QPixmap(SPLASH_SIZE * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(QColor(theme.GROUND))
    painter = QPainter(pixmap)
    painter.drawPixmap(28, 38, icon("mediassist", theme.ACCENT).pixmap(QSize(52, 52)))
    font = QFont(painter.font())
    font.setPointSizeF(22)
    painter.setFont(font)
    painter.setPen(QColor(theme.TEXT))
    painter.drawText(98, 76, "MediAssist")
    font.setPointSizeF(10)
    painter.setFont(font)
    painter.setPen(QColor("#f0d890"))
    painter.drawText(30, 132, "Research and teaching use only, not for diagnosis.")
    painter.drawText(30, 156, "仅供科研教学，不作为临床诊断依据。")
    painter.setPen(QColor(theme.LINE_STRONG))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(0, 0, SPLASH_SIZE.width() - 1, SPLASH_SIZE.height() - 1)
    painter.end()
    return pixmap
