"""`mediassist` and `python -m mediassist`."""

from __future__ import annotations

import sys


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        # A Windows code page lacks many characters of names; a name must never end a run.
        if stream is not None and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        from mediassist.cli.app import app

        app(prog_name="mediassist")
    except KeyboardInterrupt:
        sys.exit(130)  # commands say what they kept; nothing had begun yet


if __name__ == "__main__":
    main()
