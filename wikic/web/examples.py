"""Examples of the OpenAPI document. Concepts of our own; a test holds them against the shapes."""

from __future__ import annotations

from typing import Any, Final

Json = dict[str, Any]

_UUID: Final = "6d1c7c3e-6f0e-5d0c-9a44-0f3f5c1f0b11"
_GROUP: Final = "a3b0c8de-52f4-5b6e-8c1d-7d1f2f7f5e22"

_VALUES: Final[Json] = {"importance": None, "rank": None, "note": None, "branch": None}
BRIEF: Final[Json] = {
    "uuid": _UUID,
    "kind": "skill",
    "nature": "savoir_faire",
    "scheme": "wiki",
    "code": None,
    "iri": None,
    "status": "active",
    "preferred_label": {"en": "knead dough", "fr": "pétrir la pâte"},
}
_GROUP_BRIEF: Final[Json] = BRIEF | {
    "uuid": _GROUP,
    "kind": "skill_group",
    "nature": None,
    "preferred_label": {"en": "making bread", "fr": "faire du pain"},
}
_RELATED: Final[Json] = {
    "id": "5c1d9a56-37a9-5a3c-b8de-4b1c0f9a7d33",
    "uuid": _GROUP,
    "kind": "skill_group",
    "scheme": "wiki",
    "code": None,
    "status": "active",
    "preferred_label": {"en": "making bread", "fr": "faire du pain"},
    **_VALUES,
}
CONCEPT: Final[Json] = {
    "uuid": _UUID,
    "kind": "skill",
    "nature": "savoir_faire",
    "scheme": "wiki",
    "source": {"iri": None, "code": None, "version": None, "status": None},
    "status": "active",
    "preferred_label": {"en": "knead dough", "fr": "pétrir la pâte"},
    "alternative_labels": {"en": ["work dough"]},
    "hidden_labels": {},
    "labels": [
        {"value": "knead dough", "lang": "en", "type": "preferred", "roles": []},
        {"value": "pétrir la pâte", "lang": "fr", "type": "preferred", "roles": []},
        {"value": "work dough", "lang": "en", "type": "alternative", "roles": []},
    ],
    "definition": {"en": "Work flour and water until the dough is smooth."},
    "notes": {},
    "attributes": {},
    "sectors": [],
    "relations": {"broader": [_RELATED]},
    "relations_total": {"broader": 1},
    "replaced_by": {"direct": [], "final": []},
    "edited": False,
    "seq": 12,
}


def page(*items: Json, **more: Any) -> Json:
    """A list of one page."""
    return {"items": list(items), "next": None, "seq": 12, **more}


_CHANGE_HEAD: Final[Json] = {
    "seq": 12,
    "time": "2026-01-15T09:30:00.000Z",
    "actor": "operator",
    "kind": "edit",
    "summary": "a clearer name",
}
CHANGE: Final[Json] = _CHANGE_HEAD | {"counts": {"concepts changed": 1}, "details": {}}
_RENAMED: Final[Json] = {
    "type": "renamed",
    "field": "preferred",
    "lang": "en",
    "before": "work the dough",
    "after": "knead dough",
}
HISTORY_ENTRY: Final[Json] = _CHANGE_HEAD | {
    "details": {},
    "changes": [_RENAMED],
    "relations": [
        {
            "change": "opened",
            "type": "broader",
            "id": _RELATED["id"],
            "uuid": _GROUP,
            "preferred_label": _RELATED["preferred_label"],
            **_VALUES,
            "before": None,
        }
    ],
    "relations_total": 1,
}
NAMED_RELATION: Final[Json] = {"type": "broader", **_RELATED}
TREE: Final[Json] = page(BRIEF | {"children": 0}, parent=_GROUP_BRIEF, path=[])
_RELATION_DIFF: Final[Json] = {
    "change": "related",
    "type": "broader",
    "id": _RELATED["id"],
    "target": _GROUP_BRIEF,
    **_VALUES,
    "before": None,
}
_CONCEPT_DIFF: Final[Json] = BRIEF | {"changes": [_RENAMED], "relations": [_RELATION_DIFF]}
DIFF: Final[Json] = page(_CONCEPT_DIFF, **{"from": 7, "to": 12}, concepts=1, counts={"related": 1, "renamed": 1})
SCHEME: Final[Json] = {
    "scheme": "wiki",
    "title": {"en": "Concepts that were proposed here", "fr": "Concepts proposés ici"},
    "licence": None,
    "licence_url": None,
    "attribution": None,
    "total": 2,
    "counts": {"skill": {"active": 1}, "skill_group": {"active": 1}},
}
RELEASE: Final[Json] = {
    "name": "2026",
    "seq": 12,
    "state": "published",
    "frozen_at": "2026-01-16T08:00:00.000Z",
    "frozen_by": "operator",
    "published_at": "2026-01-20T08:00:00.000Z",
    "published_by": "operator",
}
RELEASE_DETAIL: Final[Json] = RELEASE | {"change": CHANGE}
