"""Signing in through the identity provider: there, and back again."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import RedirectResponse

from wikic.errors import Conflict, Forbidden, Unauthenticated
from wikic.services.accounts import require_self
from wikic.services.accounts_oidc import CALLBACK, Begun
from wikic.web.account_services import People
from wikic.web.acting import SESSION_COOKIE, CurrentActor
from wikic.web.dependencies import ReadingService
from wikic.web.forms import local, see, set_session
from wikic.web.pages_account import Next, refused, sign_in_form, trouble_of
from wikic.web.pages_common import visit
from wikic.web.views_account import MessagePage
from wikic.web.views_common import Link

router = APIRouter(include_in_schema=False)

COOKIE: Final = "wikic_oidc"
_SECONDS: Final = 600


@router.get("/sign-in/oidc")
def begin(request: Request, people: People, following: Next = "/") -> Response:
    """To the provider, to sign in. It links nothing: any page of others can lead here."""
    begun = people.single_sign_on.begin(local(following))
    return _held(RedirectResponse(begun.address, 303, {"Cache-Control": "no-store"}), request, begun)


@router.post("/account/identity")
def link(request: Request, reading: ReadingService, people: People, actor: CurrentActor) -> Response:
    """To the provider, to link the account of who is signed in. By a page: browsers let no form lead to another site, not even by a redirect."""
    require_self(actor)
    begun = people.single_sign_on.begin("/account/security", actor=actor)
    seen, name = visit(request, reading), people.single_sign_on.name
    page = MessagePage(
        title=seen.t("account.link_provider", name=name), text=seen.t("account.link_there", name=name),
        link=Link(begun.address, seen.t("account.go_on", name=name)),
    )  # fmt: skip
    return _held(seen.answer(page, indexed=False), request, begun)


def _held(answer: Response, request: Request, begun: Begun) -> Response:
    secure = str(request.app.state.public_url).startswith("https:")
    # Lax: it has to come along when the provider sends the browser back.
    answer.set_cookie(COOKIE, begun.state, max_age=_SECONDS, path="/sign-in", httponly=True, samesite="lax", secure=secure)
    return answer


@router.get(CALLBACK)
def finish(
    request: Request,
    reading: ReadingService,
    people: People,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=4_000)] = "",
    iss: Annotated[str, Query(max_length=500)] = "",
    error: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """And back: a session, or the sign-in page with the reason why not."""
    seen = visit(request, reading)
    held = request.cookies.get(COOKIE, "")
    try:
        found = people.single_sign_on.finish(state=state, held=held, code=code, issuer=iss, error=error, lang=seen.lang)
    except (Unauthenticated, Forbidden, Conflict) as trouble:
        page = sign_in_form(seen, people, "/", trouble=trouble_of(seen, trouble))
        return seen.answer(page, refused(trouble), indexed=False)
    if found.linked:
        answer = see(found.following)
    else:
        before = request.cookies.get(SESSION_COOKIE, "")
        signed = people.signing.open(
            found.user, user_agent=request.headers.get("user-agent", ""), before=before, by="oidc"
        )
        answer = set_session(see(found.following), request, signed.token, signed.seconds)
    answer.delete_cookie(COOKIE, path="/sign-in")
    return answer
