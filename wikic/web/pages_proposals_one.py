"""The page of one proposal, and what people do there: decide, talk, support, assign, ask, change and hand in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from wikic.domain.access import Actor, may
from wikic.domain.proposals import Proposal
from wikic.domain.proposals_changes import Change, concepts_of, from_json, slot_of, subject_of, to_json, type_of
from wikic.domain.proposals_merging import ValueConflict
from wikic.errors import InvalidInput, WikicError
from wikic.services.deciding import Outcome, Ruling
from wikic.services.deciding_trial import PartView
from wikic.services.proposing_shapes import Finding
from wikic.services.reading_views import best
from wikic.web.acting import CurrentActor
from wikic.web.forms import Form, see
from wikic.web.pages_common import Visit
from wikic.web.pages_proposals import MINDED, names_of, status_of_trouble, trouble_of
from wikic.web.proposals_amending import amend_forms, looks, require_ticked, ticked
from wikic.web.proposals_forms import Sent, amended
from wikic.web.proposals_making import FURTHER, finding_view, further_name
from wikic.web.proposals_services import ModerationServices, Services, contributes, delay_text, visit_of
from wikic.web.texts import MESSAGES, Texts
from wikic.web.texts_errors import said
from wikic.web.views_common import Link
from wikic.web.views_differences import ChangeView, Names, amendment_view, change_title, change_view
from wikic.web.views_proposals import (
    Asking,
    CommentView,
    FindingView,
    HistoryLine,
    Person,
    ProposalPage,
    ReasonView,
    Rights,
)

_EDITABLE: Final = ("draft", "submitted", "changes_requested")
DONE: Final = ("drafted", "saved", "submitted", "confirmed", "accepted", "rejected", "returned", "conflict", "moved", "second", "superseded",
               "withdrawn", "taken_up", "commented")  # fmt: skip
"""What can just have been done with a proposal, in an address; the texts `done.*`."""

_TWO_ENDS: Final = ("relate", "unrelate", "importance", "map", "merge", "move")

router = APIRouter(include_in_schema=False)

Done = Annotated[str, Query(max_length=20)]


@router.get("/proposals/{id}")
def proposal_page(request: Request, services: Services, actor: CurrentActor, id: str, done: Done = "") -> Response:
    """One proposal."""
    return _page(request, services, actor, id, done=done if done in DONE else "")


@router.post("/proposals/{id}/decide")
def decide(request: Request, services: Services, actor: CurrentActor, id: str, form: Form) -> Response:
    """Accept (whole, in part, amended), reject, or ask for changes."""
    sent = Sent(form)
    if looks(sent):
        return _page(request, services, actor, id, sent=sent)

    def work() -> str:
        proposal = services.proposing.read(id, actor)
        ruling = ruling_of(sent, proposal)
        return done_word(services.deciding.decide(id, ruling, actor, _version(sent)))

    return _done(request, services, actor, id, work, sent)


def done_word(outcome: Outcome) -> str:
    """What came of a decision, as one of `DONE`."""
    state = outcome.proposal.state
    if outcome.conflicts:
        return "conflict" if state == "changes_requested" else "moved"
    if outcome.awaits_second:
        return "second"
    return {"changes_requested": "returned", "accepted_in_part": "accepted"}.get(state, state)


def ruling_of(sent: Sent, proposal: Proposal) -> Ruling:
    """What the form of a decision asks for. A part that is amended is accepted so. Raises InvalidInput."""
    verdict = sent.text("verdict", 20)
    parts: dict[int, str] = {}
    changed: dict[int, Change] = {}
    for part, change in enumerate(proposal.changes):
        own = sent.text(f"part-{part}", 20)
        if verdict == "accept" and own == "reject":
            parts[part] = "reject"
            continue
        if verdict == "accept" and not sent.text(f"amend-{part}", 5) and _version(sent) == proposal.version:
            require_ticked(sent, part, change)
        if verdict == "accept" and sent.text(f"amend-{part}", 5):
            wanted = amended(Sent(sent.values, f"p{part}-"), change)
            if to_json(wanted) != to_json(change):
                changed[part] = wanted
    if verdict == "accept" and proposal.changes and len(parts) == len(proposal.changes):
        verdict = "reject"
    reason = "\n".join(each for each in (sent.text("ready", 2_000), sent.text("reason", 5_000)) if each)
    return Ruling(verdict, reason, parts, changed)


@router.post("/proposals/{id}/comment")
def comment(request: Request, services: Services, actor: CurrentActor, id: str, form: Form) -> Response:
    """Say something, or ask somebody."""
    sent = Sent(form)
    if sent.has("find"):
        return _page(request, services, actor, id, talk=sent)

    def work() -> str:
        text, asked = sent.text("text"), sent.text("ask", 60)
        if asked:
            services.talking.ask(id, asked, text, actor)
        else:
            services.talking.comment(id, text, actor)
        return "commented"

    return _done(request, services, actor, id, work, talk=sent)


@router.post("/proposals/{id}/support")
def support(request: Request, services: Services, actor: CurrentActor, id: str, form: Form) -> Response:
    """Support it, or no more."""
    wanted = Sent(form).text("wanted", 5) != "no"

    def work() -> str:
        services.talking.support(id, actor, wanted=wanted)
        return ""

    return _done(request, services, actor, id, work)


@router.post("/proposals/{id}/assign")
def assign(request: Request, services: Services, actor: CurrentActor, id: str, form: Form) -> Response:
    """Take it oneself, or give it back."""
    wanted = Sent(form).text("wanted", 5) != "no"

    def work() -> str:
        services.talking.assign(id, actor.id if wanted else "", actor, _version(Sent(form)))
        return ""

    return _done(request, services, actor, id, work)


@router.post("/proposals/{id}/{act}")
def act(request: Request, services: Services, actor: CurrentActor, id: str, act: str, form: Form) -> Response:
    """What its author does: `words` (justification and sources), `remove` (a change), `submit`, `withdraw`; and `take-up` by a contributor."""
    sent = Sent(form)

    def work() -> str:
        version = _version(sent)
        match act:
            case "words" | "submit":
                kept = services.proposing.edit(
                    id, actor, version, justification=sent.text("justification"), sources=sent.text("sources").splitlines()
                )
                if act == "submit" and kept.state != "submitted":
                    services.proposing.submit(id, actor, kept.version)
                    return "submitted"
                return "saved"
            case "remove":
                part = sent.text("part", 10)
                before = list(services.proposing.read(id, actor).changes)
                if not part.isdecimal() or int(part) >= len(before):
                    raise InvalidInput("the proposal has no such change", reason="part-none")
                services.proposing.edit(id, actor, version, changes=[*before[: int(part)], *before[int(part) + 1 :]])
                return "saved"
            case "withdraw":
                services.proposing.withdraw(id, actor, version)
                return "withdrawn"
            case "take-up":
                services.suggesting.take_up(id, actor)
                return "taken_up"
        raise InvalidInput(f"{act[:40]!r} is nothing that can be done with a proposal")

    return _done(request, services, actor, id, work, words=sent if act in ("words", "submit") else None)


def _done(
    request: Request, services: ModerationServices, actor: Actor, id: str, work: Callable[[], str], sent: Sent | None = None, talk: Sent | None = None,
    words: Sent | None = None,
) -> Response:  # fmt: skip
    """Do it, then read the page; or the page again with what is in the way, and with what was typed into the form of a decision (`sent`), of a comment
    (`talk`), or of what its author says (`words`)."""
    try:
        done = work()
    except MINDED as error:
        if sent is not None and error.reason == "amend-unticked":
            sent = ticked(sent, int(str(error.values["change"])) - 1)
        return _page(request, services, actor, id, error=error, sent=sent, talk=talk, words=words)
    return see(f"/proposals/{id}" + (f"?done={done}" if done else ""))


def _version(sent: Sent) -> int | None:
    version = sent.text("version", 20)
    return int(version) if version.isdecimal() else None


def _page(
    request: Request, services: ModerationServices, actor: Actor, id: str, *, done: str = "", error: WikicError | None = None, sent: Sent | None = None,
    talk: Sent | None = None, words: Sent | None = None,
) -> Response:  # fmt: skip
    proposal = services.proposing.read(id, actor)
    seen = visit_of(request, services, actor)
    t = seen.t
    waits = proposal.open or proposal.state == "draft"
    views = services.deciding.look(proposal) if waits else []
    body = services.proposal_bodies.many([proposal])[0]
    names = names_of(seen, services, [*proposal.changes, *_amended_changes(proposal)], given=True)
    changes = _changes(proposal, views, names, t)
    rights = _rights(services, proposal, actor)
    if sent is not None and not actor.known and proposal.open:
        # Whose session ended while they decided find all that they wrote, to send it again.
        rights = replace(rights, decide=True)
    comments = services.talking.comments(id, actor, limit=200)
    people = services.talking.supporters(id, actor)
    if actor.known and proposal.open:
        services.talking.look(id, actor)
    looking = [str(row["name"]) for row in services.talking.lookers(id) if row["user"] != actor.id] if actor.known else []
    page = ProposalPage(
        title=title_of(proposal, names, t),
        trail=[Link("/queue" if actor.is_moderator else "/proposals", t("queue.title") if actor.is_moderator else t("proposals.title"))],
        id=proposal.id,
        state="held" if proposal.waits_to_be_taken_up else proposal.state,
        lane=proposal.lane,
        version=proposal.version,
        author=proposal.author_name,
        time=proposal.submitted or proposal.created,
        justification=words.text("justification") if words is not None else why_of(proposal, t),
        sources=words.text("sources").splitlines() if words is not None else body["sources"],
        lot=Link(f"/queue?lot={proposal.lot}" if actor.is_moderator else f"/proposals?lot={proposal.lot}", str(body["lot"]["title"])) if body["lot"] else None,
        changes=changes,
        forms=amend_forms(seen, services, proposal, sent) if rights.decide else [None] * len(proposal.changes),
        edits=[f"/propose?proposal={proposal.id}&part={part}" if rights.edit else "" for part in range(len(proposal.changes))],
        findings=[_finding(each, names, t) for each in proposal.checks],
        similar=_alike(seen, services, proposal, actor) if waits else [],
        impact=proposal.impact,
        neighbours=proposal.neighbours,
        delay=delay_text(services.proposing.usual_delay(), t) if proposal.open else "",
        assignee=Person(proposal.assignee, proposal.assignee_name) if proposal.assignee else None,
        looking=looking,
        rights=rights,
        reasons=reasons_of(services, t) if rights.decide else [],
        comments=[CommentView(row["key"], row["name"], row["text"], row["time"], bool(row.get("asks"))) for row in comments],
        supporters=[str(row["name"]) for row in people],
        history=_history(proposal, names, t),
        add=_additions(proposal, t) if rights.edit else [],
        asking=_asking(services, proposal, _people(proposal, comments, people, actor), talk, actor) if rights.moderate else None,
        said=talk.text("text", 5_000) if talk is not None else "",
        trouble=trouble_of(error, t) if error is not None else None,
        notice=t(f"done.{done}") if done else "",
        reason=sent.text("reason", 5_000) if sent is not None else "",
        ready=sent.text("ready", 2_000) if sent is not None else "",
        kept="decision" if sent is not None else "words" if words is not None else "",
        refused=[part for part in range(len(proposal.changes)) if sent is not None and sent.text(f"part-{part}", 20) == "reject"],
    )
    return seen.answer(page, status_of_trouble(error) if error is not None else 200, indexed=proposal.state not in ("draft",) and not proposal.held)


def title_of(proposal: Proposal, names: Names, t: Texts, *, about: str = "") -> str:
    """What a proposal changes, in a line: what it splits, else its first change. `about`: the concept that the reader is at, which is not named again."""
    if not proposal.changes:
        return t("proposal.empty")
    first = next((change for change in proposal.changes if type_of(change) == "split"), proposal.changes[0])
    ends = [uuid for uuid in named_by(first) if uuid != about]
    title = " · ".join([change_title(first, t), *([" → ".join(names(uuid).name.value for uuid in ends)] if ends else [])])
    return title if len(proposal.changes) == 1 else t("proposal.and_more", title=title, n=len(proposal.changes) - 1)


def why_of(proposal: Proposal, t: Texts) -> str:
    """Its justification; that of an import in the reader's language, since nobody wrote it."""
    return t("proposal.import_why", source=proposal.author_name) if proposal.origin == "import" else proposal.justification


