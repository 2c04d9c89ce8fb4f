"""The pages of accounts: signing in, registering, one's own account, and people as admins see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from wikic.services.accounts_invitations import Invitation
from wikic.services.accounts_signing import Session
from wikic.services.accounts_tokens import ApiToken
from wikic.web.views_common import Link, Page


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a form was not taken."""

    title: Annotated[str, "In the reader's language."]
    detail: Annotated[str, "What the service says; empty if the title says it all."] = ""
    lang: Annotated[str, "The language of the detail."] = "en"
    wait: Annotated[int, "Seconds after which it may be tried again; 0 if that changes nothing."] = 0
    terms: Annotated[bool, "Whether the terms of contribution are to be accepted first."] = False


@dataclass(frozen=True)
class FormPage(Page):
    """Base of pages with forms that may have been refused."""

    trouble: Annotated[Trouble | None, "Why what was sent was not taken."] = field(default=None, kw_only=True)


@dataclass(frozen=True)
class TypedPage(FormPage):
    """Base of those whose forms have no fields of their own in the page, and show again what was typed."""

    typed: Annotated[Mapping[str, str], "What stood in the form that was refused."] = field(default_factory=dict, kw_only=True)


@dataclass(frozen=True)
class SignInPage(FormPage):
    """Sign in."""

    template: ClassVar = "account_sign_in.html"
    following: Annotated[str, "The address that comes after it."]
    login: Annotated[str, "The name or address that was typed."]
    with_passwords: Annotated[bool, "Whether people sign in by passwords."]
    provider: Annotated[str, "The name of the identity provider; empty if there is none."]
    registration: Annotated[bool, "Whether everybody may register."]
    mails: Annotated[bool, "Whether a forgotten password is helped by mail."]


@dataclass(frozen=True)
class RegisterPage(FormPage):
    """Ask for an account."""

    template: ClassVar = "account_register.html"
    open: Annotated[bool, "Whether everybody may register."]
    otherwise: Annotated[str, "How else an account is had, where not everybody may."]
    name: Annotated[str, "The name that was typed."]
    email: Annotated[str, "The address that was typed."]


@dataclass(frozen=True)
class MessagePage(Page):
    """What happens next, after a form."""

    template: ClassVar = "account_message.html"
    text: Annotated[str, "What happens next."]
    link: Annotated[Link | None, "Where to go on."] = None
    secret: Annotated[str, "A link to hand over; shown once."] = ""


@dataclass(frozen=True)
class PasswordPage(TypedPage):
    """Choose a password behind a link."""

    template: ClassVar = "account_password.html"
    action: Annotated[str, "Where the form goes."]
    token: Annotated[str, "The link's secret."]
    whose: Annotated[str, "The name of the account."]
    login: Annotated[str, "What its owner signs in by."]
    terms: Annotated[str, "The date of the terms to accept; empty if none are asked for here."] = ""


@dataclass(frozen=True)
class ForgottenPage(FormPage):
    """Ask for a link to set a new password."""

    template: ClassVar = "account_forgotten.html"
    mails: Annotated[bool, "Whether the site sends mail."]


@dataclass(frozen=True)
class JoinPage(FormPage):
    """An invitation."""

    template: ClassVar = "account_join.html"
    token: Annotated[str, "The link's secret."]
    invitation: Annotated[Invitation, "What it says."]
    organisation: Annotated[str, "The name of the organisation that it leads into; empty for none."]
    may_register: Annotated[bool, "Whether a new account may be made by it."]
    signed_in: Annotated[str, "The name of who is signed in; empty for nobody."]
    name: Annotated[str, "The name that was typed."]
    sign_in: Annotated[str, "The sign-in page that leads back here."]
    terms: Annotated[str, "The date of the terms of contribution."]


@dataclass(frozen=True)
class ConfirmEmailPage(Page):
    """Confirm a new address."""

    template: ClassVar = "account_email.html"
    token: Annotated[str, "The link's secret."]
    email: Annotated[str, "The new address."]


