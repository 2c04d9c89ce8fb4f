"""The API of accounts: one's own, with its sessions and tokens; people, for admins. An API token changes no account of its owner."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from wikic.domain import access
from wikic.domain.access import Actor, Grant
from wikic.domain.accounts import DISABLED, Person
from wikic.services.accounts_invitations import Invitation
from wikic.services.accounts_tokens import ApiToken
from wikic.web import schemas_accounts as shapes
from wikic.web.account_services import People
from wikic.web.acting import CurrentActor
from wikic.web.api_badges import listed
from wikic.web.api_proposals_tools import Version, answers, document_answer, private_answer
from wikic.web.dependencies import CursorParameter, ReadingService
from wikic.web.schemas import PageShape

router = APIRouter(prefix="/api/v1", tags=["accounts"])

Id = Annotated[str, Path(max_length=60)]
User = Annotated[str, Path(description="The user's id.", max_length=60)]


@router.get("/account", operation_id="read_account", summary="Who asks", response_model=None, responses=answers(shapes.AccountShape))
def read_account(request: Request, people: People, actor: CurrentActor) -> Response:
    access.require_known(actor)
    person = people.accounts.person(actor.id)
    return document_answer(request, _account(person, actor), person.version)


@router.patch(
    "/account", operation_id="rename_account", summary="Take another name", response_model=None, responses=answers(shapes.AccountShape, 409, 412, 428)
)
def rename_account(request: Request, people: People, actor: CurrentActor, version: Version, sent: shapes.NameBody) -> Response:
    person = people.accounts.rename(sent.name, actor=actor, version=version)
    return document_answer(request, _account(person, actor), person.version)


@router.post(
    "/account/terms",
    operation_id="accept_terms",
    summary="Accept the terms of contribution",
    response_model=None,
    responses=answers(shapes.AccountShape),
)
def accept_terms(request: Request, people: People, actor: CurrentActor, sent: shapes.TermsBody) -> Response:
    person = people.accounts.accept_terms(sent.date, actor=actor)
    return document_answer(request, _account(person, actor), person.version)


@router.get(
    "/account/sessions",
    operation_id="list_sessions",
    summary="One's own sessions",
    response_model=None,
    responses=answers(PageShape[shapes.SessionShape]),
)
def list_sessions(request: Request, reading: ReadingService, people: People, actor: CurrentActor) -> Response:
    return _whole(request, reading, "sessions", [asdict(session) for session in people.signing.sessions(actor=actor)])


@router.delete(
    "/account/sessions",
    operation_id="end_other_sessions",
    summary="End all of one's sessions but this one",
    response_model=None,
    responses=answers(shapes.EndedShape),
)
def end_other_sessions(people: People, actor: CurrentActor) -> Response:
    return private_answer({"ended": people.signing.end_other_sessions(actor=actor)})


@router.delete(
    "/account/sessions/{id}", operation_id="end_session", summary="End one session", response_model=None, responses=answers(shapes.EndedShape)
)
def end_session(people: People, actor: CurrentActor, id: Id) -> Response:
    people.signing.end_session(id, actor=actor)
    return private_answer({"ended": 1})


@router.get(
    "/account/tokens",
    operation_id="list_tokens",
    summary="One's own API tokens",
    response_model=None,
    responses=answers(PageShape[shapes.TokenShape]),
)
def list_tokens(request: Request, reading: ReadingService, people: People, actor: CurrentActor) -> Response:
    return _whole(request, reading, "tokens", [_token(token) for token in people.tokens.list(actor=actor)])


@router.post(
    "/account/tokens",
    operation_id="make_token",
    summary="Make an API token; it is shown this once",
    response_model=None,
    responses=answers(shapes.NewTokenShape, 409),
)
def make_token(people: People, actor: CurrentActor, sent: shapes.NewTokenBody) -> Response:
    token, entry = people.tokens.make(sent.name, sent.scopes, actor=actor, days=sent.days)
    return private_answer(_token(entry) | {"token": token})


@router.delete(
    "/account/tokens/{id}", operation_id="revoke_token", summary="End an API token", response_model=None, responses=answers(shapes.EndedShape)
)
def revoke_token(people: People, actor: CurrentActor, id: Id) -> Response:
    people.tokens.revoke(id, actor=actor)
    return private_answer({"ended": 1})


@router.get(
    "/users",
    operation_id="list_users",
    summary="The accounts by name, for admins",
    response_model=None,
    responses=answers(PageShape[shapes.PersonShape]),
)
def list_users(
    request: Request,
    reading: ReadingService,
    people: People,
    actor: CurrentActor,
    cursor: CursorParameter = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> Response:
    def make(after: str) -> tuple[list[dict[str, Any]], str, dict[str, Any]]:
        found, following = people.accounts.people(actor=actor, after=after, limit=limit)
        return [_person(person) for person in found], following, {}

    return listed(request, reading, "users", cursor, make)


@router.post(
    "/users", operation_id="make_user", summary="Make an account, for admins", response_model=None, responses=answers(shapes.PersonShape, 409)
)
def make_user(people: People, actor: CurrentActor, sent: shapes.PersonBody) -> Response:
    grants = [Grant(grant.role, grant.scope) for grant in sent.grants]
    return private_answer(_person(people.accounts.add(sent.name, sent.email, actor=actor, grants=grants)))


@router.get(
    "/users/{user}", operation_id="read_user", summary="One account, for admins", response_model=None, responses=answers(shapes.PersonShape)
)
def read_user(people: People, actor: CurrentActor, user: User) -> Response:
    access.require(actor, "administer")
    return private_answer(_person(people.accounts.person(user)))


@router.post(
    "/users/{user}/grants", operation_id="grant_role", summary="Give a role", response_model=None, responses=answers(shapes.PersonShape)
)
def grant_role(people: People, actor: CurrentActor, user: User, sent: shapes.GrantBody) -> Response:
    return private_answer(_person(people.accounts.grant(user, Grant(sent.role, sent.scope), actor=actor)))


@router.delete(
    "/users/{user}/grants", operation_id="revoke_role", summary="Take a role away", response_model=None, responses=answers(shapes.PersonShape, 409)
)
def revoke_role(
    people: People,
    actor: CurrentActor,
    user: User,
    role: Annotated[access.Role, Query()],
    scope: Annotated[str, Query(max_length=120)] = "",
) -> Response:
    return private_answer(_person(people.accounts.revoke(user, Grant(role, scope), actor=actor)))


@router.put(
    "/users/{user}/state",
    operation_id="set_user_state",
    summary="Disable or enable an account",
    response_model=None,
    responses=answers(shapes.PersonShape, 409),
)
def set_user_state(people: People, actor: CurrentActor, user: User, sent: shapes.StateBody) -> Response:
    change = people.accounts.disable if sent.state == DISABLED else people.accounts.enable
    return private_answer(_person(change(user, actor=actor)))


@router.delete(
    "/users/{user}/sessions",
    operation_id="end_user_sessions",
    summary="End all sessions of somebody",
    response_model=None,
    responses=answers(shapes.EndedShape),
)
def end_user_sessions(people: People, actor: CurrentActor, user: User) -> Response:
    return private_answer({"ended": people.signing.end_sessions_of(user, actor=actor)})


@router.post(
    "/users/{user}/password-link",
    operation_id="make_password_link",
    summary="A link by which somebody sets a new password",
    response_model=None,
    responses=answers(shapes.LinkShape),
)
def make_password_link(people: People, actor: CurrentActor, user: User) -> Response:
    return private_answer({"link": people.joining.password_link(user, actor=actor)})


@router.get(
    "/invitations",
    operation_id="list_invitations",
    summary="Invitations to the site that may still be used",
    response_model=None,
    responses=answers(PageShape[shapes.InvitationShape]),
)
def list_invitations(
    request: Request, reading: ReadingService, people: People, actor: CurrentActor, cursor: CursorParameter = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> Response:  # fmt: skip
    return invitation_list(request, reading, people, actor, "", cursor, limit)


@router.post(
    "/invitations",
    operation_id="make_invitation",
    summary="Invite to the site",
    response_model=None,
    responses=answers(shapes.NewInvitationShape, 429),
)
def make_invitation(people: People, actor: CurrentActor, sent: shapes.SiteInvitationBody) -> Response:
    grants = [Grant(grant.role, grant.scope) for grant in sent.grants]
    link, made = people.joining.invite(sent.email, actor=actor, grants=grants, days=sent.days)
    return private_answer(invitation_body(made) | {"link": link or None})


@router.delete(
    "/invitations/{id}",
    operation_id="withdraw_invitation",
    summary="Make an invitation useless",
    response_model=None,
    responses=answers(shapes.EndedShape),
)
def withdraw_invitation(people: People, actor: CurrentActor, id: Id) -> Response:
    people.joining.withdraw(id, actor=actor)
    return private_answer({"ended": 1})


def invitation_list(
    request: Request, reading: ReadingService, people: People, actor: Actor, organisation: str, cursor: str | None, limit: int
) -> Response:
    """The invitations to the site (""), or into an organisation."""

    def make(after: str) -> tuple[list[dict[str, Any]], str, dict[str, Any]]:
        found, following = people.joining.invitations(organisation, actor=actor, after=after, limit=limit)
        return [invitation_body(each) for each in found], following, {}

    return listed(request, reading, f"invitations|{organisation}", cursor, make)


def invitation_body(each: Invitation) -> dict[str, Any]:
    """An invitation as the API shows it."""
    body = asdict(each)
    return body | {"email": each.email or None, "organisation": each.organisation or None}


def _whole(request: Request, reading: ReadingService, listing: str, items: list[dict[str, Any]]) -> Response:
    return listed(request, reading, listing, None, lambda _: (items, "", {}))


def _person(person: Person) -> dict[str, Any]:
    return {
        "id": person.id, "name": person.name, "email": person.email, "state": person.state, "grants": [asdict(grant) for grant in person.grants],
        "created": person.created,
    }  # fmt: skip


def _account(person: Person, actor: Actor) -> dict[str, Any]:
    return {
        "id": person.id,
        "name": person.name,
        "email": person.email,
        "grants": [asdict(grant) for grant in person.grants],
        "memberships": [{"organisation": slug, "roles": list(roles)} for slug, roles in actor.memberships],
        "terms": person.settings.get("terms"),
        "via": actor.via,
        "scopes": sorted(actor.scopes) if actor.scopes is not None else None,
    }


def _token(token: ApiToken) -> dict[str, Any]:
    body = asdict(token)
    return body | {"used": token.used or None}
