"""Commands of the yearly version: `release freeze`, `release list`."""

from __future__ import annotations

from typing import Annotated

import typer

from wikic.cli_output import JsonFlag, actor, opened, print_json, table


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    group = typer.Typer(help="Name the framework as it is at one moment.", no_args_is_help=True, rich_markup_mode=None)
    group.command("freeze")(freeze)
    group.command("list")(list_releases)
    app.add_typer(group, name="release")


def freeze(
    name: Annotated[str, typer.Argument(help="The name, such as 2026 or 2027-rc1.", show_default=False)],
    at: Annotated[int | None, typer.Option("--at", min=1, help="The number to name.", show_default="the head")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Give the present state, or an earlier number, a name. Nothing is copied."""
    with opened() as app:
        release = app.releasing.freeze(name, at=at, actor=actor())
    if as_json:
        print_json(release)
    else:
        print(f"release {release.name} is number {release.seq}")


def list_releases(as_json: JsonFlag = False) -> None:
    """List the releases, oldest number first."""
    with opened() as app:
        releases = app.releasing.list()
    if as_json:
        print_json(releases)
    else:
        rows = [(each.name, each.seq, each.state, each.frozen_at, each.frozen_by) for each in releases]
        table(("release", "number", "state", "frozen at", "by"), rows, right=(1,))
