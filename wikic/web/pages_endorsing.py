"""The pages of endorsements and acceptances: the forms, one of each, lists."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from starlette.datastructures import FormData

from wikic.domain.acceptances import Acceptance, Terms
from wikic.domain.access import Actor
from wikic.domain.badges import check_day
from wikic.domain.endorsements import ENDORSER_KINDS, Endorsement, Named, Statement, parse_named
from wikic.errors import WikicError
from wikic.services.acceptances import AcceptancesAsked
from wikic.services.endorsing_parts import EndorsingServices
from wikic.services.endorsing_rights import Aim, may_speak
from wikic.web.acting import CurrentActor
from wikic.web.api_acceptances import OfBadge, OfOrganisation, ValidOn
from wikic.web.api_endorsements import target_of
from wikic.web.badges_services import Badges
from wikic.web.badges_shown import PAGE, After
from wikic.web.dependencies import ReadingService
from wikic.web.endorsing_services import AcceptanceId, EndorsementId, Endorsers, endorsement_body, endorsing_of
from wikic.web.endorsing_tools import acceptance_row, endorsement_rows, page_of_named
from wikic.web.forms import Form, field, see
from wikic.web.pages_account import refused, trouble_of
from wikic.web.pages_badges_making import MINDED, Known
from wikic.web.pages_common import Visit, visit
from wikic.web.views_common import Link
from wikic.web.views_endorsing import (
    AcceptanceShown,
    AcceptancesPage,
    AcceptPage,
    EndorsementPage,
    EndorsementsPage,
    EndorsePage,
)

router = APIRouter(include_in_schema=False)

_STATEMENT: Final = ("comment", "evidence", "lang")
_TERMS: Final = ("in_place_of", "conditions", "address", "valid_from", "valid_until", "lang")
_DOCUMENTS: Final = {"ob2": "Open Badges 2.0", "ob3": "Open Badges 3.0", "jwt": "Open Badges 3.0, VC-JWT (Ed25519)"}

Target = Annotated[str, Query(max_length=2_100)]


@router.get("/endorse")
def endorse_page(request: Request, reading: ReadingService, services: Endorsers, actor: Known, target: Target) -> Response:
    """The form to endorse something."""
    seen = visit(request, reading)
    found = services.endorsements.aim(target_of(target), actor)
    # Who endorses it again begins with what they said, so that nothing of it is lost by being left out.
    said = services.endorsements.said(found.target, actor, [slug for slug, _ in services.endorsements.speakers(actor, found.issuer)])
    by, held = next(iter(said.items()), ("", Statement("", lang=seen.lang)))
    values = {"by": by, "comment": held.comment, "evidence": held.evidence, "lang": held.lang}
    return seen.answer(_endorse(seen, services, found, values), indexed=False)


@router.post("/endorse")
def endorse(request: Request, reading: ReadingService, services: Endorsers, actor: Known, form: Form) -> Response:
    """Endorse it, and show it again."""
    target = target_of(field(form, "target", 2_100))
    typed = _typed(form, ("by", *_STATEMENT))
    try:
        made = services.endorsements.make(target, Statement(**{"comment": "", **_only(typed, _STATEMENT)}), actor, organisation=typed["by"])
    except MINDED as error:
        seen = visit(request, reading)
        found = services.endorsements.aim(target, actor)
        return seen.answer(_endorse(seen, services, found, typed, error), refused(error), indexed=False)
    return see(f"{page_of_named(made.target)}#endorsed")


@router.post("/e/{id}/revoke")
def revoke(request: Request, services: Endorsers, actor: Known, id: EndorsementId, form: Form) -> Response:
    """Take an endorsement back."""
    try:
        services.endorsements.revoke(id, field(form, "reason"), actor, version=_version(form))
    except MINDED as error:
        return endorsement_page(request, services.endorsements.get(id, actor), error)
    return see(f"/e/{id}")


@router.get("/endorsements")
def endorsements_page(
    request: Request,
    reading: ReadingService,
    services: Endorsers,
    badges: Badges,
    actor: CurrentActor,
    target: Target = "",
    by: Annotated[str, Query(max_length=100)] = "",
    revoked: bool = False,
    after: After = "",
) -> Response:
    """Endorsements of something, by somebody, or all."""
    seen = visit(request, reading)
    aim, endorser = target_of(target) if target else None, parse_named(by, ENDORSER_KINDS, "endorser") if by else None
    if aim and aim.kind == "concept":
        aim = Named("concept", badges.bindings.targets.uuid_of(aim.id))
    found = services.endorsements.find(aim, endorser, actor, status="revoked" if revoked else "open", after=after, limit=PAGE)

    def address(**more: str) -> str:
        return seen.addresses.page("/endorsements", target=target, by=by, **more)

    page = EndorsementsPage(
        title=seen.t("endorse.list"),
        rows=endorsement_rows(seen, found.items, targets=True),
        states=[
            Link(address(), seen.t.name("standing", "open"), current=not revoked),
            Link(address(revoked="true"), seen.t.name("standing", "revoked"), current=revoked),
        ],
        following=address(revoked="true" if revoked else "", after=found.next) if found.next else "",
    )
    return seen.answer(page, indexed=False)


def endorsement_page(request: Request, made: Endorsement, error: WikicError | None = None) -> Response:
    """One endorsement; `error`: why what was asked of it was not done."""
    seen = visit(request, request.app.state.services.reading)
    services = endorsing_of(request).endorsements
    row = endorsement_rows(seen, [made], targets=True)[0]
    versions = services.versions(made.id, seen.actor, after=max(0, made.number - PAGE))
    body = endorsement_body(made, seen.public_url)
    documents = [("permanent", seen.t("endorse.permanent"), body["address"])]
    documents += [(name, _DOCUMENTS[name], address) for name, address in body["documents"].items()]
    page = EndorsementPage(
        title=seen.t("endorse.of", name=row.target.text if row.target else ""),
        trail=[Link("/endorsements", seen.t("endorse.list"))],
        trouble=trouble_of(seen, error) if error else None,
        id=made.id,
        row=row,
        reason=made.reason,
        versions=[(each.number, each.since, each.statement.comment) for each in reversed(versions) if each.number < made.number],
        documents=documents,
        speaks=made.status == "open" and may_speak(seen.actor, made.endorser),
        version=made.version,
    )
    return seen.answer(page, refused(error) if error else 200, indexed=False)


@router.get("/accept")
def accept_page(
    request: Request, reading: ReadingService, services: Endorsers, actor: Known, badge_class: Annotated[str, Query(max_length=60)]
) -> Response:
    """The form to declare that an organisation accepts a badge class."""
    seen = visit(request, reading)
    found = services.endorsements.aim(Named("badge_class", badge_class), actor)
    return seen.answer(_accept(seen, services, found, {"lang": seen.lang}), indexed=False)


@router.post("/accept")
def accept(request: Request, reading: ReadingService, services: Endorsers, actor: Known, form: Form) -> Response:
    """Declare it, and show the badge class again."""
    badge_class = field(form, "badge_class", 60)
    typed = _typed(form, ("organisation", *_TERMS))
    try:
        made = services.acceptances.declare(badge_class, typed["organisation"], Terms(**{"in_place_of": "", **_only(typed, _TERMS)}), actor)
    except MINDED as error:
        seen = visit(request, reading)
        found = services.endorsements.aim(Named("badge_class", badge_class), actor)
        return seen.answer(_accept(seen, services, found, typed, error), refused(error), indexed=False)
    return see(f"/badges/{made.badge_class}#accepted")


@router.get("/acceptances")
def acceptances_page(
    request: Request,
    reading: ReadingService,
    services: Endorsers,
    actor: CurrentActor,
    badge_class: OfBadge = "",
    organisation: OfOrganisation = "",
    valid_on: ValidOn = "",
    after: After = "",
) -> Response:
    """Acceptances of a badge class, by an organisation, or all."""
    seen = visit(request, reading)
    day = check_day(valid_on)
    found = services.acceptances.list(AcceptancesAsked(badge_class, organisation, day), actor, after=after, limit=PAGE)
    about = {"badge_class": badge_class, "organisation": organisation}
    page = AcceptancesPage(
        title=seen.t("accept.list"),
        rows=[acceptance_row(seen, each, day) for each in found.items],
        hidden=[(name, value) for name, value in about.items() if value],
        valid_on=day,
        download=seen.addresses.page("/api/v1/acceptances.csv", **about, valid_on=day),
        following=seen.addresses.page("/acceptances", **about, valid_on=day, after=found.next) if found.next else "",
    )
    return seen.answer(page, indexed=False)


@router.get("/acceptances/{id}")
def acceptance_page(request: Request, reading: ReadingService, services: Endorsers, id: AcceptanceId) -> Response:
    """One acceptance."""
    return _acceptance(visit(request, reading), services.acceptances.get(id))


@router.post("/acceptances/{id}/revoke")
def revoke_acceptance(request: Request, reading: ReadingService, services: Endorsers, actor: Known, id: AcceptanceId, form: Form) -> Response:
    """End an acceptance today."""
    try:
        services.acceptances.revoke(id, field(form, "reason"), actor, version=_version(form))
    except MINDED as error:
        return _acceptance(visit(request, reading), services.acceptances.get(id), error)
    return see(f"/acceptances/{id}")


def _endorse(seen: Visit, services: EndorsingServices, found: Aim, values: dict[str, str], error: WikicError | None = None) -> EndorsePage:
    actor: Actor = seen.actor
    oneself = [] if found.issuer and actor.in_organisation(found.issuer) else [("", seen.t("endorse.oneself", name=actor.name))]
    return EndorsePage(
        title=seen.t("endorse.do_one", name=found.name),
        trail=[Link(page_of_named(found.target), found.name)],
        trouble=trouble_of(seen, error) if error else None,
        target=str(found.target),
        aim=Link(page_of_named(found.target), found.name),
        speakers=oneself + services.endorsements.speakers(actor, found.issuer),
        values=dict.fromkeys(("by", *_STATEMENT), "") | values,
    )


def _accept(seen: Visit, services: EndorsingServices, found: Aim, values: dict[str, str], error: WikicError | None = None) -> AcceptPage:
    return AcceptPage(
        title=seen.t("accept.do_one", name=found.name),
        trail=[Link(page_of_named(found.target), found.name)],
        trouble=trouble_of(seen, error) if error else None,
        badge=Link(page_of_named(found.target), found.name),
        badge_class=found.target.id,
        speakers=services.endorsements.speakers(seen.actor),
        values=dict.fromkeys(("organisation", *_TERMS), "") | values,
    )


def _acceptance(seen: Visit, made: Acceptance, error: WikicError | None = None) -> Response:
    row = acceptance_row(seen, made)
    page = AcceptanceShown(
        title=seen.t("accept.of", name=made.badge_name),
        trail=[Link("/acceptances", seen.t("accept.list"))],
        trouble=trouble_of(seen, error) if error else None,
        id=made.id,
        row=row,
        revoked=made.revoked,
        reason=made.reason,
        speaks=not made.revoked and may_speak(seen.actor, Named("organisation", made.organisation)),
        version=made.version,
    )
    return seen.answer(page, refused(error) if error else 200, indexed=False)


def _typed(form: FormData, names: tuple[str, ...]) -> dict[str, str]:
    return {name: field(form, name) for name in names}


def _only(typed: dict[str, str], names: tuple[str, ...]) -> dict[str, str]:
    """What was typed of these; what was not sent, or is empty, is as it is where nobody says it."""
    return {name: typed[name] for name in names if typed[name]}


def _version(form: FormData) -> int | None:
    version = field(form, "version", 12)
    return int(version) if version.isdecimal() else None
