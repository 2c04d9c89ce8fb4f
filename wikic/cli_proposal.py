"""Commands of proposals: `proposal ...`. Whoever runs a command on the machine acts as an admin, whose name stands in the log."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wikic import cli_proposal_deciding
from wikic.cli_output import JsonFlag, me, opened, print_json, read_json, remark, table

if TYPE_CHECKING:
    from wikic.bootstrap import App
    from wikic.domain.proposals import Proposal
    from wikic.domain.proposals_changes import Change
    from wikic.services.proposing_lists import ProposalPage

Key = Annotated[str, typer.Argument(help="The id of a proposal.", show_default=False)]
FromFile = Annotated[Path, typer.Option("--from", help="A JSON file, as docs/proposals.md says; - for stdin.", show_default=False)]
SchemeOption = Annotated[str, typer.Option(help="Of this scheme, such as esco.")]
LimitOption = Annotated[int, typer.Option(help="At most so many.", min=1, max=1_000)]
Reason = Annotated[str, typer.Option(help="Why; those who are told read it.")]

_PAGE = 100


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    group = typer.Typer(help="Proposals: made, read, decided on.", no_args_is_help=True, rich_markup_mode=None)
    group.command("list")(list_proposals)
    group.command("queue")(queue)
    group.command("show")(show)
    group.command("check")(check)
    group.command("make")(make)
    group.command("edit")(edit)
    group.command("submit")(submit)
    group.command("withdraw")(withdraw)
    group.command("accept")(accept)
    group.command("reject")(reject)
    group.command("return")(send_back)
    group.command("comment")(comment)
    group.command("support")(support)
    group.command("lot")(lot)
    group.command("show-lot")(show_lot)
    group.command("suggestions")(suggestions)
    group.command("take-up")(take_up)
    cli_proposal_deciding.register(group)
    app.add_typer(group, name="proposal")


def list_proposals(
    state: Annotated[str, typer.Option(help="submitted, accepted, rejected ...")] = "",
    scheme: SchemeOption = "",
    author: Annotated[str, typer.Option(help="The id of a user; me for one's own, drafts included.")] = "",
    concept: Annotated[str, typer.Option(help="Those about a concept (any reference), the oldest first: the open ones, or those in --state.")] = "",
    limit: LimitOption = 50,
    as_json: JsonFlag = False,
) -> None:
    """List proposals, the newest first."""
    _check_scheme(scheme)
    who = me().id if author == "me" else author
    with opened() as app:
        ask = partial(app.proposing.list, me(), state=state or None, scheme=scheme or None, author=who or None, concept=concept or None)
        _show_all(app, _pages(ask, limit), as_json=as_json)


def queue(
    lane: Annotated[str, typer.Option(help="main, spelling or conflict.")] = "main",
    order: Annotated[str, typer.Option(help="impact, or alike: those about the same together.")] = "impact",
    scheme: SchemeOption = "",
    kind: Annotated[str, typer.Option(help="Of this kind of concept, such as skill.")] = "",
    limit: LimitOption = 50,
    as_json: JsonFlag = False,
) -> None:
    """List what waits to be decided on, what matters most first."""
    from wikic.services.queueing import QueueFilter

    _check_scheme(scheme)
    with opened() as app:
        ask = partial(app.queueing.page, me(), lane=lane, order=order, filters=QueueFilter(scheme=scheme, kind=kind))
        _show_all(app, _pages(ask, limit), as_json=as_json)


def show(key: Key, as_json: JsonFlag = False) -> None:
    """Show a proposal: what it changes, what that would do now, who decided."""
    with opened() as app:
        body = app.proposal_bodies.one(app.proposing.read(key, me()))
    _show(body, as_json=as_json)


def check(source: FromFile, as_json: JsonFlag = False) -> None:
    """Check changes without writing anything: what blocks, what is similar, what was rejected before."""
    from wikic.services.proposing_bodies import checked_body

    sent = _sent(source)
    with opened() as app:
        body = checked_body(app.proposing.check(sent["changes"], me(), space=sent["space"]))
    if as_json:
        print_json(body)
    else:
        table(("change", "severity", "finding"), [(each["part"] + 1, each["severity"], each["message"]) for each in body["findings"]], right=(0,))


def make(
    source: FromFile,
    draft: Annotated[bool, typer.Option("--draft", help="Keep it as a draft, to be handed in later.")] = False,
    supersedes: Annotated[str, typer.Option(help="The id of one's own open proposal that it stands for once it is handed in.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Propose what a file says, and hand it in."""
    sent = _sent(source)
    with opened() as app:
        made = app.proposing.make(
            sent["changes"], me(), justification=sent["justification"], sources=sent["sources"], space=sent["space"], submit=not draft,
            supersedes=supersedes,
        )  # fmt: skip
        body = app.proposal_bodies.one(made)
    _show(body, as_json=as_json)


