"""Widgets that became garbage are destroyed on the main thread, whoever allocates."""

from __future__ import annotations

import gc
import threading
import weakref

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from mediassist.ui.garbage import GarbageOnMainThread


def test_a_busy_thread_does_not_destroy_widgets(qtbot: QtBot) -> None:
    destroyed_in: list[int] = []
    widget = QWidget()
    widget.itself = widget  # type: ignore[attr-defined]
    weakref.finalize(widget, lambda: destroyed_in.append(threading.get_ident()))
    del widget

    def allocate() -> None:
        kept = [[number] for number in range(200_000)]
        del kept

    worker = threading.Thread(target=allocate)
    worker.start()
    worker.join()
    assert destroyed_in == []
    garbage = GarbageOnMainThread()
    try:
        qtbot.waitUntil(lambda: bool(gc.collect()) or bool(destroyed_in), timeout=5000)
    finally:
        garbage.stop()
    assert destroyed_in == [threading.get_ident()]


def test_collection_is_automatic_again_afterwards() -> None:
    before = gc.isenabled()
    garbage = GarbageOnMainThread()
    assert not gc.isenabled()
    garbage.stop()
    assert gc.isenabled() is before
