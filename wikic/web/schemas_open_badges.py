"""What documents of Open Badges and copy boxes look like, for the OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

from pydantic import Field

from wikic.domain.badges_alignments import BoxFormat, TargetAddress
from wikic.web.examples import BRIEF
from wikic.web.schemas import Shape

Schema = dict[str, Any]

_URL: Final = "https://skills.example.org"
_TEXT: Final[Schema] = {"type": "string"}
_TYPES: Final[Schema] = {"type": "array", "items": _TEXT, "minItems": 1}
_CONTEXTS: Final[Schema] = {"type": "array", "items": _TEXT}


def _object(required: Schema, **more: Schema) -> Schema:
    return {"type": "object", "properties": required | more, "required": list(required)}


_ENDORSEMENTS: Final[Schema] = {"type": "array", "items": _TEXT}
_CRITERIA: Final = _object({"id": _TEXT}, narrative=_TEXT)
_ALIGNMENT2: Final = _object({"targetName": _TEXT, "targetUrl": _TEXT}, targetDescription=_TEXT, targetFramework=_TEXT, targetCode=_TEXT)
_ALIGNMENT3: Final = _object(
    {"type": _TYPES, "targetName": _TEXT, "targetUrl": _TEXT, "targetType": _TEXT}, targetDescription=_TEXT, targetFramework=_TEXT, targetCode=_TEXT
)
OB2_BADGE: Final = _object(
    {"@context": _TEXT, "id": _TEXT, "type": {"const": "BadgeClass"}, "name": _TEXT, "description": _TEXT, "image": _TEXT, "issuer": _TEXT},
    criteria=_CRITERIA,
    alignment={"type": "array", "items": _ALIGNMENT2},
    endorsement=_ENDORSEMENTS,
)
OB2_ISSUER: Final = _object(
    {"@context": _TEXT, "id": _TEXT, "type": {"const": "Issuer"}, "name": _TEXT, "url": _TEXT}, email=_TEXT, description=_TEXT,
    endorsement=_ENDORSEMENTS,
)  # fmt: skip
OB3_PROFILE: Final = _object(
    {"@context": _CONTEXTS, "id": _TEXT, "type": _TYPES, "name": _TEXT, "url": _TEXT}, email=_TEXT, description=_TEXT, endorsementJwt=_ENDORSEMENTS
)
OB3_ACHIEVEMENT: Final = _object(
    {"@context": _CONTEXTS, "id": _TEXT, "type": _TYPES, "name": _TEXT, "description": _TEXT, "criteria": _CRITERIA, "creator": {"type": "object"}},
    alignment={"type": "array", "items": _ALIGNMENT3},
    endorsementJwt=_ENDORSEMENTS,
)


class RemarkShape(Shape):
    """Something that does not fit a platform, or that one has to know."""

    key: str
    text: str


class AlignmentShape(Shape):
    """What is copied into a badge tool."""

    format: BoxFormat
    address: TargetAddress
    release: str | None = Field(description="As of which release the values are; null for now, or for several.")
    level: str
    alignments: list[dict[str, Any]] = Field(description="The alignments, as the platform writes them.")
    text: str = Field(description="What is pasted: JSON, or lines for a form.")
    remarks: list[RemarkShape]
    left_out: int = Field(description="How many alignments the platform does not take.")


_OURS: Final[Schema] = {
    "type": ["Alignment"],
    "targetName": "pétrir la pâte",
    "targetUrl": f"{_URL}/c/{BRIEF['uuid']}",
    "targetFramework": "Wiki-C 2026",
    "targetType": "CFItem",
}
ALIGNMENT: Final[Schema] = {
    "format": "ob3",
    "address": "permanent",
    "release": "2026",
    "level": "",
    "alignments": [_OURS],
    "text": '{"alignment": [...]}',
    "remarks": [],
    "left_out": 0,
}
