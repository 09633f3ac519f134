"""Stands in for the models: the file's name says what is found."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

from PIL import Image

from mediassist.audit.outcome import BundleOutcome, CaseOutcome, ImageFacts
from mediassist.audit.task import PathTask
from mediassist.core.messages import say
from mediassist.core.vocabulary import Verdict


class FakeAnalyser:
    """`flagged-3.png` is flagged; `killer` ends the process, `slow` takes a minute.

    Every call leaves a file behind.
    """

    def __call__(self, task: PathTask, gallery: Path) -> CaseOutcome:
        (gallery.parent / "calls").mkdir(exist_ok=True)
        (gallery.parent / "calls" / f"{task.path.name}-{os.getpid()}").touch()
        if task.path.name.startswith("killer"):
            os.kill(os.getpid(), signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
        word = task.path.name.split("-")[0]
        if word == "slow":
            threading.Event().wait(60)
        if word == "unreadable":
            reason = say("unreadable", "{path} is damaged.", path=task.path.name)
            return CaseOutcome(failure=reason)
        verdict = Verdict(word)
        score = {"flagged": 0.9, "review": 0.5, "cleared": 0.1}.get(word)
        picture = ""
        if (verdict is Verdict.FLAGGED) != dict(task.truth)["fracture"]:
            gallery.mkdir(exist_ok=True)
            picture = f"{task.key}-bone_fracture_xray.jpg"
            Image.new("L", (40, 30), 128).save(gallery / picture)
        return CaseOutcome(
            results=(
                BundleOutcome(
                    bundle="bone_fracture_xray",
                    version="1.0",
                    sha256="ab" * 32,
                    finding="fracture",
                    verdict=verdict,
                    probability=score,
                    t_low=0.3 if score is not None else None,
                    t_high=0.6 if score is not None else None,
                    promise="marginal",
                    reason=None if score is not None else say("not_a_bone", "This is no bone."),
                    marks=((10.0, 10.0, 20.0, 20.0, 0.9),) if word == "flagged" else (),
                    picture=picture,
                ),
            ),
            facts=ImageFacts(
                images=1,
                file_bytes=1000,
                suffix=".png",
                rows=100,
                columns=100,
                bits=8,
                file_sha256=task.path.name,
            ),
        )


def open_fake() -> FakeAnalyser:
    return FakeAnalyser()
