"""Feeds: releases and changes as Atom (RFC 4287), the calendar as iCalendar (RFC 5545). Made as text; the same bytes for the same content."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote, urlsplit
from xml.sax.saxutils import escape, quoteattr

from fastapi import APIRouter, Query, Request, Response

from wikic.services.releasing_calendar import Entry
from wikic.web.api_releases import Releases, Services
from wikic.web.dependencies import ReadingService
from wikic.web.etags import content_etag, matches
from wikic.web.openapi import forms
from wikic.web.pages_framework import latest_changes
from wikic.web.texts import Texts

ATOM: Final = "application/atom+xml"
_LINES: Final = 50
_LANG: Final = "fr"
_FOLD: Final = 73
_NO_EVENT: Final = (
    "BEGIN:VTIMEZONE", "TZID:Etc/UTC", "BEGIN:STANDARD", "DTSTART:19700101T000000", "TZOFFSETFROM:+0000", "TZOFFSETTO:+0000", "END:STANDARD",
    "END:VTIMEZONE",
)  # fmt: skip
"""A calendar holds one component at least; without days it is this one."""
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 forbids or discourages."""

router = APIRouter(tags=["framework"])

FeedLang = Annotated[Literal["fr", "en"], Query(description="The language of titles.")]


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry: an address that is its id too, when, what, and a few words."""

    address: str
    time: str
    title: str
    summary: str
    author: str


@router.get(
    "/feeds/releases.atom",
    operation_id="release_feed",
    summary="The releases as an Atom feed, the latest first",
    response_model=None,
    responses=forms([ATOM]),
)
def releases_feed(request: Request, reading: ReadingService, services: Releases, lang: FeedLang = _LANG) -> Response:
    t, base = Texts(lang), str(request.app.state.public_url)
    entries = [
        FeedEntry(
            f"{base}/releases/{quote(str(each['name']))}",
            _opened(each),
            t("releases.one", name=each["name"]),
            _summary(services, each, t),
            str(each["published_by"] or each["frozen_by"]),
        )
        for each in sorted(reading.releases().items, key=_opened, reverse=True)[:_LINES]
    ]
    return _answer(request, t("releases.title"), "/feeds/releases.atom", "/releases", entries, lang)


def _opened(release: Mapping[str, Any]) -> str:
    return str(release["published_at"] or release["frozen_at"])


def _summary(services: Services, release: Mapping[str, Any], t: Texts) -> str:
    """Its state, and how many concepts are new, modified and deprecated since the release before."""
    state, found = t.name("state", release["state"]), services.releases.deltas.figures(str(release["name"]))
    if found is None:
        return state
    before, figures = found
    told = ", ".join(f"{t.name('list', name)}{t.colon} {t.number(number)}" for name, number in figures.concepts.items())
    return f"{state}. {t('preview.since', name=before)}{t.colon} {told}."


@router.get(
    "/feeds/changes.atom",
    operation_id="change_feed",
    summary="The latest changes as an Atom feed",
    response_model=None,
    responses=forms([ATOM]),
)
def changes_feed(request: Request, reading: ReadingService, lang: FeedLang = _LANG) -> Response:
    t, base = Texts(lang), str(request.app.state.public_url)
    entries = [
        FeedEntry(
            f"{base}{each.address}",
            each.time,
            each.summary or t("changes.one", seq=str(each.seq)),
            ", ".join(t.counted(name, number) for name, number in each.counts),
            each.actor,
        )
        for each in latest_changes(reading, reading.moment().seq, _LINES, t)
    ]
    return _answer(request, t("changes.title"), "/feeds/changes.atom", "/changes", entries, lang)


def atom(base: str, title: str, path: str, page: str, entries: Sequence[FeedEntry], lang: str) -> bytes:
    """A feed; `path` is its own address, `page` the page it is about."""
    updated = max((entry.time for entry in entries), default="1970-01-01T00:00:00.000Z")
    return "\n".join(_atom(base, title, path, page, entries, lang, updated)).encode("utf-8", "replace") + b"\n"


def _atom(
    base: str, title: str, path: str, page: str, entries: Iterable[FeedEntry], lang: str, updated: str
) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="utf-8"?>'
    yield f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang={quoteattr(lang)}>'
    yield f"<id>{_text(base + path)}</id><title>Wiki-C{Texts(lang).colon} {_text(title)}</title><updated>{updated}</updated>"
    yield f'<link rel="self" href={quoteattr(base + path)}/><link rel="alternate" type="text/html" href={quoteattr(base + page)}/>'
    for entry in entries:
        yield f"<entry><id>{_text(entry.address)}</id><title>{_text(entry.title)}</title><updated>{entry.time}</updated>"
        yield f'<link rel="alternate" href={quoteattr(entry.address)}/><author><name>{_text(entry.author)}</name></author>'
        yield f"<summary>{_text(entry.summary)}</summary></entry>"
    yield "</feed>"


def _text(text: str) -> str:
    return escape(_FORBIDDEN.sub(" ", text))


def _answer(request: Request, title: str, path: str, page: str, entries: Sequence[FeedEntry], lang: str) -> Response:
    # Each language is a feed of its own.
    own = path if lang == _LANG else f"{path}?lang={lang}"
    content = atom(str(request.app.state.public_url), title, own, page, entries, lang)
    headers = {"ETag": content_etag(content), "Cache-Control": "no-cache"}
    if matches(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(content, 200, headers, f"{ATOM}; charset=utf-8")


def calendar_feed(entries: Iterable[Entry], base: str, lang: str) -> bytes:
    """The calendar of releases, each entry an event of a whole day."""
    t, host = Texts(lang), urlsplit(base).hostname or "localhost"
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Wiki-C//releases//FR", f"X-WR-CALNAME:{_ics(t('calendar.title'))}"]
    shown = list(entries)
    lines += [] if shown else _NO_EVENT
    for entry in shown:
        day = entry.day.replace("-", "")
        title = f"{entry.release}{t.colon} {t.name('step', entry.step)}"
        lines += [
            "BEGIN:VEVENT",
            f"UID:{entry.id}@{host}",
            # Made of the entry alone, so that the file stays the same while nothing changes.
            f"DTSTAMP:{day}T000000Z",
            f"SEQUENCE:{entry.version - 1}",
            # Without an end it lasts that day.
            f"DTSTART;VALUE=DATE:{day}",
            f"SUMMARY:{_ics(title)}",
            f"URL:{base}/calendar",
        ]
        said = entry.text.get(lang) or next(iter(entry.text.values()), "")
        lines += [f"DESCRIPTION:{_ics(said)}"] if said else []
        lines.append("END:VEVENT")
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line)).encode()


def _ics(text: str) -> str:
    flat = " ".join(_FORBIDDEN.sub(" ", text).split())
    return flat.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _folded(line: str) -> Iterator[str]:
    """A line in parts of at most 75 bytes; those after the first begin with a space."""
    part, size = "", 0
    for char in line:
        length = len(char.encode())
        if size + length > _FOLD:
            yield part
            part, size = " ", 1
        part, size = part + char, size + length
    yield part