def named_by(change: Change) -> tuple[str, ...]:
    """The concepts that a line names for a change: the one that changes, and where that matters the one at the other end."""
    about = concepts_of(change)
    if type_of(change) == "move" and not to_json(change)["new"]:
        # It only leaves the old one, which is not where it goes.
        return about[:1]
    return about[:1] + about[-1:] if type_of(change) in _TWO_ENDS and len(about) > 1 else about[:1]


def reasons_of(services: ModerationServices, t: Texts) -> list[ReasonView]:
    """The ready-made reasons in the reader's language."""
    return [ReasonView(reason.verdict, best(reason.text, t.lang)) for reason in services.queueing.reasons()]


def _changes(proposal: Proposal, views: Sequence[PartView], names: Names, t: Texts) -> list[ChangeView]:
    conflicts = {conflict.part: conflict for conflict in proposal.conflicts}
    effects = {view.part: view for view in views}
    last = next((one for one in reversed(proposal.decisions) if one.verdict in ("accept", "reject")), None)
    made = []
    for part, change in enumerate(proposal.changes):
        view = effects.get(part)
        conflict = conflicts.get(part)
        if conflict is None and view is not None and view.effect == "conflict":
            conflict = _conflict(part, change, view)
        verdict = last.parts[part] if last is not None and part < len(last.parts) and not proposal.open else ""
        changed = any(str(part) in one.amended for one in proposal.decisions)
        effect = view.effect if view is not None else ""
        shown = change_view(part, change, names, t, effect=effect, conflict=conflict, verdict=verdict, amended=changed)
        if view is not None and view.why is not None:
            why, lang = said(view.why, t)
            shown = replace(shown, why=why, why_lang=lang)
        made.append(shown)
    return made


