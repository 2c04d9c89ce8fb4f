"""Making a badge class, step by step: for which competency, what it says, what is missing; and later changes, publishing, retiring.

The guide is three plain pages. The first finds competencies, the second is filled in from them, the third is the badge class itself with what it lacks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.datastructures import FormData

from wikic.domain import access
from wikic.domain.access import Actor
from wikic.domain.badges import (
    ACHIEVEMENT_TYPES,
    BADGE_FORMATS,
    HOSTINGS,
    MOST_MONTHS,
    USUAL_VALIDITY,
    BadgeClass,
    BadgeContent,
)
from wikic.domain.badges_bindings import BINDABLE
from wikic.domain.ids import new_uuid
from wikic.errors import Conflict, Forbidden, IndexBehind, InvalidInput, NotFound, StaleVersion, TooLarge, WikicError
from wikic.services.badges_parts import BadgeServices
from wikic.services.badging_rights import may_publish
from wikic.services.binding import Wish, refusal
from wikic.services.proposing import has_terms
from wikic.services.searching import Filters, Searching
from wikic.web.acting import CurrentActor
from wikic.web.badges_services import BadgeId, Badges, image_url
from wikic.web.badges_shown import level_name, own_issuers, practice_levels, targets_of
from wikic.web.dependencies import ReadingService
from wikic.web.forms import LARGEST_PART, Form, Upload, field, fields, see
from wikic.web.pages_account import refused, trouble_of
from wikic.web.pages_badges import shown_badge
from wikic.web.pages_common import Visit, visit
from wikic.web.pages_levels_parts import other_levels
from wikic.web.views_account import Trouble
from wikic.web.views_badges import BadgeFormPage, BadgeGuidePage, BadgeStartPage, Lack, SuggestedRow
from wikic.web.views_common import Link, concept_link

router = APIRouter(include_in_schema=False)

MINDED: Final = (InvalidInput, Conflict, Forbidden, NotFound, TooLarge, StaleVersion)
_TEXTS: Final = (
    "name", "description", "criteria", "criteria_address", "review_due", "achievement_type", "human_code", "level", "deviates", "hosted",
    "address", "format",
)  # fmt: skip
_NAMES: Final = (*_TEXTS, "lang", "tags", "validity", "image")
_FOUND: Final = 12
_MOST_CHOSEN: Final = 20


def _known(actor: CurrentActor) -> Actor:
    """Whoever is signed in; before anything of a form is looked at."""
    access.require_known(actor)
    return actor


Known = Annotated[Actor, Depends(_known)]
Chosen = Annotated[list[str] | None, Query(max_length=_MOST_CHOSEN)]


@router.get("/badges/new")
def start_page(
    request: Request,
    reading: ReadingService,
    badges: Badges,
    actor: Known,
    q: Annotated[str, Query(max_length=300)] = "",
    issuer: Annotated[str, Query(max_length=60)] = "",
    concept: Chosen = None,
) -> Response:
    """The first step: for which issuer, and which competency it attests."""
    seen = visit(request, reading)
    issuers = own_issuers(badges, actor)
    chosen = concept or []
    rows = _chosen_rows(seen, chosen) + _searched(seen, q, chosen)
    page = BadgeStartPage(
        title=seen.t("badges.make"),
        trail=[Link("/badges", seen.t("badges.title"))],
        issuers=[(each.slug, each.name) for each in issuers],
        issuer=issuer,
        query=q,
        found=rows,
        may_found=access.may(actor, "propose"),
        needs_terms=not has_terms(actor),
    )
    return seen.answer(page, indexed=False)


@router.get("/badges/new/words")
def words_page(
    request: Request,
    reading: ReadingService,
    badges: Badges,
    actor: Known,
    issuer: Annotated[str, Query(max_length=60)] = "",
    concept: Chosen = None,
) -> Response:
    """The second step: what it says, filled in from the competencies."""
    access.require_organisation(actor, issuer)
    seen = visit(request, reading)
    chosen = concept or []
    return seen.answer(_form(seen, _drafted(seen, badges, chosen), issuer=issuer, chosen=chosen, once=new_uuid()), indexed=False)


@router.post("/badges/new")
def make(request: Request, reading: ReadingService, badges: Badges, actor: Known, form: Form) -> Response:
    """Make the draft, bind it to the competencies, and go on with the guide."""
    issuer, chosen, once = field(form, "issuer", 60), fields(form, "concept")[:_MOST_CHOSEN], field(form, "once", 60).lower()
    access.require_issuer(actor, issuer)
    try:
        content = _content(form)
        # Before anything is made: a competency that cannot be bound is said with the form as it was typed.
        for seen_ in badges.bindings.targets.resolved(chosen).values():
            if isinstance(seen_, WikicError):
                raise seen_
        made = badges.badging.create(issuer, content, actor, once=once)
        if chosen:
            badges.bindings.bind([Wish(made.id, uuid) for uuid in chosen], actor, source="hand")
    except MINDED as error:
        seen = visit(request, reading)
        return seen.answer(_form(seen, _typed(form), issuer=issuer, chosen=chosen, once=once, error=error), _status(error), indexed=False)
    return see(f"/badges/{made.id}/guide")


@router.get("/badges/{id}/edit")
def edit_page(request: Request, reading: ReadingService, badges: Badges, actor: Known, id: BadgeId) -> Response:
    """What it says, as a form."""
    badge = _own(badges, id, actor)
    seen = visit(request, reading)
    return seen.answer(_form(seen, _values(badge.working), badge=badge), indexed=False)


@router.post("/badges/{id}/edit")
def edit(request: Request, reading: ReadingService, badges: Badges, actor: Known, id: BadgeId, form: Form) -> Response:
    """Say something else, if nobody else has since the form was read."""
    badge = _own(badges, id, actor)
    access.require_issuer(actor, badge.issuer)
    try:
        badges.badging.change(id, _content(form, badge.working.tags), actor, version=_version(form))
    except MINDED as error:
        seen = visit(request, reading)
        return seen.answer(_form(seen, _typed(form), badge=badge, error=error), _status(error), indexed=False)
    return see(f"/badges/{id}/guide")


@router.get("/badges/{id}/guide")
def guide_page(request: Request, reading: ReadingService, badges: Badges, actor: Known, id: BadgeId) -> Response:
    """The last step: what is missing, the image, more competencies, publishing."""
    badge = _own(badges, id, actor)
    seen = visit(request, reading)
    return seen.answer(_guide(seen, badges, badge), indexed=False)


@router.post("/badges/{id}/guide")
def bind_suggested(request: Request, reading: ReadingService, badges: Badges, actor: Known, id: BadgeId, form: Form) -> Response:
    """Bind it to the suggested competencies that were chosen."""
    chosen = fields(form, "concept")[:_MOST_CHOSEN]

    def work() -> None:
        if chosen:
            outcome = badges.bindings.bind([Wish(id, uuid) for uuid in chosen], actor, source="suggested")
            if outcome.count("refused"):
                raise refusal(outcome)

    return _guided(request, reading, badges, actor, id, work)


@router.post("/badges/{id}/image")
def send_image(request: Request, reading: ReadingService, badges: Badges, actor: Known, id: BadgeId, form: Upload) -> Response:
    """Keep the image that was sent, or have it drawn again where that is asked for."""
    version, data, draw = _version(form.texts), form.files.get("image", b""), bool(field(form.texts, "draw", 1))

    def work() -> None:
        if not data and not draw:
            raise InvalidInput("choose a PNG or SVG file first", reason="image-nothing")
        badges.badging.set_image(id, b"" if draw else data, actor, version=version)

    return _guided(request, reading, badges, actor, id, work)


@router.post("/badges/{id}/publish")
def publish(request: Request, reading: ReadingService, badges: Badges, actor: Known, id: BadgeId, form: Form) -> Response:
    """Publish what waits."""
    version = _version(form)
    return _guided(
        request, reading, badges, actor, id, lambda: badges.badging.publish(id, actor, version=version), f"/badges/{id}"
    )


@router.post("/badges/{id}/retire")
def retire(request: Request, reading: ReadingService, badges: Badges, actor: Known, id: BadgeId, form: Form) -> Response:
    """Say that it is given no longer."""
    reason = field(form, "reason")
    return on_page(request, reading, badges, actor, id, lambda: badges.badging.retire(id, actor, reason=reason))


@router.post("/badges/{id}/restore")
def restore(request: Request, reading: ReadingService, badges: Badges, actor: Known, id: BadgeId, form: Form) -> Response:
    """Let an older version's words wait to be published next."""
    number = field(form, "number", 8)
    wanted = int(number) if number.isdecimal() else 0
    return _guided(request, reading, badges, actor, id, lambda: badges.badging.restore(id, wanted, actor, version=None))


