"""Commands of badges that are hosted elsewhere: `badge add`, `badge catalogue`, `badge refetch`, and `badge discard`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wikic.cli_output import JsonFlag, me, opened, print_json, remark, table

if TYPE_CHECKING:
    from wikic.services.elsewhere_gathering import Wanted
    from wikic.services.elsewhere_offers import Offers

IssuerOption = Annotated[str, typer.Option(help="Short name of the issuer whose they are here.", show_default=False)]
ApplyFlag = Annotated[bool, typer.Option("--apply", help="Take them; without it, only say what would come.")]
PublishFlag = Annotated[bool, typer.Option("--publish", help="Publish them at once.")]
DrawFlag = Annotated[bool, typer.Option("--draw", help="Without their images: they are drawn here.")]
LangOption = Annotated[str, typer.Option(help="The language of those that do not say theirs.")]


def register(group: typer.Typer) -> None:
    """Add the commands to the group `badge`."""
    group.command("add")(add)
    group.command("catalogue")(catalogue)
    group.command("refetch")(refetch)
    group.command("discard")(discard)


def add(
    address: Annotated[str, typer.Argument(help="Where the badge class is published.", show_default=False)],
    issuer: IssuerOption,
    concepts: Annotated[list[str] | None, typer.Option("--bind", help="A competency to bind, in place of what its alignments lead to; several times.")] = None,
    apply: ApplyFlag = False,
    publish: PublishFlag = False,
    draw: DrawFlag = False,
    lang: LangOption = "fr",
    as_json: JsonFlag = False,
) -> None:
    """Add a badge class that is hosted elsewhere, by its address."""
    from wikic.services.elsewhere_gathering import of_addresses

    _bring(of_addresses([address]), issuer, {address: concepts} if concepts else {}, apply, publish, draw=draw, lang=lang, partly=False, as_json=as_json)


def catalogue(
    what: Annotated[str, typer.Argument(metavar="FILE|ADDRESS", help="Addresses, a CSV or JSON; - for stdin; or where it is.", show_default=False)],
    issuer: IssuerOption,
    apply: ApplyFlag = False,
    partly: Annotated[bool, typer.Option("--partly", help="Take those that are right, even where others are wrong.")] = False,
    publish: PublishFlag = False,
    draw: DrawFlag = False,
    lang: LangOption = "fr",
    as_json: JsonFlag = False,
) -> None:
    """Add a whole catalogue: all of it or nothing."""
    from wikic.services.binding_csv import decoded
    from wikic.services.elsewhere_gathering import of_addresses, wanted_of

    if what.lower().startswith(("http://", "https://")):
        wanted = of_addresses([what])
    else:
        wanted = wanted_of(decoded(sys.stdin.buffer.read() if what == "-" else Path(what).read_bytes()))
    _bring(wanted, issuer, {}, apply, publish, draw=draw, lang=lang, partly=partly, as_json=as_json)


def refetch(
    badges: Annotated[list[str] | None, typer.Argument(help="Ids of badge classes; all that are hosted elsewhere if left out.", show_default=False)] = None,
    issuer: Annotated[str, typer.Option(help="Those of this issuer only.")] = "",
    due: Annotated[bool, typer.Option("--due", help="Only those whose time has come, at most twenty.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Read the addresses of badges elsewhere again; what they changed is taken over, what differs is shown."""
    from wikic.errors import Forbidden, NotFound

    said = []
    with opened() as app:
        if due:
            remark(f"{app.elsewhere.keeping.round()} read")
            return
        entries = app.badges.catalogue.entries()
        wanted = badges or [
            each.id for each in entries.values() if each.hosted == "elsewhere" and each.status != "retired" and (not issuer or each.issuer == issuer)
        ]
        for identity in wanted:
            try:
                said.append(app.elsewhere.keeping.reread(identity, me()))
            except (NotFound, Forbidden):
                if badges:
                    raise
    if as_json:
        print_json(said)
        return
    rows = [
        (each.state.badge_class, entries[each.state.badge_class].name if each.state.badge_class in entries else "", each.state.word, each.version or "",
         each.state.error or ", ".join((*each.state.differs, *each.state.lost)))
        for each in said
    ]  # fmt: skip
    table(("id", "name", "state", "new version", "differs in, or why"), rows)
    if any(each.said is None for each in said):
        raise typer.Exit(1)


def discard(
    identity: Annotated[str, typer.Argument(help="The id of a badge class.", show_default=False)], as_json: JsonFlag = False
) -> None:
    """Discard a draft that was never published, or the changes that wait beside what is."""
    with opened() as app:
        left = app.badges.badging.discard(identity, me())
    if as_json:
        print_json({"id": identity, "discarded": "changes" if left else "draft"})
    else:
        print(f"the changes of {left.content.name} are discarded" if left else f"the draft {identity} is discarded")


def _bring(
    wanted: list[Wanted], issuer: str, concepts: dict[str, list[str]], apply: bool, publish: bool, *, draw: bool, lang: str, partly: bool, as_json: bool
) -> None:
    from wikic.services.elsewhere import Asked

    asked = Asked(publish, partly, draw, lang, concepts)
    with opened() as app:
        taking: Any = app.elsewhere.taking
        offers: Offers = taking.take(issuer, wanted, me(), asked) if apply else taking.look(issuer, wanted, me(), asked)
    if as_json:
        print_json(_plain(offers))
    else:
        _print(offers)
    counts = ", ".join(f"{offers.count(result)} {result}" for result in ("new", "known", "refused", "taken"))
    remark(counts if offers.applied or not apply else f"{counts}; nothing was taken")
    if offers.count("refused") and not (apply and partly):
        raise typer.Exit(1)


def _print(offers: Offers) -> None:
    rows = [
        (each.line, each.result, each.content.name if each.content else each.address, each.badge, len(each.concepts),
         each.error or "; ".join(note.message for note in each.notes))
        for each in offers.lines
    ]  # fmt: skip
    table(("line", "result", "badge class", "id", "bound to", "why"), rows, right=(0, 4))


def _plain(offers: Offers) -> dict[str, Any]:
    lines = [
        {
            "line": each.line, "address": each.address, "result": each.result, "badge_class": each.badge or None,
            "name": each.content.name if each.content else None, "concepts": [ref for ref, _ in each.concepts],
            "suggested": [found.concept for found in each.suggested], "notes": [note.message for note in each.notes],
            "reason": each.error.message if each.error else None,
        }
        for each in offers.lines
    ]  # fmt: skip
    return {"applied": offers.applied, "lines": lines}
