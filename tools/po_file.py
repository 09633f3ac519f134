"""Reads and writes the part of the gettext formats that the catalogue uses: .po and .mo.

Only what `tools.catalogue` needs: contexts, references, translator notes; no plurals.
"""

from __future__ import annotations

import ast
import re
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

HEADER = (
    "Project-Id-Version: mediassist\n"
    "Language: zh_CN\n"
    "MIME-Version: 1.0\n"
    "Content-Type: text/plain; charset=UTF-8\n"
    "Content-Transfer-Encoding: 8bit\n"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One sentence: its English text, its translation ("" if none), the files that say it."""

    english: str
    translation: str = ""
    context: str = ""
    references: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        return self.context, self.english


def read_po(path: Path) -> dict[tuple[str, str], Entry]:
    """Entries of a .po file by (context, English)."""
    entries: dict[tuple[str, str], Entry] = {}
    if not path.exists():
        return entries
    for block in re.split(r"\n\s*\n", path.read_text(encoding="utf-8")):
        fields: dict[str, str] = {}
        current = ""
        for line in block.splitlines():
            if line.startswith("#"):
                continue
            match = re.match(r'(?:(msgctxt|msgid|msgstr)\s+)?(".*")\s*$', line)
            if not match:
                continue
            current = match.group(1) or current
            fields[current] = fields.get(current, "") + ast.literal_eval(match.group(2))
        if fields.get("msgid"):
            entry = Entry(fields["msgid"], fields.get("msgstr", ""), fields.get("msgctxt", ""))
            entries[entry.key] = entry
    return entries


def _quoted(keyword: str, text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'{keyword} "{escaped}"'


def write_po(path: Path, entries: Iterable[Entry]) -> None:
    """Write entries in a fixed order, so that a change of one sentence is a change of one block."""
    blocks = [_quoted("msgid", "") + "\n" + _quoted("msgstr", HEADER)]
    for entry in sorted(entries, key=lambda entry: entry.key):
        lines = [f"#: {reference}" for reference in sorted(set(entry.references))]
        if entry.context:
            lines.append(_quoted("msgctxt", entry.context))
        lines += [_quoted("msgid", entry.english), _quoted("msgstr", entry.translation)]
        blocks.append("\n".join(lines))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n\n".join(blocks) + "\n", encoding="utf-8", newline="\n")


def compile_mo(entries: Iterable[Entry]) -> bytes:
    """The .mo content (GNU gettext manual, "The Format of GNU MO Files"), little-endian."""
    texts = {b"": HEADER.encode()}
    for entry in entries:
        if entry.translation:
            key = f"{entry.context}\x04{entry.english}" if entry.context else entry.english
            texts[key.encode()] = entry.translation.encode()
    pairs = sorted(texts.items())
    start = 7 * 4 + 16 * len(pairs)
    table: list[tuple[int, int]] = []
    body = b""
    for column in (0, 1):
        for pair in pairs:
            table.append((len(pair[column]), start + len(body)))
            body += pair[column] + b"\0"
    head = struct.pack(
        "<7I", 0x950412DE, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 28 + 16 * len(pairs)
    )
    return head + b"".join(struct.pack("<2I", *item) for item in table) + body
