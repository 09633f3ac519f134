"""Fuzz the reader with atheris: `make fuzz` (Linux), `python -m tools.fuzz [libFuzzer options]`.

Each input is written to a file and read as any file is: header, study facts, uncompressed pixels,
first frame as grey values. A `MediAssistError` is an answer; all else is a fault, and libFuzzer
keeps its input as `crash-...`. Make a test of it, by code, in tests/dicom/test_damaged_files.py.
Compressed pixels are left out: they are decoded in a process of their own, which may die.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["mediassist"]):
    from mediassist.core.errors import MediAssistError
    from mediassist.dicom import syntaxes
    from mediassist.dicom.display import display_grey, load_frame
    from mediassist.dicom.header import read_header
    from mediassist.dicom.instance import scan

FOLDER = Path(tempfile.mkdtemp(prefix="mediassist-fuzz-"))
_INPUT = FOLDER / "input"


def read_one(data: bytes) -> None:
    """Read `data` as a file; raises only what is a fault."""
    _INPUT.write_bytes(data)
    try:
        header = read_header(_INPUT)
        scan(header, "input")
        if header.pixels is not None and header.transfer_syntax_uid in syntaxes.NATIVE:
            display_grey(load_frame(_INPUT))
    except MediAssistError:
        return


def make_seeds(folder: Path) -> None:
    """Small files of several kinds, for the fuzzer to change."""
    from tests.dicom import builder

    builder.chest_radiograph(folder / "radiograph")
    builder.chest_radiograph(folder / "deflated", syntax="1.2.840.10008.1.2.1.99")
    builder.chest_radiograph(folder / "implicit", syntax="1.2.840.10008.1.2")
    builder.chest_radiograph(folder / "rle", syntax=builder.RLE)
    builder.ct_series(folder, slices=1)
    builder.enhanced_ct(folder / "enhanced")
    builder.ultrasound(folder / "ultrasound", frames=2)
    builder.text_report(folder / "report")


def main() -> None:
    seeds = FOLDER / "seeds"
    seeds.mkdir()
    make_seeds(seeds)
    options = sys.argv[1:] or ["-max_total_time=300"]
    atheris.Setup([sys.argv[0], *options, "-max_len=200000", str(seeds)], read_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
