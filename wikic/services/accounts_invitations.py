"""What an invitation is, and who may give one: asked again when it is used, since whoever gave it may have lost the right to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from wikic.domain import access
from wikic.domain.access import Actor, Grant
from wikic.domain.ids import is_uuid
from wikic.errors import Forbidden, NotFound, Unauthenticated
from wikic.services.accounts import Accounts
from wikic.services.accounts_links import GONE
from wikic.store import documents
from wikic.store.engine import Engine, ReadTransaction, Row
from wikic.store.tables import INVITATIONS

PAGE: Final = 100
ID_LENGTH: Final = 16
"""An invitation is called by the beginning of its key, from which nothing leads back to its link."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation as who made it sees it, and as its page shows it. `organisation` and `roles` there, if it leads into one; `email` where it is for one."""

    id: str
    email: str
    grants: tuple[Grant, ...]
    organisation: str
    roles: tuple[str, ...]
    by: str
    created: str
    expires: str


def living(accounts: Accounts, organisation: str, now: str, after: str = "", limit: int = PAGE) -> tuple[list[Invitation], str]:
    """The invitations to the site ("") or into an organisation that may still be used, oldest first, and where the next page begins ("" at the end)."""
    engine, found = accounts.engine, list[Row]()
    known: dict[tuple[str, bool], bool] = {}

    def good(row: Row) -> bool:
        by = str(row["by"]), bool(row["grants"])
        if by not in known:
            try:
                still_given(accounts, engine, by[0], organisation, grants_given(row))
                known[by] = True
            except NotFound:
                known[by] = False
        return known[by]

    while len(found) <= limit:
        rows = documents.page(engine, INVITATIONS, "listing", prefix=listing_prefix(organisation), after=after, limit=limit + 1)
        found += [row for row in rows if str(row["expires"]) > now and good(row)]
        if len(rows) <= limit:
            break
        after = str(rows[-1]["listing"])
    return [invitation_of(row) for row in found[:limit]], str(found[limit - 1]["listing"]) if len(found) > limit else ""


def living_key(engine: Engine, organisation: str, now: str, identity: str) -> str:
    """The key of an invitation by its id. Raises NotFound."""
    rows = documents.page(engine, INVITATIONS, "key", prefix=identity, limit=1) if len(identity) == ID_LENGTH else []
    if not rows or str(rows[0]["organisation"]) != organisation or str(rows[0]["expires"]) <= now:
        raise NotFound(f"there is no invitation {identity[:100]}", reason="none-here", key=identity[:100])
    return str(rows[0]["key"])


def listing_prefix(organisation: str) -> str:
    """How the places of invitations begin, to the site ("") or into an organisation."""
    return f"{organisation or '-'} "


def require_giver(actor: Actor, organisation: str = "", grants: Iterable[Grant] = ()) -> None:
    """Raise unless somebody may invite into an organisation (its managers), or to the site and with roles there (admins)."""
    if organisation:
        access.require_organisation(actor, organisation, "manager")
    if grants or not organisation:
        access.require(actor, "administer")


def still_given(accounts: Accounts, source: Engine | ReadTransaction, by: str, organisation: str = "", grants: Iterable[Grant] = ()) -> None:
    """Raise NotFound where who gave a link is disabled, or might not give it any more. What a command gave ("operator"), or nobody, stays."""
    if not is_uuid(by):
        return
    try:
        require_giver(accounts.actor(by, source), organisation, grants)
    except (Unauthenticated, Forbidden, NotFound):
        raise NotFound(GONE, reason="link-gone") from None


def grants_given(row: Row) -> tuple[Grant, ...]:
    """The roles on the site that an invitation's document gives."""
    return tuple(Grant(each["role"], each["scope"]) for each in row["grants"])


def invitation_of(row: Row) -> Invitation:
    """An invitation's document as an invitation."""
    return Invitation(
        str(row["key"])[:ID_LENGTH], str(row["email"]), grants_given(row), str(row["organisation"]), tuple(row["roles"] or ()),
        str(row["by_name"]), str(row["created"]), str(row["expires"]),
    )  # fmt: skip
