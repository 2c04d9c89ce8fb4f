"""From a state as the store keeps it to what the index takes in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from wikic.domain.concepts import from_properties
from wikic.domain.vocabulary import ALTERNATIVE, HIDDEN, PREFERRED
from wikic.text.index import Entry

_TYPES: Final = {"pref": PREFERRED, "alt": ALTERNATIVE, "hidden": HIDDEN}


def entry_of(row: Mapping[str, Any]) -> Entry:
    """A row of the store's states as an entry of the index."""
    tags = {lang: lang for lang in row.get("languages", ())}
    labels: list[tuple[str, str, str]] = []
    definitions: dict[str, str] = {}
    for key, value in row.items():
        name, mark, tag = key.partition("__")
        if not mark or (name not in _TYPES and name != "definition"):
            continue
        if tag not in tags:
            return _thorough(row)
        if name == "definition":
            definitions[tag] = value
        elif isinstance(value, str):
            labels.append((value, tag, _TYPES[name]))
        else:
            labels += [(each, tag, _TYPES[name]) for each in value]
    return _entry(row, labels, definitions)


def _thorough(row: Mapping[str, Any]) -> Entry:
    """The same where a language's name differs from its tag ("en-GB"), which is rare and slower."""
    content = from_properties(dict(row))
    labels = [(label.value, label.lang, label.type) for label in content.labels]
    return _entry(row, labels, content.texts.get("definition", {}))


def _entry(row: Mapping[str, Any], labels: list[tuple[str, str, str]], definitions: Mapping[str, str]) -> Entry:
    return Entry(
        uuid=row["concept"],
        from_seq=int(row["from_seq"]),
        to_seq=int(row["to_seq"]),
        kind=row["kind"],
        scheme=row["scheme"],
        status=row["status"],
        code=row.get("code") or "",
        iri=row.get("iri") or "",
        labels=labels,
        definitions=definitions,
    )
