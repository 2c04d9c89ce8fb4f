"""The command `badge check`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wikic.cli_output import JsonFlag, me, opened, print_json, remark, table


def check(
    path: Annotated[Path, typer.Argument(help="An award: an assertion or a credential as JSON, a token, a PNG or SVG.", show_default=False)],
    lang: Annotated[str, typer.Option(help="The language of names.")] = "fr",
    as_json: JsonFlag = False,
) -> None:
    """Hold an award against the framework of today. Nothing is kept or fetched. Exit status 1 where something in it has ended."""
    from wikic.domain.open_badges_files import LARGEST_FILE, open_file
    from wikic.services.reading_views import best

    with path.open("rb") as file:
        found = open_file(file.read(LARGEST_FILE + 1))
    with opened() as app:
        award = app.refresh.awards.check(found, me(), app.accounts.rules.public_url, lang=lang)
    if as_json:
        print_json(award)
    else:
        badge = award.badge
        print(f"{award.badge_name or award.kind}: {award.outcome}" + (f" ({badge.name}, {badge.status})" if badge else " (its badge is not known here)"))
        rows = [
            (each.state, each.name, best(each.concept.preferred, lang) if each.concept else "", each.since,
             ", ".join(best(one.preferred, lang) for one in each.successors))
            for each in award.alignments
        ]  # fmt: skip
        table(("state", "as it says", "competency", "since", "now"), rows)
        if award.expired:
            remark(f"it expired: {award.expires}")
    if award.outcome == "ended":
        raise typer.Exit(1)
