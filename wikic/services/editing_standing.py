"""The open relations of a space in the middle of a set of edits: what the store holds, and what the set has opened and closed since."""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from typing import Final

from wikic.domain.changes import ClosedRelation, Relation
from wikic.store import imports as store
from wikic.store.engine import Engine
from wikic.store.temporal import At

LOCAL: Final = "local"
"""The origin of relations that were made here."""


class Standing:
    """Reads what it is asked for, once, and keeps count of what opens and closes. `looked_at`: the concepts whose relations were read."""

    def __init__(self, engine: Engine, space: str, at: At) -> None:
        self._engine, self._space, self._at = engine, space, at
        self._stored: dict[str, Relation] = {}
        self._open: dict[str, Relation] = {}
        self._removed_here: dict[str, bool] = {}
        self._outgoing: set[str] = set()
        self._incoming: set[str] = set()
        self.looked_at: set[str] = set()

    def fork(self) -> Standing:
        """Another one in the same state."""
        other = copy(self)
        other._stored, other._open, other._removed_here = dict(self._stored), dict(self._open), dict(self._removed_here)
        other._outgoing, other._incoming, other.looked_at = set(self._outgoing), set(self._incoming), set(self.looked_at)
        return other

    def fetch_outgoing(self, uuids: Iterable[str]) -> None:
        """Read the relations that start at these concepts."""
        wanted = sorted(set(uuids) - self._outgoing)
        self._outgoing.update(wanted)
        self._keep(wanted, store.read_outgoing(self._engine, self._space, wanted, self._at) if wanted else {})

    def fetch_incoming(self, uuids: Iterable[str]) -> None:
        """Read the relations of this space that end at these concepts."""
        wanted = sorted(set(uuids) - self._incoming)
        self._incoming.update(wanted)
        self._keep(wanted, store.read_incoming(self._engine, self._space, wanted, self._at) if wanted else {})

    def _keep(self, read: list[str], found: dict[str, list[Relation]]) -> None:
        self.looked_at.update(read)
        for relations in found.values():
            for relation in relations:
                if relation.id not in self._stored:
                    self._stored[relation.id] = self._open[relation.id] = relation

    def find(self, relation: Relation) -> Relation | None:
        """The open relation of the same id."""
        if relation.source not in self._outgoing and relation.target not in self._incoming:
            self.fetch_outgoing([relation.source])
        return self._open.get(relation.id)

    def outgoing(self, uuid: str, kind: str) -> list[Relation]:
        """The open relations of a type that start at a concept."""
        return [relation for relation in self.starting(uuid) if relation.type == kind]

    def starting(self, uuid: str) -> list[Relation]:
        """The open relations that start at a concept."""
        self.fetch_outgoing([uuid])
        return [relation for relation in self._open.values() if relation.source == uuid]

    def around(self, uuid: str) -> list[Relation]:
        """All open relations of a concept in this space, both ways, in the order of their ids."""
        return self.around_all({uuid})

    def around_all(self, uuids: set[str]) -> list[Relation]:
        """The same of many concepts, read together."""
        self.fetch_outgoing(uuids)
        self.fetch_incoming(uuids)
        return [one for _, one in sorted(self._open.items()) if one.source in uuids or one.target in uuids]

    def heirs(self, uuids: set[str]) -> dict[str, set[str]]:
        """Each of these concepts with all that it is replaced by, directly or in the end, and itself."""
        front, known = set(uuids), set[str]()
        while front:
            self.fetch_outgoing(front)
            known |= front
            replaced = [one for one in self._open.values() if one.type == "replaced_by" and one.source in known]
            front = {one.target for one in replaced} - known
        found = {uuid: {uuid} for uuid in uuids}
        for line in found.values() if uuids else ():
            while more := {one.target for one in replaced if one.source in line} - line:
                line |= more
        return found

    def open(self, relation: Relation) -> None:
        """Open a relation, in the place of the one of its id."""
        self._open[relation.id] = relation

    def close(self, relation: Relation, *, removed_here: bool) -> None:
        """Close an open relation; `removed_here`: its source does not bring it back."""
        del self._open[relation.id]
        self._removed_here[relation.id] = removed_here

    def moves(self) -> list[tuple[Relation | None, Relation | None]]:
        """Where the set leaves another relation than it found: (what was there, what is there), in the order of their ids."""
        ids = sorted(self._stored.keys() | self._open.keys())
        pairs = [(self._stored.get(identity), self._open.get(identity)) for identity in ids]
        return [(old, new) for old, new in pairs if old != new]

    def rows(self) -> tuple[list[ClosedRelation], list[Relation]]:
        """(rows to close, rows to open)."""
        moves = self.moves()
        closed = [
            ClosedRelation(old.source, old.type, old.id, self._removed_here.get(old.id, False))
            for old, _ in moves
            if old is not None
        ]
        return closed, [new for _, new in moves if new is not None]

    def ends(self) -> set[str]:
        """Both ends of every relation that says something else in the end than it did."""
        found: set[str] = set()
        for old, new in self.moves():
            if _says(old) != _says(new):
                found.update(end for one in (old, new) if one is not None for end in (one.source, one.target))
        return found


def _says(relation: Relation | None) -> tuple[str, int, str] | None:
    return None if relation is None else (relation.importance, relation.rank, relation.note)
