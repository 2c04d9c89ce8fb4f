"""Examples of badge classes and bindings, for the OpenAPI document."""

from __future__ import annotations

from typing import Final

from wikic.web.examples import BRIEF, Json, page

__all__ = ["BADGE", "page"]

_ID: Final = "0190f1d2-7a3b-7c4d-8e5f-0a1b2c3d4e70"
_URL: Final = "https://skills.example.org"
_STAMP: Final = "2026-01-15T09:30:00.000Z"
_CONTENT: Final[Json] = {
    "name": "Pétrir la pâte",
    "description": "Atteste que la personne pétrit une pâte régulière.",
    "criteria": "Pétrir trois pâtes devant un boulanger.",
    "criteria_address": "",
    "image": "",
    "tags": ["boulangerie"],
    "lang": "fr",
    "validity": 36,
    "review_due": "",
    "achievement_type": "Competency",
    "human_code": "BOUL-1",
    "level": "practice:1",
    "deviates": "",
    "hosted": "here",
    "address": "",
    "format": "",
}
BADGE_BRIEF: Final[Json] = {
    "id": _ID,
    "issuer": "fournil",
    "issuer_name": "Le Fournil",
    "status": "published",
    "number": 1,
    **{name: _CONTENT[name] for name in ("name", "description", "lang", "level", "human_code", "hosted", "address", "review_due")},
    "image_url": f"{_URL}/api/v1/badge-classes/{_ID}/image",
}
BADGE_PAGE: Final[Json] = page(BADGE_BRIEF) | {"total": 1, "facets": {"status": {"published": 1}}}
BADGE: Final[Json] = {
    "id": _ID,
    "issuer": "fournil",
    "issuer_name": "Le Fournil",
    "status": "published",
    "number": 1,
    "content": _CONTENT,
    "draft": None,
    "missing": [],
    "bindings_total": 1,
    "image_url": f"{_URL}/api/v1/badge-classes/{_ID}/image",
    "created": _STAMP,
    "changed": _STAMP,
    "made_by": "ada",
    "published": _STAMP,
    "retired": None,
}
BINDING: Final[Json] = {
    "id": "5c1d9a56-37a9-5a3c-b8de-4b1c0f9a7d44",
    "badge_class": _ID,
    "issuer": "fournil",
    "concept": BRIEF["uuid"],
    "level": "practice:1",
    "seen_name": "pétrir la pâte",
    "since_release": "2026",
    "seen_seq": 7,
    "source": "hand",
    "made_by": "ada",
    "made_at": _STAMP,
    "status": "open",
    "closed_by": None,
    "closed_at": None,
}
VERSION: Final[Json] = {
    "badge_class": _ID,
    "issuer": "fournil",
    "number": 1,
    "content": _CONTENT,
    "bindings": [{name: BINDING[name] for name in ("id", "concept", "level", "seen_name", "since_release", "seen_seq")}],
    "published": _STAMP,
    "by": "ada",
    "why": "published",
    "image_url": f"{_URL}/api/v1/badge-classes/{_ID}/image?version=1",
}
_TARGET: Final[Json] = {
    "concept": BRIEF["uuid"],
    "kind": "skill",
    "scheme": "wiki",
    "status": "active",
    "name": "pétrir la pâte",
    "description": "Travailler farine et eau jusqu'à une pâte lisse.",
    "code": "",
    "framework": "Wiki-C",
    "url": f"{_URL}/c/{BRIEF['uuid']}",
    "pinned_url": f"{_URL}/r/2026/c/{BRIEF['uuid']}",
    "iri": "",
    "lang": "fr",
    "successors": [],
}
BOUND_TARGET: Final[Json] = BINDING | {"target": _TARGET}
BOUND_BADGE: Final[Json] = BINDING | {"badge": BADGE_BRIEF}
SUGGESTIONS: Final[Json] = page(BRIEF | {"score": 0.82, "words": ["pétrir", "pâte"], "fields": ["name", "criteria"]})
ISSUER: Final[Json] = {
    "slug": "fournil",
    "name": "Le Fournil",
    "private": False,
    "profile": {
        "description": "École de boulangerie.",
        "siren": "",
        "siret": "",
        "idcc": ["0843"],
        "territories": ["69"],
        "street": "",
        "postcode": "",
        "city": "Lyon",
        "country": "FR",
        "site": "https://fournil.example.org",
        "email": "badges@fournil.example.org",
        "sectors": ["10.71C"],
        "colours": ["#7b241c"],
    },
    "badge_classes": {"published": 3},
}
CSV: Final = f"badge_class;concept;level\n{_ID};{BRIEF['uuid']};practice:1\n"
