"""Signing in and out: passwords, sessions, and the brakes on guessing.

An answer never tells whether an account exists: the words are the same, the work is the same, and attempts to be nobody are counted too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import structlog

from wikic.crypto.tokens import digest, new_token
from wikic.domain import access
from wikic.domain.access import ACCOUNTS_SPACE, Actor
from wikic.domain.accounts import ACTIVE, Person, check_password, device_of
from wikic.domain.changes import stamp
from wikic.errors import Forbidden, NotFound, Throttled, Unauthenticated
from wikic.services.accounts import IDLE, Accounts, coarse, end_sessions, require_self
from wikic.services.accounts_links import forget_links
from wikic.services.throttling import Allowance, Throttling
from wikic.store import documents
from wikic.store.accounts import remove_expired
from wikic.store.engine import Row, WriteTransaction
from wikic.store.events import happened
from wikic.store.leases import write_numbered
from wikic.store.tables import SESSIONS, TOKEN_USES, TOKENS, USERS

LONGEST_SESSION: Final = timedelta(days=90)
"""A session ends after so long, however much it is used."""

FROM_HERE: Final = Allowance("sign-in", 6, 15 * 60)
"""Of one account from one address: what a person needs who has forgotten which password it was."""
OF_ACCOUNT: Final = Allowance("sign-in-account", 60, 60 * 60)
"""Of one account from anywhere. Wide, so that nobody locks another one out from a single address."""
OF_ADDRESS: Final = Allowance("sign-in-address", 40, 15 * 60)
"""From one address to any account, those that fail."""

REFUSED: Final = "this name (or e-mail address) and this password do not belong together"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: `token` is what its cookie holds, and nothing else knows it."""

    token: str
    person: Person
    seconds: int


@dataclass(frozen=True, slots=True)
class Session:
    """A session as its owner sees it. `used` is exact to the hour; `current`: the one that asks."""

    id: str
    device: str
    created: str
    used: str
    ends: str
    current: bool


