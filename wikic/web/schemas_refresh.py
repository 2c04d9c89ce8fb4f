"""The shapes of what releases ask of badge classes, and of awards that are checked."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from wikic.domain.delta import DeltaType, Severity
from wikic.domain.refreshing import Advice, LineState, Treatment
from wikic.services.refreshing_awards import AlignmentState, Outcome
from wikic.web.schemas import PageShape, Shape
from wikic.web.schemas_accounts import Sent

LineIds = Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=5_000)]


class NamedShape(Shape):
    """A concept and what it is called now."""

    uuid: str
    name: str


class LineChangeShape(Shape):
    """One change of the competency; texts are cut."""

    type: str
    severity: Severity
    field: str | None
    lang: str | None
    before: str | None
    after: str | None
    old: list[str]
    new: list[str]


class LineShape(Shape):
    """What a release asks of one binding."""

    id: str
    release: str
    issuer: str
    badge_class: str
    badge_name: str
    concept: NamedShape
    level: str
    binding: str
    severity: Severity
    advice: Advice = Field(description="What to do.")
    changes: list[LineChangeShape]
    reason: str = Field(description="Why, in the language asked for.")
    successors: list[NamedShape] = Field(description="What stands for the competency in the end.")
    state: LineState
    opened: str | None
    by: str | None
    at: str | None
    note: str | None
    treatment: Treatment | None
    made: list[str] = Field(description="The bindings that stand in its place.")


class RefreshFiguresShape(Shape):
    """How much a report holds."""

    badge_classes: int
    issuers: int
    lines: int
    severities: dict[str, int]
    advices: dict[str, int]
    types: dict[str, int]


class RehearsalShape(PageShape[LineShape]):
    """A report of what is not published yet, or was; `before`: the release it is compared with."""

    release: str
    before: str
    figures: RefreshFiguresShape


class StandingShape(Shape):
    """How far an issuer is with a release."""

    release: str
    issuer: str
    opened: str
    lines: int
    asking: int = Field(description="How many of them asked for something when it was opened.")
    states: dict[str, int]


class DueShape(Shape):
    """A badge class to be reviewed."""

    badge_class: str
    issuer: str
    name: str
    day: str
    overdue: bool


class RefreshStandingShape(PageShape[StandingShape]):
    """How far an issuer is, release by release; and the badge classes that are due for review within 90 days."""

    due: list[DueShape]


class TreatBody(Sent):
    """Lines to treat: named one by one, or all open ones of an issuer and a release of some kind."""

    treatment: Treatment
    lines: LineIds | None = None
    issuer: str = Field("", max_length=60)
    release: str = Field("", max_length=64)
    severity: Severity | None = None
    advice: Advice | None = None
    change: DeltaType | None = Field(None, description="A type of change.")
    to: Annotated[list[Annotated[str, Field(max_length=2_000)]], Field(max_length=20)] = Field(
        [], description="Of `realign`: the concepts, where not one alone stands for the old one."
    )
    note: str = Field("", max_length=2_000)
    partly: bool = Field(False, description="Treat the lines that can be, leave the others.")


class LeftShape(Shape):
    """A line that was left, and why."""

    line: str
    problem: str
    reason: str


class TreatedShape(Shape):
    """What became of lines."""

    treated: list[LineShape]
    left: list[LeftShape]


class ReadBody(Sent):
    """Lines whose badge classes are hosted elsewhere."""

    lines: Annotated[list[Annotated[str, Field(max_length=60)]], Field(min_length=1, max_length=200)]


class ReadAgainShape(Shape):
    """What an address showed."""

    badge_class: str
    address: str
    closed: list[str]
    waiting: list[str]
    refused: str | None


class ReadAgainListShape(Shape):
    """One for each address."""

    items: list[ReadAgainShape]


class ObjectionBody(Sent):
    """An objection to a candidate."""

    release: str = Field(max_length=64)
    issuer: str = Field(max_length=60)
    badge_classes: Annotated[list[Annotated[str, Field(max_length=60)]], Field(min_length=1, max_length=200)]
    text: str = Field(min_length=1, max_length=5_000)


class AwardBody(Sent):
    """An award: an assertion or a credential as an object, or a signed token."""

    award: dict[str, object] | str


class AwardConceptShape(Shape):
    """A concept as it is now."""

    uuid: str
    label: str
    status: str


class AwardAlignmentShape(Shape):
    """One alignment of the award, held against today."""

    pointer: str = Field(description="Where it stands in the award; empty where the award only names its badge class by address.")
    name: str | None
    state: AlignmentState
    concept: AwardConceptShape | None
    successors: list[AwardConceptShape]
    since: str | None = Field(description="The first release that had the concept deprecated.")
    attested: bool | None = Field(description="Whether its badge class attests it, or a successor, today; null where the badge class is not known here.")


class AwardBadgeShape(Shape):
    """The badge class that was awarded, as it is here."""

    id: str
    name: str
    issuer: str
    status: Literal["draft", "published", "retired"]
    number: int


class CheckedAwardShape(Shape):
    """An award held against the framework of today."""

    format: str
    kind: str
    badge_name: str | None
    badge: AwardBadgeShape | None
    issued: str | None
    expires: str | None
    expired: bool
    accepted: bool = Field(description="Nothing in the document itself is an error.")
    signed: bool = Field(description="It bears a proof, which is not verified here.")
    outcome: Outcome
    alignments: list[AwardAlignmentShape]
