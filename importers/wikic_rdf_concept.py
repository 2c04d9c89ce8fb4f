"""The statements about one concept -> the concept: the reverse of `wikic.linked_data.triples.describe`."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import unquote

from wikic.domain.changes import Identity, Relation
from wikic.domain.concepts import ConceptContent, label_order
from wikic.domain.records import Attribute, Label
from wikic.domain.vocabulary import (
    ALTERNATIVE,
    HIDDEN,
    IMPORTANCES,
    KINDS,
    NATURES,
    PREFERRED,
    RELATION_TYPES,
    SCHEMES,
    STATUSES,
    TEXT_FIELDS,
)

PartStatement = tuple[str, str, str, str, str]
"""The part of the concept ("" itself, "source", a label, a relation), property, value, sort, tag or datatype."""
_Values = dict[str, list[tuple[str, str, str]]]
Built = tuple[Identity, ConceptContent, ConceptContent | None, list[Relation], list[str]]

WIKIC: Final = "https://wiki-c.org/ontology#"
ATTRIBUTE: Final = "https://wiki-c.org/ontology/attribute#"
ATTRIBUTES: Final = "https://wiki-c.org/ontology/attributes#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
SKOSXL: Final = "http://www.w3.org/2008/05/skos-xl#"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"
LOCAL: Final = "local"


def _camel(word: str) -> str:
    first, *rest = word.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _class(kind: str) -> str:
    name = _camel(kind)
    return WIKIC + name[0].upper() + name[1:]


_KIND: Final = {_class(kind): kind for kind in KINDS}
_STATUS: Final = {WIKIC + _camel(word): word for word in STATUSES}
_NATURE: Final = {WIKIC + _camel(word): word for word in NATURES}
_IMPORTANCE: Final = {WIKIC + _camel(word): word for word in IMPORTANCES}
_LABEL: Final = {"prefLabel": PREFERRED, "altLabel": ALTERNATIVE, "hiddenLabel": HIDDEN}
_TEXT: Final = {
    (SKOS if name in ("definition", "scope_note", "note") else WIKIC) + _camel(name): name for name in TEXT_FIELDS
}
_STANDARD: Final = ("broader", "related", "exact_match", "close_match", "broad_match", "narrow_match")
_RELATION_TERM: Final = {WIKIC + _camel(kind): kind for kind in RELATION_TYPES}
_RELATION: Final = {
    **{WIKIC + _camel(kind): kind for kind in RELATION_TYPES},
    **{SKOS + _camel(kind): kind for kind in _STANDARD},
    "http://purl.org/dc/terms/isReplacedBy": "replaced_by",
}
_GRADED: Final = {
    WIKIC + _camel(kind) + word.capitalize(): (kind, word)
    for kind in ("requires", "skill_requires")
    for word in IMPORTANCES
}


def build(uuid: str, start: str, statements: Iterable[PartStatement]) -> Built:
    """Identity, content, what the source said (where that differs), relations, aliases. `start` is what all addresses of concepts begin with.

    Raises KeyError or ValueError for what no download says.
    """
    parts: dict[str, _Values] = defaultdict(lambda: defaultdict(list))
    for part, predicate, value, sort, more in dict.fromkeys(map(tuple, statements)):
        parts[part][predicate].append((value, sort, more))
    own = parts[""]
    kinds = [_KIND[value] for value, _, _ in own[f"{RDF}type"] if value in _KIND]
    schemes = [value.rpartition("#")[2] for value, _, _ in own[f"{SKOS}inScheme"]]
    if len(kinds) != 1 or len(schemes) != 1 or schemes[0] not in SCHEMES:
        raise ValueError(f"it has {len(kinds)} kinds and {len(schemes)} schemes")
    roles = {name: part for name, part in parts.items() if "label-" in name}
    content = _content(own, roles, kinds[0], start, uuid)
    base = None
    if f"{WIKIC}sourceRecord" in own:
        said = parts["source"]
        kind = _KIND[_one(said, f"{WIKIC}sourceKind")] if f"{WIKIC}sourceKind" in said else ""
        base = _content(said, roles, kind, start, uuid)
    aliases = sorted(value.removeprefix(start) for value, _, _ in own.get(f"{WIKIC}alias", ()))
    relations = _relations(uuid, start, parts, content.origin)
    return Identity(uuid, kinds[0], schemes[0]), content, base, relations, aliases


def _content(values: _Values, roles: dict[str, _Values], kind: str, start: str, uuid: str) -> ConceptContent:
    written = {value.lower(): value for value, _, _ in values.get(f"{WIKIC}language", ())}
    content = ConceptContent(kind=kind, status=_STATUS[_one(values, f"{WIKIC}hasStatus")])
    if f"{WIKIC}hasNature" in values:
        content.nature = _NATURE[_one(values, f"{WIKIC}hasNature")]
    content.code = _one(values, f"{SKOS}notation")
    content.iri = _one(values, f"{WIKIC}sourceKey")
    content.origin = _one(values, f"{WIKIC}origin")
    content.source_version = _one(values, f"{WIKIC}sourceVersion")
    content.source_status = _one(values, f"{WIKIC}sourceStatus")
    content.edited = f"{WIKIC}edited" in values
    content.gone = f"{WIKIC}gone" in values
    content.sectors = sorted(value for value, _, _ in values.get(f"{WIKIC}sector", ()))
    content.labels = _labels(values, roles, written, f"{start}{uuid}#")
    for predicate, found in values.items():
        if predicate in _TEXT:
            content.texts[_TEXT[predicate]] = {_tag(more, sort, written): value for value, sort, more in found}
        elif predicate.startswith(ATTRIBUTES):
            content.attributes[unquote(predicate.removeprefix(ATTRIBUTES))] = sorted(value for value, _, _ in found)
        elif predicate.startswith(ATTRIBUTE):
            content.attributes[unquote(predicate.removeprefix(ATTRIBUTE))] = _attribute(*found[0])
    return content


def _labels(values: _Values, roles: dict[str, _Values], written: dict[str, str], start: str) -> list[Label]:
    labels = []
    for name, kind in _LABEL.items():
        known: dict[tuple[str, str], tuple[str, ...]] = {}
        for node, _, _ in values.get(SKOSXL + name, ()):
            part = roles[node.removeprefix(start)]
            value, sort, more = part[f"{SKOSXL}literalForm"][0]
            known[value, _tag(more, sort, written)] = tuple(sorted(role for role, _, _ in part[f"{WIKIC}labelRole"]))
        for value, sort, more in values.get(SKOS + name, ()):
            tag = _tag(more, sort, written)
            labels.append(Label(value, tag, kind, known.get((value, tag), ())))
    return sorted(labels, key=label_order)


def _tag(tag: str, sort: str, written: dict[str, str]) -> str:
    if sort != "@":
        return ""
    if tag.startswith("x-hex-"):
        return bytes.fromhex(tag.removeprefix("x-hex-").replace("-", "")).decode()
    return written.get(tag.lower(), tag)


def _attribute(value: str, _: str, datatype: str) -> Attribute:
    if datatype == f"{XSD}boolean":
        return value in ("true", "1")
    if datatype == f"{XSD}integer":
        return int(value)
    if datatype == f"{RDF}JSON":
        packed: Any = json.loads(value)
        made: Attribute = packed
        return made
    return value


def _relations(uuid: str, start: str, parts: dict[str, _Values], origin: str) -> list[Relation]:
    found: dict[str, Relation] = {}
    own = parts[""]
    qualified: set[tuple[str, str]] = set()
    for node, _, _ in own.get(f"{WIKIC}qualified", ()):
        relation = _qualified(uuid, start, parts[node.removeprefix(f"{start}{uuid}#")])
        qualified.add((relation.type, relation.target))
        found[relation.id] = relation
    importance = {
        (_GRADED[predicate][0], value): _GRADED[predicate][1]
        for predicate, values in own.items()
        if predicate in _GRADED
        for value, _, _ in values
    }
    for predicate, values in own.items():
        kind = _RELATION.get(predicate)
        for value, sort, _ in values if kind is not None else ():
            target = value.removeprefix(start)
            # Matches with addresses outside are told by the concept's key and attributes.
            if kind is None or sort != "<" or not value.startswith(start) or (kind, target) in qualified:
                continue
            relation = Relation(uuid, kind, target, importance.get((kind, value), ""), origins=(origin or LOCAL,))
            found[relation.id] = relation
    return sorted(found.values(), key=lambda each: (each.type, each.target, each.id))


def _qualified(uuid: str, start: str, part: _Values) -> Relation:
    importance = _one(part, f"{WIKIC}hasImportance")
    return Relation(
        uuid,
        _RELATION_TERM[_one(part, f"{WIKIC}relation")],
        _one(part, f"{WIKIC}to").removeprefix(start),
        _IMPORTANCE[importance] if importance else "",
        int(_one(part, f"{WIKIC}rank") or 0),
        _one(part, f"{WIKIC}relationNote"),
        _one(part, f"{WIKIC}branch"),
        tuple(sorted(value for value, _, _ in part.get(f"{WIKIC}origin", ()))),
        _one(part, f"{WIKIC}sourceSaid"),
    )


def _one(values: _Values, predicate: str) -> str:
    found = values.get(predicate, ())
    if len(found) > 1:
        raise ValueError(f"it has {len(found)} values of {predicate}")
    return found[0][0] if found else ""
