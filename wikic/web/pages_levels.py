"""The pages of scales and of adopted criteria, and the addresses of their levels, which are pages for people and `RubricCriterionLevel` for programs."""

from __future__ import annotations

from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Query, Request, Response
from starlette.datastructures import FormData

from wikic.domain.badges import Level
from wikic.domain.levels import (
    LANGUAGES,
    MOST_LEVELS,
    Criteria,
    Scale,
    ScaleLevel,
    criteria_address,
    rubric_level,
    scale_address,
)
from wikic.errors import NotFound
from wikic.web.acting import CurrentActor
from wikic.web.answers import REVALIDATE
from wikic.web.dependencies import LARGEST, Lang, ReadingService, public_url
from wikic.web.etags import JSON, content_etag, matches
from wikic.web.forms import Form, field, see
from wikic.web.levels_services import CriteriaId, LevelNumber, Levels, ScaleId
from wikic.web.negotiation import Form as Media
from wikic.web.negotiation import choose
from wikic.web.pages_account import trouble_of
from wikic.web.pages_badges_making import MINDED, Known
from wikic.web.pages_common import Visit, visit
from wikic.web.pages_levels_parts import block_of, concept_links, may_belong, scale_words, status_of_refusal, words
from wikic.web.views_common import Link
from wikic.web.views_levels import CriteriaPage, ScaleFormPage, ScalePage, ScaleRow, ScalesPage

router = APIRouter(include_in_schema=False)

PAGE: Final = 50
_ROWS: Final = 4
_FIELDS: Final = ("name", "about")
_FORMS: Final = (Media("json", JSON), Media("jsonld", "application/ld+json"), Media("html", "text/html"))
_CONTEXT: Final = ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]

After = Annotated[str, Query(max_length=200)]


@router.get("/scales")
def scales_page(request: Request, reading: ReadingService, levels: Levels, actor: CurrentActor, after: After = "") -> Response:
    """All scales."""
    seen = visit(request, reading)
    found, following = levels.scales.page(after=after, limit=PAGE)
    names = levels.criteria.network_names({each.owner for each in found if each.owner})
    page = ScalesPage(
        title=seen.t("scales.title"),
        trail=[Link("/badges", seen.t("badges.title"))],
        rows=[
            ScaleRow(
                f"/scales/{each.id}", words(each.name, seen.lang), each.id, [words(level.name, seen.lang) for level in each.levels], _owner(each, names)
            )
            for each in found
        ],
        following=seen.addresses.page("/scales", after=following) if following else "",
        may_make=levels.scales.may_make(actor),
    )
    return seen.answer(page)


@router.get("/scales/new")
def new_page(request: Request, reading: ReadingService, levels: Levels, actor: Known) -> Response:
    """The form to make one."""
    levels.scales.require_maker(actor)
    seen = visit(request, reading)
    return seen.answer(_form(seen, levels, actor, {}), indexed=False)


@router.post("/scales/new")
def make(request: Request, reading: ReadingService, levels: Levels, actor: Known, form: Form) -> Response:
    """Make one."""
    try:
        made = levels.scales.make(field(form, "id", 100), *_sent(form), actor, owner=field(form, "owner", 60))
    except MINDED as error:
        seen = visit(request, reading)
        return seen.answer(_form(seen, levels, actor, _typed(form), trouble=error), status_of_refusal(error), indexed=False)
    return see(f"/scales/{made.id}")


@router.get("/scales/{id}")
def scale_page(request: Request, reading: ReadingService, levels: Levels, id: ScaleId) -> Response:
    """One scale."""
    seen = visit(request, reading)
    return seen.answer(_scale(seen, levels, levels.scales.get(id)))


@router.get("/scales/{id}/edit")
def edit_page(request: Request, reading: ReadingService, levels: Levels, actor: Known, id: ScaleId) -> Response:
    """The form to change it."""
    scale = levels.scales.get(id)
    levels.scales.require_changer(scale, actor)
    seen = visit(request, reading)
    return seen.answer(_form(seen, levels, actor, _values(scale), scale), indexed=False)


