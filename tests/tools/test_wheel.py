"""The wheel alone is a working program: every data file of the checkout is in it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tools.offline import build_product


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("轮子 wheel")
    build_product(folder)
    (wheel,) = folder.glob("mediassist-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def _files(folder: Path, root: Path) -> set[str]:
    return {
        path.relative_to(root).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }


def test_every_file_of_the_package_is_in_the_wheel(names: set[str], repository: Path) -> None:
    assert _files(repository / "mediassist", repository) <= names


@pytest.mark.parametrize("folder", ["model_weights", "sample_studies"])
def test_models_and_samples_are_where_the_installed_program_looks(
    names: set[str], repository: Path, folder: str
) -> None:
    wanted = {f"mediassist/{name}" for name in _files(repository / folder, repository)}
    assert wanted <= names


def test_the_licences_are_in_the_wheel(names: set[str]) -> None:
    for paper in ("LICENSE", "NOTICE", "WEIGHTS_LICENCE.md"):
        assert any(name.endswith(f"licenses/{paper}") for name in names), paper
