"""What is known of a concept as statements: SKOS where SKOS has the word, our own terms for the rest.

Flow: typed concept -> `describe` (here) -> `serialise`. With `whole` nothing is left out, so that a download can be read back
(`importers.wikic_rdf`); without it, what the store keeps for itself (aliases, origins of relations) is not said.
The order of the statements follows from the data alone.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from wikic.domain.changes import Identity, Relation
from wikic.domain.concepts import ConceptContent, label_order
from wikic.domain.records import Attribute, Label
from wikic.domain.vocabulary import DEPRECATED, RELATION_TYPES
from wikic.linked_data.vocabulary import (
    CODE_TYPE,
    CONCEPT,
    DCT,
    FALSE,
    GRADED,
    IMPORTANCE,
    KIND_CLASS,
    LABEL,
    NATURE,
    OUTSIDE_MATCHES,
    OWL,
    PROV,
    RDF,
    RELATION,
    RELATION_TERM,
    SKOS,
    SKOSXL,
    STATUS,
    TEXT,
    TRUE,
    WIKIC,
    XL_LABEL,
    A,
    Site,
    Statement,
    attribute,
    camel,
    iri,
    is_iri,
    moment,
    number,
    own,
    text,
    typed,
)

IN_SCHEME: Final = iri(f"{SKOS}inScheme")
NOTATION: Final = iri(f"{SKOS}notation")
EXACT_MATCH: Final = RELATION["exact_match"]
OWL_DEPRECATED: Final = iri(f"{OWL}deprecated")
LITERAL_FORM: Final = iri(f"{SKOSXL}literalForm")
XL: Final = iri(f"{SKOSXL}Label")
GENERATED_BY: Final = iri(f"{PROV}wasGeneratedBy")
ISSUED: Final = iri(f"{DCT}issued")
MODIFIED: Final = iri(f"{DCT}modified")
STATUS_OF: Final = own("hasStatus")
NATURE_OF: Final = own("hasNature")
SOURCE_KEY: Final = own("sourceKey")
ORIGIN: Final = own("origin")
SOURCE_VERSION: Final = own("sourceVersion")
SOURCE_STATUS: Final = own("sourceStatus")
SECTOR: Final = own("sector")
LANGUAGE: Final = own("language")
EDITED: Final = own("edited")
GONE: Final = own("gone")
ALIAS: Final = own("alias")
LABEL_ROLE: Final = own("labelRole")
SOURCE_RECORD: Final = own("sourceRecord")
QUALIFIED: Final = own("qualified")
QUALIFICATION: Final = (own("Relation"), own("from"), own("relation"), own("to"))
IMPORTANCE_OF: Final = own("hasImportance")
RANK: Final = own("rank")
NOTE: Final = own("relationNote")
BRANCH: Final = own("branch")
SOURCE_SAID: Final = own("sourceSaid")
JSON_LITERAL: Final = f"{RDF}JSON"
LOCAL: Final = "local"
"""The origin of relations that were made here."""

_TYPE_ORDER: Final = {kind: place for place, kind in enumerate(RELATION_TYPES)}


@dataclass(frozen=True, slots=True)
class Dated:
    """The changes that a concept as it is comes from: their number and time. `born` began it, `latest` brought its present state."""

    born: tuple[int, str]
    latest: tuple[int, str]


@dataclass(frozen=True, slots=True)
class Described:
    """What `describe` is told of one concept. `relations` are those that start at it; `base` is what its source last said, where it was
    edited here."""

    identity: Identity
    content: ConceptContent
    relations: Sequence[Relation] = ()
    aliases: Sequence[str] = ()
    base: ConceptContent | None = None
    dated: Dated | None = None


def describe(site: Site, it: Described, *, whole: bool = True, xl: bool = False) -> list[Statement]:
    """All statements about one concept, its subject first. `xl`: every label is also a `skosxl:Label`; without it only those with roles are."""
    uuid, kind, scheme = it.identity
    subject = site.concept(uuid)
    out: list[Statement] = [
        (subject, A, CONCEPT),
        (subject, A, KIND_CLASS[kind]),
        (subject, IN_SCHEME, site.scheme(scheme)),
    ]
    _content(out, subject, scheme, it.content)
    if it.dated is not None:
        out.append((subject, ISSUED, moment(it.dated.born[1])))
        out.append((subject, MODIFIED, moment(it.dated.latest[1])))
        out.append((subject, GENERATED_BY, site.change(it.dated.latest[0])))
    if whole:
        out += [(subject, ALIAS, site.concept(alias)) for alias in sorted(it.aliases)]
    tail: list[Statement] = []
    _relations(out, tail, site, it, whole=whole)
    _roles(out, tail, site, uuid, subject, it.content.labels, xl=xl)
    if it.base is not None:
        record = site.part(uuid, "source")
        out.append((subject, SOURCE_RECORD, record))
        tail.append((record, A, own("SourceRecord")))
        if it.base.kind:
            tail.append((record, own("sourceKind"), KIND_CLASS[it.base.kind]))
        _content(tail, record, scheme, it.base)
        more: list[Statement] = []
        _roles(tail, more, site, uuid, record, it.base.labels, xl=False, prefix="source-")
        tail += more
    return out + tail


def _content(out: list[Statement], subject: str, scheme: str, content: ConceptContent) -> None:
    out.append((subject, STATUS_OF, STATUS[content.status]))
    if content.status == DEPRECATED:
        out.append((subject, OWL_DEPRECATED, TRUE))
    if content.nature:
        out.append((subject, NATURE_OF, NATURE[content.nature]))
    if content.code:
        out.append((subject, NOTATION, typed(content.code, WIKIC + camel(scheme) + CODE_TYPE)))
    for label in sorted(content.labels, key=label_order):
        out.append((subject, LABEL[label.type], text(label.value, label.lang)))
    for name, predicate in TEXT.items():
        texts = content.texts.get(name)
        if texts:
            out += [(subject, predicate, text(texts[lang], lang)) for lang in sorted(texts)]
    for name in sorted(content.attributes):
        _attribute(out, subject, name, content.attributes[name])
    out += [(subject, SECTOR, text(sector)) for sector in sorted(set(content.sectors))]
    for predicate, value in (
        (ORIGIN, content.origin),
        (SOURCE_VERSION, content.source_version),
        (SOURCE_STATUS, content.source_status),
    ):
        if value:
            out.append((subject, predicate, text(value)))
    if content.iri:
        out.append((subject, SOURCE_KEY, text(content.iri)))
        if is_iri(content.iri):
            out.append((subject, EXACT_MATCH, iri(content.iri)))
    # Readers of RDF fold language tags to lower case: the tags as they were written are named beside.
    out += [(subject, LANGUAGE, text(tag)) for tag in content.languages() if tag != tag.lower()]
    if content.edited:
        out.append((subject, EDITED, TRUE))
    if content.gone:
        out.append((subject, GONE, TRUE))


def _attribute(out: list[Statement], subject: str, name: str, value: Attribute) -> None:
    if isinstance(value, bool):
        out.append((subject, attribute(name), TRUE if value else FALSE))
    elif isinstance(value, int):
        out.append((subject, attribute(name), number(value)))
    elif isinstance(value, str):
        out.append((subject, attribute(name), text(value)))
    elif isinstance(value, list) and _is_set(value):
        predicate = attribute(name, several=True)
        out += [(subject, predicate, text(each)) for each in value]
        if name in OUTSIDE_MATCHES:
            out += [(subject, OUTSIDE_MATCHES[name], iri(each)) for each in value if is_iri(each)]
    else:
        packed = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        out.append((subject, attribute(name), typed(packed, JSON_LITERAL)))


def _is_set(values: list[str]) -> bool:
    """Whether nothing is lost when a list is said value by value."""
    return bool(values) and all(type(each) is str for each in values) and values == sorted(set(values))


def _relations(out: list[Statement], tail: list[Statement], site: Site, it: Described, *, whole: bool) -> None:
    grouped: dict[tuple[int, str], list[Relation]] = defaultdict(list)
    for relation in it.relations:
        grouped[_TYPE_ORDER[relation.type], relation.target].append(relation)
    plain = (it.content.origin or LOCAL,)
    subject = site.concept(it.identity.uuid)
    for _, relations in sorted(grouped.items()):
        kind, target = relations[0].type, site.concept(relations[0].target)
        out.append((subject, RELATION[kind], target))
        # All of them or none: a relation for one branch only must not be taken for one for all.
        if len(relations) == 1 and not _needs_words(relations[0], plain, whole):
            if relations[0].importance:
                out.append((subject, GRADED[kind, relations[0].importance], target))
            continue
        for relation in sorted(relations, key=lambda each: each.id):
            if not relation.branch and (kind, relation.importance) in GRADED:
                out.append((subject, GRADED[kind, relation.importance], target))
            node = site.part(it.identity.uuid, relation.id)
            out.append((subject, QUALIFIED, node))
            tail += _qualification(node, subject, target, relation, whole=whole)


def _needs_words(relation: Relation, plain: tuple[str, ...], whole: bool) -> bool:
    """Whether a relation says more than two addresses and a property can."""
    ungraded = relation.importance and (relation.type, relation.importance) not in GRADED
    own_words = relation.rank or relation.note or relation.branch or ungraded
    return bool(own_words or (whole and (relation.base or relation.origins != plain)))


def _qualification(node: str, subject: str, target: str, relation: Relation, *, whole: bool) -> Iterable[Statement]:
    type_, from_, which, to = QUALIFICATION
    yield node, A, type_
    yield node, from_, subject
    yield node, which, RELATION_TERM[relation.type]
    yield node, to, target
    if relation.importance:
        yield node, IMPORTANCE_OF, IMPORTANCE[relation.importance]
    if relation.rank:
        yield node, RANK, number(relation.rank)
    if relation.note:
        yield node, NOTE, text(relation.note)
    if relation.branch:
        yield node, BRANCH, text(relation.branch)
    if whole:
        for origin in sorted(relation.origins):
            yield node, ORIGIN, text(origin)
        if relation.base:
            yield node, SOURCE_SAID, text(relation.base)


def _roles(
    out: list[Statement],
    tail: list[Statement],
    site: Site,
    uuid: str,
    subject: str,
    labels: Iterable[Label],
    *,
    xl: bool,
    prefix: str = "",
) -> None:
    for label in sorted(labels, key=label_order):
        if not (xl or label.roles):
            continue
        digest = blake2b(
            f"{label.type}|{label.lang}|{label.value}".encode("utf-8", "replace"), digest_size=8
        ).hexdigest()
        node = site.part(uuid, f"{prefix}label-{digest}")
        out.append((subject, XL_LABEL[label.type], node))
        tail.append((node, A, XL))
        tail.append((node, LITERAL_FORM, text(label.value, label.lang)))
        tail += [(node, LABEL_ROLE, text(role)) for role in label.roles]


@dataclass(frozen=True, slots=True)
class Near:
    """A concept at the other end of a relation, as a document about this one shows it. `relation` is set where it starts there."""

    uuid: str
    preferred: Mapping[str, str]
    deprecated: bool = False
    relation: Relation | None = None


def describe_neighbours(site: Site, uuid: str, neighbours: Iterable[Near]) -> list[Statement]:
    """What a document about a concept says of those around it: names, and the relations that lead here."""
    out: list[Statement] = []
    subject = site.concept(uuid)
    named: set[str] = set()
    for near in sorted(neighbours, key=lambda each: (each.uuid, each.relation.id if each.relation else "")):
        other = site.concept(near.uuid)
        if near.relation is not None:
            kind, importance = near.relation.type, near.relation.importance
            if kind == "broader":
                out.append((subject, iri(f"{SKOS}narrower"), other))
            out.append((other, RELATION[kind], subject))
            if not near.relation.branch and (kind, importance) in GRADED:
                out.append((other, GRADED[kind, importance], subject))
        if near.uuid not in named:
            named.add(near.uuid)
            out += [(other, LABEL["preferred"], text(near.preferred[lang], lang)) for lang in sorted(near.preferred)]
            if near.deprecated:
                out.append((other, OWL_DEPRECATED, TRUE))
    return list(dict.fromkeys(out))


__all__ = ["LOCAL", "Dated", "Described", "Near", "describe", "describe_neighbours"]
