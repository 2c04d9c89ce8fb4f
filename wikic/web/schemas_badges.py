"""The shapes of badge classes, bindings and issuers: what is sent and answered."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from wikic.domain.badges import BadgeFormat, BadgeStatus, Hosting
from wikic.domain.badges_bindings import BindingSource, BindingStatus
from wikic.domain.vocabulary import Kind, Status
from wikic.web.schemas import BriefShape, PageShape, Shape
from wikic.web.schemas_accounts import ProfileShape, Sent

Facets = dict[str, dict[str, int]]


class BadgeContentShape(Shape):
    """What a version of a badge class says."""

    name: str
    description: str
    criteria: str = Field(description="What one has to do to earn it, in words.")
    criteria_address: str = Field(description="Where the criteria stand.")
    image: str = Field(description="Digest of a stored image; empty for one that is drawn from the name.")
    tags: list[str]
    lang: str
    validity: int | None = Field(description="Months; null for ever.")
    review_due: str = Field(description="A day such as 2027-06-30, or empty.")
    achievement_type: str = Field(description="A type of Open Badges 3.0, or `ext:...`.")
    human_code: str = Field(description="The issuer's own code.")
    level: str = Field(description="Key of a scale and number, such as `practice:2`; or empty.")
    deviates: str = Field(description="Where it deviates from the criteria that its level shares.")
    hosted: Hosting
    address: str = Field(description="Its own address, where it is hosted elsewhere.")
    format: BadgeFormat | Literal[""] = Field(description="What that address answers.")


class BadgeContentBody(Sent):
    """What a badge class says, whole: what is left out is empty."""

    name: str = Field(max_length=300)
    description: str = Field("", max_length=6_000)
    criteria: str = Field("", max_length=25_000)
    criteria_address: str = Field("", max_length=2_000)
    image: str = Field("", max_length=64, description="The digest that `PUT .../image` has given.")
    tags: list[Annotated[str, Field(max_length=100)]] = Field([], max_length=30)
    lang: str = Field("fr", max_length=35)
    validity: int | None = Field(None, ge=1, le=600)
    review_due: str = Field("", max_length=10)
    achievement_type: str = Field("", max_length=100)
    human_code: str = Field("", max_length=150)
    level: str = Field("", max_length=70)
    deviates: str = Field("", max_length=6_000)
    hosted: Hosting = "here"
    address: str = Field("", max_length=2_000)
    format: BadgeFormat | Literal[""] = ""


class BadgeClassBody(Sent):
    """A badge class to make."""

    issuer: str = Field(max_length=60, description="Short name of an organisation of the kind `issuer`.")
    content: BadgeContentBody


class RetireBody(Sent):
    """Why it is given no longer."""

    reason: str = Field("", max_length=2_000)


class MissingShape(Shape):
    """Something it lacks."""

    field: str
    key: str
    why: str
    suggestion: str
    required: bool = Field(description="Without it, it cannot be published.")
    standards: list[BadgeFormat] = Field(description="Which standards ask for it.")


class BadgeBriefShape(Shape):
    """A badge class in a list."""

    id: str
    issuer: str
    issuer_name: str
    status: BadgeStatus
    number: int = Field(description="The last published version; 0 for none.")
    name: str
    description: str
    lang: str
    level: str
    human_code: str
    hosted: Hosting
    address: str
    review_due: str
    image_url: str


class BadgeClassShape(Shape):
    """A badge class."""

    id: str
    issuer: str
    issuer_name: str
    status: BadgeStatus
    number: int = Field(description="The last published version; 0 for none.")
    content: BadgeContentShape = Field(description="What everybody reads; the draft itself where nothing was published yet.")
    draft: BadgeContentShape | None = Field(description="What waits to be published next, for the issuer's people.")
    missing: list[MissingShape] = Field(description="What it (or what waits) lacks to be complete.")
    bindings_total: int
    image_url: str
    created: str
    changed: str
    made_by: str
    published: str | None
    retired: str | None


class BadgePageShape(PageShape[BadgeBriefShape]):
    """A list of badge classes; `facets` count each without its own filter."""

    total: int
    facets: Facets


class BoundShape(Shape):
    """What a version was bound to."""

    id: str
    concept: str
    level: str
    seen_name: str
    since_release: str
    seen_seq: int


class BadgeVersionShape(Shape):
    """A published version; it never changes."""

    badge_class: str
    issuer: str
    number: int
    content: BadgeContentShape
    bindings: list[BoundShape]
    published: str
    by: str
    why: str
    image_url: str


class BindingShape(Shape):
    """A badge class attests a competency."""

    id: str
    badge_class: str
    issuer: str
    concept: str
    level: str
    seen_name: str = Field(description="The competency's name when it was bound.")
    since_release: str = Field(description="The release as of which it was seen; empty for none.")
    seen_seq: int
    source: BindingSource
    made_by: str
    made_at: str
    status: BindingStatus
    closed_by: str | None
    closed_at: str | None


class TargetShape(Shape):
    """What an alignment says of a competency."""

    concept: str
    kind: Kind
    scheme: str
    status: Status
    name: str
    description: str
    code: str
    framework: str
    url: str = Field(description="Its permanent address.")
    pinned_url: str | None = Field(description="The same as of the release it was seen in.")
    iri: str = Field(description="Its own address in its source.")
    lang: str
    successors: list[str] = Field(description="Uuids of what replaced it in the end.")


class BoundTargetShape(BindingShape):
    """A binding with the competency as it is now; null where it is not there."""

    target: TargetShape | None


class BoundBadgeShape(BindingShape):
    """A binding with its badge class."""

    badge: BadgeBriefShape


class WishBody(Sent):
    """A binding to make."""

    badge_class: str = Field(max_length=60)
    concept: str = Field(max_length=2_000, description="A uuid, a source address or a code such as `rome:M1805`.")
    level: str = Field("", max_length=70, description="Empty for the badge class's own.")


class BindBody(Sent):
    """Bindings to make, all or none unless `partly`."""

    bindings: list[WishBody] = Field(min_length=1, max_length=5_000)
    release: str | None = Field(None, max_length=64, description="As of which the competencies are seen; empty for now; the last by default.")
    source: Literal["hand", "csv", "suggested"] = "hand"
    dry_run: bool = False
    partly: bool = False
    historic: bool = Field(False, description="Deprecated competencies too, as older badges name them.")


class BindLineShape(Shape):
    """What becomes of a line."""

    line: int
    result: Literal["bound", "already", "refused"]
    badge_class: str
    concept: str
    level: str
    binding: str | None = Field(description="The binding's id.")
    seen_name: str | None
    problem: str | None = Field(description="The kind of error, as in problems.")
    reason: str | None


class BindOutcomeShape(Shape):
    """What was done, or would be."""

    applied: bool
    bound: int
    already: int
    refused: int
    lines: list[BindLineShape]


class SuggestionShape(BriefShape):
    """A competency that a badge class seems to attest."""

    nature: str | None = None
    iri: str | None = None
    score: float
    words: list[str] = Field(description="The words that matched.")
    fields: list[str] = Field(description="In which texts: name, tags, description, criteria.")


class SuggestionsShape(PageShape[SuggestionShape]):
    """Suggested competencies, best first."""


class IssuerShape(Shape):
    """An issuer of badges."""

    slug: str
    name: str
    private: bool
    profile: ProfileShape
    badge_classes: dict[str, int] = Field(description="How many by status, as the reader sees them.")
