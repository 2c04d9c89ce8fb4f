"""The pages of organisations: the list, one of them, founding and changing, members, invitations, networks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from starlette.datastructures import FormData

from wikic.domain import access
from wikic.domain.access import ORGANISATION_KINDS, ORGANISATION_ROLES, Actor
from wikic.domain.organisations import Organisation, Profile, suggest_slug
from wikic.errors import Conflict, InvalidInput, StaleVersion, Throttled
from wikic.web.account_services import People
from wikic.web.acting import CurrentActor
from wikic.web.dependencies import ReadingService
from wikic.web.endorsing_tools import spoken
from wikic.web.forms import Form, field, fields, see
from wikic.web.pages_account import invited_text, refused, trouble_of
from wikic.web.pages_common import Visit, visit
from wikic.web.views_account import MessagePage, Trouble
from wikic.web.views_common import Link
from wikic.web.views_organisations import OrganisationFormPage, OrganisationPage, OrganisationsPage

router = APIRouter(include_in_schema=False)


def _known(actor: CurrentActor) -> Actor:
    """Whoever is signed in; before anything of a form is looked at."""
    access.require_known(actor)
    return actor


Known = Annotated[Actor, Depends(_known)]
Slug = Annotated[str, Path(max_length=60)]

_FIELDS = ("description", "siren", "siret", "street", "postcode", "city", "country", "site", "email")
_LISTS = ("idcc", "territories", "sectors", "colours")
_MINDED = (InvalidInput, Conflict, Throttled)


@router.get("/organisations")
def organisations_page(
    request: Request,
    reading: ReadingService,
    people: People,
    actor: CurrentActor,
    kind: Annotated[str, Query(max_length=40)] = "",
    after: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    """Those that the reader may see."""
    found, following = people.organisations.list(actor=actor, kind=kind, after=after)
    seen = visit(request, reading)
    kinds = [Link("/organisations", seen.t("search.all"), current=not kind)]
    kinds += [
        Link(f"/organisations?kind={each}", seen.t.name("organisation_kind", each), current=kind == each)
        for each in ORGANISATION_KINDS
    ]
    page = OrganisationsPage(
        title=seen.t("organisation.title"),
        organisations=found,
        kinds=kinds,
        following=seen.addresses.page("/organisations", kind=kind, after=following) if following else "",
        may_found=access.may(actor, "propose"),
    )
    return seen.answer(page)


@router.get("/organisations/new")
def new_page(request: Request, reading: ReadingService, actor: Known, kind: Annotated[str, Query(max_length=40)] = "") -> Response:
    """The form to found one, of the kind that a link asks for. Issuers begin in public: nobody publishes in private."""
    access.require(actor, "propose")
    seen = visit(request, reading)
    return seen.answer(_form_page(seen, "/organisations/new", {"kind": kind}, private=kind != "issuer"), indexed=False)


@router.post("/organisations/new")
def found(request: Request, reading: ReadingService, people: People, actor: Known, form: Form) -> Response:
    """Found one."""
    name = field(form, "name", 300)
    slug = field(form, "slug", 100).strip() or suggest_slug(name)
    try:
        made = people.organisations.make(
            slug, name, field(form, "kind", 40), actor=actor, profile=_profile(form), private=bool(field(form, "private", 5))
        )
    except _MINDED as error:
        seen = visit(request, reading)
        page = _form_page(
            seen, "/organisations/new", _typed(form), private=bool(field(form, "private", 5)), trouble=trouble_of(seen, error)
        )
        return seen.answer(page, refused(error), indexed=False)
    return see(f"/organisations/{made.slug}")


@router.get("/organisations/{slug}")
def organisation_page(
    request: Request, reading: ReadingService, people: People, actor: CurrentActor, slug: Slug, invited: Annotated[str, Query(max_length=300)] = ""
) -> Response:
    """One of them."""
    organisation = people.organisations.get(slug, actor=actor)
    seen = visit(request, reading)
    return seen.answer(_page(seen, people, organisation, invited=invited), indexed=not organisation.private)


@router.get("/organisations/{slug}/edit")
def edit_page(request: Request, reading: ReadingService, people: People, actor: Known, slug: Slug) -> Response:
    """The form to change its profile."""
    organisation = people.organisations.get(slug, actor=actor)
    access.require_organisation(actor, slug, "manager")
    seen = visit(request, reading)
    page = _form_page(
        seen, f"/organisations/{slug}/edit", _values(organisation), private=organisation.private, organisation=organisation
    )
    return seen.answer(page, indexed=False)


@router.post("/organisations/{slug}/edit")
def edit(request: Request, reading: ReadingService, people: People, actor: Known, slug: Slug, form: Form) -> Response:
    """Change its profile, if nobody else has since the form was read."""
    organisation = people.organisations.get(slug, actor=actor)
    access.require_organisation(actor, slug, "manager")
    version, private = field(form, "version", 12), bool(field(form, "private", 5))
    try:
        people.organisations.change(
            slug, actor=actor, version=int(version) if version.isdecimal() else 0, name=field(form, "name", 300),
            private=private, profile=_profile(form),
        )  # fmt: skip
    except (*_MINDED, StaleVersion) as error:
        seen = visit(request, reading)
        trouble = Trouble(seen.t("organisation.stale")) if isinstance(error, StaleVersion) else trouble_of(seen, error)
        page = _form_page(
            seen, f"/organisations/{slug}/edit", _typed(form), private=private, organisation=organisation, trouble=trouble
        )
        return seen.answer(page, 412 if isinstance(error, StaleVersion) else refused(error), indexed=False)
    return see(f"/organisations/{slug}")


@router.post("/organisations/{slug}/invitations")
def invite(request: Request, reading: ReadingService, people: People, actor: Known, slug: Slug, form: Form) -> Response:
    """Invite somebody; a link that is not mailed is shown in this very answer, since nothing keeps it."""
    organisation = people.organisations.get(slug, actor=actor)
    access.require_organisation(actor, slug, "manager")
    seen = visit(request, reading)
    try:
        link, made = people.joining.invite(
            field(form, "email", 300), organisation=slug, roles=[role for role in fields(form, "role") if role], actor=actor, lang=seen.lang
        )
    except _MINDED as error:
        page = _page(seen, people, organisation, trouble_of(seen, error), typed={"email": field(form, "email"), "role": field(form, "role")})
        return seen.answer(page, refused(error), indexed=False)
    back = Link(f"/organisations/{slug}", organisation.name)
    page_ = MessagePage(title=seen.t("people.invite"), text=invited_text(seen, link, made), secret=link, link=back)
    return seen.answer(page_, 201, indexed=False)


@router.post("/organisations/{slug}/invitations/withdraw")
def withdraw(people: People, actor: Known, slug: Slug, form: Form) -> Response:
    """Make an invitation useless."""
    people.organisations.get(slug, actor=actor)
    people.joining.withdraw(field(form, "invitation", 100), slug, actor=actor)
    return see(f"/organisations/{slug}")


@router.post("/organisations/{slug}/members")
def set_roles(request: Request, reading: ReadingService, people: People, actor: Known, slug: Slug, form: Form) -> Response:
    """Set the roles of a member."""
    return _on_members(
        request, reading, people, actor, slug,
        lambda: people.organisations.set_roles(slug, field(form, "user", 100), fields(form, "role"), actor=actor),
    )  # fmt: skip


@router.post("/organisations/{slug}/members/remove")
def remove(request: Request, reading: ReadingService, people: People, actor: Known, slug: Slug, form: Form) -> Response:
    """Take a member out, or leave."""
    return _on_members(
        request, reading, people, actor, slug,
        lambda: people.organisations.remove(slug, field(form, "user", 100), actor=actor),
    )  # fmt: skip


@router.post("/organisations/{slug}/networks")
def associate(request: Request, reading: ReadingService, people: People, actor: Known, slug: Slug, form: Form) -> Response:
    """Ask another organisation into this network, or ask to be in another network; or agree to what was asked."""
    other = field(form, "other", 60).strip()
    as_network = field(form, "side", 20) == "network"
    return _on_members(
        request, reading, people, actor, slug,
        lambda: people.organisations.associate(*((slug, other) if as_network else (other, slug)), actor=actor),
        typed={"side": "network" if as_network else "organisation", "other": other},
    )  # fmt: skip


@router.post("/organisations/{slug}/networks/leave")
def dissociate(people: People, actor: Known, slug: Slug, form: Form) -> Response:
    """End it, or say no."""
    other = field(form, "other", 60).strip()
    as_network = field(form, "side", 20) == "network"
    people.organisations.dissociate(*((slug, other) if as_network else (other, slug)), actor=actor)
    return see(f"/organisations/{slug}")


def _on_members(
    request: Request, reading: ReadingService, people: People, actor: Actor, slug: str, work: Callable[[], object], typed: Mapping[str, str] | None = None
) -> Response:
    """Do something to an organisation and show it again; what is refused stands above it."""
    organisation = people.organisations.get(slug, actor=actor)
    try:
        work()
    except _MINDED as error:
        seen = visit(request, reading)
        return seen.answer(_page(seen, people, organisation, trouble_of(seen, error), typed=typed), refused(error), indexed=False)
    # Who has left a private one sees it no more.
    stays = access.may(actor, "administer") or not organisation.private
    belongs = slug in people.accounts.organisations_of(actor.id)
    return see(f"/organisations/{slug}" if stays or belongs else "/organisations")


def _page(
    seen: Visit, people: People, organisation: Organisation, trouble: Trouble | None = None, invited: str = "", typed: Mapping[str, str] | None = None
) -> OrganisationPage:
    actor, slug = seen.actor, organisation.slug
    belongs, manages = actor.in_organisation(slug), actor.is_admin or actor.in_organisation(slug, "manager")
    holds, networks = people.organisations.associations(slug, actor=actor)
    invitations, more = people.joining.invitations(slug, actor=actor, after=invited) if manages else ([], "")
    return OrganisationPage(
        title=organisation.name,
        trail=[Link("/organisations", seen.t("organisation.title"))],
        organisation=organisation,
        members=people.organisations.members(slug, actor=actor) if belongs or manages else (),
        belongs=belongs,
        manages=manages,
        reader=actor.id,
        invitations=invitations,
        more_invitations=seen.addresses.page(f"/organisations/{slug}", invited=more) if more else "",
        roles=[(role, seen.t.name("organisation_role", role)) for role in ORGANISATION_ROLES if role != "member"],
        holds=holds,
        networks=networks,
        spoken=None if organisation.private else spoken(seen, slug),
        trouble=trouble,
        typed=typed or {},
    )


def _form_page(
    seen: Visit,
    action: str,
    values: dict[str, str],
    *,
    private: bool,
    organisation: Organisation | None = None,
    trouble: Trouble | None = None,
) -> OrganisationFormPage:
    trail = [Link("/organisations", seen.t("organisation.title"))]
    if organisation is not None:
        trail.append(Link(f"/organisations/{organisation.slug}", organisation.name))
    names = ("name", "slug", "kind", *_LISTS, *_FIELDS)
    return OrganisationFormPage(
        title=seen.t("organisation.edit") if organisation else seen.t("organisation.found"),
        trail=trail,
        action=action,
        new=organisation is None,
        values={name: values.get(name, "") for name in names},
        private=private,
        kinds=[(kind, seen.t.name("organisation_kind", kind)) for kind in ORGANISATION_KINDS],
        version=organisation.version if organisation else 0,
        trouble=trouble,
    )


def _profile(form: FormData) -> Profile:
    lists = {name: _listed(field(form, name)) for name in _LISTS}
    return Profile.of({name: field(form, name) for name in _FIELDS} | lists)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").replace(";", " ").split())


def _typed(form: FormData) -> dict[str, str]:
    return {name: field(form, name) for name in ("name", "slug", "kind", *_LISTS, *_FIELDS)}


def _values(organisation: Organisation) -> dict[str, str]:
    values = {
        name: " ".join(value) if isinstance(value, list) else str(value)
        for name, value in organisation.profile.packed().items()
    }
    return values | {"name": organisation.name, "slug": organisation.slug, "kind": organisation.kind}
