"""The shapes of the API's bodies about releases; see `schemas`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from wikic.domain.delta import DeltaList, DeltaType, Severity
from wikic.services.releasing_calendar import CalendarStep
from wikic.web.schemas import BriefShape, PageShape, Shape, Texts


class Sent(BaseModel):
    """Base of what is sent: what is not described does not pass, and a number is no text, nor true."""

    model_config = ConfigDict(extra="forbid", strict=True)


class SchemeDigestShape(Shape):
    """A scheme in a manifest."""

    concepts: int
    relations: int
    sha256: str = Field(description="Of its canonical form; see docs/releases.md.")


class FileShape(Shape):
    """A download in a manifest."""

    sha256: str
    size: int


class LogDigestShape(Shape):
    """The change log in a manifest."""

    changes: int
    sha256: str


class PreviousShape(Shape):
    """The manifest before it."""

    release: str
    sha256: str


class ChecksShape(Shape):
    """What was found, by check: what forbids to publish, what else was made here, what came so from the sources."""

    blocking: dict[str, int]
    ours: dict[str, int]
    in_source: dict[str, int]


class ManifestShape(Shape):
    """A signed manifest."""

    format: str
    canonical_form: int
    release: str
    space: str
    seq: int
    frozen_at: str
    address: str
    schemes: dict[str, SchemeDigestShape]
    kinds: dict[str, int]
    log: LogDigestShape
    files: dict[str, FileShape]
    previous: PreviousShape | None
    checks: ChecksShape
    public_key: str = Field(description="Ed25519, base64.")
    signature: str = Field(description="Over the canonical JSON (RFC 8785) of all the rest, base64.")


class SigningKeyShape(Shape):
    """A public key."""

    algorithm: str
    key_id: str
    public_key: str


class FiguresShape(Shape):
    """How much a delta holds."""

    changes: int
    total: int = Field(description="Concepts.")
    types: dict[str, int] = Field(description="Changes by type; a first name or definition in a language as `translated`, whatever its type.")
    severities: dict[str, int] = Field(description="Changes by severity.")
    concepts: dict[str, int] = Field(description="Concepts by list.")
    kinds: dict[str, dict[str, int]] = Field(description="Concepts by type of change and kind.")
    fields: dict[str, dict[str, int]] = Field(description="Changes by type and field; of relations, by the relation's type.")
    languages: dict[str, int] = Field(description="Changes of texts by language.")


class DeltaChangeShape(Shape):
    """One change; null where there was or is nothing."""

    type: DeltaType
    severity: Severity
    field: str | None = Field(description="Of a relation its type.")
    lang: str | None
    branch: str | None = Field(description="Of a relation: the branch that it is for; null for all.")
    before: str | None
    after: str | None
    old: list[BriefShape] = Field(description="What a relation led to; the broader ones left.")
    new: list[BriefShape] = Field(description="What a relation leads to; the broader ones entered; what replaces it.")


class ConceptDeltaShape(BriefShape):
    """What changed of one concept; its names are those of the later number."""

    severity: Severity = Field(description="The worst of all its changes.")
    lists: list[DeltaList]
    changes: list[DeltaChangeShape]


class DeltaPageShape(PageShape[ConceptDeltaShape]):
    """Part of a delta; the figures are of the whole."""

    from_: int = Field(alias="from")
    to: int
    figures: FiguresShape


class FindingShape(Shape):
    """Something that a check found."""

    check: str
    what: str
    count: int
    blocking: bool
    in_source: bool
    concepts: list[str]


class PendingShape(Shape):
    """An open proposal that matters to the release."""

    id: str
    types: list[str] = Field(description="The types of its changes.")
    concepts: list[str] = Field(description="Those that changed since the last release; else the first one it is about.")
    touches: bool = Field(description="Whether it touches what changed since the last release.")
    ends: bool = Field(description="Whether it would merge, split or deprecate something.")


class PreviewShape(Shape):
    """What a release would be."""

    seq: int
    since: str = Field(description="The last published release; empty where there is none.")
    since_seq: int
    figures: FiguresShape | None
    proposals: int = Field(description="Proposals that wait for a decision.")
    checked: bool = Field(description="Whether the findings are there yet.")
    findings: list[FindingShape]
    notes: list[str]
    blocked: bool
    pending: list[PendingShape] = Field(description="Open proposals that matter, the first hundred; they do not forbid to publish.")
    pending_total: int


class RemarkShape(Shape):
    """A comment on a candidate."""

    id: str
    author: str = Field(description="A user's id.")
    name: str
    text: str
    time: str
    issuer: str = Field(description="Of an objection: the issuer it is made for; else empty.")
    badge_classes: list[str] = Field(description="Of an objection: the badge classes it is about.")


class EntryShape(Shape):
    """A day of the calendar."""

    id: str
    day: str
    step: CalendarStep
    release: str
    text: Texts
    version: int
