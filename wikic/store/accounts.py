"""Accounts in the store: who holds a session or a token, in two round trips; and what leads to a user."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from wikic.errors import Conflict
from wikic.store import documents
from wikic.store.engine import Engine, Query, ReadTransaction, Row, UniqueViolation, WriteTransaction
from wikic.store.tables import LOGINS, MEMBERSHIPS, ORGANISATIONS, SESSIONS, TOKEN_USES, TOKENS, USERS

_HOLDER: Final = Query(
    "user.with_memberships",
    "MATCH (u:User {key: $user}) OPTIONAL MATCH (m:Membership {user: $user}) RETURN properties(u) AS u, collect(properties(m)) AS m",
)
_TOUCH_SESSION: Final = Query("session.touch", "MATCH (s:Session {key: $key}) SET s.used = $used, s.expires = $expires")
_TOUCH_TOKEN: Final = Query("token.touch", "MERGE (t:TokenUse {key: $key}) SET t.used = $used, t.version = 1")
_EXPIRED: Final = "MATCH (n:{label}) WHERE n.expires <= $now WITH n LIMIT 500 DETACH DELETE n"


@dataclass(frozen=True, slots=True)
class Holder:
    """A user with their memberships (slug and roles)."""

    user: Row
    memberships: tuple[tuple[str, tuple[str, ...]], ...]


def read_session(source: Engine | ReadTransaction, key: str) -> Row | None:
    """The session of a digest."""
    return documents.find(source, SESSIONS, key)


def read_token(source: Engine | ReadTransaction, key: str) -> Row | None:
    """The API token of a digest."""
    return documents.find(source, TOKENS, key)


def read_holder(source: Engine | ReadTransaction, user: str) -> Holder | None:
    """A user with their memberships, in one round trip."""
    rows = documents.run(source, _HOLDER, user=user)
    if not rows:
        return None
    memberships = sorted((str(row["organisation"]), tuple(row["roles"])) for row in rows[0]["m"] if row.keys() >= MEMBERSHIPS.always)
    return Holder(documents.unpacked(USERS, rows[0]["u"]), tuple(memberships))


def touch_session(engine: Engine, key: str, used: str, expires: str) -> None:
    """Note that a session was used; it lives on until `expires`."""
    engine.write(lambda tx: tx.run(_TOUCH_SESSION, key=key, used=used, expires=expires))


def touch_token(engine: Engine, key: str, used: str) -> None:
    """Note that a token was used: beside it, since tokens are part of backups and uses are not."""
    # On ArcadeDB the second of two first uses at once finds it there: it was used just now all the same.
    with suppress(UniqueViolation):
        engine.write(lambda tx: tx.run(_TOUCH_TOKEN, key=key, used=used))


def token_uses(source: Engine | ReadTransaction, keys: Iterable[str]) -> dict[str, str]:
    """When tokens were used last."""
    return {str(row["key"]): str(row["used"]) for row in documents.find_by(source, TOKEN_USES, "key", keys)}


def user_behind(source: Engine | ReadTransaction, login: str) -> str:
    """The user that a login (`email:...`, `name:...`, `oidc:...`) leads to; "" for none."""
    found = documents.find(source, LOGINS, login)
    return str(found["user"]) if found else ""


def add_login(tx: WriteTransaction, login: str, user: str, taken: Conflict, **more: Any) -> None:
    """Let a login lead to a user. Raises `taken` where it leads to another."""
    held = documents.find(tx, LOGINS, login)
    if held is not None:
        if held["user"] == user:
            return
        raise taken
    try:
        documents.insert(tx, LOGINS, {"key": login, "user": user, **more})
    except UniqueViolation:
        raise taken from None


def remove_expired(tx: WriteTransaction, table: documents.Table, now: str) -> None:
    """Delete documents whose `expires` has passed; some hundreds at most, the rest the next time."""
    tx.run(Query(f"{table.name}.remove_expired", _EXPIRED.format(label=table.label)), now=now)


def join(tx: WriteTransaction, organisation: str, user: str, roles: Iterable[str], now: str) -> None:
    """Make a user a member of an organisation, with these roles besides those held already. Raises NotFound where there is no such organisation."""
    documents.lock(tx, ORGANISATIONS, organisation)
    key = f"{organisation}/{user}"
    row = documents.find(tx, MEMBERSHIPS, key)
    held = sorted({"member", *roles, *(row["roles"] if row else ())})
    if row is None:
        documents.insert(tx, MEMBERSHIPS, {"key": key, "organisation": organisation, "user": user, "roles": held, "since": now})
    else:
        documents.change(tx, MEMBERSHIPS, key, {"roles": held})


def memberships_of(source: Engine | ReadTransaction, user: str) -> list[Row]:
    """The memberships of a user."""
    return documents.find_by(source, MEMBERSHIPS, "user", [user])
