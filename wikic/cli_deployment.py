"""Commands of the state of deployment, of coverage and of totals of awards."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wikic.cli_output import JsonFlag, me, opened, print_json, read_words, remark, table

if TYPE_CHECKING:
    from wikic.bootstrap import App

QuarterOption = Annotated[str, typer.Option(help="As of its end, such as 2026-Q3; now if left out.")]
SchemeOption = Annotated[str, typer.Option(help="Such as esco.")]
CsvFlag = Annotated[bool, typer.Option("--csv", help="Print a table for spreadsheets.")]
_MOST = 1_000_000


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    state = typer.Typer(help="The state of deployment of badges, and its frozen reports.", no_args_is_help=True, rich_markup_mode=None)
    state.command("show")(show)
    state.command("freeze")(freeze)
    state.command("reports")(reports)
    app.add_typer(state, name="deployment")
    app.command("coverage")(coverage)
    awards = typer.Typer(help="How often badges were given, as totals.", no_args_is_help=True, rich_markup_mode=None)
    awards.command("report")(report)
    awards.command("show")(show_awards)
    app.add_typer(awards, name="awards")


def show(
    quarter: QuarterOption = "",
    territory: Annotated[str, typer.Option(help="INSEE or NUTS code of issuers' territories.")] = "",
    sector: Annotated[str, typer.Option(help="NAF code of issuers' sectors.")] = "",
    scheme: SchemeOption = "",
    as_csv: CsvFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Show the state of deployment."""
    from wikic.services.deployment import Narrowed, csv_of, state_body

    with opened() as app:
        body = state_body(app.badges.deployment.state(Narrowed(quarter, territory, sector, scheme)))
    if as_json:
        print_json(body)
    elif as_csv:
        print(csv_of(body), end="")
    else:
        remark(f"{body['quarter']}{', so far' if body['now'] else ''}")
        table(("figure", "number"), [(name, value) for name, value in body["figures"].items() if isinstance(value, int)], right=(1,))


def freeze(
    quarter: Annotated[str, typer.Argument(help="A quarter that has ended, such as 2026-Q3.", show_default=False)],
    fr: Annotated[Path | None, typer.Option(help="A text file: the commentary in French.", show_default=False)] = None,
    en: Annotated[Path | None, typer.Option(help="A text file: the commentary in English.", show_default=False)] = None,
    as_json: JsonFlag = False,
) -> None:
    """Freeze the report on a quarter, with a commentary, for good."""
    said = {lang: read_words(path) for lang, path in (("fr", fr), ("en", en)) if path is not None}
    with opened() as app:
        made = app.badges.deployment.freeze(quarter, said, me())
        url = app.accounts.rules.public_url
    if as_json:
        print_json(made)
    else:
        print(f"{url}/deployment/{made.quarter} is frozen: {made.digest}")


def reports(as_json: JsonFlag = False) -> None:
    """List the frozen reports."""
    with opened() as app:
        found = app.badges.deployment.reports()
    if as_json:
        print_json([{"quarter": each.quarter, "frozen": each.frozen, "by": each.by, "digest": each.digest} for each in found])
    else:
        table(("quarter", "frozen", "by", "digest"), [(each.quarter, each.frozen, each.by, each.digest) for each in found])


