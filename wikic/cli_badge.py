"""Commands of badges: `badge ...`."""

from __future__ import annotations

import typer

from wikic.cli_badge_lint import lint


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    group = typer.Typer(help="Badges and their alignments.", no_args_is_help=True, rich_markup_mode=None)
    group.command("lint")(lint)
    app.add_typer(group, name="badge")
