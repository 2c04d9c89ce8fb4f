"""CASE 1.1 (1EdTech): documents, items and associations as plain objects of its schema: nothing that it does not know, no nulls.

Pure: what the store says goes in, what is written as JSON comes out. What CASE has no word for stands under `extensions`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from wikic.domain.changes import Identity
from wikic.domain.concepts import ConceptContent, best_tag
from wikic.domain.ids import derived_uuid
from wikic.domain.vocabulary import ACTIVE, ALTERNATIVE, DEPRECATED
from wikic.linked_data import case_ids as ids
from wikic.linked_data.case_terms import ASSOCIATION, CREATORS, FRAMEWORK_TYPES, GROUPS, Json, Term, section_of, terms
from wikic.linked_data.vocabulary import OUTSIDE_MATCHES, camel, is_iri

PREFIX: Final = "/ims/case/v1p1"
"""Where the service is, on a site."""
DEFAULT_LANGUAGE: Final = "fr"

_NAMES: Final = {"esco": "ESCO", "isco": "ISCO-08", "isced_f": "ISCED-F"}


@dataclass(frozen=True, slots=True)
class Document:
    """A scheme at a moment: now (`release` "") or in a published release. `changed` is a time, `since` a day, "" where it is not known."""

    scheme: str
    release: str
    seq: int
    changed: str
    since: str
    title: Mapping[str, str]
    licence: Term | None
    attribution: str

    @property
    def identifier(self) -> str:
        """Its UUID."""
        return ids.document_id(self.scheme, self.release)


class Node(NamedTuple):
    """One end of an association."""

    identifier: str
    title: str
    uri: str


class Item(NamedTuple):
    """A concept at a moment. `since` is when its present state began, `born` when it came to be: times."""

    identity: Identity
    content: ConceptContent
    since: str
    born: str


class Link(NamedTuple):
    """A relation that starts at a concept. `scheme` is that of its target; `since` a time."""

    id: str
    type: str
    target: str
    scheme: str
    since: str
    importance: str = ""
    rank: int = 0
    note: str = ""
    branch: str = ""


class Exemplar(NamedTuple):
    """A badge that is bound to a concept: its address, its name, and when it was bound."""

    address: str
    title: str
    since: str


@dataclass(frozen=True, slots=True)
class Level:
    """A level of a criterion, lowest first by `score`. `identifier` is a UUID of version 1 to 5."""

    identifier: str
    address: str
    name: str
    description: str
    score: int


@dataclass(frozen=True, slots=True)
class Criterion:
    """What of a concept (`uuid`, `title`; "" for any) is graded, and by which levels."""

    identifier: str
    address: str
    uuid: str
    title: str
    description: str
    levels: Sequence[Level]


@dataclass(frozen=True, slots=True)
class Rubric:
    """A scale of levels. `changed` is a time."""

    identifier: str
    title: str
    description: str
    changed: str
    criteria: Sequence[Criterion] = field(default_factory=tuple)


class Maker:
    """Makes the objects of one document in one language. `base` is the public address of the site."""

    def __init__(self, base: str, document: Document, lang: str) -> None:
        self._base, self.document, self.lang = base, document, lang
        self.service = f"{base}{PREFIX}"
        self._concepts = f"{base}/r/{quote(document.release, safe='')}/c/" if document.release else f"{base}/c/"
        self._groupings = {
            word: each.link(self.service, lang) for word, each in terms("CFAssociationGroupings").items()
        }
        self.root = Node(document.identifier, self.title(), self._at("CFDocuments", document.identifier))

    def title(self) -> str:
        """The name of the document."""
        name = self.document.title[best_tag(self.document.title, self.lang)]
        return normal(f"{name}, Wiki-C {self.document.release}" if self.document.release else name)

    def document_object(self, *, alone: bool = True) -> Json:
        """The CFDocument; `alone`: outside of its package, to which it then leads."""
        it = self.document
        made: Json = {
            "identifier": it.identifier,
            "uri": self.root.uri,
            "frameworkType": FRAMEWORK_TYPES[it.scheme],
            "caseVersion": "1.1",
            "creator": CREATORS[it.scheme],
            "title": self.root.title,
            "lastChangeDateTime": it.changed,
            "officialSourceURL": f"{self._base}/r/{quote(it.release, safe='')}/"
            if it.release
            else f"{self._base}/catalog",
            "publisher": "Wiki-C",
        }
        if it.attribution:
            made["description"] = it.attribution
        made |= {
            "language": best_tag(self.document.title, self.lang),
            "version": it.release or str(it.seq),
            "adoptionStatus": "Adopted" if it.release else "Draft",
        }
        if it.since:
            made["statusStartDate"] = it.since
        if it.licence is not None:
            made["licenseURI"] = it.licence.link(self.service, self.lang)
        made["extensions"] = {"scheme": it.scheme, "seq": it.seq}
        if alone:
            made["CFPackageURI"] = {
                "title": self.root.title,
                "identifier": it.identifier,
                "uri": self._at("CFPackages", it.identifier) + self._asked(),
            }
        return made

    def document_link(self) -> Json:
        """LinkURI of the document."""
        return dict(self.root._asdict())

    def node(self, uuid: str, title: str) -> Node:
        """A concept of this moment as an end of an association, also one of another scheme."""
        return Node(ids.item_id(uuid, self.document.release), normal(title) or uuid, self._concepts + uuid)

    def item(self, it: Item, *, alone: bool = False) -> Json:
        """The CFItem; `alone`: outside of its package, with its document."""
        identity, content = it.identity, it.content
        preferred = content.preferred()
        tag = best_tag(preferred, self.lang)
        others = [normal(each.value) for each in content.labels if each.type == ALTERNATIVE and each.lang == tag]
        others = list(dict.fromkeys(filter(None, others)))
        kind = terms("CFItemTypes")[identity.kind]
        node = self.node(identity.uuid, preferred.get(tag, ""))
        made: Json = {
            "identifier": node.identifier,
            "fullStatement": preferred.get(tag) or content.code or identity.uuid,
        }
        if others:
            made["alternativeLabel"] = others[0]
        made |= {"CFItemType": kind.named(self.lang), "uri": node.uri}
        if content.code:
            made["humanCodingScheme"] = normal(content.code)
        if others:
            made["conceptKeywords"] = others
        if content.nature:
            made["conceptKeywordsURI"] = terms("CFConcepts")[content.nature].link(self.service, self.lang)
        definitions = content.texts.get("definition", {})
        if definitions:
            made["notes"] = definitions[best_tag(definitions, self.lang)]
        sections = dict.fromkeys(filter(None, map(section_of, content.sectors)))
        subjects = [terms("CFSubjects")[letter] for letter in sections]
        if subjects:
            made["subject"] = [each.named(self.lang) for each in subjects]
            made["subjectURI"] = [each.link(self.service, self.lang) for each in subjects]
        if tag:
            made["language"] = tag
        made["CFItemTypeURI"] = kind.link(self.service, self.lang)
        if self.document.licence is not None:
            made["licenseURI"] = self.document.licence.link(self.service, self.lang)
        made["statusStartDate"] = it.born[:10]
        if content.status == DEPRECATED:
            made["statusEndDate"] = it.since[:10]
        made["lastChangeDateTime"] = it.since
        more = _extensions(content)
        if more:
            made["extensions"] = more
        return made | ({"CFDocumentURI": self.document_link()} if alone else {})

    def association(self, source: str, origin: Node, link: Link, destination: Node) -> Json:
        """The CFAssociation of a relation that starts at the concept `source`."""
        made = self._between(source, link.id, ASSOCIATION[link.type], origin, destination, "CASE", link.since)
        made["CFAssociationGroupingURI"] = self._groupings[link.type]
        if link.rank:
            made["sequenceNumber"] = link.rank
        if link.note:
            made["notes"] = link.note
        more = {name: value for name, value in (("importance", link.importance), ("branch", link.branch)) if value}
        if more:
            made["extensions"] = more
        return made

    def top(self, source: str, origin: Node, born: str) -> Json:
        """That a concept stands at the top of the document: nothing of its scheme is above it."""
        relation = derived_uuid(f"case:top:{source}")
        return self._between(source, relation, "isChildOf", origin, self.root, "CASE", born)

    def same_as(self, source: str, origin: Node, address: str, since: str) -> Json:
        """That a concept is the one at an address of its source."""
        relation = derived_uuid(f"case:source:{source}:{address}")
        name = _NAMES.get(self.document.scheme, "Source")
        destination = Node(address, origin.title, address)
        return self._between(source, relation, "exactMatchOf", origin, destination, f"ext:{name}", since)

    def exemplar(self, source: str, origin: Node, badge: Exemplar) -> Json:
        """That a badge shows a concept."""
        relation = derived_uuid(f"case:exemplar:{source}:{badge.address}")
        address = self._whole(badge.address)
        destination = Node(address, normal(badge.title) or address, address)
        return self._between(source, relation, "exemplar", origin, destination, "ext:Badge", badge.since)

    def skill_level(self, source: str, origin: Node, level: Level, since: str) -> Json:
        """That criteria say what a level of a concept is."""
        relation = derived_uuid(f"case:skill_level:{source}:{level.identifier}")
        destination = Node(level.identifier, normal(level.name), self._whole(level.address))
        return self._between(source, relation, "hasSkillLevel", origin, destination, "CASE", since)

    def rubric(self, rubric: Rubric) -> Json:
        """The CFRubric with its criteria and their levels."""
        made: Json = {"identifier": rubric.identifier, "uri": self._at("CFRubrics", rubric.identifier)}
        made |= {
            name: text for name, text in (("title", normal(rubric.title)), ("description", rubric.description)) if text
        }
        made["lastChangeDateTime"] = rubric.changed
        made["CFRubricCriteria"] = [
            self._criterion(rubric, each, place) for place, each in enumerate(rubric.criteria, start=1)
        ]
        return made

    def definitions(self) -> Json:
        """The CFDefinitions: every word that items and associations lead to."""
        made: Json = {
            group: [each.whole(self.service, self.lang) for each in terms(group).values()] for group in GROUPS
        }
        if self.document.licence is not None:
            made["CFLicenses"] = [self.document.licence.whole(self.service, self.lang)]
        return made

    def _criterion(self, rubric: Rubric, it: Criterion, place: int) -> Json:
        made: Json = {"identifier": it.identifier, "uri": self._whole(it.address)}
        if it.description:
            made["description"] = it.description
        if it.uuid:
            made["CFItemURI"] = dict(self.node(it.uuid, it.title)._asdict())
        made |= {
            "position": place,
            "rubricId": rubric.identifier,
            "lastChangeDateTime": rubric.changed,
        }
        made["CFRubricCriterionLevels"] = [
            {
                "identifier": level.identifier,
                "uri": self._whole(level.address),
                **({"description": level.description} if level.description else {}),
                "quality": normal(level.name),
                "score": level.score,
                "position": number,
                "rubricCriterionId": it.identifier,
                "lastChangeDateTime": rubric.changed,
            }
            for number, level in enumerate(it.levels, start=1)
        ]
        return made

    def _between(
        self, source: str, relation: str, kind: str, origin: Node, destination: Node, target: str, since: str
    ) -> Json:
        identifier = ids.association_id(source, relation, self.document.release)
        return {
            "identifier": identifier,
            "associationType": kind,
            "uri": self._at("CFAssociations", identifier),
            "originNodeURI": _general(origin, "CASE"),
            "destinationNodeURI": _general(destination, target),
            "lastChangeDateTime": since,
        }

    def _at(self, group: str, identifier: str) -> str:
        return f"{self.service}/{group}/{identifier}"

    def _whole(self, address: str) -> str:
        """An address that begins with a slash is of this site."""
        return f"{self._base}{address}" if address.startswith("/") else address

    def _asked(self) -> str:
        return f"?lang={quote(self.lang)}" if self.lang != DEFAULT_LANGUAGE else ""


def normal(text: str) -> str:
    """A text as a NormalizedString: one line."""
    return " ".join(text.split())


def _general(node: Node, target: str) -> Json:
    return {"title": node.title, "identifier": node.identifier, "uri": node.uri, "targetType": target}


def _extensions(content: ConceptContent) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if content.status != ACTIVE:
        found["status"] = content.status
    if content.iri:
        found["source"] = content.iri
    if content.sectors:
        found["sectors"] = sorted(set(content.sectors))
    for name in OUTSIDE_MATCHES:
        addresses = content.attributes.get(name)
        if isinstance(addresses, list):
            found[camel(name)] = [each for each in addresses if is_iri(str(each))]
    return found
