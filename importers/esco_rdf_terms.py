"""The words of ESCO's RDF: which predicate and class means what to `esco_rdf_reading`.

Every predicate has a small number, its action; ranges of numbers are read alike. What is not here is counted as
unknown.
"""

from __future__ import annotations

from typing import Final

from wikic.domain.ids import ESCO
from wikic.domain.vocabulary import ALTERNATIVE, HIDDEN, PREFERRED

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
SKOSXL: Final = "http://www.w3.org/2008/05/skos-xl#"
DCT: Final = "http://purl.org/dc/terms/"
MODEL: Final = ESCO + "model#"
ISO_THES: Final = "http://purl.org/iso25964/skos-thes#"

IGNORE: Final = 0
TYPE: Final = 1

PREF: Final = 2
ALT: Final = 3
HIDE: Final = 4
LABELS: Final = {PREF: PREFERRED, ALT: ALTERNATIVE, HIDE: HIDDEN}

DEFINITION: Final = 5
SOURCE_DEFINITION: Final = 6
SCOPE_NOTE: Final = 7
NOTE: Final = 8
REGULATED: Final = 9
TITLE: Final = 10
LAST_LANGUAGE_ROW: Final = TITLE
"""Actions up to here have a value with a language: a literal, or the address of a label or node literal."""
TEXTS: Final = {
    DEFINITION: "definition",
    SOURCE_DEFINITION: "source_definition",
    SCOPE_NOTE: "scope_note",
    NOTE: "note",
    REGULATED: "regulated_profession_note",
}

FORM: Final = 20
NODE_TEXT: Final = 21
ROLE: Final = 22
LANGUAGE: Final = 23
LEFT_OUT: Final = 24
"""A form in a language that was not asked for."""

OWNER: Final = 30
TARGET: Final = 31
LINK_TYPE: Final = 32
HAS_ASSOCIATION: Final = 33
LAST_ASSOCIATION_ROW: Final = 39

ESSENTIAL_FOR: Final = 40
OPTIONAL_FOR: Final = 41
NEEDS_ESSENTIAL: Final = 42
NEEDS_OPTIONAL: Final = 43
LAST_SKILL_LINK: Final = 49

SKILL_TYPE: Final = 50
REUSE_LEVEL: Final = 51
STATUS: Final = 52
MODIFIED: Final = 53
REFERENCE_LANGUAGE: Final = 54
NOTATION: Final = 55
IN_SCHEME: Final = 56
SECTOR: Final = 57
ISCO_GROUP: Final = 58
REGULATED_PROFESSION: Final = 59

BROADER: Final = 70
REPLACED_BY: Final = 72
LINKS: Final = {
    BROADER: "broader",
    71: "related",
    REPLACED_BY: "replaced_by",
    73: "exact_match",
    74: "close_match",
    75: "broad_match",
    76: "narrow_match",
}

NARROWER: Final = 80
REPLACES: Final = 81
INVERSES: Final = {NARROWER: BROADER, REPLACES: REPLACED_BY}
DERIVED: Final = 90
"""Follows from other statements: counted, not kept."""

ACTIONS: Final[dict[str, int]] = {
    RDF + "type": TYPE,
    SKOS + "prefLabel": PREF,
    SKOS + "altLabel": ALT,
    SKOS + "hiddenLabel": HIDE,
    SKOSXL + "prefLabel": PREF,
    SKOSXL + "altLabel": ALT,
    SKOSXL + "hiddenLabel": HIDE,
    DCT + "description": DEFINITION,
    SKOS + "definition": SOURCE_DEFINITION,
    SKOS + "scopeNote": SCOPE_NOTE,
    SKOS + "note": NOTE,
    SKOS + "editorialNote": NOTE,
    SKOS + "example": NOTE,
    SKOS + "changeNote": NOTE,
    SKOS + "historyNote": NOTE,
    MODEL + "additionalNote": NOTE,
    MODEL + "regulatedProfessionNote": REGULATED,
    DCT + "title": TITLE,
    SKOSXL + "literalForm": FORM,
    MODEL + "nodeLiteral": NODE_TEXT,
    MODEL + "hasLabelRole": ROLE,
    MODEL + "language": LANGUAGE,
    MODEL + "isAssociationFor": OWNER,
    MODEL + "target": TARGET,
    DCT + "type": LINK_TYPE,
    MODEL + "hasAssociation": HAS_ASSOCIATION,
    MODEL + "targetFramework": IGNORE,
    MODEL + "isEssentialSkillFor": ESSENTIAL_FOR,
    MODEL + "isOptionalSkillFor": OPTIONAL_FOR,
    MODEL + "relatedEssentialSkill": NEEDS_ESSENTIAL,
    MODEL + "relatedOptionalSkill": NEEDS_OPTIONAL,
    MODEL + "skillType": SKILL_TYPE,
    MODEL + "skillReuseLevel": REUSE_LEVEL,
    ISO_THES + "status": STATUS,
    DCT + "modified": MODIFIED,
    MODEL + "referenceLanguage": REFERENCE_LANGUAGE,
    SKOS + "notation": NOTATION,
    SKOS + "inScheme": IN_SCHEME,
    MODEL + "hasNACECode": SECTOR,
    MODEL + "memberOfISCOGroup": ISCO_GROUP,
    SKOS + "broader": BROADER,
    SKOS + "related": 71,
    MODEL + "replacedBy": REPLACED_BY,
    DCT + "isReplacedBy": REPLACED_BY,
    SKOS + "exactMatch": 73,
    SKOS + "closeMatch": 74,
    SKOS + "broadMatch": 75,
    SKOS + "narrowMatch": 76,
    SKOS + "narrower": NARROWER,
    MODEL + "replaces": REPLACES,
    DCT + "replaces": REPLACES,
    SKOS + "topConceptOf": DERIVED,
    SKOS + "hasTopConcept": DERIVED,
    SKOS + "broaderTransitive": DERIVED,
    SKOS + "narrowerTransitive": DERIVED,
}

NODE_CLASSES: Final = frozenset({SKOSXL + "Label", MODEL + "Label", MODEL + "NodeLiteral", MODEL + "AssociationObject"})
CONCEPT_CLASSES: Final = {
    MODEL + "Occupation": "Occupation",
    MODEL + "Skill": "Skill",
    MODEL + "SkillGroup": "SkillGroup",
    MODEL + "MemberConcept": "MemberConcept",
    MODEL + "Concept": "Concept",
    SKOS + "Concept": "Concept",
    SKOS + "ConceptScheme": "ConceptScheme",
    MODEL + "ConceptScheme": "ConceptScheme",
}
