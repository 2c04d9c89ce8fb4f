"""Proposals as documents: writing them, finding them by what they are about, and the moderators' queue.

Every order is one indexed text. Beside each proposal stand rows that name what it is about (`PROPOSAL_CONCEPTS`: its concepts, and a digest of
each value it asks for), so that those that are alike are found without a search.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from wikic.domain.ids import time_of_uuid
from wikic.domain.proposals import BESIDE, DECIDED_STATES, Proposal, of_row, to_row
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import NotFound, StaleVersion
from wikic.store import documents
from wikic.store.documents import END, Source
from wikic.store.engine import Engine, Query, Row, WriteTransaction
from wikic.store.tables import PROPOSAL_CONCEPTS, PROPOSALS

MOST_IMPACT: Final = 999_999_999
_LAST_MILLIS: Final = 0xFFFF_FFFF_FFFF

_LOCK_MANY = Query(
    "proposal.lock_many",
    "UNWIND $keys AS key MATCH (n:Proposal {key: key}) SET n.locked = timestamp() WITH n RETURN properties(n) AS n",
)
_SAVE_MANY = Query(
    "proposal.save_many", "UNWIND $rows AS row MATCH (n:Proposal {key: row.key}) SET n += row.values"
)
_SAVE_AND_MARK = Query(
    "proposal.save_and_mark",
    f"{_SAVE_MANY.text} WITH row MATCH (t:ProposalConcept {{proposal: row.key}}) SET t.open = row.open, t.state = row.values.state",
)
_DROP_TOPICS = Query(
    "proposal_concept.drop", "UNWIND $proposals AS id MATCH (n:ProposalConcept {proposal: id}) DETACH DELETE n"
)
_ABOUT = Query(
    "proposal_concept.about",
    "UNWIND $topics AS topic MATCH (n:ProposalConcept {concept: topic}) WHERE n.open = $open"
    " RETURN n.proposal AS proposal, n.state AS state, n.concept AS topic, n.space AS space",
)
_DELAYS = Query(
    "proposal.delays",
    "MATCH (n:Proposal) WHERE n.done > '' AND n.done < $end AND n.state IN $states AND n.space = $space RETURN coalesce(n.delay, 0) AS delay LIMIT $limit",
)
_HELD_SINCE = Query(
    "proposal.held_since", "MATCH (n:Proposal) WHERE n.held_by > $after AND n.held_by < $end RETURN count(n) AS n"
)

_CONDITIONS: Final = {
    "scheme": "$scheme IN n.schemes",
    "author": "n.author = $author",
    "lot": "n.lot = $lot",
    "state": "n.state = $state",
    "spaces": "n.space IN $spaces",
    "free": "coalesce(n.held, false) = false",
    "held": "n.held = $held",
    "handed_in": "n.submitted > ''",
}
_WAITING_COLUMNS: Final = (
    "n.key AS proposal, n.queue AS queue, n.alike AS alike, n.space AS space, n.author AS author, n.assignee AS assignee, n.lot AS lot,"
    " n.submitted AS submitted, n.schemes AS schemes, n.kinds AS kinds, n.types AS types, n.branches AS branches, n.line AS line,"
    " n.concepts AS concepts, n.experts AS experts"
)
_WAITING = Query(
    "proposal.waiting", f"MATCH (n:Proposal) WHERE n.queue > '' AND n.queue < $end RETURN {_WAITING_COLUMNS}"
)
_WAITING_OF = {
    field: Query(
        f"proposal.waiting_of.{field}", f"UNWIND $values AS value MATCH (n:Proposal {{{field}: value}}) RETURN {_WAITING_COLUMNS}"
    )
    for field in ("key", "lot")
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the queue needs to know of a proposal; `queue` and `alike` are its sort keys, empty where it does not wait for a moderator."""

    proposal: str
    queue: str
    alike: str
    space: str
    author: str
    assignee: str
    lot: str
    submitted: str
    schemes: tuple[str, ...]
    kinds: tuple[str, ...]
    types: tuple[str, ...]
    branches: tuple[str, ...]
    line: frozenset[str]
    concepts: tuple[str, ...]
    experts: tuple[str, ...]

    def key(self, order: str) -> str:
        """The sort key of an order."""
        return self.queue if order == "queue" else self.alike


@dataclass(frozen=True, slots=True)
class About:
    """That a proposal is about something: a concept's uuid, or the digest of a value."""

    proposal: str
    state: str
    topic: str
    space: str


def newest_first(uuid: str) -> str:
    """A sort key under which the newest of these UUIDv7 come first."""
    return f"{_LAST_MILLIS - time_of_uuid(uuid):012x}/{uuid}"