@router.post("/badges/{id}/unbind")
def unbind(request: Request, reading: ReadingService, badges: Badges, actor: Known, id: BadgeId, form: Form) -> Response:
    """End a binding."""
    binding = field(form, "binding", 60)
    return on_page(request, reading, badges, actor, id, lambda: badges.bindings.unbind([binding], actor))


def _guided(
    request: Request, reading: ReadingService, badges: BadgeServices, actor: Actor, id: str, work: Callable[[], object], then: str = ""
) -> Response:
    """Do something in the guide and show it again; what is refused stands above it."""
    badge = _own(badges, id, actor)
    access.require_issuer(actor, badge.issuer)
    try:
        work()
    except Forbidden:
        raise
    except MINDED as error:
        seen = visit(request, reading)
        return seen.answer(_guide(seen, badges, badge, error=error), _status(error), indexed=False)
    return see(then or f"/badges/{id}/guide")


def on_page(
    request: Request, reading: ReadingService, badges: BadgeServices, actor: Actor, id: str, work: Callable[[], object], then: str = ""
) -> Response:
    """Do something to a badge class, then show it (or what is `then` to be seen); what is refused stands above it."""
    badge = badges.badging.get(id, actor)
    try:
        work()
    except Forbidden:
        raise
    except MINDED as error:
        seen = visit(request, reading)
        return seen.answer(shown_badge(seen, badges, badge, error=error), _status(error), indexed=False)
    return see(then or f"/badges/{id}")


