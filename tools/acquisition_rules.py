"""Write docs/acquisition-rules.md and the schema of rule files.

    python -m tools.acquisition_rules

With --check nothing is written; the exit code is 1 where they are not what the rules say.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from mediassist.dicom.acquisition import rulebook
from mediassist.dicom.acquisition.measures import MEASURES
from mediassist.dicom.acquisition.rule import Protocol, Rule, Source
from mediassist.dicom.acquisition.wording import allowed_words, field_name

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "acquisition-rules.md"
SCHEMA = ROOT / "mediassist" / "schema" / "rules.schema.json"

_HEAD = """\
# What images must have: the rules of `mediassist check`

Made by `python -m tools.acquisition_rules` from the rule files in
`mediassist/dicom/acquisition/rules/`. {rules} rules for {protocols} kinds of examination, and
{every} for every image.

- **warn / fail** is what breaking the rule gives; *not stated* is what it gives where the value is
  not in the file or can't be measured.
- **any series**: one series of the study has to meet the rule; else every image or series.
- Kinds of source: *standard* (DICOM, IEC, law), *guideline* (a professional body), *field* (common
  practice or a study), *own* (a limit that MediAssist chose; the grounds are named).
- *Looked up* says which text the statement was held against, and how far: {checked} of the {all}
  rules, {titles} of these by title and year only. {unchecked} are marked *not looked up*: their
  source is named as known, so look a number up there before quoting it. The {own} limits of our
  own need no source.
- A series is judged by the examination that its modality and body part name; where the body part
  is empty, by words in its descriptions. `--protocol ID` forces one.
- The result is in findings.json (`acquisition`), in the report, and in `mediassist check --json`
  (schema `check`); over a folder the command says which scanner and protocol break which rule how
  often. `mediassist check` ends with 3 where a rule fails.
- Pixels: of a volume five slices are measured, of a cine the middle frame, else every image (up to
  24 a series). `--no-pixels` leaves these rules out.

## Rules of your own

`mediassist check PATH --rules house.toml` takes a file of the same shape
(`mediassist/schema/rules.schema.json`); one with the `id` of a
protocol below takes its place. At least six rules, each with its source:

```toml
id = "chest_xray"
title = "Chest radiograph in our hospital"
domains = ["lung"]
[match]
modalities = ["CR", "DX"]
body_parts = ["CHEST"]

[[rules]]
id = "chest_xray.tube_voltage"
title = "Tube voltage"
measure = "tag"
tag = "KVP"
unit = "kV"
severity = "fail"
allowed = {{ minimum = 120.0, maximum = 130.0 }}
advice = "Use program 3 of the chest stand."
source = {{ kind = "own", name = "House rule of 2026-01-01" }}
```

`allowed` is a range (`minimum`, `maximum`), `one_of`, `none_of`, `all_of` (names), or
`stated = true`. `measure` is `tag` with any DICOM keyword, or one of:
{measures}.
"""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing, only compare")
    options = parser.parse_args(arguments)
    made = {PAGE: page(), SCHEMA: schema()}
    if options.check:
        same = (path.is_file() and path.read_text("utf-8") == text for path, text in made.items())
        return 0 if all(same) else 1
    for path, text in made.items():
        path.write_text(text, encoding="utf-8")
    return 0


def schema() -> str:
    """JSON Schema of a rule file (TOML has the same shape)."""
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:mediassist:schema:rules:1.0",
        **Protocol.model_json_schema(),
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def page() -> str:
    """The page as Markdown."""
    protocols = rulebook()
    rules = sum(len(protocol.rules) for protocol in protocols)
    sources = [rule.source for protocol in protocols for rule in protocol.rules]
    every = next(len(protocol.rules) for protocol in protocols if not protocol.domains)
    head = _HEAD.format(
        rules=rules - every,
        protocols=sum(bool(protocol.domains) for protocol in protocols),
        every=every,
        all=rules,
        checked=sum(bool(source.checked) for source in sources),
        titles=sum(source.checked.startswith("title") for source in sources),
        unchecked=sum(not (source.checked or source.kind == "own") for source in sources),
        own=sum(source.kind == "own" and not source.checked for source in sources),
        measures=", ".join(f"`{name}`" for name in sorted(MEASURES) if name != "tag"),
    )
    return head + "".join(map(_section, protocols))


def _section(protocol: Protocol) -> str:
    match = protocol.match
    lines = [f"\n## {protocol.title} (`{protocol.id}`)\n"]
    facts = [
        ("Domains", [domain.value for domain in protocol.domains]),
        ("Findings", protocol.findings),
        ("Modalities", match.modalities),
        ("Body parts", match.body_parts),
        ("or words", match.words if match.body_parts else ()),
        ("and words", match.need_words),
        ("but no words", match.not_words),
    ]
    said = [f"{name}: {', '.join(values)}" for name, values in facts if values]
    if said:
        lines.append("; ".join(said) + ".\n")
    lines.append("| rule | field | allowed | outcome | what to do | source |")
    lines.append("|---|---|---|---|---|---|")
    lines += [_row(rule) for rule in protocol.rules]
    return "\n".join(lines) + "\n"


def _row(rule: Rule) -> str:
    outcome = f"**{rule.severity.value}**"
    if not rule.allowed.stated and rule.when_missing is not rule.severity:
        outcome += f"; not stated: {rule.when_missing.value}"
    if rule.over == "any":
        outcome += "; any series"
    if rule.findings:
        outcome += f"; for {', '.join(rule.findings)}"
    cells = [
        f"{rule.title} `{rule.id}`",
        MEASURES[rule.measure].field or field_name(rule.tag),
        str(allowed_words(rule.allowed, rule.unit)),
        outcome,
        rule.advice,
        f"*{rule.source.kind}*: {rule.source.name}{_looked_up(rule.source)}",
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _looked_up(source: Source) -> str:
    if source.checked:
        return f". *Looked up*: {source.checked}"
    return "" if source.kind == "own" else ". *Not looked up*"


if __name__ == "__main__":
    sys.exit(main())
