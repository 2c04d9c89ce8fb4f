"""Proposing what would take a concept back to a point: for those who may not decide it, or not alone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, zip_longest

from wikic.domain.changes import Relation
from wikic.domain.proposals_changes import (
    MAPPINGS,
    AddRelation,
    Change,
    ChangeImportance,
    ChangeLabels,
    ChangeText,
    DeprecateConcept,
    MapConcept,
    MoveConcept,
    RemoveRelation,
    RestoreConcept,
)
from wikic.domain.vocabulary import ACTIVE, TEXT_FIELDS
from wikic.services.editing_composing import Composer

_Moves = list[tuple[Relation | None, Relation | None]]


def proposable(composer: Composer, uuid: str) -> list[Change]:
    """The changes that a proposal can ask for of what was composed of one concept: its status, labels and texts, and the relations that start from it."""
    moves = composer.standing.moves()
    return [*_status(composer, uuid), *_texts(composer, uuid), *_broader(uuid, moves), *_relations(moves)]


def _status(composer: Composer, uuid: str) -> Iterator[Change]:
    now, then = composer.before(uuid).status, composer.content(uuid).status
    if now != then:
        heirs = [one.target for one in composer.standing.outgoing(uuid, "replaced_by")]
        yield RestoreConcept(uuid) if then == ACTIVE else DeprecateConcept(uuid, next(iter(heirs), ""))


def _texts(composer: Composer, uuid: str) -> Iterator[Change]:
    now, then = composer.before(uuid), composer.content(uuid)
    for lang in sorted({label.lang for label in (*now.labels, *then.labels)}):
        labels, before = (tuple(one for one in content.labels if one.lang == lang) for content in (then, now))
        if labels != before:
            yield ChangeLabels(uuid, lang, labels)
    for field in TEXT_FIELDS:
        texts, old = then.texts.get(field, {}), now.texts.get(field, {})
        for lang in sorted(texts.keys() | old.keys()):
            if texts.get(lang) != old.get(lang):
                yield ChangeText(uuid, field, lang, texts.get(lang, ""))


def _broader(uuid: str, moves: _Moves) -> Iterator[Change]:
    gone = [old.target for old, new in moves if old is not None and old.type == "broader" and new is None]
    come = [new.target for old, new in moves if new is not None and new.type == "broader" and old is None]
    # One proposal moves a concept once.
    for old, new in islice(zip_longest(gone, come, fillvalue=""), 1):
        yield MoveConcept(uuid, old, new)


def _relations(moves: _Moves) -> Iterator[Change]:
    for old, new in moves:
        one = new or old
        if one is None or one.type in ("broader", "replaced_by"):
            continue
        ends = (one.source, one.type, one.target)
        if new is None:
            yield RemoveRelation(*ends, one.branch)
        elif old is not None:
            if old.importance != new.importance:
                yield ChangeImportance(*ends, new.importance, new.branch)
        elif one.type in MAPPINGS:
            yield MapConcept(*ends)
        else:
            yield AddRelation(*ends, new.importance, new.rank, new.note, new.branch)
