"""Examples of scales and criteria, for the OpenAPI document."""

from __future__ import annotations

from typing import Final

from wikic.web.examples import BRIEF, Json, page

__all__ = ["SCALE", "page"]

_URL: Final = "https://skills.example.org"
_STAMP: Final = "2026-01-15T09:30:00.000Z"
_ID: Final = "1b9a2f5c-64d0-5a8e-9f0f-2f3c7a61b7de"
_PROPOSAL: Final = "0190f1d2-7a3b-7c4d-8e5f-0a1b2c3d4e71"
_PERSON: Final = "0190f1d2-7a3b-7c4d-8e5f-0a1b2c3d4e72"


def _level(number: int, fr: str, en: str) -> Json:
    return {
        "number": number, "level": f"maitrise:{number}", "name": {"fr": fr, "en": en}, "description": {},
        "url": f"{_URL}/scales/maitrise/levels/{number}",
    }  # fmt: skip


SCALE: Final[Json] = {
    "id": "maitrise",
    "name": {"fr": "Maîtrise", "en": "Mastery"},
    "levels": [_level(1, "Débute", "Begins"), _level(2, "Maîtrise", "Masters")],
    "owner": "reseau-badges-lyon",
    "number": 1,
    "used": True,
    "built_in": False,
    "made_by": "ada",
    "created": _STAMP,
    "changed": _STAMP,
}
CRITERIA: Final[Json] = {
    "id": _ID,
    "network": "reseau-badges-lyon",
    "concept": BRIEF["uuid"],
    "scale": "practice",
    "number": 1,
    "levels": {"1": {"fr": "Pétrir trois pâtes devant un boulanger."}, "2": {"fr": "Montrer le geste à deux apprentis."}},
    "changed": _STAMP,
    "by": "ada",
    "proposal": _PROPOSAL,
    "urls": {str(number): f"{_URL}/criteria/{_ID}/levels/{number}" for number in (1, 2)},
}
PROPOSAL: Final[Json] = {
    "id": _PROPOSAL,
    "criteria": _ID,
    **{name: CRITERIA[name] for name in ("network", "concept", "scale", "levels")},
    "state": "accepted",
    "before": {},
    "base": 0,
    "note": "Ce que nos trois centres demandent déjà.",
    "author": _PERSON,
    "author_name": "grace",
    "created": _STAMP,
    "changed": _STAMP,
    "decision": {"by": _PERSON, "name": "ada", "time": _STAMP, "reason": "", "amended": None},
    "comments": [{"by": _PERSON, "name": "ada", "time": _STAMP, "text": "Trois pâtes, oui."}],
}
