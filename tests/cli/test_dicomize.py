"""`mediassist dicomize` as a shell sees it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from tests.cli.command_line import Run


def test_a_picture_becomes_dicom_and_the_json_names_it(run: Run, chinese_path: Path) -> None:
    Image.fromarray(np.zeros((9, 8), np.uint8)).save("眼底 OD.png")
    ran = run("dicomize", "眼底 OD.png", "--modality", "op", "--out", "出", "--json")
    assert ran.code == 0, ran.err
    [series] = ran.document["series"]
    assert series["sop_class_uid"] == "1.2.840.10008.5.1.4.1.1.77.1.5.1"
    assert Path(series["written"][0]).is_file()


def test_what_is_missing_is_named_with_exit_code_2(run: Run) -> None:
    Image.fromarray(np.zeros((9, 8), np.uint8)).save("a.png")
    ran = run("dicomize", "a.png", "--modality", "DX", "--out", "o")
    assert ran.code == 2
    assert "--spacing" in ran.err


def test_a_value_that_dicom_cannot_hold_is_refused(run: Run) -> None:
    Image.fromarray(np.zeros((9, 8), np.uint8)).save("a.png")
    base = ("dicomize", "a.png", "--out", "o", "--modality")
    assert run(*base, "PET").code == 2
    assert run(*base, "CT", "--spacing", "1,2,3").code == 2
    assert run(*base, "CT", "--spacing", "0").code == 2
    assert run(*base, "US", "--age", "old").code == 2
    assert run(*base, "US", "--group", "each").code == 2


def test_a_rejected_file_gives_exit_code_3(run: Run) -> None:
    Path("a.png").write_bytes(b"no picture")
    ran = run("dicomize", "a.png", "--modality", "US", "--out", "o", "--json")
    assert ran.code == 3
    assert ran.document["rejected"][0]["path"] == "a.png"
