"""The pages for who is not signed in yet: signing in and out, registering, invitations, forgotten passwords, terms."""

from __future__ import annotations

import math
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from wikic.errors import Conflict, Forbidden, InvalidInput, Throttled, Unauthenticated, WikicError
from wikic.services.accounts_invitations import Invitation
from wikic.web.account_services import People
from wikic.web.acting import SESSION_COOKIE, CurrentActor
from wikic.web.dependencies import ReadingService
from wikic.web.forms import PRIVATE, Form, address_of_caller, drop_session, field, local, see, set_session
from wikic.web.pages_common import Visit, visit
from wikic.web.texts_errors import REASONS, said
from wikic.web.views_account import (
    ConfirmEmailPage,
    ForgottenPage,
    JoinPage,
    MessagePage,
    PasswordPage,
    RegisterPage,
    SignInPage,
    TermsPage,
    Trouble,
)
from wikic.web.views_common import Link

router = APIRouter(include_in_schema=False)

Next = Annotated[str, Query(alias="next", max_length=2_000)]
Token = Annotated[str, Query(max_length=200)]

MINDED: Final = (InvalidInput, Conflict, Unauthenticated, Throttled, Forbidden)
"""What a form shows again with its reason; everything else is an error page."""
_STATUS: Final = {InvalidInput: 400, Conflict: 409, Unauthenticated: 401, Throttled: 429, Forbidden: 403}


def trouble_of(seen: Visit, error: WikicError) -> Trouble:
    """Why a form was not taken, in the reader's language."""
    if isinstance(error, Throttled):
        minutes = max(1, round((error.retry_after or 60) / 60))
        return Trouble(seen.t("account.throttled", minutes=minutes), wait=math.ceil(error.retry_after or 60))
    # A conflict that has a sentence of its own says more than that something may have changed.
    changed = isinstance(error, Conflict) and (error.reason not in REASONS or error.reason.endswith(("-taken", "-changed")))
    title = seen.t("account.taken" if changed else "account.not_taken")
    return Trouble(title, *said(error, seen.t), terms=error.reason == "terms")


def refused(error: WikicError) -> int:
    """The status of a page that shows a form again."""
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 400)


@router.get("/sign-in")
def sign_in_page(request: Request, reading: ReadingService, people: People, actor: CurrentActor, following: Next = "/") -> Response:
    """The form."""
    if actor.known:
        return see(local(following))
    seen = visit(request, reading)
    return seen.answer(sign_in_form(seen, people, following), indexed=False)


@router.post("/sign-in")
def sign_in(request: Request, reading: ReadingService, people: People, form: Form) -> Response:
    """Open a session; a new one, whatever the browser held before."""
    login, following = field(form, "login", 300), field(form, "next", 2_000)
    try:
        signed = people.signing.sign_in(
            login, field(form, "password"), address=address_of_caller(request),
            user_agent=request.headers.get("user-agent", ""), before=request.cookies.get(SESSION_COOKIE, ""),
        )  # fmt: skip
    except (Unauthenticated, Throttled) as error:
        seen = visit(request, reading)
        trouble = Trouble(seen.t("account.refused")) if isinstance(error, Unauthenticated) else trouble_of(seen, error)
        return seen.answer(sign_in_form(seen, people, following, login, trouble), refused(error), indexed=False)
    return set_session(see(local(following)), request, signed.token, signed.seconds)


@router.post("/sign-out")
def sign_out(request: Request, people: People, actor: CurrentActor) -> Response:
    """End the session."""
    people.signing.sign_out(request.cookies.get(SESSION_COOKIE, ""), actor=actor)
    return drop_session(see("/"), request)


@router.get("/register")
def register_page(request: Request, reading: ReadingService, people: People) -> Response:
    """The form, or how else to come in."""
    seen = visit(request, reading)
    return seen.answer(RegisterPage(title=seen.t("register.title"), open=_open(people), otherwise=_otherwise(seen, people), name="", email=""), indexed=False)


