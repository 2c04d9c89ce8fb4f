"""OpenAPI 3.1: what every operation may answer, and the description of the whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel

from wikic import __version__
from wikic.web.errors import PROBLEM
from wikic.web.openapi_links import add_links
from wikic.web.schemas import ProblemShape

Responses = dict[int | str, dict[str, Any]]

DESCRIPTION: Final = """A public, moderated, versioned framework of occupations and competencies.

Every read takes `release=NAME` or `at=SEQ`, else it is of the head, whose number travels in the header `Wiki-C-Seq`.
Lists are `{"items", "next", "seq"}` with a `Link` to the next page; a cursor keeps the list as of one number while the
framework moves on. Answers carry a strong `ETag`; those of a release or a number never change. Errors are RFC 9457
problems (/docs/errors)."""

TAGS: Final = [
    {"name": "concepts", "description": "Occupations, competencies, knowledge, their groups and relations."},
    {"name": "framework", "description": "Schemes, releases, the change log, differences."},
    {"name": "proposals", "description": "Proposing changes, talking about them, deciding on them."},
    {"name": "linked data", "description": "Permanent addresses, in the form that is asked for; whole releases; our terms."},
    {"name": "CASE", "description": "CASE 1.1 of 1EdTech: frameworks for tools that align badges."},
    {"name": "live", "description": "What happens, as it happens: events, watches, webhooks, the audit."},
    {"name": "accounts", "description": "One's own account, people for admins, organisations and their members."},
    {"name": "badges", "description": "Issuers, badge classes with their versions, and the competencies that they attest."},
    {"name": "service", "description": "How the service is."},
]

_SEQ = {"description": "The head's number.", "schema": {"type": "string", "pattern": "^[0-9]+$"}}
ETAG = {"description": "Strong entity tag.", "schema": {"type": "string"}}
LINK = {"description": "RFC 8288: the next page, where there is one.", "schema": {"type": "string"}}
_LOCATION = {"description": "Where the concept is.", "schema": {"type": "string"}}
_PROBLEMS: Final = {
    400: "A parameter, a reference or a cursor cannot be understood.",
    401: "Nobody is signed in, or the session or token is not valid.",
    403: "The one who asks may not do this.",
    404: "There is no such thing as of that moment, or no such release or number.",
    406: "It can be had in other forms only; `available` lists them.",
    409: "Several concepts have that code, or what was asked contradicts what is there.",
    412: "It was changed by somebody else since it was read.",
    413: "What was sent is too large.",
    428: "`If-Match` is missing: say which version was read.",
    429: "Too many of these in a short time; `Retry-After` says when to try again.",
    503: "The store does not answer just now; `Retry-After` says when to try again.",
}


def reads(model: type[BaseModel], example: Any, *problems: int, listing: bool = False) -> Responses:
    """The answers of a read: its body, 304, and these problems (400 and 503 always)."""
    headers = {"ETag": ETAG, "Wiki-C-Seq": _SEQ} | ({"Link": LINK} if listing else {})
    return {
        200: {"model": model, "headers": headers, "content": {"application/json": {"example": example}}},
        304: {"description": "The client has it already.", "headers": {"ETag": ETAG}},
        **refusals(400, *problems, 503),
    }


def refusals(*statuses: int) -> Responses:
    """Problem answers."""
    schema = {"$ref": "#/components/schemas/ProblemShape"}
    return {status: {"description": _PROBLEMS[status], "content": {PROBLEM: {"schema": schema}}} for status in statuses}


def forms(
    medias: Sequence[str], *problems: int, model: type[BaseModel] | None = None, headers: Sequence[str] = ("ETag",)
) -> Responses:
    """The answers of an address that can be had in several media types; JSON is of `model`, what is written in JSON an object or a list, all else text."""
    described = {"ETag": ETAG, "Wiki-C-Seq": _SEQ}
    content: dict[str, Any] = {
        media: {"schema": {"type": ["object", "array"] if media.endswith("+json") else "string"}} for media in medias if media != "application/json"
    }
    if "application/json" in medias and model is None:
        content["application/json"] = {"schema": {"type": "object"}}
    found: Responses = {
        200: {"description": "In the form that was asked for.", "content": content}
        | {"headers": {name: described[name] for name in headers}}
        | ({"model": model} if model is not None else {}),
        304: {"description": "The client has it already.", "headers": {"ETag": ETAG}},
        **refusals(400, *problems, 503),
    }
    return found


def points_to(status: int, description: str, model: type[BaseModel]) -> Responses:
    """An answer that leads to the concept."""
    return {status: {"description": description, "model": model, "headers": {"Location": _LOCATION}}}


def describe(app: FastAPI, public_url: str, routers: Sequence[APIRouter]) -> None:
    """Give the application its OpenAPI document, made once, of the operations of these routers."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app, public_url, routers)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI, public_url: str, routers: Sequence[APIRouter]) -> dict[str, Any]:
    made = get_openapi(
        title="Wiki-C",
        version=__version__,
        summary="Occupations and competencies, by release",
        description=DESCRIPTION,
        routes=app.routes,
        tags=TAGS,
        servers=[{"url": public_url}],
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    examples = _examples(routers)
    for address, path in made["paths"].items():
        if address.startswith("/api/v1/") and "get" in path:
            path["get"]["responses"].setdefault("304", {"description": "The client has it already.", "headers": {"ETag": ETAG}})
        for operation in path.values():
            if operation["operationId"] in examples:
                # `get_openapi` leaves every null out of them.
                body = operation["responses"]["200"]["content"]["application/json"]
                body["example"] = examples[operation["operationId"]]
            for answer in operation["responses"].values():
                content = answer.get("content", {})
                if len(content) > 1 and content.get("application/json") == {"schema": {}}:
                    # What FastAPI takes every answer for that it is told nothing else of.
                    del content["application/json"]
            # A parameter that is wrong is answered 400, by a problem.
            operation["responses"].pop("422", None)
    add_links(made)
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    schemas["ProblemShape"] = ProblemShape.model_json_schema()
    made["components"]["schemas"] = dict(sorted(schemas.items()))
    return made


def _examples(routers: Sequence[APIRouter]) -> dict[str, Any]:
    found = {}
    for route in (route for router in routers for route in router.routes):
        if isinstance(route, APIRoute):
            content = route.responses.get(200, {}).get("content", {})
            if "example" in content.get("application/json", {}):
                found[str(route.operation_id)] = content["application/json"]["example"]
    return found