@dataclass(frozen=True)
class TermsPage(Page):
    """The terms of contribution."""

    template: ClassVar = "account_terms.html"
    date: Annotated[str, "Their date."]
    accepted: Annotated[str, "The date of the terms that the reader has accepted; empty if none."]
    may_accept: Annotated[bool, "Whether somebody is signed in who can accept them."]
    following: Annotated[str, "The address that comes after accepting."]


@dataclass(frozen=True)
class AccountPage(TypedPage):
    """One's own account: name, address, roles, organisations."""

    template: ClassVar = "account_profile.html"
    tabs: Annotated[Sequence[Link], "The parts of the account."]
    name: Annotated[str, "The name."]
    email: Annotated[str, "The address; empty if none."]
    mails: Annotated[bool, "Whether another address can be confirmed by mail."]
    roles: Annotated[Sequence[str], "The roles, in words."]
    organisations: Annotated[Sequence[Link], "The organisations one belongs to."]
    terms: Annotated[str, "The date of the terms that were accepted; empty if none."]
    saved: Annotated[bool, "Whether something was just saved."]


@dataclass(frozen=True)
class SecurityPage(FormPage):
    """One's password and sessions."""

    template: ClassVar = "account_security.html"
    tabs: Annotated[Sequence[Link], "The parts of the account."]
    name: Annotated[str, "The name, for password managers."]
    has_password: Annotated[bool, "Whether there is a password."]
    provider: Annotated[str, "The identity provider that may be linked; empty if none."]
    linked: Annotated[bool, "Whether it is linked."]
    sessions: Annotated[Sequence[Session], "The sessions, last used first."]
    saved: Annotated[bool, "Whether something was just saved."]


@dataclass(frozen=True)
class TokensPage(TypedPage):
    """One's API tokens."""

    template: ClassVar = "account_tokens.html"
    tabs: Annotated[Sequence[Link], "The parts of the account."]
    tokens: Annotated[Sequence[ApiToken], "The tokens, newest first."]
    scopes: Annotated[Sequence[str], "What a token may be made for."]
    days: Annotated[int, "How long one lives by default."]
    made: Annotated[str, "A token that was just made; shown once."]
    now: Annotated[str, "The present time, to tell which have run out."]


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A person in the list of admins."""

    address: Annotated[str, "Their page."]
    name: Annotated[str, "The name."]
    email: Annotated[str, "The address; empty if none."]
    roles: Annotated[Sequence[str], "The roles, in words."]
    disabled: Annotated[bool, "Whether nobody may sign in."]
    created: Annotated[str, "Since when."]


@dataclass(frozen=True)
class PeoplePage(TypedPage):
    """People, for admins."""

    template: ClassVar = "account_people.html"
    people: Annotated[Sequence[PersonLine], "The people, by name."]
    following: Annotated[str, "The next page; empty at the end."]
    waiting: Annotated[Sequence[tuple[str, str, str]], "Registrations that wait: name, address, time."]
    invitations: Annotated[Sequence[Invitation], "Invitations to the site."]
    more_invitations: Annotated[str, "The page with the next invitations; empty at the end."]
    all_roles: Annotated[Sequence[tuple[str, str]], "The roles there are, each with its name."]


@dataclass(frozen=True)
class PersonPage(TypedPage):
    """One person, for admins."""

    template: ClassVar = "account_person.html"
    id: Annotated[str, "The uuid."]
    person: Annotated[PersonLine, "The person."]
    grants: Annotated[Sequence[tuple[str, str, str]], "Role, scope, and both in words."]
    all_roles: Annotated[Sequence[tuple[str, str]], "The roles there are, each with its name."]
    organisations: Annotated[Sequence[Link], "The organisations they belong to."]
    myself: Annotated[bool, "Whether it is who reads."]
