"""The moderators' queue: lanes, filters, rows with their differences; deciding on one or many, with what it would do first; undoing.

All of it is plain forms; `queue.js` adds the keyboard, and sends the same forms without leaving the page.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final
from urllib.parse import parse_qsl, quote, urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from wikic.domain.access import Actor, require_known
from wikic.domain.changes import stamp
from wikic.domain.proposals import LANES, VERDICTS
from wikic.errors import Forbidden, InvalidInput, WikicError
from wikic.services.deciding import Ruling
from wikic.services.queueing import ORDERS, QueueFilter
from wikic.web.acting import CurrentActor
from wikic.web.api_proposals_tools import require_versions
from wikic.web.dependencies import CursorParameter
from wikic.web.forms import Form, local, see, sign_in_address
from wikic.web.pages_common import Visit
from wikic.web.pages_proposals import MINDED, status_of_trouble, trouble_of
from wikic.web.pages_proposals_one import DONE, done_word, reasons_of
from wikic.web.proposals_forms import Sent
from wikic.web.proposals_services import ModerationServices, Services, visit_of
from wikic.web.queue_making import effects_of, filter_fields, groups_of, keys_of, resolved, rows_of
from wikic.web.views_account import Trouble
from wikic.web.views_common import Link
from wikic.web.views_queue import QueuePage, QueuePreviewPage, SavedFilter, Undoing

_PAGE: Final = 50
_UNDO: Final = timedelta(minutes=10)
_NONE: Final = "none"
"""Said of a form that was sent with no proposal ticked."""

router = APIRouter(include_in_schema=False)

_Word = Annotated[str, Query(max_length=200)]


def _filter(
    scheme: _Word = "", kind: _Word = "", type: _Word = "", branch: _Word = "", within: _Word = "", concept: _Word = "",
    author: _Word = "", assignee: _Word = "", expert: _Word = "", lot: _Word = "", before: _Word = "",
) -> QueueFilter:  # fmt: skip
    return QueueFilter(scheme, kind, type, branch, within, concept, author, assignee, expert, lot, before)


Filter = Annotated[QueueFilter, Depends(_filter)]


@router.get("/queue")
def queue_page(
    request: Request,
    services: Services,
    actor: CurrentActor,
    filters: Filter,
    lane: str = "",
    order: str = "impact",
    cursor: CursorParameter = None,
    bulk: _Word = "",
    done: _Word = "",
    proposal: _Word = "",
    limit: Annotated[int, Query(ge=1, le=200)] = _PAGE,
) -> Response:
    """What waits, most important first."""
    if not actor.known:
        return see(sign_in_address(request))
    shown = _Shown(lane if lane in LANES else "main", order if order in ORDERS else "impact", cursor, limit)
    return _queue(request, services, actor, filters, shown, _Said(bulk, done if done in (*DONE, _NONE) else "", proposal))


@router.post("/queue/preview")
def preview(request: Request, services: Services, actor: CurrentActor, form: Form) -> Response:
    """What deciding would do; nothing is written."""
    require_moderator(actor)
    sent = Sent(form)
    if not sent.many("id"):
        return see(_with(_back(sent), done=_NONE))
    return _preview(request, services, actor, sent)


@router.post("/queue/decide")
def decide(request: Request, services: Services, actor: CurrentActor, form: Form) -> Response:
    """Decide on all that were chosen; what cannot be decided with them is left, and said so."""
    require_moderator(actor)
    sent = Sent(form)
    chosen, ruling = _chosen(sent), _ruling(sent)
    require_versions(chosen.ids, chosen.versions)
    try:
        done = services.bulk.decide_many(chosen.ids, ruling, actor, chosen.versions)
        return see(_with(_back(sent), bulk=done.id))
    except MINDED as error:
        if len(chosen.ids) > 1 or getattr(error, "reason", "") != "bulk-none":
            return _preview(request, services, actor, sent, error)
    # One by itself that cannot be decided so: it goes back for a conflict, or waits for a second moderator.
    (one,) = chosen.ids
    try:
        outcome = services.deciding.decide(one, ruling, actor, chosen.versions[one])
    except MINDED as error:
        return _preview(request, services, actor, sent, error)
    return see(_with(_back(sent), done=done_word(outcome), proposal=one))


@router.post("/queue/undo")
def undo(services: Services, actor: CurrentActor, form: Form) -> Response:
    """Undo what was decided together."""
    require_moderator(actor)
    sent = Sent(form)
    bulk = sent.text("bulk", 60)
    services.bulk.undo(bulk, actor)
    return see(_with(_back(sent), bulk=bulk))


@router.post("/queue/filters")
def save_filter(services: Services, actor: CurrentActor, form: Form) -> Response:
    """Save the filter that is chosen, under a name; or forget one."""
    sent = Sent(form)
    back = _back(sent)
    forgotten = sent.text("forget", 60)
    if forgotten:
        services.queueing.forget(forgotten, actor)
    else:
        known = {"lane", "order", *QueueFilter.__dataclass_fields__}
        query = {name: value for name, value in parse_qsl(back.partition("?")[2]) if name in known}
        services.queueing.save(sent.text("name", 200), query, actor)
    return see(back)


def require_moderator(actor: Actor) -> None:
    """Raise unless there is something they may decide."""
    require_known(actor)
    if not actor.is_moderator:
        raise Forbidden("you may not do this: it takes the role moderator", reason="role", role="moderator")


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The proposals that were chosen, and the version of each that was on the screen."""

    ids: list[str]
    versions: dict[str, int]


