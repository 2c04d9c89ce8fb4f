"""Examples of totals of awards, the state of deployment and coverage, for the OpenAPI document."""

from __future__ import annotations

from typing import Final

from wikic.web.examples import BRIEF, Json, page

_BADGE: Final = "0190f1d2-7a3b-7c4d-8e5f-0a1b2c3d4e70"
_OTHER: Final = "0190f1d2-7a3b-7c4d-8e5f-0a1b2c3d4e71"
_URL: Final = "https://skills.example.org"
_STAMP: Final = "2026-11-03T09:30:00.000Z"
AWARD: Final[Json] = {
    "badge_class": _BADGE, "issuer": "fournil", "month": "2026-10", "count": 42, "fewer_than": None, "at": _STAMP,
    "reports": [{"count": 42, "by": "ada", "at": _STAMP}],
}  # fmt: skip
AWARDS: Final[Json] = page(AWARD, total=42, hidden=0)
AWARDS_CSV: Final = f"badge_class;month;count\n{_BADGE};2026-10;42\n"
_PART: Final[Json] = {"issuers": 2, "badges": 3, "competencies": 5, "awards": 42, "awards_hidden": 1}
DEPLOYMENT: Final[Json] = {
    "quarter": "2026-Q4",
    "now": True,
    "figures": {
        "issuers": 2, "issuing": 2, "badges": 3, "retired": 1, "bound": 3, "bindings": 6, "competencies": 5, "endorsements": 0, "alike": 1, "awards": 42,
        "awards_hidden": 1, "awards_ever": 120, "awards_ever_hidden": 3, "levels": {"practice:1": 4, "": 2}, "schemes": {"rome": 3, "esco": 2},
    },
    "schemes": [_PART | {"key": "rome"}],
    "territories": [_PART | {"key": "69"}],
    "sectors": [_PART | {"key": "C"}],
    "series": [{"quarter": "2026-Q4", "issuing": 2, "badges": 3, "competencies": 5, "awards": 42, "awards_hidden": 1}],
    "alike": [
        {
            "reason": "same_name",
            "words": "pat petrir",
            "badges": [
                {"id": _BADGE, "name": "Pétrir la pâte", "issuer": "fournil", "issuer_name": "Le Fournil"},
                {"id": _OTHER, "name": "La pâte : pétrir", "issuer": "atelier", "issuer_name": "L'Atelier"},
            ],
        }
    ],
}  # fmt: skip
_REPORT: Final[Json] = {"quarter": "2026-Q4", "address": f"{_URL}/deployment/2026-Q4", "digest": "9f" * 32}
REPORT: Final[Json] = _REPORT | {"body": DEPLOYMENT | {"now": False, "commentary": {"fr": "Un premier état."}, "frozen": _STAMP, "by": "mo"}}
REPORTS: Final[Json] = page(_REPORT | {"frozen": _STAMP, "by": "mo"})
_COVERED: Final[Json] = {"total": 120, "covered": 30, "missing": 90}
COVERAGE: Final[Json] = {"schemes": [_COVERED | {"key": "wiki"}], "branches": [_COVERED | {"concept": BRIEF | {"kind": "skill_group"}, "deeper": True}]}
MISSING: Final[Json] = page(BRIEF) | {"total": 90}
OCCUPATIONS: Final[Json] = page(
    {"occupation": BRIEF | {"kind": "occupation", "nature": None}, "scheme": "wiki", "essential": 12, "covered": 9, "share": 75}
) | {"total": 1}
