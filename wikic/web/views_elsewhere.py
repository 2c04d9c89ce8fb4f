"""The pages of badge classes that are hosted elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from wikic.web.views_account import FormPage
from wikic.web.views_common import ConceptLink, Link


@dataclass(frozen=True, slots=True)
class SourceView:
    """What is known of the address of a badge class."""

    state: Annotated[str, "In one word."]
    read: Annotated[str, "When it answered last; empty for never."]
    differs: Annotated[Sequence[str], "The fields in which it says something else."]
    lost: Annotated[Sequence[ConceptLink], "Bound competencies that it names no longer."]
    gained: Annotated[Sequence[ConceptLink], "Competencies that it names and that are not bound."]
    since: Annotated[str, "Since when it does not answer; empty if it does."]
    error: Annotated[str, "Why, for the issuer's people."]


@dataclass(frozen=True, slots=True)
class OfferChoice:
    """A competency that a badge class could be bound to."""

    concept: Annotated[ConceptLink, "The competency."]
    words: Annotated[str, "The words that matched; empty for what an alignment leads to."]
    chosen: Annotated[bool, "Whether it is chosen."]
    value: Annotated[str, "As it is named where it is sent back: a uuid, or what stands in a table."]


@dataclass(frozen=True, slots=True)
class OfferRow:
    """A badge class that is offered."""

    line: Annotated[int, "Its number."]
    result: Annotated[str, "What becomes of it."]
    address: Annotated[str, "Its address."]
    name: Annotated[str, "Its name; empty where it could not be read."]
    description: Annotated[str, "The beginning of its description."]
    here: Annotated[str, "Its page here; empty where it has none."]
    copied: Annotated[bool, "Whether its image comes with it."]
    choices: Annotated[Sequence[OfferChoice], "What it could be bound to."]
    notes: Annotated[Sequence[str], "What is remarkable."]
    reason: Annotated[str, "Why it is refused."]
    reason_lang: Annotated[str, "The language of that."]
    digest: Annotated[str, "Of what was shown."]
    chosen: Annotated[bool, "Whether it is to come."] = True


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A badge class that is kept up to date."""

    link: Annotated[Link, "Its page."]
    address: Annotated[str, "Its address there."]
    state: Annotated[str, "In one word."]
    read: Annotated[str, "When it answered last; empty for never."]


@dataclass(frozen=True)
class ElsewherePage(FormPage):
    """Bring in badge classes: what would come, then done."""

    template: ClassVar = "badge_elsewhere.html"
    one: Annotated[bool, "Whether it is about one address; else about a whole catalogue."]
    text: Annotated[str, "What was sent, to send again."]
    issuers: Annotated[Sequence[tuple[str, str]], "The issuers that the reader works for."]
    issuer: Annotated[str, "The chosen one."]
    draw: Annotated[bool, "Whether images are drawn here."]
    rows: Annotated[Sequence[OfferRow], "The badge classes."]
    counts: Annotated[Sequence[tuple[str, int]], "How many lines end how."]
    applied: Annotated[bool, "Whether it was done."]
    manages: Annotated[bool, "Whether the reader publishes for the issuer."]
    kept: Annotated[Sequence[KeptRow], "Those that are kept up to date, what needs somebody first."] = field(default=())
    may_found: Annotated[bool, "Whether the reader may found an issuer."] = False
