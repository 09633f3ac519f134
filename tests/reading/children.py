"""What the window's child process runs in tests instead of the models; found by name there.

Imports little: each child of a test loads this module anew.
"""

from __future__ import annotations

from multiprocessing.connection import Connection

from mediassist.core.messages import say


def serve_flagged(connection: Connection) -> None:
    from tests.reading.results import OPACITY, result_of

    while True:
        try:
            study = connection.recv()
        except EOFError:
            return
        connection.send(("progress", OPACITY))
        connection.send(("result", result_of(study)))


def serve_forever_busy(connection: Connection) -> None:
    connection.recv()
    connection.send(("progress", "working"))
    connection.recv()


def serve_crash(connection: Connection) -> None:
    connection.recv()
    raise SystemExit(7)


def serve_refusal(connection: Connection) -> None:
    connection.recv()
    connection.send(("error", say("no_models", "No model could be loaded.")))
    connection.recv()
