"""Commands of badges: `badge ...`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wikic import cli_badge_elsewhere, cli_badge_endorse
from wikic.cli_badge_check import check
from wikic.cli_badge_documents import alignment, document
from wikic.cli_badge_lint import lint
from wikic.cli_output import JsonFlag, me, opened, print_json, read_json, remark, table

if TYPE_CHECKING:
    from wikic.services.binding import Outcome

Identity = Annotated[str, typer.Argument(help="The id of a badge class.", show_default=False)]
ContentOption = Annotated[Path, typer.Option("--from", help="A JSON file with the fields of docs/badges.md; - for stdin.", show_default=False)]
IssuerOption = Annotated[str, typer.Option(help="Short name of the issuer.")]
LevelOption = Annotated[str, typer.Option(help="Such as practice:2; the badge class's own if left out.")]
PartlyFlag = Annotated[bool, typer.Option("--partly", help="Bind the lines that are right, even where others are wrong.")]
HistoricFlag = Annotated[bool, typer.Option("--historic", help="Deprecated competencies too, as older badges name them.")]

_PAGE = 200


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    group = typer.Typer(help="Badge classes, and the competencies they attest.", no_args_is_help=True, rich_markup_mode=None)
    group.command("list")(list_badges)
    group.command("show")(show)
    group.command("create")(create)
    group.command("edit")(edit)
    group.command("image")(image)
    group.command("publish")(publish)
    group.command("restore")(restore)
    group.command("retire")(retire)
    group.command("bind")(bind)
    group.command("unbind")(unbind)
    group.command("bind-csv")(bind_csv)
    group.command("suggest")(suggest)
    group.command("lint")(lint)
    cli_badge_elsewhere.register(group)
    group.command("check")(check)
    group.command("alignment")(alignment)
    group.command("document")(document)
    cli_badge_endorse.register(group)
    app.add_typer(group, name="badge")


def list_badges(
    text: Annotated[str, typer.Argument(help="Words of name, description, tags or code.")] = "",
    issuer: IssuerOption = "",
    concept: Annotated[str, typer.Option(help="Those that attest this competency.")] = "",
    status: Annotated[str, typer.Option(help="draft, published or retired.")] = "",
    due: Annotated[str, typer.Option(help="Those to be reviewed by this day, such as 2027-06-30.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """List badge classes."""
    from typing import get_args

    from wikic.domain.badges import BadgeStatus
    from wikic.errors import InvalidInput
    from wikic.services.badging_catalogue import Asked

    if status and status not in (statuses := get_args(BadgeStatus)):
        raise InvalidInput(f"{status[:40]!r} is none of {', '.join(statuses)}")
    found: list[dict[str, Any]] = []
    with opened() as app:
        badges, actor, after = app.badges, me(), ""
        if issuer:
            badges.catalogue.issuer(issuer, actor)
        ids = badges.bindings.classes_of_concept(badges.bindings.targets.uuid_of(concept), actor) if concept else None
        while True:
            page = badges.catalogue.find(Asked(q=text, issuer=issuer, status=status, due=due, ids=ids), actor, after=after, limit=_PAGE)
            known = badges.badging.get_many(page.ids, actor)
            found += [_shown(known[each]) for each in page.ids if each in known]
            after = page.next
            if not after:
                break
    if as_json:
        print_json(found)
    else:
        rows = [(each["id"], each["content"]["name"], each["issuer"], each["status"], each["number"]) for each in found]
        table(("id", "name", "issuer", "status", "version"), rows, right=(4,))


def show(identity: Identity, as_json: JsonFlag = False) -> None:
    """Show a badge class, what it lacks, and the competencies it attests."""
    with opened() as app:
        badge = app.badges.badging.get(identity, me())
        bound = app.badges.bindings.open_of([identity])[identity]
        lacking = app.badges.badging.missing(badge)
    if as_json:
        print_json(_shown(badge) | {"missing": lacking, "bindings": bound})
        return
    print(f"{badge.content.name} ({badge.issuer}, {badge.status}, version {badge.number})")
    for name, value in badge.working.packed().items():
        if value:
            print(f"  {name}: {' '.join(value) if isinstance(value, list) else value}")
    for each in lacking:
        print(f"  {'missing' if each.required else 'advice'}: {each.why} {each.suggestion}")
    rows = [(each.id, each.concept, each.at_level, each.seen_name, each.since_release, f"{each.made_by}, {each.made_at[:10]}") for each in bound]
    table(("binding", "concept", "level", "seen as", "release", "bound by"), rows)


def create(
    source: ContentOption,
    issuer: IssuerOption,
    do_publish: Annotated[bool, typer.Option("--publish", help="Publish it at once.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Make a draft from a file."""
    from wikic.domain.badges import BadgeContent

    with opened() as app:
        made = app.badges.badging.create(issuer, BadgeContent.of(_read(source)), me())
        if do_publish:
            made = app.badges.badging.publish(made.id, me())
    if as_json:
        print_json(_shown(made))
    else:
        print(f"badge class {made.id}: {made.content.name} ({made.status})")


