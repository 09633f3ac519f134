"""Keeps the Chinese catalogue in step with the program's sentences.

    python -m tools.catalogue            collect, update the .po, compile the .mo
    python -m tools.catalogue --check    change nothing; exit 1 if a sentence lacks its translation

Sentences are found in the source, not at run time: `say("code", "Sentence {field}.")` and
`words.sentence("Sentence {field}.")` with literal text, the closed lists of
`mediassist.text.terms`, and titles and advice of the acquisition rules. A sentence that is no
longer said is dropped from the catalogue.
"""

from __future__ import annotations

import argparse
import ast
import string
import sys
from collections.abc import Iterator
from pathlib import Path

from mediassist.dicom.acquisition.rule import Rule
from mediassist.dicom.acquisition.rulebook import rulebook
from mediassist.text.terms import TERM_CONTEXT, TERMS
from tools.po_file import Entry, compile_mo, read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "mediassist"
CATALOGUE = PACKAGE / "text" / "locale" / "zh_CN" / "LC_MESSAGES" / "mediassist.po"


def literal_texts(node: ast.expr) -> list[str] | None:
    """The string or, for `a if x else b`, the strings of an expression; None if not literal."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        first, second = literal_texts(node.body), literal_texts(node.orelse)
        return first + second if first and second else None
    return None


def spoken(source: str, name: str) -> Iterator[tuple[str | None, int]]:
    """Every sentence that a module says, with its line; None where the text is not literal."""
    for node in ast.walk(ast.parse(source, name)):
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        called = function.attr if isinstance(function, ast.Attribute) else ""
        called = function.id if isinstance(function, ast.Name) else called
        if called == "say" and len(node.args) >= 2:
            text = node.args[1]
        elif called == "sentence" and node.args:
            text = node.args[0]
        else:
            continue
        if isinstance(text, ast.Attribute) and text.attr == "template":
            continue  # a message said before, with other values
        found = literal_texts(text)
        for sentence in found if found is not None else [None]:
            yield sentence, node.lineno


def collect(package: Path = PACKAGE) -> tuple[dict[tuple[str, str], Entry], list[str]]:
    """All sentences and terms of the package, and the places that say something not literal."""
    places: dict[tuple[str, str], list[str]] = {}
    unclear: list[str] = []
    for path in sorted(package.rglob("*.py")):
        where = path.relative_to(package).as_posix()
        for sentence, line in spoken(path.read_text(encoding="utf-8"), str(path)):
            if sentence is None:
                unclear.append(f"{where}:{line}")
            elif sentence:
                places.setdefault(("", sentence), []).append(where)
    for protocol in rulebook():
        where = f"dicom/acquisition/rules/{protocol.id}.toml"
        said = (protocol.title, *(text for rule in protocol.rules for text in _said_by(rule)))
        for sentence in dict.fromkeys(said):
            places.setdefault(("", sentence), []).append(where)
    for english in TERMS.values():
        places.setdefault((TERM_CONTEXT, english), []).append("text/terms.py")
    entries = {
        key: Entry(key[1], context=key[0], references=tuple(where)) for key, where in places.items()
    }
    return entries, unclear


def _said_by(rule: Rule) -> tuple[str, str]:
    return rule.title, rule.advice


def fields(pattern: str) -> set[str]:
    """Names of the fields of a pattern."""
    return {name for _, name, _, _ in string.Formatter().parse(pattern) if name is not None}


def merged(po: Path = CATALOGUE, package: Path = PACKAGE) -> tuple[list[Entry], list[str]]:
    """The catalogue as it should be, and what is wrong with it, one line a fault."""
    known = read_po(po)
    found, unclear = collect(package)
    faults = [f"{place}: the sentence is not literal text" for place in unclear]
    entries = []
    for key, entry in sorted(found.items()):
        translation = known[key].translation if key in known else ""
        if not translation:
            faults.append(f"no translation: {entry.english!r} ({entry.references[0]})")
        elif fields(translation) != fields(entry.english):
            faults.append(f"other fields in the translation: {entry.english!r}")
        entries.append(Entry(entry.english, translation, entry.context, entry.references))
    return entries, faults


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing, only report")
    options = parser.parse_args(arguments)
    entries, faults = merged()
    if not options.check:
        write_po(CATALOGUE, entries)
        CATALOGUE.with_suffix(".mo").write_bytes(compile_mo(entries))
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{len(entries)} sentences and terms, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
