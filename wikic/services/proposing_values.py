"""What stands now in the fields that changes speak of, and the edits that changes turn into.

A `Present` is read once for a set of changes, and can take changes in as if they were made: so several proposals are settled one after the other
before anything is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import replace
from typing import assert_never

from wikic.domain.changes import Identity, Relation
from wikic.domain.concepts import ConceptContent
from wikic.domain.edits import Create, Edit, Merge, Move, Relate, SetLabels, SetStatus, SetText, Split, Unrelate
from wikic.domain.proposals_changes import (
    AddRelation,
    Change,
    ChangeImportance,
    ChangeLabels,
    ChangeText,
    CreateConcept,
    DeprecateConcept,
    Json,
    MapConcept,
    MergeConcepts,
    MoveConcept,
    RemoveRelation,
    RestoreConcept,
    SplitConcept,
    concepts_of,
    relation_of,
    subject_of,
)
from wikic.domain.proposals_merging import labels_value, relation_value
from wikic.domain.vocabulary import ACTIVE, DEPRECATED, PUBLIC_SPACE
from wikic.errors import NotFound
from wikic.store import imports as store
from wikic.store.engine import Engine
from wikic.store.leases import heads
from wikic.store.temporal import At

Read = Callable[[list[str]], dict[str, tuple[Identity, ConceptContent]]]


class Present:
    """The concepts that some changes are about, as of a number of their space. `read`: how to read them, where somebody has them at hand already."""

    def __init__(self, engine: Engine, space: str, at: At, changes: Iterable[Change], read: Read | None = None) -> None:
        self._engine, self._space, self._at = engine, space, at
        wanted = list(changes)
        uuids = sorted({uuid for change in wanted for uuid in concepts_of(change)})
        self._identities: dict[str, Identity] = {}
        self._contents: dict[str, ConceptContent] = {}
        self._public: set[str] = set()
        found = read(uuids) if read is not None else store.read_identities(engine, uuids, at)
        for uuid, (identity, content) in found.items():
            self._identities[uuid], self._contents[uuid] = identity, content
        if space != PUBLIC_SPACE:
            self._look_beyond([uuid for uuid in uuids if uuid not in self._contents])
        self._relations: dict[str, dict[str, Relation]] = {uuid: {} for uuid in uuids}
        related = sorted({subject_of(change) for change in wanted if not isinstance(change, ChangeLabels | ChangeText)})
        for source, relations in store.read_outgoing(engine, space, related, at).items():
            self._relations[source] = {relation.id: relation for relation in relations}
        self._incoming: dict[str, list[str]] = {}

    @property
    def seq(self) -> int:
        """The number it is as of."""
        return self._at[self._space]

    def part(self, changes: Iterable[Change]) -> Present:
        """What stands in the fields of some of the changes that this one was read for, as another one of its own."""
        uuids = {uuid for change in changes for uuid in concepts_of(change)}
        other = copy(self)
        other._identities = {uuid: self._identities[uuid] for uuid in uuids if uuid in self._identities}
        other._contents = {uuid: self._contents[uuid] for uuid in uuids if uuid in self._contents}
        other._relations = {uuid: dict(self._relations.get(uuid, {})) for uuid in uuids}
        return other

    def copy(self) -> Present:
        """Another one in the same state, to try changes on."""
        other = copy(self)
        other._identities, other._contents = dict(self._identities), dict(self._contents)
        other._relations = {uuid: dict(relations) for uuid, relations in self._relations.items()}
        return other

    def identity(self, uuid: str) -> Identity | None:
        """What a concept is; None where it is not there."""
        return self._identities.get(uuid)

    def content(self, uuid: str) -> ConceptContent | None:
        """What a concept says; None where it is not there."""
        return self._contents.get(uuid)

    def missing(self, change: Change) -> list[str]:
        """The concepts of a change that are not there; a private framework may point to public concepts, not change them."""
        subject = subject_of(change)
        own = (subject,) if isinstance(change, CreateConcept) else ()
        foreign = {subject} & self._public
        return [uuid for uuid in concepts_of(change) if (uuid not in self._contents or uuid in foreign) and uuid not in own]

    def value(self, change: Change) -> Json:
        """The present value of a change's slot, in the form of `proposals_merging`."""
        match change:
            case CreateConcept():
                found = self._contents.get(change.uuid)
                return None if found is None else {"labels": labels_value(found.labels)}
            case ChangeLabels():
                return labels_value(label for label in self._content(change.concept).labels if label.lang == change.lang)
            case ChangeText():
                return self._content(change.concept).texts.get(change.field, {}).get(change.lang, "")
            case AddRelation() | RemoveRelation() | ChangeImportance() | MapConcept():
                relation = self._outgoing(change.source).get(relation_of(change))
                return None if relation is None else relation_value(relation.importance, relation.rank, relation.note)
            case MoveConcept():
                return self._targets(change.concept, "broader")
            case DeprecateConcept() | RestoreConcept():
                return {"status": self._content(change.concept).status, "replaced_by": self._targets(change.concept, "replaced_by")}
            case MergeConcepts():
                held = self._content(change.concept).labels
                moved = sorted({label[:2] for label in change.labels} & {label[:2] for label in held})
                ends = {"status": self._content(change.concept).status, "into": self._content(change.into).status}
                return ends | {"labels": [list(label) for label in moved]}
            case SplitConcept():
                return {"status": self._content(change.concept).status, "relations": self._of_split(change.concept)}

    def take_in(self, change: Change) -> None:
        """From now on things stand as if the change had been made."""
        match change:
            case CreateConcept():
                self._identities[change.uuid] = Identity(change.uuid, change.kind, "wiki")
                texts = {"definition": dict(change.definition)} if change.definition else {}
                self._contents[change.uuid] = ConceptContent(kind=change.kind, labels=list(change.labels), texts=texts)
                self._relations.setdefault(change.uuid, {})
            case ChangeLabels():
                content = self._content(change.concept)
                others = [label for label in content.labels if label.lang != change.lang]
                self._contents[change.concept] = replace(content, labels=[*others, *change.labels])
            case ChangeText():
                content = self._content(change.concept)
                texts = {name: dict(values) for name, values in content.texts.items()}
                texts.setdefault(change.field, {})[change.lang] = change.text.strip()
                self._contents[change.concept] = replace(content, texts=texts)
            case AddRelation():
                values = (change.importance, change.rank, change.note, change.branch)
                self._put(Relation(change.source, change.relation, change.target, *values))
            case MapConcept():
                self._put(Relation(change.source, change.relation, change.target))
            case ChangeImportance():
                old = self._outgoing(change.source).get(relation_of(change))
                if old is not None:
                    self._put(old._replace(importance=change.importance))
            case RemoveRelation():
                self._outgoing(change.source).pop(relation_of(change), None)
            case MoveConcept():
                self._move(change)
            case MergeConcepts():
                self._replace(change.concept, (change.into,))
            case SplitConcept():
                self._replace(change.concept, change.parts)
            case DeprecateConcept():
                for former in self._targets(change.concept, "replaced_by"):
                    self._outgoing(change.concept).pop(Relation(change.concept, "replaced_by", former).id, None)
                self._replace(change.concept, (change.replaced_by,) if change.replaced_by else ())
            case RestoreConcept():
                self._contents[change.concept] = replace(self._content(change.concept), status=ACTIVE)
            case _:
                assert_never(change)

    def _look_beyond(self, uuids: list[str]) -> None:
        at = {PUBLIC_SPACE: heads(self._engine)[PUBLIC_SPACE]}
        for uuid, (identity, content) in store.read_identities(self._engine, uuids, at).items():
            self._identities[uuid], self._contents[uuid] = identity, content
            self._public.add(uuid)

    def _content(self, uuid: str) -> ConceptContent:
        if uuid not in self._contents:
            raise NotFound(f"there is no concept {uuid[:100]}", reason="concept-none", ref=uuid[:100])
        return self._contents[uuid]

    def _outgoing(self, uuid: str) -> dict[str, Relation]:
        return self._relations.setdefault(uuid, {})

    def _targets(self, uuid: str, kind: str) -> list[str]:
        return sorted(relation.target for relation in self._outgoing(uuid).values() if relation.type == kind)

    def _of_split(self, uuid: str) -> list[str]:
        """The relations that a split gives to its parts: all but what says which concept replaced which."""
        if uuid not in self._incoming:
            found = store.read_incoming(self._engine, self._space, [uuid], self._at)
            self._incoming[uuid] = [one.id for one in found.get(uuid, ()) if one.type != "replaced_by"]
        own = {one.id for one in self._outgoing(uuid).values() if one.type != "replaced_by"}
        return sorted({*own, *self._incoming[uuid]})

    def _put(self, relation: Relation) -> None:
        self._outgoing(relation.source)[relation.id] = relation

    def _move(self, change: MoveConcept) -> None:
        if change.old:
            self._outgoing(change.concept).pop(Relation(change.concept, "broader", change.old).id, None)
        if change.new:
            self._put(Relation(change.concept, "broader", change.new))

    def _replace(self, uuid: str, successors: Iterable[str]) -> None:
        self._contents[uuid] = replace(self._content(uuid), status=DEPRECATED)
        for successor in successors:
            self._put(Relation(uuid, "replaced_by", successor))