def row_of(proposal: Proposal) -> Row:
    """The document with its sort keys; what it must not have any more is None."""
    row = to_row(proposal)
    waits = proposal.state == "submitted" and not proposal.held
    impact = f"{MOST_IMPACT - min(proposal.impact, MOST_IMPACT):09d}"
    first = next(iter(proposal.concepts()), "")
    return row | {
        "listing": newest_first(proposal.id),
        "by_author": f"{proposal.author}/{newest_first(proposal.id)}" if proposal.author else None,
        "queue": f"{proposal.lane}/{impact}/{proposal.submitted}/{proposal.id}" if waits else None,
        "alike": f"{proposal.lane}/{first}/{proposal.submitted}/{proposal.id}" if waits else None,
        "held_by": f"{proposal.address}/{proposal.created}" if proposal.address else None,
        "done": _done(proposal) if proposal.state in DECIDED_STATES else None,
    }


def _done(proposal: Proposal) -> str:
    digits = "".join(char for char in proposal.decided if char.isdigit())
    return f"{10**17 - int(digits or 0):018d}/{proposal.id}"


def add_proposals(tx: WriteTransaction, proposals: Iterable[Proposal]) -> None:
    """Write down new proposals."""
    made = list(proposals)
    rows = [{name: value for name, value in row_of(each).items() if value is not None} for each in made]
    documents.insert_many(tx, PROPOSALS, rows)
    documents.insert_many(tx, PROPOSAL_CONCEPTS, [row for each in made for row in _topic_rows(each)])


def save_proposal(tx: WriteTransaction, proposal: Proposal, *, content: bool = False) -> Proposal:
    """Write a proposal that was locked in this transaction; `content`: its changes may be others now."""
    save_locked(tx, [proposal], content=content)
    return proposal


def save_beside(tx: WriteTransaction, proposal: Proposal) -> None:
    """Write what moderators say beside a proposal (`BESIDE`). It is the same to decide on, so its version stays."""
    values = {name: getattr(proposal, name) or None for name in BESIDE}
    tx.run(_SAVE_MANY, rows=[{"key": proposal.id, "values": documents.packed(PROPOSALS, values)}])


_COLUMNS: Final = frozenset(Proposal.__dataclass_fields__) - {"id", "version"}


def _topic_rows(proposal: Proposal) -> list[Row]:
    return [
        {
            "key": f"{proposal.id}/{topic}",
            "concept": topic,
            "proposal": proposal.id,
            "open": proposal.open,
            "state": proposal.state,
            "space": proposal.space,
        }
        for topic in proposal.topics()
    ]


def require_version(proposal: Proposal, version: int | None) -> None:
    """Raise StaleVersion unless a proposal is at the version that somebody has read (None: whatever it is)."""
    if version is not None and proposal.version != version:
        raise StaleVersion(f"proposal {proposal.id} was changed meanwhile: look again, then repeat", reason="stale")


def lock_proposal(tx: WriteTransaction, identity: str) -> Proposal:
    """The proposal as it is, nobody else changing it until this transaction ends. Raises NotFound."""
    return of_row(documents.lock(tx, PROPOSALS, identity))


def lock_proposals(tx: WriteTransaction, identities: Iterable[str]) -> dict[str, Proposal]:
    """Several of them, always in the same order, so that two who lock the same ones do not wait for each other."""
    rows = tx.run(_LOCK_MANY, keys=sorted(set(identities)))
    return {str(row["n"]["key"]): of_row(documents.unpacked(PROPOSALS, row["n"])) for row in rows}


def save_locked(tx: WriteTransaction, proposals: Iterable[Proposal], *, content: bool = False) -> None:
    """The same for several."""
    written = list(proposals)
    rows = []
    for proposal in written:
        proposal.version += 1
        row = row_of(proposal)
        values = {name: row.get(name) for name in _COLUMNS | row.keys() if name != "key"} | {"version": proposal.version}
        rows.append({"key": proposal.id, "values": documents.packed(PROPOSALS, values), "open": proposal.open})
    tx.run(_SAVE_MANY if content else _SAVE_AND_MARK, rows=rows)
    if content:
        tx.run(_DROP_TOPICS, proposals=[proposal.id for proposal in written])
        documents.insert_many(tx, PROPOSAL_CONCEPTS, [row for proposal in written for row in _topic_rows(proposal)])


def missing(identity: str) -> NotFound:
    """What is raised where there is no such proposal, or none for who asks."""
    return NotFound(f"there is no proposal {identity[:100]}", reason="proposal-none", id=identity[:100])


