"""Permanent addresses: concepts, releases, the catalogue and our terms, in the form that is asked for.

Flow: suffix or `Accept` -> form -> `services.reading` (JSON, as the API gives it) or `services.publishing` (RDF). Pages are made by whoever sets
`app.state.concept_page` (and `release_page`, `catalog_page`); until then a browser is answered in JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final, Literal, Protocol
from urllib.parse import quote

import orjson
from fastapi import APIRouter, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, RedirectResponse, StreamingResponse

from wikic.domain.ids import is_uuid
from wikic.errors import NotFound
from wikic.services.publishing import CSV, DOWNLOADS, Publishing
from wikic.services.reading import Found, Reading
from wikic.services.reading_moments import Moment
from wikic.web.answers import REVALIDATE, address_of, read_headers, state_header
from wikic.web.dependencies import Lang, ReadingService, public_url
from wikic.web.errors import problem
from wikic.web.etags import JSON, concept_etag, content_etag, matches
from wikic.web.kept import KeptAnswers
from wikic.web.negotiation import Form, choose, named
from wikic.web.openapi import forms, points_to
from wikic.web.schemas import ConceptShape, LocationShape

FORMS: Final = (
    Form("json", JSON),
    Form("html", "text/html"),
    Form("jsonld", "application/ld+json"),
    Form("ttl", "text/turtle"),
    Form("rdf", "application/rdf+xml"),
    Form("nt", "application/n-triples"),
)
"""What concepts, releases and the catalogue can be had as; the first wins where a client has no preference."""
RDF_FORMS: Final = (FORMS[3], FORMS[2], FORMS[4], FORMS[5])

_VARY: Final = {"Vary": "Accept, Accept-Language"}
_GZIP: Final = "application/gzip"
_ZIP: Final = "application/zip"
_DOWNLOAD_MEDIAS: Final = ("text/turtle", "application/ld+json", "application/n-triples")

ConceptPage = Callable[[Request, Found, Moment], Response]
"""Makes the page of a found concept as of a moment; the release, if any, is in the path. Runs in a thread."""
Name = Annotated[str, Path(description="A uuid, with or without a suffix such as `.ttl`.", max_length=100)]
ReleaseName = Annotated[str, Path(description="A release.", max_length=64, examples=["2026"])]
Labels = Annotated[Literal["xl"] | None, Query(description="xl: every label also as a SKOS-XL label, with its roles.")]

router = APIRouter(tags=["linked data"])

_MEDIAS = [form.media for form in FORMS]
_RDF_MEDIAS = [form.media for form in RDF_FORMS]
_MOVED = points_to(301, "The uuid is an alias: where the concept is.", LocationShape)


class Services(Protocol):
    """What these addresses need of an opened store; `bootstrap.App` is one."""

    @property
    def reading(self) -> Reading: ...
    @property
    def publishing(self) -> Publishing: ...


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


@router.get(
    "/c/{name}",
    operation_id="concept_document",
    summary="A concept under its permanent address: a uuid, and .json, .ttl, .jsonld, .rdf, .nt or .html for one form",
    response_model=None,
    responses=forms(_MEDIAS, 404, 406, model=ConceptShape, headers=("ETag", "Wiki-C-Seq")) | _MOVED,
)
async def concept(
    request: Request, reading: ReadingService, name: Name, lang: Lang = None, labels: Labels = None
) -> Response:
    return await _concept(request, reading, name, None, lang, xl=labels == "xl")


@router.get(
    "/r/{release}/c/{name}",
    operation_id="pinned_concept_document",
    summary="The same as it was in a release; never changes",
    response_model=None,
    responses=forms(_MEDIAS, 404, 406, model=ConceptShape, headers=("ETag", "Wiki-C-Seq")) | _MOVED,
)
async def pinned_concept(
    request: Request, reading: ReadingService, release: ReleaseName, name: Name, lang: Lang = None, labels: Labels = None
) -> Response:
    return await _concept(request, reading, name, release, lang, xl=labels == "xl")


async def _concept(
    request: Request, reading: Reading, name: str, release: str | None, lang: str | None, *, xl: bool
) -> Response:
    uuid, dot, suffix = name.partition(".")
    if not is_uuid(uuid):
        raise NotFound(
            f"{name[:100]!r} is no address of a concept: /c/ and a uuid, and .json, .ttl ... for one form of it", reason="concept-address", name=name[:100]
        )
    form = named(FORMS, suffix) if dot else choose(FORMS, request.headers.get("accept"))
    if form is None:
        return _unacceptable(request, f"{_prefix(release)}/c/{uuid.lower()}", FORMS)
    if form.suffix == "html" and _page(request, "concept_page") is None:
        form = FORMS[0]
    services, base = _services(request), public_url(request)

    def etag_of(moment: Moment, seq: int) -> str:
        media = JSON if form.suffix == "json" else f"{form.media};{'xl' if xl else ''};{base}"
        return concept_etag(moment.epoch, seq, media, lang)

    kept: KeptAnswers = request.app.state.kept
    keeps = release is not None and form.suffix != "html"
    known = reading.known_moment(release, None, None)
    if keeps and known is not None:
        had = kept.get(request, known, address_of(request), form.suffix)
        if had is not None:
            return had
    if "if-none-match" in request.headers and form.suffix != "html":
        seq = reading.known_seq(uuid.lower(), known) if known is not None else None
        if known is not None and seq is not None and _has(request, etag_of(known, seq)):
            headers = _headers(known, etag_of(known, seq), base, release, uuid.lower())
            return Response(status_code=304, headers=headers)

    def work() -> Response:
        moment = reading.moment(release)
        had = kept.get(request, moment, address_of(request), form.suffix) if keeps else None
        if had is not None:
            return had
        found = reading.find(uuid, moment)
        own = found.concept.identity.uuid
        if found.alias:
            return _moved(request, f"{_prefix(release)}/c/{own}{dot}{suffix}", moment)
        page = _page(request, "concept_page")
        if form.suffix == "html" and page is not None:
            answer: Response = page(request, found, moment)
            answer.headers.update(_links(base, release, own) | _VARY)
            return answer
        etag = etag_of(moment, found.concept.seq)
        headers = _headers(moment, etag, base, release, own)
        if _has(request, etag):
            return Response(status_code=304, headers=headers)
        if form.suffix == "json":
            content = orjson.dumps(reading.body(found, lang))
        else:
            content = services.publishing.document(found, moment, base, form.suffix, release=release or "", xl=xl)
        if keeps:
            kept.put(moment, address_of(request), form.suffix, content, headers, form.media)
        return Response(content, 200, dict(headers), form.media)

    return await run_in_threadpool(work)


@router.get(
    "/r/{release}/download.{download}",
    operation_id="download_release",
    summary="A whole release: ttl, nt or jsonld, and the same with .gz; or csv.zip, in ESCO's own columns",
    response_model=None,
    responses=forms([*_DOWNLOAD_MEDIAS, _GZIP, _ZIP], 404),
)
async def download(request: Request, reading: ReadingService, release: ReleaseName, download: str) -> Response:
    if download not in DOWNLOADS:
        raise NotFound(f"there is no download.{download[:40]}: {', '.join(f'download.{each}' for each in DOWNLOADS)}")
    services, base = _services(request), public_url(request)

    def work() -> Response:
        moment = reading.moment(release)
        etag = content_etag(services.publishing.file_name(release, base, download).encode())
        headers = read_headers(moment, etag)
        if _has(request, etag):
            return Response(status_code=304, headers=headers)
        headers["Content-Disposition"] = f'attachment; filename="wikic-{quote(release)}.{download}"'
        media = _media_of(download)
        path = services.publishing.kept(release, base, download)
        if path is not None:
            return FileResponse(path, 200, headers, media)
        return StreamingResponse(services.publishing.download(release, base, download), 200, headers, media)

    return await run_in_threadpool(work)


def _media_of(download: str) -> str:
    if download == CSV:
        return _ZIP
    return _GZIP if download.endswith(".gz") else next(each.media for each in FORMS if each.suffix == download)


@router.get("/r/{release}", include_in_schema=False)
async def release_without_slash(request: Request, release: str) -> Response:
    query = request.url.query
    return RedirectResponse(f"/r/{quote(release)}/{'?' + query if query else ''}", 308)


@router.get(
    "/r/{release}/",
    operation_id="release_document",
    summary="A release as a dataset (DCAT, VoID)",
    response_model=None,
    responses=forms(_MEDIAS, 404, 406),
)
async def release_document(request: Request, reading: ReadingService, release: ReleaseName) -> Response:
    services, base = _services(request), public_url(request)
    answer = await _document(
        request,
        FORMS,
        "release_page",
        release,
        lambda: (
            reading.release(release)
            | {"downloads": [f"{base}/r/{quote(release)}/download.{each}" for each in DOWNLOADS]}
        ),
        lambda form: services.publishing.release_document(str(reading.release(release)["name"]), base, form),
    )
    if answer.status_code in (200, 304):
        answer.headers.update(state_header((await run_in_threadpool(reading.moment, release)).state))
    return answer


@router.get(
    "/catalog",
    operation_id="catalogue",
    summary="The framework as a catalogue of schemes and releases",
    response_model=None,
    responses=forms(_MEDIAS, 406),
)
async def catalog(request: Request, reading: ReadingService) -> Response:
    services, base = _services(request), public_url(request)
    return await _document(
        request,
        FORMS,
        "catalog_page",
        "",
        lambda: {
            "schemes": reading.schemes(reading.moment()).items,
            "releases": reading.releases().items,
        },
        lambda form: services.publishing.catalog(base, form),
    )


@router.get(
    "/.well-known/void",
    operation_id="void",
    summary="VoID: how much there is, and where",
    response_model=None,
    responses=forms(_RDF_MEDIAS, 406),
)
async def void(request: Request) -> Response:
    services, base = _services(request), public_url(request)
    return await _document(request, RDF_FORMS, "", "", None, lambda form: services.publishing.void(base, form))


@router.get(
    "/ontology",
    operation_id="ontology",
    summary="Our terms",
    response_model=None,
    responses=forms([*_RDF_MEDIAS, "text/html"], 406),
)
async def ontology(request: Request) -> Response:
    services = _services(request)
    return await _document(request, RDF_FORMS, "ontology_page", "", None, services.publishing.ontology)


@router.get(
    "/ontology/{name}",
    operation_id="ontology_file",
    summary="shapes.ttl (SHACL), context.jsonld, wikic.ttl",
    response_model=None,
    responses=forms(["text/turtle", "application/ld+json"], 404),
)
async def ontology_file(request: Request, name: str) -> Response:
    media = {"shapes.ttl": "text/turtle", "context.jsonld": "application/ld+json", "wikic.ttl": "text/turtle"}
    if name not in media:
        raise NotFound(f"there is no {name[:40]!r} here: {', '.join(sorted(media))}")
    content = _services(request).publishing.ontology_file(name)
    return _tagged(request, content, media[name], {"Cache-Control": "public, max-age=3600"})


async def _document(
    request: Request,
    forms: Sequence[Form],
    page_name: str,
    page_argument: str,
    make_json: Callable[[], Any] | None,
    make: Callable[[str], bytes],
) -> Response:
    """Something that is not a concept, tagged by its content."""
    offered = list(forms)
    if FORMS[1] not in forms and _page(request, page_name) is not None:
        offered.append(FORMS[1])
    form = choose(offered, request.headers.get("accept"))
    if form is None:
        return _unacceptable(request, request.url.path, offered, suffixes=False)

    def work() -> Response:
        page = _page(request, page_name)
        if form.suffix == "html" and page is not None:
            answer: Response = page(request, page_argument)
            answer.headers.update(_VARY)
            return answer
        headers = {"Cache-Control": REVALIDATE} | _VARY
        if form.suffix in ("json", "html"):
            return _tagged(request, orjson.dumps(make_json() if make_json else {}), JSON, headers)
        return _tagged(request, make(form.suffix), form.media, headers)

    return await run_in_threadpool(work)


def _tagged(request: Request, content: bytes, media: str, headers: dict[str, str]) -> Response:
    tagged = {**headers, "ETag": content_etag(media.encode() + content)}
    if _has(request, tagged["ETag"]):
        return Response(status_code=304, headers=tagged)
    return Response(content, 200, tagged, media)


def _has(request: Request, etag: str) -> bool:
    return matches(request.headers.get("if-none-match"), etag)


def _page(request: Request, name: str) -> Any:
    return getattr(request.app.state, name, None) if name else None


def _prefix(release: str | None) -> str:
    return f"/r/{quote(release, safe='')}" if release is not None else ""


def _headers(moment: Moment, etag: str, base: str, release: str | None, uuid: str) -> dict[str, str]:
    return read_headers(moment, etag) | _VARY | _links(base, release, uuid)


def _links(base: str, release: str | None, uuid: str) -> dict[str, str]:
    address = f"{base}{_prefix(release)}/c/{uuid}"
    links = [f'<{address}>; rel="canonical"']
    if release is not None:
        links.append(f'<{base}/c/{uuid}>; rel="latest-version"')
    links += [f'<{address}.{form.suffix}>; rel="alternate"; type="{form.media}"' for form in FORMS]
    return {"Link": ", ".join(links)}


def _moved(request: Request, path: str, moment: Moment) -> Response:
    query = request.url.query
    headers = {"Cache-Control": REVALIDATE, "Wiki-C-Seq": str(moment.head)} | _VARY
    return RedirectResponse(f"{path}?{query}" if query else path, 301, headers)


def _unacceptable(request: Request, path: str, forms: Sequence[Form], *, suffixes: bool = True) -> Response:
    available = [
        {"media_type": form.media} | ({"address": f"{public_url(request)}{path}.{form.suffix}"} if suffixes else {})
        for form in forms
    ]
    detail = f"this can be had as {', '.join(form.media for form in forms)}"
    return problem(request, 406, "not-acceptable", detail, _VARY, available=available)
