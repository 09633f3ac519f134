"""`mediassist deidentify` as a shell sees it."""

from __future__ import annotations

from pathlib import Path

from tests.cli.command_line import Run
from tests.dicom.builder import chest_radiograph, text_report


def test_a_folder_is_cleaned_and_the_json_says_what_was_done(run: Run) -> None:
    chest_radiograph(Path("病人") / "a.dcm")
    ran = run(
        "deidentify", "病人", "--out", "出", "--key", "密钥", "--profile", "research", "--json"
    )
    assert ran.code == 0, ran.err
    [one] = ran.document["released"]
    assert one["patient_identity_removed"] is True
    assert Path(one["target"]).is_file()
    assert "Sample" not in ran.out
    assert Path("密钥").is_file()


def test_a_withheld_file_gives_exit_code_3_and_its_reason(run: Run) -> None:
    import pydicom

    dataset = pydicom.dcmread(text_report(Path("in") / "a.dcm"))
    dataset.EncapsulatedDocument = b"%PDF-1.4 "
    dataset.save_as(Path("in") / "a.dcm")
    ran = run("deidentify", "in", "--out", "out", "--key", "key", "--json")
    assert ran.code == 3
    assert "document" in ran.document["withheld"][0]["reason"]


def test_pixels_that_nobody_vouches_for_give_exit_code_3(run: Run) -> None:
    chest_radiograph(Path("a.dcm"), BurnedInAnnotation="YES")
    ran = run("deidentify", "a.dcm", "--out", "out", "--key", "key")
    assert ran.code == 3
    assert "Patient Identity Removed is NO" in ran.err


def test_wrong_words_and_places_are_refused(run: Run) -> None:
    chest_radiograph(Path("in") / "a.dcm")
    assert run("deidentify", "in", "--out", "o", "--key", "k", "--profile", "all").code == 2
    assert run("deidentify", "in", "--out", Path("in") / "o", "--key", "k").code == 2
    assert run("deidentify", "in", "--out", "o", "--regions", "none.json").code == 2
