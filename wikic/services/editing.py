"""Editing concepts here: one accepted set of edits becomes one change, in one transaction.

The first edit of an imported concept writes its source's values down beside it, so that a later import can tell what changed where.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import partial

from wikic.domain.changes import (
    Change,
    ChangeKind,
    ClosedRelation,
    Identity,
    NewConcept,
    NewState,
    Relation,
    WriteSet,
    now,
)
from wikic.domain.concepts import ConceptContent, label_order, same_content
from wikic.domain.ids import new_uuid
from wikic.domain.records import Label
from wikic.domain.vocabulary import ACTIVE, DEPRECATED, KINDS, PREFERRED, PUBLIC_SPACE, RELATION_TYPES, TEXT_FIELDS
from wikic.errors import Conflict, InvalidInput, NotFound
from wikic.store import imports as store
from wikic.store.engine import Engine, WriteTransaction
from wikic.store.leases import deadline, heads, patiently, short_write
from wikic.store.undo import settle
from wikic.store.writing import SpaceWriter, record_change

LOCAL = "local"
"""The origin of relations that were made here."""


@dataclass(frozen=True, slots=True)
class Create:
    """A new concept of the scheme `wiki`, with at least one preferred label."""

    kind: str
    labels: tuple[Label, ...]
    definition: dict[str, str] = field(default_factory=dict)
    uuid: str = ""


@dataclass(frozen=True, slots=True)
class SetLabels:
    """The labels of one language from now on, all types."""

    concept: str
    lang: str
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True)
class SetText:
    """A text field in one language; "" removes it."""

    concept: str
    field: str
    lang: str
    text: str


@dataclass(frozen=True, slots=True)
class SetStatus:
    """Deprecate, with or without a replacement, or restore."""

    concept: str
    status: str
    replaced_by: str = ""


@dataclass(frozen=True, slots=True)
class Relate:
    """Add a relation, or give an open one another importance, rank or note."""

    source: str
    type: str
    target: str
    importance: str = ""
    rank: int = 0
    note: str = ""
    branch: str = ""


@dataclass(frozen=True, slots=True)
class Unrelate:
    """Remove an open relation; its source does not bring it back."""

    source: str
    type: str
    target: str
    branch: str = ""


Edit = Create | SetLabels | SetText | SetStatus | Relate | Unrelate


class Editing:
    """The edit flow over one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def apply(
        self,
        edits: Iterable[Edit],
        *,
        actor: str,
        summary: str,
        kind: ChangeKind = "edit",
        space: str = PUBLIC_SPACE,
        based_on: int | None = None,
    ) -> int:
        """Apply edits as one change; returns its number. Edits that change nothing are refused.

        `based_on`: the head the edits were made against; Conflict if the space has moved since. Raises InvalidInput, NotFound, Conflict, Busy.
        """
        wanted = list(edits)
        until = deadline()
        patiently(lambda: settle(self._engine, space), until)
        while True:
            head = heads(self._engine)[space]
            if based_on is not None and head != based_on:
                raise Conflict(
                    f"the framework moved from {based_on} to {head} meanwhile: look again before you change it"
                )
            rows = Composer(self._engine, space, head).compose(wanted)
            change = Change(kind, actor, summary, _counts(rows), space=space)
            try:
                return short_write(self._engine, space, partial(_write, rows, change, head), until=until)
            except _HeadMoved:
                continue  # somebody else's change came first: compose again on top of it


class _HeadMoved(Exception):
    """The head is no longer the one the rows were composed against."""


def _write(rows: WriteSet, change: Change, composed_at: int, tx: WriteTransaction, head: int, seq: int) -> int:
    if head != composed_at:
        raise _HeadMoved
    SpaceWriter.within(tx, change.space, seq).apply(rows)
    record_change(tx, replace(change, seq=seq, time=now()))
    return seq


