"""Names that are there already: preferred labels of concepts, as the search index knows them, and as proposals gave them since.

The index keeps in step a moment later. So a decision also asks, in the transaction that writes it, what was accepted after the number that the index
had reached: two who give one name at once cannot both do so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from wikic.domain.proposals import Proposal, name_topic, names_of
from wikic.domain.proposals_changes import Change, CreateConcept, concepts_of, subject_of
from wikic.domain.records import Label
from wikic.domain.vocabulary import ACTIVE, PREFERRED
from wikic.errors import Conflict, IndexBehind
from wikic.services.proposing_values import Present
from wikic.services.searching import Searching
from wikic.store import proposals as store
from wikic.store.engine import Row, WriteTransaction


@dataclass(frozen=True, slots=True)
class Name:
    """A preferred label that a change gives to a concept."""

    part: int
    subject: str
    kind: str
    scheme: str
    label: Label

    @property
    def place(self) -> tuple[str, str, str, str]:
        """Where it is the only one: equal names meet here."""
        return self.scheme, self.kind, self.label.lang.lower(), self.label.value.casefold()


@dataclass(slots=True)
class Holders:
    """The concepts that have some labels, as of `reached`; none, and 0, where there is no index yet. `given`: the names that changes checked
    together give, with the concept of each."""

    reached: int = 0
    searched: bool = True
    rows: dict[str, list[Row]] = field(default_factory=dict)
    given: dict[tuple[str, str, str, str], str] = field(default_factory=dict)

    def others(self, name: Name, present: Present) -> Iterator[Row]:
        """The active concepts of the kind that have this name, other than its own, and than those that some change takes it from."""
        for row in self.rows.get(name.label.value, ()):
            fits = row["kind"] == name.kind and row["status"] == ACTIVE and row["uuid"] != name.subject
            if fits and _named(row["labels"], name.label):
                after = present.content(row["uuid"])
                if after is None or (after.status == ACTIVE and _has(after.labels, name.label)):
                    yield row


@dataclass(frozen=True, slots=True)
class Given:
    """The names that a decision gives, and the number up to which they were looked for."""

    names: tuple[Name, ...] = ()
    reached: int = 0


def names(changes: Iterable[tuple[int, Change]], present: Present) -> list[Name]:
    """The names that changes give; `present` has taken them in."""
    found = []
    for part, change in changes:
        subject = subject_of(change)
        identity = present.identity(subject)
        if identity is not None:
            found += [Name(part, subject, identity.kind, identity.scheme, label) for label in names_of(change)]
    return found


def holders(searching: Searching, changes: Iterable[Change]) -> Holders:
    """Who has the names that changes would give."""
    wanted = {label.value for change in changes for label in names_of(change)}
    if not wanted:
        return Holders()
    try:
        reached, rows = searching.named(wanted)
    except IndexBehind:
        return Holders(searched=False)
    return Holders(reached, rows=rows)


def require_free(found: Holders, changes: Iterable[Change], present: Present) -> Given:
    """Raise Conflict where a change would give a name that another concept of its scheme and kind has."""
    given = names(enumerate(changes), present)
    here: dict[tuple[str, str, str, str], str] = {}
    for name in given:
        holder = found.given.get(name.place) or here.setdefault(name.place, name.subject)
        if holder != name.subject:
            raise _taken(name, holder)
        for row in found.others(name, present):
            if row["scheme"] == name.scheme:
                raise _taken(name, row["uuid"])
    found.given |= here
    return Given(tuple(given), found.reached)


def require_still_free(tx: WriteTransaction, given: Given, own: Sequence[Proposal]) -> None:
    """Raise Conflict where a proposal that was accepted since gave one of these names."""
    if not given.names:
        return
    topics = {name_topic(name.label) for name in given.names}
    space, others = own[0].space, store.about(tx, topics, open_=False)
    accepted = {one.proposal for one in others if one.space == space and one.state.startswith("accepted")}
    for proposal in store.read_proposals(tx, accepted - {one.id for one in own}).values():
        if proposal.result <= given.reached:
            continue
        for name in given.names:
            for change, verdict in zip(proposal.changes, proposal.decisions[-1].parts, strict=True):
                if verdict == "accept" and _gives(change, proposal, name):
                    raise _taken(name, subject_of(change))


def _gives(change: Change, proposal: Proposal, name: Name) -> bool:
    if subject_of(change) == name.subject or not _has(names_of(change), name.label):
        return False
    if isinstance(change, CreateConcept):
        return (change.kind, name.scheme) == (name.kind, "wiki")
    return name.kind in proposal.kinds and name.scheme in proposal.schemes and bool(concepts_of(change))


def _taken(name: Name, by: str) -> Conflict:
    return Conflict(
        f"{name.label.value[:100]!r} is the preferred label of {by} already: amend the change, reject it or ask for another name",
        reason="name-given", label=name.label.value[:100],
    )  # fmt: skip


def _has(labels: Iterable[Label], wanted: Label) -> bool:
    return any(one.type == PREFERRED and _same(one.value, one.lang, wanted) for one in labels)


def _named(rows: Iterable[tuple[str, str, int, str]], wanted: Label) -> bool:
    return any(number == 0 and _same(value, lang, wanted) for value, lang, number, _ in rows)


def _same(value: str, lang: str, wanted: Label) -> bool:
    return (lang.lower(), value.casefold()) == (wanted.lang.lower(), wanted.value.casefold())
