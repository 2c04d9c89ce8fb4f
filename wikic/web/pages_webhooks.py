"""The pages of webhooks: registering, the delivery log, secrets. A secret is shown in the answer that makes it, since nothing keeps it for a next one."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.datastructures import FormData

from wikic.domain.access import Actor
from wikic.domain.ids import is_uuid
from wikic.domain.vocabulary import SCHEMES
from wikic.errors import OutsideError, StaleVersion, Unauthenticated, WikicError
from wikic.services.webhooks import Delivery, Wanted, Webhook
from wikic.web.acting import CurrentActor
from wikic.web.dependencies import ReadingService
from wikic.web.forms import PRIVATE, Form, field, fields, see
from wikic.web.live_services import Live, WebhookId
from wikic.web.pages_account import MINDED, refused, trouble_of
from wikic.web.pages_common import Visit, visit
from wikic.web.views_account import Trouble
from wikic.web.views_common import Link
from wikic.web.views_live import WebhookLine, WebhookPage, WebhooksPage

router = APIRouter(include_in_schema=False)

_FIELDS: Final = ("url", "description", "kinds", "concepts")
_MINDED: Final = (*MINDED, OutsideError, StaleVersion)


def _somebody(actor: CurrentActor) -> Actor:
    """Whoever is signed in; before anything of a form is looked at."""
    if not actor.known:
        raise Unauthenticated("sign in first: a webhook belongs to somebody", reason="sign-in")
    return actor


Somebody = Annotated[Actor, Depends(_somebody)]
Owner = Annotated[str, Query(max_length=200)]


@router.get("/webhooks")
def webhooks_page(request: Request, reading: ReadingService, live: Live, actor: Somebody, owner: Owner = "") -> Response:
    """The webhooks of the reader, or of an organisation."""
    seen = visit(request, reading)
    return seen.answer(_list(seen, live, actor, owner), indexed=False)


@router.post("/webhooks")
def make(request: Request, reading: ReadingService, live: Live, actor: Somebody, form: Form) -> Response:
    """Register an address."""
    seen = visit(request, reading)
    owner = field(form, "owner", 200)
    wanted = Wanted(_words(form, "kinds"), tuple(fields(form, "scheme")), _words(form, "concepts"))
    try:
        hook, secret = live.webhooks.make(actor, field(form, "url"), wanted, owner=owner, description=field(form, "description"))
    except _MINDED as error:
        typed = {name: field(form, name) for name in _FIELDS} | {"schemes": " ".join(wanted.schemes)}
        return seen.answer(_list(seen, live, actor, owner, typed, trouble_of(seen, error)), refused(error), indexed=False)
    return seen.answer(_one(seen, live, actor, hook, secret=secret), 201, indexed=False, headers=PRIVATE)


@router.get("/webhooks/{id}")
def webhook_page(
    request: Request, reading: ReadingService, live: Live, actor: Somebody, id: WebhookId, after: Annotated[str, Query(max_length=80)] = ""
) -> Response:
    """One webhook and its delivery log."""
    seen = visit(request, reading)
    return seen.answer(_one(seen, live, actor, live.webhooks.read(actor, id), after=after), indexed=False)


@router.post("/webhooks/{id}/state")
def switch(request: Request, reading: ReadingService, live: Live, actor: Somebody, id: WebhookId, form: Form) -> Response:
    """Switch it on or off, from the version that was shown."""
    version = field(form, "version", 20)
    try:
        live.webhooks.change(actor, id, version=int(version) if version.isdecimal() else 0, state=field(form, "state", 10))
    except _MINDED as error:
        return _again(request, reading, live, actor, id, error)
    return see(f"/webhooks/{id}")


@router.post("/webhooks/{id}/secret")
def rotate(request: Request, reading: ReadingService, live: Live, actor: Somebody, id: WebhookId) -> Response:
    """A new secret."""
    seen = visit(request, reading)
    hook, secret = live.webhooks.rotate(actor, id)
    return seen.answer(_one(seen, live, actor, hook, secret=secret), 201, indexed=False, headers=PRIVATE)


@router.post("/webhooks/{id}/ping")
def ping(request: Request, reading: ReadingService, live: Live, actor: Somebody, id: WebhookId) -> Response:
    """Send a message that says nothing."""
    try:
        live.webhooks.ping(actor, id)
    except _MINDED as error:
        return _again(request, reading, live, actor, id, error)
    return see(f"/webhooks/{id}")


@router.post("/webhooks/{id}/again")
def again(request: Request, reading: ReadingService, live: Live, actor: Somebody, id: WebhookId, form: Form) -> Response:
    """Deliver once more."""
    try:
        live.webhooks.deliver_again(actor, id, field(form, "delivery", 80))
    except _MINDED as error:
        return _again(request, reading, live, actor, id, error)
    return see(f"/webhooks/{id}")


@router.post("/webhooks/{id}/remove")
def remove(live: Live, actor: Somebody, id: WebhookId) -> Response:
    """Remove it."""
    owner = live.webhooks.read(actor, id).owner
    live.webhooks.remove(actor, id)
    return see("/webhooks" if owner.startswith("user/") else f"/webhooks?owner={owner}")


def _words(form: FormData, name: str) -> tuple[str, ...]:
    return tuple(field(form, name).replace(",", " ").split())


def _again(request: Request, reading: ReadingService, live: Live, actor: Actor, id: str, error: WikicError) -> Response:
    """The page of the webhook, with why something was not done."""
    seen = visit(request, reading)
    page = _one(seen, live, actor, live.webhooks.read(actor, id), trouble=trouble_of(seen, error))
    return seen.answer(page, refused(error), indexed=False)


def _list(
    seen: Visit, live: Live, actor: Actor, owner: str, typed: dict[str, str] | None = None, trouble: Trouble | None = None
) -> WebhooksPage:
    managed = [slug for slug, roles in actor.memberships if "manager" in roles]
    owners = [Link("/webhooks", seen.t("webhooks.mine"), current=not owner)] if is_uuid(actor.id) else []
    owners += [
        Link(f"/webhooks?owner=organisation/{slug}", slug, current=owner == f"organisation/{slug}") for slug in managed
    ]
    return WebhooksPage(
        title=seen.t("webhooks.title"),
        owner=owner,
        owners=owners,
        hooks=[_line(seen, hook) for hook in live.webhooks.of_owner(actor, owner)],
        schemes=[(name, seen.t.name("scheme", name)) for name in SCHEMES],
        form=typed or dict.fromkeys((*_FIELDS, "schemes"), ""),
        trouble=trouble,
    )


def _one(
    seen: Visit, live: Live, actor: Actor, hook: Webhook, *, secret: str = "", after: str = "", trouble: Trouble | None = None
) -> WebhookPage:
    deliveries, following = live.webhooks.deliveries(actor, hook.id, after=after)
    parts = {
        "webhooks.kinds": hook.wanted.kinds,
        "webhooks.schemes": [seen.t.name("scheme", name) for name in hook.wanted.schemes],
        "webhooks.concepts": hook.wanted.concepts,
    }
    here = "/webhooks" if hook.owner.startswith("user/") else f"/webhooks?owner={hook.owner}"
    return WebhookPage(
        title=seen.t("webhooks.one"),
        trail=[Link(here, seen.t("webhooks.title"))],
        id=hook.id,
        line=_line(seen, hook),
        version=hook.version,
        filters=[(seen.t(key), ", ".join(values) or seen.t("webhooks.any")) for key, values in parts.items()],
        secret=secret,
        former_until=hook.former_until,
        deliveries=[_delivery(delivery) for delivery in deliveries],
        following=f"/webhooks/{hook.id}?after={following}" if following else "",
        trouble=trouble,
    )


def _line(seen: Visit, hook: Webhook) -> WebhookLine:
    return WebhookLine(
        address=f"/webhooks/{hook.id}",
        url=hook.url,
        description=hook.description,
        on=hook.state == "on",
        why=seen.t.name("webhook_off", hook.off_reason),
        failing=hook.failing_since,
    )


def _delivery(delivery: Delivery) -> dict[str, Any]:
    """A line of the log: what it was, how it stands, the last attempt."""
    last = delivery.attempts[-1] if delivery.attempts else {}
    return {
        "id": delivery.key.partition("/")[2],
        "kind": delivery.kind,
        "state": delivery.state,
        "tries": delivery.tries,
        "time": last.get("time", delivery.created),
        "status": last.get("status") or "",
        "seconds": last.get("seconds", ""),
        "size": last.get("size", ""),
        "error": last.get("error", ""),
        "due": delivery.due if delivery.state == "pending" else "",
    }