def _conflict(part: int, change: Change, view: PartView) -> ValueConflict:
    return ValueConflict(part, slot_of(change), change.base, view.current, view.proposed)


def _amended_changes(proposal: Proposal) -> list[Change]:
    return [from_json(said) for one in proposal.decisions for pair in one.amended.values() for said in (pair["before"], pair["after"])]


def _finding(said: Mapping[str, Any], names: Names, t: Texts) -> FindingView:
    return finding_view(Finding(said["code"], said["severity"], said["part"], said["message"], said.get("values") or {}), names, t)


def _rights(services: ModerationServices, proposal: Proposal, actor: Actor) -> Rights:
    own = actor.known and actor.id == proposal.author
    helps = contributes(actor)
    supported = actor.known and any(row["user"] == actor.id for row in services.talking.supporters(proposal.id, actor))
    return Rights(
        edit=own and proposal.state in _EDITABLE,
        submit=own and proposal.state in ("draft", "changes_requested"),
        decide=services.deciding.may(proposal, actor),
        send_back=proposal.has_author,
        moderate=actor.is_moderator and proposal.open,
        comment=helps,
        support=helps and not own and proposal.open,
        supported=supported,
        take_up=helps and proposal.waits_to_be_taken_up and may(actor, "propose"),
        terms_first=actor.known and actor.has("contributor") and not helps and proposal.state != "draft",
    )