def _own(badges: BadgeServices, identity: str, actor: Actor) -> BadgeClass:
    """A badge class of an issuer that the reader works for. Raises NotFound, Forbidden."""
    badge = badges.badging.get(identity, actor)
    access.require_organisation(actor, badge.issuer)
    return badge


def _guide(seen: Visit, badges: BadgeServices, badge: BadgeClass, *, error: WikicError | None = None) -> BadgeGuidePage:
    lacks = badges.badging.missing(badge)
    bound = badges.bindings.of_badge(badge.id, seen.actor).items
    manages = may_publish(seen.actor, badge.issuer)
    waits = badge.status != "published" or badge.draft is not None
    held = {each.concept for each in bound}
    try:
        suggested = [each for each in badges.suggesting.suggest(badge.working) if each.concept not in held]
    except IndexBehind:
        suggested = []
    return BadgeGuidePage(
        title=seen.t("badges.guide_of", name=badge.working.name),
        trail=[Link("/badges", seen.t("badges.title")), Link(f"/badges/{badge.id}", badge.content.name)],
        trouble=_trouble(seen, error),
        badge=badge,
        image=f"{image_url('', badge.id)}?draft=true",
        lacks=[Lack(seen.t(f"badge.missing.{each.key}"), seen.t(f"badge.suggest.{each.key}"), each.required) for each in lacks],
        bound=targets_of(seen, badges, bound, badge.working.lang),
        suggested=[
            SuggestedRow(concept_link(each.body, seen.addresses, seen.lang), ", ".join(each.words)) for each in suggested[:_FOUND]
        ],
        manages=manages,
        may_bind=manages or not badge.public,
        ready=waits and not any(each.required for each in lacks),
        own_image=bool(badge.working.image),
    )


def _form(
    seen: Visit, values: dict[str, str], *, issuer: str = "", chosen: Sequence[str] = (), once: str = "",
    badge: BadgeClass | None = None, error: WikicError | None = None,
) -> BadgeFormPage:  # fmt: skip
    t = seen.t
    levels = [*practice_levels(seen), *other_levels(seen)]
    if values.get("level") and values["level"] not in dict(levels):
        levels.append((values["level"], _level_or_text(seen, values["level"])))
    trail = [Link("/badges", t("badges.title"))] + ([Link(f"/badges/{badge.id}", badge.content.name)] if badge else [])
    return BadgeFormPage(
        title=t("badges.edit") if badge else t("badges.words"),
        trail=trail,
        trouble=_trouble(seen, error),
        action=f"/badges/{badge.id}/edit" if badge else "/badges/new",
        new=badge is None,
        once=once,
        values={name: values.get(name, "") for name in _NAMES},
        chosen=[row.concept for row in _chosen_rows(seen, chosen)],
        issuer=badge.issuer if badge else issuer,
        types=[(each, t.name("achievement_type", each)) for each in _types(values.get("achievement_type", ""))],
        levels=levels,
        hostings=[(each, t.name("badge_hosted", each)) for each in HOSTINGS],
        formats=[(each, t.name("badge_format", each)) for each in BADGE_FORMATS],
        version=badge.version if badge else 0,
    )


