"""What an invitation is, and who may give one: asked again when it is used, since whoever gave it may have lost the right to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wikic.domain import access
from wikic.domain.access import Actor, Grant
from wikic.domain.ids import is_uuid
from wikic.errors import Forbidden, NotFound, Unauthenticated
from wikic.services.accounts import Accounts
from wikic.services.accounts_links import GONE
from wikic.store.engine import Engine, ReadTransaction, Row


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
        str(row["key"])[:16], str(row["email"]), grants_given(row), str(row["organisation"]), tuple(row["roles"] or ()),
        str(row["by_name"]), str(row["created"]), str(row["expires"]),
    )  # fmt: skip
