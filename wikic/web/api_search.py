"""The API of search: results with facets, and suggestions as people type. Answered from the index alone."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, Protocol

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from wikic import __version__
from wikic.domain.vocabulary import Kind, Scheme, Status
from wikic.services.reading import Reading
from wikic.services.searching import LONGEST, Filters, Searching, Sought, search_body
from wikic.web import examples
from wikic.web.answers import PRIVATE, REVALIDATE, address_of, json_answer, next_link, state_header
from wikic.web.dependencies import At, CursorParameter, ReadingService, Release
from wikic.web.etags import content_etag, matches
from wikic.web.openapi import reads
from wikic.web.schemas import PageShape, Shape, Texts

PREFIX: Final = "/api/v1"

router = APIRouter(prefix=PREFIX, tags=["concepts"])


class MatchShape(Shape):
    """The label that matched."""

    value: str
    lang: str
    type: Literal["preferred", "alternative", "hidden"]
    marks: list[list[int]] = Field(description="Ranges of characters that match, each [start, end), in order.")


class ResultShape(Shape):
    """A concept that was found."""

    uuid: str
    kind: Kind
    scheme: str
    code: str | None
    status: Status
    preferred_label: Texts
    label: MatchShape | None
    score: float = Field(description="Bigger is better; comparable within one answer only.")


class FacetsShape(Shape):
    """How many results there are by kind and by scheme, each counted without its own filter."""

    kind: dict[str, int]
    scheme: dict[str, int]


class ResultPageShape(PageShape[ResultShape]):
    """Results."""

    facets: FacetsShape
    total: int


class SuggestionsShape(PageShape[ResultShape]):
    """Suggestions."""


RESULT: Final[dict[str, Any]] = {
    name: examples.BRIEF[name] for name in ("uuid", "kind", "scheme", "code", "status", "preferred_label")
} | {
    "label": {"value": "knead dough", "lang": "en", "type": "preferred", "marks": [[0, 5], [6, 11]]},
    "score": 1.42,
}
RESULTS: Final = examples.page(RESULT, facets={"kind": {"skill": 1}, "scheme": {"wiki": 1}}, total=1)
SUGGESTIONS: Final = examples.page(RESULT)


class SearchServices(Protocol):
    """What search needs of an opened store; `bootstrap.App` is one."""

    @property
    def searching(self) -> Searching: ...


def _searching(request: Request) -> Searching:
    services: SearchServices = request.app.state.services
    return services.searching


SearchingService = Annotated[Searching, Depends(_searching)]
Words = Annotated[
    str,
    Query(
        description="Words in any order, a code (`M1805`), or a source address.",
        min_length=1,
        max_length=LONGEST,
        examples=["boulanger"],
    ),
]
LabelLang = Annotated[
    str | None,
    Query(
        description="Search the labels of this language only.",
        pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$",
        max_length=35,
        examples=["fr"],
    ),
]


@router.get(
    "/search",
    operation_id="search",
    summary="Search by words, with the label that matched",
    response_model=None,
    responses=reads(ResultPageShape, RESULTS, 404, listing=True),
)
async def search(
    request: Request,
    searching: SearchingService,
    reading: ReadingService,
    q: Words,
    lang: LabelLang = None,
    kind: Kind | None = None,
    scheme: Scheme | None = None,
    status: Status | None = None,
    release: Release = None,
    at: At = None,
    cursor: CursorParameter = None,
    limit: Annotated[int, Query(description="How many results, at most.", ge=1, le=100)] = 20,
) -> Response:
    filters = Filters(lang or "", kind or "", scheme or "", status or "")

    def work() -> Response:
        _refuse_hidden(reading, release)
        sought = searching.sought(release, at, cursor)
        headers = _headers(request, sought)
        if _has(request, headers):
            return Response(status_code=304, headers=headers)
        page = searching.results(q, filters, sought, cursor=cursor, limit=limit)
        if page.next is not None:
            headers["Link"] = next_link(request, page.next)
        return json_answer(search_body(page, sought), headers)

    return await run_in_threadpool(work)


@router.get(
    "/suggest",
    operation_id="suggest",
    summary="What may be meant by the beginning of a query",
    response_model=None,
    responses=reads(SuggestionsShape, SUGGESTIONS, 404),
)
async def suggest(
    request: Request,
    searching: SearchingService,
    reading: ReadingService,
    q: Words,
    lang: LabelLang = None,
    kind: Kind | None = None,
    scheme: Scheme | None = None,
    release: Release = None,
    at: At = None,
    limit: Annotated[int, Query(description="How many suggestions, at most.", ge=1, le=50)] = 10,
) -> Response:
    filters = Filters(lang or "", kind or "", scheme or "")

    def work(sought: Sought) -> Response:
        headers = _headers(request, sought)
        if _has(request, headers):
            return Response(status_code=304, headers=headers)
        items = searching.suggestions(q, filters, sought, limit=limit)
        return json_answer({"items": items, "next": None, "seq": sought.moment.seq}, headers)

    # A suggestion takes about a millisecond: a thread would cost as much again.
    known = searching.known(release, at)
    if known is not None:
        return work(known)

    def slow() -> Response:
        _refuse_hidden(reading, release)
        return work(searching.sought(release, at))

    return await run_in_threadpool(slow)


def _refuse_hidden(reading: Reading, release: str | None) -> None:
    """Raise UnknownRelease for what this reader may not see; search itself does not know who asks."""
    if release is not None:
        reading.moment(release)


def _headers(request: Request, sought: Sought) -> dict[str, str]:
    """The tag changes with what the index has reached too: how rare a word is counts. So no answer is kept for ever."""
    tag = content_etag("\n".join((sought.version, address_of(request), __version__)).encode("utf-8", "replace"))
    moment = sought.moment
    kept = PRIVATE if moment.state and not moment.pinned else REVALIDATE
    return {"ETag": tag, "Cache-Control": kept, "Wiki-C-Seq": str(moment.head)} | state_header(moment.state)


def _has(request: Request, headers: dict[str, str]) -> bool:
    return matches(request.headers.get("if-none-match"), headers["ETag"])