def _types(chosen: str) -> list[str]:
    return [*ACHIEVEMENT_TYPES, *([chosen] if chosen and chosen not in ACHIEVEMENT_TYPES else [])]


def _level_or_text(seen: Visit, level: str) -> str:
    try:
        return level_name(seen, level)
    except InvalidInput:
        return level


def _drafted(seen: Visit, badges: BadgeServices, concepts: Sequence[str]) -> dict[str, str]:
    """The form filled in from the competencies: name, description, criteria, and what most badge classes say."""
    values = {"lang": seen.lang, "validity": str(USUAL_VALIDITY), "achievement_type": "Competency", "hosted": "here"}
    targets = [target for target in badges.bindings.targets.of(concepts, seen.lang).values() if target.concept in concepts]
    if not targets:
        return values
    name = targets[0].name
    values["name"] = name[:1].upper() + name[1:]
    values["description"] = "\n\n".join(target.description for target in targets if target.description) or values["name"]
    lines = [seen.t("badges.criterion", name=target.name) for target in targets]
    values["criteria"] = "\n".join([seen.t("badges.criteria_begin"), *(f"- {line}" for line in lines)])
    return values


def _chosen_rows(seen: Visit, concepts: Sequence[str]) -> list[SuggestedRow]:
    reading = seen.request.app.state.services.reading
    wanted = list(dict.fromkeys(concepts))[:_MOST_CHOSEN]
    found: dict[str, Any] = reading.briefs(wanted, seen.moment or reading.moment()) if wanted else {}
    return [SuggestedRow(concept_link(found[uuid], seen.addresses, seen.lang), "", True) for uuid in wanted if uuid in found]


def _searched(seen: Visit, query: str, chosen: Sequence[str]) -> list[SuggestedRow]:
    if not query.strip():
        return []
    searching: Searching = seen.request.app.state.services.searching
    sought = searching.sought()
    found: list[dict[str, Any]] = []
    for kind in BINDABLE:
        found += searching.results(query, Filters("", kind, "", "active"), sought, limit=_FOUND).items
    found.sort(key=lambda body: (-float(body["score"]), str(body["uuid"])))
    return [SuggestedRow(concept_link(body, seen.addresses, seen.lang), "") for body in found if body["uuid"] not in chosen][:_FOUND]


def _content(form: FormData, held: Sequence[str] = ()) -> BadgeContent:
    """What was typed. `held`: the tags that it had; where nobody touched them, one with a comma within stays one."""
    validity = field(form, "validity", 6).strip()
    if validity and not validity.isdecimal():
        raise InvalidInput("validity is a number of months, or empty for ever", reason="validity", most=MOST_MONTHS)
    values: dict[str, Any] = {name: field(form, name) for name in (*_TEXTS, "lang", "image")}
    typed = field(form, "tags", 3_000)
    tags = list(held) if typed == ", ".join(held) else [tag for tag in typed.replace(";", ",").split(",") if tag.strip()]
    return BadgeContent.of(values | {"tags": tags, "validity": int(validity) if validity else None, "hosted": values["hosted"] or "here"})


def _typed(form: FormData) -> dict[str, str]:
    # Whatever is wrong with it, what was typed is shown again.
    return {name: field(form, name, LARGEST_PART) for name in _NAMES}


def _values(content: BadgeContent) -> dict[str, str]:
    packed = content.packed()
    values = {name: "" if packed[name] is None else str(packed[name]) for name in _NAMES}
    return values | {"tags": ", ".join(content.tags)}


def _version(form: FormData) -> int:
    version = field(form, "version", 12)
    return int(version) if version.isdecimal() else 0


def _trouble(seen: Visit, error: WikicError | None) -> Trouble | None:
    if error is None:
        return None
    return Trouble(seen.t("badges.stale")) if isinstance(error, StaleVersion) else trouble_of(seen, error)


def _status(error: WikicError) -> int:
    return 412 if isinstance(error, StaleVersion) else refused(error)
