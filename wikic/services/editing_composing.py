"""Turning edits into rows against one head: what each concept and relation is in the end, and every concept whose body changes with it.

`Standing` knows the open relations as they are in the middle of the set; `editing_merging` does the edits that hand relations over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import replace
from typing import Final

from wikic.domain.changes import Identity, NewConcept, NewState, Relation, WriteSet
from wikic.domain.concepts import ConceptContent, same_content
from wikic.domain.edits import (
    Create,
    Edit,
    Merge,
    Move,
    Relate,
    SetLabels,
    SetStatus,
    SetText,
    Split,
    Unrelate,
    checked_labels,
)
from wikic.domain.ids import is_uuid, new_uuid
from wikic.domain.vocabulary import (
    ACTIVE,
    DEPRECATED,
    KINDS,
    PREFERRED,
    PUBLIC_SPACE,
    RELATION_TYPES,
    TEXT_FIELDS,
)
from wikic.errors import Conflict, InvalidInput, NotFound
from wikic.services import editing_merging
from wikic.services.editing_standing import LOCAL, Standing
from wikic.store import imports as store
from wikic.store.engine import Engine
from wikic.store.lookups import find_taken

_CYCLES: Final = {
    "broader": "{0} cannot stand under {1}: that one is, in the end, under {0}",
    "replaced_by": "{0} cannot be replaced by {1}: that one is, in the end, replaced by {0}",
}
"""Relations that lead back to nobody, and how to say so."""


class Composer:
    """Composes one set of edits on one head (`heads`: those of all spaces). One instance serves one set."""

    def __init__(self, engine: Engine, space: str, heads: Mapping[str, int]) -> None:
        self._engine, self.space, self.head = engine, space, heads[space]
        self._at = {space: self.head}
        self._beyond = {PUBLIC_SPACE: heads[PUBLIC_SPACE]} if space != PUBLIC_SPACE else {}
        self._read: dict[str, tuple[Identity, ConceptContent] | None] = {}
        self._known: dict[str, tuple[Identity, ConceptContent]] = {}
        self._contents: dict[str, ConceptContent] = {}
        self._new: set[str] = set()
        self._public: set[str] = set()
        self._notable: set[str] = set()
        self.standing = Standing(engine, space, self._at)
        self.looked_at: set[str] = set()

    def compose(self, edits: list[Edit]) -> WriteSet:
        """All rows of these edits, applied in their order. Raises InvalidInput where nothing would change, Conflict where a uuid is taken."""
        taken = find_taken(self._engine, {edit.uuid for edit in edits if isinstance(edit, Create)} - {""})
        if taken:
            raise Conflict(f"{min(taken)[:100]} is the uuid of another concept: leave it out, and the new one gets its own", reason="uuid-taken")
        self.apply(edits)
        rows = self.rows()
        if not rows:
            raise InvalidInput("these edits change nothing", reason="nothing-changes")
        return rows

    def apply(self, edits: list[Edit]) -> None:
        """Do these edits in their order, without making rows yet. Raises InvalidInput, NotFound."""
        self.fetch({uuid for edit in edits for uuid in _named(edit)})
        for edit in edits:
            self._one(edit)

    def fork(self) -> Composer:
        """Another one in the same state, to try edits on."""
        other = copy(self)
        other._known, other._contents = dict(self._known), dict(self._contents)
        other._new, other._public, other._notable = set(self._new), set(self._public), set(self._notable)
        other.standing, other.looked_at = self.standing.fork(), set(self.looked_at)
        return other

    def _one(self, edit: Edit) -> None:
        match edit:
            case Create():
                self._create(edit)
            case SetLabels():
                self._set_labels(edit)
            case SetText():
                self._set_text(edit)
            case SetStatus():
                self._set_status(edit)
            case Relate():
                self.relate(edit)
            case Unrelate():
                self._unrelate(edit)
            case Move():
                self._move(edit)
            case Merge():
                editing_merging.merge(self, edit)
            case Split():
                editing_merging.split(self, edit)

    def read(self, uuids: Iterable[str]) -> dict[str, tuple[Identity, ConceptContent]]:
        """What these concepts of the space are and say without the set; each is read from the store once."""
        wanted = set(uuids)
        if unread := sorted(wanted - self._read.keys()):
            self._read |= dict.fromkeys(unread) | store.read_identities(self._engine, unread, self._at)
        return {uuid: found for uuid in wanted if (found := self._read[uuid]) is not None}

    def fetch(self, uuids: set[str]) -> None:
        """Read many concepts at once that are asked for one by one later."""
        wanted = sorted(uuids - self._contents.keys() - self._public)
        self.looked_at.update(wanted)
        known = self.read(wanted)
        self._known |= known
        self._contents |= {uuid: content for uuid, (_, content) in known.items()}
        missing = [uuid for uuid in wanted if uuid not in known]
        if missing and self._beyond:
            self._public.update(store.read_identities(self._engine, missing, self._beyond))

    def content(self, uuid: str) -> ConceptContent:
        """What a concept of this space says in the middle of the set. Raises NotFound."""
        if uuid not in self._contents:
            self.fetch({uuid})
        if uuid in self._public:
            raise InvalidInput(f"{uuid} belongs to the public framework: it is changed there")
        if uuid not in self._contents:
            raise NotFound(f"there is no concept {uuid}")
        return self._contents[uuid]

    def restate(self, uuid: str, content: ConceptContent) -> None:
        """Give a concept that was read another content."""
        self._contents[uuid] = content

    def before(self, uuid: str) -> ConceptContent:
        """What a concept that was read says without the set."""
        return self._known[uuid][1]

    def _create(self, edit: Create) -> None:
        uuid = edit.uuid or new_uuid()
        if not is_uuid(uuid) or uuid != uuid.lower():
            raise InvalidInput(f"{uuid[:100]!r} is no UUID in small letters: leave it out, and the concept gets one")
        if edit.kind not in KINDS:
            raise InvalidInput(f"{edit.kind!r} is no kind of concept: {', '.join(KINDS)}")
        if uuid in self._new:
            raise InvalidInput(f"{uuid} is created twice")
        content = ConceptContent(
            kind=edit.kind, labels=checked_labels(edit.labels), texts={"definition": dict(edit.definition)}
        )
        if not content.preferred():
            raise InvalidInput("a new concept needs a preferred label in at least one language")
        content.texts = {name: texts for name, texts in content.texts.items() if texts}
        self._known[uuid] = (Identity(uuid, edit.kind, "wiki"), content)
        self._contents[uuid] = content
        self._new.add(uuid)

    def _set_labels(self, edit: SetLabels) -> None:
        content = self.content(edit.concept)
        if any(label.lang != edit.lang for label in edit.labels):
            raise InvalidInput(f"all labels must be in {edit.lang}")
        others = [label for label in content.labels if label.lang != edit.lang]
        labels = checked_labels((*others, *edit.labels))
        if not any(label.type == PREFERRED for label in labels):
            raise InvalidInput("a concept keeps a preferred label in at least one language", reason="keeps-preferred")
        self._contents[edit.concept] = replace(content, labels=labels)

    def _set_text(self, edit: SetText) -> None:
        content = self.content(edit.concept)
        if edit.field not in TEXT_FIELDS:
            raise InvalidInput(f"{edit.field!r} is no text of a concept: {', '.join(TEXT_FIELDS)}")
        texts = {name: dict(values) for name, values in content.texts.items()}
        if edit.text.strip():
            texts.setdefault(edit.field, {})[edit.lang] = edit.text.strip()
        else:
            texts.get(edit.field, {}).pop(edit.lang, None)
        texts = {name: values for name, values in texts.items() if values}
        self._contents[edit.concept] = replace(content, texts=texts)

    def _set_status(self, edit: SetStatus) -> None:
        content = self.content(edit.concept)
        if edit.status not in (ACTIVE, DEPRECATED):
            raise InvalidInput(f"{edit.status!r}: a concept is made {ACTIVE} or {DEPRECATED}")
        if edit.status == ACTIVE and edit.replaced_by:
            raise InvalidInput(f"{edit.concept} cannot be {ACTIVE} and replaced: leave out what replaces it")
        restored = content.status == DEPRECATED and edit.status == ACTIVE
        self._contents[edit.concept] = replace(content, status=edit.status, gone=False)
        for relation in self.standing.outgoing(edit.concept, "replaced_by") if restored else ():
            self.standing.close(relation, removed_here=relation.origins != (LOCAL,))
        if edit.replaced_by:
            self.relate(Relate(edit.concept, "replaced_by", edit.replaced_by))

    def relate(self, edit: Relate) -> None:
        """Add a relation, or change the values of an open one. Raises InvalidInput, NotFound."""
        if edit.type not in RELATION_TYPES:
            raise InvalidInput(f"{edit.type!r} is no type of relation: {', '.join(RELATION_TYPES)}")
        values = (edit.importance, edit.rank, edit.note)
        self.open(Relation(edit.source, edit.type, edit.target, *values, edit.branch, (LOCAL,)))

    def open(self, relation: Relation) -> None:
        """Open a relation that is said here; where it is open already it takes these values, and what its source says is remembered."""
        self._check(relation)
        old = self.standing.find(relation)
        if old is None:
            self._refuse_cycle(relation)
        else:
            said, values = (old.importance, old.rank, old.note), (relation.importance, relation.rank, relation.note)
            if said == values:
                return
            base = old.base or (_base_text(said) if old.origins != (LOCAL,) else "")
            # What its source says is no edit: it leads again.
            relation = relation._replace(origins=old.origins, base="" if base == _base_text(values) else base)
        self.standing.open(relation)

    def reopen(self, relation: Relation) -> None:
        """Open a relation exactly as it is given, origins and base included."""
        self._check(relation)
        if self.standing.find(relation) is None:
            self._refuse_cycle(relation)
        self.standing.open(relation)

    def _check(self, relation: Relation) -> None:
        if relation.source == relation.target and relation.type not in _CYCLES:
            raise InvalidInput("a concept has no relation with itself", reason="itself")
        source = self.content(relation.source)
        if relation.target not in self._public:
            if relation.target not in self._contents:
                self.fetch({relation.target})
            if relation.target not in self._contents and relation.target not in self._public:
                raise NotFound(f"there is no concept {relation.target}")
        if relation.type == "replaced_by" and source.status != DEPRECATED:
            raise InvalidInput(f"{relation.source} is {source.status}: deprecate it where you say what replaces it", reason="replaced-active")

    def _refuse_cycle(self, relation: Relation) -> None:
        if relation.type not in _CYCLES:
            return
        front, seen = {relation.target}, {relation.source}
        while front:
            if relation.source in front:
                raise InvalidInput(_CYCLES[relation.type].format(relation.source, relation.target), reason="cycle")
            seen |= front
            self.standing.fetch_outgoing(front)
            front = {one.target for uuid in front for one in self.standing.outgoing(uuid, relation.type)}
            front -= seen - {relation.source}

    def _unrelate(self, edit: Unrelate) -> None:
        old = self.standing.find(Relation(edit.source, edit.type, edit.target, branch=edit.branch))
        if old is None:
            raise NotFound(f"there is no open relation {edit.type} from {edit.source} to {edit.target}")
        self.standing.close(old, removed_here=old.origins != (LOCAL,))

    def _move(self, edit: Move) -> None:
        if edit.old == edit.new:
            raise InvalidInput("a move leads from one broader concept to another, or adds or removes one")
        if edit.old:
            self._unrelate(Unrelate(edit.concept, "broader", edit.old))
        if edit.new:
            self.relate(Relate(edit.concept, "broader", edit.new))

    def rows(self) -> WriteSet:
        """The rows of all that was done, and every concept whose body changes with them."""
        rows = WriteSet()
        rows.close_relations, rows.open_relations = self.standing.rows()
        rows.touched.update(self.standing.ends())
        for uuid, content in self._contents.items():
            identity, before = self._known[uuid]
            identity = identity._replace(kind=content.kind)
            if uuid in self._new:
                rows.new_concepts.append(NewConcept(identity, content))
            elif not same_content(before, content):
                imported = bool(content.origin)
                base = before if imported and not before.edited else None
                rows.new_states.append(NewState(identity, replace(content, edited=imported), base))
                rows.touched.add(uuid)
                if before.preferred() != content.preferred() or before.status != content.status:
                    self._notable.add(uuid)
        if self._notable:
            rows.touched |= store.read_neighbours(self._engine, self.space, sorted(self._notable), self._at)
        if self._beyond and rows.touched:
            # What a private space says of a public concept leaves no trace there.
            own = store.read_identities(self._engine, sorted(rows.touched - self._new), self._at)
            rows.touched &= own.keys() | self._new
        self.looked_at |= self.standing.looked_at
        return rows


def _base_text(said: tuple[str, int, str]) -> str:
    return "|".join(str(value) for value in said)


def _named(edit: Edit) -> tuple[str, ...]:
    """The concepts that an edit names and that must be there."""
    match edit:
        case Create():
            return ()
        case Relate() | Unrelate():
            return (edit.source, edit.target)
        case Move():
            return tuple(uuid for uuid in (edit.concept, edit.old, edit.new) if uuid)
        case Merge():
            return (edit.concept, edit.into)
        case Split():
            return (edit.concept, *edit.parts)
        case SetStatus():
            return (edit.concept, edit.replaced_by) if edit.replaced_by else (edit.concept,)
        case _:
            return (edit.concept,)
