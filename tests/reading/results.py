"""Studies and results for tests of reading and window: `result_of(study, Verdict.FLAGGED)`."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from mediassist.analysis import study_key
from mediassist.analysis.result import StudyResult
from mediassist.core.finding import (
    BundleIdentity,
    BundleResult,
    HeatMap,
    Measurement,
    Refusal,
    Region,
    RegionKind,
)
from mediassist.core.messages import say
from mediassist.core.operating_point import OperatingPoint, Promise, PromiseKind, Rate
from mediassist.core.provenance import Provenance
from mediassist.core.study import Instance, Patient, PixelSpacing, Series, SpacingSource, Study
from mediassist.core.vocabulary import Verdict

OPACITY = "lung_lung_opacity_xray"
HEART = "heart_cardiomegaly_xray"
BLEED = "brain_intracranial_haemorrhage_ct"
NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)

POINT = OperatingPoint(
    t_low=0.08,
    t_high=0.61,
    promise=Promise(PromiseKind.HIGH_PROBABILITY, 0.01, 0.05, 412),
    rates=(("detection", Rate(0.93, 372, 400, 0.90, 0.95)),),
    measured_on="held-out test patients",
)
_PROBABILITY = {Verdict.FLAGGED: 0.87, Verdict.REVIEW: 0.31, Verdict.CLEARED: 0.02}


def identity(bundle_id: str, finding: str, version: str = "1.0.0") -> BundleIdentity:
    digest = hashlib.sha256(f"{bundle_id} {version}".encode()).hexdigest()
    return BundleIdentity(bundle_id, version, digest, finding, bundle_id.split("_")[0], finding)


def study_of(
    path: Path = Path("none.dcm"),
    *,
    uid: str = "1.2.3",
    name: str = "王小东",
    modality: str = "DX",
    images: int = 1,
    frames: int = 1,
) -> Study:
    """A study with one series of `images` files that all lie at `path`."""
    return Study(
        study_uid=uid,
        patient=Patient(patient_id=f"P{uid[-1]}", name=name, sex="F"),
        series=(
            Series(
                series_uid=f"{uid}.1",
                modality=modality,
                number=1,
                description="Chest PA",
                instances=tuple(
                    Instance(
                        path=path,
                        source=str(path),
                        sop_instance_uid=f"{uid}.1.{number}",
                        modality=modality,
                        frames=frames,
                        rows=96,
                        columns=80,
                        spacing=PixelSpacing(0.2, 0.2, SpacingSource.DETECTOR),
                    )
                    for number in range(1, images + 1)
                ),
            ),
        ),
    )


def result_of(
    study: Study, verdict: Verdict = Verdict.FLAGGED, version: str = "1.0.0"
) -> StudyResult:
    """Opacity with `verdict`, a cleared heart, and a brain bundle that does not apply."""
    instance = study.series[0].instances[0]
    uid, frame = instance.sop_instance_uid, 0
    regions: tuple[Region, ...] = ()
    heat: tuple[HeatMap, ...] = ()
    if verdict in (Verdict.FLAGGED, Verdict.REVIEW):
        regions = (
            Region(RegionKind.BOX, uid, frame, ((10.0, 20.0), (30.0, 50.0)), score=0.8),
            Region(RegionKind.POLYGON, uid, frame, ((50.0, 20.0), (60.0, 25.0), (55.0, 40.0)), 0.5),
        )
        evidence = np.zeros((instance.rows, instance.columns), dtype=np.float32)
        evidence[20:50, 10:30] = 1.0
        heat = (HeatMap(uid, frame, evidence),)
    opacity = BundleResult(
        bundle=identity(OPACITY, "lung_opacity", version),
        verdict=verdict,
        probability=_PROBABILITY.get(verdict),
        operating_point=POINT if verdict in _PROBABILITY else None,
        failure=say("broken", "The picture is broken.") if verdict is Verdict.FAILED else None,
        refusal=(
            Refusal(say("not_chest", "The picture is not a chest radiograph."), "KNEE", "CHEST")
            if verdict is Verdict.NOT_APPLICABLE
            else None
        ),
        regions=regions,
        heat_maps=heat,
        series_used=(study.series[0].series_uid,),
        warnings=(say("child", "The patient is younger than most training patients."),),
    )
    heart = BundleResult(
        bundle=identity(HEART, "cardiomegaly", version),
        verdict=Verdict.CLEARED,
        probability=0.03,
        operating_point=POINT,
        measurements=(Measurement("Cardiothoracic ratio", None, 0.46, "1", "widest diameters"),),
    )
    bleed = BundleResult(
        bundle=identity(BLEED, "intracranial_haemorrhage", version),
        verdict=Verdict.NOT_APPLICABLE,
        refusal=Refusal(
            say("no_ct", "The study holds no CT series."), study.series[0].modality, "CT"
        ),
    )
    return StudyResult(
        study=study,
        study_key=study_key(study.study_uid),
        results=(bleed, heart, opacity),
        provenance=Provenance("0.1.0", NOW, "Linux", "3.11.9", (("numpy", "2.0"),)),
    )
