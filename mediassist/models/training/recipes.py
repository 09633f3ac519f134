"""The one door of `mediassist train ID`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from mediassist.core.errors import WrongUsage
from mediassist.core.messages import say
from mediassist.models.training import gate, lung_opacity
from mediassist.models.training.gate_admission import bundles_with_gate
from mediassist.models.training.lung_opacity import FULL, SHORT, Plan
from mediassist.models.training.montage import write_outlier_montage

Progress = Callable[[str], None]

TRAINABLE = (gate.BUNDLE_ID, lung_opacity.BUNDLE_ID)


def _silent(_: str) -> None:
    return None


def train(
    bundle_id: str,
    data: Path,
    out: Path,
    resume: bool = False,
    progress: Progress = _silent,
    left_out: str | None = None,
    plan: Plan | gate.GatePlan | None = None,
) -> Path:
    """Make a bundle from the picture sets.

    Parameters
    ----------
    bundle_id : one of `TRAINABLE`.
    data : the folder of the picture sets (with `lung/cxr` and so on below it); the encoder to
        start from lies beside it in `weights/`, the DICOM corpus in `dicom/`.
    out : the bundle is written to `out/<bundle_id>`; checkpoints, the learning curve
        (`curve.csv`) and the montage of the strangest pictures to `out/.training/<bundle_id>`.
    resume : go on from the last finished epoch; the weights are those of an uninterrupted run.
    progress : is told a line after each epoch.
    left_out : only for lung_opacity_xray: leave out a source (`children`, `NIH`, ...), train by
        the short schedule, write figures on that source to `out/left_out.json`, and no bundle.
    plan : another schedule, for tests and pilots.

    Returns
    -------
    The bundle's folder, or `left_out.json`.
    """
    if bundle_id not in TRAINABLE:
        raise WrongUsage(
            say(
                "train_unknown",
                "{bundle} cannot be trained; these can: {known}.",
                bundle=bundle_id,
                known=", ".join(TRAINABLE),
            )
        )
    work = out / ".training" / bundle_id
    if bundle_id == gate.BUNDLE_ID:
        chosen = plan if isinstance(plan, gate.GatePlan) else gate.GatePlan()
        return gate.train_gate(data, out, work, resume, progress, chosen)
    opacity_plan = plan if isinstance(plan, Plan) else None
    if left_out is not None:
        return _left_out(data, out, resume, progress, left_out, opacity_plan or SHORT)
    bundles_with_gate(out)
    _montage(data, work)
    network = lung_opacity.fit(data, work, resume, progress, plan=opacity_plan)
    from mediassist.models.training.opacity_bundle import finish

    return finish(network, data, out, progress, opacity_plan or FULL)


def _montage(data: Path, work: Path) -> None:
    from mediassist.models.training.chest_set import load_examples

    examples = load_examples(data, 128, ("train",))
    write_outlier_montage(
        work / "strangest.png",
        [example.film for example in examples],
        [f"{example.row['dataset'][:12]} {example.row.label}" for example in examples],
    )


def _left_out(
    data: Path, out: Path, resume: bool, progress: Progress, source: str, plan: Plan
) -> Path:
    from mediassist.models.training.opacity_bundle import left_out_figures

    work = out / ".training" / f"{lung_opacity.BUNDLE_ID}-without-{source}"
    network = lung_opacity.fit(data, work, resume, progress, source, plan)
    path = out / "left_out.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    known[source] = left_out_figures(network, data, source, plan, resamples=1000)
    path.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
    return path