def _alike(seen: Visit, services: ModerationServices, proposal: Proposal, actor: Actor) -> list[Link]:
    found = services.queueing.alike(proposal, actor, limit=10)
    names = names_of(seen, services, [change for one in found for change in one.changes])
    return [Link(f"/proposals/{one.id}", title_of(one, names, seen.t)) for one in found]


def _additions(proposal: Proposal, t: Texts) -> list[Link]:
    """Further changes to put into a proposal, of the concept that it is about first."""
    if not proposal.changes:
        return []
    concept = subject_of(proposal.changes[0])
    start = {"proposal": proposal.id, "concept": concept}
    others = [
        Link(f"/propose?{urlencode({**start, 'type': kind})}", t(said))
        for kind, said in (("text", "propose.add_text"), ("labels", "propose.other_language"))
    ]
    return [
        Link(
            f"/propose?{urlencode({**start, 'type': kind, **({'field': field} if field else {}), **({'language': lang} if lang else {})})}",
            further_name(kind, field, lang, t),
        )
        for kind, field, lang in FURTHER
    ] + others


def _people(proposal: Proposal, comments: Sequence[Mapping[str, Any]], people: Sequence[Mapping[str, Any]], actor: Actor) -> list[tuple[str, str]]:
    found = {proposal.author: proposal.author_name} if proposal.has_author else {}
    found |= {str(row["author"]): str(row["name"]) for row in comments}
    found |= {str(row["user"]): str(row["name"]) for row in people}
    return sorted(((key, name) for key, name in found.items() if key and key != actor.id), key=lambda one: one[1])


def _asking(
    services: ModerationServices, proposal: Proposal, part: Sequence[tuple[str, str]], talk: Sent | None, actor: Actor
) -> Asking:
    """Whom a moderator may ask: those who took part, and those who were looked for."""
    query, chosen = (talk.text("who", 80), talk.text("ask", 60)) if talk is not None else ("", "")
    found = services.talking.askable(proposal.id, query, actor) if query else []
    people = list(dict.fromkeys([*found, *part]))
    if query and talk is not None and talk.has("find") and found:
        chosen = found[0][0]
    return Asking(people, chosen, query, looked=bool(query), found=len(found))


def _history(proposal: Proposal, names: Names, t: Texts) -> list[HistoryLine]:
    lines = [HistoryLine(proposal.created, t("event.made"), proposal.author_name)]
    handed_in = [*proposal.submitted_before, *([proposal.submitted] if proposal.submitted else [])]
    lines += [HistoryLine(time, t("event.submitted"), proposal.author_name) for time in handed_in]
    for one in proposal.decisions:
        key = f"event.{one.verdict}"
        what = t(key) if key in MESSAGES else t.name("verdict", one.verdict)
        if one.verdict == "accept" and "reject" in one.parts:
            what = t.name("proposal_state", "accepted_in_part")
        views = [
            amendment_view(int(part), from_json(pair["before"]), from_json(pair["after"]), names, t) for part, pair in sorted(one.amended.items())
        ]
        lines.append(HistoryLine(one.time, what, one.name, one.reason_in(t.lang), f"/changes/{one.seq}" if one.seq else "", views))
    if proposal.state in ("withdrawn", "superseded"):
        lines.append(HistoryLine(proposal.changed, t(f"event.{proposal.state}"), proposal.author_name if proposal.state == "withdrawn" else ""))
    return sorted(lines, key=lambda line: line.time)
