"""Who sends a request: the session cookie or the API token, turned into an `Actor` by the accounts service.

Forms and calls with a cookie are protected from other sites by what browsers say of a request's origin (`Sec-Fetch-Site`, `Origin`; see
`cross_origin`) and by the cookie's `SameSite`; a token in `Authorization` is sent by nobody's browser on its own.
"""

from __future__ import annotations

from typing import Annotated, Final, Protocol
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import Headers
from starlette.types import Scope

from wikic.domain.access import NOBODY, Actor
from wikic.errors import Unauthenticated

SESSION_COOKIE: Final = "wikic_session"
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class AccountsPort(Protocol):
    """What the web needs to know who acts; `services.accounts.Accounts` is one."""

    def actor_of(self, *, session: str = "", token: str = "") -> Actor:
        """Who holds this session or API token; NOBODY for an old session. Raises Unauthenticated for a token that is not valid."""
        ...


def actor_of(request: Request) -> Actor:
    """Who sends the request; asks the store only where a cookie or a token came along. Runs in a thread."""
    known = request.scope.get("wikic_actor")
    if isinstance(known, Actor):
        return known
    sent = request.headers.get("authorization", "").strip()
    scheme, _, token = sent.partition(" ")
    session = request.cookies.get(SESSION_COOKIE, "")
    actor = NOBODY
    # A token without its scheme, or the scheme without its token, is no reader without an account: who sent it thinks otherwise.
    if sent and not (token and scheme.lower() == "bearer"):
        raise Unauthenticated("send an API token as `Authorization: Bearer ...`; no other scheme is known here")
    if token or session:
        accounts: AccountsPort = request.app.state.services.accounts
        actor = accounts.actor_of(token=token.strip()) if token else accounts.actor_of(session=session)
    request.scope["wikic_actor"] = actor
    return actor


CurrentActor = Annotated[Actor, Depends(actor_of)]
"""Who sends the request."""


def cross_origin(scope: Scope, public_url: str) -> bool:
    """Whether a browser sent this request from a page of another site: such a one may change nothing here. What names no origin
    at all comes from no browser."""
    headers = Headers(scope=scope)
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:
        return False
    return urlsplit(origin).netloc not in (headers.get("host", ""), urlsplit(public_url).netloc)
