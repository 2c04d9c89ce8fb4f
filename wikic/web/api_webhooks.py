"""The API of webhooks: registrations, their secrets, the delivery log."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from wikic.domain.vocabulary import Scheme
from wikic.services.webhooks import Delivery, Wanted, Webhook
from wikic.web.acting import CurrentActor
from wikic.web.api_badges import listed
from wikic.web.api_proposals_tools import Version, document_answer
from wikic.web.dependencies import CursorParameter, ReadingService
from wikic.web.live_services import Live, WebhookId, answers, private_answer
from wikic.web.schemas import PageShape
from wikic.web.schemas_live import DeliveryShape, NewWebhookShape, WebhookListShape, WebhookShape

router = APIRouter(prefix="/api/v1/webhooks", tags=["live"])

Words = Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=100)]
Owner = Annotated[str, Query(description="`organisation/SLUG`; yourself by default; `*` for an admin.", max_length=200)]
DeliveryId = Annotated[str, Path(description="The id of a delivery.", min_length=1, max_length=80)]


class WebhookBody(BaseModel):
    """What to register."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(
        max_length=1_000, description="https://, and no private address.", examples=["https://example.org/hook"]
    )
    owner: str = Field(
        "", max_length=200, description="`organisation/SLUG` for an organisation's; yourself by default."
    )
    description: str = Field("", max_length=1_000)
    kinds: Words = Field([], description="Kinds of events; empty for all that are public or the organisation's.")
    schemes: list[Scheme] = Field([], max_length=10)
    concepts: Words = Field([], description="Uuids of concepts.")


class WebhookChange(BaseModel):
    """What to change; what is left out stays. A filter is given whole."""

    model_config = ConfigDict(extra="forbid")

    url: str | None = Field(None, max_length=1_000)
    description: str | None = Field(None, max_length=1_000)
    state: Literal["on", "off"] | None = None
    kinds: Words | None = None
    schemes: list[Scheme] | None = Field(None, max_length=10)
    concepts: Words | None = None


@router.get(
    "",
    operation_id="list_webhooks",
    summary="The webhooks of an owner",
    response_model=None,
    responses=answers(WebhookListShape),
)
def list_webhooks(
    request: Request, reading: ReadingService, live: Live, actor: CurrentActor, owner: Owner = "",
) -> Response:  # fmt: skip
    items = [webhook_body(hook) for hook in live.webhooks.of_owner(actor, owner)]
    return listed(request, reading, f"webhooks|{owner}", None, lambda _: (items, "", {}))


@router.post(
    "",
    operation_id="make_webhook",
    summary="Register an address",
    status_code=201,
    response_model=None,
    responses=answers(NewWebhookShape, 409, status=201),
)
def make_webhook(live: Live, actor: CurrentActor, body: WebhookBody) -> Response:
    wanted = Wanted(tuple(body.kinds), tuple(body.schemes), tuple(body.concepts))
    hook, secret = live.webhooks.make(actor, body.url, wanted, owner=body.owner, description=body.description)
    location = f"/api/v1/webhooks/{hook.id}"
    return private_answer(webhook_body(hook) | {"secret": secret}, 201, version=hook.version, Location=location)


@router.get(
    "/{id}",
    operation_id="read_webhook",
    summary="One webhook",
    response_model=None,
    responses=answers(WebhookShape, 404),
)
def read_webhook(request: Request, live: Live, actor: CurrentActor, id: WebhookId) -> Response:
    hook = live.webhooks.read(actor, id)
    return document_answer(request, webhook_body(hook), hook.version)


@router.patch(
    "/{id}",
    operation_id="change_webhook",
    summary="Change a webhook",
    response_model=None,
    responses=answers(WebhookShape, 404, 412, 428),
)
def change_webhook(
    request: Request, live: Live, actor: CurrentActor, id: WebhookId, version: Version, body: WebhookChange
) -> Response:
    former = live.webhooks.read(actor, id)
    wanted = Wanted(
        former.wanted.kinds if body.kinds is None else tuple(body.kinds),
        former.wanted.schemes if body.schemes is None else tuple(body.schemes),
        former.wanted.concepts if body.concepts is None else tuple(body.concepts),
    )
    hook = live.webhooks.change(
        actor,
        id,
        version=version,
        url=body.url,
        wanted=wanted,
        description=body.description,
        state=body.state,
    )
    return document_answer(request, webhook_body(hook), hook.version)


