"""Examples of the linter in the OpenAPI document."""

from __future__ import annotations

from typing import Any, Final

_UUID: Final = "6d1c7c3e-6f0e-5d0c-9a44-0f3f5c1f0b11"
_ESCO: Final = f"http://data.europa.eu/esco/skill/{_UUID}"
_PORTAL: Final = f"https://esco.ec.europa.eu/fr/classification/skill_main?uri={_ESCO}"

LIMITS_EXAMPLE: Final = {
    "document_bytes": 1_000_000,
    "file_bytes": 2_000_000,
    "documents": 500,
    "alignments": 2_000,
    "addresses": 10,
    "reports_a_minute": 60,
}

REPORT: Final[dict[str, Any]] = {
    "documents": [
        {
            "source": None,
            "refused": None,
            "format": "alignments",
            "kind": "alignment",
            "id": None,
            "name": None,
            "lang": None,
            "baked": False,
            "token": False,
            "accepted": True,
            "changed": True,
            "alignments": [
                {
                    "pointer": "/0",
                    "target_url": _PORTAL,
                    "target_name": "pétrir la pâte",
                    "concept": {
                        "uuid": "0f3f5c1f-0b11-5d0c-9a44-6d1c7c3e6f0e",
                        "kind": "skill",
                        "scheme": "esco",
                        "code": None,
                        "iri": _ESCO,
                        "status": "active",
                        "label": "pétrir la pâte",
                    },
                }
            ],
            "findings": [
                {
                    "severity": "warning",
                    "key": "portal",
                    "pointer": "/0/targetUrl",
                    "field": "targetUrl",
                    "message": "the address is that of a portal's page, not of the concept",
                    "about": None,
                    "before": _PORTAL,
                    "after": _ESCO,
                    "repair": "set",
                    "certain": True,
                    "candidates": [],
                }
            ],
            "document": [{"targetName": "pétrir la pâte", "targetUrl": _ESCO}],
        }
    ],
    "counts": {"documents": 1, "alignments": 1, "error": 0, "warning": 1, "note": 0, "repaired": 1},
    "seq": 42,
}