def edit(key: Key, source: FromFile, as_json: JsonFlag = False) -> None:
    """Change one's own proposal to what a file says; the justification and the sources stay where the file names none."""
    sent = _sent(source)
    with opened() as app:
        edited = app.proposing.edit(
            key, me(), None, changes=sent["changes"], justification=sent["justification"] or None, sources=sent["sources"] or None
        )
        body = app.proposal_bodies.one(edited)
    _show(body, as_json=as_json)


def submit(key: Key, as_json: JsonFlag = False) -> None:
    """Hand a draft in."""
    with opened() as app:
        body = app.proposal_bodies.one(app.proposing.submit(key, me(), None))
    _show(body, as_json=as_json)


def withdraw(key: Key, as_json: JsonFlag = False) -> None:
    """Take a proposal of one's own back."""
    with opened() as app:
        body = app.proposal_bodies.one(app.proposing.withdraw(key, me(), None))
    _show(body, as_json=as_json)


def accept(
    key: Key,
    reason: Reason = "",
    source: Annotated[Path | None, typer.Option("--from", help="A JSON file with parts and amended: not all, or not as proposed.", show_default=False)] = None,
    as_json: JsonFlag = False,
) -> None:
    """Accept a proposal, whole or (by a file) in part or amended: one change of the framework."""
    ruled = cli_proposal_deciding.ruled(source) if source is not None else {}
    _decide(key, "accept", reason, as_json=as_json, ruled=ruled)


def reject(key: Key, reason: Annotated[str, typer.Option(help="Why; those who are told read it.", show_default=False)], as_json: JsonFlag = False) -> None:
    """Reject a proposal, with a reason."""
    _decide(key, "reject", reason, as_json=as_json)


def send_back(key: Key, reason: Annotated[str, typer.Option(help="What should change.", show_default=False)], as_json: JsonFlag = False) -> None:
    """Give a proposal back to its author, who may mend it."""
    _decide(key, "return", reason, as_json=as_json)


def comment(key: Key, text: Annotated[str, typer.Argument(help="What is said; @name tells a user.", show_default=False)], as_json: JsonFlag = False) -> None:
    """Say something about a proposal."""
    with opened() as app:
        row = app.talking.comment(key, text, me())
    if as_json:
        print_json({"proposal": key, "id": row["key"], "text": row["text"]})


def support(
    key: Key, stop: Annotated[bool, typer.Option("--stop", help="Support it no more.")] = False, as_json: JsonFlag = False
) -> None:
    """Support what somebody else proposes, while it is open."""
    with opened() as app:
        supports = app.talking.support(key, me(), wanted=not stop)
    if as_json:
        print_json({"proposal": key, "supports": supports})
    else:
        print(f"proposal {key}: supported by {supports}")


def lot(source: FromFile, as_json: JsonFlag = False) -> None:
    """Hand in a contribution of many parts, each decided on its own: a file with title, justification, sources and parts."""
    from wikic.errors import InvalidInput

    said = read_json(source)
    if not isinstance(said, dict) or not isinstance(said.get("parts"), list) or not all(map(_changes_listed, said["parts"])):
        raise InvalidInput(f"{source}: an object with `title`, `justification` and `parts` (lists of changes) is expected, as docs/proposals.md says")
    words = _words(said)
    with opened() as app:
        made = app.proposing.make_lot(str(said.get("title") or ""), [_changes(part) for part in said["parts"]], me(), **words)
        body = app.proposal_bodies.lot(made)
    _show_lot(body, as_json=as_json)


def show_lot(key: Annotated[str, typer.Argument(help="The id of a lot.", show_default=False)], as_json: JsonFlag = False) -> None:
    """Show a contribution with its parts."""
    with opened() as app:
        body = app.proposal_bodies.lot(app.proposing.lot(key, me()))
    _show_lot(body, as_json=as_json)


def suggestions(as_json: JsonFlag = False) -> None:
    """List the suggestions of readers without an account that wait for somebody to stand for them."""
    with opened() as app:
        _show_all(app, app.suggesting.held(me()), as_json=as_json)


