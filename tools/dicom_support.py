"""Write docs/dicom-support.md: which DICOM files MediAssist reads, counted on a collection.

    python -m tools.dicom_support --data ../shared/dicom

The collection's index.csv says of each file what other decoders make of it; the table says what
`mediassist.dicom.load_pixels` makes of it. Nothing is typed by hand.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from mediassist.core.errors import MediAssistError
from mediassist.dicom import load_pixels
from mediassist.dicom.header import read_header
from mediassist.dicom.syntaxes import DECODED, LOSSY, NATIVE, name

_HEAD = """\
# Which DICOM files MediAssist reads

Made by `python -m tools.dicom_support --data FOLDER`, counted on {files} files of many origins.
Each was read by `mediassist.dicom.load_pixels`, compressed ones in the guarded decoding process.

- **same**: the stored values of all frames are identical to those of the reference decoders.
- **no reference**: decoded here; the other decoders give no values to compare with.
- **other**: decoded, with values that differ from the reference: decoders of lossy streams may
  differ by 1, and each makes up another rest of a stream that was cut off.
- **refused**: a sound picture that MediAssist does not decode, with the reason in plain words.
- **damaged**: files that are broken on purpose or by accident, refused with a reason.

Text whose character set is missing, misspelt or wrongly ISO_IR 100 is read as the likeliest of
sixteen sets, and marked as guessed. Of 300 names a language, drawn by Faker, under ISO_IR 100
(`python -m benchmarks.charset_guess --seed 4`; the weights were set on other draws of the same
lists, the letters of names were written down without them): Chinese GBK
100 %, Big5 99.7 %, Japanese 99.7 to 100 %, Korean 100 %, Cyrillic 99.3 to 100 %, Thai 99.7 %,
Greek 99.7 %, Hebrew 97.7 %, Arabic 99.0 to 99.3 %; Western European names stay as they are
(100 %). Latin-2 and Turkish names are read right only where their letters are no Western ones:
Croatian 91 %, Czech 77 to 82 %, Polish 76 to 77 %, Hungarian 96 %, Turkish 58 %, Romanian 3 %.
"""

_NOTES = """
## Remarks

- A JPEG that was cut off (`made/broken/jpeg_cut.dcm`) has no right values below the cut. What is
  there agrees with the reference to 1; the missing blocks are grey here (as libjpeg leaves them),
  while the reference, one decoder that the index counts twice, repeats the remains of the last
  block in each of them. Neither is a picture: `load_pixels` gives the values, everything that shows
  or judges a picture refuses the file and says that its lower part is missing. Cut JPEG-LS, JPEG
  2000, JPEG XL, RLE and deflated streams are refused by `load_pixels` already.
- A file is believed against its transfer syntax where its bytes leave no doubt: another byte order,
  uncompressed pixels (exactly as long as the picture needs) or a codestream under another label,
  fragments with a length, without the item of the offset table, or a single frame without items.
- Twelve bits allocated (two values in three bytes, as ACR-NEMA packed them) are read when
  uncompressed and little-endian; the values are those of GDCM.
- Memory: a picture takes at most twice its decoded size and 200 MB (measured at 57 MB:
  uncompressed, deflated, RLE, JPEG, JPEG-LS, JPEG XL, lossless HTJ2K; peaks of both processes
  added), but for large single frames of JPEG 2000 and lossy HTJ2K. OpenJPEG, on which every
  library here rests, works in 32-bit numbers and needs four bytes a value beside the result: 57 MB
  of 8-bit colour take 480 MB, of 16-bit grey 360 MB.
  Several frames are decoded one after the other.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with index.csv")
    parser.add_argument("--out", type=Path, default=Path("docs/dicom-support.md"))
    arguments = parser.parse_args()
    with (arguments.data / "index.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    arguments.out.write_text(document(arguments.data, rows), encoding="utf-8")


def document(data: Path, rows: list[dict[str, str]]) -> str:
    """The page as Markdown."""
    table: dict[str, Counter[str]] = defaultdict(Counter)
    reasons: Counter[tuple[str, str]] = Counter()
    for row in rows:
        syntax, outcome, reason = _outcome(data, row)
        table[syntax][outcome] += 1
        if reason:
            reasons[outcome, reason] += 1
    return "\n".join(
        (
            _HEAD.format(files=len(rows)),
            "## By transfer syntax\n",
            *_syntax_table(table),
            _NOTES.rstrip(),
            "\n## Why files were refused\n",
            *_reason_table(reasons),
            "\n## Transfer syntaxes that are decoded\n",
            *_decoded_list(),
            "",
        )
    )


def _outcome(data: Path, row: dict[str, str]) -> tuple[str, str, str]:
    """Transfer syntax, what became of the file, and the reason where it was refused."""
    path = data / row["path"]
    try:
        syntax = read_header(path).transfer_syntax_uid
    except MediAssistError:
        syntax = ""
    try:
        pixels = load_pixels(path)
    except MediAssistError as error:
        sound = row["expect"] in ("decodes", "unsupported")
        code = error.message.code
        if code == "no_pixels":
            return syntax, "without pixels", ""
        return syntax, "refused" if sound else "damaged", error.message.template
    if not row["pixel_sha256"]:
        return syntax, "no reference", ""
    little = pixels.astype(pixels.dtype.newbyteorder("<"), copy=False)
    is_same = hashlib.sha256(little.tobytes()).hexdigest() == row["pixel_sha256"]
    return syntax, "same" if is_same else "other", ""


_OUTCOMES = ("same", "no reference", "other", "refused", "damaged", "without pixels")


def _syntax_table(table: dict[str, Counter[str]]) -> Iterable[str]:
    yield f"| transfer syntax | files | {' | '.join(_OUTCOMES)} |"
    yield "|---" * (2 + len(_OUTCOMES)) + "|"
    for syntax in sorted(table, key=lambda uid: (-sum(table[uid].values()), uid)):
        counts = table[syntax]
        label = f"{name(syntax)} `{syntax}`" if syntax else "(unreadable header)"
        cells = " | ".join(str(counts[outcome] or "") for outcome in _OUTCOMES)
        yield f"| {label} | {sum(counts.values())} | {cells} |"
    total: Counter[str] = sum(table.values(), Counter())
    cells = " | ".join(str(total[outcome] or "") for outcome in _OUTCOMES)
    yield f"| **all** | {sum(total.values())} | {cells} |"


def _reason_table(reasons: Counter[tuple[str, str]]) -> Iterable[str]:
    yield "| kind | files | reason as it is worded |"
    yield "|---|---|---|"
    for (outcome, template), count in sorted(reasons.items(), key=lambda item: (-item[1], item[0])):
        yield f"| {outcome} | {count} | {template.replace('|', '/')} |"


def _decoded_list() -> Iterable[str]:
    for syntax in sorted(NATIVE | DECODED, key=_order):
        kind = "uncompressed" if syntax in NATIVE else "lossy" if syntax in LOSSY else "lossless"
        yield f"- {name(syntax)} `{syntax}` ({kind})"


def _order(uid: str) -> list[int]:
    return [int(part) for part in uid.split(".")]


if __name__ == "__main__":
    main()
