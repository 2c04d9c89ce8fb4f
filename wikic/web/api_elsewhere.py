"""The API of badge classes that are hosted elsewhere: bringing them in, what is known of their addresses, reading one again; and discarding drafts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Request, Response

from wikic.domain import access
from wikic.errors import InvalidInput
from wikic.services.badging_rights import works_for
from wikic.services.elsewhere import Asked
from wikic.services.elsewhere_gathering import Wanted, of_addresses, of_documents, wanted_of
from wikic.services.elsewhere_offers import REFUSED
from wikic.web import schemas_badges
from wikic.web import schemas_elsewhere as shapes
from wikic.web.acting import CurrentActor
from wikic.web.api_badges import PREFIX, read_answers
from wikic.web.api_proposals_tools import Version, answers, document_answer, private_answer
from wikic.web.badges_services import BadgeId, Badges, badge_body
from wikic.web.dependencies import public_url
from wikic.web.elsewhere_services import ElsewherePort, offers_body, state_body

router = APIRouter(prefix=PREFIX, tags=["badges"])

Sent = Annotated[shapes.FromBody, Body(openapi_examples={"catalogue": {"value": shapes.FROM}})]


@router.post(
    "/from",
    operation_id="take_badge_classes",
    summary="Bring in badge classes that are hosted elsewhere: first dry, then for good; all or nothing unless `partly`",
    response_model=None,
    responses=answers(shapes.OffersShape, 409, 413),
)
def take_badge_classes(elsewhere: ElsewherePort, actor: CurrentActor, sent: Sent) -> Response:
    access.require_issuer(actor, sent.issuer)
    asked = Asked(sent.publish, sent.partly, sent.draw, sent.lang, sent.concepts, sent.seen, None if sent.only is None else frozenset(sent.only))
    wanted = _wanted(sent)
    if sent.dry_run:
        return private_answer(offers_body(elsewhere.taking.look(sent.issuer, wanted, actor, asked)))
    offers = elsewhere.taking.take(sent.issuer, wanted, actor, asked)
    if not offers.applied and offers.count(REFUSED):
        raise offers.refusal()
    return private_answer(offers_body(offers))


def _wanted(sent: shapes.FromBody) -> list[Wanted]:
    given = [name for name in ("address", "addresses", "documents", "csv") if getattr(sent, name) is not None]
    if len(given) != 1:
        raise InvalidInput("give one of `address`, `addresses`, `documents` and `csv`")
    if sent.documents is not None:
        return of_documents(sent.documents)
    return wanted_of(sent.csv) if sent.csv is not None else of_addresses(sent.addresses or [sent.address or ""])


@router.get(
    "/{id}/source",
    operation_id="read_badge_source",
    summary="Where it is hosted elsewhere: what is known of its address",
    response_model=None,
    responses=read_answers(shapes.SourceShape, shapes.SOURCE, 404),
)
def read_badge_source(badges: Badges, elsewhere: ElsewherePort, actor: CurrentActor, id: BadgeId) -> Response:
    badge = badges.badging.get(id, actor)
    return private_answer(state_body(elsewhere.keeping.state(id, actor), whole=works_for(actor, badge.issuer)))


@router.post(
    "/{id}/source/read",
    operation_id="read_badge_source_again",
    summary="Read its address again now, and say what it says; what it changed is taken over as it would be later",
    response_model=None,
    responses=answers(shapes.ReadAgainShape),
)
def read_badge_source_again(elsewhere: ElsewherePort, actor: CurrentActor, id: BadgeId) -> Response:
    says = elsewhere.keeping.reread(id, actor)
    return private_answer(state_body(says.state, whole=True) | {"version": says.version, "concepts": list(says.concepts)})


@router.delete(
    "/{id}",
    operation_id="discard_badge_class",
    summary="Discard a draft that was never published, for good; of one that was, what waits to be published",
    response_model=None,
    responses=answers(schemas_badges.BadgeClassShape, 409, 412, 428) | {204: {"description": "Nothing of it is left."}},
)
def discard_badge_class(request: Request, badges: Badges, actor: CurrentActor, id: BadgeId, version: Version) -> Response:
    left = badges.badging.discard(id, actor, version=version)
    if left is None:
        return Response(status_code=204)
    return document_answer(request, badge_body(badges, left, actor, public_url(request)), left.version)
