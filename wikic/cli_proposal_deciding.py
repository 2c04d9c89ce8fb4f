"""Commands around decisions: `proposal bulk`, `assign`, `ask`, `rules`, `reasons` and their kind."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wikic.cli_output import JsonFlag, me, opened, print_json, read_json, table

if TYPE_CHECKING:
    from wikic.services.queueing_reasons import Reason

Key = Annotated[str, typer.Argument(help="The id of a proposal.", show_default=False)]
Verdict = Annotated[str, typer.Argument(help="accept, reject or return.", show_default=False)]
User = Annotated[str, typer.Argument(help="A user: name, id or e-mail address.", show_default=False)]

_PAGE = 100


def register(group: typer.Typer) -> None:
    """Add these commands to the group of proposals."""
    group.command("bulk")(bulk)
    group.command("undo")(undo)
    group.command("assign")(assign)
    group.command("ask")(ask)
    group.command("comments")(comments)
    group.command("rules")(rules)
    group.command("reasons")(reasons)
    group.command("put-reason")(put_reason)
    group.command("filters")(filters)
    group.command("save-filter")(save_filter)
    group.command("forget-filter")(forget_filter)


def ruled(source: Path) -> dict[str, Any]:
    """What a file says of single changes: their verdicts (`parts`) and what is accepted in their place (`amended`), by number from 0. Raises InvalidInput."""
    from wikic.domain.proposals_changes import from_json
    from wikic.errors import InvalidInput

    found = read_json(source)
    named = {name: found.get(name) or {} for name in ("parts", "amended")} if isinstance(found, dict) else {}
    if not named or found.keys() - named.keys() or not all(isinstance(each, dict) and all(map(str.isdecimal, each)) for each in named.values()):
        raise InvalidInput(f'{source}: an object with `parts` and `amended` by number is expected, such as {{"parts": {{"1": "reject"}}}}')
    return {
        "parts": {int(part): str(verdict) for part, verdict in named["parts"].items()},
        "amended": {int(part): from_json(change) for part, change in named["amended"].items()},
    }


def bulk(
    verdict: Verdict,
    keys: Annotated[list[str], typer.Argument(help="The ids of proposals.", show_default=False)],
    reason: Annotated[str, typer.Option(help="Why; to reject and to ask for changes it is needed.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would become of each.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Decide on several proposals as one change; what cannot be decided with the others is left as it is."""
    from wikic.services.deciding import Ruling

    with opened() as app:
        run = app.bulk.preview if dry_run else app.bulk.decide_many
        done = run(keys, Ruling(verdict, reason), me())
    if as_json:
        print_json({name: value for name, value in asdict(done).items() if name != "why"})
        return
    table(("proposal", "becomes", "why"), [(item.proposal, item.effect, item.reason) for item in done.items])
    if not dry_run:
        print(f"bulk decision {getattr(done, 'id', '')}")


def undo(key: Annotated[str, typer.Argument(help="The id of a bulk decision.", show_default=False)], as_json: JsonFlag = False) -> None:
    """Take one's own bulk decision back whole, within ten minutes."""
    from wikic.services.proposing_bodies import bulk_body

    with opened() as app:
        body = bulk_body(app.bulk.undo(key, me()))
    if as_json:
        print_json(body)
    else:
        print(f"undone; proposals that wait again: {len(body['proposals'])}")


