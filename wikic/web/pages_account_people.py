"""People, for admins: the list, roles, links for passwords, invitations to the site."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from wikic.domain import access
from wikic.domain.access import ROLES, Actor, Grant
from wikic.domain.accounts import DISABLED, Person
from wikic.web.account_services import People
from wikic.web.acting import CurrentActor
from wikic.web.dependencies import ReadingService
from wikic.web.forms import Form, field, see
from wikic.web.pages_account import MINDED, invited_text, refused, trouble_of
from wikic.web.pages_account_own import organisation_links, role_words
from wikic.web.pages_common import Visit, visit
from wikic.web.texts import Texts
from wikic.web.views_account import MessagePage, PeoplePage, PersonLine, PersonPage, Trouble
from wikic.web.views_common import Link

router = APIRouter(include_in_schema=False)


def _admin(actor: CurrentActor) -> Actor:
    """Whoever may administer; before anything of a form is looked at, or shown again."""
    access.require(actor, "administer")
    return actor


Admin = Annotated[Actor, Depends(_admin)]
User = Annotated[str, Path(max_length=40)]


@router.get("/people")
def people_page(
    request: Request,
    reading: ReadingService,
    people: People,
    _: Admin,
    after: Annotated[str, Query(max_length=300)] = "",
    invited: Annotated[str, Query(max_length=300)] = "",
) -> Response:
    """The list, what waits, and invitations."""
    seen = visit(request, reading)
    return seen.answer(_people(seen, people, after, invited), indexed=False)


@router.post("/people/approve")
def approve(request: Request, reading: ReadingService, people: People, actor: Admin, form: Form) -> Response:
    """A link for a registration that waits."""
    email = field(form, "email", 300)
    link = people.joining.approve(email, actor=actor)
    seen = visit(request, reading)
    return _handed_over(seen, seen.t("people.waiting"), seen.t("people.approved", email=email), link, "/people")


@router.post("/people/invitations")
def invite(request: Request, reading: ReadingService, people: People, actor: Admin, form: Form) -> Response:
    """Invite to the site."""
    seen = visit(request, reading)
    try:
        link, made = people.joining.invite(
            field(form, "email", 300), actor=actor, grants=[Grant(field(form, "role", 40))], lang=seen.lang
        )
    except MINDED as error:
        typed = {"email": field(form, "email"), "role": field(form, "role")}
        return seen.answer(_people(seen, people, trouble=trouble_of(seen, error), typed=typed), refused(error), indexed=False)
    return _handed_over(seen, seen.t("people.invite"), invited_text(seen, link, made), link, "/people")


@router.post("/people/invitations/withdraw")
def withdraw(people: People, actor: Admin, form: Form) -> Response:
    """Make an invitation useless."""
    people.joining.withdraw(field(form, "invitation", 100), actor=actor)
    return see("/people")


@router.get("/people/{user}")
def person_page(request: Request, reading: ReadingService, people: People, _: Admin, user: User) -> Response:
    """One person."""
    seen = visit(request, reading)
    return seen.answer(_person(seen, people, people.accounts.person(user)), indexed=False)


@router.post("/people/{user}/grant")
def grant(
    request: Request, reading: ReadingService, people: People, actor: Admin, user: User, form: Form
) -> Response:
    """Give a role."""
    try:
        people.accounts.grant(user, Grant(field(form, "role", 40), field(form, "scope", 200).strip()), actor=actor)
    except MINDED as error:
        seen = visit(request, reading)
        typed = {"role": field(form, "role"), "scope": field(form, "scope")}
        page = _person(seen, people, people.accounts.person(user), trouble_of(seen, error), typed)
        return seen.answer(page, refused(error), indexed=False)
    return see(f"/people/{user}")


@router.post("/people/{user}/revoke")
def revoke(people: People, actor: Admin, user: User, form: Form) -> Response:
    """Take a role away."""
    people.accounts.revoke(user, Grant(field(form, "role", 40), field(form, "scope", 200)), actor=actor)
    return see(f"/people/{user}")


@router.post("/people/{user}/password-link")
def password_link(request: Request, reading: ReadingService, people: People, actor: Admin, user: User) -> Response:
    """A link to a new password, to hand over."""
    link = people.joining.password_link(user, actor=actor)
    seen = visit(request, reading)
    text = seen.t("people.password_link_made", name=people.accounts.person(user).name)
    return _handed_over(seen, seen.t("people.password_link"), text, link, f"/people/{user}")


@router.post("/people/{user}/sessions")
def end_sessions(people: People, actor: Admin, user: User) -> Response:
    """End all their sessions."""
    people.signing.end_sessions_of(user, actor=actor)
    return see(f"/people/{user}")


@router.post("/people/{user}/state")
def set_state(people: People, actor: Admin, user: User, form: Form) -> Response:
    """Disable or enable the account."""
    change = people.accounts.disable if field(form, "state", 20) == DISABLED else people.accounts.enable
    change(user, actor=actor)
    return see(f"/people/{user}")


def _handed_over(seen: Visit, title: str, text: str, secret: str, back: str) -> Response:
    page = MessagePage(title=title, text=text, secret=secret, link=Link(back, seen.t("people.title")))
    return seen.answer(page, 201, indexed=False)


def _line(t: Texts, person: Person) -> PersonLine:
    roles = [role_words(t, grant) for grant in person.grants]
    return PersonLine(f"/people/{person.id}", person.name, person.email, roles, person.state == DISABLED, person.created)


def _roles(t: Texts) -> list[tuple[str, str]]:
    return [(role, t.name("role", role)) for role in ROLES]


def _people(
    seen: Visit, people: People, after: str = "", invited: str = "", trouble: Trouble | None = None, typed: Mapping[str, str] | None = None
) -> PeoplePage:
    found, following = people.accounts.people(actor=seen.actor, after=after)
    invitations, more = people.joining.invitations(actor=seen.actor, after=invited)
    return PeoplePage(
        title=seen.t("people.title"),
        people=[_line(seen.t, person) for person in found],
        following=seen.addresses.page("/people", after=following) if following else "",
        waiting=people.joining.waiting(actor=seen.actor),
        invitations=invitations,
        more_invitations=seen.addresses.page("/people", invited=more) if more else "",
        all_roles=_roles(seen.t),
        trouble=trouble,
        typed=typed or {},
    )


def _person(
    seen: Visit, people: People, person: Person, trouble: Trouble | None = None, typed: Mapping[str, str] | None = None
) -> PersonPage:
    return PersonPage(
        title=person.name,
        trail=[Link("/people", seen.t("people.title"))],
        id=person.id,
        person=_line(seen.t, person),
        grants=[(grant.role, grant.scope, role_words(seen.t, grant)) for grant in person.grants],
        all_roles=_roles(seen.t),
        organisations=organisation_links(people, people.accounts.organisations_of(person.id)),
        myself=person.id == seen.actor.id,
        trouble=trouble,
        typed=typed or {},
    )
