"""What a revert does, as a body for the API."""

from __future__ import annotations

from wikic.domain.changes import Relation
from wikic.services.reading_views import Body, field_changes, relation_values
from wikic.services.reverting import ConceptRevert, Reverted


def reverted_body(reverted: Reverted) -> Body:
    """The body of a revert that was done, or (`seq` null) would be done. Of conflicts, "" values are null."""
    return {
        "seq": reverted.seq,
        "concepts": [body for body in map(_concept, reverted.concepts) if body["changes"] or body["relations"]],
        "conflicts": [
            {
                "concept": one.concept,
                "field": one.field,
                "lang": one.lang or None,
                "before": one.before or None,
                "made": one.made or None,
                "now": one.now or None,
            }
            for one in reverted.conflicts
        ],
    }


def _concept(one: ConceptRevert) -> Body:
    return {
        "uuid": one.uuid,
        "changes": field_changes(one.changes),
        # Of some only the origins change (a merge adds them up): no difference shows that either.
        "relations": [body for body in (_relation(old, new) for old, new in one.relations) if body["before"] != body["after"]],
    }


def _relation(old: Relation | None, new: Relation | None) -> Body:
    about = new or old
    if about is None:
        raise ValueError("a relation moves from something or to something")
    return {
        "type": about.type,
        "id": about.id,
        "target": about.target,
        "before": relation_values(old) if old else None,
        "after": relation_values(new) if new else None,
    }
