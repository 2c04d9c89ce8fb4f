"""Signing in through an identity provider. What identifies is issuer and subject; an e-mail address alone opens no account that has another key."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from wikic.crypto.tokens import new_token
from wikic.domain.access import ACCOUNTS_SPACE, NOBODY, ROLES, Actor, Grant
from wikic.domain.accounts import ACTIVE, LONGEST_NAME, check_grant, clean_email, clean_name, email_key, name_key
from wikic.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthenticated
from wikic.outside.oidc import Identity, Provider
from wikic.services.accounts import Accounts, grants_of, packed_grants, require_self
from wikic.services.accounts_links import Links
from wikic.store import accounts as store
from wikic.store import documents
from wikic.store.engine import WriteTransaction
from wikic.store.events import happened
from wikic.store.leases import write_numbered
from wikic.store.tables import LOGINS, USERS

PATIENCE: Final = timedelta(minutes=10)
"""How long somebody may take at the provider."""
CALLBACK: Final = "/sign-in/oidc/callback"


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in under way: where to send the browser, and what it has to bring back in a cookie."""

    address: str
    state: str


@dataclass(frozen=True, slots=True)
class Recognised:
    """Who came back, and the address they wanted to go to. `linked`: a signed-in user linked this identity."""

    user: str
    following: str
    linked: bool = False


class SingleSignOn:
    """Sign-in by one provider, or by none. `name` stands on its button; `roles` gives roles by values of a claim."""

    def __init__(
        self, accounts: Accounts, links: Links, provider: Provider | None = None, *, name: str = "", roles: Mapping[str, Grant] | None = None
    ) -> None:
        self._accounts, self._engine, self._links = accounts, accounts.engine, links
        self._provider, self._roles = provider, dict(roles or {})
        self.name = name or (urlsplit(provider.issuer).hostname or "" if provider is not None else "")

    @property
    def enabled(self) -> bool:
        """Whether there is a provider."""
        return self._provider is not None

    def begin(self, following: str = "/", *, actor: Actor = NOBODY) -> Begun:
        """Start a sign-in; with an actor, start linking the account of who is signed in. Raises NotFound where there is no provider, OutsideError."""
        provider = self._asked()
        if actor.known:
            require_self(actor)
        state, nonce, verifier = new_token(), new_token(), new_token()
        address = provider.address(redirect_uri=self._callback, state=state, nonce=nonce, verifier=verifier)

        def work(tx: WriteTransaction) -> None:
            self._links.write(
                tx, "oidc", state, user=actor.id, lives=PATIENCE, nonce=nonce, verifier=verifier, following=following
            )

        self._engine.write(work)
        return Begun(address, state)

    def finish(self, *, state: str, held: str, code: str, issuer: str = "", error: str = "", lang: str = "fr") -> Recognised:
        """End it when the browser comes back with a `state`; `held` is the one in its cookie. Used once. Raises Unauthenticated (not the same browser, refused
        there, nothing proved), Forbidden (no account here, and none is made), Conflict (see `_by_email`), OutsideError."""
        provider = self._asked()
        if not held or not hmac.compare_digest(state.encode(), held.encode()):
            raise Unauthenticated("this sign-in was begun in another browser: begin again", reason="provider-browser")
        try:
            link = self._engine.write(lambda tx: self._links.use(tx, "oidc", state))
        except NotFound as old:
            raise Unauthenticated("this sign-in took too long or was ended already: begin again", reason="provider-late") from old
        data = link["data"]
        if error or not code:
            raise Unauthenticated(f"the identity provider did not sign you in ({error[:60] or 'no answer'})", reason="provider-refused")
        identity = provider.identity(
            code=code, issuer=issuer, redirect_uri=self._callback, nonce=str(data["nonce"]), verifier=str(data["verifier"])
        )
        asked = str(link["user"])
        user = write_numbered(self._engine, lambda tx: self._link(tx, asked, identity) if asked else self._recognise(tx, identity, lang))
        return Recognised(user, str(data["following"]), bool(asked))

    def _recognise(self, tx: WriteTransaction, identity: Identity, lang: str) -> str:
        """The user that an identity belongs to, made or linked if that may be."""
        login = _login(identity)
        user = store.user_behind(tx, login) or self._by_email(tx, identity) or self._make(tx, identity, lang)
        if documents.lock(tx, USERS, user)["state"] != ACTIVE:
            raise Forbidden("this account is disabled", reason="disabled")
        self._take_roles(tx, user, identity)
        return user

    def _by_email(self, tx: WriteTransaction, identity: Identity) -> str:
        """The account with the address that the provider has verified, linked now; "" if there is none. Only where that is safe: the address was confirmed
        here too, and the account has no key of its own (a password, another identity) that its owner would expect to be needed."""
        email = _verified(identity)
        user = store.user_behind(tx, f"email:{email_key(email)}") if email else ""
        if not user:
            return ""
        row = documents.lock(tx, USERS, user)
        other = [login for login in documents.find_by(tx, LOGINS, "user", [user]) if str(login["key"]).startswith("oidc:")]
        if row["password"] or other or not row.get("email_confirmed"):
            raise Conflict(
                "there is an account with your e-mail address already: sign in to it as you did before, then link it under Account, Security",
                reason="provider-link",
            )
        self._add(tx, Actor(user, str(row["name"]), via="session", credential="oidc"), user, identity)
        return user

    def _make(self, tx: WriteTransaction, identity: Identity, lang: str) -> str:
        if self._accounts.rules.registration not in ("open", "oidc"):
            raise Forbidden("you have no account here, and none is made without an invitation: ask for one", reason="no-account")
        name, email = _free_name(tx, identity), _verified(identity)
        row = self._accounts.insert(
            tx, NOBODY, "user_registered", name, email, grants=[Grant("contributor")], lang=lang, identity=_login(identity),
            confirmed=bool(email),
        )  # fmt: skip
        return str(row["key"])

    def _link(self, tx: WriteTransaction, user: str, identity: Identity) -> str:
        row = documents.lock(tx, USERS, user)
        self._add(tx, Actor(user, str(row["name"]), via="session", credential="oidc"), user, identity)
        self._take_roles(tx, user, identity)
        return user

    def _add(self, tx: WriteTransaction, actor: Actor, user: str, identity: Identity) -> None:
        login = _login(identity)
        if store.user_behind(tx, login) == user:
            return
        store.add_login(tx, login, user, Conflict("that identity belongs to another account here", reason="identity-taken"))
        happened(tx, actor, "identity_linked", subject=f"user/{user}", space=ACCOUNTS_SPACE, issuer=identity.issuer)

    def _take_roles(self, tx: WriteTransaction, user: str, identity: Identity) -> None:
        """Roles that the provider gave before and gives no more are taken away; what an admin gave here stays."""
        if not self._roles:
            return
        login = documents.lock(tx, LOGINS, _login(identity))
        before = {Grant(*text.split("@", 1)) for text in login.get("roles") or ()}
        now = {self._roles[value] for value in identity.roles if value in self._roles}
        row = documents.lock(tx, USERS, user)
        held = set(grants_of(row))
        given = {grant for grant in now if grant in before or grant not in held}
        new = (held - before) | now
        if given != before:
            documents.change(tx, LOGINS, str(login["key"]), {"roles": [f"{grant.role}@{grant.scope}" for grant in sorted(given, key=str)]})
        if new != held:
            documents.change(tx, USERS, user, {"grants": packed_grants(new)})
            data: dict[str, Any] = {"given": packed_grants(new - held), "taken": packed_grants(held - new)}
            actor = Actor(user, str(row["name"]), via="session", credential="oidc")
            happened(tx, actor, "roles_from_provider", subject=f"user/{user}", space=ACCOUNTS_SPACE, issuer=identity.issuer, **data)

    def _asked(self) -> Provider:
        if self._provider is None:
            raise NotFound("this site has no identity provider")
        return self._provider

    @property
    def _callback(self) -> str:
        return f"{self._accounts.rules.public_url}{CALLBACK}"


