"""API tokens: made by people for their programs, shown once, kept as a digest, limited by scopes and an end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from wikic.crypto.tokens import API_PREFIX, digest, new_token
from wikic.domain import access
from wikic.domain.access import ACCOUNTS_SPACE, SCOPES, Actor
from wikic.domain.changes import stamp
from wikic.domain.texts import check_text, invisible
from wikic.errors import Conflict, Forbidden, InvalidInput, NotFound
from wikic.services.accounts import Accounts, require_self
from wikic.store import documents
from wikic.store.accounts import token_uses
from wikic.store.engine import Row, WriteTransaction
from wikic.store.events import happened
from wikic.store.leases import write_numbered
from wikic.store.tables import TOKEN_USES, TOKENS

DAYS: Final = 90
"""How long a token lives unless its maker says otherwise."""
MOST_DAYS: Final = 366
MOST_TOKENS: Final = 50
LONGEST_NAME: Final = 80


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token as its owner sees it; `used` is exact to the hour, "" for never."""

    id: str
    name: str
    scopes: tuple[str, ...]
    created: str
    expires: str
    used: str


class Tokens:
    """API tokens over the accounts of one store."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts, self._engine = accounts, accounts.engine

    def make(self, name: str, scopes: Iterable[str] = ("read",), *, actor: Actor, days: int = DAYS, owner: str = "") -> tuple[str, ApiToken]:
        """A new token of one's own, or (as a command or an admin) of `owner`'s; the token itself, which is never shown again, and its entry. `read` is
        always among its scopes; no token can do more than its owner. Raises InvalidInput, Forbidden, Conflict (too many)."""
        user, named = self._owner(actor, owner), " ".join(name.split())
        wanted = tuple(scope for scope in SCOPES if scope in {"read", *scopes})
        if unknown := sorted(set(scopes) - set(SCOPES)):
            raise InvalidInput(f"{unknown[0]!r} is no scope: {', '.join(SCOPES)}")
        if not 1 <= len(named) <= LONGEST_NAME or invisible(check_text("name", named, LONGEST_NAME)):
            raise InvalidInput(
                f"a token needs a name of at most {LONGEST_NAME} characters, by which you know it later",
                reason="token-name", longest=LONGEST_NAME,
            )
        if not 1 <= days <= MOST_DAYS:
            raise InvalidInput(f"a token lives 1 to {MOST_DAYS} days", reason="token-days", most=MOST_DAYS)
        token, now = new_token(API_PREFIX), self._accounts.clock()
        row: Row = {
            "key": digest(token), "user": user, "name": named, "scopes": list(wanted), "created": stamp(now),
            "expires": stamp(now + timedelta(days=days)),
        }  # fmt: skip

        def work(tx: WriteTransaction) -> None:
            if len(documents.find_by(tx, TOKENS, "user", [user])) >= MOST_TOKENS:
                raise Conflict(f"there are {MOST_TOKENS} tokens already: revoke what is no longer used", reason="tokens-many", most=MOST_TOKENS)
            documents.insert(tx, TOKENS, row)
            data = {"token": row["key"][:16], "label": named, "scopes": list(wanted), "expires": row["expires"]}
            happened(tx, actor, "token_made", subject=f"user/{user}", space=ACCOUNTS_SPACE, **data)

        write_numbered(self._engine, work)
        return token, _token_of(row, {})

    def list(self, *, actor: Actor, owner: str = "") -> list[ApiToken]:
        """One's own tokens (or another's, as `make` says), the newest first; also those that have run out."""
        rows = documents.find_by(self._engine, TOKENS, "user", [self._owner(actor, owner)])
        uses = token_uses(self._engine, [str(row["key"]) for row in rows])
        return [_token_of(row, uses) for row in sorted(rows, key=lambda row: str(row["created"]), reverse=True)]

    def revoke(self, token: str, *, actor: Actor, owner: str = "") -> None:
        """End a token by its id. Raises NotFound."""
        user = self._owner(actor, owner)
        keys = [str(row["key"]) for row in documents.find_by(self._engine, TOKENS, "user", [user]) if row["key"][:16] == token]
        if not keys:
            raise NotFound(f"there is no token {token[:100]}", reason="none-here", key=token[:100])

        def work(tx: WriteTransaction) -> None:
            if not documents.lock_many(tx, TOKENS, keys):
                raise NotFound(f"there is no token {token[:100]}", reason="none-here", key=token[:100])
            documents.remove(tx, TOKENS, keys)
            documents.remove(tx, TOKEN_USES, keys)
            happened(tx, actor, "token_revoked", subject=f"user/{user}", space=ACCOUNTS_SPACE, token=token)

        write_numbered(self._engine, work)

    def _owner(self, actor: Actor, owner: str) -> str:
        """The uuid of whose tokens are meant. Somebody else's only on the machine itself: an admin on the site who could make tokens of others would act
        in their names."""
        if not owner:
            require_self(actor)
            return actor.id
        access.require(actor, "administer")
        if actor.via != "operator":
            raise Forbidden("tokens of somebody else are made and revoked on the machine itself: `wikic token`")
        return self._accounts.person(owner).id


def _token_of(row: Row, uses: dict[str, str]) -> ApiToken:
    key = str(row["key"])
    return ApiToken(key[:16], str(row["name"]), tuple(row["scopes"]), str(row["created"]), str(row["expires"]), uses.get(key, ""))
