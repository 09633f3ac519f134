"""The shape of the rule files: what a protocol is for, and what its images must have.

A file that does not fit is refused as a whole, with the place in it: a rule that is read wrong
would pass bad images in silence.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydicom.datadict import tag_for_keyword

from mediassist.core.acquisition import Outcome
from mediassist.core.vocabulary import FINDINGS, Domain


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(_Strict):
    """Where a limit comes from.

    `standard` is DICOM, IEC or law, `guideline` a paper of a professional body, `field` common
    practice or a study, `own` a limit that MediAssist chose; then `name` says on what grounds.
    `checked` says which text the statement was held against, and how far; empty: it was not
    looked up, and is named as known.
    """

    kind: Literal["standard", "guideline", "field", "own"]
    name: str = Field(min_length=8)
    checked: str = ""


class Allowed(_Strict):
    """Which measured values meet the rule; exactly one kind of condition."""

    minimum: float | None = None
    maximum: float | None = None
    one_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    all_of: tuple[str, ...] = ()
    stated: bool = False

    @model_validator(mode="after")
    def _one_condition(self) -> Self:
        is_range = self.minimum is not None or self.maximum is not None
        kinds = [is_range, self.stated, *map(bool, (self.one_of, self.none_of, self.all_of))]
        if sum(kinds) != 1:
            raise ValueError("a rule allows a range, or one_of, none_of, all_of or stated")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError("minimum is above maximum")
        return self

    @property
    def is_numeric(self) -> bool:
        return self.minimum is not None or self.maximum is not None


class Rule(_Strict):
    """One demand.

    Attributes
    ----------
    measure : name of a measure of `mediassist.dicom.acquisition.measures`.
    tag : keyword of the DICOM element, for `measure = "tag"`; `scale` turns its unit into `unit`.
    severity : what breaking it gives.
    when_missing : what it gives where the value is not stated or can't be measured.
    over : "every" image or series must meet it, or at least "any" series of the study.
    findings : where only some models of the protocol depend on it.
    """

    id: str = Field(pattern=r"^[a-z0-9_]+\.[a-z0-9_]+$")
    title: str = Field(min_length=3)
    measure: str
    tag: str = ""
    scale: float = 1.0
    unit: str = ""
    severity: Outcome
    when_missing: Outcome = Outcome.WARN
    over: Literal["every", "any"] = "every"
    findings: tuple[str, ...] = ()
    allowed: Allowed
    advice: str = Field(min_length=10)
    source: Source

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.measure == "tag") != bool(self.tag):
            raise ValueError("'tag' belongs to measure = \"tag\", and only there")
        if self.tag and tag_for_keyword(self.tag) is None:
            raise ValueError(f"'{self.tag}' is no keyword of DICOM")
        if self.severity is Outcome.PASS:
            raise ValueError("severity is warn or fail")
        if any(brace in self.title + self.advice for brace in "{}"):
            raise ValueError("title and advice are sentences without braces")
        unknown = [name for name in self.findings if name not in FINDINGS]
        if unknown:
            raise ValueError(f"unknown findings: {unknown}")
        return self


class Match(_Strict):
    """Which series a protocol is for: the modality, and the body part.

    The body part may stand in its element or, where that is empty, as one of `words` in the
    descriptions of study, series or protocol. Without both every body part fits. `words` may
    also be demanded on top (`need_words`): a cine among other series of the heart.
    """

    modalities: tuple[str, ...] = ()
    body_parts: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    need_words: tuple[str, ...] = ()
    not_words: tuple[str, ...] = ()


class Protocol(_Strict):
    """The rules for one kind of examination."""

    id: str = Field(pattern=r"^[a-z0-9_]+$")
    title: str = Field(min_length=3)
    domains: tuple[Domain, ...] = ()
    findings: tuple[str, ...] = ()
    match: Match = Match()
    rules: tuple[Rule, ...] = Field(min_length=6)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        ids = [rule.id for rule in self.rules]
        if len(set(ids)) != len(ids):
            raise ValueError("two rules of one id")
        stray = [name for name in ids if name.split(".")[0] != self.id]
        if stray:
            raise ValueError(f"rules that do not begin with the protocol's id: {stray}")
        unknown = [name for name in self.findings if name not in FINDINGS]
        if unknown:
            raise ValueError(f"unknown findings: {unknown}")
        return self
