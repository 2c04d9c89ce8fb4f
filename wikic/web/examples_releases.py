"""Examples of bodies about releases, for OpenAPI."""

from __future__ import annotations

from typing import Any, Final

from wikic.web import examples

Json = dict[str, Any]

_DIGEST: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_KEY: Final = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
MANIFEST: Final[Json] = {
    "format": "wikic-manifest-1",
    "canonical_form": 1,
    "release": "2026",
    "space": "public",
    "seq": 12,
    "frozen_at": "2026-01-16T08:00:00.000Z",
    "address": "https://skills.example.org/r/2026/",
    "schemes": {"wiki": {"concepts": 2, "relations": 1, "sha256": _DIGEST}},
    "kinds": {"skill": 1, "skill_group": 1},
    "log": {"changes": 3, "sha256": _DIGEST},
    "files": {"nt.gz": {"sha256": _DIGEST, "size": 20_480}},
    "previous": {"release": "2025", "sha256": _DIGEST},
    "checks": {"blocking": {}, "ours": {"no-definition": 1}, "in_source": {}},
    "public_key": _KEY,
    "signature": "nQ7ZRsxI1Zx1m8q5LwB5R8e0pJ1JwX0cQv8pF1mH3uFz4yX0aQF3bS6sV1p4K2u9nH0jQ6m3b2V5c8wS1t7xBg==",
}
SIGNING_KEY: Final[Json] = {"algorithm": "Ed25519", "key_id": "3b1f0c2a9d8e7f60", "public_key": _KEY}
FIGURES: Final[Json] = {
    "changes": 1,
    "total": 1,
    "types": {"renamed": 1},
    "severities": {"breaking": 0, "notable": 1, "minor": 0},
    "concepts": {"new": 0, "modified": 1, "deprecated": 0, "without_replacement": 0},
    "kinds": {"renamed": {"skill": 1}},
    "fields": {"renamed": {"preferred": 1}},
    "languages": {"en": 1},
}
_CHANGE: Final[Json] = {
    "type": "renamed",
    "severity": "notable",
    "field": "preferred",
    "lang": "en",
    "branch": None,
    "before": "work dough",
    "after": "knead dough",
    "old": [],
    "new": [],
}
_CONCEPT: Final[Json] = examples.BRIEF | {"severity": "notable", "lists": ["modified"], "changes": [_CHANGE]}
DELTA: Final[Json] = examples.page(_CONCEPT, **{"from": 1, "to": 12, "figures": FIGURES})
ENTRY: Final[Json] = {
    "id": "01890a5d-ac96-774b-bcce-b302099a8057",
    "day": "2027-01-15",
    "step": "freeze",
    "release": "2027",
    "text": {"fr": "Gel de la version", "en": "The release is frozen"},
    "version": 1,
}
CALENDAR: Final[Json] = examples.page(ENTRY)
REMARKS: Final[Json] = examples.page(
    {
        "id": "01890a5d-ac96-774b-bcce-b302099a8058",
        "author": "01890a5d-ac96-774b-bcce-b302099a8059",
        "name": "Ada",
        "text": "The new group of bakers reads well.",
        "time": "2026-12-01T08:00:00.000Z",
        "issuer": "",
        "badge_classes": [],
    }
)
