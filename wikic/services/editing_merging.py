"""Merging and splitting concepts: what is deprecated hands its relations over to what replaces it.

Relations of the source that are handed over count as said here, and as removed here where they were: the source still speaks of the deprecated concept,
and must neither bring the old ones back nor withdraw the new ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from wikic.domain.changes import Relation
from wikic.domain.edits import Merge, Relate, Split, checked_labels
from wikic.domain.vocabulary import DEPRECATED, PREFERRED, strength
from wikic.errors import InvalidInput
from wikic.services.editing_standing import LOCAL

if TYPE_CHECKING:
    from wikic.services.editing_composing import Composer

_COMPETENCIES: Final = frozenset(("skill", "knowledge"))


def merge(composer: Composer, edit: Merge) -> None:
    """Merge one concept into another. Raises InvalidInput, NotFound."""
    _refuse_unfit(composer, edit.concept, [edit.into])
    _move_labels(composer, edit)
    _hand_over(composer, edit.concept, composer.standing.around(edit.concept), lambda _: edit.into)
    _replace(composer, edit.concept, [edit.into])


def split(composer: Composer, edit: Split) -> None:
    """Split a concept into parts. Raises InvalidInput (a relation that nobody is given, or that is none), NotFound."""
    if len(set(edit.parts)) < 2 or len(set(edit.parts)) != len(edit.parts):
        raise InvalidInput("a concept is split into two different parts or more", reason="split-parts")
    _refuse_unfit(composer, edit.concept, edit.parts)
    relations = composer.standing.around(edit.concept)
    own = {one.id: one for one in relations if one.type != "replaced_by"}
    for identity, part in edit.assignments.items():
        if identity not in own:
            raise InvalidInput(f"{identity} is no open relation of {edit.concept}: look again at what it has")
        if part not in edit.parts:
            raise InvalidInput(f"relation {identity} is given to {part}, which is no part of the split", reason="no-part")
    left = [one for identity, one in own.items() if identity not in edit.assignments]
    if left:
        raise InvalidInput(
            f"{len(left)} of {len(own)} relations are given to no part, such as {left[0].id} ({left[0].type}"
            f" from {left[0].source} to {left[0].target}): assign each, or remove it before",
            reason="split-left", left=len(left), all=len(own),
        )
    _hand_over(composer, edit.concept, relations, lambda one: edit.assignments[one.id])
    _replace(composer, edit.concept, edit.parts)


def _refuse_unfit(composer: Composer, concept: str, others: Iterable[str]) -> None:
    kind = composer.content(concept).kind
    for other in others:
        content = composer.content(other)
        if other == concept:
            raise InvalidInput(f"{concept} cannot be replaced by itself", reason="itself")
        if content.status == DEPRECATED:
            raise InvalidInput(f"{other} is deprecated: name what replaced it", reason="deprecated-target")
        if content.kind != kind and not {content.kind, kind} <= _COMPETENCIES:
            raise InvalidInput(f"{concept} is a {kind}, {other} a {content.kind}: only like becomes like", reason="unlike")
    replaced = composer.standing.outgoing(concept, "replaced_by")
    if replaced:
        raise InvalidInput(f"{concept} is replaced by {replaced[0].target} already: restore it first", reason="replaced-already")


def _move_labels(composer: Composer, edit: Merge) -> None:
    from_, into = composer.content(edit.concept), composer.content(edit.into)
    mine, theirs = list(from_.labels), list(into.labels)
    for label in edit.labels:
        found = [one for one in mine if one[:2] == label[:2]]
        if not found:
            raise InvalidInput(
                f"{label.value!r} ({label.lang}) is no label of {edit.concept}, and cannot move from it", reason="no-label-of", label=label.value
            )
        mine = [one for one in mine if one not in found or one.type == PREFERRED]
        if not any(one[:2] == label[:2] for one in theirs):
            theirs.append(label._replace(roles=label.roles or found[0].roles))
    composer.restate(edit.concept, replace(from_, labels=mine))
    if len(theirs) > len(into.labels):
        composer.restate(edit.into, replace(into, labels=checked_labels(theirs)))


def _hand_over(composer: Composer, old: str, relations: list[Relation], heir: Callable[[Relation], str]) -> None:
    """Close the relations of a concept and open them at its heir. What replaced what is history, and stays as it is."""
    moved = [one for one in relations if one.type != "replaced_by"]
    for one in moved:
        composer.standing.close(one, removed_here=one.origins != (LOCAL,))
    # What they are handed to must not be read before all are closed: a way through the old concept is none any more.
    for one in moved:
        new = heir(one)
        source, target = (new if end == old else end for end in (one.source, one.target))
        if source != target:
            _join(composer, one._replace(source=source, target=target, origins=(LOCAL,), base=""))


def _join(composer: Composer, relation: Relation) -> None:
    """Open a relation, or add it to the one of its id that is open: the stronger importance stands, and it has one more origin."""
    there = composer.standing.find(relation)
    if there is None:
        composer.open(relation)
        return
    if strength(relation.importance) < strength(there.importance):
        composer.open(there._replace(importance=relation.importance))
        there = composer.standing.find(relation) or there
    composer.standing.open(there._replace(origins=tuple(sorted({*there.origins, LOCAL}))))


def _replace(composer: Composer, old: str, heirs: Iterable[str]) -> None:
    composer.restate(old, replace(composer.content(old), status=DEPRECATED, gone=False))
    for heir in heirs:
        composer.relate(Relate(old, "replaced_by", heir))
