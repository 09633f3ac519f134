"""A hundred thousand cases in bounded memory: `python -m benchmarks.audit_size`.

Two audits, each in a process of its own as a user starts it: of predictions made elsewhere, and
of images. For the images a stand-in says at once what a model would have said, since what is
asked is what the audit itself keeps; the models work in other processes. Printed are seconds by
the clock, seconds of the processor, and the peak of resident memory.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from mediassist.audit.outcome import BundleOutcome, CaseOutcome, ImageFacts
from mediassist.audit.task import PathTask
from mediassist.core.vocabulary import Verdict

T_LOW, T_HIGH, SICK = 0.2, 0.8, 0.2
AIM_MB, AIM_SECONDS = 500, 60


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--only", choices=("predictions", "images"))
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside is not None:
        audit_inside(options.inside, options.only)
        return
    for kind in (options.only,) if options.only else ("predictions", "images"):
        with tempfile.TemporaryDirectory(prefix="审核 ") as folder:
            make = make_predictions if kind == "predictions" else make_images
            make(Path(folder), options.cases)
            command = [sys.executable, "-m", "benchmarks.audit_size", "--only", kind]
            subprocess.run([*command, "--inside", folder], check=True)


def make_predictions(folder: Path, cases: int) -> None:
    """Another vendor's scores: two cases of one patient now and then, a site and an age."""
    draw = np.random.default_rng(1)
    with (folder / "cases.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        stream.write("case,patient,label,score,t_low,t_high,finding,site,age\r\n")
        for number in range(cases):
            label = int(draw.random() < SICK)
            score = draw.beta(5, 2) if label else draw.beta(2, 5)
            stream.write(
                f"IMG-{number:07d},P-{int(number * 0.8):07d},{label},{score:.5f},{T_LOW},{T_HIGH},"
                f"lung_opacity,site {number % 5},{draw.integers(18, 95)}\r\n"
            )


def make_images(folder: Path, cases: int) -> None:
    """Empty files: the stand-in reads the truth from the name."""
    draw = np.random.default_rng(1)
    (folder / "images").mkdir()
    with (folder / "cases.csv").open("w", encoding="utf-8-sig", newline="") as stream:
        stream.write("case,path,patient,label,finding,modality,body_part,site,age\r\n")
        for number in range(cases):
            label = int(draw.random() < SICK)
            path = f"images/{number:07d}-{label}.png"
            (folder / path).touch()
            stream.write(
                f"IMG-{number:07d},{path},P-{int(number * 0.8):07d},{label},lung_opacity,DX,CHEST,"
                f"site {number % 5},{draw.integers(18, 95)}\r\n"
            )


def stand_in() -> object:
    """What opens instead of the models."""

    def analyse(task: PathTask, gallery: Path) -> CaseOutcome:
        name = task.path.stem
        draw = np.random.default_rng(int(name.split("-")[0]))
        score = float(draw.beta(5, 2) if name.endswith("1") else draw.beta(2, 5))
        verdict = (
            Verdict.FLAGGED
            if score >= T_HIGH
            else Verdict.CLEARED
            if score < T_LOW
            else Verdict.REVIEW
        )
        return CaseOutcome(
            results=(
                BundleOutcome(
                    bundle="lung_opacity_xray",
                    version="1",
                    sha256="ab" * 32,
                    finding="lung_opacity",
                    verdict=verdict,
                    probability=score,
                    t_low=T_LOW,
                    t_high=T_HIGH,
                    promise="marginal",
                ),
            ),
            facts=ImageFacts(
                images=1,
                frames=1,
                file_bytes=int(draw.integers(10_000, 900_000)),
                suffix=".png",
                rows=1024,
                columns=int(draw.choice((1024, 1200))),
                bits=8,
                manufacturer=str(draw.choice(("A", "B"))),
                file_sha256=hashlib.sha256(name.encode()).hexdigest(),
                perceptual_hash=draw.bytes(8).hex(),
            ),
        )

    return analyse


def audit_inside(folder: Path, kind: str) -> None:
    """The audit, and what this process needed for it."""
    from mediassist.audit import AuditRequest, run_audit
    from mediassist.settings import Settings

    started = time.perf_counter()
    table = folder / "cases.csv"
    is_images = kind == "images"
    run = run_audit(
        AuditRequest(
            out=folder / "out",
            manifest=table if is_images else None,
            predictions=None if is_images else table,
            analyser=stand_in if is_images else None,  # type: ignore[arg-type]
        ),
        settings=Settings(data_dir=folder / "data"),
    )
    seconds = time.perf_counter() - started
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(
        f"{run.result.findings[0].cases} {kind}: {seconds:.1f} s, "
        f"{used.ru_utime + used.ru_stime:.1f} s of processor time, "
        f"peak {used.ru_maxrss / 1024:.0f} MB (aim: {AIM_MB} MB"
        + (f", {AIM_SECONDS} s)" if kind == "predictions" else ")"),
        flush=True,
    )


if __name__ == "__main__":
    main()
