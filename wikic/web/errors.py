"""The one place where errors become HTTP: RFC 9457 problems with a stable `type`.

The words come from the error, the slug from its class, the status from the table here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import orjson
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from wikic import errors
from wikic.web.case_errors import is_case, status_info

PROBLEM: Final = "application/problem+json"

STATUS: Final[Mapping[type[errors.WikicError], int]] = {
    errors.WikicError: 500,
    errors.InvalidInput: 400,
    errors.NotFound: 404,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.StaleVersion: 412,
    errors.VersionRequired: 428,
    errors.Throttled: 429,
    errors.TooLarge: 413,
    errors.Conflict: 409,
    errors.SourceError: 400,
    errors.StoreError: 500,
    errors.StoreUnavailable: 503,
    errors.StoreLocked: 503,
    errors.StoreNotReady: 503,
    errors.Busy: 503,
    errors.LeaseLost: 503,
    errors.BackupError: 500,
    errors.IndexBehind: 503,
    errors.OutsideError: 502,
    errors.TargetRefused: 400,
}
"""The status of each class of error; a class that is not here has that of its base."""

TITLES: Final = {
    "error": "Error",
    "invalid-input": "What was sent cannot be understood",
    "not-found": "Not found",
    "unknown-release": "No such release or number",
    "unauthenticated": "Nobody is signed in",
    "forbidden": "Not allowed",
    "stale-version": "Changed by somebody else meanwhile",
    "version-required": "Say which version you have read",
    "throttled": "Too many attempts",
    "too-large": "Too much was sent",
    "not-acceptable": "Not to be had in that form",
    "conflict": "The request contradicts what is there",
    "source-error": "The file cannot be imported",
    "removal-refused": "Too many concepts would be removed",
    "older-version": "Older than what was imported",
    "store-error": "The store cannot do its work",
    "store-unavailable": "The store does not answer",
    "store-locked": "The data folder is held by another process",
    "store-not-ready": "The store is of another version, or empty",
    "busy": "Somebody else is writing",
    "lease-lost": "Another writer took over",
    "backup-error": "The backup cannot be used",
    "index-behind": "The search index is not there yet",
    "outside-error": "Another service does not answer as it should",
    "target-refused": "Wiki-C does not connect to that address",
    "method-not-allowed": "This address does not take that method",
    "too-many-requests": "Too many requests from one address",
    "http-error": "The request was refused",
    "internal-error": "A fault of Wiki-C itself",
}
"""Every slug that may be the end of a `type`, with its title."""

_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_SEND: Final = "send a JSON object, with `Content-Type: application/json`"
_COMPLAINTS: Final = 20
"""How many wrong parameters are named, at most: who sends thousands is not answered with as many."""

_HTTP_SLUGS: Final = {400: "invalid-input", 404: "not-found", 405: "method-not-allowed", 500: "internal-error"}

log = structlog.get_logger(__name__)


def status_of(kind: type[errors.WikicError]) -> int:
    """The HTTP status of a class of error."""
    return next(STATUS[base] for base in kind.__mro__ if base in STATUS)


def error_classes(base: type[errors.WikicError] = errors.WikicError) -> Iterator[type[errors.WikicError]]:
    """The closed tree of `wikic.errors`, from its root."""
    yield base
    for kind in base.__subclasses__():
        if kind.__module__ == errors.__name__:
            yield from error_classes(kind)


def problem(
    request: Request,
    status: int,
    slug: str,
    detail: str,
    headers: Mapping[str, str] | None = None,
    *,
    error: errors.WikicError | None = None,
    **more: Any,
) -> Response:
    """A problem answer; a page for a browser, where the site has pages, which says `error` in its reader's language. `more` are further members of the body."""
    # It is one line, whatever it repeats of what was sent.
    detail = _CONTROLS.sub(" ", detail)
    if is_case(request.url.path):
        return status_info(status, detail, headers, **more)
    page = getattr(request.app.state, "error_page", None)
    answer: Response | None = page(request, status, slug, detail, dict(headers or {}), error) if page is not None else None
    if answer is not None:
        return answer
    body = {
        "type": f"{request.app.state.public_url}/docs/errors#{slug}",
        "title": TITLES[slug],
        "status": status,
        "detail": detail,
        "instance": request.url.path,
        "request_id": request.scope.get("request_id", ""),
        **more,
    }
    packed = orjson.dumps(body, default=str)
    return Response(packed, status, {"Cache-Control": "no-store", **(headers or {})}, PROBLEM)


def install(app: FastAPI) -> None:
    """Answer every error of the application with a problem."""
    app.add_exception_handler(errors.WikicError, _business)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)


def unexpected(request: Request, error: Exception) -> Response:
    """The answer to a fault of our own; the trace goes to the log, under the request's id."""
    log.error("unexpected error", path=request.url.path, method=request.method, exc_info=error)
    detail = "The fault is in the log under this request's id."
    return problem(request, 500, "internal-error", detail)


async def _business(request: Request, error: Exception) -> Response:
    if not isinstance(error, errors.WikicError):
        raise error
    status = status_of(type(error))
    if status >= 500:
        log.error("request failed", path=request.url.path, slug=error.slug, error=error.message)
    headers = {"Retry-After": str(math.ceil(error.retry_after))} if error.retry_after is not None else {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    slug = error.slug if error.slug in TITLES else "error"
    # Where the store runs, who writes and which query was refused is for the log only.
    detail = error.message if status < 500 else TITLES[slug]
    return problem(request, status, slug, detail, headers, error=error)


async def _validation(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    found = _complaints(error.errors())
    more = len(error.errors()) - len(found)
    detail = "; ".join(f"{each['parameter']}: {each['message']}" for each in found) + (f"; and {more} more" if more else "")
    return problem(request, 400, "invalid-input", detail, parameters=found)


async def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    status = error.status_code
    headers = dict(error.headers or {})
    slug = _HTTP_SLUGS.get(status, "http-error")
    detail = str(error.detail)
    if status == 404:
        detail = f"there is nothing at {request.url.path[:200]}: see /docs"
    elif status == 405:
        headers["Allow"] = _allowed(request)
        detail = f"{request.url.path[:200]} takes {headers['Allow']} only"
    elif detail == HTTPStatus(status).phrase:
        detail = TITLES[slug]
    return problem(request, status, slug, detail, headers)


def _allowed(request: Request) -> str:
    """Every method of the address: a route knows its own only, and an address has a route for each."""
    return ", ".join(method for method in _METHODS if any(each.matches(_asked(request, method))[0] == Match.FULL for each in request.app.routes))


def _asked(request: Request, method: str) -> dict[str, Any]:
    return {**request.scope, "method": "GET" if method == "HEAD" else method}


def _complaints(found: Sequence[Any]) -> list[dict[str, str]]:
    return [_complaint(each) for each in found[:_COMPLAINTS]]


def _complaint(found: Any) -> dict[str, str]:
    where, kind, message = tuple(found["loc"]), found["type"], str(found["msg"])
    if kind == "json_invalid":
        message, where = f"{_SEND} (character {where[1]}: {found['ctx']['error']})", ("body",)
    elif where == ("body",) and kind in ("missing", "model_attributes_type"):
        # No body, another thing than an object, or one that is not said to be JSON.
        message = _SEND
    return {"parameter": (".".join(map(str, where[1:])) or str(where[0]))[:200], "message": message}