def _chosen(sent: Sent) -> _Chosen:
    pairs = [each.partition("@") for each in sent.many("id") if len(each) <= 80]
    if not pairs:
        raise InvalidInput("choose at least one proposal", reason="choose-one")
    versions = {one: int(version) for one, _, version in pairs if version.isdecimal()}
    return _Chosen(list(dict.fromkeys(one for one, _, _ in pairs)), versions)


def _ruling(sent: Sent) -> Ruling:
    verdict = sent.text("verdict", 20)
    if verdict not in VERDICTS:
        raise InvalidInput(f"{verdict!r} is no verdict: {', '.join(VERDICTS)}")
    reason = "\n".join(each for each in (sent.text("ready", 2_000), sent.text("reason", 5_000)) if each)
    return Ruling(verdict, reason)


def _back(sent: Sent) -> str:
    back = local(sent.text("back", 2_000), "/queue")
    return back if back.startswith("/queue") and not back.startswith("/queue/") else "/queue"


def _with(address: str, **more: str) -> str:
    """An address of the queue with other parameters; the page of a list is not kept, because what was on it moved."""
    pairs = {name: value for name, value in parse_qsl(address.partition("?")[2]) if name not in ("bulk", "done", "proposal", "cursor")}
    query = urlencode({name: value for name, value in (pairs | more).items() if value})
    return f"/queue?{query}" if query else "/queue"


@dataclass(frozen=True, slots=True)
class _Shown:
    """The part of the queue that is asked for."""

    lane: str
    order: str
    cursor: str | None
    limit: int


@dataclass(frozen=True, slots=True)
class _Said:
    """What was done just now: together, or (`done`) with one proposal."""

    bulk: str
    done: str
    proposal: str


