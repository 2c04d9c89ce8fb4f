"""The pages of taking back: what it would change and where it is in conflict, then a click. A change as a whole, or one concept back to a point."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request, Response

from wikic.domain.access import Actor
from wikic.errors import Conflict, Forbidden, WikicError
from wikic.services.reverting import Reverted
from wikic.services.reverting_views import reverted_body
from wikic.web.acting import CurrentActor
from wikic.web.dependencies import LARGEST
from wikic.web.forms import Form, see, sign_in_address
from wikic.web.pages_common import Visit
from wikic.web.pages_proposals import MINDED, status_of_trouble, trouble_of
from wikic.web.proposals_forms import Sent
from wikic.web.proposals_services import ModerationServices, Services, contributes, visit_of
from wikic.web.texts import Texts
from wikic.web.views_common import ConceptLink, Link, Text, concept_link
from wikic.web.views_differences import ThreeValues
from wikic.web.views_reverting import ConceptBack, MovedField, RelationBack, RevertPage

router = APIRouter(include_in_schema=False)

Seq = Annotated[int, Path(ge=1, le=LARGEST)]
To = Annotated[int, Query(ge=1, le=LARGEST)]
_OF_OTHERS: Final = ("own-work", "revert-two")
"""Why somebody who may decide may not do this one alone."""


@router.get("/changes/{seq}/revert")
def revert_change_page(request: Request, services: Services, actor: CurrentActor, seq: Seq) -> Response:
    """What taking a change back would do."""
    if not actor.known:
        return see(sign_in_address(request))
    made = services.reverting.revert_change(seq, actor=actor, preview=True)
    seen = visit_of(request, services, actor)
    title = seen.t("revert.change", seq=str(seq))
    return _page(seen, services, made, title, f"/changes/{seq}/revert", Link(f"/changes/{seq}", seen.t("changes.one", seq=str(seq))))


@router.post("/changes/{seq}/revert")
def revert_change(request: Request, services: Services, actor: CurrentActor, seq: Seq, form: Form) -> Response:
    """Take a change back."""
    return _done(request, services, actor, lambda reason: services.reverting.revert_change(seq, actor=actor, reason=reason), form, f"/changes/{seq}")


@router.get("/c/{uuid}/revert")
def revert_concept_page(request: Request, services: Services, actor: CurrentActor, uuid: str, to: To) -> Response:
    """What making a concept what it was at a number would do."""
    if not actor.known:
        return see(sign_in_address(request))
    try:
        made = services.reverting.revert_concept(uuid, to, actor=actor, preview=True)
    except (Forbidden, Conflict) as error:
        if error.reason in _OF_OTHERS and contributes(actor):
            return see(f"/c/{uuid}/back?to={to}")
        raise
    seen = visit_of(request, services, actor)
    title = seen.t("revert.concept", seq=str(to))
    return _page(seen, services, made, title, f"/c/{uuid}/revert?to={to}", Link(f"/c/{uuid}/history", seen.t("concept.tab_history")))


@router.post("/c/{uuid}/revert")
def revert_concept(request: Request, services: Services, actor: CurrentActor, uuid: str, to: To, form: Form) -> Response:
    """Make a concept what it was."""
    return _done(
        request, services, actor, lambda reason: services.reverting.revert_concept(uuid, to, actor=actor, reason=reason), form, f"/c/{uuid}/history"
    )


@router.get("/c/{uuid}/back")
def propose_back_page(request: Request, services: Services, actor: CurrentActor, uuid: str, to: To) -> Response:
    """The same for those who propose it."""
    if not actor.known:
        return see(sign_in_address(request))
    return _proposing(request, services, actor, uuid, to)


@router.post("/c/{uuid}/back")
def propose_back(request: Request, services: Services, actor: CurrentActor, uuid: str, to: To, form: Form) -> Response:
    """Begin a proposal of what would make a concept what it was."""
    _, changes = services.reverting.propose_concept(uuid, to, actor=actor)
    try:
        proposal = services.proposing.make(changes, actor, justification=Sent(form).text("reason", 2_000))
    except MINDED as error:
        return _proposing(request, services, actor, uuid, to, error)
    return see(f"/proposals/{proposal.id}")


def _proposing(
    request: Request, services: ModerationServices, actor: Actor, uuid: str, to: int, error: WikicError | None = None
) -> Response:
    made, changes = services.reverting.propose_concept(uuid, to, actor=actor)
    seen = visit_of(request, services, actor)
    title, back = seen.t("revert.concept", seq=str(to)), Link(f"/c/{uuid}/history", seen.t("concept.tab_history"))
    action = f"/c/{uuid}/back?to={to}" if changes else ""
    return _page(seen, services, made, title, action, back, error, proposed=True)


def _done(request: Request, services: ModerationServices, actor: Actor, revert: Any, form: Any, back: str) -> Response:
    try:
        made: Reverted = revert(Sent(form).text("reason", 2_000))
    except MINDED as error:
        seen = visit_of(request, services, actor)
        return _page(seen, services, Reverted(None, [], []), seen.t("revert.title"), "", Link(back, seen.t("decide.cancel")), error)
    return see(f"/changes/{made.seq}")


def _page(
    seen: Visit,
    services: ModerationServices,
    made: Reverted,
    title: str,
    action: str,
    back: Link,
    error: WikicError | None = None,
    *,
    proposed: bool = False,
) -> Response:
    body = reverted_body(made)
    uuids = {one["uuid"] for one in body["concepts"]} | {one["concept"] for one in body["conflicts"]}
    uuids |= {each["target"] for one in body["concepts"] for each in one["relations"]}
    briefs = services.reading.briefs(uuids, seen.moment, seen.lang) if uuids and seen.moment is not None else {}
    links = {uuid: concept_link(found, seen.addresses, seen.lang) for uuid, found in briefs.items()}

    def named(uuid: str) -> ConceptLink:
        return links.get(uuid) or ConceptLink(uuid, seen.addresses.concept(uuid), Text(uuid, seen.lang), "", "", "")

    page = RevertPage(
        title=title,
        trail=[back],
        action=action if not body["conflicts"] else "",
        proposed=proposed,
        concepts=[
            ConceptBack(named(one["uuid"]), one["changes"], [_relation(each, named, seen.t) for each in one["relations"]]) for one in body["concepts"]
        ],
        conflicts=[_moved(one, named, seen.t) for one in body["conflicts"]],
        back=back,
        trouble=trouble_of(error, seen.t) if error is not None else None,
    )
    return seen.answer(page, status_of_trouble(error) if error is not None else 200, indexed=False)


def _relation(each: dict[str, Any], named: Any, t: Texts) -> RelationBack:
    kind = "unrelated" if each["after"] is None else "related" if each["before"] is None else "rerelated"
    return RelationBack(kind, t.name("relation", each["type"]), named(each["target"]))


def _moved(one: dict[str, Any], named: Any, t: Texts) -> MovedField:
    nothing = t("proposal.nothing")
    name = t.name("field", one["field"]) or one["field"]
    values = ThreeValues(one["before"] or nothing, one["now"] or nothing, one["made"] or nothing, one["lang"] or "")
    return MovedField(named(one["concept"]), name, values)
