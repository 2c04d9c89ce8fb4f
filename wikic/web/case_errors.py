"""Errors as CASE writes them: `imsx_StatusInfo`, for all addresses of that service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson
from fastapi import Response

from wikic.linked_data.case import PREFIX

INVALID_FIELD: Final = "invalid_selection_field"
INVALID_SORT: Final = "invalid_sort_field"
INVALID_UUID: Final = "invalid_uuid"
MINOR: Final = (
    "forbidden", "fullsuccess", "internal_server_error", INVALID_FIELD, INVALID_SORT, INVALID_UUID, "server_busy",
    "unauthorised_request", "unknownobject",
)  # fmt: skip
"""Every code that CASE knows."""

_BY_STATUS: Final = {
    400: INVALID_FIELD,
    401: "unauthorised_request",
    403: "forbidden",
    404: "unknownobject",
    405: "forbidden",
    406: INVALID_FIELD,
    429: "server_busy",
    503: "server_busy",
}


def is_case(path: str) -> bool:
    """Whether an address belongs to the service."""
    return path == PREFIX or path.startswith(f"{PREFIX}/")


def status_info(
    status: int, detail: str, headers: Mapping[str, str] | None = None, minor: str = "", parameters: Any = ()
) -> Response:
    """The answer to what cannot be done. `minor`: one of MINOR, by default that of the status; `parameters` are those that were wrong."""
    if not minor and any(each.get("parameter") in ("sort", "orderBy") for each in parameters):
        minor = INVALID_SORT
    said = minor or _BY_STATUS.get(status, "internal_server_error" if status >= 500 else INVALID_FIELD)
    body = {
        "imsx_codeMajor": "unsupported" if status in (405, 406) else "failure",
        "imsx_severity": "error",
        "imsx_description": detail,
        "imsx_codeMinor": {
            "imsx_codeMinorField": [{"imsx_codeMinorFieldName": "TargetEndSystem", "imsx_codeMinorFieldValue": said}]
        },
    }
    return Response(orjson.dumps(body), status, {"Cache-Control": "no-store", **(headers or {})}, "application/json")
