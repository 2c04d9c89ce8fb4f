"""Binding badge classes from the page of a competency, and from a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from wikic.domain.access import Actor
from wikic.errors import InvalidInput
from wikic.services.badges_parts import BadgeServices
from wikic.services.badging_catalogue import Asked
from wikic.services.badging_rights import may_publish, require_credential
from wikic.services.binding import Line, Outcome, Wish, refusal
from wikic.services.binding_csv import bind_table, decoded
from wikic.web.badges_services import Badges
from wikic.web.badges_shown import PAGE, After, level_name, own_issuers, practice_levels, row_of
from wikic.web.dependencies import ReadingService, public_url
from wikic.web.forms import Form, Upload, field, fields, see
from wikic.web.pages_account import refused, trouble_of
from wikic.web.pages_badges_making import MINDED, Known
from wikic.web.pages_common import Visit, visit
from wikic.web.pages_levels_parts import other_levels
from wikic.web.texts_errors import said
from wikic.web.views_badges import BadgeBindPage, BadgeTablePage, TableLine
from wikic.web.views_common import Link, concept_link

router = APIRouter(include_in_schema=False)

_LONGEST_TABLE: Final = 1_500_000
_LINES: Final = 500
_RESULTS: Final = ("bound", "already", "refused")


@router.get("/badges/bind")
def bind_page(
    request: Request,
    reading: ReadingService,
    badges: Badges,
    actor: Known,
    concept: Annotated[str, Query(max_length=2_000)],
    q: Annotated[str, Query(max_length=300)] = "",
    after: After = "",
) -> Response:
    """One's own badge classes, to choose from."""
    seen = visit(request, reading)
    return seen.answer(_bind(seen, badges, badges.bindings.targets.uuid_of(concept), actor, q, after), indexed=False)


@router.post("/badges/bind")
def bind(request: Request, reading: ReadingService, badges: Badges, actor: Known, form: Form) -> Response:
    """Bind the chosen badge classes to the competency."""
    require_credential(actor)
    uuid = badges.bindings.targets.uuid_of(field(form, "concept", 2_000))
    level = field(form, "level", 70)
    chosen = fields(form, "badge_class")
    try:
        if not chosen:
            raise InvalidInput("choose at least one badge class", reason="bind-none")
        outcome = badges.bindings.bind([Wish(identity, uuid, level) for identity in chosen], actor)
        if outcome.count("refused"):
            raise refusal(outcome)
    except MINDED as error:
        seen = visit(request, reading)
        page = replace(_bind(seen, badges, uuid, actor, "", "", trouble=error), chosen=frozenset(chosen), level=level)
        return seen.answer(page, refused(error), indexed=False)
    return see(f"/c/{uuid}#badges")


@router.get("/badges/table")
def table_page(request: Request, reading: ReadingService, badges: Badges, actor: Known) -> Response:
    """The form to send a table."""
    seen = visit(request, reading)
    return seen.answer(_table(seen, badges, actor), indexed=False)


@router.post("/badges/table")
def send_table(request: Request, reading: ReadingService, badges: Badges, actor: Known, form: Upload) -> Response:
    """What would be done; or, once that was seen, do it."""
    require_credential(actor)
    seen = visit(request, reading)
    text = decoded(form.files.get("table", b"")) or field(form.texts, "text", _LONGEST_TABLE)
    issuer, act = field(form.texts, "issuer", 60), field(form.texts, "act", 20)
    try:
        outcome = bind_table(
            badges.bindings, badges.catalogue, text, actor, issuer=issuer, public_url=public_url(request), dry_run=act == "",
            partly=act == "partly",
        )  # fmt: skip
    except MINDED as error:
        page = _table(seen, badges, actor, text, issuer, trouble=error)
        return seen.answer(page, refused(error), indexed=False)
    return seen.answer(_table(seen, badges, actor, text, issuer, outcome), indexed=False)


def _bind(
    seen: Visit, badges: BadgeServices, uuid: str, actor: Actor, query: str, after: str, trouble: Exception | None = None
) -> BadgeBindPage:
    reading = seen.request.app.state.services.reading
    concept = concept_link(reading.briefs([uuid], seen.moment)[uuid], seen.addresses, seen.lang)
    own = {each.slug for each in own_issuers(badges, actor)}
    mine = frozenset(
        each.id
        for each in badges.catalogue.entries().values()
        if each.issuer in own and each.status != "retired" and (not each.number or may_publish(actor, each.issuer))
    )
    found = badges.catalogue.find(Asked(q=query, ids=mine), actor, after=after, limit=PAGE)
    classes = badges.badging.get_many(found.ids, actor)
    bound = badges.bindings.open_of(found.ids)
    rows = [
        (identity, row_of(seen, badges, classes[identity]), any(each.concept == uuid for each in bound[identity]))
        for identity in found.ids
        if identity in classes
    ]
    return BadgeBindPage(
        title=seen.t("badges.bind_to", name=concept.name.value),
        trail=[Link(concept.address, concept.name.value)],
        trouble=trouble_of(seen, trouble) if isinstance(trouble, MINDED) else None,
        concept=concept,
        rows=rows,
        levels=[*practice_levels(seen), *other_levels(seen)],
        query=query,
        following=seen.addresses.page("/badges/bind", concept=uuid, q=query, after=found.next) if found.next else "",
    )


def _table(
    seen: Visit, badges: BadgeServices, actor: Actor, text: str = "", issuer: str = "", outcome: Outcome | None = None,
    trouble: Exception | None = None,
) -> BadgeTablePage:  # fmt: skip
    lines = outcome.lines if outcome else []
    # What is wrong is shown first, where not all is shown.
    shown = sorted(lines, key=lambda line: (line.result != "refused", line.line))[:_LINES]
    return BadgeTablePage(
        title=seen.t("badges.table"),
        trail=[Link("/badges", seen.t("badges.title"))],
        trouble=trouble_of(seen, trouble) if isinstance(trouble, MINDED) else None,
        text=text,
        issuers=[(each.slug, each.name) for each in own_issuers(badges, actor)],
        issuer=issuer,
        lines=_lines(seen, badges, shown),
        counts=[(result, outcome.count(result)) for result in _RESULTS] if outcome else [],
        applied=outcome.applied if outcome else False,
        refused=outcome.count("refused") if outcome else 0,
        right=outcome.count("bound") if outcome else 0,
    )


def _lines(seen: Visit, badges: BadgeServices, lines: Sequence[Line]) -> list[TableLine]:
    entries = badges.catalogue.entries()
    rows = []
    for line in lines:
        name = entries[line.wish.badge_class].name if line.binding and line.wish.badge_class in entries else line.wish.badge_class
        concept = line.binding.seen_name if line.binding else line.wish.concept
        level = level_name(seen, line.binding.at_level) if line.binding else line.wish.level
        reason, lang = said(line.error, seen.t) if line.error else ("", "")
        rows.append(TableLine(line.line, line.result, name, concept, level, reason, lang))
    return rows