def parse_roles(text: str) -> dict[str, Grant]:
    """WIKIC_OIDC_ROLES: `editors=moderator,rome=moderator@scheme:rome,staff=contributor`. Raises InvalidInput."""
    found = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        value, sign, role = pair.rpartition("=")
        grant = Grant(*(role.strip().split("@", 1)))
        if not sign or not value.strip():
            raise InvalidInput(f"WIKIC_OIDC_ROLES: {pair[:60]!r} is not of the form value=role")
        try:
            check_grant(grant, ROLES)
        except InvalidInput as error:
            raise InvalidInput(f"WIKIC_OIDC_ROLES: {error.message}") from None
        found[value.strip()] = grant
    return found


def _login(identity: Identity) -> str:
    return f"oidc:{identity.issuer} {identity.subject}"


def _verified(identity: Identity) -> str:
    """The address, if it can be believed and is one."""
    if not identity.email_verified:
        return ""
    try:
        return clean_email(identity.email)
    except InvalidInput:
        return ""


def _free_name(tx: WriteTransaction, identity: Identity) -> str:
    """A name that nobody has: what the provider says, else the address before the @, with a number if need be."""
    for text in (identity.name, identity.email.partition("@")[0], "contributor"):
        try:
            name = clean_name(text[: LONGEST_NAME - 6])
        except InvalidInput:
            continue
        break
    number, free = 1, name
    while store.user_behind(tx, f"name:{name_key(free)}"):
        number += 1
        free = f"{name} {number}"
    return free

