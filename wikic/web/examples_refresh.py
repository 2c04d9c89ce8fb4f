"""Examples of what releases ask of badge classes, for the OpenAPI document."""

from __future__ import annotations

from typing import Final

from wikic.web.examples import Json, page

_BADGE: Final = "0190f1d2-7a3b-7c4d-8e5f-0a1b2c3d4e70"
_OLD: Final = {"uuid": "6d1c7c3e-6f0e-5d0c-9a44-0f3f5c1f0b11", "name": "pétrir la pâte"}
_NEW: Final = {"uuid": "0f3f5c1f-0b11-5d0c-9a44-6d1c7c3e6f0e", "name": "travailler la pâte"}
_LINE_ID: Final = "5c1d9a56-37a9-5a3c-b8de-4b1c0f9a7d45"
LINE: Final[Json] = {
    "id": _LINE_ID,
    "release": "2027",
    "issuer": "fournil",
    "badge_class": _BADGE,
    "badge_name": "Pétrir la pâte",
    "concept": _OLD,
    "level": "practice:1",
    "binding": "5c1d9a56-37a9-5a3c-b8de-4b1c0f9a7d44",
    "severity": "breaking",
    "advice": "realign",
    "changes": [
        {
            "type": "merged", "severity": "breaking", "field": "status", "lang": None, "before": "active", "after": "deprecated", "old": [],
            "new": [_NEW["uuid"]],
        }
    ],
    "reason": "fusionnée dans « travailler la pâte »",
    "successors": [_NEW],
    "state": "open",
    "opened": "2027-01-15T09:30:00.000Z",
    "by": None,
    "at": None,
    "note": None,
    "treatment": None,
    "made": [],
}  # fmt: skip
LINES: Final[Json] = page(LINE)
FIGURES: Final[Json] = {
    "badge_classes": 1, "issuers": 1, "lines": 1, "severities": {"breaking": 1}, "advices": {"realign": 1}, "types": {"merged": 1},
}  # fmt: skip
REHEARSAL: Final[Json] = page(LINE) | {"release": "2027-rc1", "before": "2026", "figures": FIGURES}
STANDING: Final[Json] = page(
    {
        "release": "2027", "issuer": "fournil", "opened": "2027-01-15T09:30:00.000Z", "lines": 3, "asking": 2,
        "states": {"open": 1, "kept": 1, "updated": 1, "retired": 0},
    },
    due=[{"badge_class": _BADGE, "issuer": "fournil", "name": "Pétrir la pâte", "day": "2027-06-30", "overdue": False}],
)  # fmt: skip
AWARD: Final[Json] = {
    "format": "2.0",
    "kind": "assertion",
    "badge_name": "Pétrir la pâte",
    "badge": {"id": _BADGE, "name": "Pétrir la pâte", "issuer": "fournil", "status": "published", "number": 2},
    "issued": "2026-05-04T10:00:00Z",
    "expires": None,
    "expired": False,
    "accepted": True,
    "signed": False,
    "outcome": "changed",
    "alignments": [
        {
            "pointer": "/badge/alignment/0",
            "name": "pétrir la pâte",
            "state": "replaced",
            "concept": {"uuid": _OLD["uuid"], "label": _OLD["name"], "status": "deprecated"},
            "successors": [{"uuid": _NEW["uuid"], "label": _NEW["name"], "status": "active"}],
            "since": "2027",
            "attested": True,
        }
    ],
}