@router.post("/scales/{id}/edit")
def edit(request: Request, reading: ReadingService, levels: Levels, actor: Known, id: ScaleId, form: Form) -> Response:
    """Change it, if nobody else has since the form was read."""
    scale, version = levels.scales.get(id), field(form, "version", 12)
    try:
        levels.scales.change(id, *_sent(form), actor, version=int(version) if version.isdecimal() else 0)
    except MINDED as error:
        seen = visit(request, reading)
        return seen.answer(_form(seen, levels, actor, _typed(form), scale, trouble=error), status_of_refusal(error), indexed=False)
    return see(f"/scales/{id}")


@router.get("/scales/{id}/levels/{number}")
def scale_level(request: Request, reading: ReadingService, levels: Levels, id: ScaleId, number: LevelNumber, lang: Lang = None) -> Response:
    """One level of a scale."""
    scale = levels.scales.get(id)
    _require(scale, number)
    if _wants_page(request):
        seen = visit(request, reading)
        return seen.answer(_scale(seen, levels, scale, number), headers=_VARY)
    return _document(request, rubric_level(scale, number, base=public_url(request), lang=lang or "fr"))


@router.get("/criteria/{id}")
def criteria_page(
    request: Request, reading: ReadingService, levels: Levels, id: CriteriaId, version: Annotated[int, Query(ge=0, le=LARGEST)] = 0
) -> Response:
    """Criteria of a network for a competency; or what an older version said."""
    seen, present = visit(request, reading), levels.criteria.get(id)
    shown = levels.criteria.version(id, version) if version and version != present.number else present
    return seen.answer(_criteria(seen, levels, present, shown), indexed=shown is present)


@router.get("/criteria/{id}/levels/{number}")
def criteria_level(
    request: Request, reading: ReadingService, levels: Levels, id: CriteriaId, number: LevelNumber, lang: Lang = None
) -> Response:
    """What criteria say of one level."""
    criteria = levels.criteria.get(id)
    scale = levels.scales.get(criteria.scale)
    _require(scale, number)
    if _wants_page(request):
        seen = visit(request, reading)
        return seen.answer(_criteria(seen, levels, criteria, criteria, number), indexed=False, headers=_VARY)
    return _document(request, rubric_level(scale, number, base=public_url(request), lang=lang or "fr", criteria=criteria))


_VARY: Final = {"Vary": "Accept, Accept-Language, Cookie, Authorization"}


def _require(scale: Scale, number: int) -> None:
    if scale.level(number) is None:
        raise NotFound(f"the scale {scale.id} has the levels 1 to {len(scale.levels)}, not {number}", reason="level-none", level=number)


def _wants_page(request: Request) -> bool:
    form = choose(_FORMS, request.headers.get("accept"))
    return form is not None and form.suffix == "html"


