"""Bodies: what a reader is given, as plain objects that JSON knows. Keys and their meaning are those of the API
(docs/api.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from wikic.domain.changes import Change, Relation
from wikic.domain.concepts import best_tag
from wikic.domain.diff import FieldChange
from wikic.domain.vocabulary import ALTERNATIVE, HIDDEN, strength
from wikic.store.concepts import RELATION_NAMES, Brief, Concept, Neighbour
from wikic.store.releases import Release

Body = dict[str, Any]
"""A JSON object."""

_NAME_ORDER = {name: number for number, name in enumerate(RELATION_NAMES)}


def best(texts: Mapping[str, str], lang: str | None) -> str:
    """A text in the asked language (or its base: fr for fr-CA), else in French, in English, in any; "" where there is
    none."""
    return texts.get(best_tag(texts, lang), "")


@dataclass(frozen=True, slots=True)
class Replacement:
    """What replaced a concept: directly, and at the ends of all chains."""

    direct: list[Brief]
    final: list[Brief]


def concept_body(concept: Concept, replacement: Replacement, lang: str | None = None) -> Body:
    """One concept. With `lang`, `label` is added to it and to each related concept."""
    content, identity = concept.content, concept.identity
    preferred = content.preferred()
    body: Body = {
        "uuid": identity.uuid,
        "kind": identity.kind,
        "nature": content.nature or None,
        "scheme": identity.scheme,
        "source": {
            "iri": content.iri or None,
            "code": content.code or None,
            "version": content.source_version or None,
            "status": content.source_status or None,
        },
        "status": content.status,
    }
    if lang:
        body["label"] = best(preferred, lang)
    body |= {
        "preferred_label": preferred,
        "alternative_labels": _labels(concept, ALTERNATIVE),
        "hidden_labels": _labels(concept, HIDDEN),
        "labels": [
            {"value": label.value, "lang": label.lang, "type": label.type, "roles": list(label.roles)}
            for label in content.labels
        ],
        "definition": _sorted(content.texts.get("definition", {})),
        "notes": {name: _sorted(texts) for name, texts in sorted(content.texts.items()) if name != "definition"},
        "attributes": _sorted(content.attributes),
        "sectors": content.sectors,
        "relations": {
            name: related_bodies(concept.relations[name].items, lang)
            for name in sorted(concept.relations, key=_NAME_ORDER.__getitem__)
        },
        "relations_total": {
            name: concept.relations[name].total for name in sorted(concept.relations, key=_NAME_ORDER.__getitem__)
        },
        "replaced_by": {
            "direct": [brief_body(brief, lang) for brief in replacement.direct],
            "final": [brief_body(brief, lang) for brief in replacement.final],
        },
        "edited": content.edited,
        "seq": concept.seq,
    }
    return body


def related_bodies(items: Iterable[Neighbour], lang: str | None) -> list[Body]:
    """Related concepts in order: importance, rank, label, uuid."""
    return [related_body(item, lang) for item in sorted(items, key=lambda item: _order(item, lang))]


def related_body(item: Neighbour, lang: str | None) -> Body:
    """A relation, and the concept at its other end."""
    relation = item.relation
    body: Body = {
        "id": relation.id,
        "uuid": item.uuid,
        "kind": item.kind,
        "scheme": item.scheme,
        "code": item.code or None,
        "status": item.status,
        "preferred_label": item.preferred,
        **relation_values(relation),
    }
    if lang:
        body["label"] = best(item.preferred, lang)
    return body


def relation_values(relation: Relation) -> Body:
    """What a relation says besides its ends; null where it says nothing."""
    return {
        "importance": relation.importance or None,
        "rank": relation.rank or None,
        "note": relation.note or None,
        "branch": relation.branch or None,
    }


def brief_body(brief: Brief, lang: str | None, *, children: bool = False) -> Body:
    """A concept in a list; with `children`, how many narrower ones it has."""
    body: Body = {
        "uuid": brief.uuid,
        "kind": brief.kind,
        "nature": brief.nature or None,
        "scheme": brief.scheme,
        "code": brief.code or None,
        "iri": brief.iri or None,
        "status": brief.status,
        "preferred_label": brief.preferred,
    }
    if lang:
        body["label"] = best(brief.preferred, lang)
    if children:
        body["children"] = brief.children
    return body


def change_body(change: Change) -> Body:
    """One accepted write."""
    return {
        "seq": change.seq,
        "time": change.time,
        "actor": change.actor,
        "kind": change.kind,
        "summary": change.summary,
        "counts": change.counts,
        "details": change.details,
    }


def release_body(release: Release) -> Body:
    """One release: a name for a number."""
    return {
        "name": release.name,
        "seq": release.seq,
        "state": release.state,
        "frozen_at": release.frozen_at,
        "frozen_by": release.frozen_by,
        "published_at": release.published_at or None,
        "published_by": release.published_by or None,
    }


def field_changes(changes: Iterable[FieldChange]) -> list[Body]:
    """Typed differences; null where there was or is nothing."""
    return [{name: value or None for name, value in asdict(change).items()} for change in changes]


def _labels(concept: Concept, kind: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for label in concept.content.labels:
        if label.type == kind:
            found.setdefault(label.lang, []).append(label.value)
    return found


def _sorted(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in sorted(values)}


def _order(item: Neighbour, lang: str | None) -> tuple[int, int, str, str, str]:
    relation = item.relation
    # `lang` is part of the address, so an order by what is shown stays one order per address.
    return (strength(relation.importance), relation.rank, best(item.preferred, lang).casefold(), item.uuid, relation.id)