@router.post("/register")
def register(request: Request, reading: ReadingService, people: People, form: Form) -> Response:
    """Ask for an account; the answer is the same whether the address is known or not."""
    seen = visit(request, reading)
    name, email = field(form, "name", 300), field(form, "email", 300)
    try:
        people.joining.request(name, email, address=address_of_caller(request), lang=seen.lang)
    except MINDED as error:
        page = RegisterPage(
            title=seen.t("register.title"), open=_open(people), otherwise=_otherwise(seen, people), name=name, email=email,
            trouble=trouble_of(seen, error),
        )  # fmt: skip
        return seen.answer(page, refused(error), indexed=False)
    text = seen.t("register.mailed") if people.joining.mails else seen.t("register.waits")
    return seen.answer(MessagePage(title=seen.t("register.asked"), text=text), 202, indexed=False)


@router.get("/register/confirm")
def confirm_page(request: Request, reading: ReadingService, people: People, token: Token = "") -> Response:
    """Choose a password for a new account."""
    seen = visit(request, reading)
    name, email = people.joining.requested(token)
    page = PasswordPage(
        title=seen.t("register.confirm"), action="/register/confirm", token=token, whose=name, login=email, terms=people.accounts.rules.terms
    )
    return seen.answer(page, indexed=False, headers=PRIVATE)


@router.post("/register/confirm")
def confirm(request: Request, reading: ReadingService, people: People, form: Form) -> Response:
    """Be a user, signed in."""
    token = field(form, "token", 200)
    try:
        person = people.joining.confirm(token, field(form, "password"), terms=field(form, "terms", 20), name=field(form, "name", 300))
    except (InvalidInput, Conflict) as error:
        seen = visit(request, reading)
        name, email = people.joining.requested(token)
        typed = field(form, "name") or (name if error.reason == "name-taken" else "")
        page = PasswordPage(
            title=seen.t("register.confirm"), action="/register/confirm", token=token, whose=name, login=email,
            terms=people.accounts.rules.terms, trouble=trouble_of(seen, error), typed={"name": typed},
        )  # fmt: skip
        return seen.answer(page, refused(error), indexed=False, headers=PRIVATE)
    return _signed_in(request, people, person.id, "registration", "/account")


@router.get("/password/forgotten")
def forgotten_page(request: Request, reading: ReadingService, people: People) -> Response:
    """Ask for a link."""
    seen = visit(request, reading)
    return seen.answer(ForgottenPage(title=seen.t("password.forgotten"), mails=people.joining.mails), indexed=False)


@router.post("/password/forgotten")
def forgotten(request: Request, reading: ReadingService, people: People, form: Form) -> Response:
    """Mail a link, if there is such an account; the answer does not tell."""
    seen = visit(request, reading)
    try:
        people.joining.request_password(field(form, "login", 300), address=address_of_caller(request), lang=seen.lang)
    except MINDED as error:
        page = ForgottenPage(title=seen.t("password.forgotten"), mails=people.joining.mails, trouble=trouble_of(seen, error))
        return seen.answer(page, refused(error), indexed=False)
    return seen.answer(MessagePage(title=seen.t("password.forgotten"), text=seen.t("password.mailed")), 202, indexed=False)


@router.get("/password")
def password_page(request: Request, reading: ReadingService, people: People, token: Token = "") -> Response:
    """Choose a new password behind a link."""
    seen = visit(request, reading)
    person = people.joining.whose_password(token)
    page = PasswordPage(
        title=seen.t("password.new"), action="/password", token=token, whose=person.name, login=person.email or person.name
    )
    return seen.answer(page, indexed=False, headers=PRIVATE)


@router.post("/password")
def set_password(request: Request, reading: ReadingService, people: People, form: Form) -> Response:
    """Set it, and be signed in."""
    token = field(form, "token", 200)
    try:
        person = people.joining.set_password(token, field(form, "password"), end_tokens=bool(field(form, "end_tokens", 10)))
    except InvalidInput as error:
        seen = visit(request, reading)
        person = people.joining.whose_password(token)
        page = PasswordPage(
            title=seen.t("password.new"), action="/password", token=token, whose=person.name, login=person.email or person.name,
            trouble=trouble_of(seen, error),
        )  # fmt: skip
        return seen.answer(page, 400, indexed=False, headers=PRIVATE)
    return _signed_in(request, people, person.id, "password_link", "/account")


@router.get("/email")
def email_page(request: Request, reading: ReadingService, people: People, token: Token = "") -> Response:
    """Confirm a new address; by a button, since mail programs open links on their own."""
    seen = visit(request, reading)
    page = ConfirmEmailPage(title=seen.t("email.confirm"), token=token, email=people.addresses.new_email(token))
    return seen.answer(page, indexed=False, headers=PRIVATE)


