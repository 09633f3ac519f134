"""Command line: make the sample studies, fit the models, check privacy."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.samples.make import make_studies


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.samples", description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("sample_studies"), help="folder to write")
    parser.add_argument("--only", action="append", metavar="FOLDER", help="make this study only")
    parser.add_argument("--workers", type=int, default=1, help="studies made at a time")
    parser.add_argument("--fit", type=Path, metavar="DATASETS", help="refit the models instead")
    parser.add_argument("--models", type=Path, default=Path(__file__).parent / "models")
    parser.add_argument(
        "--privacy", type=Path, metavar="DATASETS", help="compare with training pictures"
    )
    chosen = parser.parse_args(arguments)
    if chosen.fit is not None:
        from tools.samples.fitting.all_models import fit_models

        fit_models(chosen.fit, chosen.models)
        return 0
    if chosen.privacy is not None:
        from tools.samples.privacy import check_privacy

        return 0 if check_privacy(chosen.out, chosen.privacy) else 3
    make_studies(chosen.out, chosen.only, chosen.workers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
