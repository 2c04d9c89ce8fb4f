"""Accounts: who acts, people and their roles, acceptance of the terms. Every other service of accounts builds on this one.

Flow: web and command line -> `Accounts` -> `store.accounts` and documents. What is changed by an admin asks for `administer`; what people change
of their own asks that they are signed in themselves: an API token changes no account.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from wikic.crypto.passwords import Passwords
from wikic.crypto.tokens import digest
from wikic.domain import access
from wikic.domain.access import ACCOUNTS_SPACE, NOBODY, ROLES, Actor, Grant
from wikic.domain.accounts import (
    ACTIVE,
    DISABLED,
    Person,
    Registration,
    check_grant,
    clean_email,
    clean_name,
    email_key,
    name_key,
)
from wikic.domain.changes import stamp
from wikic.domain.ids import is_uuid, new_uuid
from wikic.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthenticated
from wikic.services.throttling import Clock, utc_now
from wikic.store import accounts as store
from wikic.store import documents
from wikic.store.engine import Engine, ReadTransaction, Row, WriteTransaction
from wikic.store.events import happened
from wikic.store.leases import write_numbered
from wikic.store.tables import LOGINS, SESSIONS, USERS

TERMS: Final = "2026-01-01"
"""The date of the terms of contribution that hold today (the page /terms)."""

IDLE: Final = timedelta(days=14)
"""A session that is not used for so long ends."""
_COARSE: Final = timedelta(hours=1)
"""How exactly the last use of a session or token is known: a write for each request would tell more than anybody needs."""

PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class AccountRules:
    """What the settings say of accounts. `public_url` stands in links that are mailed."""

    registration: Registration = "invitation"
    public_url: str = "http://localhost:8000"
    terms: str = TERMS

    def link(self, path: str, token: str) -> str:
        """The address of a page that takes a token."""
        return f"{self.public_url}{path}?token={quote(token)}"


class Accounts:
    """People over one store; safe between threads. `clock` gives the present moment."""

    def __init__(
        self, engine: Engine, rules: AccountRules | None = None, passwords: Passwords | None = None, *, clock: Clock = utc_now
    ) -> None:
        self.engine = engine
        self.rules = rules or AccountRules()
        self.passwords = passwords or Passwords()
        self.clock = clock

    # Who acts

    def actor_of(self, *, session: str = "", token: str = "") -> Actor:
        """Who holds a session (as its cookie says) or an API token; NOBODY for a session that has ended. Raises Unauthenticated for a token that is not
        valid. Two round trips; a third once an hour."""
        return self._by_token(token) if token else self._by_session(session)

    def actor(self, user: str, source: Engine | ReadTransaction | None = None) -> Actor:
        """A user as an actor outside of any session, to see what they may see (webhooks, mails). Raises NotFound; NOBODY where they are disabled."""
        holder = store.read_holder(source or self.engine, user)
        if holder is None:
            raise NotFound(f"there is no user {user[:100]}", reason="none-here", key=user[:100])
        return _actor(holder, "session", "") if holder.user["state"] == ACTIVE else NOBODY

    def _by_session(self, session: str) -> Actor:
        key = digest(session)
        row = store.read_session(self.engine, key)
        now = self.clock()
        if row is None or stamp(now) >= min(str(row["expires"]), str(row["ends"])):
            return NOBODY
        holder = store.read_holder(self.engine, str(row["user"]))
        if holder is None or holder.user["state"] != ACTIVE:
            return NOBODY
        if str(row["used"]) < stamp(now - _COARSE):
            store.touch_session(self.engine, key, coarse(now), min(stamp(now + IDLE), str(row["ends"])))
        return _actor(holder, "session", f"session/{key[:16]}")

    def _by_token(self, token: str) -> Actor:
        key = digest(token)
        row = store.read_token(self.engine, key)
        now = self.clock()
        holder = store.read_holder(self.engine, str(row["user"])) if row is not None else None
        if row is None or holder is None or holder.user["state"] != ACTIVE or stamp(now) >= str(row["expires"]):
            raise Unauthenticated("this API token is not valid: it was never made, was revoked, or has run out")
        used = store.token_uses(self.engine, [key]).get(key, "")
        if used < stamp(now - _COARSE):
            store.touch_token(self.engine, key, coarse(now))
        return _actor(holder, "token", f"token/{key[:16]}", frozenset(row["scopes"]))

    # People

    def add(
        self,
        name: str,
        email: str = "",
        *,
        actor: Actor,
        grants: Iterable[Grant] = (Grant("contributor"),),
        password: str = "",
        lang: str = "",
    ) -> Person:
        """A new account, made by an admin. `password` is not checked here. Raises Forbidden, InvalidInput, Conflict (name or address taken)."""
        access.require(actor, "administer")
        hashed = self.passwords.hash(password) if password else ""
        return self.made(
            lambda tx: self.insert(tx, actor, "user_added", name, email, grants=grants, password=hashed, lang=lang)
        )

    def made(self, work: Any) -> Person:
        """Run a write that gives a user's row; the person."""
        row: Row = write_numbered(self.engine, work)
        return self.person(str(row["key"]))

    def insert(
        self,
        tx: WriteTransaction,
        actor: Actor,
        event: str,
        name: str,
        email: str,
        *,
        grants: Iterable[Grant],
        password: str = "",
        lang: str = "",
        identity: str = "",
        settings: dict[str, object] | None = None,
        confirmed: bool = False,
    ) -> Row:
        """Write a new user with its logins and the event that says so. `actor`: who did it; NOBODY for the new user themselves."""
        name, email = clean_name(name), clean_email(email) if email else ""
        held = tuple(dict.fromkeys(grants))
        for grant in held:
            check_grant(grant, ROLES)
        key = new_uuid()
        row: Row = {
            "key": key, "name": name, "name_key": name_key(name), "email": email, "email_key": email_key(email) if email else "",
            "listing": f"{name_key(name)} {key}", "state": ACTIVE, "grants": packed_grants(held), "lang": lang,
            "password": password, "created": stamp(self.clock()), "settings": settings or {}, "email_confirmed": confirmed,
        }  # fmt: skip
        store.add_login(tx, f"name:{row['name_key']}", key, Conflict(f"the name {name!r} is taken: add something to it", reason="name-taken", name=name))
        if email:
            store.add_login(tx, f"email:{row['email_key']}", key, Conflict("that e-mail address belongs to an account already", reason="email-taken"))
        if identity:
            store.add_login(tx, identity, key, Conflict("that identity belongs to an account already", reason="identity-taken"))
        documents.insert(tx, USERS, row)
        by = actor if actor.known else Actor(key, name, via="session")
        happened(tx, by, event, subject=f"user/{key}", space=ACCOUNTS_SPACE, user=name, grants=packed_grants(held))
        return row

    def person(self, ref: str) -> Person:
        """A user by uuid, name or e-mail address. Raises NotFound."""
        row = self.find_row(ref)
        if row is None:
            raise NotFound(f"there is no user {ref[:100]}", reason="none-here", key=ref[:100])
        logins = documents.find_by(self.engine, LOGINS, "user", [str(row["key"])])
        return person_of(row, tuple(login["key"][5:] for login in logins if login["key"].startswith("oidc:")))

    def find_row(self, ref: str) -> Row | None:
        """The document of a user; None for nobody."""
        key = ref.lower() if is_uuid(ref) else self.user_behind(ref)
        return documents.find(self.engine, USERS, key) if key else None

    def user_behind(self, login: str) -> str:
        """The uuid of who signs in by a name or an e-mail address; "" for nobody."""
        return self.claimed(login)[0]

    def claimed(self, login: str) -> tuple[str, str]:
        """Who somebody says they are: the uuid ("" for nobody), and what their attempts are counted by, which is the same however it is written."""
        try:
            wanted = f"email:{email_key(login)}" if "@" in login else f"name:{name_key(login)}"
        except InvalidInput:
            return "", f"name:{name_key(login)}"
        user = store.user_behind(self.engine, wanted)
        return user, user or wanted

    def named(self, names: Iterable[str]) -> dict[str, tuple[str, str]]:
        """The uuid and the name of active users by names as people write them (in a mention); who is not there is left out."""
        wanted = {name_key(name): name for name in names}
        rows = documents.find_by(self.engine, USERS, "name_key", wanted)
        return {wanted[row["name_key"]]: (str(row["key"]), str(row["name"])) for row in rows if row["state"] == ACTIVE}

    def organisations_of(self, user: str) -> list[str]:
        """The slugs of the organisations a user belongs to."""
        return sorted(str(row["organisation"]) for row in store.memberships_of(self.engine, user))

    def people(self, *, actor: Actor, after: str = "", limit: int = PAGE) -> tuple[list[Person], str]:
        """The accounts in the order of their names, and where the next page begins ("" at the end)."""
        access.require(actor, "administer")
        rows = documents.page(self.engine, USERS, "listing", after=after, limit=limit + 1)
        following = str(rows[limit - 1]["listing"]) if len(rows) > limit else ""
        return [person_of(row) for row in rows[:limit]], following

    # Roles and states

    def grant(self, ref: str, grant: Grant, *, actor: Actor) -> Person:
        """Give a role. Giving it twice changes nothing."""
        check_grant(grant, ROLES)
        return self._regrant(ref, "role_granted", grant, actor)

    def revoke(self, ref: str, grant: Grant, *, actor: Actor) -> Person:
        """Take a role away. Raises Conflict for the last admin's."""
        return self._regrant(ref, "role_revoked", grant, actor)

    def _regrant(self, ref: str, event: str, grant: Grant, actor: Actor) -> Person:
        access.require(actor, "administer")
        person = self.person(ref)

        def work(tx: WriteTransaction) -> None:
            row = documents.lock(tx, USERS, person.id)
            held = grants_of(row)
            new = (*held, grant) if event == "role_granted" else tuple(each for each in held if each != grant)
            if set(new) == set(held):
                return
            if grant.role == "admin" and event == "role_revoked" and actor.id == person.id:
                raise Conflict("you cannot take the role admin from yourself: another admin can", reason="own-admin")
            documents.change(tx, USERS, person.id, {"grants": packed_grants(new)})
            subject = f"user/{person.id}"
            happened(tx, actor, event, subject=subject, space=ACCOUNTS_SPACE, user=person.name, role=grant.role, scope=grant.scope)

        write_numbered(self.engine, work)
        return self.person(person.id)

    def disable(self, ref: str, *, actor: Actor) -> Person:
        """Nobody signs in to this account any more; its sessions end, its tokens are refused. What it did stays under its name."""
        access.require(actor, "administer")
        return self._set_state(ref, DISABLED, "user_disabled", actor)

    def enable(self, ref: str, *, actor: Actor) -> Person:
        """Undo `disable`."""
        access.require(actor, "administer")
        return self._set_state(ref, ACTIVE, "user_enabled", actor)

    def _set_state(self, ref: str, state: str, event: str, actor: Actor) -> Person:
        person = self.person(ref)
        if person.id == actor.id:
            raise Conflict("you cannot disable yourself: another admin can", reason="own-disabling")

        def work(tx: WriteTransaction) -> None:
            if documents.lock(tx, USERS, person.id)["state"] == state:
                return
            documents.change(tx, USERS, person.id, {"state": state})
            if state == DISABLED:
                end_sessions(tx, person.id)
            happened(tx, actor, event, subject=f"user/{person.id}", space=ACCOUNTS_SPACE, user=person.name)

        write_numbered(self.engine, work)
        return self.person(person.id)

    # What people set themselves

    def rename(self, name: str, *, actor: Actor, version: int | None = None) -> Person:
        """Another name for oneself; what was done before stays under the old one. Raises Conflict (taken), StaleVersion."""
        require_self(actor)
        name = clean_name(name)

        def work(tx: WriteTransaction) -> None:
            row = documents.lock(tx, USERS, actor.id)
            key = name_key(name)
            store.add_login(tx, f"name:{key}", actor.id, Conflict(f"the name {name!r} is taken: add something to it", reason="name-taken", name=name))
            if key != row["name_key"]:
                documents.remove(tx, LOGINS, [f"name:{row['name_key']}"])
            values = {"name": name, "name_key": key, "listing": f"{key} {actor.id}"}
            documents.change(tx, USERS, actor.id, values, version=version)
            happened(tx, actor, "user_renamed", subject=f"user/{actor.id}", space=ACCOUNTS_SPACE, before=row["name"], after=name)

        write_numbered(self.engine, work)
        return self.person(actor.id)

    def set_settings(self, values: dict[str, object], *, actor: Actor) -> Person:
        """Set preferences of one's own (None removes one): what the pages offer, never rights or `terms`."""
        require_self(actor)
        if "terms" in values:
            raise InvalidInput("terms are accepted, not set")
        return self._merge_settings(actor, values, "settings_changed", names=sorted(values))

    def accept_terms(self, date: str, *, actor: Actor) -> Person:
        """Record that the terms of contribution of that date are accepted. Raises InvalidInput for another date than today's terms have."""
        require_self(actor)
        if date != self.rules.terms:
            raise InvalidInput(f"the terms of contribution are those of {self.rules.terms}: read them at /terms and accept these", reason="terms-date")
        return self._merge_settings(actor, {"terms": date}, "terms_accepted", terms=date)

    def has_accepted_terms(self, actor: Actor) -> bool:
        """Whether somebody may contribute as far as the terms are concerned; commands on the machine need not."""
        return actor.via in ("operator", "system") or str(actor.settings.get("terms", "")) >= self.rules.terms

    def _merge_settings(self, actor: Actor, values: dict[str, object], event: str, **data: Any) -> Person:
        def work(tx: WriteTransaction) -> None:
            held = dict(documents.lock(tx, USERS, actor.id).get("settings") or {}) | values
            documents.change(tx, USERS, actor.id, {"settings": {name: value for name, value in held.items() if value is not None}})
            happened(tx, actor, event, subject=f"user/{actor.id}", space=ACCOUNTS_SPACE, **data)

        write_numbered(self.engine, work)
        return self.person(actor.id)