def coverage(
    scheme: SchemeOption = "",
    branch: Annotated[str, typer.Option(help="A branch of the scheme: any reference.")] = "",
    missing: Annotated[bool, typer.Option("--missing", help="List the competencies that no badge attests.")] = False,
    occupations: Annotated[bool, typer.Option("--occupations", help="List the occupations that are covered best.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Show which competencies badges attest: of each scheme, of the branches of one, or what is missing."""
    from wikic.errors import InvalidInput

    if (missing or branch) and not scheme:
        raise InvalidInput("say of which scheme: --scheme")
    with opened() as app:
        found = app.badges.coverage
        uuid = app.badges.bindings.targets.uuid_of(branch) if branch else ""
        if occupations:
            ranked = found.occupations(scheme)
            names = _names(app, [each.uuid for each in ranked])
            rows: list[Any] = [(each.uuid, names.get(each.uuid, ""), each.essential, each.covered, each.share) for each in ranked]
            head: tuple[str, ...] = ("uuid", "name", "essential", "covered", "share")
        elif missing:
            uuids = found.missing(scheme, branch=uuid, limit=_MOST).uuids
            names = _names(app, uuids)
            rows, head = [(each, names.get(each, "")) for each in uuids], ("uuid", "name")
        else:
            parts = found.branches(scheme, uuid) if scheme else found.schemes()
            names = _names(app, [each.key for each in parts if each.key]) if scheme else {}
            rows = [(each.key, names.get(each.key, ""), each.total, each.covered, each.missing) for each in parts]
            head = ("key", "name", "total", "covered", "missing")
    if as_json:
        print_json([dict(zip(head, row, strict=True)) for row in rows])
    else:
        table(head, rows, right=(2, 3, 4))


def report(
    badge: Annotated[str, typer.Argument(help="The id of a badge class.")] = "",
    month: Annotated[str, typer.Argument(help="Such as 2026-10.")] = "",
    count: Annotated[int | None, typer.Argument(help="How often it was given.", show_default=False)] = None,
    from_csv: Annotated[
        Path | None, typer.Option("--csv", help="A table with the columns badge_class, month and count, instead.", show_default=False)
    ] = None,
    issuer: Annotated[str, typer.Option(help="Whose codes may stand for ids of badge classes.")] = "",
    apply: Annotated[bool, typer.Option("--apply", help="Of a table: report; without it, only say what would be done.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Report how often a badge class was given in a month, or many from a table."""
    from wikic.errors import InvalidInput
    from wikic.services.awards import AwardLine, award_lines
    from wikic.services.binding_csv import decoded

    if from_csv is None and (not badge or not month or count is None):
        raise InvalidInput("say which badge class, which month and how often; or --csv FILE")
    if from_csv is not None and badge:
        raise InvalidInput("the table names the badge classes: give either --csv FILE, or a badge class with its month and number")
    with opened() as app:
        if from_csv is not None:
            codes = app.badges.catalogue.codes(issuer, me()) if issuer else ()
            lines, dry = award_lines(decoded(from_csv.read_bytes()), codes), not apply
        else:
            lines, dry = [AwardLine(badge, month, count or 0)], False
        outcomes = app.badges.awards.report_many(lines, me(), dry_run=dry)
    if as_json:
        print_json([{"line": each.line, "result": each.result, "wish": each.wish, "why": str(each.error or "")} for each in outcomes])
    else:
        rows = [(each.line, each.result, each.wish.badge_class, each.wish.month, each.wish.count, each.error or "") for each in outcomes]
        table(("line", "result", "badge class", "month", "number", "why"), rows, right=(0, 4))
    if any(each.error for each in outcomes):
        remark("nothing was reported")
        raise typer.Exit(1)


def show_awards(badge: Annotated[str, typer.Argument(help="The id of a badge class.", show_default=False)], as_json: JsonFlag = False) -> None:
    """Show how often a badge class was given, month by month."""
    with opened() as app:
        found = app.badges.awards.of_badge(badge, me())
    if as_json:
        print_json(found)
    else:
        rows = [(each.month, each.count, each.reports[-1].by, each.at, len(each.reports) - 1) for each in found]
        table(("month", "number", "by", "at", "corrections"), rows, right=(1, 4))


def _names(app: App, uuids: Sequence[str]) -> dict[str, str]:
    from wikic.services.reading_views import best

    moment = app.reading.moment()
    found: dict[str, Any] = {}
    for start in range(0, len(uuids), 500):
        found |= app.reading.briefs(uuids[start : start + 500], moment)
    return {uuid: best(body["preferred_label"], "fr") for uuid, body in found.items()}
