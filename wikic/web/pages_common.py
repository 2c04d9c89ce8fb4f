"""How a page is made: whose language, which release, the frame around it, Jinja2, and the headers of its answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, quote, urlencode

from fastapi import APIRouter, Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.routing import Route

from wikic import __version__
from wikic.domain.access import NOBODY, Actor
from wikic.services.reading import Reading
from wikic.services.reading_moments import Moment
from wikic.web.acting import actor_of
from wikic.web.answers import raw_path
from wikic.web.etags import content_etag, matches
from wikic.web.static_files import STATIC
from wikic.web.texts import LANGUAGES, Texts
from wikic.web.views_account import FormPage
from wikic.web.views_common import Addresses, Frame, Link, Page, navigation

COOKIE: Final = "wikic_lang"
HTML: Final = "text/html; charset=utf-8"
_VARY: Final = "Accept, Accept-Language, Cookie"
_PINNED: Final = re.compile(r"^/r/(?P<release>.+)/c/(?P<rest>[^/]+(?:/.*)?)$")
_PARAMETER: Final = re.compile(r"{[^}]*}")
_YEAR: Final = 365 * 86_400


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The templates of the site."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    return made


@dataclass(frozen=True, slots=True)
class Visit:
    """One request for a page: who reads, in which language, as of what. `moment` is None where the store does not
    answer, or was not asked."""

    request: Request
    lang: str
    release: str = ""
    moment: Moment | None = None
    releases: Sequence[Mapping[str, Any]] = ()
    actor: Actor = NOBODY

    @property
    def t(self) -> Texts:
        return Texts(self.lang)

    @property
    def addresses(self) -> Addresses:
        return Addresses(self.release)

    @property
    def public_url(self) -> str:
        return str(self.request.app.state.public_url)

    def answer(self, page: Page, status: int = 200, *, indexed: bool = True, headers: dict[str, str] | None = None) -> Response:
        """The page as an answer, or 304 if the client has the very same. Pages have menus, so pinned ones are asked for
        again too."""
        frame = self._frame(indexed=indexed)
        text = environment().get_template(page.template).render(page=page, frame=frame, t=self.t)
        content = text.encode()
        trouble = page.trouble if isinstance(page, FormPage) else None
        sent = {
            "Content-Type": HTML,
            "Content-Language": self.lang,
            "Cache-Control": "no-cache" if status == 200 else "no-store",
            "Vary": _VARY,
            **(headers or {}),
        }
        if self.moment is not None:
            sent["Wiki-C-Seq"] = str(self.moment.head)
        if trouble is not None and trouble.wait:
            sent["Retry-After"] = str(trouble.wait)
        asked = self.request.query_params.get("lang")
        if asked in LANGUAGES:
            secure = "; Secure" if self.public_url.startswith("https:") else ""
            sent["Set-Cookie"] = f"{COOKIE}={asked}; Path=/; Max-Age={_YEAR}; SameSite=Lax{secure}"
            sent["Cache-Control"] = "private, no-cache"
        if self.actor.known and sent["Cache-Control"] != "no-store":
            sent["Cache-Control"] = "private, no-cache"
        if status == 200:
            sent["ETag"] = content_etag(content)
            if matches(self.request.headers.get("if-none-match"), sent["ETag"]):
                return Response(status_code=304, headers=sent)
        return Response(content, status, sent)

    def _frame(self, *, indexed: bool) -> Frame:
        request = self.request
        path = readable_path(request)
        pairs = parse_qsl(request.scope["query_string"].decode("latin-1"))
        kept = [(name, value) for name, value in pairs if name != "lang"]
        here = _with(path, kept)
        names = ["", *(str(release["name"]) for release in reversed(self.releases))]
        switch = [
            Link(_in_release(path, kept, name), name or self.t("site.current"), current=name == self.release)
            for name in names
        ]
        return Frame(
            lang=self.lang,
            here=here,
            permanent=f"{self.public_url}{here}",
            languages=[
                Link(_with(path, [*kept, ("lang", tag)]), name, current=tag == self.lang, lang=tag)
                for tag, name in LANGUAGES.items()
            ],
            navigation=navigation(self.t, self.addresses, path),
            release=self.release,
            releases=switch,
            current=switch[0].address,
            seq=self.moment.seq if self.moment is not None else None,
            addresses=self.addresses,
            static={name: file.address for name, file in STATIC.items()},
            version=__version__,
            query=dict(pairs).get("q", "")[:200] if path == "/search" else "",
            indexed=indexed,
            state=self.moment.state if self.moment is not None else "",
            actor=self.actor,
        )


def visit(request: Request, reading: Reading, release: str | None = None) -> Visit:
    """The visit that a request makes. Raises UnknownRelease."""
    moment = reading.moment(release or None)
    return visit_at(request, reading, moment, release or "")


def visit_at(request: Request, reading: Reading, moment: Moment, release: str) -> Visit:
    """The same at a moment that is known already."""
    return Visit(request, language_of(request), release, moment, reading.releases().items, actor_of(request))


def language_of(request: Request) -> str:
    """The language of the pages: asked for in the address, chosen before, wished by the browser, else French."""
    for wish in (request.query_params.get("lang"), request.cookies.get(COOKIE)):
        if wish in LANGUAGES:
            return str(wish)
    weighed = []
    for place, part in enumerate(request.headers.get("accept-language", "")[:1000].split(",")):
        tag, _, parameters = part.partition(";")
        base = tag.strip().lower().partition("-")[0]
        if base in LANGUAGES:
            weighed.append((-_quality(parameters), place, base))
    return min(weighed)[2] if weighed and min(weighed)[0] < 0 else "fr"


def wants_html(request: Request) -> bool:
    """Whether an answer without a form of its own, such as an error, is for a browser."""
    return not request.url.path.startswith(("/api/", "/healthz", "/readyz", "/metrics")) and "text/html" in request.headers.get(
        "accept", ""
    )


def readable_shapes(routers: Iterable[APIRouter]) -> frozenset[str]:
    """The addresses of pages that can be read, whatever their parameters are called."""
    return frozenset(_shape(each.path) for router in routers for each in router.routes if isinstance(each, Route) and "GET" in (each.methods or ()))


def readable_path(request: Request) -> str:
    """The path of the page that a request is about. What only takes forms cannot be read: the page that is above it then, so that no link leads to a 405."""
    path, route = raw_path(request), request.scope.get("route")
    if not isinstance(route, Route) or "GET" in (route.methods or ()):
        return path
    shape = _shape(route.path)
    while path != "/" and shape not in request.app.state.readable:
        shape, path = (part.rpartition("/")[0] or "/" for part in (shape, path))
    return path


def in_current(request: Request) -> str:
    """The asked address in the current version; "" if it is of no release."""
    path, pairs = raw_path(request), parse_qsl(request.scope["query_string"].decode("latin-1"))
    if _PINNED.match(path) is None and "release" not in dict(pairs):
        return ""
    return _in_release(path, pairs, "")


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0


def _shape(template: str) -> str:
    return _PARAMETER.sub("{}", template)


def _with(path: str, pairs: list[tuple[str, str]]) -> str:
    return f"{path}?{urlencode(pairs)}" if pairs else path


def _in_release(path: str, pairs: list[tuple[str, str]], name: str) -> str:
    """The same page in another release."""
    pairs = [(key, value) for key, value in pairs if key not in ("release", "at", "cursor", "lang")]
    pinned = _PINNED.match(path)
    if pinned is not None or path.startswith("/c/"):
        rest = pinned["rest"] if pinned is not None else path.removeprefix("/c/")
        return _with(f"/r/{quote(name, safe='/')}/c/{rest}" if name else f"/c/{rest}", pairs)
    return _with(path, [*pairs, ("release", name)] if name else pairs)
