"""Commands of levels: `scale ...` and `criteria ...`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wikic.cli_output import JsonFlag, me, opened, print_json, read_json, table

if TYPE_CHECKING:
    from wikic.domain.levels import Criteria, CriteriaProposal, Scale

Key = Annotated[str, typer.Argument(help="The id of a scale.", show_default=False)]
ProposalKey = Annotated[str, typer.Argument(help="The id of a proposal.", show_default=False)]
FromFile = Annotated[Path, typer.Option("--from", help="A JSON file, as docs/levels.md says; - for stdin.", show_default=False)]
NetworkOption = Annotated[str, typer.Option(help="Short name of a network.")]
ReasonOption = Annotated[str, typer.Option(help="Why.")]

_PAGE = 200


def register(app: typer.Typer) -> None:
    """Add the commands of these groups."""
    scales = typer.Typer(help="Ordered scales of levels.", no_args_is_help=True, rich_markup_mode=None)
    scales.command("list")(list_scales)
    scales.command("show")(show_scale)
    scales.command("create")(create_scale)
    scales.command("change")(change_scale)
    app.add_typer(scales, name="scale")
    criteria = typer.Typer(help="What networks ask for at each level of a competency.", no_args_is_help=True, rich_markup_mode=None)
    criteria.command("list")(list_criteria)
    criteria.command("show")(show_criteria)
    criteria.command("propose")(propose)
    criteria.command("proposals")(proposals)
    criteria.command("accept")(accept)
    criteria.command("reject")(reject)
    criteria.command("withdraw")(withdraw)
    app.add_typer(criteria, name="criteria")


def list_scales(as_json: JsonFlag = False) -> None:
    """List scales."""
    found: list[Scale] = []
    with opened() as app:
        after = ""
        while True:
            page, after = app.badges.levels.scales.page(after=after, limit=_PAGE)
            found += page
            if not after:
                break
    if as_json:
        print_json(found)
    else:
        rows = [(each.id, _name(each.name), each.owner, len(each.levels), "yes" if each.used else "no") for each in found]
        table(("id", "name", "network", "levels", "in use"), rows, right=(3,))


def show_scale(key: Key, as_json: JsonFlag = False) -> None:
    """Show the levels of a scale."""
    with opened() as app:
        scale = app.badges.levels.scales.get(key)
    _show_scale(scale, as_json=as_json)


def create_scale(
    key: Key, source: FromFile, network: Annotated[str, typer.Option(help="The network in whose name it is made.")] = "", as_json: JsonFlag = False
) -> None:
    """Make a scale from a file: {"name": {"fr": ...}, "levels": [{"name": {"fr": ...}, "description": {}}, ...]}."""
    name, levels = _scale_from(source)
    with opened() as app:
        scale = app.badges.levels.scales.make(key, name, levels, me(), owner=network)
    _show_scale(scale, as_json=as_json)


def change_scale(key: Key, source: FromFile, as_json: JsonFlag = False) -> None:
    """Let a scale say what a file says; of one that is in use, only something more."""
    name, levels = _scale_from(source)
    with opened() as app:
        scale = app.badges.levels.scales.change(key, name, levels, me())
    _show_scale(scale, as_json=as_json)


def list_criteria(
    concept: Annotated[str, typer.Option(help="Of this competency.")] = "",
    network: NetworkOption = "",
    scale: Annotated[str, typer.Option(help="The id of a scale.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """List the criteria that networks have adopted."""
    found: list[Criteria] = []
    with opened() as app:
        uuid = app.badges.bindings.targets.uuid_of(concept) if concept else ""
        if network:
            app.badges.levels.proposing.network_name(network, me())
        if scale:
            app.badges.levels.scales.get(scale)
        after = ""
        while True:
            page, after = app.badges.levels.criteria.page(concept=uuid, network=network, scale=scale, after=after, limit=_PAGE)
            found += page
            if not after:
                break
    if as_json:
        print_json(found)
    else:
        rows = [(each.id, each.network, each.concept, each.scale, each.number, ", ".join(map(str, each.levels))) for each in found]
        table(("id", "network", "concept", "scale", "version", "levels"), rows, right=(4,))


def show_criteria(identity: Annotated[str, typer.Argument(help="The id of criteria.", show_default=False)], as_json: JsonFlag = False) -> None:
    """Show what criteria say, and how often they were written."""
    with opened() as app:
        criteria = app.badges.levels.criteria.get(identity)
    if as_json:
        print_json(criteria)
        return
    print(f"{criteria.network}: {criteria.concept}, {criteria.scale}, version {criteria.number} by {criteria.by}")
    table(("level", "language", "text"), [(number, lang, text) for number, texts in criteria.levels.items() for lang, text in texts.items()])


def propose(
    network: Annotated[str, typer.Argument(help="Short name of a network.", show_default=False)],
    concept: Annotated[str, typer.Argument(help="Any reference to a competency.", show_default=False)],
    source: FromFile,
    scale: Annotated[str, typer.Option(help="The id of a scale.")] = "practice",
    note: Annotated[str, typer.Option(help="Why, for those who decide.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Propose criteria from a file: {"1": {"fr": ...}, "2": {"fr": ..., "en": ...}}."""
    from wikic.domain.levels import levels_of

    levels = levels_of(_texts(read_json(source), source))
    with opened() as app:
        made = app.badges.levels.proposing.propose(network, concept, scale, levels, me(), note=note)
    _show_proposal(made, as_json=as_json)