def _queue(
    request: Request, services: ModerationServices, actor: Actor, filters: QueueFilter, shown: _Shown, said: _Said
) -> Response:
    seen = visit_of(request, services, actor)
    t = seen.t
    require_moderator(actor)
    counts = services.queueing.counts(actor)
    lane, order, limit = shown.lane, shown.order, shown.limit
    wanted = resolved(filters)
    found = services.queueing.page(actor, lane=lane, order=order, filters=wanted, cursor=shown.cursor, limit=limit)
    bodies = services.proposal_bodies.many(found.items)
    rows = rows_of(seen, services, found.items, bodies)
    query = {name: value for name, value in asdict(filters).items() if value}
    many = {"limit": str(limit)} if limit != _PAGE else {}
    here = _with(f"/queue?{urlencode({**query, 'lane': lane, 'order': order, **many})}")
    page = QueuePage(
        title=t("queue.title"),
        lanes=[Link(_with(here, lane=one), t.name("lane", one), current=one == lane, total=counts[one]) for one in LANES],
        orders=[Link(_with(here, order=one), t.name("order", one), current=one == order) for one in ORDERS],
        filters=filter_fields(filters, actor, t),
        hidden=[("lane", lane), ("order", order), *many.items(), *([("lot", filters.lot)] if filters.lot else [])],
        filtered=bool(query),
        cleared=f"/queue?lane={lane}",
        saved=[SavedFilter(str(row["key"]), Link(f"/queue?{urlencode(row['query'])}", str(row["name"]))) for row in services.queueing.saved(actor)],
        groups=groups_of(rows, bodies, order, t),
        shown=len(rows),
        total=services.queueing.total(actor, lane, wanted) if query else counts[lane],
        following=f"{here}&{urlencode({'cursor': found.next})}" if found.next else "",
        here=here,
        reasons=reasons_of(services, t),
        undo=_undoing(seen, services, actor, said.bulk) if said.bulk else None,
        notice=Link(f"/proposals/{quote(said.proposal, safe='')}", t(f"done.{said.done}")) if said.done in DONE and said.proposal else None,
        trouble=Trouble(t("queue.none_chosen"), t("queue.none_chosen_text"), t.lang) if said.done == _NONE else None,
        keys=keys_of(t),
    )
    return seen.answer(page, indexed=False)


def _undoing(seen: Visit, services: ModerationServices, actor: Actor, bulk: str) -> Undoing | None:
    row = services.bulk.read(bulk, actor)
    t, done = seen.t, len(row["proposals"])
    if row["state"] != "decided":
        return Undoing(bulk, t("queue.undone", n=done), "")
    until = datetime.fromisoformat(row["time"]) + _UNDO
    text = t(f"queue.done_{row['verdict']}", n=done)
    if row["skipped"]:
        text += " " + t("queue.left", n=len(row["skipped"]))
    can = row["actor"] == actor.id and until > datetime.now(UTC)
    return Undoing(bulk, text, stamp(until) if can else "")


def _preview(
    request: Request, services: ModerationServices, actor: Actor, sent: Sent, error: WikicError | None = None
) -> Response:
    seen = visit_of(request, services, actor)
    t = seen.t
    chosen, ruling = _chosen(sent), _ruling(sent)
    made = services.bulk.preview(chosen.ids, ruling, actor, chosen.versions)
    lines = effects_of(seen, services, made, actor)
    decided = [line for line in lines if line.effect != "skipped"]
    page = QueuePreviewPage(
        title=t(f"queue.preview_{ruling.verdict}", n=len(decided)),
        trail=[Link(_back(sent), t("queue.title"))],
        verdict=ruling.verdict,
        reason=ruling.reason,
        reasons=[one for one in reasons_of(services, t) if one.verdict == ruling.verdict],
        figures=[
            (t.number(len(decided)), t("queue.figure_decided", n=len(decided))),
            (t.number(made.changes), t("queue.figure_changes", n=made.changes)),
            (t.number(made.concepts), t("queue.figure_concepts", n=made.concepts)),
            (t.number(made.impact), t("queue.figure_impact", n=made.impact)),
        ],
        decided=decided,
        skipped=[line for line in lines if line.effect == "skipped"],
        ids=[f"{item.proposal}@{chosen.versions.get(item.proposal, item.version)}" for item in made.items],
        back=_back(sent),
        trouble=trouble_of(error, t) if error is not None else None,
    )
    return seen.answer(page, status_of_trouble(error) if error is not None else 200, indexed=False)
