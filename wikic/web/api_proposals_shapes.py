"""The shapes of proposals: what is sent and answered, for checking requests, for OpenAPI, and for the tests."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from wikic.domain.proposals import Lane, State, Verdict
from wikic.domain.vocabulary import Kind
from wikic.web.api_search import ResultShape
from wikic.web.schemas import BriefShape, Shape

Uuid = Annotated[str, Field(max_length=60)]
Tag = Annotated[str, Field(max_length=35, examples=["fr"])]
Words = Annotated[str, Field(max_length=10_000)]
Importance = Literal["", "essential", "key", "emerging", "optional"]


class Body(BaseModel):
    """Base of what is sent: what is not described here is refused."""

    model_config = ConfigDict(extra="forbid")


class ProposedLabel(Body):
    """One label."""

    value: str = Field(max_length=1_000)
    lang: Tag
    type: Literal["preferred", "alternative", "hidden"]
    roles: list[str] = Field([], max_length=5)


class ProposedChange(Body):
    """What every change says besides."""

    base: Any = Field(None, description="The value it is based on. Answered; ignored where it is sent.")
    seq: int = Field(0, ge=0, le=2**53 - 1, description="The number at which its author saw that value; 0: the head.")


class CreateShape(ProposedChange):
    """A new concept."""

    type: Literal["create"]
    kind: Kind
    labels: list[ProposedLabel] = Field(max_length=100)
    definition: dict[str, Words] = {}
    uuid: Uuid = Field("", description="Given to it where it is empty; other changes of the proposal can name it.")


class LabelsShape(ProposedChange):
    """The labels of one language from now on."""

    type: Literal["labels"]
    concept: Uuid
    lang: Tag
    labels: list[ProposedLabel] = Field(max_length=500)


class TextShape(ProposedChange):
    """The definition or a note in one language; "" removes it."""

    type: Literal["text"]
    concept: Uuid
    field: str = Field(max_length=60, examples=["definition"])
    lang: Tag
    text: Words


class RelateShape(ProposedChange):
    """A relation that is not there yet."""

    type: Literal["relate"]
    source: Uuid
    relation: str = Field(max_length=60, examples=["requires"])
    target: Uuid
    importance: Importance = ""
    rank: int = Field(0, ge=0, le=1_000_000)
    note: Words = ""
    branch: str = Field("", max_length=60)


class UnrelateShape(ProposedChange):
    """A relation that should go."""

    type: Literal["unrelate"]
    source: Uuid
    relation: str = Field(max_length=60)
    target: Uuid
    branch: str = Field("", max_length=60)


class MoveShape(ProposedChange):
    """Another broader concept; "" for `old` adds one, for `new` takes one away."""

    type: Literal["move"]
    concept: Uuid
    old: Uuid
    new: Uuid


class ImportanceShape(ProposedChange):
    """How important a relation is."""

    type: Literal["importance"]
    source: Uuid
    relation: str = Field(max_length=60)
    target: Uuid
    importance: Importance
    branch: str = Field("", max_length=60)


class MergeShape(ProposedChange):
    """A concept becomes part of another, with these of its labels."""

    type: Literal["merge"]
    concept: Uuid
    into: Uuid
    labels: list[ProposedLabel] = Field([], max_length=500)


class SplitShape(ProposedChange):
    """A concept becomes several; each of its relations (by id) is given to one of them."""

    type: Literal["split"]
    concept: Uuid
    parts: list[Uuid] = Field(max_length=50)
    assignments: dict[str, str] = {}


class DeprecateShape(ProposedChange):
    """Deprecate, with or without a replacement."""

    type: Literal["deprecate"]
    concept: Uuid
    replaced_by: Uuid = ""


class RestoreShape(ProposedChange):
    """Make a deprecated concept active again."""

    type: Literal["restore"]
    concept: Uuid


class MapShape(ProposedChange):
    """Say that a concept of another scheme means the same, or nearly."""

    type: Literal["map"]
    source: Uuid
    relation: Literal["exact_match", "close_match", "broad_match", "narrow_match"]
    target: Uuid


ChangeBody = Annotated[
    CreateShape
    | LabelsShape
    | TextShape
    | RelateShape
    | UnrelateShape
    | MoveShape
    | ImportanceShape
    | MergeShape
    | SplitShape
    | DeprecateShape
    | RestoreShape
    | MapShape,
    Field(discriminator="type"),
]
Changes = Annotated[list[ChangeBody], Field(max_length=100)]


class PersonShape(Shape):
    """Somebody; `id` null where they have no account."""

    id: str | None
    name: str


class FindingShape(Shape):
    """Something that checking found. An error blocks submission."""

    code: str
    severity: Literal["error", "warning"]
    part: int = Field(description="The number of the change, from 0.")
    message: str
    values: dict[str, Any]


class ConflictShape(Shape):
    """A field that changed on both sides."""

    part: int
    slot: str
    base: Any
    current: Any
    proposed: Any


class DecisionShape(Shape):
    """One decision; `approve` is that of the first of two moderators, `conflict` that the proposal went back by itself, `undo` that a bulk was taken back."""

    verdict: Literal["accept", "reject", "return", "approve", "conflict", "undo"]
    moderator: PersonShape | None
    time: str
    reason: str | None
    parts: list[Verdict]
    amended: dict[str, Any] = Field(description='By the number of the change: {"before", "after"}.')
    seq: int | None = Field(description="The change it wrote.")
    bulk: str | None


class LotReferenceShape(Shape):
    """The contribution that a proposal is a part of."""

    id: str
    title: str
    part: int
    total: int


class ProposalShape(Shape):
    """A proposal."""

    id: str
    state: State
    lane: Lane
    origin: Literal["person", "suggestion", "import"]
    held: bool = Field(description="A suggestion that nobody has confirmed yet.")
    space: str
    author: PersonShape | None
    changes: Changes
    concepts: list[BriefShape]
    justification: str
    sources: list[str]
    lot: LotReferenceShape | None
    schemes: list[str]
    kinds: list[str]
    branches: list[str]
    impact: int = Field(description="Occupations and badges that it touches.")
    neighbours: int
    checks: list[FindingShape]
    conflicts: list[ConflictShape]
    decisions: list[DecisionShape]
    assignee: PersonShape | None
    experts: list[str]
    supports: int
    comments: int
    version: int = Field(description="For `If-Match`, as the number before the dash in the entity tag.")
    created: str | None
    submitted: str | None
    changed: str | None
    decided: str | None
    supersedes: str | None
    superseded_by: str | None
    result: int | None = Field(description="The change that it became.")


class PartShape(Shape):
    """What accepting a change would do now, with its three values."""

    part: int
    base: Any
    current: Any
    proposed: Any
    effect: Literal["applies", "nothing", "conflict", "missing", "refused"]
    why: str | None = Field(description="Why it is refused: what would become of the framework, such as an entry below itself.")


class ProposalDetailShape(ProposalShape):
    """One proposal; `parts` is empty once it is decided."""

    parts: list[PartShape]


class EarlierShape(Shape):
    """A proposal that was rejected before."""

    proposal: str
    time: str
    reason: str
    state: State


class SimilarShape(ResultShape):
    """A concept that resembles what a change proposes."""

    part: int


class CheckedShape(Shape):
    """What checking found."""

    changes: Changes
    findings: list[FindingShape]
    similar: list[SimilarShape]
    rejected: list[EarlierShape]
    alike: list[str] = Field(description="Open proposals about the same concepts or values.")
    impact: int
    neighbours: int
    seq: int


class CommentShape(Shape):
    """A comment."""

    id: str
    author: PersonShape | None
    text: str
    time: str
    mentions: list[str]
    asks: str | None = Field(description="The user that it asks.")


class LotShape(Shape):
    """A contribution of many parts."""

    id: str
    title: str
    justification: str
    sources: list[str]
    author: PersonShape | None
    created: str
    parts: list[ProposalShape]


class OutcomeShape(Shape):
    """What came of a decision."""

    proposal: ProposalShape
    seq: int | None = Field(description="The change that was written.")
    conflicts: list[ConflictShape] = Field(description="Why it went back by itself.")
    awaits_second: bool = Field(description="Another moderator has to accept it too.")


class ReasonShape(Shape):
    """A ready-made reason."""

    key: str
    verdict: Verdict
    text: dict[str, str]


class BulkItemShape(Shape):
    """What became, or would become, of one proposal."""

    proposal: str
    version: int = Field(description="The version that was looked at: what `versions` of the decision takes.")
    effect: str = Field(description="Its new state (`superseded` where all of it is so already), or `skipped`.")
    reason: str
    conflicts: list[ConflictShape]


class BulkPreviewShape(Shape):
    """What deciding together would do."""

    items: list[BulkItemShape]
    counts: dict[str, int]
    changes: int
    concepts: int
    impact: int


class BulkOutcomeShape(Shape):
    """What was decided together."""

    id: str
    seq: int | None
    undo_until: str
    items: list[BulkItemShape]


class BulkShape(Shape):
    """A bulk decision: `state` is decided or undone; `undone_by` the change that took it back."""

    id: str
    state: Literal["decided", "undone"]
    verdict: Verdict
    reason: str
    moderator: PersonShape | None
    time: str
    seq: int | None
    undone_by: int | None
    proposals: list[str]
    skipped: list[dict[str, Any]]
