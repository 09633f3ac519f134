"""Judges a study by the rules: which protocol each series follows, and how it meets each rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mediassist.core.acquisition import AcquisitionCheck, Outcome, RuleResult, worst
from mediassist.core.messages import Message
from mediassist.core.study import Study
from mediassist.dicom.acquisition.measures import MEASURES, PICTURE_MEASURES, Scope
from mediassist.dicom.acquisition.rule import Match, Protocol, Rule
from mediassist.dicom.acquisition.rulebook import EVERY_IMAGE, rulebook
from mediassist.dicom.acquisition.study_measures import Reading
from mediassist.dicom.acquisition.subject import SeriesSubject
from mediassist.dicom.acquisition.wording import (
    Value,
    allowed_words,
    field_name,
    measured_words,
    plain,
)


def check_study(
    study: Study,
    *,
    protocols: Sequence[Protocol] | None = None,
    forced: str | None = None,
    pixels: bool = True,
) -> AcquisitionCheck:
    """Judge every series of a study.

    Parameters
    ----------
    protocols : the rules; default those that come with MediAssist.
    forced : id of the protocol to judge every series by, whatever its body part says.
    pixels : False leaves out the rules that decode pixels, for a quick look at a whole archive.

    Notes
    -----
    Never raises for a bad image: what can't be read is what the rules say of it.
    """
    book = rulebook() if protocols is None else tuple(protocols)
    groups = _groups(study, book, forced)
    results: list[RuleResult] = []
    for protocol, group in groups:
        for rule in protocol.rules:
            if pixels or not MEASURES[rule.measure].decodes:
                results.extend(_apply(protocol, rule, group))
    placed = {
        series.series.series_uid: protocol.id
        for protocol, group in groups
        if protocol.id != EVERY_IMAGE
        for series in group
    }
    return AcquisitionCheck(results=tuple(results), protocols=tuple(placed.items()))


def _groups(
    study: Study, book: Sequence[Protocol], forced: str | None
) -> list[tuple[Protocol, list[SeriesSubject]]]:
    """Each protocol with the series that follow it; the rules for every image come first."""
    members: dict[str, list[SeriesSubject]] = {protocol.id: [] for protocol in book}
    for series in study.series:
        subject = SeriesSubject(study, series, {})
        if not subject.images:
            continue
        ids = [EVERY_IMAGE] if EVERY_IMAGE in members else []
        chosen = next((p.id for p in book if p.id == forced), None) or _protocol_of(subject, book)
        if chosen is not None:
            ids.append(chosen)
        asked = {
            rule.measure: PICTURE_MEASURES[rule.measure]
            for protocol in book
            if protocol.id in ids
            for rule in protocol.rules
            if rule.measure in PICTURE_MEASURES
        }
        subject = SeriesSubject(study, series, asked)
        for protocol_id in ids:
            members[protocol_id].append(subject)
    ordered = sorted(book, key=lambda protocol: protocol.id != EVERY_IMAGE)
    return [(protocol, members[protocol.id]) for protocol in ordered if members[protocol.id]]


def _protocol_of(subject: SeriesSubject, book: Sequence[Protocol]) -> str | None:
    for protocol in book:
        if protocol.id != EVERY_IMAGE and _fits(protocol.match, subject):
            return protocol.id
    return None


def _fits(match: Match, subject: SeriesSubject) -> bool:
    series = subject.series
    modality = series.modality or subject.images[0].instance.modality
    if match.modalities and modality not in match.modalities:
        return False
    if match.need_words and not any(word in subject.words for word in match.need_words):
        return False
    if any(word in subject.words for word in match.not_words):
        return False
    part = series.body_part.strip().upper()
    if not match.body_parts and not match.words:
        return True
    if part:
        return part in match.body_parts
    return any(word in subject.words for word in match.words)


def _apply(protocol: Protocol, rule: Rule, group: Sequence[SeriesSubject]) -> Iterator[RuleResult]:
    """The results of one rule: one a series, or one for the study."""
    scope = MEASURES[rule.measure].scope
    if scope is Scope.STUDY:
        yield _judged(protocol, rule, "", list(_study_readings(rule, group)))
        return
    by_series = [(series, list(_series_readings(rule, series))) for series in group]
    if rule.over == "any":
        yield _best_series(protocol, rule, by_series)
        return
    for series, readings in by_series:
        yield _judged(protocol, rule, series.series.series_uid, readings)


def _study_readings(rule: Rule, group: Sequence[SeriesSubject]) -> Iterator[Reading]:
    function = MEASURES[rule.measure].of_study
    if function is not None:
        yield from function(group)


def _series_readings(rule: Rule, series: SeriesSubject) -> Iterator[Reading]:
    measure = MEASURES[rule.measure]
    if measure.of_series is not None:
        label = series.series.description or series.series.series_uid
        yield measure.of_series(series), label
    if measure.of_image is not None:
        images = {
            Scope.FACTS: lambda: series.images,
            Scope.HEADER: lambda: series.with_header,
            Scope.PICTURE: lambda: series.with_picture,
        }[measure.scope]()
        for image in images:
            yield measure.of_image(image, rule), image.instance.source


def _best_series(
    protocol: Protocol, rule: Rule, by_series: Sequence[tuple[SeriesSubject, list[Reading]]]
) -> RuleResult:
    """The rule is met if one series of the study meets it; that one is shown."""
    results = [
        _judged(protocol, rule, series.series.series_uid, readings)
        for series, readings in by_series
    ]
    order = list(Outcome)
    return min(
        results, key=lambda result: (order.index(result.outcome), _distance(rule, result.value))
    )


def _judged(
    protocol: Protocol, rule: Rule, series_uid: str, readings: Sequence[Reading]
) -> RuleResult:
    outcomes = [_outcome(rule, value) for value, _ in readings]
    breaking = [
        reading
        for reading, outcome in zip(readings, outcomes, strict=True)
        if outcome is not Outcome.PASS
    ]
    value, where = _deciding(rule, breaking or list(readings))
    measure = MEASURES[rule.measure]
    return RuleResult(
        rule=rule.id,
        protocol=protocol.id,
        domains=tuple(domain.value for domain in protocol.domains),
        findings=rule.findings or protocol.findings,
        series_uid=series_uid,
        title=Message(f"rule_{rule.id}", rule.title),
        outcome=worst(tuple(outcomes)) if readings else rule.when_missing,
        measured=measured_words(value, rule.unit, decoded=measure.decodes),
        allowed=allowed_words(rule.allowed, rule.unit),
        advice=Message(f"advice_{rule.id}", rule.advice),
        source=rule.source.name,
        field=measure.field or field_name(rule.tag),
        value=plain(value),
        unit=rule.unit,
        checked=len(readings),
        breaking=len(breaking),
        example=where if breaking else "",
    )


def _outcome(rule: Rule, value: Value) -> Outcome:
    if value is None:
        return rule.severity if rule.allowed.stated else rule.when_missing
    return Outcome.PASS if meets(rule, value) else rule.severity


def meets(rule: Rule, value: float | str | tuple[str, ...]) -> bool:
    """Whether a measured value is allowed."""
    allowed = rule.allowed
    if allowed.is_numeric:
        if not isinstance(value, float | int):
            return False
        low = float("-inf") if allowed.minimum is None else allowed.minimum
        high = float("inf") if allowed.maximum is None else allowed.maximum
        # Headers are decimal text: 5.0000001 mm is 5 mm.
        slack = 1e-6 * max(1.0, abs(value))
        return low - slack <= value <= high + slack
    found = set(value) if isinstance(value, tuple) else {str(value)}
    if allowed.one_of:
        return bool(found & set(allowed.one_of))
    if allowed.none_of:
        return not found & set(allowed.none_of)
    return set(allowed.all_of) <= found


def _deciding(rule: Rule, readings: Sequence[Reading]) -> Reading:
    """The reading that says most: the farthest from what is allowed, a missing one last."""
    if not readings:
        return None, ""
    stated = [reading for reading in readings if reading[0] is not None]
    if not stated:
        return readings[0]
    return max(stated, key=lambda reading: _distance(rule, reading[0]))


def _distance(rule: Rule, value: Value) -> float:
    """How far a number lies beyond its limits (negative inside); 0 for what is no number."""
    if not isinstance(value, float | int):
        return 0.0
    below = rule.allowed.minimum - value if rule.allowed.minimum is not None else float("-inf")
    above = value - rule.allowed.maximum if rule.allowed.maximum is not None else float("-inf")
    return max(below, above)
