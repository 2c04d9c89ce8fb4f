"""The command that takes back: `revert`, a change or one concept to what it was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from wikic.cli_output import JsonFlag, actor, opened, print_json, table
from wikic.domain.access import operator

if TYPE_CHECKING:
    from wikic.services.reverting import Reverted


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(revert)


def revert(
    change: Annotated[
        int | None, typer.Argument(min=1, metavar="[CHANGE]", help="The number of the change to take back.", show_default=False)
    ] = None,
    concept: Annotated[
        str | None, typer.Option(help="Take one concept back: a uuid, a source IRI, or a code.", show_default=False)
    ] = None,
    to: Annotated[
        str | None, typer.Option(help="The release or number that the concept is taken back to.", show_default=False)
    ] = None,
    reason: Annotated[str, typer.Option(help="Why; it stands in the change log.", show_default=False)] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and write nothing.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Take a change back, or one concept to what it was at a moment. What moved since is told, and nothing is done then."""
    if (change is None) == (concept is None) or (concept is None) != (to is None):
        raise typer.BadParameter("say the number of a change, or --concept and --to")
    who = operator(actor())
    with opened() as app:
        if change is not None:
            done = app.reverting.revert_change(change, actor=who, reason=reason, preview=dry_run)
        else:
            uuid = app.reading.concept(concept or "").identity.uuid
            point = app.reading.moment_of(to or "").seq
            done = app.reverting.revert_concept(uuid, point, actor=who, reason=reason, preview=dry_run)
    if as_json:
        print_json(done)
    else:
        _print(done)


def _print(done: Reverted) -> None:
    if done.seq is not None:
        print(f"taken back as change {done.seq}")
    else:
        print("this would change; nothing was written")
    rows = [
        (one.uuid, " ".join(filter(None, (each.field, each.lang))), each.before, each.after)
        for one in done.concepts
        for each in one.changes
    ]
    for one in done.concepts:
        for old, new in one.relations:
            about = old or new
            if about is not None:
                now, then = ("" if each is None else each.importance or "open" for each in (old, new))
                rows.append((one.uuid, f"{about.type} {about.target}", now, then))
    table(("concept", "field", "now", "then"), rows)
    for moved in done.conflicts:
        field = " ".join(filter(None, (moved.field, moved.lang)))
        print(f"conflict: {moved.concept} {field}: was {moved.before!r}, became {moved.made!r}, is {moved.now!r}")