def edits_of(change: Change) -> list[Edit]:
    """What a change asks of `services.editing`."""
    match change:
        case CreateConcept():
            return [Create(change.kind, change.labels, dict(change.definition), change.uuid)]
        case ChangeLabels():
            return [SetLabels(change.concept, change.lang, change.labels)]
        case ChangeText():
            return [SetText(change.concept, change.field, change.lang, change.text)]
        case AddRelation():
            values = (change.importance, change.rank, change.note, change.branch)
            return [Relate(change.source, change.relation, change.target, *values)]
        case MapConcept():
            return [Relate(change.source, change.relation, change.target)]
        case RemoveRelation():
            return [Unrelate(change.source, change.relation, change.target, change.branch)]
        case ChangeImportance():
            said = {"rank": 0, "note": ""} | (change.base or {})
            values = (change.importance, said["rank"], said["note"], change.branch)
            return [Relate(change.source, change.relation, change.target, *values)]
        case MoveConcept():
            return [Move(change.concept, change.old, change.new)]
        case DeprecateConcept():
            # Of one that is deprecated already this is another replacement.
            former = [one for one in (change.base or {}).get("replaced_by", ()) if one != change.replaced_by]
            gone = [Unrelate(change.concept, "replaced_by", one) for one in former]
            return [*gone, SetStatus(change.concept, DEPRECATED, change.replaced_by)]
        case RestoreConcept():
            return [SetStatus(change.concept, ACTIVE)]
        case MergeConcepts():
            return [Merge(change.concept, change.into, change.labels)]
        case SplitConcept():
            return [Split(change.concept, change.parts, dict(change.assignments))]