def assign(
    key: Key,
    user: Annotated[str, typer.Argument(help="A user: name, id or e-mail address; nobody where it is left out.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Give an open proposal to somebody who may decide on it; they are told."""
    with opened() as app:
        given = app.talking.assign(key, app.accounts.person(user).id if user else "", me(), None)
    if as_json:
        print_json({"proposal": key, "assignee": given.assignee or None, "name": given.assignee_name or None})
    else:
        print(f"proposal {key}: given to {given.assignee_name or 'nobody'}")


def ask(
    key: Key, user: User, question: Annotated[str, typer.Argument(help="What is asked.", show_default=False)], as_json: JsonFlag = False
) -> None:
    """Ask somebody what they think; the question stands among the comments."""
    from wikic.services.proposing_bodies import comment_body

    with opened() as app:
        body = comment_body(app.talking.ask(key, app.accounts.person(user).id, question, me()))
    if as_json:
        print_json(body)


def comments(key: Key, as_json: JsonFlag = False) -> None:
    """List what was said about a proposal, oldest first."""
    from wikic.services.proposing_bodies import comment_body

    found: list[dict[str, Any]] = []
    with opened() as app:
        while page := app.talking.comments(key, me(), after=found[-1]["id"] if found else "", limit=_PAGE):
            found += [dict(comment_body(row)) for row in page]
    if as_json:
        print_json(found)
    else:
        table(("when", "who", "what"), [(each["time"], (each["author"] or {}).get("name") or "", each["text"]) for each in found])


def rules(
    two_moderators: Annotated[bool | None, typer.Option("--two-moderators/--one-moderator", help="From now on.", show_default=False)] = None,
    as_json: JsonFlag = False,
) -> None:
    """Say whether merges, splits and deprecations take two moderators, and how long proposals wait; or set it."""
    with opened() as app:
        if two_moderators is not None:
            app.deciding.ask_for_two(two_moderators, me())
        body = {"two_moderators": app.deciding.two_moderators(), "usual_delay": app.proposing.usual_delay()}
    if as_json:
        print_json(body)
        return
    print(f"merges, splits and deprecations take {'two moderators' if body['two_moderators'] else 'one moderator'}")
    if body["usual_delay"] is not None:
        print(f"usual delay: {body['usual_delay']} s")


def reasons(
    verdict: Annotated[str, typer.Option(help="Of this verdict only: accept, reject or return.")] = "", as_json: JsonFlag = False
) -> None:
    """List the ready-made reasons."""
    with opened() as app:
        found = app.queueing.reasons(verdict or None)
    _show_reasons(found, as_json=as_json)


def put_reason(
    key: Annotated[str, typer.Argument(help="Its key: letters, digits and dashes.", show_default=False)],
    verdict: Verdict,
    fr: Annotated[str, typer.Option(help="Its text in French.")] = "",
    en: Annotated[str, typer.Option(help="Its text in English.")] = "",
    hide: Annotated[bool, typer.Option("--hide", help="Take it off the list.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Write a ready-made reason, new or in the place of another; what is only hidden keeps its text."""
    with opened() as app:
        kept = next((one.text for one in app.queueing.reasons() if one.key == key), {}) if hide and not (fr or en) else {}
        made = app.queueing.put_reason(key, verdict, kept or {"fr": fr, "en": en}, me(), hidden=hide)
    _show_reasons([made], as_json=as_json)


def filters(as_json: JsonFlag = False) -> None:
    """List the saved filters of the queue."""
    with opened() as app:
        found = app.queueing.saved(me())
    _show_filters(found, as_json=as_json)


def save_filter(
    name: Annotated[str, typer.Argument(help="Its name.", show_default=False)],
    query: Annotated[list[str], typer.Argument(help="What it keeps, such as lane=main scheme=esco author=ada.", show_default=False)],
    as_json: JsonFlag = False,
) -> None:
    """Save a filter of the queue."""
    pairs = {key: value for key, _, value in (each.partition("=") for each in query)}
    with opened() as app:
        made = app.queueing.save(name, pairs, me())
    _show_filters([made], as_json=as_json)


def forget_filter(key: Annotated[str, typer.Argument(help="The id of a saved filter.", show_default=False)], as_json: JsonFlag = False) -> None:
    """Remove a saved filter; the others are listed."""
    with opened() as app:
        app.queueing.forget(key, me())
        left = app.queueing.saved(me())
    _show_filters(left, as_json=as_json)


def _show_reasons(found: list[Reason], *, as_json: bool) -> None:
    if as_json:
        print_json([{"key": one.key, "verdict": one.verdict, "text": one.text, "hidden": one.hidden} for one in found])
    else:
        table(("key", "verdict", "French", "English"), [(one.key, one.verdict, one.text.get("fr", ""), one.text.get("en", "")) for one in found])


def _show_filters(found: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json([{"id": row["key"], "name": row["name"], "query": row["query"]} for row in found])
    else:
        table(("id", "name", "query"), [(row["key"], row["name"], " ".join(f"{key}={value}" for key, value in row["query"].items())) for row in found])
