"""Acceptances (dispenses): an organisation takes a badge class in place of a test or module of its own; declared, revoked, listed, as a table.

Flow: web and command line -> `Acceptances` -> documents. What ends by itself ends by its date; what is revoked ends the day before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from wikic.domain.acceptances import Acceptance, Terms, day_before, last_day
from wikic.domain.access import Actor
from wikic.domain.badges import check_day
from wikic.domain.changes import now
from wikic.domain.endorsements import Named, check_reason
from wikic.domain.ids import new_uuid
from wikic.errors import Conflict, StaleVersion
from wikic.services import badging_rights as rights
from wikic.services import endorsing_rights as own
from wikic.store import documents
from wikic.store import endorsements as store
from wikic.store.engine import Engine, Row, WriteTransaction
from wikic.store.events import happened
from wikic.store.leases import write_numbered
from wikic.store.tables import ACCEPTANCES
from wikic.text.tables import table_of

COLUMNS: Final = (
    "id", "organisation", "organisation_name", "badge_class", "badge_name", "in_place_of", "conditions", "address", "valid_from", "valid_until",
    "lang", "state", "made", "revoked", "reason",
)  # fmt: skip
_PART: Final = 500


@dataclass(frozen=True, slots=True)
class AcceptancesAsked:
    """What a list holds: acceptances of a badge class, of an organisation ("" for any), those that hold on a day ("" for any day); `revoked`: those that
    were, those that were not, None for both."""

    badge_class: str = ""
    organisation: str = ""
    valid_on: str = ""
    revoked: bool | None = None

    def listing(self) -> str:
        """The same as one text, for cursors."""
        return f"{self.badge_class}|{self.organisation}|{self.valid_on}|{self.revoked}"


@dataclass(frozen=True, slots=True)
class AcceptancePage:
    """Part of a list; `next` is where it goes on, "" at the end."""

    items: list[Acceptance]
    next: str


class Acceptances:
    """Acceptances over one store; safe between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, identity: str) -> Acceptance:
        """One acceptance, also one that ended. Raises NotFound."""
        return Acceptance.of(documents.get(self._engine, ACCEPTANCES, identity, "acceptance"))

    def list(self, asked: AcceptancesAsked, actor: Actor, *, after: str = "", limit: int = 100) -> AcceptancePage:
        """Acceptances: of a badge class by organisation, of an organisation by badge class, all in the order of their making. Raises NotFound, InvalidInput."""
        if asked.badge_class:
            own.seen_badge(self._engine, asked.badge_class, actor)
        if asked.organisation:
            own.seen_organisation(self._engine, asked.organisation, actor)
        day = check_day(asked.valid_on)
        rows = store.page_of_acceptances(
            self._engine, asked.badge_class, asked.organisation, day, revoked=asked.revoked, after=after, limit=limit + 1
        )
        place = store.place_of(asked.badge_class, asked.organisation)
        following = str(rows[limit - 1][place]) if len(rows) > limit else ""
        return AcceptancePage([Acceptance.of(row) for row in rows[:limit]], following)

    def table(self, asked: AcceptancesAsked, actor: Actor) -> str:
        """The whole list as CSV."""
        day = asked.valid_on or now()[:10]
        rows = ([*_line(each, day)] for each in self.every(asked, actor))
        return table_of(COLUMNS, rows)

    def declare(self, badge_class: str, organisation: str, terms: Terms, actor: Actor) -> Acceptance:
        """Declare that an organisation accepts a badge class. Raises Unauthenticated, Forbidden, NotFound, InvalidInput, Conflict (a draft, a private
        organisation, the same is declared already)."""
        rights.require_credential(actor)
        cleaned = terms.cleaned(now()[:10])
        speaker = own.require_manager(self._engine, organisation, actor)
        own.require_public(speaker)
        badge = own.public_badge(self._engine, badge_class, actor)
        row = _row(badge, speaker, cleaned, actor)

        def work(tx: WriteTransaction) -> None:
            own.lock_speaker(tx, organisation)
            held = store.page_of_acceptances(tx, badge_class, organisation, "", revoked=False, limit=_PART)
            same = (each for each in held if str(each["in_place_of"]).casefold() == cleaned.in_place_of.casefold())
            if any(str(each["valid_from"]) <= last_day(cleaned) and cleaned.valid_from <= str(each["ends"]) for each in same):
                raise Conflict(
                    "this is accepted already in place of the same: revoke that first, to say it in other terms", reason="accepted-already"
                )
            documents.insert(tx, ACCEPTANCES, row)
            _happened(tx, actor, "acceptance_made", row, in_place_of=cleaned.in_place_of)

        write_numbered(self._engine, work)
        return Acceptance.of(row | {"version": 1})

    def revoke(self, identity: str, reason: str, actor: Actor, *, version: int | None = None) -> Acceptance:
        """End it today: what it said until yesterday stays true. Raises NotFound, Forbidden, InvalidInput, StaleVersion, Conflict."""
        organisation = self.get(identity).organisation
        own.require_speaker(actor, Named("organisation", organisation))
        why = check_reason(reason)

        def work(tx: WriteTransaction) -> Row:
            row = documents.lock(tx, ACCEPTANCES, identity)
            if version is not None and int(row["version"]) != version:
                raise StaleVersion("the acceptance was changed meanwhile: look again, then repeat", reason="stale")
            if row["is_revoked"]:
                raise Conflict("it is revoked already", reason="revoked-already")
            stamp = now()
            ends = min(str(row["ends"]), day_before(stamp[:10]))
            values = {"is_revoked": True, "revoked": stamp, "revoked_by": actor.name, "reason": why, "ends": ends}
            documents.change_many(tx, ACCEPTANCES, [(row, values)])
            _happened(tx, actor, "acceptance_revoked", row, reason=why)
            return {**row, **values, "version": int(row["version"]) + 1}

        return Acceptance.of(write_numbered(self._engine, work))

    def every(self, asked: AcceptancesAsked, actor: Actor) -> Iterator[Acceptance]:
        """The whole list, part by part."""
        after = ""
        while True:
            page = self.list(asked, actor, after=after, limit=_PART)
            yield from page.items
            after = page.next
            if not after:
                return


def _line(each: Acceptance, today: str) -> Iterator[str]:
    terms = each.terms.packed()
    own_ = {"id": each.id, "organisation_name": each.name, "state": each.state(today)}
    for name in COLUMNS:
        yield str(own_[name] if name in own_ else terms[name] if name in terms else getattr(each, name))


def _row(badge: Row, speaker: Row, terms: Terms, actor: Actor) -> Row:
    identity, stamp, slug, key = new_uuid(), now(), str(speaker["key"]), str(badge["key"])
    return {
        "key": identity, "organisation": slug, "name": str(speaker["name"]), "badge_class": key, "badge_name": str(badge["name"]),
        "issuer": str(badge["issuer"]), "ends": last_day(terms), "made": stamp, "made_by": actor.name, "is_revoked": False,
        "by_badge": f"{key}/{slug}/{stamp}/{identity}", "by_organisation": f"{slug}/{key}/{stamp}/{identity}", "listing": f"{stamp}/{identity}",
        **terms.packed(),
    }  # fmt: skip


def _happened(tx: WriteTransaction, actor: Actor, kind: str, row: Row, **data: Any) -> None:
    named: dict[str, Any] = {"acceptance": str(row["key"]), "organisation": str(row["organisation"]), "issuer": str(row["issuer"])}
    happened(tx, actor, kind, subject=f"badge_class/{row['badge_class']}", **named, **data)
