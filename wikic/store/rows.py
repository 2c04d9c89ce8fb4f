"""Between typed values and the rows of the store: what a state, a relation and a change look like as properties."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from wikic.domain.changes import Change, Identity, Relation
from wikic.domain.concepts import ConceptContent, Properties, from_properties
from wikic.domain.vocabulary import RELATION_TYPES
from wikic.store.temporal import OPEN

EDGE = {kind: kind.upper() for kind in RELATION_TYPES}
"""The relationship type of each relation type."""
RELATION = {edge: kind for kind, edge in EDGE.items()}


def state_row(identity: Identity, content: Properties, space: str, seq: int) -> Properties:
    """A state node, open from `seq`, of a flat content. `listing` orders lists, `ref` finds a code."""
    uuid, kind, scheme = identity
    row = {
        **content,
        "concept": uuid,
        "kind": kind,
        "scheme": scheme,
        "listing": f"{scheme}/{kind}/{uuid}",
        "space": space,
        "from_seq": seq,
        "to_seq": OPEN,
    }
    if "code" in content:
        row["ref"] = f"{scheme}:{content['code']}"
    return row


def base_row(identity: Identity, content: Properties, space: str, seq: int) -> Properties:
    """What the source last said of a concept that is edited here, open from `seq`."""
    return {**content, "concept": identity.uuid, "space": space, "from_seq": seq, "to_seq": OPEN}


def relation_row(relation: Relation) -> Properties:
    """What the query that opens a relationship asks for; what is empty is null, and so not set."""
    return {
        "uuid": relation.target,
        "id": relation.id,
        "origins": list(relation.origins) or None,
        "importance": relation.importance or None,
        "rank": relation.rank or None,
        "note": relation.note or None,
        "branch": relation.branch or None,
        "base": relation.base or None,
    }


def relation_of(source: str, edge: str, target: str, row: Mapping[str, Any]) -> Relation:
    """A relationship's row as a relation."""
    return Relation(
        source,
        RELATION[edge],
        target,
        row.get("importance") or "",
        row.get("rank") or 0,
        row.get("note") or "",
        row.get("branch") or "",
        tuple(row.get("origins") or ()),
        row.get("base") or "",
    )


def content_of_row(row: Mapping[str, Any]) -> ConceptContent:
    """A state's row as content."""
    return from_properties(dict(row))


def change_row(change: Change) -> Properties:
    """The node of the change log."""
    return {
        "seq": change.seq,
        "space": change.space,
        "time": change.time,
        "actor": change.actor,
        "kind": change.kind,
        "summary": change.summary,
        "counts": json.dumps(change.counts, sort_keys=True),
        "details": json.dumps(change.details, sort_keys=True, ensure_ascii=False),
    }


def change_of(row: Mapping[str, Any]) -> Change:
    """A node of the change log as a change."""
    return Change(
        kind=row["kind"],
        actor=row["actor"],
        summary=row["summary"],
        counts=json.loads(row["counts"]),
        details=json.loads(row["details"]),
        seq=int(row["seq"]),
        space=row["space"],
        time=row["time"],
    )
