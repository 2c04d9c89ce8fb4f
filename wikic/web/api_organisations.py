"""The API of organisations: profiles, members, invitations, networks. What is private is there for its members alone."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from wikic.domain.access import OrganisationKind
from wikic.domain.organisations import Organisation, Profile
from wikic.web import schemas_accounts as shapes
from wikic.web.account_services import People
from wikic.web.acting import CurrentActor
from wikic.web.api_accounts import invitation_body, invitation_list
from wikic.web.api_badges import listed
from wikic.web.api_proposals_tools import Version, answers, document_answer, private_answer
from wikic.web.dependencies import CursorParameter, ReadingService
from wikic.web.schemas import PageShape

PREFIX = "/api/v1/organisations"

router = APIRouter(prefix=PREFIX, tags=["accounts"])

Slug = Annotated[str, Path(description="The short name.", max_length=60)]
User = Annotated[str, Path(description="The user's id.", max_length=60)]


@router.get(
    "",
    operation_id="list_organisations",
    summary="The organisations that one may see, by name",
    response_model=None,
    responses=answers(PageShape[shapes.OrganisationShape]),
)
def list_organisations(
    request: Request,
    reading: ReadingService,
    people: People,
    actor: CurrentActor,
    kind: OrganisationKind | None = None,
    cursor: CursorParameter = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> Response:
    def make(after: str) -> tuple[list[dict[str, Any]], str, dict[str, Any]]:
        found, following = people.organisations.list(actor=actor, kind=kind or "", after=after, limit=limit)
        return [_body(each) for each in found], following, {}

    return listed(request, reading, f"organisations|{kind or ''}", cursor, make)


@router.post(
    "",
    operation_id="make_organisation",
    summary="Found an organisation; one manages it from then on",
    response_model=None,
    responses=answers(shapes.OrganisationShape, 409, 429),
)
def make_organisation(request: Request, people: People, actor: CurrentActor, sent: shapes.OrganisationBody) -> Response:
    made = people.organisations.make(
        sent.slug, sent.name, sent.kind, actor=actor, profile=_profile(sent.profile), private=sent.private
    )
    return document_answer(request, _body(made), made.version, location=f"{PREFIX}/{made.slug}")


@router.get(
    "/{slug}",
    operation_id="read_organisation",
    summary="One organisation",
    response_model=None,
    responses=answers(shapes.OrganisationShape),
)
def read_organisation(request: Request, people: People, actor: CurrentActor, slug: Slug) -> Response:
    found = people.organisations.get(slug, actor=actor)
    return document_answer(request, _body(found), found.version)


@router.patch(
    "/{slug}",
    operation_id="change_organisation",
    summary="Change an organisation, for its managers",
    response_model=None,
    responses=answers(shapes.OrganisationShape, 412, 428),
)
def change_organisation(
    request: Request,
    people: People,
    actor: CurrentActor,
    slug: Slug,
    version: Version,
    sent: shapes.OrganisationChangeBody,
) -> Response:
    profile = _profile(sent.profile) if sent.profile is not None else None
    changed = people.organisations.change(
        slug, actor=actor, version=version, name=sent.name, private=sent.private, profile=profile
    )
    return document_answer(request, _body(changed), changed.version)


@router.get(
    "/{slug}/members",
    operation_id="list_members",
    summary="Who belongs to it, for members",
    response_model=None,
    responses=answers(PageShape[shapes.MemberShape]),
)
def list_members(request: Request, reading: ReadingService, people: People, actor: CurrentActor, slug: Slug) -> Response:
    items = [asdict(member) for member in people.organisations.members(slug, actor=actor)]
    return listed(request, reading, f"members|{slug}", None, lambda _: (items, "", {}))


@router.put(
    "/{slug}/members/{user}",
    operation_id="set_member_roles",
    summary="Set the roles of a member, for managers",
    response_model=None,
    responses=answers(shapes.MemberShape, 409),
)
def set_member_roles(people: People, actor: CurrentActor, slug: Slug, user: User, sent: shapes.RolesBody) -> Response:
    people.organisations.set_roles(slug, user, sent.roles, actor=actor)
    return private_answer(next(asdict(each) for each in people.organisations.members(slug, actor=actor) if each.user == user))


@router.delete(
    "/{slug}/members/{user}",
    operation_id="remove_member",
    summary="Leave, or take somebody out",
    response_model=None,
    responses=answers(shapes.EndedShape, 409),
)
def remove_member(people: People, actor: CurrentActor, slug: Slug, user: User) -> Response:
    people.organisations.remove(slug, user, actor=actor)
    return private_answer({"ended": 1})


@router.get(
    "/{slug}/invitations",
    operation_id="list_organisation_invitations",
    summary="Its invitations that may still be used, for managers",
    response_model=None,
    responses=answers(PageShape[shapes.InvitationShape]),
)
def list_organisation_invitations(
    request: Request, reading: ReadingService, people: People, actor: CurrentActor, slug: Slug, cursor: CursorParameter = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> Response:  # fmt: skip
    people.organisations.get(slug, actor=actor)
    return invitation_list(request, reading, people, actor, slug, cursor, limit)


@router.post(
    "/{slug}/invitations",
    operation_id="make_organisation_invitation",
    summary="Invite into it, for managers",
    response_model=None,
    responses=answers(shapes.NewInvitationShape, 429),
)
def make_organisation_invitation(
    people: People, actor: CurrentActor, slug: Slug, sent: shapes.OrganisationInvitationBody
) -> Response:
    people.organisations.get(slug, actor=actor)
    link, made = people.joining.invite(sent.email, actor=actor, organisation=slug, roles=sent.roles, days=sent.days)
    return private_answer(invitation_body(made) | {"link": link or None})


@router.delete(
    "/{slug}/invitations/{id}",
    operation_id="withdraw_organisation_invitation",
    summary="Make an invitation useless",
    response_model=None,
    responses=answers(shapes.EndedShape),
)
def withdraw_organisation_invitation(
    people: People, actor: CurrentActor, slug: Slug, id: Annotated[str, Path(max_length=60)]
) -> Response:
    people.organisations.get(slug, actor=actor)
    people.joining.withdraw(id, slug, actor=actor)
    return private_answer({"ended": 1})


@router.get(
    "/{slug}/networks",
    operation_id="list_networks",
    summary="What a network holds, and the networks an organisation belongs to",
    response_model=None,
    responses=answers(shapes.AssociationsShape),
)
def list_networks(people: People, actor: CurrentActor, slug: Slug) -> Response:
    holds, networks = people.organisations.associations(slug, actor=actor)
    return private_answer({"holds": [asdict(each) for each in holds], "networks": [asdict(each) for each in networks]})


@router.put(
    "/{slug}/networks/{network}",
    operation_id="join_network",
    summary="Ask an organisation into a network, or agree to it; it takes a manager of each",
    response_model=None,
    responses=answers(shapes.StandingShape),
)
def join_network(
    people: People, actor: CurrentActor, slug: Slug, network: Annotated[str, Path(max_length=60)]
) -> Response:
    return private_answer({"state": people.organisations.associate(network, slug, actor=actor)})


@router.delete(
    "/{slug}/networks/{network}",
    operation_id="leave_network",
    summary="Take an organisation out of a network, or say no; for a manager of either",
    response_model=None,
    responses=answers(shapes.StandingShape),
)
def leave_network(
    people: People, actor: CurrentActor, slug: Slug, network: Annotated[str, Path(max_length=60)]
) -> Response:
    people.organisations.dissociate(network, slug, actor=actor)
    return private_answer({"state": "none"})


def _profile(sent: shapes.ProfileBody) -> Profile:
    return Profile.of(sent.model_dump())


def _body(organisation: Organisation) -> dict[str, Any]:
    return {
        "slug": organisation.slug,
        "name": organisation.name,
        "kind": organisation.kind,
        "private": organisation.private,
        "profile": organisation.profile.packed(),
        "created": organisation.created,
        "roles": list(organisation.roles),
    }