class Composer:
    """Turns edits into rows, against one head. One instance serves one set of edits."""

    def __init__(self, engine: Engine, space: str, head: int) -> None:
        self._engine, self._space, self._at = engine, space, {space: head}
        self._rows = WriteSet()
        self._known: dict[str, tuple[Identity, ConceptContent]] = {}
        self._contents: dict[str, ConceptContent] = {}
        self._new: set[str] = set()
        self._relations: dict[str, dict[str, Relation]] = {}
        self._notable: set[str] = set()

    def compose(self, edits: list[Edit]) -> WriteSet:
        """All rows of these edits, applied in their order. Raises InvalidInput where nothing would change."""
        for edit in edits:
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
                    self._relate(edit)
                case Unrelate():
                    self._unrelate(edit)
        self._finish()
        if not self._rows:
            raise InvalidInput("these edits change nothing")
        return self._rows

    def _load(self, uuid: str) -> ConceptContent:
        if uuid not in self._contents:
            known = store.read_identities(self._engine, [uuid], self._at)
            if uuid not in known:
                raise NotFound(f"there is no concept {uuid}")
            self._known[uuid] = known[uuid]
            self._contents[uuid] = known[uuid][1]
        return self._contents[uuid]

    def _create(self, edit: Create) -> None:
        uuid = edit.uuid or new_uuid()
        if edit.kind not in KINDS:
            raise InvalidInput(f"{edit.kind!r} is no kind of concept: {', '.join(KINDS)}")
        content = ConceptContent(
            kind=edit.kind, labels=_checked(edit.labels), texts={"definition": dict(edit.definition)}
        )
        if not content.preferred():
            raise InvalidInput("a new concept needs a preferred label in at least one language")
        content.texts = {name: texts for name, texts in content.texts.items() if texts}
        self._known[uuid] = (Identity(uuid, edit.kind, "wiki"), content)
        self._contents[uuid] = content
        self._new.add(uuid)

    def _set_labels(self, edit: SetLabels) -> None:
        content = self._load(edit.concept)
        if any(label.lang != edit.lang for label in edit.labels):
            raise InvalidInput(f"all labels must be in {edit.lang}")
        others = [label for label in content.labels if label.lang != edit.lang]
        labels = _checked((*others, *edit.labels))
        if not any(label.type == PREFERRED for label in labels):
            raise InvalidInput("a concept keeps a preferred label in at least one language")
        self._contents[edit.concept] = replace(content, labels=labels)

    def _set_text(self, edit: SetText) -> None:
        content = self._load(edit.concept)
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
        content = self._load(edit.concept)
        if edit.status not in (ACTIVE, DEPRECATED):
            raise InvalidInput(f"{edit.status!r}: a concept is made {ACTIVE} or {DEPRECATED}")
        self._contents[edit.concept] = replace(content, status=edit.status, gone=False)
        if edit.replaced_by:
            self._refuse_cycle(edit.concept, edit.replaced_by)
            self._relate(Relate(edit.concept, "replaced_by", edit.replaced_by))

    def _refuse_cycle(self, old: str, new: str) -> None:
        front, seen = {new}, {old}
        while front:
            if front & seen:
                raise InvalidInput(f"{old} cannot be replaced by {new}: that one is, in the end, replaced by {old}")
            seen |= front
            front = {
                relation.target
                for uuid in front
                for relation in self._outgoing(uuid).values()
                if relation.type == "replaced_by"
            }

    def _outgoing(self, uuid: str) -> dict[str, Relation]:
        if uuid not in self._relations:
            found = store.read_outgoing(self._engine, self._space, [uuid], self._at)
            self._relations[uuid] = {relation.id: relation for relation in found.get(uuid, ())}
        return self._relations[uuid]

    def _relate(self, edit: Relate) -> None:
        if edit.type not in RELATION_TYPES:
            raise InvalidInput(f"{edit.type!r} is no type of relation: {', '.join(RELATION_TYPES)}")
        if edit.source == edit.target:
            raise InvalidInput("a concept has no relation with itself")
        self._load(edit.source)
        self._load(edit.target)
        values = (edit.importance, edit.rank, edit.note)
        relation = Relation(edit.source, edit.type, edit.target, *values, edit.branch, (LOCAL,))
        old = self._outgoing(edit.source).get(relation.id)
        if old is not None:
            said = (old.importance, old.rank, old.note)
            if said == values:
                return
            base = old.base or ("|".join(str(value) for value in said) if old.origins != (LOCAL,) else "")
            relation = relation._replace(origins=old.origins, base=base)
            self._close(old, removed_here=False)
        self._outgoing(edit.source)[relation.id] = relation
        self._rows.open_relations = [one for one in self._rows.open_relations if one.id != relation.id] + [relation]
        self._rows.touched.update((relation.source, relation.target))

    def _unrelate(self, edit: Unrelate) -> None:
        wanted = Relation(edit.source, edit.type, edit.target, branch=edit.branch)
        old = self._outgoing(edit.source).pop(wanted.id, None)
        if old is None:
            raise NotFound(f"there is no open relation {edit.type} from {edit.source} to {edit.target}")
        self._close(old, removed_here=old.origins != (LOCAL,))
        self._rows.touched.update((old.source, old.target))

    def _close(self, old: Relation, *, removed_here: bool) -> None:
        opened_now = [one for one in self._rows.open_relations if one.id == old.id]
        if opened_now:
            self._rows.open_relations.remove(opened_now[0])
            if not any(closed.id == old.id for closed in self._rows.close_relations):
                return
            self._rows.close_relations = [one for one in self._rows.close_relations if one.id != old.id]
        self._rows.close_relations.append(ClosedRelation(old.source, old.type, old.id, removed_here))

    def _finish(self) -> None:
        for uuid, content in self._contents.items():
            identity, before = self._known[uuid]
            if uuid in self._new:
                self._rows.new_concepts.append(NewConcept(identity, content))
            elif not same_content(before, content):
                imported = bool(content.origin)
                base = before if imported and not before.edited else None
                self._rows.new_states.append(NewState(identity, replace(content, edited=imported), base))
                self._rows.touched.add(uuid)
                if before.preferred() != content.preferred() or before.status != content.status:
                    self._notable.add(uuid)
        if self._notable:
            self._rows.touched |= store.read_neighbours(self._engine, self._space, sorted(self._notable), self._at)


def _checked(labels: Iterable[Label]) -> list[Label]:
    """Labels in canonical order, each once; raises InvalidInput for a blank one or two preferred ones in a language."""
    unique = sorted(
        {Label(" ".join(label.value.split()), label.lang, label.type, label.roles) for label in labels}, key=label_order
    )
    preferred = [label.lang for label in unique if label.type == PREFERRED]
    for label in unique:
        if not label.value:
            raise InvalidInput("a label is blank")
        if preferred.count(label.lang) > 1:
            raise InvalidInput(f"there are two preferred labels in {label.lang}: one per language")
    return unique


def _counts(rows: WriteSet) -> dict[str, int]:
    counts = {
        "concepts added": len(rows.new_concepts),
        "concepts changed": len(rows.new_states),
        "relations added": len(rows.open_relations),
        "relations removed": len(rows.close_relations),
    }
    return {name: n for name, n in counts.items() if n}
