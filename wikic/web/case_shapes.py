"""What CASE answers look like, for OpenAPI: the shapes that this service gives, closed, with examples that are made by the service's own code."""

from __future__ import annotations

from typing import Any, Final

from wikic.domain.changes import Identity
from wikic.domain.concepts import ConceptContent
from wikic.domain.ids import concept_uuid, derived_uuid
from wikic.domain.records import Label
from wikic.linked_data.case import Document, Item, Link, Maker
from wikic.linked_data.case_terms import terms
from wikic.web.case_errors import MINOR
from wikic.web.openapi import ETAG, LINK, Responses

Schema = dict[str, Any]

_TEXT: Final[Schema] = {"type": "string"}
_TIME: Final[Schema] = {"type": "string", "format": "date-time"}
_DAY: Final[Schema] = {"type": "string", "format": "date"}
_NUMBER: Final[Schema] = {"type": "integer"}
_FREE: Final[Schema] = {"type": "object", "additionalProperties": True}
_UUID: Final[Schema] = {
    "type": "string",
    "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
}


def _closed(needed: dict[str, Schema], more: dict[str, Schema] | None = None) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": sorted(needed),
        "properties": {**needed, **(more or {})},
    }


def _several(items: Schema) -> Schema:
    return {"type": "array", "items": items}


_LINK: Final = _closed({"title": _TEXT, "identifier": _UUID, "uri": _TEXT})
_NODE: Final = _closed({"title": _TEXT, "identifier": _TEXT, "uri": _TEXT}, {"targetType": _TEXT})
_ALL: Final[dict[str, Schema]] = {"identifier": _UUID, "uri": _TEXT, "lastChangeDateTime": _TIME}

DOCUMENT_NEEDED: Final = ("identifier", "uri", "creator", "title", "lastChangeDateTime", "CFPackageURI")
"""Fields that a CFDocument always has, whatever is asked for."""
_DOCUMENT_MORE: Final[dict[str, Schema]] = {
    "frameworkType": _TEXT,
    "caseVersion": {"type": "string", "enum": ["1.1"]},
    "officialSourceURL": _TEXT,
    "publisher": _TEXT,
    "description": _TEXT,
    "language": _TEXT,
    "version": _TEXT,
    "adoptionStatus": {"type": "string", "enum": ["Draft", "Adopted"]},
    "statusStartDate": _DAY,
    "licenseURI": _LINK,
    "extensions": _FREE,
}
_DOCUMENT_PLAIN: Final = {**_ALL, "creator": _TEXT, "title": _TEXT}
DOCUMENT: Final = _closed({**_DOCUMENT_PLAIN, "CFPackageURI": _LINK}, _DOCUMENT_MORE)
DOCUMENT_FIELDS: Final = (*DOCUMENT_NEEDED, *_DOCUMENT_MORE)
PLAIN_FIELDS: Final = tuple(
    name for name in DOCUMENT_FIELDS if name not in ("CFPackageURI", "licenseURI", "extensions")
)
"""Fields of a CFDocument that lists can be filtered and sorted by."""

