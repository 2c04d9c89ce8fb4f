"""The pages of endorsements and acceptances, and what other pages show of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from wikic.web.views_account import FormPage
from wikic.web.views_common import Link, Page


@dataclass(frozen=True, slots=True)
class EndorsementRow:
    """An endorsement in a list."""

    address: Annotated[str, "Its page."]
    name: Annotated[str, "Who endorses."]
    endorser: Annotated[str, "The page of who endorses; empty for a person."]
    target: Annotated[Link | None, "What is endorsed, where the list is not about that."]
    comment: Annotated[str, "What it says."]
    lang: Annotated[str, "Its language, if another than the page's."]
    evidence: Annotated[str, "Where there is evidence; empty for nowhere."]
    since: Annotated[str, "When that was said."]
    revoked: Annotated[str, "When it was revoked; empty if it was not."]


@dataclass(frozen=True, slots=True)
class AcceptanceRow:
    """An acceptance in a list."""

    address: Annotated[str, "Its page."]
    organisation: Annotated[Link, "Who accepts."]
    badge: Annotated[Link, "The badge class."]
    in_place_of: Annotated[str, "In place of what."]
    lang: Annotated[str, "Its language, if another than the page's."]
    conditions: Annotated[str, "Under which conditions; empty for none."]
    where: Annotated[str, "Where that stands; empty for nowhere."]
    valid_from: Annotated[str, "The first day."]
    valid_until: Annotated[str, "The last day; empty for no end."]
    state: Annotated[str, "How it stands today."]


@dataclass(frozen=True, slots=True)
class Standing:
    """Who stands behind something, as its page shows it."""

    rows: Annotated[Sequence[EndorsementRow], "The first endorsements."]
    total: Annotated[int, "How many there are."]
    address: Annotated[str, "All of them."]
    endorse: Annotated[str, "Where the reader endorses it; empty for who may not."]
    accepted: Annotated[Sequence[AcceptanceRow], "The first acceptances that are not over."]
    acceptances: Annotated[str, "All of them; empty where nothing is accepted."]
    accept: Annotated[str, "Where the reader declares that an organisation accepts it; empty for who may not."]


@dataclass(frozen=True)
class EndorsePage(FormPage):
    """Endorse something."""

    template: ClassVar = "endorse.html"
    target: Annotated[str, "Kind and id of what is endorsed."]
    aim: Annotated[Link, "What is endorsed."]
    speakers: Annotated[Sequence[tuple[str, str]], "In whose name one may: short name (empty for one's own), and name."]
    values: Annotated[dict[str, str], "What stands in the fields, by their names."]


@dataclass(frozen=True)
class EndorsementPage(FormPage):
    """One endorsement."""

    template: ClassVar = "endorsement.html"
    id: Annotated[str, "Its id."]
    row: Annotated[EndorsementRow, "The endorsement, with what it is about."]
    reason: Annotated[str, "Why it was revoked."]
    versions: Annotated[Sequence[tuple[int, str, str]], "What it said before: number, since when, comment; newest first."]
    documents: Annotated[Sequence[tuple[str, str, str]], "Its addresses: id, what is there, address."]
    speaks: Annotated[bool, "Whether the reader may revoke it."]
    version: Annotated[int, "The version that was read."]


@dataclass(frozen=True)
class EndorsementsPage(Page):
    """Endorsements of something, by somebody, or all."""

    template: ClassVar = "endorsement_list.html"
    rows: Annotated[Sequence[EndorsementRow], "The endorsements."]
    states: Annotated[Sequence[Link], "Those that hold, those that were revoked."]
    following: Annotated[str, "The next page; empty at the end."]


@dataclass(frozen=True)
class AcceptPage(FormPage):
    """Declare that an organisation accepts a badge class."""

    template: ClassVar = "accept.html"
    badge: Annotated[Link, "The badge class."]
    badge_class: Annotated[str, "Its id."]
    speakers: Annotated[Sequence[tuple[str, str]], "The organisations that the reader manages: short name, and name."]
    values: Annotated[dict[str, str], "What stands in the fields, by their names."]


@dataclass(frozen=True)
class AcceptanceShown(FormPage):
    """One acceptance."""

    template: ClassVar = "acceptance.html"
    id: Annotated[str, "Its id."]
    row: Annotated[AcceptanceRow, "The acceptance."]
    revoked: Annotated[str, "When it was revoked; empty if it was not."]
    reason: Annotated[str, "Why."]
    speaks: Annotated[bool, "Whether the reader may revoke it."]
    version: Annotated[int, "The version that was read."]


@dataclass(frozen=True)
class AcceptancesPage(Page):
    """Acceptances of a badge class, by an organisation, or all."""

    template: ClassVar = "acceptance_list.html"
    rows: Annotated[Sequence[AcceptanceRow], "The acceptances."]
    hidden: Annotated[Sequence[tuple[str, str]], "What the list is about, for the form."]
    valid_on: Annotated[str, "The day on which they hold; empty for any."]
    download: Annotated[str, "The same list as CSV."]
    following: Annotated[str, "The next page; empty at the end."]
