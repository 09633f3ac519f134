"""A whole batch run as a process of its own, for tests that kill it: IN OUT DIARY SECONDS."""

from __future__ import annotations

import sys
from pathlib import Path

from mediassist.batch.runner import BatchOptions, run_batch
from tests.batch.fake_analysis import FakeAnalyser, key_of, read_studies


def main() -> int:
    source, out, diary = (Path(argument) for argument in sys.argv[1:4])
    options = BatchOptions(
        source=source, out=out, request="r1", workers=int(sys.argv[5]) if sys.argv[5:] else 1
    )
    end = run_batch(options, FakeAnalyser(diary, float(sys.argv[4])), read_studies, key_of)
    print("done", end.counts.completed, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
