"""The moderators' queue: lanes, orders and filters, saved filters, ready-made reasons.

By default what touches most occupations and badges comes first, then what has waited longest. Spelling and the conflicts of imports have lanes of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from wikic.domain import access
from wikic.domain.access import NOBODY, Actor
from wikic.domain.accounts import name_key
from wikic.domain.changes import stamp
from wikic.domain.ids import is_uuid, new_uuid
from wikic.domain.proposals import LANES, VERDICTS, Proposal, may_see
from wikic.domain.proposals_changes import CHANGE_TYPES
from wikic.domain.vocabulary import KINDS, SCHEMES
from wikic.errors import Conflict, InvalidInput, NotFound
from wikic.services.proposing_lists import ProposalPage
from wikic.services.queueing_memory import QueueMemory
from wikic.services.queueing_reasons import Reason, known_reasons
from wikic.services.reading import Reading
from wikic.services.reading_moments import make_cursor, parse_cursor
from wikic.store import proposals as store
from wikic.store import proposals_talk as talk
from wikic.store.engine import Engine, Row, WriteTransaction
from wikic.store.events import happened
from wikic.store.leases import write_numbered

ORDERS: Final = ("impact", "alike")
"""By impact, then age; or what is about one concept together, by age."""
MOST_FILTERS: Final = 50
_PEOPLE: Final = ("author", "assignee", "expert")
_CONCEPTS: Final = ("within", "concept")
_PAGE: Final = re.compile(r"/c/([0-9A-Fa-f-]{36})(?![0-9A-Fa-f-])")
_ALLOWED: Final[dict[str, tuple[str, ...]]] = {"lane": LANES, "order": ORDERS, "scheme": SCHEMES, "kind": KINDS, "type": CHANGE_TYPES}


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What of a lane is listed; empty for all. `within` is a concept: what is about it or anything below; `before` a time (ISO 8601): what waits since
    before it; `assignee` "none": what nobody has been given. People are given by id or name, concepts as `Reading.concept` takes them."""

    scheme: str = ""
    kind: str = ""
    type: str = ""
    branch: str = ""
    within: str = ""
    concept: str = ""
    author: str = ""
    assignee: str = ""
    expert: str = ""
    lot: str = ""
    before: str = ""