class Signing:
    """Sessions over the accounts of one store."""

    def __init__(self, accounts: Accounts, throttling: Throttling) -> None:
        self._accounts, self._engine, self._throttling = accounts, accounts.engine, throttling

    def sign_in(self, login: str, password: str, *, address: str = "", user_agent: str = "", before: str = "") -> SignedIn:
        """Open a session for who knows a password. `address`: where the request comes from; `before`: the token of a session that this one
        replaces. Raises Unauthenticated (whatever is wrong), Throttled."""
        user, claimed = self._accounts.claimed(login[:300])
        buckets = [(FROM_HERE, f"{claimed} {address}"), (OF_ACCOUNT, claimed), (OF_ADDRESS, address)]
        for allowance, who in buckets:
            try:
                self._throttling.take(allowance, who)
            except Throttled:
                log.warning("sign-in throttled", bucket=allowance.kind)
                raise
        row = documents.find(self._engine, USERS, user or "nobody") or {}
        right = self._accounts.passwords.verify(str(row.get("password", "")), password)
        if not right or row.get("state") != ACTIVE:
            log.info("sign-in refused")
            raise Unauthenticated(REFUSED, reason="refused")
        for allowance, who in buckets[:2]:
            self._throttling.give_back(allowance, who)
        # Many sign in from one address (a training room): only what failed counts there, and whoever has one account forgets no other attempts.
        self._throttling.put_back(OF_ADDRESS, address)
        values: dict[str, Any] = {}
        if self._accounts.passwords.needs_rehash(str(row["password"])):
            values["password"] = self._accounts.passwords.hash(password)
        return self.open(str(row["key"]), user_agent=user_agent, before=before, by="password", values=values, kept=str(row["password"]))

    def open(
        self, user: str, *, user_agent: str = "", before: str = "", by: str, values: dict[str, Any] | None = None, kept: str = ""
    ) -> SignedIn:
        """Open a session for a user who has proved by something who they are. Raises Unauthenticated where they are disabled meanwhile. `values` are set
        on the user with it, if their password is still `kept`."""
        token = new_token()
        key, now = digest(token), self._accounts.clock()

        def work(tx: WriteTransaction) -> None:
            row = documents.lock(tx, USERS, user)
            if row["state"] != ACTIVE or (kept and row["password"] != kept):
                raise Unauthenticated(REFUSED, reason="refused")
            if values:
                documents.change(tx, USERS, user, values)
            remove_expired(tx, SESSIONS, stamp(now))
            if before:
                documents.remove(tx, SESSIONS, [digest(before)])
            session: Row = {
                "key": key, "user": user, "device": device_of(user_agent), "created": stamp(now), "used": coarse(now),
                "expires": stamp(now + IDLE), "ends": stamp(now + LONGEST_SESSION),
            }  # fmt: skip
            documents.insert(tx, SESSIONS, session)
            actor = Actor(user, str(row["name"]), via="session", credential=f"session/{key[:16]}")
            happened(tx, actor, "signed_in", subject=f"user/{user}", space=ACCOUNTS_SPACE, by=by, device=session["device"])

        write_numbered(self._engine, work)
        return SignedIn(token, self._accounts.person(user), int(LONGEST_SESSION.total_seconds()))

    def sign_out(self, token: str, *, actor: Actor) -> None:
        """End the session that a cookie holds."""
        if actor.via == "session":
            self._end([digest(token)], "signed_out", actor)

    def sessions(self, *, actor: Actor) -> list[Session]:
        """One's own sessions, the one used last first."""
        require_self(actor)
        now = stamp(self._accounts.clock())
        rows = documents.find_by(self._engine, SESSIONS, "user", [actor.id])
        living = [row for row in rows if now < min(str(row["expires"]), str(row["ends"]))]
        return [
            Session(
                _public(row), str(row["device"]), str(row["created"]), str(row["used"]), str(row["ends"]),
                actor.credential == f"session/{_public(row)}",
            )
            for row in sorted(living, key=lambda row: (row["used"], row["created"]), reverse=True)
        ]  # fmt: skip

    def end_session(self, session: str, *, actor: Actor) -> None:
        """End one of one's own sessions. Raises NotFound."""
        require_self(actor)
        rows = documents.find_by(self._engine, SESSIONS, "user", [actor.id])
        keys = [str(row["key"]) for row in rows if _public(row) == session]
        if not keys:
            raise NotFound(f"there is no session {session[:100]}", reason="none-here", key=session[:100])
        self._end(keys, "session_ended", actor, session=session)

    def end_other_sessions(self, *, actor: Actor) -> int:
        """End all of one's sessions but the one that asks; how many."""
        require_self(actor)
        rows = documents.find_by(self._engine, SESSIONS, "user", [actor.id])
        keys = [str(row["key"]) for row in rows if f"session/{_public(row)}" != actor.credential]
        self._end(keys, "sessions_ended", actor, sessions=len(keys))
        return len(keys)

    def end_sessions_of(self, ref: str, *, actor: Actor) -> int:
        """End all sessions of somebody, as an admin; how many."""
        access.require(actor, "administer")
        person = self._accounts.person(ref)

        def work(tx: WriteTransaction) -> int:
            ended = end_sessions(tx, person.id)
            happened(tx, actor, "sessions_ended", subject=f"user/{person.id}", space=ACCOUNTS_SPACE, user=person.name, sessions=ended)
            return ended

        return write_numbered(self._engine, work)

    def change_password(self, old: str, new: str, *, actor: Actor, address: str = "", end_tokens: bool = False) -> None:
        """Another password for oneself; all other sessions end, and API tokens where that is asked for. Who has none yet (they came by an identity provider)
        sends none. Raises Unauthenticated (the old one is wrong), InvalidInput (the new one is too easy), Throttled."""
        require_self(actor)
        person = self._accounts.person(actor.id)
        check_password(new, person.name, person.email)
        self._throttling.take(FROM_HERE, f"password {actor.id} {address}")
        kept = str((documents.find(self._engine, USERS, actor.id) or {})["password"])
        if kept and not self._accounts.passwords.verify(kept, old):
            raise Unauthenticated("the present password is another one", reason="password-other")
        hashed = self._accounts.passwords.hash(new)

        def work(tx: WriteTransaction) -> None:
            if documents.lock(tx, USERS, actor.id)["password"] != kept:
                raise Forbidden("the password was changed in this moment: sign in again", reason="password-changed")
            set_password(tx, actor, person, hashed, but=actor.credential, end_tokens=end_tokens)

        write_numbered(self._engine, work)

    def _end(self, keys: list[str], event: str, actor: Actor, **data: Any) -> None:
        def work(tx: WriteTransaction) -> None:
            documents.remove(tx, SESSIONS, keys)
            happened(tx, actor, event, subject=f"user/{actor.id}", space=ACCOUNTS_SPACE, **data)

        write_numbered(self._engine, work)


def set_password(tx: WriteTransaction, actor: Actor, person: Person, hashed: str, but: str = "", *, end_tokens: bool = False) -> None:
    """Set a password's hash; all sessions end but the one of a credential, and links that set it or the address are withdrawn. API tokens go on, unless they
    are to end too: a program need not stop because somebody has forgotten a word."""
    documents.change(tx, USERS, person.id, {"password": hashed})
    forget_links(tx, person.id)
    rows = documents.find_by(tx, SESSIONS, "user", [person.id])
    documents.remove(tx, SESSIONS, [str(row["key"]) for row in rows if f"session/{_public(row)}" != but])
    tokens = [str(row["key"]) for row in documents.find_by(tx, TOKENS, "user", [person.id])] if end_tokens else []
    documents.remove(tx, TOKENS, tokens)
    documents.remove(tx, TOKEN_USES, tokens)
    data: dict[str, Any] = {"tokens_ended": len(tokens)} if end_tokens else {}
    happened(tx, actor, "password_set", subject=f"user/{person.id}", space=ACCOUNTS_SPACE, user=person.name, **data)


def _public(row: Row) -> str:
    """The name of a session in lists and in the audit: part of the digest that it is kept under, from which nothing leads back to its token."""
    return str(row["key"])[:16]
