"""The pages of what one watches: the buttons on a concept, the notices, the daily mail and its end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response

from wikic.domain.ids import is_uuid
from wikic.domain.vocabulary import SCHEMES
from wikic.services.live_parts import LiveServices
from wikic.services.notifying import DAILY, SETTING
from wikic.services.reading_views import best
from wikic.services.watching import Notice
from wikic.web.account_services import People
from wikic.web.acting import CurrentActor
from wikic.web.dependencies import ReadingService
from wikic.web.forms import PRIVATE, Form, field, local, see, sign_in_address
from wikic.web.live_services import Live
from wikic.web.pages_common import Visit, visit
from wikic.web.views_common import Link
from wikic.web.views_concept import WatchForm
from wikic.web.views_live import NoticeLine, NoticesPage, StopPage

_SHOWN: Final = 50

Names = Mapping[str, Mapping[str, str]]
"""Preferred labels of concepts by language."""

router = APIRouter(include_in_schema=False)


def watch_form(seen: Visit, concept: str) -> WatchForm | None:
    """The buttons on the page of a concept; none in a release, and none for who has no account."""
    if seen.release or not is_uuid(seen.actor.id):
        return None
    live: LiveServices = seen.request.app.state.services.live
    held = live.watching.subjects_of(seen.actor, concept)
    choices = []
    for kind in ("concept", "branch"):
        watched = f"{kind}/{concept}" in held
        choices.append((f"{kind}/{concept}", seen.t.name("watch_button", f"{kind}_stop" if watched else kind), watched))
    return WatchForm(seen.addresses.concept(concept), choices)


@router.post("/watches")
def watch(live: Live, actor: CurrentActor, form: Form) -> Response:
    """Watch something, or stop that; then back to where the button was."""
    back = local(field(form, "back", 2_000), "/notices")
    if not actor.known:
        return see(f"/sign-in?next={quote(back, safe='')}")
    if subject := field(form, "watch", 200):
        live.watching.watch(actor, subject)
    if subject := field(form, "stop", 200):
        live.watching.unwatch(actor, subject)
    return see(back)


@router.get("/notices")
def notices_page(
    request: Request, reading: ReadingService, live: Live, people: People, actor: CurrentActor,
    before: Annotated[int, Query(ge=0, le=2**53 - 1)] = 0,
) -> Response:  # fmt: skip
    """What the reader watches, and what happened there."""
    if not actor.known:
        return see(sign_in_address(request))
    seen = visit(request, reading)
    found, following = live.watching.notices(actor, before=before, limit=_SHOWN)
    listed = live.watching.watched(actor)
    names = live.watching.names([each.name for each in listed if each.kind != "scheme"] + [_about(notice) for notice in found])
    watched = [(each.subject, each.kind, _link(seen, names, each.subject)) for each in listed]
    held = {subject for subject, _, _ in watched}
    issuers = people.organisations.names(str(notice.happening.event.data.get("organisation", "")) for notice in found if notice.why == "issuer")
    page = NoticesPage(
        title=seen.t("notices.title"),
        notices=[_line(seen, names, issuers, notice) for notice in found],
        following=f"/notices?before={following}" if following else "",
        watched=watched,
        schemes=[(f"scheme/{name}", seen.t.name("scheme", name)) for name in SCHEMES if f"scheme/{name}" not in held],
        mails=people.mailer.enabled,
        daily=actor.settings.get(SETTING) == DAILY,
    )
    return seen.answer(page, indexed=False)


@router.post("/notices/mail")
def set_mail(people: People, actor: CurrentActor, form: Form) -> Response:
    """Ask for the daily mail, or end it."""
    people.accounts.set_settings({SETTING: DAILY if field(form, "daily", 10) else None}, actor=actor)
    return see("/notices")


@router.get("/notices/stop")
def stop_page(request: Request, reading: ReadingService, token: Annotated[str, Query(max_length=100)] = "") -> Response:
    """The link in the daily mail: it asks, since programs look at links too."""
    seen = visit(request, reading)
    return seen.answer(StopPage(title=seen.t("notices.stop"), token=token, stopped=False), indexed=False, headers=PRIVATE)


@router.post("/notices/stop")
def stop(request: Request, reading: ReadingService, live: Live, form: Form) -> Response:
    """End the daily mail."""
    live.notifying.stop(field(form, "token", 100))
    seen = visit(request, reading)
    return seen.answer(StopPage(title=seen.t("notices.stop"), token="", stopped=True), indexed=False, headers=PRIVATE)


def _about(notice: Notice) -> str:
    """The concept that a notice is shown by; "" for none."""
    kind, _, name = notice.watched.partition("/")
    return name if kind in ("concept", "branch") else min(notice.happening.touched, default="")


def _line(seen: Visit, names: Names, issuers: Mapping[str, str], notice: Notice) -> NoticeLine:
    event = notice.happening.event
    kind, _, name = event.subject.partition("/")
    if kind == "proposal":
        about = best(names.get(_about(notice), {}), seen.lang)
        link = Link(f"/proposals/{name}", seen.t("notices.proposal_about", name=about) if about else seen.t("notices.proposal"))
    elif kind == "refresh":
        release, _, issuer = name.partition("/")
        link = Link(f"/refresh/{release}?issuer={issuer}", f"{seen.t('refresh.one', release=release)} · {issuers.get(issuer, issuer)}")
    elif _about(notice):
        link = _link(seen, names, f"concept/{_about(notice)}")
    else:
        link = Link("/changes" if event.seq is None else f"/changes/{event.seq}", seen.t("notices.change"))
    return NoticeLine(notice.why, event.kind, event.time, event.name, link)


def _link(seen: Visit, names: Names, subject: str) -> Link:
    """The page of what is watched."""
    kind, _, name = subject.partition("/")
    if kind == "scheme":
        return Link(seen.addresses.page("/tree", scheme=name), seen.t.name("scheme", name))
    return Link(seen.addresses.concept(name), best(names.get(name, {}), seen.lang) or name)