def edit(identity: Identity, source: ContentOption, as_json: JsonFlag = False) -> None:
    """Change what a badge class says to what a file says; what the file does not name stays. What is published waits to be published again."""
    from wikic.domain.badges import BadgeContent

    values = _read(source)
    with opened() as app:
        before = app.badges.badging.get(identity, me())
        made = app.badges.badging.change(identity, BadgeContent.of(before.working.packed() | values), me(), version=before.version)
    _say(made, f"{made.working.name} is changed{' and waits to be published' if made.draft else ''}", as_json=as_json)


def image(
    identity: Identity,
    path: Annotated[Path | None, typer.Argument(metavar="FILE", help="PNG or SVG; else it is drawn in the issuer's colours.", show_default=False)] = None,
    as_json: JsonFlag = False,
) -> None:
    """Give a badge class an image, checked and written anew, or have it drawn again. Of what is published it waits to be published."""
    from wikic.errors import InvalidInput

    data = path.read_bytes() if path is not None else b""
    if path is not None and not data:
        raise InvalidInput(f"{path} is empty: send a PNG or SVG image, or name no file to have one drawn")
    with opened() as app:
        made = app.badges.badging.set_image(identity, data, me(), version=app.badges.badging.get(identity, me()).version)
    said = "has the image" if data else "is drawn again"
    _say(made, f"{made.working.name} {said}{', which waits to be published' if made.draft else ''}", as_json=as_json)


def restore(
    identity: Identity, number: Annotated[int, typer.Argument(min=1, help="The number of a version.", show_default=False)], as_json: JsonFlag = False
) -> None:
    """Make the words of an older version wait to be published again."""
    with opened() as app:
        made = app.badges.badging.restore(identity, number, me(), version=app.badges.badging.get(identity, me()).version)
    _say(made, f"version {number} of {made.working.name} waits to be published again", as_json=as_json)


def retire(identity: Identity, reason: Annotated[str, typer.Option(help="Why.")] = "", as_json: JsonFlag = False) -> None:
    """Say that a badge class is given no longer; it stays readable, and publishing brings it back."""
    with opened() as app:
        made = app.badges.badging.retire(identity, me(), reason=reason)
    _say(made, f"{made.content.name} is retired", as_json=as_json)


def publish(identity: Identity, as_json: JsonFlag = False) -> None:
    """Publish what waits, as the next version."""
    with opened() as app:
        made = app.badges.badging.publish(identity, me())
    _say(made, f"version {made.number} of {made.content.name} is published", as_json=as_json)


