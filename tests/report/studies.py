"""Made-up study results, one per situation a report must handle."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mediassist.analysis.result import StudyResult
from mediassist.core.decision import Decision, DecisionKind
from mediassist.core.finding import (
    BundleIdentity,
    BundleResult,
    HeatMap,
    ImageScore,
    Measurement,
    Refusal,
    Region,
    RegionKind,
)
from mediassist.core.messages import say
from mediassist.core.operating_point import OperatingPoint, Promise, PromiseKind, Rate
from mediassist.core.provenance import Provenance
from mediassist.core.study import (
    Instance,
    Patient,
    PixelSpacing,
    Series,
    SpacingSource,
    Study,
)
from mediassist.core.vocabulary import Verdict

ROWS, COLUMNS = 320, 256
DETECTOR = PixelSpacing(1.4, 1.4, SpacingSource.DETECTOR)

POINT = OperatingPoint(
    t_low=0.08,
    t_high=0.61,
    promise=Promise(PromiseKind.HIGH_PROBABILITY, alpha=0.01, delta=0.05, n=412),
    rates=(
        ("detection", Rate(0.931, 378, 406, 0.902, 0.954)),
        ("false_negative", Rate(0.0074, 3, 406, 0.0015, 0.0214)),
        ("false_positive", Rate(0.048, 19, 398, 0.029, 0.074)),
        ("review_load", Rate(0.24, 193, 804, 0.211, 0.271)),
    ),
    measured_on="held-out test patients of the training sources",
)

PROVENANCE = Provenance(
    "0.1.0",
    datetime(2026, 11, 22, 14, 5, tzinfo=UTC),
    "Linux x86_64",
    "3.11.9",
    (("torch", "2.13.0"), ("openvino", "2025.0")),
)


def chest(path: Path, frame: int) -> NDArray[np.uint8]:
    """Stands in for the display chain: a soft chest-like picture, the same every time."""
    y, x = np.mgrid[0:ROWS, 0:COLUMNS].astype(np.float64)
    grey = 150 + 60 * np.cos((x - COLUMNS / 2) / 40) - 20 * (y / ROWS)
    for centre in (80, 176):
        lung = ((x - centre) / 42) ** 2 + ((y - 150) / 95) ** 2
        grey -= 110 * np.exp(-(lung**2))
    grey += 70 * np.exp(-(((x - 182) / 16) ** 2 + ((y - 200) / 22) ** 2))
    return np.clip(grey, 0, 255).astype(np.uint8)


def instance(number: int = 1, **changes: object) -> Instance:
    made = Instance(
        path=Path("检查/IM0001.dcm"),
        source="检查/IM0001.dcm",
        sop_instance_uid=f"1.2.3.{number}",
        modality="DX",
        instance_number=number,
        rows=ROWS,
        columns=COLUMNS,
        spacing=DETECTOR,
        view_position="PA",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def study(*instances: Instance, patient: Patient | None = None) -> Study:
    return Study(
        study_uid="1.2.826.0.1.3680043.8.498.1",
        patient=patient
        or Patient("P-000123", "王小明", date(1961, 4, 3), "M", None, name_guessed=False),
        study_date=date(2026, 11, 22),
        study_time=time(9, 41),
        description="CHEST PA",
        accession_number="A20261122-007",
        institution="示范医院 放射科",
        referring_physician="李医师",
        series=(
            Series(
                series_uid="1.2.3",
                modality="DX",
                number=1,
                description="Thorax p.a.",
                body_part="CHEST",
                manufacturer="Simulated",
                model_name="Phantom 1",
                instances=instances or (instance(),),
            ),
        ),
    )


def bundle(finding: str, domain: str, kind: str = "xray", **changes: object) -> BundleIdentity:
    made = BundleIdentity(
        bundle_id=f"{domain}_{finding}_{kind}",
        version="1.0.0",
        sha256="3f" * 32,
        finding=finding,
        domain=domain,
        title=finding.replace("_", " "),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


BOX = Region(
    RegionKind.BOX,
    "1.2.3.1",
    0,
    ((160.0, 172.0), (206.0, 232.0)),
    score=0.91,
    size_mm=(84.0, 64.4),
    spacing=DETECTOR,
)


def heat() -> HeatMap:
    y, x = np.mgrid[0:ROWS, 0:COLUMNS].astype(np.float32)
    values = np.exp(-(((x - 182) / 30) ** 2 + ((y - 200) / 40) ** 2))
    return HeatMap("1.2.3.1", 0, values.astype(np.float32))


def flagged(**changes: object) -> BundleResult:
    made = BundleResult(
        bundle=bundle("lung_opacity", "lung", bundle_id="lung_opacity_xray"),
        verdict=Verdict.FLAGGED,
        probability=0.87,
        operating_point=POINT,
        image_scores=(ImageScore("1.2.3.1", 0, 0.87, 2.1),),
        regions=(BOX,),
        heat_maps=(heat(),),
        series_used=("1.2.3",),
        runtime="OpenVINO 2025.0 CPU",
        seconds=0.4,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def review() -> BundleResult:
    point = replace(
        POINT,
        t_low=0.31,
        t_high=0.44,
        promise=Promise(PromiseKind.CROSS_CONFORMAL, 0.01, None, 188),
    )
    return BundleResult(
        bundle=bundle("cardiomegaly", "heart"),
        verdict=Verdict.REVIEW,
        probability=0.39,
        operating_point=point,
        measurements=(
            Measurement("Cardiothoracic ratio", None, 0.52, "1", "widest heart by widest thorax"),
        ),
        regions=(
            replace(BOX, points_px=((70.0, 150.0), (190.0, 240.0)), score=0.4, size_mm=None),
            replace(BOX, points_px=((40.0, 60.0), (90.0, 100.0)), score=0.2, size_mm=None),
        ),
        series_used=("1.2.3",),
        runtime="OpenVINO 2025.0 CPU",
    )


def cleared(finding: str = "fracture", domain: str = "bone") -> BundleResult:
    return BundleResult(
        bundle=bundle(finding, domain),
        verdict=Verdict.CLEARED,
        probability=0.00004,
        operating_point=POINT,
        series_used=("1.2.3",),
        runtime="OpenVINO 2025.0 CPU",
    )


def refused(finding: str = "glaucoma", domain: str = "eye") -> BundleResult:
    return BundleResult(
        bundle=bundle(finding, domain, "fundus"),
        verdict=Verdict.NOT_APPLICABLE,
        refusal=Refusal(
            say("modality_not_allowed", "The modality is not one that this model reads."),
            measured="DX",
            allowed="OP",
        ),
    )


def failed() -> BundleResult:
    return BundleResult(
        bundle=bundle("scoliosis", "bone"),
        verdict=Verdict.FAILED,
        failure=say("image_damaged", "{path}: the pixel data end too early.", path="IM0001.dcm"),
    )


def result(*results: BundleResult, of: Study | None = None) -> StudyResult:
    return StudyResult(
        study=of or study(),
        study_key="7f3a9c1e5b2d4860",
        results=results,
        provenance=PROVENANCE,
        warnings=(say("tilt", "The detector is tilted by {angle} degrees.", angle=3),),
    )


def decision(kind: DecisionKind, bundle_id: str, **changes: object) -> Decision:
    made = Decision(
        study_uid="1.2.826.0.1.3680043.8.498.1",
        bundle_id=bundle_id,
        bundle_sha256="3f" * 32,
        kind=kind,
        reader="张医师",
        at=datetime(2026, 11, 22, 15, 30, tzinfo=UTC),
        reason="心影与膈重叠" if kind is DecisionKind.REJECTED else "",
    )
    return replace(made, **changes)  # type: ignore[arg-type]
