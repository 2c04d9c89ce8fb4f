"""The API of the alignment linter: badge documents in, findings and repaired documents out. No account; nothing is kept."""

from __future__ import annotations

import json
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from wikic.domain.open_badges_files import LARGEST_FILE, open_file
from wikic.errors import InvalidInput, TooLarge
from wikic.services.linting import MOST_ADDRESSES, MOST_DOCUMENTS, Linting, Report, report_body, sent_of
from wikic.web.answers import REVALIDATE, json_answer
from wikic.web.dependencies import public_url
from wikic.web.etags import JSON
from wikic.web.examples_lint import LIMITS_EXAMPLE, REPORT
from wikic.web.linting_tools import LIMITS, allowed
from wikic.web.openapi import Responses, refusals
from wikic.web.schemas import Shape
from wikic.web.schemas_elsewhere import Address

router = APIRouter(prefix="/api/v1", tags=["badges"])

_HEADERS: Final = {"Cache-Control": "private, no-store"}

Lang = Annotated[Literal["fr", "en"], Query(description="The language of names where a badge does not say its own.")]


class LintBody(BaseModel):
    """What is looked at: one of the four."""

    model_config = ConfigDict(extra="forbid")

    document: Any = Field(None, description="A badge document of Open Badges 2.0 or 3.0, a list of alignments, or a signed token.")
    documents: list[Any] | None = Field(None, max_length=MOST_DOCUMENTS, description="Several of them.")
    address: Address | None = Field(None, min_length=1, description="Where a badge is: it is fetched.")
    addresses: list[Address] | None = Field(None, min_length=1, max_length=MOST_ADDRESSES, description="Several addresses.")


class CandidateShape(Shape):
    """A concept that may be meant. `score`: how alike the names are, from 0 to 1; null where it is no matter of names."""

    uuid: str
    label: str
    address: str
    score: float | None


class FindingShape(Shape):
    """Something found. `pointer`: RFC 6901, into the document (of a token: into what it holds); `after`: the repaired value; `certain`: only such repairs
    are in the repaired document."""

    severity: Literal["error", "warning", "note"]
    key: str = Field(description="What it is, stable.")
    pointer: str
    field: str
    message: str
    about: str | None
    before: Any
    after: Any
    repair: Literal["set", "remove", "rename", "wrap"] | None
    certain: bool
    candidates: list[CandidateShape]


class LintConceptShape(Shape):
    """The concept that a repaired alignment leads to."""

    uuid: str
    kind: str
    scheme: str
    code: str | None
    iri: str | None
    status: str
    label: str


class LintAlignmentShape(Shape):
    """An alignment as it was sent, and the concept it means."""

    pointer: str
    target_url: str | None
    target_name: str | None
    concept: LintConceptShape | None


class LintedShape(Shape):
    """One document. `refused`: why it could not be had; `accepted`: nothing in the document itself is an error; `document`: it with all certain repairs."""

    source: str | None
    refused: str | None
    format: str
    kind: str
    id: str | None
    name: str | None
    lang: str | None
    baked: bool = Field(description="It was within an image.")
    token: bool = Field(description="It was within a signed token.")
    accepted: bool
    changed: bool
    alignments: list[LintAlignmentShape]
    findings: list[FindingShape]
    document: Any


class LintCountsShape(Shape):
    """How many."""

    documents: int
    alignments: int
    error: int
    warning: int
    note: int
    repaired: int


class LintReportShape(Shape):
    """The report, as of a number."""

    documents: list[LintedShape]
    counts: LintCountsShape
    seq: int


class LintLimitsShape(Shape):
    """How much is taken at a time."""

    document_bytes: int
    file_bytes: int
    documents: int
    alignments: int
    addresses: int
    reports_a_minute: int = Field(description="From one address, without an account.")


_ANSWERS: Final[Responses] = {
    200: {"model": LintReportShape, "content": {"application/json": {"example": REPORT}}},
    **refusals(400, 401, 413, 429, 503),
}


@router.get(
    "/lint",
    operation_id="lint_limits",
    summary="How much the linter takes at a time",
    response_model=None,
    responses={200: {"model": LintLimitsShape, "content": {"application/json": {"example": LIMITS_EXAMPLE}}}},
)
def lint_limits() -> Response:
    return json_answer(LIMITS, {"Cache-Control": REVALIDATE})


@router.post(
    "/lint",
    operation_id="lint",
    summary="Check and repair the alignments of badge documents; nothing is kept",
    response_model=None,
    responses=_ANSWERS,
)
async def lint(request: Request, body: LintBody, lang: Lang = "fr") -> Response:
    given = body.model_fields_set
    if len(given) != 1 or all(getattr(body, name) is None for name in given):
        raise InvalidInput("give one of `document`, `documents`, `address` and `addresses`")

    def work() -> Response:
        linting, own = allowed(request), public_url(request)
        if body.address is not None or body.addresses is not None:
            return _answer(linting.lint_addresses(body.addresses or [body.address or ""], own, lang=lang), lang)
        return _answer(linting.lint(sent_of(body.documents if body.documents is not None else [body.document]), own, lang=lang), lang)

    return await run_in_threadpool(work)


@router.post(
    "/lint/file",
    operation_id="lint_file",
    summary="The same for a file: JSON, CSV of alignments, PNG or SVG with a badge within",
    response_model=None,
    responses=_ANSWERS,
)
async def lint_file(request: Request, file: UploadFile, lang: Lang = "fr") -> Response:
    data = await file.read(LARGEST_FILE + 1)
    name = (file.filename or "")[:200]
    return await run_in_threadpool(lambda: _answer(opened(allowed(request), data, name, public_url(request), lang), lang))


def opened(linting: Linting, data: bytes, name: str, own: str, lang: str) -> Report:
    """Look at a file. Raises InvalidInput, TooLarge."""
    if len(data) > LARGEST_FILE:
        raise TooLarge(f"the file is larger than {LARGEST_FILE:,} bytes")
    return linting.lint_file(open_file(data), name, own, lang=lang)


def _answer(report: Report, lang: str) -> Response:
    return _json(report_body(report, lang))


def _json(content: Any) -> Response:
    # Not orjson: what was sent goes back as it was, and that knows no numbers beyond 64 bits.
    packed = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(packed, 200, _HEADERS, JSON)
