"""The pages of one's own account: profile, password and sessions, API tokens. An address here without a session leads to the sign-in page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from wikic.domain.access import SCOPES, Actor, Grant
from wikic.domain.changes import stamp
from wikic.services.accounts import require_self
from wikic.services.accounts_tokens import DAYS
from wikic.web.account_services import People
from wikic.web.acting import SESSION_COOKIE, CurrentActor
from wikic.web.dependencies import ReadingService
from wikic.web.forms import Form, address_of_caller, drop_session, field, fields, see
from wikic.web.pages_account import MINDED, refused, trouble_of
from wikic.web.pages_common import Visit, visit
from wikic.web.texts import Texts
from wikic.web.views_account import AccountPage, MessagePage, SecurityPage, TokensPage, Trouble
from wikic.web.views_common import Link

router = APIRouter(include_in_schema=False)


def _oneself(actor: CurrentActor) -> Actor:
    """Whoever is signed in themselves; before anything of a form is looked at."""
    require_self(actor)
    return actor


Oneself = Annotated[Actor, Depends(_oneself)]
Saved = Annotated[str, Query(max_length=10)]


@router.get("/account")
def account_page(request: Request, reading: ReadingService, people: People, _: Oneself, saved: Saved = "") -> Response:
    """Name, address, roles, organisations."""
    seen = visit(request, reading)
    return seen.answer(_profile(seen, people, saved=bool(saved)), indexed=False)


@router.post("/account")
def rename(request: Request, reading: ReadingService, people: People, actor: Oneself, form: Form) -> Response:
    """Another name."""
    try:
        people.accounts.rename(field(form, "name", 300), actor=actor)
    except MINDED as error:
        seen = visit(request, reading)
        return seen.answer(_profile(seen, people, trouble_of(seen, error), typed={"name": field(form, "name")}), refused(error), indexed=False)
    return see("/account?saved=1")


@router.post("/account/email")
def change_email(request: Request, reading: ReadingService, people: People, actor: Oneself, form: Form) -> Response:
    """Mail a link to a new address."""
    seen = visit(request, reading)
    try:
        people.addresses.request_email(field(form, "email", 300), actor=actor)
    except MINDED as error:
        return seen.answer(_profile(seen, people, trouble_of(seen, error), typed={"email": field(form, "email")}), refused(error), indexed=False)
    page = MessagePage(title=seen.t("account.email"), text=seen.t("email.asked"), link=Link("/account", seen.t("account.title")))
    return seen.answer(page, 202, indexed=False)


@router.get("/account/security")
def security_page(request: Request, reading: ReadingService, people: People, _: Oneself, saved: Saved = "") -> Response:
    """Password and sessions."""
    seen = visit(request, reading)
    return seen.answer(_security(seen, people, saved=bool(saved)), indexed=False)


@router.post("/account/password")
def change_password(request: Request, reading: ReadingService, people: People, actor: Oneself, form: Form) -> Response:
    """Another password; all other sessions end."""
    try:
        people.signing.change_password(
            field(form, "old"), field(form, "password"), actor=actor, address=address_of_caller(request),
            end_tokens=bool(field(form, "end_tokens", 10)),
        )  # fmt: skip
    except MINDED as error:
        seen = visit(request, reading)
        return seen.answer(_security(seen, people, trouble_of(seen, error)), refused(error), indexed=False)
    return see("/account/security?saved=1")


@router.post("/account/sessions/end")
def end_session(request: Request, people: People, actor: Oneself, form: Form) -> Response:
    """End one session, or all others."""
    session = field(form, "session", 100)
    if session == "others":
        people.signing.end_other_sessions(actor=actor)
        return see("/account/security?saved=1")
    people.signing.end_session(session, actor=actor)
    if actor.credential == f"session/{session}" and request.cookies.get(SESSION_COOKIE):
        return drop_session(see("/"), request)
    return see("/account/security?saved=1")


@router.get("/account/tokens")
def tokens_page(request: Request, reading: ReadingService, people: People, _: Oneself) -> Response:
    """API tokens."""
    seen = visit(request, reading)
    return seen.answer(_tokens(seen, people), indexed=False)


@router.post("/account/tokens")
def make_token(request: Request, reading: ReadingService, people: People, actor: Oneself, form: Form) -> Response:
    """Make a token. It is shown in this very answer, since nothing keeps it for a next one."""
    seen = visit(request, reading)
    days = field(form, "days", 5)
    try:
        token, _ = people.tokens.make(
            field(form, "name", 300), fields(form, "scope"), actor=actor, days=int(days) if days.isdecimal() else 0
        )
    except MINDED as error:
        typed = {"name": field(form, "name"), "scope": " ".join(fields(form, "scope")), "days": days}
        return seen.answer(_tokens(seen, people, trouble=trouble_of(seen, error), typed=typed), refused(error), indexed=False)
    return seen.answer(_tokens(seen, people, made=token), 201, indexed=False)


@router.post("/account/tokens/revoke")
def revoke_token(people: People, actor: Oneself, form: Form) -> Response:
    """End a token."""
    people.tokens.revoke(field(form, "token", 100), actor=actor)
    return see("/account/tokens")


def role_words(t: Texts, grant: Grant) -> str:
    """A role in words, with its scope."""
    return t.name("role", grant.role) + (f" · {grant.scope}" if grant.scope else "")


def organisation_links(people: People, slugs: Iterable[str]) -> list[Link]:
    """The organisations somebody belongs to, as they call themselves."""
    own = list(slugs)
    names = people.organisations.names(own) if own else {}
    return [Link(f"/organisations/{slug}", names.get(slug, slug)) for slug in own]


def _tabs(t: Texts, current: str) -> list[Link]:
    parts = {
        "/account": t("account.tab_profile"),
        "/account/security": t("account.tab_security"),
        "/account/tokens": t("account.tab_tokens"),
    }
    return [Link(address, text, current=address == current) for address, text in parts.items()]


def _profile(
    seen: Visit, people: People, trouble: Trouble | None = None, *, saved: bool = False, typed: Mapping[str, str] | None = None
) -> AccountPage:
    person = people.accounts.person(seen.actor.id)
    return AccountPage(
        title=seen.t("account.title"),
        tabs=_tabs(seen.t, "/account"),
        name=person.name,
        email=person.email,
        mails=people.joining.mails,
        roles=[role_words(seen.t, grant) for grant in person.grants],
        organisations=organisation_links(people, (slug for slug, _ in seen.actor.memberships)),
        terms=str(person.settings.get("terms", "")),
        saved=saved,
        trouble=trouble,
        typed=typed or {},
    )


def _security(seen: Visit, people: People, trouble: Trouble | None = None, *, saved: bool = False) -> SecurityPage:
    person = people.accounts.person(seen.actor.id)
    return SecurityPage(
        title=seen.t("account.tab_security"),
        tabs=_tabs(seen.t, "/account/security"),
        name=person.name,
        has_password=person.has_password,
        provider=people.single_sign_on.name,
        linked=bool(person.identities),
        sessions=people.signing.sessions(actor=seen.actor),
        saved=saved,
        trouble=trouble,
    )


def _tokens(
    seen: Visit, people: People, *, made: str = "", trouble: Trouble | None = None, typed: Mapping[str, str] | None = None
) -> TokensPage:
    return TokensPage(
        title=seen.t("token.title"),
        tabs=_tabs(seen.t, "/account/tokens"),
        tokens=people.tokens.list(actor=seen.actor),
        # Files are imported by a command: no address asks for that scope.
        scopes=[scope for scope in SCOPES if scope not in ("read", "import")],
        days=DAYS,
        made=made,
        now=stamp(people.accounts.clock()),
        trouble=trouble,
        typed=typed or {},
    )

