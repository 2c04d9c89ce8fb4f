"""Links that prove something once: a mailbox, an admin's word. Kept as digests, used once, and gone after a while."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from wikic.crypto.tokens import digest, new_token
from wikic.domain.changes import stamp
from wikic.errors import NotFound
from wikic.services.throttling import Clock
from wikic.store import documents
from wikic.store.accounts import remove_expired
from wikic.store.engine import Engine, Row, WriteTransaction
from wikic.store.tables import LINKS

GONE: Final = "this link is no longer valid: it was used, has run out, or was never made; ask for a new one"

MAILED: Final = timedelta(hours=2)
"""How long a link that is mailed, to set a password or another address, lives."""


class Links:
    """Links of one store. `purpose` is one of register, password, email, oidc."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock

    def write(self, tx: WriteTransaction, purpose: str, token: str, *, user: str = "", lives: timedelta, **data: Any) -> None:
        """Keep a link whose token was made by `new_token`."""
        now = self._clock()
        remove_expired(tx, LINKS, stamp(now))
        key = digest(token)
        row: Row = {
            "key": key, "purpose": purpose, "user": user, "listing": f"{purpose} {stamp(now)} {key}",
            "expires": stamp(now + lives), "data": data,
        }  # fmt: skip
        documents.insert(tx, LINKS, row)

    def make(
        self, purpose: str, *, user: str = "", lives: timedelta, more: Callable[[WriteTransaction, str], object] | None = None, **data: Any
    ) -> str:
        """A new link of its own; its token. `more(tx, token)` is written with it: the mail that bears it."""
        token = new_token()

        def work(tx: WriteTransaction) -> None:
            self.write(tx, purpose, token, user=user, lives=lives, **data)
            if more is not None:
                more(tx, token)

        self._engine.write(work)
        return token

    def read(self, purpose: str, token: str) -> Row:
        """What a link says, without using it. Raises NotFound."""
        return self._valid(purpose, documents.find(self._engine, LINKS, digest(token)))

    def use(self, tx: WriteTransaction, purpose: str, token: str) -> Row:
        """Use a link up: of two at once one gets it. Raises NotFound."""
        try:
            row = documents.lock(tx, LINKS, digest(token))
        except NotFound:
            raise NotFound(GONE, reason="link-gone") from None
        valid = self._valid(purpose, row)
        documents.remove(tx, LINKS, [str(row["key"])])
        return valid

    def waiting(self, purpose: str, limit: int = 200) -> list[Row]:
        """The links of a purpose, oldest first."""
        now = stamp(self._clock())
        return [row for row in documents.page(self._engine, LINKS, "listing", prefix=f"{purpose} ", limit=limit) if row["expires"] > now]

    def _valid(self, purpose: str, row: Row | None) -> Row:
        if row is None or row["purpose"] != purpose or stamp(self._clock()) >= str(row["expires"]):
            raise NotFound(GONE, reason="link-gone")
        return row


def forget_links(tx: WriteTransaction, user: str) -> None:
    """Withdraw the links that set a user's password or address: who asked for them may be somebody whom the change that is made now keeps out."""
    rows = documents.find_by(tx, LINKS, "user", [user])
    documents.remove(tx, LINKS, [str(row["key"]) for row in rows if row["purpose"] in ("password", "email")])
