"""The Chinese catalogue is complete and its compiled form is the one that is shipped."""

from __future__ import annotations

from pathlib import Path

from tools.catalogue import CATALOGUE, collect, fields, merged, spoken
from tools.po_file import Entry, compile_mo, read_po, write_po


def test_every_sentence_of_the_program_has_a_chinese_translation_with_the_same_fields() -> None:
    _, faults = merged()
    assert faults == [], "run 'python -m tools.catalogue' and translate what it names"


def test_the_shipped_catalogue_is_compiled_from_the_text_one() -> None:
    assert CATALOGUE.with_suffix(".mo").read_bytes() == compile_mo(read_po(CATALOGUE).values())


def test_sentences_are_found_in_say_and_sentence_calls() -> None:
    source = (
        'say("code", "One {a}." " Two.", a=1)\n'
        'words.sentence("Three." if x else "Four.")\n'
        "say(code, template)\n"
        'other("Five.")\n'
    )
    found = [sentence for sentence, _ in spoken(source, "x.py")]
    assert sorted(found, key=str) == ["Four.", None, "One {a}. Two.", "Three."]


def test_a_sentence_that_is_not_literal_is_a_fault(tmp_path: Path) -> None:
    package = tmp_path / "检查"
    package.mkdir()
    (package / "one.py").write_text("say(code, template)\n", encoding="utf-8")
    _, unclear = collect(package)
    assert unclear == ["one.py:1"]


def test_fields_are_compared_by_name() -> None:
    assert fields("{found:.1f} of {allowed}") == {"found", "allowed"}


def test_a_catalogue_survives_being_written_and_read(tmp_path: Path) -> None:
    entries = [
        Entry('He said "no"\n', "他说“不”\n", references=("a.py",)),
        Entry("Eye", "眼", context="term"),
        Entry("back\\slash", ""),
    ]
    path = tmp_path / "目录" / "x.po"
    write_po(path, entries)
    assert {entry.english: entry.translation for entry in read_po(path).values()} == {
        'He said "no"\n': "他说“不”\n",
        "Eye": "眼",
        "back\\slash": "",
    }
