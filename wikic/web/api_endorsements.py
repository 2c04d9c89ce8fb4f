"""The API of endorsements: who stands behind badge classes, issuers and competencies."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response

from wikic.domain.endorsements import ENDORSER_KINDS, TARGET_KINDS, Endorsement, Named, Statement, parse_named
from wikic.web import examples_endorsing as examples
from wikic.web import schemas_endorsing as shapes
from wikic.web.acting import CurrentActor
from wikic.web.api_badges import Cursor, Limit, listed, read_answers
from wikic.web.api_proposals_tools import Version, answers, document_answer
from wikic.web.badges_services import Badges
from wikic.web.dependencies import ReadingService, public_url
from wikic.web.endorsing_services import EndorsementId, Endorsers, endorsement_body, endorsement_version_body
from wikic.web.examples import page
from wikic.web.schemas import PageShape

PREFIX: Final = "/api/v1/endorsements"
Standing = Literal["open", "revoked", "any"]

router = APIRouter(prefix=PREFIX, tags=["badges"])


def _answer(request: Request, made: Endorsement, location: str = "") -> Response:
    return document_answer(request, endorsement_body(made, public_url(request)), made.version, location=location)


def target_of(text: str) -> Named:
    """What a parameter names. Raises InvalidInput."""
    return parse_named(text, TARGET_KINDS, "target")


@router.get(
    "",
    operation_id="list_endorsements",
    summary="Endorsements of a badge class, an issuer or a competency, or by somebody",
    response_model=None,
    responses=read_answers(PageShape[shapes.EndorsementShape], page(examples.ENDORSEMENT), 404),
)
def list_endorsements(
    request: Request,
    reading: ReadingService,
    services: Endorsers,
    badges: Badges,
    actor: CurrentActor,
    target: Annotated[str, Query(description="`badge_class/ID`, `issuer/SLUG`, `concept/REF`.", max_length=2_100)] = "",
    by: Annotated[str, Query(description="`organisation/SLUG`, `user/ID`; instead of `target`.", max_length=100)] = "",
    status: Standing = "open",
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Response:
    aim = target_of(target) if target else None
    if aim and aim.kind == "concept":
        aim = Named("concept", badges.bindings.targets.uuid_of(aim.id))
    endorser = parse_named(by, ENDORSER_KINDS, "endorser") if by else None

    def make(after: str) -> tuple[list[Any], str, dict[str, Any]]:
        found = services.endorsements.find(aim, endorser, actor, status="" if status == "any" else status, after=after, limit=limit)
        return [endorsement_body(each, public_url(request)) for each in found.items], found.next, {}

    return listed(request, reading, f"endorsements|{target}|{by}|{status}", cursor, make)


@router.post(
    "",
    operation_id="make_endorsement",
    summary="Endorse; what one has endorsed already is said anew",
    response_model=None,
    responses=answers(shapes.EndorsementShape, 409, 412),
)
def make_endorsement(request: Request, services: Endorsers, actor: CurrentActor, sent: shapes.EndorsementBody) -> Response:
    statement = Statement(sent.comment, sent.evidence, sent.lang)
    made = services.endorsements.make(target_of(sent.target), statement, actor, organisation=sent.organisation)
    return _answer(request, made, f"{PREFIX}/{made.id}")


@router.get(
    "/{id}",
    operation_id="read_endorsement",
    summary="One endorsement, also one that was revoked",
    response_model=None,
    responses=read_answers(shapes.EndorsementShape, examples.ENDORSEMENT, 404),
)
def read_endorsement(request: Request, services: Endorsers, actor: CurrentActor, id: EndorsementId) -> Response:
    return _answer(request, services.endorsements.get(id, actor))


@router.get(
    "/{id}/versions",
    operation_id="list_endorsement_versions",
    summary="What it said, oldest first",
    response_model=None,
    responses=read_answers(PageShape[shapes.EndorsementVersionShape], page(examples.ENDORSEMENT_VERSION), 404),
)
def list_endorsement_versions(
    request: Request, reading: ReadingService, services: Endorsers, actor: CurrentActor, id: EndorsementId, cursor: Cursor = None, limit: Limit = 100
) -> Response:
    def make(after: str) -> tuple[list[Any], str, dict[str, Any]]:
        found = services.endorsements.versions(id, actor, after=int(after) if after.isdecimal() else 0, limit=limit + 1)
        following = str(found[limit - 1].number) if len(found) > limit else ""
        return [endorsement_version_body(each) for each in found[:limit]], following, {}

    return listed(request, reading, f"endorsement-versions|{id}", cursor, make)


@router.post(
    "/{id}/revoke",
    operation_id="revoke_endorsement",
    summary="Take it back for good; it stays readable, with the reason",
    response_model=None,
    responses=answers(shapes.EndorsementShape, 409, 412, 428),
)
def revoke_endorsement(
    request: Request, services: Endorsers, actor: CurrentActor, id: EndorsementId, version: Version, sent: shapes.RevokeBody
) -> Response:
    return _answer(request, services.endorsements.revoke(id, sent.reason, actor, version=version))