def proposals(
    network: Annotated[str, typer.Argument(help="Short name of a network.", show_default=False)],
    state: Annotated[str, typer.Option(help="open, accepted, rejected or withdrawn.")] = "open",
    as_json: JsonFlag = False,
) -> None:
    """List what is proposed to a network."""
    found: list[CriteriaProposal] = []
    with opened() as app:
        after = ""
        while True:
            page, after = app.badges.levels.proposing.page(network, me(), state=state, after=after, limit=_PAGE)
            found += page
            if not after:
                break
    if as_json:
        print_json(found)
    else:
        table(("id", "concept", "scale", "by", "since"), [(each.id, each.concept, each.scale, each.author_name, each.created) for each in found])


def accept(
    identity: ProposalKey,
    reason: ReasonOption = "",
    amended: Annotated[Path | None, typer.Option(help="A JSON file with what is adopted instead.", show_default=False)] = None,
    as_json: JsonFlag = False,
) -> None:
    """Accept a proposal, as it is or amended."""
    from wikic.domain.levels import levels_of

    levels = levels_of(_texts(read_json(amended), amended)) if amended is not None else None
    with opened() as app:
        done = app.badges.levels.proposing.decide(identity, "accept", me(), reason=reason, amended=levels)
    _show_proposal(done, as_json=as_json)


def reject(identity: ProposalKey, reason: ReasonOption, as_json: JsonFlag = False) -> None:
    """Reject a proposal, with a reason."""
    with opened() as app:
        done = app.badges.levels.proposing.decide(identity, "reject", me(), reason=reason)
    _show_proposal(done, as_json=as_json)


def withdraw(identity: ProposalKey, as_json: JsonFlag = False) -> None:
    """Take back what one has proposed oneself."""
    with opened() as app:
        done = app.badges.levels.proposing.withdraw(identity, me())
    _show_proposal(done, as_json=as_json)


def _show_scale(scale: Scale, *, as_json: bool) -> None:
    if as_json:
        print_json(scale)
        return
    print(f"{scale.id}: {_name(scale.name)} (version {scale.number})")
    table(("level", "name", "meaning"), [(f"{scale.id}:{n}", _name(each.name), _name(each.description)) for n, each in enumerate(scale.levels, 1)])


def _show_proposal(proposal: CriteriaProposal, *, as_json: bool) -> None:
    if as_json:
        print_json(proposal)
    else:
        print(f"proposal {proposal.id}: {proposal.state} ({proposal.network}, {proposal.concept}, {proposal.scale})")


def _name(texts: Any) -> str:
    return " / ".join(texts.values())


def _texts(found: Any, source: Path) -> dict[str, dict[str, str]]:
    """Texts by a name and a language."""
    from wikic.errors import InvalidInput

    wrong = not isinstance(found, dict) or any(
        not isinstance(texts, dict) or any(not isinstance(text, str) for text in texts.values()) for texts in found.values()
    )
    if wrong:
        raise InvalidInput(f"{source} holds texts by language, as docs/levels.md says")
    return dict(found)


def _scale_from(source: Path) -> tuple[dict[str, str], list[Any]]:
    from wikic.domain.levels import ScaleLevel
    from wikic.errors import InvalidInput

    found = read_json(source)
    if not isinstance(found, dict) or set(found) != {"name", "levels"} or not isinstance(found["levels"], list):
        raise InvalidInput(f"{source} holds an object with `name` and `levels`, as docs/levels.md says")
    levels = [_texts(each, source) for each in found["levels"]]
    if any(set(each) - {"name", "description"} for each in levels):
        raise InvalidInput(f"{source}: a level has `name` and `description`")
    return _texts({"name": found["name"]}, source)["name"], [ScaleLevel.of(each) for each in levels]
