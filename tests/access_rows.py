"""What a line of the table of routes and roles says, and the sets of roles that lines name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

ROLES: Final = (
    "nobody", "newcomer", "contributor", "local moderator", "moderator", "admin", "member", "manager", "organisation moderator", "stranger",
)  # fmt: skip
"""Who knocks. A newcomer has an account and no role; the local moderator decides within ROME; member, manager and organisation moderator belong to the
private organisation acme and to the public issuer fournil, the stranger manages another one, and these four are contributors besides."""

ALL: Final = frozenset(ROLES)
KNOWN: Final = ALL - {"nobody"}
CONTRIBUTE: Final = KNOWN - {"newcomer"}
DECIDE: Final = frozenset({"local moderator", "moderator", "admin"})
RELEASE: Final = frozenset({"moderator", "admin"})
ADMIN: Final = frozenset({"admin"})
NO_ONE: Final = frozenset[str]()

INSIDE: Final = frozenset({"member", "manager", "organisation moderator"})
"""Who belongs to acme."""
MANAGE: Final = frozenset({"manager", "admin"})
OUTSIDE: Final = ALL - INSIDE - ADMIN
"""For whom acme is not there."""
UNREAD: Final = ALL - INSIDE
"""For whom what stands in acme's space is not there: admins too."""

NOWHERE: Final = "01890a5d-ac96-774b-bcce-b302099a8057"
"""The id of nothing."""
ACME: Final = "acme"

OPEN: Final = "open"
"""A scope of lines that ask for no account, and so for none of a token."""
ANY: Final = "any"
"""Of lines where a token has to be good for more than reading."""
SELF: Final = "self"
"""Of lines that no token passes: who has an account does that themselves."""


@dataclass(frozen=True, slots=True)
class Row:
    """Who is let in, and what a request needs to be right in its form; each value may be a function of the scene, which makes a fresh thing.

    `hidden`: those for whom the thing is not there (404). `scope`: what an API token has to be made for; every line that is not a GET says it.
    `files`: the fields of a form that sends files. `also`: statuses that come from behind the door, beside those of success."""

    who: frozenset[str]
    scope: str = ""
    hidden: frozenset[str] = NO_ONE
    path: Any = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    form: Any = None
    files: Any = None
    also: tuple[int, ...] = ()


Route = tuple[str, str]
Table = dict[Route, tuple[Row, ...]]


def reads(*paths: str, who: frozenset[str] = ALL, **more: Any) -> Table:
    """Lines of addresses that are read."""
    return {("GET", path): (Row(who, **more),) for path in paths}
