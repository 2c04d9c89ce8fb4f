"""The shapes of the API's bodies, for OpenAPI and for the tests that hold real bodies against them.

Bodies themselves are plain objects (`wikic.services.reading_views`): nothing is built or checked here when a request
is answered."""

from __future__ import annotations

from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from wikic.domain.vocabulary import Kind, Status

T = TypeVar("T")
Texts = dict[str, str]


class Shape(BaseModel):
    """Base: what is not described here does not occur."""

    model_config = ConfigDict(extra="forbid", strict=True)


class SourceShape(Shape):
    """Where a concept comes from."""

    iri: str | None = Field(description="Address or key in the source, unchanged.")
    code: str | None = Field(description="The source's own code (ROME, OGR, ISCO, ESCO).")
    version: str | None = Field(description="The version of the source that last changed it.")
    status: str | None = Field(description="The source's own word for its status.")


class LabelShape(Shape):
    """One label."""

    value: str
    lang: str
    type: Literal["preferred", "alternative", "hidden"]
    roles: list[str] = Field(description="male, female, neutral, standard-male, standard-female.")


class RelatedShape(Shape):
    """A relation, and the concept at its other end."""

    id: str = Field(description="UUIDv5 of source, type, target and branch.")
    uuid: str
    kind: Kind
    scheme: str
    code: str | None
    status: Status
    preferred_label: Texts
    importance: str | None
    rank: int | None
    note: str | None
    branch: str | None
    label: str | None = None


class NamedRelationShape(RelatedShape):
    """A relation with its name as read from the asked concept."""

    type: str


class BriefShape(Shape):
    """A concept in a list."""

    uuid: str
    kind: Kind
    nature: str | None
    scheme: str
    code: str | None
    iri: str | None
    status: Status
    preferred_label: Texts
    label: str | None = None


class TreeNodeShape(BriefShape):
    """A concept in the tree."""

    children: int = Field(description="How many narrower concepts it has.")


class ReplacedByShape(Shape):
    """What replaced a concept: directly, and at the ends of all chains."""

    direct: list[BriefShape]
    final: list[BriefShape]


class ConceptShape(Shape):
    """One concept as of a number."""

    uuid: str
    kind: Kind
    nature: Literal["savoir_faire", "savoir_etre", "savoir"] | None
    scheme: str
    source: SourceShape
    status: Status
    label: str | None = Field(None, description="Its name in the language of `lang`.")
    preferred_label: Texts
    alternative_labels: dict[str, list[str]]
    hidden_labels: dict[str, list[str]]
    labels: list[LabelShape]
    definition: Texts
    notes: dict[str, Texts] = Field(description="scope_note, note, access, ... by language.")
    attributes: dict[str, str | int | bool | list[str]]
    sectors: list[str] = Field(description="NAF/NACE codes.")
    relations: dict[str, list[RelatedShape]] = Field(
        description="By type, or by the inverse's name (narrower, required_by ...); at most 100 each, strongest first."
    )
    relations_total: dict[str, int]
    replaced_by: ReplacedByShape
    edited: bool = Field(description="Changed here since its source brought it.")
    seq: int = Field(description="The last number at which anything in this body changed.")


class PageShape(Shape, Generic[T]):
    """A list."""

    items: list[T]
    next: str | None = Field(description="Cursor of the next page; null at the end.")
    seq: int = Field(description="What the list is as of.")


class TreePageShape(PageShape[TreeNodeShape]):
    """Part of the tree."""

    parent: BriefShape | None
    path: list[BriefShape] = Field(description="From a root down to the concept above `parent`.")


class ChangeHeadShape(Shape):
    """What every mention of a change says."""

    seq: int
    time: str
    actor: str
    kind: Literal["import", "edit", "proposal", "revert", "migration", "restore"]
    summary: str


class ChangeShape(ChangeHeadShape):
    """One accepted write."""

    counts: dict[str, int]
    details: Texts


class FieldChangeShape(Shape):
    """One difference; null where there was or is nothing."""

    type: str = Field(
        description="added, deprecated, restored, renamed, relabelled, redefined, annotated, recoded, ..."
    )
    field: str | None
    lang: str | None
    before: str | None
    after: str | None


class RelationValuesShape(Shape):
    """What a relation says besides its ends."""

    importance: str | None
    rank: int | None
    note: str | None
    branch: str | None


class RelationMoveShape(RelationValuesShape):
    """A relation that opened, closed or changed."""

    change: Literal["opened", "closed", "changed"]
    type: str
    id: str
    uuid: str
    preferred_label: Texts
    before: RelationValuesShape | None
    label: str | None = None


class HistoryEntryShape(ChangeHeadShape):
    """What one change did to a concept. `details` of an accepted proposal name its author and moderator."""

    details: Texts
    changes: list[FieldChangeShape]
    relations: list[RelationMoveShape] = Field(description="At most 100.")
    relations_total: int


class RelationDiffShape(RelationValuesShape):
    """A relation that differs; it starts at the concept it is listed with."""

    change: Literal["related", "unrelated", "rerelated"]
    type: str
    id: str
    target: BriefShape
    before: RelationValuesShape | None


class ConceptDiffShape(BriefShape):
    """What differs of one concept; its names are those of the later number."""

    changes: list[FieldChangeShape]
    relations: list[RelationDiffShape]


class DiffPageShape(PageShape[ConceptDiffShape]):
    """Part of a difference; `counts` and `concepts` are of the whole, before filters."""

    from_: int = Field(alias="from")
    to: int
    concepts: int
    counts: dict[str, int]


class SchemeShape(Shape):
    """A scheme: what it holds, and what has to be said of its source."""

    scheme: str
    title: Texts
    licence: str | None
    licence_url: str | None
    attribution: str | None
    total: int
    counts: dict[str, dict[str, int]] = Field(description="Concepts by kind and status.")


class ReleaseShape(Shape):
    """A name for a number."""

    name: str
    seq: int
    state: Literal["candidate", "frozen", "published"] = Field(
        description="A candidate and a published one are for everyone, a frozen one for those who may release."
    )
    frozen_at: str
    frozen_by: str
    published_at: str | None = Field(description="UTC; null while it is not published.")
    published_by: str | None


class ReleaseDetailShape(ReleaseShape):
    """A release with the change whose number it names."""

    change: ChangeShape | None


class LocationShape(Shape):
    """Where the concept is."""

    uuid: str
    location: str


class StateShape(Shape):
    """How the service is."""

    status: Literal["ok"]


class IndexStateShape(Shape):
    """How the search index of this process is."""

    state: Literal["ready", "behind", "building", "missing"]
    seq: int | None = Field(description="The number it has reached.")
    head: int | None = Field(description="The head it was compared with, if known.")
    documents: int


class ReadyShape(StateShape):
    """The store answers. An index that is behind or being built makes no process unready: all but search answers."""

    seq: int
    index: IndexStateShape | None = Field(description="null where the process has no search.")
    lease: Literal["free", "held"] = Field(description="Whether somebody writes the public space just now.")


class ProblemShape(BaseModel):
    """RFC 9457. `type` is stable; see /docs/errors."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    parameters: list[dict[str, Any]] | None = Field(None, description="What is wrong with each parameter.")