@router.delete(
    "/{id}",
    operation_id="remove_webhook",
    summary="Remove a webhook",
    status_code=204,
    response_model=None,
    responses={204: {"description": "Removed."}, **{k: v for k, v in answers(WebhookShape, 404).items() if k != 200}},
)
def remove_webhook(live: Live, actor: CurrentActor, id: WebhookId) -> Response:
    live.webhooks.remove(actor, id)
    return Response(status_code=204)


@router.post(
    "/{id}/secret",
    operation_id="make_webhook_secret",
    summary="A new secret; the former one signs too for a day",
    response_model=None,
    responses=answers(NewWebhookShape, 404),
)
def make_webhook_secret(live: Live, actor: CurrentActor, id: WebhookId) -> Response:
    hook, secret = live.webhooks.rotate(actor, id)
    return private_answer(webhook_body(hook) | {"secret": secret}, version=hook.version)


@router.post(
    "/{id}/ping",
    operation_id="ping_webhook",
    summary="Send a message that says nothing",
    status_code=202,
    response_model=None,
    responses=answers(DeliveryShape, 404, 409, status=202),
)
def ping_webhook(live: Live, actor: CurrentActor, id: WebhookId) -> Response:
    return private_answer(delivery_body(live.webhooks.ping(actor, id)), 202)


@router.get(
    "/{id}/deliveries",
    operation_id="list_deliveries",
    summary="The delivery log, latest first",
    response_model=None,
    responses=answers(PageShape[DeliveryShape], 404),
)
def list_deliveries(
    request: Request, reading: ReadingService, live: Live, actor: CurrentActor, id: WebhookId, cursor: CursorParameter = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Response:  # fmt: skip
    def make(after: str) -> tuple[list[dict[str, Any]], str, dict[str, Any]]:
        found, following = live.webhooks.deliveries(actor, id, after=after, limit=limit)
        return [delivery_body(delivery) for delivery in found], following, {}

    return listed(request, reading, f"deliveries|{id}", cursor, make)


@router.post(
    "/{id}/deliveries/{delivery}/again",
    operation_id="deliver_again",
    summary="Deliver once more",
    status_code=202,
    response_model=None,
    responses=answers(DeliveryShape, 404, 409, status=202),
)
def deliver_again(live: Live, actor: CurrentActor, id: WebhookId, delivery: DeliveryId) -> Response:
    return private_answer(delivery_body(live.webhooks.deliver_again(actor, id, delivery)), 202)


def webhook_body(hook: Webhook) -> dict[str, Any]:
    """A registration as the API says it."""
    return {
        "id": hook.id,
        "owner": hook.owner,
        "url": hook.url,
        "description": hook.description,
        "kinds": list(hook.wanted.kinds),
        "schemes": list(hook.wanted.schemes),
        "concepts": list(hook.wanted.concepts),
        "state": hook.state,
        "off_reason": hook.off_reason or None,
        "off_since": hook.off_since or None,
        "failing_since": hook.failing_since or None,
        "former_secret_until": hook.former_until or None,
        "created": hook.created,
        "made_by": hook.made_by,
        "version": hook.version,
        "last_event": hook.number,
    }


def delivery_body(delivery: Delivery) -> dict[str, Any]:
    """A delivery as the API says it."""
    return {
        "id": delivery.key.partition("/")[2],
        "message": delivery.message,
        "kind": delivery.kind,
        "state": delivery.state,
        "tries": delivery.tries,
        "due": delivery.due or None,
        "created": delivery.created,
        "attempts": list(delivery.attempts),
    }
