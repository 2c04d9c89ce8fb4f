"""How the service is (health, readiness, metrics), and its documentation as plain pages that need no other host."""

from __future__ import annotations

from collections import defaultdict
from html import escape
from typing import Any

import anyio
from fastapi import APIRouter, Request, Response
from starlette.responses import HTMLResponse

from wikic.errors import StoreUnavailable
from wikic.web.answers import json_answer
from wikic.web.dependencies import ReadingService
from wikic.web.errors import TITLES, error_classes, status_of
from wikic.web.instruments import exposition
from wikic.web.openapi import refusals
from wikic.web.schemas import ReadyShape, StateShape

READY_SECONDS = 5.0
"""How long the store may take to answer before this process counts as not ready."""

_NO_STORE = {"Cache-Control": "no-store"}
_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "code{background:#8882;padding:.1em .3em;border-radius:.2em}dt{margin-top:1rem}h2{margin-top:2rem}"
)

router = APIRouter(tags=["service"])


@router.get(
    "/healthz",
    operation_id="health",
    summary="This process answers",
    response_model=None,
    responses={200: {"model": StateShape}},
)
async def health() -> Response:
    return json_answer({"status": "ok"}, _NO_STORE)


@router.get(
    "/readyz",
    operation_id="readiness",
    summary="The store answers",
    response_model=None,
    responses={200: {"model": ReadyShape}, **refusals(503)},
)
async def readiness(reading: ReadingService) -> Response:
    seq: int | None = None
    with anyio.move_on_after(READY_SECONDS):
        seq = await anyio.to_thread.run_sync(reading.ready, abandon_on_cancel=True)
    if seq is None:
        raise StoreUnavailable(f"the store did not answer within {READY_SECONDS:.0f} s")
    return json_answer({"status": "ok", "seq": seq}, _NO_STORE)


@router.get("/metrics", operation_id="metrics", summary="Prometheus metrics", include_in_schema=False)
def metrics(request: Request) -> Response:
    text, media = exposition(request.app.state.metrics_folder)
    return Response(text, headers=_NO_STORE | {"Content-Type": media})


@router.get("/docs", include_in_schema=False)
def documentation(request: Request) -> Response:
    document: dict[str, Any] = request.app.openapi()
    groups: dict[str, list[str]] = defaultdict(list)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            groups[operation["tags"][0]].append(_operation(method, path, operation))
    parts = [f"<p>{escape(part)}</p>" for part in document["info"]["description"].split("\n\n")]
    parts.append('<p>For programs: <a href="/openapi.json">openapi.json</a>. <a href="/docs/errors">Errors</a>.</p>')
    for tag in document["tags"]:
        if tag["name"] in groups:
            parts.append(f"<h2>{escape(tag['name'].capitalize())}</h2><p>{escape(tag['description'])}</p><dl>")
            parts += groups[tag["name"]]
            parts.append("</dl>")
    return _html("The API of Wiki-C", "".join(parts))


@router.get("/docs/errors", include_in_schema=False)
def error_documentation() -> Response:
    rows = []
    documented = {kind.slug: kind for kind in error_classes()}
    for slug, title in TITLES.items():
        kind = documented.get(slug)
        more = f" ({status_of(kind)}). {escape(' '.join((kind.__doc__ or '').split()))}" if kind is not None else "."
        rows.append(f'<dt id="{slug}"><code>{slug}</code></dt><dd>{escape(title)}{more}</dd>')
    return _html("Errors", f"<p>The end of the <code>type</code> of a problem (RFC 9457).</p><dl>{''.join(rows)}</dl>")


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    rows = "".join(
        f"<li><code>{escape(each['name'])}</code>{' (needed)' if each.get('required') else ''}"
        f" {escape(each.get('description', ''))}</li>"
        for each in operation.get("parameters", ())
    )
    name = f'<dt id="{escape(operation["operationId"])}"><code>{method.upper()} {escape(path)}</code></dt>'
    return f"{name}<dd>{escape(operation['summary'])}.<ul>{rows}</ul></dd>"


def _html(title: str, body: str) -> Response:
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
    page = (
        f'<!doctype html><html lang="en"><head>{head}<style>{_STYLE}</style></head><body><main><h1>{escape(title)}</h1>'
    )
    return HTMLResponse(f"{page}{body}</main></body></html>", headers={"Cache-Control": "no-cache"})
