"""The one door of `mediassist train ID`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from mediassist.core.errors import WrongUsage
from mediassist.core.messages import say
from mediassist.models.training import gate
from mediassist.models.training.domains import MODULES, training_of
from mediassist.models.training.gate_admission import bundles_with_gate
from mediassist.models.training.montage import write_outlier_montage
from mediassist.models.training.recipe import Training
from mediassist.models.training.supervised import Plan

Progress = Callable[[str], None]

TRAINABLE = (gate.BUNDLE_ID, *MODULES)


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
        (`curve.csv`) and the montage of the strangest pictures to `out/.training/<name>`, where
        bundles that come of one network share them.
    resume : go on from the last finished epoch; the weights are those of an uninterrupted run.
    progress : is told a line after each epoch.
    left_out : leave out this source, train by the short schedule, write figures on that source
        to `out/left_out.json`, and no bundle.
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
    if bundle_id == gate.BUNDLE_ID:
        chosen = plan if isinstance(plan, gate.GatePlan) else gate.GatePlan()
        work = out / ".training" / bundle_id
        return gate.train_gate(data, out, work, resume, progress, chosen)
    training = training_of(bundle_id)
    if left_out is not None:
        from mediassist.models.training.left_out import leave_out

        return leave_out(training, left_out, data, out, resume, progress)
    bundles_with_gate(out)
    return _train_bundle(training, bundle_id, data, out, resume, progress, plan)


def _train_bundle(
    training: Training,
    bundle_id: str,
    data: Path,
    out: Path,
    resume: bool,
    progress: Progress,
    plan: Plan | gate.GatePlan | None,
) -> Path:
    from mediassist.models.training.classifier_bundle import finish
    from mediassist.models.training.fit import fit

    work = out / ".training" / training.name
    _montage(training, data, work)
    shorter = plan if isinstance(plan, Plan) else None
    network = fit(training, data, work, resume, progress, plan=shorter)
    spec = training.spec(bundle_id)
    return (spec.finish or finish)(training, spec, network, data, out, progress)


def _montage(training: Training, data: Path, work: Path) -> None:
    samples = training.load(data, ("train",))
    write_outlier_montage(
        work / "strangest.png",
        [sample.picture.mean(0).astype("uint8") for sample in samples],
        [f"{sample.source[:12]} {sample.row.label}" for sample in samples],
    )
