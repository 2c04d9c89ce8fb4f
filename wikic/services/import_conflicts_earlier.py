"""What earlier imports of a source proposed and nobody has decided on: which of it the source still says in the files that are imported now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from wikic.domain.changes import Relation
from wikic.domain.concepts import ConceptContent
from wikic.domain.proposals import OPEN_STATES, Proposal
from wikic.domain.proposals_changes import (
    AddRelation,
    Change,
    ChangeLabels,
    ChangeText,
    Json,
    RemoveRelation,
    relation_of,
    slot_of,
)
from wikic.domain.proposals_merging import proposed_value, relation_value
from wikic.domain.vocabulary import PREFERRED
from wikic.services.import_planning import Planner
from wikic.store import imports
from wikic.store import proposals as store

_PAGE: Final = 500


def open_proposals(planner: Planner, author: str) -> list[Proposal]:
    """Those of a source that are open in the space it is imported into."""
    found = (one for state in OPEN_STATES for one in _pages(planner, author, state))
    return [one for one in found if one.origin == "import"]


def _pages(planner: Planner, author: str, state: str) -> Iterator[Proposal]:
    after, filters = "", {"state": state, "spaces": [planner.space]}
    while True:
        page = store.page_of_proposals(
            planner.engine, "by_author", prefix=f"{author}/", after=after, limit=_PAGE, filters=filters
        )
        yield from (proposal for _, proposal in page)
        if len(page) < _PAGE:
            return
        after = page[-1][0]


class Sayings:
    """What a source says, as of a plan, of the concepts that some proposals are about."""

    def __init__(self, planner: Planner, proposals: Iterable[Proposal]) -> None:
        uuids = sorted({uuid for one in proposals for uuid in one.concepts()[:1]})
        rows = planner.plan_.rows
        self._origin = planner.origin
        self._bases = imports.read_bases(planner.engine, uuids, planner.at) if uuids else {}
        self._bases |= {state.identity.uuid: state.base for state in rows.new_states if state.base is not None}
        standing = imports.read_outgoing(planner.engine, planner.space, uuids, planner.at) if uuids else {}
        self._relations = {one.id: one for relations in standing.values() for one in relations}
        self._relations |= {one.id: one for one in rows.open_relations}
        self._closed = {one.id for one in rows.close_relations} - {one.id for one in rows.open_relations}

    def slots(self, proposal: Proposal) -> set[str]:
        """The fields of a proposal in which the source still says what it proposes."""
        return {slot_of(change) for change in proposal.changes if self._says(change)}

    def _says(self, change: Change) -> bool:
        match change:
            case ChangeLabels():
                wanted = next((one.value for one in change.labels if one.type == PREFERRED), "")
                base = self._bases.get(change.concept)
                return base is None or _same(base.preferred().get(change.lang, ""), wanted)
            case ChangeText():
                base = self._bases.get(change.concept)
                return base is None or _same(_text(base, change), change.text)
            case AddRelation() | RemoveRelation():
                identity = relation_of(change)
                if identity not in self._relations and identity not in self._closed:
                    # It was removed here: what its source says of it is not known, and deciding finds that it moved.
                    return True
                return bool(self._value(identity) == proposed_value(change))
            case _:
                return True

    def _value(self, identity: str) -> Json:
        here: Relation | None = self._relations.get(identity)
        if here is None or identity in self._closed or self._origin not in here.origins:
            return None
        if not here.base:
            return relation_value(here.importance, here.rank, here.note)
        importance, rank, note = here.base.split("|", 2)
        return relation_value(importance, int(rank), note)


def _text(content: ConceptContent, change: ChangeText) -> str:
    return content.texts.get(change.field, {}).get(change.lang, "")


def _same(one: str, other: str) -> bool:
    return one.split() == other.split()