def take_up(key: Key, as_json: JsonFlag = False) -> None:
    """Stand for a suggestion: it is one's own proposal from then on, and goes to the moderators."""
    with opened() as app:
        body = app.proposal_bodies.one(app.suggesting.take_up(key, me()))
    _show(body, as_json=as_json)


def _decide(key: str, verdict: str, reason: str, *, as_json: bool, ruled: dict[str, Any] | None = None) -> None:
    from wikic.services.deciding import Ruling

    with opened() as app:
        outcome = app.deciding.decide(key, Ruling(verdict, reason, **(ruled or {})), me(), None)
        body = app.proposal_bodies.one(outcome.proposal)
    _show(body | {"seq": outcome.seq}, as_json=as_json)
    if outcome.awaits_second:
        remark("another moderator has to accept it too")
    if outcome.conflicts:
        if not as_json:
            rows = [(one.slot, *map(_value, (one.proposed, one.current, one.base))) for one in outcome.conflicts]
            table(("field", "proposed", "now", "before"), rows)
        goes = "it went back to its author" if outcome.proposal.state == "changes_requested" else "it stays with the moderators"
        remark(f"error: nothing was written, because the framework says otherwise meanwhile: {goes}")
        raise typer.Exit(1)


def _value(value: Any) -> str:
    """One of the three values of a field, in a cell."""
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        return "; ".join(f"{one['value']} ({one['type']})" for one in value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)


def _pages(ask: Callable[..., ProposalPage], limit: int) -> list[Proposal]:
    """So many of a list, page by page."""
    page = ask(limit=min(_PAGE, limit))
    found = list(page.items)
    while page.next is not None and len(found) < limit:
        page = ask(cursor=page.next, limit=min(_PAGE, limit - len(found)))
        found += page.items
    return found


def _show_all(app: App, found: list[Proposal], *, as_json: bool) -> None:
    bodies = app.proposal_bodies.many(found)
    if as_json:
        print_json(bodies)
    else:
        _table(bodies)


def _table(bodies: list[dict[str, Any]]) -> None:
    rows = [(each["id"], each["state"], (each["submitted"] or each["created"])[:10], (each["author"] or {}).get("name") or "", _told(each)) for each in bodies]
    table(("id", "state", "since", "by", "changes"), rows)


def _show(body: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(body)
        return
    print(f"proposal {body['id']}: {body['state']}")
    if body.get("justification"):
        print(body["justification"])
    effects = {each["part"]: each["effect"] for each in body.get("parts") or ()}
    rows = [(number + 1, each["type"], _about(each), effects.get(number, "")) for number, each in enumerate(body["changes"])]
    table(("change", "type", "about", "now"), rows, right=(0,))


def _show_lot(body: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(body)
        return
    print(f"lot {body['id']}: {body['title']}")
    print(body["justification"])
    _table(body["parts"])


def _told(body: dict[str, Any]) -> str:
    return "; ".join(f"{each['type']} {_about(each)}" for each in body["changes"][:3])


def _about(change: dict[str, Any]) -> str:
    return str(change.get("concept") or change.get("source") or "")


def _sent(source: Path) -> dict[str, Any]:
    """What a file proposes. Raises InvalidInput."""
    from wikic.errors import InvalidInput

    found = read_json(source)
    said = {"changes": found} if isinstance(found, list) else found
    if not isinstance(said, dict) or not _changes_listed(said.get("changes")):
        raise InvalidInput(f"{source}: a list of changes is expected, or an object with `changes`, as docs/proposals.md says")
    return {"changes": _changes(said["changes"]), **_words(said)}


def _changes_listed(said: Any) -> bool:
    return isinstance(said, list) and all(isinstance(each, dict) for each in said)


def _changes(said: list[dict[str, Any]]) -> list[Change]:
    from wikic.domain.proposals_changes import from_json

    return [from_json(each) for each in said]


def _words(said: dict[str, Any]) -> dict[str, Any]:
    """What stands beside the changes in a file."""
    sources = said.get("sources") or []
    return {
        "justification": str(said.get("justification") or ""),
        "sources": [str(each) for each in sources] if isinstance(sources, list) else [str(sources)],
        "space": str(said.get("space") or "public"),
    }


def _check_scheme(scheme: str) -> None:
    from wikic.domain.vocabulary import SCHEMES
    from wikic.errors import InvalidInput

    if scheme and scheme not in SCHEMES:
        raise InvalidInput(f"--scheme is one of {', '.join(SCHEMES)}, not {scheme[:40]!r}")