def _document(request: Request, body: dict[str, Any]) -> Response:
    content = orjson.dumps({"@context": _CONTEXT} | body)
    form = choose(_FORMS, request.headers.get("accept")) or _FORMS[0]
    headers = {"ETag": content_etag(content), "Cache-Control": REVALIDATE, "Vary": "Accept"}
    if matches(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(content, 200, headers, form.media)


def _owner(scale: Scale, names: dict[str, str]) -> Link | None:
    return Link(f"/organisations/{scale.owner}", names.get(scale.owner, scale.owner)) if scale.owner else None


def _scale(seen: Visit, levels: Levels, scale: Scale, number: int = 0) -> ScalePage:
    name, names = words(scale.name, seen.lang), levels.criteria.network_names({scale.owner} - {""})
    level = scale.level(number)
    trail = [Link("/badges", seen.t("badges.title")), Link("/scales", seen.t("scales.title"))]
    return ScalePage(
        title=words(level.name, seen.lang).value if level else name.value,
        trail=[*trail, Link(f"/scales/{scale.id}", name.value)] if level else trail,
        scale=scale,
        levels=scale_words(seen, scale, current=number),
        owner=_owner(scale, names),
        permanent=scale_address(seen.public_url, Level(scale.id, number)) if level else f"{seen.public_url}/scales/{scale.id}",
        edit=f"/scales/{scale.id}/edit" if levels.scales.may_change(scale, seen.actor) else "",
    )


def _criteria(seen: Visit, levels: Levels, present: Criteria, shown: Criteria, number: int = 0) -> CriteriaPage:
    scale, names = levels.scales.get(shown.scale), levels.criteria.network_names([shown.network])
    concept, here = concept_links(seen, [shown.concept])[shown.concept], f"/criteria/{shown.id}"
    versions = levels.criteria.versions(shown.id, after=max(0, present.number - PAGE), limit=PAGE)
    propose = f"/criteria/propose?concept={shown.concept}&network={shown.network}&scale={shown.scale}"
    return CriteriaPage(
        title=seen.t("criteria.of", name=concept.name.value),
        trail=[Link(concept.address, concept.name.value)],
        block=block_of(seen, shown, scale, names.get(shown.network, shown.network), current=number),
        concept=concept,
        versions=[
            (Link(f"{here}?version={each.number}", seen.t("criteria.version", n=each.number), current=each.number == shown.number), each.changed, each.by)
            for each in reversed(versions)
        ],
        number=shown.number,
        newest=here if shown is not present else "",
        permanent=criteria_address(seen.public_url, shown.id, number) if number else f"{seen.public_url}{here}",
        propose=propose if may_belong(seen.actor) and levels.proposing.may_propose(shown.network, seen.actor) else "",
    )


def _form(
    seen: Visit, levels: Levels, actor: CurrentActor, values: dict[str, str], scale: Scale | None = None, trouble: Exception | None = None
) -> ScaleFormPage:
    rows = range(1, _rows(values) + 1)
    names = ["id", "owner", *(f"scale_{lang}" for lang in LANGUAGES)]
    names += [f"{name}_{lang}_{row}" for row in rows for name in _FIELDS for lang in LANGUAGES]
    trail = [Link("/scales", seen.t("scales.title"))]
    return ScaleFormPage(
        title=seen.t("scales.edit") if scale else seen.t("scales.make"),
        trail=[*trail, Link(f"/scales/{scale.id}", words(scale.name, seen.lang).value)] if scale else trail,
        trouble=trouble_of(seen, trouble) if isinstance(trouble, MINDED) else None,
        action=f"/scales/{scale.id}/edit" if scale else "/scales/new",
        new=scale is None,
        used=scale is not None and scale.used,
        values={name: values.get(name, "") for name in names},
        rows=list(rows),
        owners=levels.scales.moderated(actor) if scale is None else [],
        nobody=actor.is_admin,
        version=scale.version if scale else 0,
    )


def _values(scale: Scale) -> dict[str, str]:
    found = {f"scale_{lang}": text for lang, text in scale.name.items()}
    for row, level in enumerate(scale.levels, 1):
        for name, texts in zip(_FIELDS, (level.name, level.description), strict=True):
            found |= {f"{name}_{lang}_{row}": text for lang, text in texts.items()}
    return found


def _typed(form: FormData) -> dict[str, str]:
    return {name: field(form, name) for name in dict.fromkeys(form.keys())}


def _rows(values: dict[str, str]) -> int:
    """How many levels have fields: those that are filled in, and a few more."""
    filled = [row for row in range(1, MOST_LEVELS + 1) if any(values.get(f"{name}_{lang}_{row}") for name in _FIELDS for lang in LANGUAGES)]
    return min(MOST_LEVELS, max([0, *filled]) + (1 if filled else _ROWS))


def _sent(form: FormData) -> tuple[dict[str, str], list[ScaleLevel]]:
    """The name and the levels, without the lines at the end that are empty."""

    def texts(name: str, row: int) -> dict[str, str]:
        return {lang: text for lang in LANGUAGES if (text := field(form, f"{name}_{lang}_{row}").strip())}

    levels = [ScaleLevel(texts("name", row), texts("about", row)) for row in range(1, MOST_LEVELS + 1)]
    while levels and not (levels[-1].name or levels[-1].description):
        levels.pop()
    return {lang: field(form, f"scale_{lang}") for lang in LANGUAGES}, levels
