"""Every hostile file is refused with a sentence, in bounded time and memory."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.refused_files import MEGABYTES
from mediassist.core.study import Study
from mediassist.dicom import find_studies
from tests.dicom import bombs, builder

# Only what never ends is told here; the benchmark counts against the bound itself.
ENDS_IN_SECONDS = 20

REPOSITORY = Path(__file__).resolve().parents[2]
READ_NEVERTHELESS = {"deflated frame"}  # what lies beyond the picture is left alone


@pytest.fixture(scope="module", params=bombs.GROUPS)
def measured(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    """In a program of its own: a test run that has grown large would be counted too."""
    command = [sys.executable, "-m", "benchmarks.refused_files", request.param, "--json"]
    told = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)  # noqa: S603
    return [json.loads(line) for line in told.stdout.splitlines()]


def test_refusing_takes_little_and_says_why(measured: list[dict[str, Any]]) -> None:
    assert measured
    for found in measured:
        assert found["seconds"] < ENDS_IN_SECONDS, found
        assert found["megabytes"] < MEGABYTES, found
        is_read = found["said"][0].startswith("read:")
        assert is_read == (found["name"] in READ_NEVERTHELESS), found


def test_an_archive_of_many_other_files_is_given_up_with_advice(chinese_path: Path) -> None:
    path = bombs.many_members(chinese_path)
    *_, given_up, nothing = map(str, (one.error for one in find_studies([path])))  # type: ignore[union-attr]
    assert "unpack it and give the folder of the images" in given_up
    assert "holds no DICOM image" in nothing


def test_images_behind_thousands_of_other_files_are_found(chinese_path: Path) -> None:
    """A disc image with its viewer: none of the other files is extracted."""
    import zipfile

    image = builder.chest_radiograph(chinese_path / "x.dcm")
    path = chinese_path / "disc.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(3000):
            archive.writestr(f"viewer/{number}.dll", b"MZ")
        archive.write(image, "IMAGES/IM1")
    work_dir = chinese_path / "work"
    work_dir.mkdir()
    studies = [one for one in find_studies([path], work_dir) if isinstance(one, Study)]
    assert len(studies) == 1
    assert len(list(work_dir.iterdir())) == 1


def test_a_directory_of_a_disc_may_list_thousands_of_files(chinese_path: Path) -> None:
    """Only lists without any end are cut."""
    from mediassist.dicom.dicomdir import referenced_files
    from mediassist.dicom.header import read_header

    path = bombs.directory_of_many(chinese_path)
    (chinese_path / "ABCD").write_bytes(b"x")
    assert sum(1 for _ in referenced_files(read_header(path))) > 50_000
