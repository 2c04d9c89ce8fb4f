"""OpenAPI links: from which answer one goes on to which operation, with which value of it. For readers of the document, and for tests that follow them."""

from __future__ import annotations

from typing import Any, Final

_ITEM: Final = "$response.body#/items/0/"
_CONCEPT: Final = {
    "concept": ("read_concept", {"ref": f"{_ITEM}uuid"}),
    "relations": ("list_relations", {"ref": f"{_ITEM}uuid"}),
    "history": ("read_history", {"ref": f"{_ITEM}uuid"}),
    "branch": ("read_branch", {"ref": f"{_ITEM}uuid"}),
    "document": ("concept_document", {"name": f"{_ITEM}uuid"}),
}
_LINKS: Final[dict[str, dict[str, tuple[str, dict[str, str]]]]] = {
    "list_concepts": _CONCEPT,
    "search": _CONCEPT,
    "suggest": _CONCEPT,
    "read_tree": _CONCEPT | {"below": ("read_tree", {"parent": f"{_ITEM}uuid"})},
    "read_diff": _CONCEPT,
    "list_relations": _CONCEPT,
    "read_concept": {
        "relations": ("list_relations", {"ref": "$response.body#/uuid"}),
        "history": ("read_history", {"ref": "$response.body#/uuid"}),
        "then": ("read_concept", {"ref": "$response.body#/uuid", "at": "$response.body#/seq"}),
        "document": ("concept_document", {"name": "$response.body#/uuid"}),
    },
    "read_history": {"change": ("read_change", {"seq": f"{_ITEM}seq"})},
    "list_changes": {
        "change": ("read_change", {"seq": f"{_ITEM}seq"}),
        "concepts": ("list_concepts", {"at": f"{_ITEM}seq"}),
    },
    "list_releases": {
        "release": ("read_release", {"name": f"{_ITEM}name"}),
        "concepts": ("list_concepts", {"release": f"{_ITEM}name"}),
        "search": ("search", {"release": f"{_ITEM}name"}),
        "document": ("release_document", {"release": f"{_ITEM}name"}),
    },
    "read_release": {"changes": ("read_diff", {"to": "$response.body#/name"})},
    "read_delta": _CONCEPT,
    "list_calendar": {"entry": ("read_calendar_entry", {"id": f"{_ITEM}id"})},
}
"""By operation, then by the link's name: the operation it leads to, and where its parameters come from."""


def add_links(document: dict[str, Any]) -> None:
    """Put the links into the answers 200; every list also leads to its own next page."""
    for path in document["paths"].values():
        for operation in path.values():
            identity = operation["operationId"]
            links = {
                name: {"operationId": target, "parameters": parameters}
                for name, (target, parameters) in _LINKS.get(identity, {}).items()
            }
            if any(parameter["name"] == "cursor" for parameter in operation.get("parameters", ())):
                links["next"] = {"operationId": identity, "parameters": {"cursor": "$response.body#/next"}}
            if links:
                operation["responses"]["200"]["links"] = links
