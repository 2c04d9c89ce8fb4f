"""The page of how proposals are decided here: whether some take two moderators, and the ready-made reasons. Moderators read it, admins change it."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response

from wikic.domain.access import Actor, may
from wikic.domain.ids import new_uuid
from wikic.domain.proposals import VERDICTS
from wikic.errors import WikicError
from wikic.web.acting import CurrentActor
from wikic.web.forms import Form, see, sign_in_address
from wikic.web.pages_proposals import MINDED, status_of_trouble, trouble_of
from wikic.web.pages_queue import require_moderator
from wikic.web.proposals_forms import Sent
from wikic.web.proposals_services import ModerationServices, Services, delay_text, visit_of
from wikic.web.views_common import Link
from wikic.web.views_queue import QueueRulesPage, ReasonRow

ADDRESS: Final = "/queue/rules"
_LANGUAGES: Final = ("fr", "en")

router = APIRouter(include_in_schema=False)


@router.get(ADDRESS)
def rules_page(request: Request, services: Services, actor: CurrentActor) -> Response:
    """How proposals are decided here."""
    if not actor.known:
        return see(sign_in_address(request))
    return _shown(request, services, actor)


@router.post(ADDRESS)
def set_rules(services: Services, actor: CurrentActor, form: Form) -> Response:
    """Say whether merges, splits and deprecations take two moderators."""
    services.deciding.ask_for_two(Sent(form).has("two"), actor)
    return see(ADDRESS)


@router.post("/queue/reasons")
def put_reason(request: Request, services: Services, actor: CurrentActor, form: Form) -> Response:
    """Write a ready-made reason, new or in the place of another."""
    sent = Sent(form)
    key = sent.text("key", 60) or new_uuid()
    # Other languages than those of the pages come by the API, and stay.
    kept = next((one.text for one in services.queueing.reasons(hidden=True) if one.key == key), {})
    texts = {**kept, **{lang: sent.text(lang, 2_000) for lang in _LANGUAGES}}
    try:
        services.queueing.put_reason(key, sent.text("verdict", 20), texts, actor, hidden=sent.has("hidden"))
    except MINDED as error:
        return _shown(request, services, actor, error)
    return see(ADDRESS)


def _shown(request: Request, services: ModerationServices, actor: Actor, error: WikicError | None = None) -> Response:
    require_moderator(actor)
    seen = visit_of(request, services, actor)
    t, edits = seen.t, may(actor, "administer")
    page = QueueRulesPage(
        title=t("rules.title"),
        trail=[Link("/queue", t("queue.title"))],
        two_moderators=services.deciding.two_moderators(),
        delay=delay_text(services.proposing.usual_delay(), t),
        reasons=[
            ReasonRow(one.key, one.verdict, [(lang, one.text.get(lang, "")) for lang in _LANGUAGES], one.hidden)
            for one in services.queueing.reasons(hidden=edits)
        ],
        verdicts=[(one, t.name("verdict_act", one)) for one in VERDICTS],
        edits=edits,
        trouble=trouble_of(error, t) if error is not None else None,
    )
    return seen.answer(page, status_of_trouble(error) if error is not None else 200, indexed=False)
