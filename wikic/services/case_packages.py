"""A whole scheme as a CASE package, in pieces: items first, then associations. Memory holds two windows of the store, and a bounded number of names.

Flow: `wikic.store.case_reading` -> `wikic.linked_data.case` -> bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from typing import Final, TypeVar

import orjson

from wikic.domain.changes import Change
from wikic.errors import StoreError
from wikic.linked_data.case import Item, Link, Maker, Node
from wikic.linked_data.case_terms import BROADER_TYPES, Json
from wikic.linked_data.vocabulary import is_iri
from wikic.services.case_attached import Attached
from wikic.services.reading_heads import Remembered
from wikic.services.reading_moments import Moment
from wikic.services.reading_views import best
from wikic.store.case_reading import Linked, RelationRow, StateRow, read_linked, read_states
from wikic.store.concepts import read_briefs
from wikic.store.engine import Engine
from wikic.store.history import read_changes

T = TypeVar("T")

_NAMES: Final = 25_000
_TIMES: Final = 20_000
_TOGETHER: Final = 500
"""Objects that go out in one piece, and names that are asked for at once."""


class Around:
    """What objects of a document say of others: the names of concepts and the times of changes, read as they are needed and remembered within bounds."""

    def __init__(self, engine: Engine, moment: Moment, maker: Maker, attached: Attached) -> None:
        self._engine, self._moment, self._maker, self._attached = engine, moment, maker, attached
        self._nodes: Remembered[str, Node] = Remembered(_NAMES)
        self._times: Remembered[int, str] = Remembered(_TIMES)

    def items(self, states: Sequence[StateRow]) -> Iterator[Item]:
        """Rows of the store as items. Raises StoreError where a change is not in the log."""
        times = self.times({number for state in states for number in (state.born, state.since)})
        for state in states:
            preferred = best(state.content.preferred(), self._maker.lang)
            self._nodes.put(state.identity.uuid, self._maker.node(state.identity.uuid, preferred))
            yield Item(state.identity, state.content, times[state.since], times[state.born])

    def associations(self, concepts: Sequence[Linked]) -> Iterator[Json]:
        """The associations that start at these concepts."""
        maker, scheme = self._maker, self._maker.document.scheme
        badges = self._attached.exemplars_of([each.uuid for each in concepts])
        graded = self._attached.levels_of([each.uuid for each in concepts], maker.lang)
        for some in _parts(concepts, _TOGETHER):
            relations = [relation for each in some for relation in each.relations]
            times = self.times({each.born for each in some} | {relation.since for relation in relations})
            nodes = self.nodes({each.uuid for each in some} | {relation.target for relation in relations})
            for it in some:
                origin = nodes[it.uuid]
                for relation in it.relations:
                    link = _link(relation, times)
                    yield maker.association(it.uuid, origin, link, nodes[relation.target])
                if not any(each.type in BROADER_TYPES and each.scheme == scheme for each in it.relations):
                    yield maker.top(it.uuid, origin, times[it.born])
                if is_iri(it.iri):
                    yield maker.same_as(it.uuid, origin, it.iri, times[it.born])
                for badge in badges.get(it.uuid, ()):
                    yield maker.exemplar(it.uuid, origin, badge)
                for level, since in graded.get(it.uuid, ()):
                    yield maker.skill_level(it.uuid, origin, level, since)

    def from_others(self, uuid: str, incoming: dict[str, list[RelationRow]]) -> Iterator[Json]:
        """The associations that end at a concept, in the order of the concepts that they start at."""
        times = self.times({each.since for relations in incoming.values() for each in relations})
        nodes = self.nodes({uuid, *incoming})
        for source in sorted(incoming):
            for relation in incoming[source]:
                yield self._maker.association(source, nodes[source], _link(relation, times), nodes[uuid])

    def times(self, numbers: set[int]) -> dict[int, str]:
        """When changes were made."""
        found = {number: time for number in numbers if (time := self._times.get(number)) is not None}
        missing = sorted(numbers - found.keys())
        changes: dict[int, Change] = read_changes(self._engine, missing) if missing else {}
        for number in missing:
            if number not in changes:
                raise StoreError(f"number {number} has rows but no change in the log: run `wikic check`")
            found[number] = self._times.put(number, changes[number].time)
        return found

    def nodes(self, uuids: set[str]) -> dict[str, Node]:
        """Concepts as ends of associations."""
        found = {uuid: node for uuid in uuids if (node := self._nodes.get(uuid)) is not None}
        for some in _parts(sorted(uuids - found.keys()), _TOGETHER):
            briefs = read_briefs(self._engine, some, self._moment.at)
            for uuid in some:
                name = best(briefs[uuid].preferred, self._maker.lang) if uuid in briefs else ""
                found[uuid] = self._nodes.put(uuid, self._maker.node(uuid, name))
        return found


def package(engine: Engine, moment: Moment, maker: Maker, attached: Attached) -> Iterator[bytes]:
    """The CFPackage of a document, in pieces; the same bytes each time."""
    scheme = maker.document.scheme
    around = Around(engine, moment, maker, attached)
    yield b'{"CFDocument":' + orjson.dumps(maker.document_object(alone=False))
    yield b',"CFItems":['
    with closing(read_states(engine, scheme, moment.at)) as windows:
        yield from _array(maker.item(item) for states in windows for item in around.items(states))
    yield b'],"CFAssociations":['
    with closing(read_linked(engine, scheme, moment.at)) as linked:
        yield from _array(made for concepts in linked for made in around.associations(concepts))
    yield b'],"CFDefinitions":' + orjson.dumps(maker.definitions())
    rubrics = [maker.rubric(each) for each in attached.rubrics_of(scheme, maker.lang)]
    yield b',"CFRubrics":' + orjson.dumps(rubrics) + b"}"


def _array(objects: Iterable[Json]) -> Iterator[bytes]:
    comma = b""
    for some in _parts(objects, _TOGETHER):
        yield comma + b",".join(map(orjson.dumps, some))
        comma = b","


def _parts(things: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(things)
    while part := list(islice(rest, size)):
        yield part


def _link(it: RelationRow, times: dict[int, str]) -> Link:
    return Link(it.id, it.type, it.target, it.scheme, times[it.since], it.importance, it.rank, it.note, it.branch)
