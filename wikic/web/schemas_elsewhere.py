"""The shapes of badge classes that are hosted elsewhere: what is to come, what would come of it, and what is known of their addresses."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from wikic.services.elsewhere_gathering import MOST_LINES
from wikic.web.examples import BRIEF, Json
from wikic.web.schemas import BriefShape, Shape
from wikic.web.schemas_accounts import Sent
from wikic.web.schemas_badges import BadgeContentShape

Address = Annotated[str, Field(max_length=2_000)]


class FromBody(Sent):
    """Badge classes that are to come: one of `address`, `addresses`, `documents` and `csv`."""

    issuer: str = Field(max_length=60, description="Short name of the issuer whose they are here.")
    address: str | None = Field(None, min_length=1, max_length=2_000, description="Of a badge class, a list of them, or an issuer's document that names them.")
    addresses: list[Address] | None = Field(None, min_length=1, max_length=MOST_LINES, description="Of badge classes.")
    documents: list[Any] | None = Field(None, min_length=1, max_length=MOST_LINES, description="Badge classes of Open Badges 2.0 or 3.0, or lists of them.")
    csv: str | None = Field(None, min_length=1, max_length=1_500_000, description="A table with the columns of docs/catalogues.md.")
    dry_run: bool = Field(True, description="Only say what would come.")
    partly: bool = Field(False, description="Take those that are right, even where others are wrong.")
    publish: bool = Field(False, description="Publish them at once, for managers; else they are drafts.")
    draw: bool = Field(False, description="Without their images: they are drawn here.")
    lang: str = Field("fr", max_length=35, description="The language of those that do not say theirs.")
    only: list[Address] | None = Field(None, max_length=MOST_LINES, description="Of all that was found, the badge classes with these addresses.")
    concepts: dict[str, list[Address]] = Field({}, description="By address, the competencies to bind, in place of those that its alignments lead to.")
    seen: dict[str, str] = Field({}, description="By address, the `digest` that was shown: what says something else by now is refused.")


class RecognisedShape(Shape):
    """An alignment of the document, and the competency that it leads to."""

    name: str
    bindable: bool = Field(description="Whether badge classes attest concepts of its kind, and it is in use.")
    concept: BriefShape


class OfferedShape(Shape):
    """A competency that it seems to attest, by its words."""

    concept: str
    score: float
    words: list[str]


class NoteShape(Shape):
    """Something remarkable that keeps it from nothing."""

    key: str
    message: str


class OfferShape(Shape):
    """What becomes of a line."""

    line: int
    address: str
    result: Literal["new", "known", "refused", "taken"]
    badge_class: str | None = Field(description="The badge class that has this address here.")
    content: BadgeContentShape | None = Field(description="What it would say, without its image.")
    image: Literal["copied", "drawn"] | None
    digest: str | None = Field(description="Of what its document says.")
    recognised: list[RecognisedShape]
    suggested: list[OfferedShape] = Field(description="Where no alignment leads anywhere.")
    concepts: list[str] = Field(description="What it would be bound to.")
    notes: list[NoteShape]
    problem: str | None = Field(description="The kind of error, as in problems.")
    reason: str | None


class OffersShape(Shape):
    """What would come, or came."""

    applied: bool
    new: int
    known: int
    refused: int
    taken: int
    lines: list[OfferShape]


class SourceShape(Shape):
    """What is known of the address of a badge class that is hosted elsewhere."""

    badge_class: str
    address: str
    state: Literal["same", "differs", "lost", "unreachable", "waiting"] = Field(description="`waiting`: it was not read yet.")
    read: str | None = Field(description="When it answered last.")
    differs: list[str] = Field(description="Fields in which it says something else.")
    lost: list[str] = Field(description="Bound competencies that it names no longer.")
    gained: list[str] = Field(description="Competencies that it names and that are not bound.")
    unreachable_since: str | None
    error: str | None = Field(description="Why it does not answer, for the issuer's people.")
    due: str | None = Field(description="When it is read next.")


class ReadAgainShape(SourceShape):
    """The same after it was read again."""

    version: int = Field(description="The version that was made of what it changed; 0 for none.")
    concepts: list[str] = Field(description="The competencies that it names now.")


_ID: Final = "0190f1d2-7a3b-7c4d-8e5f-0a1b2c3d4e70"
_STAMP: Final = "2026-01-15T09:30:00.000Z"
SOURCE: Final[Json] = {
    "badge_class": _ID,
    "address": "https://badges.example.org/petrir",
    "state": "lost",
    "read": _STAMP,
    "differs": [],
    "lost": [BRIEF["uuid"]],
    "gained": [],
    "unreachable_since": None,
    "error": None,
    "due": "2026-01-16T10:12:00.000Z",
}
FROM: Final[Json] = {"issuer": "fournil", "address": "https://badges.example.org/issuer", "dry_run": True}