class Queueing:
    """The queue of one store."""

    def __init__(self, engine: Engine, reading: Reading) -> None:
        self._engine, self._reading = engine, reading
        self._memory = QueueMemory(engine)

    def page(
        self,
        actor: Actor,
        *,
        lane: str = "main",
        order: str = "impact",
        filters: QueueFilter | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> ProposalPage:
        """What waits in a lane. At most a few round trips, mostly one. Raises InvalidInput for what is no lane, order or cursor."""
        if lane not in LANES or order not in ORDERS:
            raise InvalidInput(f"the queue has the lanes {', '.join(LANES)} and the orders {', '.join(ORDERS)}")
        filters = filters or QueueFilter()
        moment = self._reading.moment(cursor=cursor)
        listing = f"queue|{lane}|{order}|{filters}"
        after = parse_cursor(cursor).place_in(moment, listing) if cursor else ""
        chosen = self._conditions(filters, actor)
        found = self._memory.page(lane, "queue" if order == "impact" else "alike", after, limit + 1, chosen)
        following = make_cursor(moment, listing, found[limit - 1][0]) if len(found) > limit else None
        proposals = store.read_proposals(self._engine, [proposal for _, proposal in found[:limit]])
        items = [proposals[proposal] for _, proposal in found[:limit] if proposal in proposals]
        return ProposalPage([one for one in items if one.state == "submitted"], following, moment.seq)

    def total(self, actor: Actor, lane: str, filters: QueueFilter) -> int:
        """How many wait in a lane, of what a filter leaves and they may see."""
        return self._memory.total(lane, self._conditions(filters, actor))

    def _conditions(self, filters: QueueFilter, actor: Actor) -> dict[str, Any]:
        """A filter by ids, as the memory knows them; a name or a code that nobody and nothing has stays, and matches nothing."""
        found: dict[str, Any] = {name: value for name, value in asdict(filters).items() if value} | {"reader": actor}
        if found.get("assignee") == "none":
            found["assignee"] = ""
        keys = {name: name_key(found[name].removeprefix("@")) for name in _PEOPLE if found.get(name)}
        people = talk.people_named(self._engine, keys.values()) if keys else {}
        found |= {name: str(people[key]["key"]) for name, key in keys.items() if key in people}
        found |= {name: self._concept(str(found[name])) for name in _CONCEPTS if name in found}
        if "before" in found:
            found["before"] = _time(found["before"])
        return found

    def _concept(self, named: str) -> str:
        """A concept by what people have of it: its page here, its own address, its uuid, its code with the scheme or as pages show it."""
        page = _PAGE.search(named)
        scheme, colon, code = named.strip().partition(":")
        given = page[1] if page else f"{scheme.lower()}:{code}" if scheme.lower() in SCHEMES else named.strip()
        for each in [given] if colon or is_uuid(given) else [f"{scheme}:{given}" for scheme in SCHEMES]:
            with suppress(NotFound, InvalidInput, Conflict):
                return self._reading.concept(each).identity.uuid
        return named

    def counts(self, actor: Actor = NOBODY) -> dict[str, int]:
        """How many wait in each lane, of what they may see."""
        return self._memory.counts(actor)

    def alike(self, proposal: Proposal, actor: Actor, *, limit: int = 50) -> list[Proposal]:
        """Other open proposals about the same concepts, or that ask for the same value of a field, oldest first."""
        found = {one.proposal for one in store.about(self._engine, proposal.topics(), open_=True)} - {proposal.id}
        proposals = store.read_proposals(self._engine, sorted(found)[:limit])
        return [proposals[key] for key in sorted(proposals) if actor.may_read(proposals[key].space)]

    def several(self, identities: Iterable[str], actor: Actor) -> list[Proposal]:
        """Proposals by id, in the order given; what may not be seen is left out. One round trip. Raises NotFound."""
        return [one for one in store.require_proposals(self._engine, identities) if may_see(one, actor)]

    def reasons(self, verdict: str | None = None, *, hidden: bool = False) -> list[Reason]:
        """Ready-made reasons, those of the house first changed, then added; of one verdict; `hidden`: with those that were taken off the list."""
        return [one for one in known_reasons(self._engine) if (hidden or not one.hidden) and verdict in (None, one.verdict)]

    def put_reason(self, key: str, verdict: str, text: dict[str, str], actor: Actor, *, hidden: bool = False) -> Reason:
        """Write a ready-made reason, new or in the place of another; `hidden` takes one off the list. Raises Forbidden, InvalidInput."""
        access.require(actor, "administer")
        if not key.replace("-", "").isalnum() or len(key) > 60 or verdict not in VERDICTS:
            raise InvalidInput(f"a reason has a key of letters, digits and dashes, and a verdict: {', '.join(VERDICTS)}")
        said = {lang: value.strip() for lang, value in text.items() if value.strip()}
        if not said or any(len(value) > 2_000 for value in said.values()):
            raise InvalidInput("a reason has a text in at least one language, of at most 2,000 characters")
        values: Row = {"verdict": verdict, "text": said, "hidden": hidden}

        def work(tx: WriteTransaction) -> None:
            talk.put_reason(tx, key, values)
            happened(tx, actor, "reason_changed", subject=f"reason/{key}", hidden=hidden)

        write_numbered(self._engine, work)
        return Reason(key, verdict, said, hidden)

    def saved(self, actor: Actor) -> list[Row]:
        """One's own saved filters: `key`, `name`, `query`."""
        access.require_known(actor)
        return talk.saved_filters(self._engine, actor.id)

    def save(self, name: str, query: dict[str, str], actor: Actor) -> Row:
        """Save a filter under a name. `query`: `lane`, `order`, and the names of `QueueFilter`."""
        access.require(actor, "propose")
        for field, allowed in _ALLOWED.items():
            if query.get(field, "") not in ("", *allowed):
                raise InvalidInput(f"{query[field][:60]!r} is no {field}: {', '.join(allowed)}")
        title = " ".join(name.split())
        known = {"lane", "order", *QueueFilter.__dataclass_fields__}
        if not title or len(title) > 100 or set(query) - known or any(len(value) > 200 for value in query.values()):
            raise InvalidInput(f"a saved filter has a name, and a query of {', '.join(sorted(known))}", reason="filter-name")
        row: Row = {"key": new_uuid(), "user": actor.id, "name": title, "query": query}

        def work(tx: WriteTransaction) -> None:
            if len(talk.saved_filters(tx, actor.id)) >= MOST_FILTERS:
                raise InvalidInput(f"you have {MOST_FILTERS} saved filters: remove one first", reason="filters-many", most=MOST_FILTERS)
            talk.add_filter(tx, row)
            happened(tx, actor, "filter_saved", subject=f"filter/{row['key']}")

        write_numbered(self._engine, work)
        return row

    def forget(self, key: str, actor: Actor) -> None:
        """Remove one's own saved filter. Raises NotFound, Forbidden."""
        access.require(actor, "propose")

        def work(tx: WriteTransaction) -> None:
            row = talk.lock_filter(tx, key)
            if row["user"] != actor.id:
                raise NotFound(f"there is no saved filter {key[:100]}", reason="none-here", key=key[:100])
            talk.drop_filter(tx, key)
            happened(tx, actor, "filter_removed", subject=f"filter/{key}")

        write_numbered(self._engine, work)


def _time(given: str) -> str:
    """A time as proposals keep theirs; one without a zone is UTC. Raises InvalidInput."""
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise InvalidInput(f"{given[:40]!r} is no time: write it as 2026-10-07 or 2026-10-07T09:00:00Z", reason="filter-time") from None
    return stamp(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
