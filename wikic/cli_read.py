"""Commands that read: `show`, `diff`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from wikic.cli_output import JsonFlag, opened, print_json, table
from wikic.errors import InvalidInput

if TYPE_CHECKING:
    from wikic.bootstrap import App
    from wikic.services.reading_views import Body

HEAD = "head"

_PAGE = 500


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    app.command()(show)
    app.command()(diff)


def show(
    ref: Annotated[str, typer.Argument(help="A uuid, a source IRI, or a code such as rome:M1805.", show_default=False)],
    release: Annotated[str | None, typer.Option(help="As it was in this release.", show_default=False)] = None,
    at: Annotated[int | None, typer.Option(min=0, help="As it was at this number.", show_default=False)] = None,
    lang: Annotated[
        str | None, typer.Option("--lang", help="Labels and texts of this language only.", show_default="all")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Show one concept with its labels, texts and relations."""
    asked = moment(release, at)
    with opened() as app:
        body = app.reading.body(app.reading.find(ref, asked))
    if as_json:
        print_json(body)
        return
    from wikic.cli_concept import concept_lines
    from wikic.config import settings

    print("\n".join(concept_lines(body, f"{settings().public_url}/c/{body['uuid']}", lang)))


def diff(
    start: Annotated[str, typer.Argument(metavar="FROM", help="A release, a number, or head.", show_default=False)],
    end: Annotated[str, typer.Argument(metavar="TO", help="A release, a number, or head.")] = HEAD,
    kind: Annotated[str | None, typer.Option(help="Concepts of this kind only.", show_default="all")] = None,
    change: Annotated[str | None, typer.Option(help="Changes of this type only.", show_default="all")] = None,
    lang: Annotated[str | None, typer.Option(help="Name concepts in this language.", show_default="fr, en")] = None,
    summary: Annotated[bool, typer.Option("--summary", help="Print the numbers only.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Say what differs between two moments: the numbers, then concept by concept."""
    with opened() as app:
        first, last = (str(app.reading.moment().seq) if each == HEAD else each for each in (start, end))
        counts, pages = _pages(app, (first, last), kind, change)
        if as_json:
            items = [] if summary else [item for page in pages for item in page]
            print_json({"from": first, "to": last, "counts": counts, "items": items})
            return
        from wikic.cli_concept import difference_lines

        table(("change", "number"), list(counts.items()), right=(1,))
        for page in () if summary else pages:
            for item in page:
                print("\n".join(difference_lines(item, lang)))


def _pages(
    app: App, moments: tuple[str, str], kind: str | None, change: str | None
) -> tuple[dict[str, int], Iterator[list[Body]]]:
    """The numbers of a difference, and its concepts page by page."""
    _, first = app.reading.diff(*moments, kind=kind, type_=change, limit=_PAGE)

    def all_pages() -> Iterator[list[Body]]:
        page = first
        yield page.items
        while page.next is not None:
            _, page = app.reading.diff(*moments, kind=kind, type_=change, cursor=page.next, limit=_PAGE)
            yield page.items

    return dict((first.extra or {}).get("counts", {})), all_pages()


def moment(release: str | None, at: int | None) -> str:
    """The moment that a person asked for: a release's name, a number, or "" for the head."""
    if release is not None and at is not None:
        raise InvalidInput("--release and --at name one moment: give one of them")
    return release if release is not None else "" if at is None else str(at)