def bind(
    identity: Identity,
    concepts: Annotated[list[str], typer.Argument(help="Competencies: uuids, source addresses, codes.", show_default=False)],
    level: LevelOption = "",
    partly: PartlyFlag = False,
    historic: HistoricFlag = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Bind a badge class to competencies."""
    from wikic.services.binding import Wish

    wishes = [Wish(identity, each, level) for each in concepts]
    with opened() as app:
        outcome = app.badges.bindings.bind(wishes, me(), dry_run=dry_run, partly=partly, historic=historic)
    _report(outcome, as_json=as_json, dry=dry_run, partly=partly)


def unbind(
    bindings: Annotated[list[str], typer.Argument(help="Ids of bindings.", show_default=False)], as_json: JsonFlag = False
) -> None:
    """End bindings."""
    with opened() as app:
        ended = app.badges.bindings.unbind(bindings, me())
    if as_json:
        print_json(ended)
    else:
        table(("binding", "badge class", "concept"), [(each.id, each.badge_class, each.seen_name) for each in ended])


def bind_csv(
    path: Annotated[Path, typer.Argument(help="A table with the columns badge_class, concept and, if wanted, level.", show_default=False)],
    issuer: Annotated[str, typer.Option(help="Whose codes may stand for ids of badge classes.")] = "",
    apply: Annotated[bool, typer.Option("--apply", help="Bind; without it, only say what would be done.")] = False,
    partly: PartlyFlag = False,
    historic: HistoricFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Bind from a table: all lines or none."""
    from wikic.services.binding_csv import bind_table, decoded

    text = decoded(path.read_bytes())
    with opened() as app:
        url = app.accounts.rules.public_url
        outcome = bind_table(
            app.badges.bindings, app.badges.catalogue, text, me(), issuer=issuer, public_url=url, dry_run=not apply, partly=partly, historic=historic
        )
    _report(outcome, as_json=as_json, dry=not apply, partly=partly)


def suggest(
    identity: Identity, limit: Annotated[int, typer.Option(min=1, max=50, help="How many.")] = 10, as_json: JsonFlag = False
) -> None:
    """Suggest competencies by the words of a badge class."""
    with opened() as app:
        found = app.badges.suggesting.suggest(app.badges.badging.get(identity, me()).working, limit=limit)
    if as_json:
        print_json(found)
    else:
        rows = [(each.concept, each.body["label"]["value"], f"{each.score:.2f}", ", ".join(each.words)) for each in found]
        table(("concept", "name", "score", "words"), rows)


def _report(outcome: Outcome, *, as_json: bool, dry: bool, partly: bool) -> None:
    """Print what became of each line; exit status 1 where it was asked for and nothing was done."""
    bound = "bound" if outcome.applied else "would be bound" if dry else "not bound"
    if as_json:
        print_json(outcome)
    else:
        words = {"bound": bound}
        rows = [
            (
                line.line, words.get(line.result, line.result), line.wish.badge_class,
                line.binding.seen_name if line.binding else line.wish.concept, line.error or "",
            )
            for line in outcome.lines
        ]  # fmt: skip
        table(("line", "result", "badge class", "competency", "why"), rows, right=(0,))
    done = bound.removeprefix("not ")
    remark(f"{outcome.count('bound') if outcome.applied or dry else 0} {done}, {outcome.count('already')} already, {outcome.count('refused')} refused")
    if outcome.count("refused") and not dry and not partly:
        raise typer.Exit(1)


def _read(source: Path) -> dict[str, Any]:
    from dataclasses import fields

    from wikic.domain.badges import BadgeContent
    from wikic.errors import InvalidInput

    values = read_json(source)
    known = {each.name for each in fields(BadgeContent)}
    if not isinstance(values, dict) or (unknown := sorted(set(values) - known)):
        named = f": {unknown[0]!r} is none" if isinstance(values, dict) else ""
        raise InvalidInput(f"{source} holds an object with the fields {', '.join(sorted(known))}{named}")
    wrong = [
        name
        for name, value in values.items()
        if not (
            (name == "tags" and isinstance(value, list) and all(isinstance(each, str) for each in value))
            or (name == "validity" and (value is None or type(value) is int))
            or (name not in ("tags", "validity") and isinstance(value, str))
        )
    ]
    if wrong:
        raise InvalidInput(f"{source}: {wrong[0]!r} is of another type than docs/badges.md says")
    return values


def _say(badge: Any, said: str, *, as_json: bool) -> None:
    if as_json:
        print_json(_shown(badge))
    else:
        print(said)


def _shown(badge: Any) -> dict[str, Any]:
    return {
        "id": badge.id, "issuer": badge.issuer, "status": badge.status, "number": badge.number, "content": badge.content.packed(),
        "draft": badge.draft.packed() if badge.draft else None,
    }  # fmt: skip