_ITEM_MORE: Final[dict[str, Schema]] = {
    "alternativeLabel": _TEXT,
    "CFItemType": _TEXT,
    "humanCodingScheme": _TEXT,
    "conceptKeywords": _several(_TEXT),
    "conceptKeywordsURI": _LINK,
    "notes": _TEXT,
    "subject": _several(_TEXT),
    "subjectURI": _several(_LINK),
    "language": _TEXT,
    "CFItemTypeURI": _LINK,
    "licenseURI": _LINK,
    "statusStartDate": _DAY,
    "statusEndDate": _DAY,
    "extensions": _FREE,
}
ITEM: Final = _closed({**_ALL, "fullStatement": _TEXT, "CFDocumentURI": _LINK}, _ITEM_MORE)
_ASSOCIATION: Final[dict[str, Schema]] = {
    **_ALL,
    "associationType": {"type": "string", "pattern": "^([a-zA-Z]+|ext:[a-zA-Z0-9._-]+)$"},
    "originNodeURI": _NODE,
    "destinationNodeURI": _NODE,
}
_ASSOCIATION_MORE: Final[dict[str, Schema]] = {
    "sequenceNumber": _NUMBER,
    "CFAssociationGroupingURI": _LINK,
    "notes": _TEXT,
    "extensions": _FREE,
}
ASSOCIATION: Final = _closed({**_ASSOCIATION, "CFDocumentURI": _LINK}, _ASSOCIATION_MORE)
_IN_SET: Final = _closed(_ASSOCIATION, _ASSOCIATION_MORE)
ASSOCIATION_SET: Final = _closed({"CFItem": ITEM, "CFAssociations": _several(_IN_SET)})
_NAMED: Final = {**_ALL, "title": _TEXT}
_CODED: Final = _closed({**_NAMED, "hierarchyCode": _TEXT}, {"description": _TEXT})
ITEM_TYPE: Final = _closed({**_NAMED, "hierarchyCode": _TEXT, "description": _TEXT})
LICENSE: Final = _closed({**_NAMED, "licenseText": _TEXT}, {"description": _TEXT})
GROUPING: Final = _closed(_NAMED, {"description": _TEXT})
_LEVEL: Final = _closed(
    _ALL,
    {
        "description": _TEXT,
        "quality": _TEXT,
        "score": {"type": "number"},
        "position": _NUMBER,
        "rubricCriterionId": _UUID,
    },
)
_CRITERION: Final = _closed(
    _ALL,
    {
        "description": _TEXT,
        "CFItemURI": _LINK,
        "position": _NUMBER,
        "rubricId": _UUID,
        "CFRubricCriterionLevels": _several(_LEVEL),
    },
)
RUBRIC: Final = _closed(_ALL, {"title": _TEXT, "description": _TEXT, "CFRubricCriteria": _several(_CRITERION)})
PACKAGE: Final = _closed(
    {
        "CFDocument": _closed(_DOCUMENT_PLAIN, _DOCUMENT_MORE),
        "CFItems": _several(_closed({**_ALL, "fullStatement": _TEXT}, _ITEM_MORE)),
        "CFAssociations": _several(_IN_SET),
        "CFDefinitions": _closed(
            {},
            {
                "CFConcepts": _several(_CODED),
                "CFSubjects": _several(_CODED),
                "CFLicenses": _several(LICENSE),
                "CFItemTypes": _several(ITEM_TYPE),
                "CFAssociationGroupings": _several(GROUPING),
            },
        ),
        "CFRubrics": _several(RUBRIC),
    }
)
SETS: Final = {"CFConcepts": _CODED, "CFSubjects": _CODED, "CFItemTypes": ITEM_TYPE}
"""Words that are answered within a set of their kind."""
DOCUMENT_SET: Final = _closed({"CFDocuments": _several(DOCUMENT)})
_STATUS: Final = _closed(
    {
        "imsx_codeMajor": {"type": "string", "enum": ["failure", "unsupported"]},
        "imsx_severity": {"type": "string", "enum": ["error"]},
    },
    {
        "imsx_description": _TEXT,
        "imsx_codeMinor": _closed(
            {
                "imsx_codeMinorField": _several(
                    _closed(
                        {
                            "imsx_codeMinorFieldName": _TEXT,
                            "imsx_codeMinorFieldValue": {"type": "string", "enum": list(MINOR)},
                        }
                    )
                )
            }
        ),
    },
)
_REFUSALS: Final = {
    400: "A parameter cannot be understood (`invalid_selection_field`, `invalid_sort_field`).",
    404: "There is no such thing (`unknownobject`), or the identifier is no UUID (`invalid_uuid`).",
    429: "Too many requests (`server_busy`); `Retry-After` says when to try again.",
    503: "Not just now (`server_busy`); `Retry-After` says when to try again.",
}


def set_of(group: str) -> Schema:
    """A set of words of one kind."""
    return _closed({group: _several(SETS[group])})


def answers(schema: Schema, example: Any = None, *, listing: bool = False, moves: bool = False) -> Responses:
    """The answers of one operation."""
    content: Schema = {"schema": schema} | ({"example": example} if example is not None else {})
    headers = {"ETag": ETAG}
    if listing:
        total = {
            "description": "How many there are that fit the filter.",
            "schema": {"type": "string", "pattern": "^[0-9]+$"},
        }
        headers |= {"Link": LINK, "X-Total-Count": total}
    refused: Responses = {
        status: {"description": text, "content": {"application/json": {"schema": _STATUS}}}
        for status, text in _REFUSALS.items()
    }
    moved: Responses = {301: {"description": "It has another identifier: `Location`."}} if moves else {}
    return {
        200: {"description": "As CASE 1.1 writes it.", "headers": headers, "content": {"application/json": content}},
        304: {"description": "The client has it already.", "headers": {"ETag": ETAG}},
        **moved,
        **refused,
    }


def _examples() -> dict[str, Any]:
    time, base = "2026-11-25T00:00:00.000Z", "https://skills.example.org"
    document = Document("rome", "2026", 12, time, "2026-11-25", {"fr": "ROME 4.0"}, None, "")
    maker = Maker(base, document, "fr")
    uuid = concept_uuid("rome:metier:D1102")
    content = ConceptContent(code="D1102", labels=[Label("Boulanger", "fr", "preferred")], sectors=["10"])
    item = maker.item(Item(Identity(uuid, "occupation", "rome"), content, time, time), alone=True)
    origin, other = maker.node(uuid, "Boulanger"), concept_uuid("rome:competence:1")
    link = Link(derived_uuid("example"), "requires", other, "rome", time, importance="key")
    association = maker.association(uuid, origin, link, maker.node(other, "Pétrir une pâte"))
    found: dict[str, Any] = {
        "document": maker.document_object(),
        "package": {
            "CFDocument": maker.document_object(alone=False),
            "CFItems": [{name: value for name, value in item.items() if name != "CFDocumentURI"}],
            "CFAssociations": [association],
            "CFDefinitions": {},
            "CFRubrics": [],
        },
        "item": item,
        "association": association | {"CFDocumentURI": maker.document_link()},
        "associations": {"CFItem": item, "CFAssociations": [association]},
    }
    for group in ("CFConcepts", "CFSubjects", "CFItemTypes", "CFAssociationGroupings"):
        found[group] = next(iter(terms(group).values())).whole(maker.service, "fr")
    return found


EXAMPLES: Final = _examples()
"""By operation."""
