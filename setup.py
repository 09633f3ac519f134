"""Put bundles and simulated studies into the wheel; everything else stands in pyproject.toml.

In a checkout they lie beside the package, where they are edited. An installed MediAssist finds
them inside the package (`mediassist/settings.py`), so the wheel alone is a working program.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithData(build_py):
    """The usual build, then the two data folders; an editable install uses them in place."""

    folders = ("model_weights", "sample_studies")

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return
        for name in self.folders:
            target = Path(self.build_lib) / "mediassist" / name
            shutil.rmtree(target, ignore_errors=True)
            if Path(name).is_dir():
                shutil.copytree(name, target, ignore=shutil.ignore_patterns("__pycache__", ".*"))


setup(cmdclass={"build_py": BuildWithData})
