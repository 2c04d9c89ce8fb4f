"""Examples of what happens, for the OpenAPI document."""

from __future__ import annotations

from typing import Final

from wikic.web.examples import BRIEF, Json, page

__all__ = ["EVENT", "page"]

EVENT: Final[Json] = {
    "id": "5f3a9c11d2e4.48",
    "kind": "proposal_accepted",
    "time": "2026-01-15T09:30:00.000Z",
    "space": "public",
    "subject": "proposal/0190f1d2-7a3b-7c4d-8e5f-0a1b2c3d4e5f",
    "concepts": [BRIEF["uuid"]],
    "concepts_total": 1,
    "seq": 12,
    "actor": {"id": "0190f1d2-0000-7000-8000-000000000001", "name": "ada"},
    "data": {},
}
