"""Commands of what releases ask of badge classes: `refresh list`, `treat`, `rehearse`, `open`, `read`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from wikic.cli_output import JsonFlag, amount, me, opened, print_json, remark, table
from wikic.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wikic.bootstrap import App
    from wikic.services.refreshing_lines import RefreshLine

IssuerOption = Annotated[str, typer.Option(help="Short name of the issuer.")]
ReleaseOption = Annotated[str, typer.Option(help="The release.")]
SeverityOption = Annotated[str, typer.Option(help="breaking, notable or minor.")]
AdviceOption = Annotated[str, typer.Option(help="retire, choose, realign, update or nothing.")]
ChangeOption = Annotated[str, typer.Option(help="A type of change, such as renamed.")]
LangOption = Annotated[str, typer.Option(help="The language of names.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    group = typer.Typer(help="What releases ask of badge classes, and what is done about it.", no_args_is_help=True, rich_markup_mode=None)
    group.command("list")(list_lines)
    group.command("treat")(treat)
    group.command("rehearse")(rehearse)
    group.command("open")(open_reports)
    group.command("read")(read_again)
    app.add_typer(group, name="refresh")


def list_lines(
    issuer: IssuerOption = "",
    release: ReleaseOption = "",
    state: Annotated[str, typer.Option(help="open, kept, updated or retired; all if left out.")] = "",
    severity: SeverityOption = "",
    advice: AdviceOption = "",
    change: ChangeOption = "",
    lang: LangOption = "fr",
    as_json: JsonFlag = False,
) -> None:
    """List what releases ask, the gravest first."""
    from wikic.services.refreshing_lines import WantedLines

    with opened() as app:
        found = list(app.refresh.lines.all(me(), WantedLines(state, severity, advice, change), issuer=issuer, release=release))
        _show(app, found, lang, as_json=as_json)


def treat(
    treatment: Annotated[str, typer.Argument(help="keep, update, realign or retire.", show_default=False)],
    lines: Annotated[list[str] | None, typer.Argument(help="Ids of lines; without any, all open ones of an issuer and a release.")] = None,
    issuer: IssuerOption = "",
    release: ReleaseOption = "",
    severity: SeverityOption = "",
    advice: AdviceOption = "",
    change: ChangeOption = "",
    to: Annotated[list[str] | None, typer.Option(help="A competency to re-align to; may be repeated.")] = None,
    note: Annotated[str, typer.Option(help="A note that stays with the lines.")] = "",
    partly: Annotated[bool, typer.Option("--partly", help="Treat those that can be, leave the others.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Treat lines: named ones (all or none), or all open ones of a kind."""
    from wikic.services.refreshing_lines import WantedLines

    if not lines and not (issuer and release):
        raise InvalidInput("name lines, or --issuer and --release")
    with opened() as app:
        treating = app.refresh.treating
        if lines:
            done = treating.treat(lines, treatment, me(), to=to or (), note=note, partly=partly)
        else:
            done = treating.treat_all(issuer, release, treatment, me(), WantedLines("open", severity, advice, change), note=note)
    if as_json:
        print_json({"treated": done.lines, "left": [{"line": line.id, "reason": error.message} for line, error in done.left]})
    else:
        table(("line", "why it was left"), [(line.id, error.message) for line, error in done.left])
        remark(f"{amount(len(done.lines), 'line')} treated, {len(done.left)} left")


def rehearse(
    release: Annotated[str, typer.Argument(help="A candidate; the present state if left out.")] = "",
    issuer: IssuerOption = "",
    lang: LangOption = "fr",
    as_json: JsonFlag = False,
) -> None:
    """Say what a candidate would ask, before it is a release. Nothing is kept. Exit status 1 where something breaks."""
    from wikic.services.refreshing import figures_of, line_row
    from wikic.services.refreshing_lines import line_of

    with opened() as app:
        if issuer:
            app.refresh.lines.require_own(issuer, me())
        report = app.refresh.refreshing.rehearsal(release, me())
        lines = report.of([issuer]) if issuer else report.lines
        figures = figures_of(lines)
        _show(app, [line_of({**line_row(release, line, ""), "version": 1}) for line in lines], lang, as_json=as_json)
    badges = amount(figures.badge_classes, "badge class", "badge classes")
    remark(f"{badges} of {amount(figures.issuers, 'issuer')}, compared with {report.before or 'nothing'}")
    if figures.severities.get("breaking"):
        raise typer.Exit(1)


def open_reports(as_json: JsonFlag = False) -> None:
    """Open the reports of published releases for the issuers that were not told yet; a server does so by itself."""
    with opened() as app:
        made = app.refresh.refreshing.catch_up()
    if as_json:
        print_json(made)
    else:
        table(("release", "issuer", "lines", "to treat"), [(each.release, each.issuer, each.lines, each.asking) for each in made], right=(2, 3))
        remark(f"{amount(len(made), 'issuer')} {'was' if len(made) == 1 else 'were'} told")


def read_again(
    lines: Annotated[list[str], typer.Argument(help="Ids of lines of badge classes that are hosted elsewhere.", show_default=False)],
    as_json: JsonFlag = False,
) -> None:
    """Read the addresses of badge classes that are hosted elsewhere, and close the lines whose new alignment is there."""
    with opened() as app:
        found = app.refresh.elsewhere.read_again(lines, me())
    if as_json:
        print_json(found)
    else:
        rows = [(each.address, len(each.shown), len(each.waiting), each.refused) for each in found]
        table(("address", "closed", "waiting", "why not"), rows, right=(1, 2))


def _show(app: App, lines: Sequence[RefreshLine], lang: str, *, as_json: bool) -> None:
    told = app.refresh.lines.told(lines, lang)
    names = app.refresh.lines.names((line.concept for line in lines), lang)
    entries = app.refresh.refreshing.entries()

    def badge(line: Any) -> str:
        return entries[line.badge_class].name if line.badge_class in entries else line.badge_class

    if as_json:
        print_json([{"line": line, "badge_name": badge(line), "reason": told[line.id]} for line in lines])
        return
    rows = [
        (line.id, line.release, line.issuer, badge(line), names.get(line.concept, line.concept), line.severity, line.advice, line.state, told[line.id])
        for line in lines
    ]
    table(("line", "release", "issuer", "badge class", "competency", "severity", "what to do", "state", "why"), rows)
