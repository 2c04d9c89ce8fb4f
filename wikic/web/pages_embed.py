"""What other sites embed: the picker of competencies, as a frame or a page, and the script that puts it into a page. No cookies, nobody signed in; these
are the only pages that may be framed (see `headers`)."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from wikic.domain.badges_alignments import BoxFormat
from wikic.domain.levels import PRACTICE_SCALE, in_language
from wikic.errors import Conflict, IndexBehind, InvalidInput, NotFound
from wikic.services.badges_parts import BadgeServices
from wikic.services.badging_documents import Aligned
from wikic.services.reading_views import best
from wikic.web.badges_services import Badges
from wikic.web.etags import content_etag, matches
from wikic.web.pages_boxes import boxes_of
from wikic.web.pages_common import HTML, environment, language_of
from wikic.web.static_files import STATIC
from wikic.web.texts import Texts
from wikic.web.views_common import Link
from wikic.web.views_open_badges import PickedConcept, PickerPage, PickerRow

router = APIRouter(include_in_schema=False)

MOST: Final = 20
_ORIGIN: Final = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]{1,200}\Z")


@router.get("/embed/picker")
def picker_page(
    request: Request,
    badges: Badges,
    q: Annotated[str, Query(max_length=300)] = "",
    concept: Annotated[str, Query(max_length=2_000)] = "",
    level: Annotated[str, Query(max_length=70)] = "",
    format: BoxFormat = "ob3",
    origin: Annotated[str, Query(max_length=250)] = "",
    lang: Annotated[str, Query(max_length=35)] = "",
) -> Response:
    """The picker: a search, what it finds, the alignment of what is chosen."""
    if origin and not _ORIGIN.match(origin):
        raise InvalidInput(
            f"{origin[:60]!r} is no origin: such as https://badges.example.org, without a path", reason="picker-origin", origin=origin[:60]
        )
    t = Texts(language_of(request))
    level, trouble = _known_level(badges, t, level)
    kept = {name: value for name, value in {"lang": lang, "format": format, "level": level, "origin": origin}.items() if value}
    base = str(request.app.state.public_url)
    aligned, found = None, list[PickerRow]()
    try:
        if concept:
            aligned = badges.documents.competency(concept, t.lang, level=level)
        elif q.strip():
            found = _found(badges, t, q, kept)
            trouble = trouble if found else t("picker.none", q=q)
    except IndexBehind:
        trouble = t("picker.behind")
    except (NotFound, InvalidInput, Conflict):
        trouble = t("picker.unknown")
    page = PickerPage(
        title=aligned.attested.target.name if aligned else t("picker.title"),
        lang=t.lang,
        static={name: file.address for name, file in STATIC.items()},
        query=q,
        hidden=list(kept.items()),
        found=found[:MOST],
        more=len(found) > MOST,
        chosen=_chosen(aligned) if aligned else None,
        levels=_levels(t, aligned, concept, q, kept) if aligned else [],
        boxes=boxes_of(aligned, base, t.lang) if aligned else None,
        format=format,
        origin=origin,
        back=_address(kept, q=q),
        entry=f"/c/{aligned.attested.target.concept}" if aligned else "",
        trouble=trouble,
        snippet=f'<script src="{base}/embed/picker.js" data-lang="{t.lang}" async></script>',
    )
    return _answer(request, page, t)


@router.get("/embed/picker.js")
def picker_script(request: Request) -> Response:
    """The script that puts the picker into a page of anybody."""
    file = STATIC["embed.js"]
    headers = {"Cache-Control": "public, max-age=3600", "Cross-Origin-Resource-Policy": "cross-origin", "ETag": content_etag(file.content)}
    if matches(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(file.content, 200, headers | {"Content-Type": file.media})


def _known_level(badges: BadgeServices, t: Texts, level: str) -> tuple[str, str]:
    """The level, or none and why: what embeds the picker may be wrong about it, and who chooses cannot mend that."""
    try:
        badges.levels.scales.of_level(level)
    except InvalidInput:
        return "", t("picker.level_unknown", level=level)
    return level, ""


def _found(badges: BadgeServices, t: Texts, query: str, kept: dict[str, str]) -> list[PickerRow]:
    return [_row(t, each, _address(kept, q=query, concept=str(each["uuid"]))) for each in badges.suggesting.search(query, limit=MOST + 1)]


def _row(t: Texts, body: dict[str, Any], address: str) -> PickerRow:
    names: dict[str, str] = body["preferred_label"]
    name = best(names, t.lang)
    tag = next((each for each in (t.lang, "fr", "en", *sorted(names)) if names.get(each) == name), t.lang)
    code = " ".join(filter(None, (t.name("scheme", str(body["scheme"])), body["code"])))
    return PickerRow(address, name or str(body["uuid"]), "" if tag == t.lang else tag, str(body["kind"]), code)


def _chosen(aligned: Aligned) -> PickedConcept:
    target = aligned.attested.target
    return PickedConcept(target.concept, target.name, target.description, target.framework, target.code, aligned.attested.level)


def _levels(t: Texts, aligned: Aligned, concept: str, query: str, kept: dict[str, str]) -> list[Link]:
    rest, level = {name: value for name, value in kept.items() if name != "level"}, aligned.attested.level
    scale = aligned.scale or PRACTICE_SCALE
    names = ((f"{scale.id}:{number}", in_language(each.name, t.lang)[0]) for number, each in enumerate(scale.levels, 1))
    choices = [("", t("picker.level_none")), *names]
    return [Link(_address(rest, q=query, concept=concept, level=key), name, current=key == level) for key, name in choices]


def _address(kept: dict[str, str], **more: str) -> str:
    query = urlencode({**kept, **{name: value for name, value in more.items() if value}})
    return f"/embed/picker?{query}" if query else "/embed/picker"


def _answer(request: Request, page: PickerPage, t: Texts) -> Response:
    content = environment().get_template(page.template).render(page=page, t=t).encode()
    headers = {"Content-Type": HTML, "Content-Language": t.lang, "Cache-Control": "no-cache", "Vary": "Accept-Language", "ETag": content_etag(content)}
    if matches(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(content, 200, headers)
