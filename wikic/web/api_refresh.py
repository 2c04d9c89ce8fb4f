"""The API of what releases ask of badge classes: lines, rehearsals, treatments, what is hosted elsewhere, objections; and awards that are checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from itertools import chain, islice
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response, UploadFile
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from wikic.domain.access import Actor, require_known
from wikic.domain.delta import DeltaType, Severity
from wikic.domain.open_badges_files import LARGEST_FILE, Found, checked, open_file, open_text
from wikic.domain.refreshing import Advice, LineState
from wikic.errors import InvalidInput, TooLarge
from wikic.services.refreshing import figures_of
from wikic.services.refreshing_lines import RefreshLine, WantedLines
from wikic.services.refreshing_parts import RefreshServices
from wikic.text.tables import lines_of
from wikic.web import examples_refresh as examples
from wikic.web import schemas_refresh as shapes
from wikic.web.acting import CurrentActor, actor_of
from wikic.web.api_badges import Cursor, Limit, listed, read_answers
from wikic.web.api_proposals_tools import answers, list_answer, private_answer
from wikic.web.dependencies import ReadingService, public_url
from wikic.web.downloads import attachment
from wikic.web.linting_tools import allowed
from wikic.web.openapi import Responses, refusals
from wikic.web.refresh_services import (
    COLUMNS,
    Refresh,
    award_body,
    badge_names,
    csv_rows,
    line_bodies,
    read_body,
    rehearsed,
    treated_body,
)
from wikic.web.schemas import PageShape
from wikic.web.schemas_releases import RemarkShape

router = APIRouter(prefix="/api/v1", tags=["badges"])

_NOT_KEPT: Final = "private, no-store"
_TOGETHER: Final = 500


def _known(actor: CurrentActor) -> Actor:
    require_known(actor)
    return actor


KnownActor = Annotated[Actor, Depends(_known)]
ReleaseName = Annotated[str, Query(max_length=64)]
IssuerName = Annotated[str, Query(max_length=60)]
Lang = Annotated[str, Query(description="The language of names and reasons.", pattern="^(fr|en)$")]


def _wanted(
    state: LineState | None = None,
    severity: Severity | None = None,
    advice: Advice | None = None,
    change: Annotated[DeltaType | None, Query(description="A type of change.")] = None,
    badge_class: Annotated[str, Query(max_length=60)] = "",
) -> WantedLines:
    return WantedLines(state or "", severity or "", advice or "", change or "", badge_class)


Wanted = Annotated[WantedLines, Depends(_wanted)]


@router.get(
    "/refresh",
    operation_id="list_refresh_lines",
    summary="What releases ask of one's badge classes, the gravest first",
    response_model=None,
    responses=read_answers(PageShape[shapes.LineShape], examples.LINES, 404),
)
def list_refresh_lines(
    request: Request,
    reading: ReadingService,
    refresh: Refresh,
    actor: KnownActor,
    wanted: Wanted,
    release: ReleaseName = "",
    issuer: IssuerName = "",
    language: Lang = "fr",
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Response:
    def make(after: str) -> tuple[list[Any], str, dict[str, Any]]:
        page = refresh.lines.page(actor, wanted, issuer=issuer, release=release, after=after, limit=limit)
        return line_bodies(refresh, page.items, language, badge_names(refresh, page.items)), page.next, {}

    return listed(request, reading, f"refresh|{release}|{issuer}|{wanted.listing()}", cursor, make)


_CSV: Final[Responses] = {
    200: {"description": "One row a line.", "content": {"text/csv": {"schema": {"type": "string"}}}},
    **refusals(400, 401, 404, 503),
}


@router.get("/refresh.csv", operation_id="download_refresh_lines", summary="The same as a table", response_model=None, responses=_CSV)
def download_refresh_lines(
    refresh: Refresh, actor: KnownActor, wanted: Wanted, release: ReleaseName = "", issuer: IssuerName = "", language: Lang = "fr"
) -> Response:
    lines = refresh.lines.all(actor, wanted, issuer=issuer, release=release)
    # What is wrong with the question is said before the answer begins.
    first = list(islice(lines, 1))
    parts = _table(refresh, chain(first, lines), language)
    name = "-".join(filter(None, ("refresh", release, issuer)))
    headers = {"Content-Disposition": attachment(f"{name}.csv"), "Cache-Control": _NOT_KEPT}
    return StreamingResponse(parts, 200, headers, "text/csv; charset=utf-8")


@router.get(
    "/refresh/rehearsal",
    operation_id="rehearse_release",
    summary="What a candidate (or, for who may release, the present state) would ask of badge classes",
    response_model=None,
    responses=read_answers(shapes.RehearsalShape, examples.REHEARSAL, 404),
)
def rehearse_release(
    request: Request,
    reading: ReadingService,
    refresh: Refresh,
    actor: KnownActor,
    release: ReleaseName = "",
    issuer: IssuerName = "",
    language: Lang = "fr",
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Response:
    report = refresh.refreshing.rehearsal(release, actor)
    lines = report.of([issuer]) if issuer else report.lines

    def make(after: str) -> tuple[list[Any], str, dict[str, Any]]:
        start = int(after) if after.isdecimal() else 0
        part = rehearsed(report, lines[start : start + limit])
        following = str(start + limit) if start + limit < len(lines) else ""
        extra = {"release": release, "before": report.before, "figures": asdict(figures_of(lines))}
        return line_bodies(refresh, part, language, badge_names(refresh, part)), following, extra

    return listed(request, reading, f"rehearsal|{release}|{issuer}|{report.seq}", cursor, make)


@router.get(
    "/refresh/standing",
    operation_id="read_refresh_standing",
    summary="How far an issuer is with each release, and which badge classes are due for review",
    response_model=None,
    responses=read_answers(shapes.RefreshStandingShape, examples.STANDING, 404),
)
def read_refresh_standing(
    request: Request, reading: ReadingService, refresh: Refresh, actor: KnownActor, issuer: Annotated[str, Query(max_length=60)]
) -> Response:
    refresh.lines.require_own(issuer, actor)
    items = [asdict(each) for each in refresh.lines.standings(issuer)]
    return list_answer(request, reading, items, due=[asdict(each) for each in refresh.lines.due(issuer)])


@router.post(
    "/refresh/treat",
    operation_id="treat_refresh_lines",
    summary="Keep, update, re-align or retire: lines by their ids, or all open ones of a kind",
    response_model=None,
    responses=answers(shapes.TreatedShape, 409),
)
def treat_refresh_lines(refresh: Refresh, actor: KnownActor, sent: shapes.TreatBody, language: Lang = "fr") -> Response:
    if (sent.lines is None) == (not (sent.issuer and sent.release)):
        raise InvalidInput("give `lines`, or `issuer` and `release`")
    if sent.lines is not None:
        done = refresh.treating.treat(sent.lines, sent.treatment, actor, to=sent.to, note=sent.note, partly=sent.partly)
    else:
        wanted = WantedLines("open", sent.severity or "", sent.advice or "", sent.change or "")
        done = refresh.treating.treat_all(sent.issuer, sent.release, sent.treatment, actor, wanted, note=sent.note)
    return private_answer(treated_body(refresh, done, language))


@router.post(
    "/refresh/read",
    operation_id="read_badges_again",
    summary="Read the addresses of badge classes that are hosted elsewhere, and close the lines whose new alignment is there",
    response_model=None,
    responses=answers(shapes.ReadAgainListShape),
)
def read_badges_again(refresh: Refresh, actor: KnownActor, sent: shapes.ReadBody) -> Response:
    return private_answer(read_body(refresh.elsewhere.read_again(sent.lines, actor)))


@router.get(
    "/refresh/objections",
    operation_id="list_objections",
    summary="What issuers object to a candidate",
    response_model=None,
    responses=read_answers(PageShape[RemarkShape], {"items": [], "next": None, "seq": 12}, 404),
)
def list_objections(request: Request, reading: ReadingService, refresh: Refresh, release: Annotated[str, Query(max_length=64)]) -> Response:
    name = str(reading.release(release)["name"])
    return listed(request, reading, f"objections|{name}", None, lambda _: ([asdict(each) for each in refresh.objecting.list(name)], "", {}))


@router.post(
    "/refresh/objections",
    operation_id="object_to_candidate",
    summary="Object to a candidate because of what it does to badge classes",
    response_model=None,
    responses=answers(RemarkShape, 409),
)
def object_to_candidate(refresh: Refresh, actor: KnownActor, sent: shapes.ObjectionBody) -> Response:
    return private_answer(asdict(refresh.objecting.add(sent.release, sent.issuer, sent.badge_classes, sent.text, actor)))


_AWARD: Final[Responses] = {
    200: {"model": shapes.CheckedAwardShape, "content": {"application/json": {"example": examples.AWARD}}},
    **refusals(400, 401, 413, 429, 503),
}


@router.post(
    "/awards/check",
    operation_id="check_award",
    summary="Hold an award against the framework of today; nothing is kept or fetched",
    response_model=None,
    responses=_AWARD,
)
def check_award(request: Request, refresh: Refresh, actor: CurrentActor, sent: shapes.AwardBody, language: Lang = "fr") -> Response:
    allowed(request)
    found = open_text(sent.award) if isinstance(sent.award, str) else Found(checked(sent.award))
    return _checked(refresh, found, actor, public_url(request), language)


@router.post(
    "/awards/check/file",
    operation_id="check_award_file",
    summary="The same for a file: JSON, a token, PNG or SVG with an award within",
    response_model=None,
    responses=_AWARD,
)
async def check_award_file(request: Request, refresh: Refresh, file: UploadFile, language: Lang = "fr") -> Response:
    data = await file.read(LARGEST_FILE + 1)

    def work() -> Response:
        allowed(request)
        if len(data) > LARGEST_FILE:
            raise TooLarge(f"the file is larger than {LARGEST_FILE:,} bytes")
        return _checked(refresh, open_file(data), actor_of(request), public_url(request), language)

    return await run_in_threadpool(work)


def _checked(refresh: RefreshServices, found: Found, actor: Actor, own: str, lang: str) -> Response:
    answer = private_answer(award_body(refresh.awards.check(found, actor, own, lang=lang), lang))
    answer.headers["Cache-Control"] = _NOT_KEPT
    return answer


def _table(refresh: RefreshServices, lines: Iterator[RefreshLine], lang: str) -> Iterator[bytes]:
    yield lines_of([COLUMNS]).encode()
    while part := list(islice(lines, _TOGETHER)):
        yield lines_of(csv_rows(line_bodies(refresh, part, lang, badge_names(refresh, part)))).encode("utf-8", "replace")