def require_self(actor: Actor) -> None:
    """Raise unless somebody acts in a session of their own: an API token changes no account."""
    access.require_known(actor)
    if actor.via != "session" or not actor.credential:
        raise Forbidden("accounts are changed by their owner, signed in on the site: an API token or a command cannot")


def require_scope(actor: Actor) -> None:
    """Raise where somebody acts by a token that was not made to administer, whatever its owner may do."""
    if actor.scopes is not None and "administer" not in actor.scopes:
        raise Forbidden("you may not do this: this token was not made for it (scope 'administer')")


def end_sessions(tx: WriteTransaction, user: str, but: str = "") -> int:
    """End the sessions of a user, all or all but one (a digest); how many."""
    keys = [str(row["key"]) for row in documents.find_by(tx, SESSIONS, "user", [user]) if row["key"] != but]
    documents.remove(tx, SESSIONS, keys)
    return len(keys)


def coarse(moment: datetime) -> str:
    """A moment to the hour."""
    return stamp(moment.replace(minute=0, second=0, microsecond=0))


def grants_of(row: Row) -> tuple[Grant, ...]:
    """The roles of a user's document."""
    return tuple(Grant(str(each["role"]), str(each.get("scope", ""))) for each in row.get("grants") or ())


def packed_grants(grants: Iterable[Grant]) -> list[dict[str, str]]:
    """Roles as documents and events keep them."""
    return [{"role": grant.role, "scope": grant.scope} for grant in sorted(grants, key=lambda each: (each.role, each.scope))]


def person_of(row: Row, identities: tuple[str, ...] = ()) -> Person:
    """A user's document as a person."""
    return Person(
        str(row["key"]), str(row["name"]), str(row["email"]), str(row["state"]), grants_of(row), str(row["lang"]),
        str(row["created"]), dict(row.get("settings") or {}), bool(row["password"]), identities, int(row["version"]),
    )  # fmt: skip


def _actor(holder: store.Holder, via: access.Via, credential: str, scopes: frozenset[str] | None = None) -> Actor:
    row = holder.user
    return Actor(
        str(row["key"]), str(row["name"]), grants_of(row), holder.memberships, via, credential, scopes, str(row["lang"]),
        dict(row.get("settings") or {}),
    )  # fmt: skip
