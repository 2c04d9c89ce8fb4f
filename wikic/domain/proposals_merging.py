"""The three-way merge of a proposed change: what its author saw, what stands now, what they want.

The values of a slot, as plain JSON: of labels a list of labels, of a text a text ("" for none), of a relation its values or null, of the broader
concepts a list of uuids, of a status `{"status", "replaced_by"}`; of a merge the `status` of both ends, of a split the status and the relations.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from wikic.domain.concepts import label_order
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
    label_json,
    labels_of,
    slot_of,
)
from wikic.domain.records import Label
from wikic.domain.vocabulary import ACTIVE, DEPRECATED, PREFERRED


@dataclass(frozen=True, slots=True)
class ValueConflict:
    """A slot that changed on both sides: what the change was based on, what stands now, what was proposed. `part` counts from 0."""

    part: int
    slot: str
    base: Json
    current: Json
    proposed: Json


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of a change now: the change to make (adapted to what stands), none where it is so already, or a conflict."""

    change: Change | None = None
    conflict: ValueConflict | None = None


def proposed_value(change: Change) -> Json:
    """The value of the change's slot that it asks for; of a merge and a split the status that its subject gets."""
    match change:
        case CreateConcept():
            return {"kind": change.kind, "labels": [label_json(one) for one in change.labels], "definition": change.definition}
        case ChangeLabels():
            return labels_value(change.labels)
        case ChangeText():
            return change.text.strip()
        case AddRelation():
            return relation_value(change.importance, change.rank, change.note)
        case MapConcept():
            return relation_value("", 0, "")
        case RemoveRelation():
            return None
        case ChangeImportance():
            return {**(change.base or relation_value("", 0, "")), "importance": change.importance}
        case MoveConcept():
            return sorted({*(change.base or ()), change.new} - {change.old, ""})
        case DeprecateConcept():
            return {"status": DEPRECATED, "replaced_by": [change.replaced_by] if change.replaced_by else []}
        case RestoreConcept():
            return {"status": ACTIVE, "replaced_by": []}
        case MergeConcepts():
            return {"status": DEPRECATED, "replaced_by": [change.into]}
        case SplitConcept():
            return {"status": DEPRECATED, "replaced_by": sorted(change.parts)}


def labels_value(labels: Iterable[Label]) -> Json:
    """Labels as the value of their slot."""
    return [label_json(label) for label in sorted(set(labels), key=label_order)]


def relation_value(importance: str, rank: int, note: str) -> dict[str, Json]:
    """What a relation says besides its ends, as the value of its slot."""
    return {"importance": importance, "rank": rank, "note": note}


def settle(part: int, change: Change, current: Json) -> Settled:
    """Merge one change into what stands now; `current` is its slot's present value in the form of `base`."""
    proposed = proposed_value(change)
    conflict = Settled(conflict=ValueConflict(part, slot_of(change), change.base, current, proposed))
    match change:
        case CreateConcept():
            return Settled(change) if current is None else conflict
        case ChangeLabels():
            return _labels(change, current, conflict)
        case MoveConcept():
            return _move(change, current, conflict)
        case ChangeImportance():
            if current is None:
                return conflict
            if current["importance"] == change.importance:
                return Settled()
            same = change.base is not None and current["importance"] == change.base["importance"]
            return Settled(change) if same else conflict
        case SplitConcept():
            return _split(change, current, conflict)
        case RestoreConcept() | DeprecateConcept():
            wanted = {"status": proposed["status"]} | (
                {"replaced_by": proposed["replaced_by"]} if isinstance(change, DeprecateConcept) else {}
            )
            if all(current.get(name) == value for name, value in wanted.items()):
                return Settled()
            return Settled(change) if current == change.base else conflict
        case MergeConcepts():
            return Settled(change) if current == change.base else conflict
        case _:
            if current == proposed:
                return Settled()
            return Settled(change) if current == change.base else conflict


def _labels(change: ChangeLabels, current: Json, conflict: Settled) -> Settled:
    base, now, wanted = (set(labels_of(value or ())) for value in (change.base, current, labels_value(change.labels)))
    before, present, after = (_preferred(labels) for labels in (base, now, wanted))
    if present not in (before, after) and after != before:
        return conflict
    merged = _merged_labels(base, now, wanted)
    return Settled(replace(change, labels=merged) if set(merged) != now else None)


def _merged_labels(base: set[Label], now: set[Label], wanted: set[Label]) -> tuple[Label, ...]:
    """What stands, with what the change adds and removes; the preferred label is the wanted one where that differs from its base."""
    before, present, after = (_preferred(labels) for labels in (base, now, wanted))
    preferred = present if after == before else after
    others = {one for one in (now - (base - wanted)) | (wanted - base) if one.type != PREFERRED}
    if preferred is not None:
        others = {one for one in others if one.value != preferred.value} | {preferred}
    return tuple(sorted(others, key=label_order))


def rebased(change: Change, current: Json, seq: int) -> Change:
    """The same wish on top of what stands at a number, whatever it was based on; labels that came since stay."""
    if isinstance(change, ChangeLabels):
        base, now, wanted = (set(labels_of(value or ())) for value in (change.base, current, labels_value(change.labels)))
        change = replace(change, labels=_merged_labels(base, now, wanted))
    if isinstance(change, MoveConcept) and change.old not in current:
        # It was moved elsewhere meanwhile: from there.
        elsewhere = [one for one in current if one != change.new]
        change = replace(change, old=elsewhere[0] if len(elsewhere) == 1 else "")
    return replace(change, base=current, seq=seq)


def _preferred(labels: Iterable[Label]) -> Label | None:
    return next((label for label in labels if label.type == PREFERRED), None)


def _move(change: MoveConcept, current: Sequence[str], conflict: Settled) -> Settled:
    there, gone = not change.new or change.new in current, not change.old or change.old not in current
    if there and gone:
        return Settled()
    if change.old and gone:
        # It was moved elsewhere meanwhile.
        return conflict
    return Settled(replace(change, new="") if there and change.new else change)


def _split(change: SplitConcept, current: Json, conflict: Settled) -> Settled:
    if current["status"] != (change.base or {}).get("status"):
        return conflict
    held = set(current["relations"])
    if held - set(change.assignments):
        # Relations came that nobody has assigned.
        return conflict
    return Settled(replace(change, assignments={one: part for one, part in change.assignments.items() if one in held}))
