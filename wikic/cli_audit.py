"""The command of who answers for what was done: `audit`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, Any

import typer

from wikic.cli_output import JsonFlag, actor, opened, print_json, table
from wikic.errors import InvalidInput, OutsideError

_SHOWN = ("number", "time", "kind", "name", "via", "credential", "subject", "seq")


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    app.command()(audit)
    app.command("mail-digest")(mail_digest)


def audit(
    person: Annotated[str, typer.Option(help="Who did it, or whom it was done to: a user's id or name.")] = "",
    kind: Annotated[str, typer.Option(help="Kind of event, or the first word of many: proposal, signed_in ...")] = "",
    subject: Annotated[str, typer.Option(help="What it is about: proposal/ID, user/ID, or the first word.")] = "",
    credential: Annotated[str, typer.Option(help="The session or token it was done by.")] = "",
    organisation: Annotated[str, typer.Option(help="What happened in an organisation.")] = "",
    since: Annotated[str, typer.Option(help="From this day or ISO time on.")] = "",
    until: Annotated[str, typer.Option(help="Before this day or ISO time.")] = "",
    form: Annotated[str, typer.Option("--format", help="table (the latest), jsonl or csv (all, oldest first).")] = "table",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many of the latest entries, at most.")] = 50,
    as_json: JsonFlag = False,
) -> None:
    """Who did what, when, by which session or token. Nothing can change it."""
    from wikic.domain.access import operator
    from wikic.services.auditing import AuditFilter, csv_lines, json_lines

    lines: dict[str, Callable[[Iterable[dict[str, Any]]], Iterator[bytes]]] = {"jsonl": json_lines, "csv": csv_lines}
    if form != "table" and form not in lines:
        raise InvalidInput(f"--format {form!r}: table, jsonl or csv")
    wanted = AuditFilter(person, kind, subject, credential, organisation, since, until)
    with opened() as app:
        who = operator(actor())
        if form in lines:
            for line in lines[form](app.live.auditing.entries(who, wanted)):
                sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
            return
        found: list[dict[str, Any]] = []
        before = 0
        while len(found) < limit:
            items, before = app.live.auditing.page(who, wanted, before=before, limit=limit - len(found))
            found += items
            if not before:
                break
    if as_json:
        print_json(found)
        return
    table(_SHOWN, [[entry[name] if entry[name] is not None else "" for name in _SHOWN] for entry in found], right=(0, 7))


def mail_digest(as_json: JsonFlag = False) -> None:
    """Send today's mail to those who asked for it. For cron, once a day; a second time on one day sends nothing again."""
    with opened() as app:
        done = app.live.notifying.run()
    if as_json:
        print_json(done)
    else:
        print(f"{done.sent} mails sent, {done.nothing} people with nothing new, {done.already} told already, {done.failed} failed")
    if done.failed:
        raise OutsideError(f"{done.failed} mails could not be sent: the log says why; run it again")
