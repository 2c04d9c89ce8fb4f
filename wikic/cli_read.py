"""Commands that read: `show`, `diff`."""

from __future__ import annotations

from typing import Annotated

import typer

from wikic.cli_output import JsonFlag, opened, print_json
from wikic.errors import InvalidInput


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    app.command()(show)


def show(
    ref: Annotated[str, typer.Argument(help="A uuid, a source IRI, or a code such as rome:M1805.", show_default=False)],
    release: Annotated[str | None, typer.Option("--release", help="As it was in this release.", show_default=False)] = None,
    at: Annotated[int | None, typer.Option("--at", min=0, help="As it was at this number.", show_default=False)] = None,
    lang: Annotated[
        str | None, typer.Option("--lang", help="Labels and texts of this language only.", show_default="all")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Show one concept with its labels, texts and relations."""
    asked = moment(release, at)
    with opened() as app:
        concept = app.reading.concept(ref, asked)
    if as_json:
        print_json(concept)
        return
    from wikic.cli_concept import concept_lines
    from wikic.config import settings

    print("\n".join(concept_lines(concept, f"{settings().public_url}/c/{concept.identity.uuid}", lang)))


def moment(release: str | None, at: int | None) -> str:
    """The moment that a person asked for: a release's name, a number, or "" for the head."""
    if release is not None and at is not None:
        raise InvalidInput("--release and --at name one moment: give one of them")
    return release if release is not None else "" if at is None else str(at)
