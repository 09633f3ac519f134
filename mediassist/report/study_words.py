"""Words a study's facts: patient, dates, body part, places in the study, a reader's decision."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from mediassist.analysis.result import StudyResult
from mediassist.core.decision import Decision, DecisionKind
from mediassist.core.finding import BundleIdentity, Region
from mediassist.core.study import Instance, Patient, Series, SpacingSource, Study
from mediassist.report.typeface import shortened
from mediassist.text import Words

# Longest header text shown: a Person Name has at most 3 x 64 characters (PS3.5 6.2), so what is
# longer is damage or mischief.
HEADER_LIMIT = 200


def or_not_stated(text: str, words: Words) -> str:
    """Header text, or that there is none: an empty field looks like a fault of the report."""
    text = text.strip()
    return shortened(text, HEADER_LIMIT) if text else words.sentence("not stated")


def patient_name(patient: Patient, words: Words) -> str:
    name = or_not_stated(patient.name, words)
    if patient.name_guessed:
        return words.sentence("{name} (character set guessed)", name=name)
    return name


def day(value: date | None) -> str:
    return value.isoformat() if value is not None else ""


def study_moment(study: Study) -> str:
    """Study date and, where known, time to the minute."""
    if study.study_date is None:
        return ""
    moment = day(study.study_date)
    return f"{moment} {study.study_time:%H:%M}" if study.study_time else moment


def time_stamp(moment: datetime) -> str:
    """`2026-11-22 14:05 UTC+08:00`."""
    offset = moment.strftime("%z")
    zone = f" UTC{offset[:3]}:{offset[3:5]}" if offset else ""
    return f"{moment:%Y-%m-%d %H:%M}{zone}".replace(" UTC+00:00", " UTC")


def age(study: Study, words: Words) -> str:
    """Age at the study: in years, below two years in months."""
    years = study.patient.age_years
    born = study.patient.birth_date
    if years is None and born is not None and study.study_date is not None:
        years = (study.study_date - born).days / 365.2425
    if years is None or not 0 <= years < 150:
        return ""
    if years < 2:
        return words.sentence("{months} months", months=int(years * 12))
    return words.sentence("{years} years", years=int(years))


def body_parts_and_methods(study: Study, words: Words) -> str:
    """Each body part and modality once, in the order of the series."""
    seen: dict[str, None] = {}
    for series in study.series:
        part = words.term(series.body_part.upper()) if series.body_part else ""
        method = words.term(series.modality) if series.modality else ""
        views = {instance.view_position for instance in series.instances} - {""}
        gap = " " if words.lang == "zh_CN" else ", "
        text = gap.join(word for word in (part, method, "/".join(sorted(views))) if word)
        if text:
            seen[text] = None
    return "; ".join(seen)


def finding_title(bundle: BundleIdentity, words: Words) -> str:
    """The finding's name in the reader's language; an unlisted one keeps its own title."""
    term = words.term(bundle.finding)
    if term == bundle.finding and bundle.title:
        term = bundle.title
    return shortened(term, 120)


def place_words(series: Series | None, instance: Instance | None, frame: int, words: Words) -> str:
    """Which picture of the study this is: series, image and, of many, frame."""
    if series is None or instance is None:
        return words.sentence("image not in this study")
    where = words.sentence(
        "Series {series}, image {image}",
        series="?" if series.number is None else series.number,
        image="?" if instance.instance_number is None else instance.instance_number,
    )
    if instance.frames > 1:
        return words.sentence(
            "{place}, frame {frame} of {frames}",
            place=where,
            frame=frame + 1,
            frames=instance.frames,
        )
    return where


def size_words(region: Region, words: Words) -> str:
    """Size in mm, with a remark unless it was measured in the patient's plane."""
    if region.size_mm is None:
        return ""
    longest, across = region.size_mm
    source = region.spacing.source if region.spacing else None
    fields = {"longest": f"{longest:.1f}", "across": f"{across:.1f}"}
    if source is SpacingSource.DETECTOR:
        return words.sentence("{longest} × {across} mm at detector", **fields)
    if source is SpacingSource.ERMF:
        return words.sentence("{longest} × {across} mm (magnification estimated)", **fields)
    return words.sentence("{longest} × {across} mm", **fields)


def decision_on(
    result: StudyResult, bundle: BundleIdentity, decisions: Iterable[Decision]
) -> Decision | None:
    """The newest decision about this bundle's finding in this study."""
    about = [
        decision
        for decision in decisions
        if decision.study_uid == result.study.study_uid and decision.bundle_id == bundle.bundle_id
    ]
    return max(about, key=lambda decision: decision.at, default=None)


def decision_words(decision: Decision | None, bundle: BundleIdentity, words: Words) -> str:
    """Who decided what, when and why; that a decision is missing is said too."""
    if decision is None:
        return words.sentence("not decided yet")
    fields = {
        "reader": shortened(decision.reader or words.sentence("unnamed reader"), 80),
        "when": time_stamp(decision.at),
    }
    if decision.kind is DecisionKind.ACCEPTED:
        said = words.sentence("Accepted by {reader}, {when}.", **fields)
    else:
        said = words.sentence("Rejected by {reader}, {when}.", **fields)
    gap = "" if words.lang == "zh_CN" else " "
    if decision.reason.strip():
        said += gap + words.sentence("Reason: {reason}", reason=shortened(decision.reason, 300))
    if decision.bundle_sha256 and decision.bundle_sha256 != bundle.sha256:
        said += gap + words.sentence("(This decision was made about another model version.)")
    return said
