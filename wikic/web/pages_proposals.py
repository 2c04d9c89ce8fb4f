"""The pages on which changes are proposed: the form that starts from one field, drafts that gather several, suggestions of readers without an account.

All of it is plain forms. With JavaScript (`proposal.js`) a form checks itself as it is written, by sending itself to the same address.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from starlette.datastructures import QueryParams

from wikic.domain.access import Actor
from wikic.domain.proposals import Proposal
from wikic.domain.proposals_changes import Change, SplitConcept, concepts_of, slot_of
from wikic.domain.proposals_merging import ValueConflict, rebased
from wikic.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    StaleVersion,
    Throttled,
    Unauthenticated,
    WikicError,
)
from wikic.services.proposing import has_terms
from wikic.services.proposing_checks import Checked
from wikic.services.proposing_suggesting import MOST_CHANGES
from wikic.services.reading_views import Body
from wikic.web.acting import CurrentActor
from wikic.web.forms import Form, address_of_caller, see
from wikic.web.pages_common import Visit
from wikic.web.proposals_forms import Sent, changes_of, fields_of, kept_field, kept_of, rows_of, type_of_form
from wikic.web.proposals_making import (
    FURTHER,
    base_of,
    born_in,
    checked_view,
    further_name,
    make_form,
    related,
    values_of,
)
from wikic.web.proposals_services import ModerationServices, Services, visit_of
from wikic.web.proposing_choice import choice_page, unsaid
from wikic.web.texts import Texts
from wikic.web.texts_errors import said
from wikic.web.views_account import Trouble
from wikic.web.views_common import ConceptLink, Link, concept_link
from wikic.web.views_differences import Names, ThreeValues, change_view
from wikic.web.views_proposals import KeptChange, ProposalFormPage, ProposalMessagePage

MINDED: Final = (InvalidInput, Conflict, Forbidden, Throttled, NotFound, StaleVersion, Unauthenticated)
"""What a form shows again with its reason; everything else is an error page."""
_STATUS: Final[Mapping[type[WikicError], int]] = {
    Throttled: 429, StaleVersion: 412, Forbidden: 403, Unauthenticated: 401, NotFound: 404, Conflict: 409,
}  # fmt: skip
_VALUES: Final = (
    "preferred", "alternative", "hidden", "text", "relation", "importance", "rank", "note", "branch", "old", "kind", "new_name",
    *(f"{name}_{lang}" for name in ("preferred", "alternative", "definition") for lang in ("fr", "en")),
)  # fmt: skip

router = APIRouter(include_in_schema=False)


def trouble_of(error: WikicError, t: Texts) -> Trouble:
    """Why a form was not taken."""
    kind = next((name for base, name in _TROUBLES.items() if isinstance(error, base)), "other")
    if kind == "unauthenticated":
        # A session that ended while somebody wrote: what was written stands in the form, which signing in on this page would leave.
        return Trouble(t(f"trouble.{kind}"), t("trouble.elsewhere"), t.lang)
    return Trouble(t(f"trouble.{kind}"), *said(error, t))


def status_of_trouble(error: WikicError) -> int:
    """The status of a page that shows a form again."""
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 400)


_TROUBLES: Final[Mapping[type[WikicError], str]] = {
    StaleVersion: "stale", Conflict: "conflict", Unauthenticated: "unauthenticated", Forbidden: "forbidden", Throttled: "throttled",
}  # fmt: skip


@dataclass(slots=True)
class _Asked:
    """One request for the form: what was typed, what it is about, and what came of it."""

    seen: Visit
    services: ModerationServices
    actor: Actor
    sent: Sent
    values: Mapping[str, str]
    proposal: Proposal | None = None
    body: Body | None = None
    base: object = None
    fresh: bool = False
    changes: Sequence[Change] = ()
    checked: Checked | None = None
    trouble: Trouble | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    kept: Sequence[Change] = ()
    conflict: ValueConflict | None = None


@router.get("/propose")
def propose_page(request: Request, services: Services, actor: CurrentActor) -> Response:
    """The form of a change, from the present value of a field, or from a change of a draft (`proposal` and `part`). A change that is in conflict is
    opened on top of what stands now: from its old base it would only go back again."""
    if not request.query_params.get("type") and not request.query_params.get("part"):
        return see("/proposals")
    seen = visit_of(request, services, actor)
    sent = Sent(request.query_params)
    proposal = _draft(services, sent, actor)
    change, conflict = _change_of(proposal, sent), _conflict_of(services, proposal, sent)
    if change is not None:
        if conflict is not None and seen.moment is not None:
            change = rebased(change, conflict.current, seen.moment.seq)
        own = [(name, value) for name, value in request.query_params.items() if name in ("proposal", "part", "lang", "q")]
        sent = Sent(QueryParams([*own, *rows_of(change)]))
    asked = _Asked(seen, services, actor, sent, {}, proposal, fresh=change is None, conflict=conflict)
    if unsaid(sent):
        _find(asked)
        return choice_page(seen, sent, concept_link(asked.body, seen.addresses, seen.lang) if asked.body is not None else None)
    _about(asked)
    asked.values = fields_of(change) if change is not None else {**dict(request.query_params), **values_of(type_of_form(sent), asked.base, asked.sent)}
    return _shown(asked)


@router.post("/propose")
def propose(request: Request, services: Services, actor: CurrentActor, form: Form) -> Response:
    """Check what was typed, look for a concept, put the change into a draft, submit it, or suggest it without an account."""
    seen, sent = visit_of(request, services, actor), Sent(form)
    asked = _Asked(seen, services, actor, sent, {name: sent.text(name) for name in _VALUES if sent.has(name)})
    asked.words = {name: sent.text(name) for name in ("justification", "sources", "mail")}
    asked.proposal = _draft(services, sent, actor)
    asked.conflict = _conflict_of(services, asked.proposal, sent)
    _about(asked)
    action = sent.text("action", 20)
    try:
        asked.kept = kept_of(sent) if not actor.known else ()
        asked.changes = _changes(asked)
        if action == "more" and not actor.known:
            return _shown(_next_form(asked))
        if action in ("save", "submit"):
            return see(_kept(asked, submit=action == "submit"))
        if action == "suggest":
            return see(_suggested(asked, request))
        own = asked.proposal.id if asked.proposal is not None else ""
        if not (_aiming(asked) and (action in ("find", "add", "new") or sent.has("drop"))):
            asked.checked = services.proposing.check([*asked.kept, *asked.changes], actor, own=own)
            asked.changes = asked.checked.changes
    except MINDED as error:
        asked.trouble = trouble_of(error, seen.t)
        return _shown(asked, status_of_trouble(error))
    return _shown(asked)


@router.get("/proposals/suggested")
def suggested_page(request: Request, services: Services, actor: CurrentActor, mailed: Annotated[str, Query(max_length=10)] = "") -> Response:
    """After a suggestion."""
    seen = visit_of(request, services, actor)
    text = seen.t("suggest.mailed") if mailed else seen.t("suggest.waits")
    links = [Link("/", seen.t("error.home")), Link("/proposals", seen.t("proposals.title"))]
    return seen.answer(ProposalMessagePage(title=seen.t("suggest.thanks"), text=text, links=links), indexed=False)


@router.get("/proposals/{id}/confirm")
def confirm_page(
    request: Request, services: Services, actor: CurrentActor, id: str, token: Annotated[str, Query(max_length=100)] = ""
) -> Response:
    """The link in the mail. A click confirms, not the visit: programs that look through mail follow links too. Afterwards it leads to the proposal: the mail
    is all that its author has to find it again."""
    seen = visit_of(request, services, actor)
    if services.suggesting.public(id):
        return see(f"/proposals/{id}")
    page = ProposalMessagePage(
        title=seen.t("suggest.confirm"), text=seen.t("suggest.confirm_text"), action=f"/proposals/{id[:60]}/confirm",
        button=seen.t("suggest.confirm_button"), token=token,
    )  # fmt: skip
    return seen.answer(page, indexed=False, headers={"Cache-Control": "no-store"})


@router.post("/proposals/{id}/confirm")
def confirm(services: Services, id: str, form: Form) -> Response:
    """Confirm a suggestion."""
    found = services.suggesting.confirm(id, Sent(form).text("token", 100))
    return see(f"/proposals/{found.id}?done=confirmed")


def _draft(services: ModerationServices, sent: Sent, actor: Actor) -> Proposal | None:
    """The proposal that a form adds to. Raises NotFound."""
    identity = sent.text("proposal", 60)
    return services.proposing.read(identity, actor) if identity else None


def _part(sent: Sent) -> int:
    part = sent.text("part", 10)
    return int(part) if part.isdecimal() else -1


def _change_of(proposal: Proposal | None, sent: Sent) -> Change | None:
    part = _part(sent)
    return proposal.changes[part] if proposal is not None and 0 <= part < len(proposal.changes) else None


def _conflict_of(services: ModerationServices, proposal: Proposal | None, sent: Sent) -> ValueConflict | None:
    """The three values of the change whose form is open, where it is in conflict with what stands."""
    change = _change_of(proposal, sent)
    if proposal is None or change is None:
        return None
    view = services.deciding.look(proposal)[_part(sent)]
    return ValueConflict(view.part, slot_of(change), change.base, view.current, view.proposed) if view.effect == "conflict" else None


def _about(asked: _Asked) -> None:
    """Read what the form is about: the concept, and the present value of the field. Raises NotFound."""
    _find(asked)
    asked.base, lang = base_of(asked.services, asked.sent) if asked.body is not None else (None, "")
    if lang:
        asked.sent = asked.sent.put("language", lang)


def _find(asked: _Asked) -> None:
    concept = asked.sent.text("concept", 100)
    if concept and asked.seen.moment is not None and not _born(asked.proposal, concept):
        reading = asked.services.reading
        asked.body = reading.body(reading.find(concept, asked.seen.moment), asked.seen.lang)


def _born(proposal: Proposal | None, concept: str) -> bool:
    """Whether a concept would be created by the same draft."""
    return proposal is not None and any(getattr(change, "uuid", "") == concept for change in proposal.changes)


def _aiming(asked: _Asked) -> bool:
    """Whether the form still looks for a concept that it cannot do without."""
    kind = type_of_form(asked.sent)
    return kind == "split" or (kind in ("relate", "map", "merge") and not asked.sent.text("target", 100))


def _changes(asked: _Asked) -> list[Change]:
    made = changes_of(asked.sent, asked.base)
    if asked.body is None:
        return made
    split = next((change for change in made if isinstance(change, SplitConcept)), None)
    if split is not None and split.parts:
        # What the form has not shown yet goes to the first part.
        form = make_form(asked.seen, asked.services, asked.sent, asked.body, asked.base, asked.values, fresh=False, born=born_in(asked.proposal))
        given = {relation.id: relation.part for relation in form.relations}
        split.assignments.update({identity: part for identity, part in given.items() if identity not in split.assignments})
    return made


def _kept(asked: _Asked, *, submit: bool) -> str:
    """Put the changes into the draft (a new one, if there is none), and hand it in; the address of the proposal."""
    proposing, actor, words = asked.services.proposing, asked.actor, asked.words
    sources = words["sources"].splitlines()
    draft = asked.proposal
    if draft is None:
        once = asked.sent.text("once", 60)
        made = proposing.make(asked.changes, actor, justification=words["justification"], sources=sources, submit=submit, once=once)
        return f"/proposals/{made.id}?done={'submitted' if submit else 'drafted'}"
    part, before = _part(asked.sent), list(draft.changes)
    changes = [*before[:part], *asked.changes, *before[part + 1 :]] if 0 <= part < len(before) else [*before, *asked.changes]
    said = words["justification"] if asked.sent.has("justification") else None
    kept = proposing.edit(draft.id, actor, draft.version, changes=changes, justification=said, sources=sources if said is not None else None)
    if submit and kept.state != "submitted":
        proposing.submit(kept.id, actor, kept.version)
    return f"/proposals/{kept.id}?done={'submitted' if submit else 'saved'}"


def _next_form(asked: _Asked) -> _Asked:
    """The form of another change of the same concept, where what is typed can be kept; else this one again, with what is wrong."""
    kind, field_, lang = [*asked.sent.text("next", 100).split("|", 2), "", ""][:3]
    if (kind, field_, lang) not in FURTHER:
        raise InvalidInput("choose what else to change")
    checked = asked.services.proposing.check([*asked.kept, *asked.changes], asked.actor)
    if checked.errors or len(asked.kept) + len(asked.changes) >= MOST_CHANGES:
        asked.checked, asked.changes = checked, checked.changes
        return asked
    about = {"type": kind, "concept": asked.sent.text("concept", 100), "field": field_, "language": lang}
    sent = Sent(QueryParams({name: value for name, value in about.items() if value}))
    made = _Asked(asked.seen, asked.services, asked.actor, sent, {}, fresh=True, words=asked.words, kept=checked.changes)
    _about(made)
    made.values = values_of(kind, made.base, sent)
    return made


def _suggested(asked: _Asked, request: Request) -> str:
    words = asked.words
    asked.services.suggesting.suggest(
        [*asked.kept, *([] if _says_nothing(asked) else asked.changes)],
        words["justification"],
        sender=address_of_caller(request),
        mail=words["mail"],
        sources=words["sources"].splitlines(),
        lang=asked.seen.lang,
        once=asked.sent.text("once", 60),
    )
    return "/proposals/suggested" + ("?mailed=yes" if words["mail"] and asked.services.suggesting.mails else "")


def _says_nothing(asked: _Asked) -> bool:
    """Whether a suggestion that holds changes already has a last form in which nothing was changed."""
    if not asked.kept:
        return False
    codes = {one.code for one in asked.services.proposing.check(asked.changes, asked.actor).errors}
    return codes == {"nothing"} or (codes == {"missing"} and _aiming(asked))


def _shown(asked: _Asked, status: int = 200) -> Response:
    seen, actor, t = asked.seen, asked.actor, asked.seen.t
    form = make_form(seen, asked.services, asked.sent, asked.body, asked.base, asked.values, fresh=asked.fresh, born=born_in(asked.proposal))
    concept = concept_link(asked.body, seen.addresses, seen.lang) if asked.body is not None else None
    views, checked = [], None
    if asked.checked is not None:
        drafted = asked.proposal.changes if asked.proposal is not None else ()
        names = names_of(seen, asked.services, [*asked.changes, *drafted])
        views = [change_view(part, change, names, t) for part, change in enumerate(asked.changes)]
        checked = checked_view(asked.checked, names, seen)
    proposal = asked.proposal
    page = ProposalFormPage(
        title=f"{t('propose.title')}{t.colon} {form.title.lower() if concept else form.title}",
        trail=_trail(concept, proposal, t),
        concept=concept,
        form=form,
        changes=views,
        checked=checked,
        trouble=asked.trouble,
        proposal=proposal.id if proposal is not None else "",
        known=actor.known,
        terms=not actor.known or has_terms(actor),
        justification=asked.words.get("justification", proposal.justification if proposal is not None else ""),
        sources=asked.words.get("sources", "\n".join(proposal.sources) if proposal is not None else ""),
        mail=asked.words.get("mail", ""),
        existing=_part(asked.sent) >= 0,
        conflict=_three(asked),
        **_several(asked),
    )
    return seen.answer(page, status, indexed=False)


def _three(asked: _Asked) -> ThreeValues | None:
    change = _change_of(asked.proposal, asked.sent)
    if change is None or asked.conflict is None:
        return None
    held = [change, rebased(change, asked.conflict.current, change.seq)]
    return change_view(0, change, names_of(asked.seen, asked.services, held), asked.seen.t, conflict=asked.conflict).conflict


def _several(asked: _Asked) -> dict[str, Any]:
    """What a suggestion holds besides this form, and what else it may take in."""
    t = asked.seen.t
    if asked.actor.known:
        return {"kept": [], "further": []}
    names = names_of(asked.seen, asked.services, asked.kept)
    kept = [KeptChange(kept_field(change), change_view(part, change, names, t)) for part, change in enumerate(asked.kept)]
    room = asked.body is not None and len(asked.kept) + 1 < MOST_CHANGES
    return {"kept": kept, "further": [("|".join(one), further_name(*one, t)) for one in FURTHER] if room else []}


def _trail(concept: ConceptLink | None, proposal: Proposal | None, t: Texts) -> list[Link]:
    trail = []
    if concept is not None:
        trail.append(Link(concept.address, concept.name.value, lang=concept.name.lang if concept.name.foreign else ""))
    if proposal is not None:
        trail.append(Link(f"/proposals/{proposal.id}", t("proposal.one")))
    return trail


def names_of(seen: Visit, services: ModerationServices, changes: Sequence[Change], *, given: bool = False) -> Names:
    """The concepts that changes name; `given`: also the relations that a split gives away. One round trip, and some for each split."""
    uuids = {uuid for change in changes for uuid in concepts_of(change)}
    for change in changes:
        base = getattr(change, "base", None)
        if isinstance(base, list):
            uuids.update(each for each in base if isinstance(each, str))
    briefs = services.reading.briefs(uuids, seen.moment, seen.lang) if uuids and seen.moment is not None else {}
    split = {change.concept for change in changes if given and isinstance(change, SplitConcept)}
    relations = {
        str(each["id"]): f"{seen.t.name('relation', each['type'])}{seen.t.colon} {concept_link(each, seen.addresses, seen.lang).name.value}"
        for concept in split for each in related(seen, services, concept)
    }  # fmt: skip
    return Names(briefs.values(), changes, seen.lang, relations)
