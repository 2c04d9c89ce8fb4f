"""Commands of search: `search`, `reindex`."""

from __future__ import annotations

from typing import Annotated

import typer

from wikic.cli_output import Bars, JsonFlag, amount, opened, print_json, remark, table


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    app.command()(search)
    app.command()(reindex)


def search(
    text: Annotated[str, typer.Argument(help="Words, a code, or a source address.", show_default=False)],
    lang: Annotated[str | None, typer.Option(help="Labels of this language only.", show_default="all")] = None,
    kind: Annotated[str | None, typer.Option(help="Concepts of this kind only.", show_default="all")] = None,
    scheme: Annotated[str | None, typer.Option(help="Concepts of this scheme only.", show_default="all")] = None,
    status: Annotated[str | None, typer.Option(help="Concepts of this status only.", show_default="all")] = None,
    release: Annotated[str | None, typer.Option(help="As of this release.", show_default=False)] = None,
    at: Annotated[int | None, typer.Option(min=0, help="As of this number.", show_default=False)] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many results, at most.")] = 10,
    as_json: JsonFlag = False,
) -> None:
    """Search the framework; the index is brought up to date first."""
    from wikic.domain.vocabulary import KINDS, SCHEMES, STATUSES

    _check("--kind", kind, KINDS)
    _check("--scheme", scheme, SCHEMES)
    _check("--status", status, STATUSES)
    with opened() as app:
        found = app.searching.search(
            text, release=release, at=at, lang=lang, kind=kind, scheme=scheme, status=status, limit=limit
        )
    if as_json:
        print_json(found)
        return
    rows = [
        (
            f"{item['score']:.2f}",
            item["kind"],
            f"{item['scheme']}:{item['code']}" if item["code"] else item["scheme"],
            _shown(item["label"], item["preferred_label"]),
            item["uuid"],
        )
        for item in found["items"]
    ]
    table(("score", "kind", "code", "label", "uuid"), rows, right=(0,))
    remark(f"{len(rows)} of {amount(found['total'], 'result')}, as of {found['seq']}")


def reindex(as_json: JsonFlag = False) -> None:
    """Build the search index anew. Servers answer from the old one until it is done."""
    with opened() as app, Bars() as bars:
        reached = app.searching.catch_up(rebuild=True, progress=bars.stage)
    if as_json:
        print_json(reached)
    else:
        print(f"{amount(reached.states, 'state')} indexed in {reached.seconds:.1f} s, as of {reached.seq}")


def _check(option: str, value: str | None, known: tuple[str, ...]) -> None:
    from wikic.errors import InvalidInput

    if value is not None and value not in known:
        raise InvalidInput(f"{option} {value!r} is none of: {', '.join(known)}")


def _shown(label: dict[str, str] | None, preferred: dict[str, str]) -> str:
    """The label that matched, and the preferred one of its language where it is another."""
    if label is None:
        return next(iter(preferred.values()), "")
    name = preferred.get(label["lang"], "")
    return label["value"] if name in ("", label["value"]) else f"{label['value']} ({name})"