@router.post("/email")
def set_email(request: Request, reading: ReadingService, people: People, form: Form) -> Response:
    """Take the new address."""
    seen = visit(request, reading)
    person = people.addresses.set_email(field(form, "token", 200))
    link = Link("/account", seen.t("account.title"))
    page = MessagePage(title=seen.t("email.confirm"), text=seen.t("email.set", email=person.email), link=link)
    return seen.answer(page, 201, indexed=False)


@router.get("/join")
def join_page(request: Request, reading: ReadingService, people: People, token: Token = "") -> Response:
    """An invitation."""
    seen = visit(request, reading)
    return seen.answer(_join(seen, people, token), indexed=False, headers=PRIVATE)


@router.post("/join")
def join(request: Request, reading: ReadingService, people: People, actor: CurrentActor, form: Form) -> Response:
    """Accept it: as who is signed in, or as a new user."""
    token, name = field(form, "token", 200), field(form, "name", 300)
    seen = visit(request, reading)
    if actor.known:
        invitation = people.joining.accept(token, actor=actor)
        return see(f"/organisations/{invitation.organisation}" if invitation.organisation else "/account")
    invited = people.joining.invitation(token)
    try:
        person = people.joining.register_invited(
            token, name, field(form, "password"), lang=seen.lang, terms=field(form, "terms", 20)
        )
    except MINDED as error:
        page = _join(seen, people, token, name, trouble_of(seen, error))
        return seen.answer(page, refused(error), indexed=False, headers=PRIVATE)
    following = f"/organisations/{invited.organisation}" if invited.organisation else "/account"
    return _signed_in(request, people, person.id, "invitation", following)


@router.get("/terms")
def terms_page(request: Request, reading: ReadingService, people: People, following: Next = "/account") -> Response:
    """The terms of contribution."""
    seen = visit(request, reading)
    page = TermsPage(
        title=seen.t("terms.title"),
        date=people.accounts.rules.terms,
        accepted=str(seen.actor.settings.get("terms", "")),
        may_accept=seen.actor.via == "session" and not people.accounts.has_accepted_terms(seen.actor),
        following=local(following, "/account"),
    )
    return seen.answer(page)


@router.post("/terms")
def accept_terms(people: People, actor: CurrentActor, form: Form) -> Response:
    """Accept them."""
    people.accounts.accept_terms(field(form, "terms", 20), actor=actor)
    return see(local(field(form, "next", 2_000), "/account"))


def sign_in_form(seen: Visit, people: People, following: str, login: str = "", trouble: Trouble | None = None) -> SignInPage:
    """The sign-in page."""
    return SignInPage(
        title=seen.t("account.sign_in"), following=local(following), login=login, with_passwords=True, provider=people.single_sign_on.name,
        registration=_open(people), mails=people.joining.mails, trouble=trouble,
    )  # fmt: skip


def invited_text(seen: Visit, link: str, made: Invitation) -> str:
    """What becomes of an invitation that was just made: its link is handed over, or was mailed."""
    return seen.t("people.invited") if link else seen.t("people.invited_mail", email=made.email)


def _join(seen: Visit, people: People, token: str, name: str = "", trouble: Trouble | None = None) -> JoinPage:
    invitation = people.joining.invitation(token)
    return JoinPage(
        title=seen.t("join.title"),
        token=token,
        invitation=invitation,
        organisation=people.joining.inviting(invitation),
        may_register=people.accounts.rules.registration in ("open", "invitation"),
        signed_in=seen.actor.name,
        name=name,
        sign_in=f"/sign-in?next=/join%3Ftoken%3D{token}",
        terms=people.accounts.rules.terms,
        trouble=trouble,
    )


def _signed_in(request: Request, people: People, user: str, by: str, following: str) -> Response:
    before = request.cookies.get(SESSION_COOKIE, "")
    signed = people.signing.open(user, user_agent=request.headers.get("user-agent", ""), before=before, by=by)
    return set_session(see(following), request, signed.token, signed.seconds)


def _otherwise(seen: Visit, people: People) -> str:
    ways = {"closed": "register.closed_all", "oidc": "register.closed_oidc"}
    return seen.t(ways.get(people.accounts.rules.registration, "register.closed"), provider=people.single_sign_on.name)


def _open(people: People) -> bool:
    return people.accounts.rules.registration == "open"
