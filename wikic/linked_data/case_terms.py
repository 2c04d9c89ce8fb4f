"""The closed vocabularies of our CASE packages: item types, concepts (natures), subjects, licences, groupings; and what each relation becomes.

Names and meanings come from `ontology/wikic.ttl`; the names of subjects are those of the sections of NAF and NACE.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

import pyoxigraph as ox

from wikic.domain.concepts import best_tag
from wikic.domain.vocabulary import KINDS, NATURES, RELATION_TYPES
from wikic.linked_data.case_ids import term_id
from wikic.linked_data.serialise import ontology_file
from wikic.linked_data.vocabulary import KIND_CLASS, NATURE, RELATION_TERM

Json = dict[str, Any]

SINCE: Final = "2026-11-25T00:00:00Z"
"""When these vocabularies were last changed: to be moved by whoever changes a word of them."""

BROADER_TYPES: Final = frozenset({"broader", "member_of", "title_of"})
"""Relations that put an item below another one."""
ASSOCIATION: Final[Mapping[str, str]] = {
    **dict.fromkeys(RELATION_TYPES, "isRelatedTo"),
    **dict.fromkeys(BROADER_TYPES, "isChildOf"),
    "exact_match": "exactMatchOf",
    "close_match": "ext:closeMatch",
    "broad_match": "ext:broadMatch",
    "narrow_match": "ext:narrowMatch",
    "replaced_by": "replacedBy",
}
"""The association type of each relation; docs/case.md has the same table. The grouping says which relation it is."""

CREATORS: Final[Mapping[str, str]] = {
    "esco": "European Commission",
    "rome": "France Travail",
    "isco": "International Labour Organization",
    "isced_f": "UNESCO Institute for Statistics",
    "wiki": "Wiki-C",
}
FRAMEWORK_TYPES: Final[Mapping[str, str]] = {
    "esco": "Occupations and skills",
    "rome": "Occupations and skills",
    "isco": "Occupations",
    "isced_f": "Fields of study",
    "wiki": "Occupations and skills",
}

_SECTIONS: Final = (
    ("A", 1, 3, "Agriculture, sylviculture et pêche", "Agriculture, forestry and fishing"),
    ("B", 5, 9, "Industries extractives", "Mining and quarrying"),
    ("C", 10, 33, "Industrie manufacturière", "Manufacturing"),
    ("D", 35, 35, "Production et distribution d'énergie", "Energy supply"),
    ("E", 36, 39, "Eau, assainissement et déchets", "Water supply, sewerage and waste"),
    ("F", 41, 43, "Construction", "Construction"),
    ("G", 45, 47, "Commerce et réparation de véhicules", "Trade and repair of vehicles"),
    ("H", 49, 53, "Transports et entreposage", "Transportation and storage"),
    ("I", 55, 56, "Hébergement et restauration", "Accommodation and food service"),
    ("J", 58, 63, "Information et communication", "Information and communication"),
    ("K", 64, 66, "Activités financières et d'assurance", "Finance and insurance"),
    ("L", 68, 68, "Activités immobilières", "Real estate"),
    (
        "M",
        69,
        75,
        "Activités spécialisées, scientifiques et techniques",
        "Professional, scientific and technical activities",
    ),
    ("N", 77, 82, "Services administratifs et de soutien", "Administrative and support services"),
    ("O", 84, 84, "Administration publique", "Public administration"),
    ("P", 85, 85, "Enseignement", "Education"),
    ("Q", 86, 88, "Santé humaine et action sociale", "Health and social work"),
    ("R", 90, 93, "Arts, spectacles et activités récréatives", "Arts, entertainment and recreation"),
    ("S", 94, 96, "Autres activités de services", "Other services"),
    ("T", 97, 98, "Activités des ménages", "Activities of households"),
    ("U", 99, 99, "Activités extra-territoriales", "Extraterritorial organisations"),
)
_SECTION_OF: Final = {number: letter for letter, first, last, _, _ in _SECTIONS for number in range(first, last + 1)}


@dataclass(frozen=True, slots=True)
class Term:
    """A word of one of these vocabularies, with its names and meanings by language."""

    group: str
    word: str
    identifier: str
    title: Mapping[str, str]
    meaning: Mapping[str, str] = field(default_factory=dict)

    def named(self, lang: str) -> str:
        """Its name in a language, or in another one."""
        return self.title[best_tag(self.title, lang)]

    def link(self, base: str, lang: str) -> Json:
        """LinkURI. `base` is the address of the service."""
        return {"title": self.named(lang), "identifier": self.identifier, "uri": self.uri(base)}

    def uri(self, base: str) -> str:
        """Its address."""
        return f"{base}/{self.group}/{self.identifier}"

    def whole(self, base: str, lang: str) -> Json:
        """The object."""
        made: Json = {"identifier": self.identifier, "uri": self.uri(base), "title": self.named(lang)}
        meaning = self.meaning.get(best_tag(self.meaning, lang), "")
        if self.group == "CFLicenses":
            made["licenseText"] = meaning
        elif meaning or self.group == "CFItemTypes":
            made["description"] = meaning or made["title"]
        if self.group in ("CFItemTypes", "CFSubjects", "CFConcepts"):
            made["hierarchyCode"] = self.word
        return made | {"lastChangeDateTime": SINCE}


@cache
def terms(group: str) -> Mapping[str, Term]:
    """A vocabulary by its words: CFItemTypes (kinds), CFConcepts (natures), CFSubjects (letters of sections), CFAssociationGroupings (relations)."""
    if group == "CFSubjects":
        found = [
            Term(group, letter, term_id(group, letter), {"fr": fr, "en": en}) for letter, _, _, fr, en in _SECTIONS
        ]
        return {each.word: each for each in found}
    words, addresses = {
        "CFItemTypes": (KINDS, KIND_CLASS),
        "CFConcepts": (NATURES, NATURE),
        "CFAssociationGroupings": (RELATION_TYPES, RELATION_TERM),
    }[group]
    labels, meanings = _ontology()
    return {
        word: Term(group, word, term_id(group, word), labels[addresses[word]], meanings.get(addresses[word], {}))
        for word in words
    }


GROUPS: Final = ("CFConcepts", "CFSubjects", "CFItemTypes", "CFAssociationGroupings")
"""The vocabularies that `terms` knows; licences are those of the schemes."""


def licence(scheme: str, name: str, address: str, attribution: str) -> Term | None:
    """The licence of a scheme, if it has one; the words in which its source wants to be named are part of it."""
    if not name:
        return None
    text = " ".join(filter(None, (f"{name}: {address}." if address else f"{name}.", attribution)))
    return Term("CFLicenses", scheme, term_id("CFLicenses", scheme), {"en": name}, {"en": text})


def section_of(sector: str) -> str:
    """The letter of the section in which a code of NAF or NACE is (`01`, `47.11`, `A.01`), "" for what is none."""
    digits = sector.lstrip("ABCDEFGHIJKLMNOPQRSTU.")[:2]
    return _SECTION_OF.get(int(digits), "") if digits.isascii() and digits.isdecimal() else ""


_Texts = dict[str, dict[str, str]]


@cache
def _ontology() -> tuple[_Texts, _Texts]:
    labels: _Texts = {}
    meanings: _Texts = {}
    for quad in ox.parse(input=ontology_file("wikic.ttl"), format=ox.RdfFormat.TURTLE):
        if not isinstance(quad.object, ox.Literal) or not isinstance(quad.predicate, ox.NamedNode):
            continue
        name = quad.predicate.value.rpartition("#")[2]
        into = labels if name in ("label", "prefLabel") else meanings if name == "definition" else None
        if into is not None and quad.object.language:
            into.setdefault(str(quad.subject), {})[quad.object.language] = quad.object.value
    return labels, meanings
