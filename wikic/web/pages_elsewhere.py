"""Bringing badge classes in that are hosted elsewhere (one address, or a whole catalogue), how they are kept up to date; and discarding drafts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as with_default
from typing import Final

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from wikic.domain import access
from wikic.domain.access import Actor
from wikic.errors import Forbidden, InvalidInput, TargetRefused, TooLarge, WikicError
from wikic.services.badges_parts import BadgeServices
from wikic.services.badging_rights import may_publish
from wikic.services.binding_csv import decoded
from wikic.services.elsewhere import Asked
from wikic.services.elsewhere_gathering import Wanted, of_addresses, wanted_of
from wikic.services.elsewhere_offers import RESULTS, Offers
from wikic.web.badges_services import BadgeId, Badges
from wikic.web.badges_shown import own_issuers
from wikic.web.dependencies import ReadingService
from wikic.web.elsewhere_services import ElsewherePort, elsewhere_of
from wikic.web.elsewhere_shown import offer_rows
from wikic.web.forms import MOST_FIELDS, Form, Upload, field, see
from wikic.web.pages_account import refused, trouble_of
from wikic.web.pages_badges_making import MINDED, Known, on_page
from wikic.web.pages_common import Visit, visit
from wikic.web.views_common import Link
from wikic.web.views_elsewhere import ElsewherePage, KeptRow

router = APIRouter(include_in_schema=False)

MOST_SHOWN: Final = 200
"""Badge classes that a page brings in at once: each has several boxes."""
_MINDED: Final = (*MINDED, TargetRefused)
_LONGEST: Final = 1_500_000
_KEPT: Final = 200
_ASKED: Final = 2_000
_FIRST: Final = ("lost", "unreachable", "differs", "waiting", "same")


@dataclass(frozen=True, slots=True)
class _Sent:
    """What a form holds."""

    text: str = ""
    issuer: str = ""
    draw: bool = False
    one: bool = False
    chosen: frozenset[str] | None = None
    concepts: Mapping[str, Sequence[str]] = with_default(default_factory=dict)
    seen: Mapping[str, str] = with_default(default_factory=dict)


@router.get("/badges/elsewhere")
def elsewhere_page(request: Request, reading: ReadingService, badges: Badges, actor: Known) -> Response:
    """The form for one address, and those that are kept up to date."""
    seen = visit(request, reading)
    return seen.answer(_page(seen, badges, actor, _Sent(one=True)), indexed=False)


@router.get("/badges/catalogue")
def catalogue_page(request: Request, reading: ReadingService, badges: Badges, actor: Known) -> Response:
    """The form for a whole catalogue."""
    seen = visit(request, reading)
    return seen.answer(_page(seen, badges, actor, _Sent()), indexed=False)


@router.post("/badges/elsewhere")
def look_at_one(request: Request, reading: ReadingService, badges: Badges, actor: Known, form: Form) -> Response:
    """What would come of one address."""
    sent = _Sent(field(form, "address", 2_000).strip(), field(form, "issuer", 60), bool(field(form, "draw", 5)), one=True)
    return _looked(request, reading, badges, actor, sent, lambda: of_addresses([sent.text]))


@router.post("/badges/catalogue")
def look_at_catalogue(request: Request, reading: ReadingService, badges: Badges, actor: Known, form: Upload) -> Response:
    """What would come of a file, a text, or an address."""
    text = decoded(form.files.get("file", b"")) or field(form.texts, "text", _LONGEST)
    sent = _Sent(text, field(form.texts, "issuer", 60), bool(field(form.texts, "draw", 5)))
    return _looked(request, reading, badges, actor, sent, lambda: wanted_of(text))


@router.post("/badges/catalogue/take")
def take(request: Request, reading: ReadingService, badges: Badges, elsewhere: ElsewherePort, actor: Known, form: Form) -> Response:
    """Take those that were chosen, all or nothing, if they say what was shown."""
    sent, publish = _sent(form), field(form, "act", 20) == "publish"
    access.require_issuer(actor, sent.issuer)
    seen = visit(request, reading)
    asked = Asked(publish, draw=sent.draw, lang=seen.lang, concepts=sent.concepts, seen=sent.seen, only=sent.chosen)
    try:
        if not sent.chosen:
            raise InvalidInput("choose at least one badge class", reason="catalogue-choose")
        wanted = of_addresses([sent.text]) if sent.one else wanted_of(sent.text)
        offers = elsewhere.taking.take(sent.issuer, wanted, actor, asked)
    except Forbidden:
        raise
    except _MINDED as error:
        return seen.answer(_page(seen, badges, actor, sent, error=error), refused(error), indexed=False)
    if not offers.applied:
        wrong = offers.refusal()
        return seen.answer(_page(seen, badges, actor, sent, offers, error=wrong), refused(wrong), indexed=False)
    if len(offers.lines) == 1 and offers.lines[0].badge:
        return see(f"/badges/{offers.lines[0].badge}" + ("" if publish else "/guide"))
    return seen.answer(_page(seen, badges, actor, sent, offers), indexed=False)


@router.post("/badges/{id}/reread")
def reread(request: Request, reading: ReadingService, badges: Badges, elsewhere: ElsewherePort, actor: Known, id: BadgeId, form: Form) -> Response:  # noqa: ARG001 - a form is sent
    """Read its address again now."""
    return on_page(request, reading, badges, actor, id, lambda: elsewhere.keeping.reread(id, actor))


@router.post("/badges/{id}/discard")
def discard(request: Request, reading: ReadingService, badges: Badges, actor: Known, id: BadgeId, form: Form) -> Response:
    """Discard a draft, or what waits to be published."""
    version = field(form, "version", 12)
    public = badges.badging.get(id, actor).public
    wanted = int(version) if version.isdecimal() else None
    return on_page(request, reading, badges, actor, id, lambda: badges.badging.discard(id, actor, version=wanted), "" if public else "/badges")


def _looked(request: Request, reading: ReadingService, badges: BadgeServices, actor: Actor, sent: _Sent, gather: Callable[[], list[Wanted]]) -> Response:
    access.require_issuer(actor, sent.issuer)
    seen = visit(request, reading)
    try:
        offers = elsewhere_of(request).taking.look(sent.issuer, gather(), actor, Asked(draw=sent.draw, lang=seen.lang))
        if len(offers.lines) > MOST_SHOWN:
            raise TooLarge(
                f"there are {len(offers.lines)} badge classes: {MOST_SHOWN} at most on this page, more by the API or the command",
                reason="catalogue-shown", most=MOST_SHOWN,
            )  # fmt: skip
    except Forbidden:
        raise
    except _MINDED as error:
        return seen.answer(_page(seen, badges, actor, sent, error=error), refused(error), indexed=False)
    return seen.answer(_page(seen, badges, actor, sent, offers), indexed=False)


def _sent(form: FormData) -> _Sent:
    """What was chosen. Each box holds an address, with what it is about before it."""
    concepts: dict[str, list[str]] = {}
    chosen = frozenset(_texts(form, "take"))
    for address in chosen:
        concepts[address] = []
    for value in _texts(form, "bind"):
        uuid, _, address = value.partition(" ")
        concepts.setdefault(address, []).append(uuid)
    seen = {address: digest for digest, _, address in (value.partition(" ") for value in _texts(form, "seen"))}
    one = field(form, "one", 5) == "1"
    return _Sent(field(form, "text", _LONGEST), field(form, "issuer", 60), bool(field(form, "draw", 5)), one, chosen, concepts, seen)


def _texts(form: FormData, name: str) -> list[str]:
    return [value for value in form.getlist(name) if isinstance(value, str)][:MOST_FIELDS]


def _page(
    seen: Visit, badges: BadgeServices, actor: Actor, sent: _Sent, offers: Offers | None = None, *, error: WikicError | None = None
) -> ElsewherePage:
    # After something was refused, what the address says now stands there to be confirmed again.
    rows = offer_rows(seen, offers, sent.chosen, sent.concepts) if offers else []
    return ElsewherePage(
        title=seen.t("catalogue.one") if sent.one else seen.t("catalogue.title"),
        trail=[Link("/badges", seen.t("badges.title"))],
        trouble=trouble_of(seen, error) if error else None,
        one=sent.one,
        text=sent.text,
        issuers=[(each.slug, each.name) for each in own_issuers(badges, actor)],
        issuer=sent.issuer,
        draw=sent.draw,
        rows=rows,
        counts=[(result, offers.count(result)) for result in RESULTS] if offers else [],
        applied=offers.applied if offers else False,
        manages=may_publish(actor, sent.issuer),
        kept=_kept(seen, badges, actor) if sent.one and not rows else (),
        may_found=access.may(actor, "propose"),
    )


def _kept(seen: Visit, badges: BadgeServices, actor: Actor) -> list[KeptRow]:
    """One's own badge classes that are hosted elsewhere, those that need somebody first."""
    own = {each.slug for each in own_issuers(badges, actor)}
    mine = {each.id: each for each in badges.catalogue.entries().values() if each.issuer in own and each.hosted == "elsewhere" and each.status != "retired"}
    mine = dict(sorted(mine.items(), key=lambda pair: pair[1].order)[:_ASKED])
    states = elsewhere_of(seen.request).keeping.states(list(mine))
    rows = [
        KeptRow(Link(f"/badges/{key}", each.name), each.address, states[key].word if key in states else "waiting", states[key].read if key in states else "")
        for key, each in mine.items()
    ]
    return sorted(rows, key=lambda row: (_FIRST.index(row.state), row.link.text.casefold()))[:_KEPT]