def read_proposal(source: Source, identity: str) -> Proposal:
    """One proposal. Raises NotFound."""
    return require_proposals(source, [identity])[0]


def read_proposals(source: Source, identities: Iterable[str]) -> dict[str, Proposal]:
    """Proposals by id; those that are not there are not in it."""
    found = documents.find_by(source, PROPOSALS, "key", identities)
    return {row["key"]: of_row(row) for row in found}


def require_proposals(source: Source, identities: Iterable[str]) -> list[Proposal]:
    """Proposals in the order of their ids as given. Raises NotFound."""
    wanted = list(dict.fromkeys(identities))
    found = read_proposals(source, wanted)
    for identity in wanted:
        if identity not in found:
            raise missing(identity)
    return [found[identity] for identity in wanted]


def proposals_of_lot(source: Source, lot: str) -> list[Proposal]:
    """The parts of a contribution, in its order."""
    return sorted((of_row(row) for row in documents.find_by(source, PROPOSALS, "lot", [lot])), key=lambda one: one.lot_part)


def about(source: Source, topics: Iterable[str], *, open_: bool) -> list[About]:
    """Which proposals are about these concepts or values: those that are open, or those that are not."""
    wanted = list(dict.fromkeys(topics))
    parameters: dict[str, Any] = {"topics": wanted, "open": open_}
    rows = documents.there(documents.run(source, _ABOUT, **parameters), "proposal")
    return [About(row["proposal"], row["state"], row["topic"], row["space"]) for row in rows]


def page_of_proposals(
    engine: Engine, order: str, *, prefix: str = "", after: str = "", limit: int, filters: dict[str, Any] | None = None
) -> list[tuple[str, Proposal]]:
    """A page in one of the orders (`listing`, `by_author`, `done`), after a sort key: (sort key, proposal). `filters` are by the names of
    `_CONDITIONS`; both engines walk the index and stop at the limit."""
    chosen = {name: value for name, value in (filters or {}).items() if value is not None}
    conditions = "".join(f" AND {_CONDITIONS[name]}" for name in sorted(chosen))
    text = f"MATCH (n:Proposal) WHERE n.{order} > $start AND n.{order} < $end{conditions} RETURN properties(n) AS n"
    parameters = {**chosen, "start": max(after, prefix), "end": prefix + END, "limit": limit}
    name = ".".join(["proposal.page", order, *sorted(chosen)])
    rows = [row["n"] for row in engine.read(Query(name, f"{text} LIMIT $limit"), **parameters)]
    if any(one[order] >= following[order] for one, following in pairwise(rows)):
        ordered = Query(f"{name}.sorted", f"{text} ORDER BY n.{order} LIMIT $limit")
        rows = [row["n"] for row in engine.read(ordered, **parameters)]
    return [(str(row[order]), of_row(documents.unpacked(PROPOSALS, row))) for row in rows]


def waiting(engine: Engine) -> list[Waiting]:
    """All that wait for a moderator, in no order."""
    return [_waiting_of_row(row) for row in engine.read(_WAITING, end=END)]


def waiting_of(engine: Engine, proposals: Iterable[str]) -> list[Waiting]:
    """The same of some proposals, whether they wait or not."""
    return [_waiting_of_row(row) for row in engine.read(_WAITING_OF["key"], values=list(proposals))]


def waiting_of_lots(engine: Engine, lots: Iterable[str]) -> list[Waiting]:
    """The same of the parts of lots."""
    return [_waiting_of_row(row) for row in engine.read(_WAITING_OF["lot"], values=list(lots))]


def _waiting_of_row(row: Row) -> Waiting:
    texts = ("proposal", "queue", "alike", "space", "author", "assignee", "lot", "submitted")
    lists = ("schemes", "kinds", "types", "branches", "concepts", "experts")
    values: Row = {name: row[name] or "" for name in texts} | {name: tuple(row[name] or ()) for name in lists}
    return Waiting(**values, line=frozenset(row["line"] or ()))


def last_delays(engine: Engine, limit: int = 100) -> list[int]:
    """How many seconds the last decided proposals of the public space waited."""
    rows = engine.read(_DELAYS, end=END, states=list(DECIDED_STATES), space=PUBLIC_SPACE, limit=limit)
    return [int(row["delay"]) for row in rows]


def count_held(source: Source, address: str, since: str) -> int:
    """How many suggestions came from an address (its digest) since a time."""
    parameters = {"after": f"{address}/{since}", "end": f"{address}/{END}"}
    rows = documents.run(source, _HELD_SINCE, **parameters)
    return int(rows[0]["n"])
