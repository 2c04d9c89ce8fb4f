"""Commands of webhooks: `webhook ...`, for those of organisations; a person's own are made by page or API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from wikic.cli_output import JsonFlag, me, opened, print_json, remark, table

if TYPE_CHECKING:
    from wikic.services.webhooks import Webhook

Key = Annotated[str, typer.Argument(help="The id of a webhook.", show_default=False)]
Kinds = Annotated[list[str] | None, typer.Option(help="Only events of this kind; may be repeated.", show_default=False)]
Schemes = Annotated[list[str] | None, typer.Option(help="Only what touches this scheme; may be repeated.", show_default=False)]
Concepts = Annotated[list[str] | None, typer.Option(help="Only what touches this concept (its uuid); may be repeated.", show_default=False)]

_SHOWN = 50


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    group = typer.Typer(help="Webhooks of organisations, and what was sent to them.", no_args_is_help=True, rich_markup_mode=None)
    group.command("list")(list_webhooks)
    group.command("add")(add)
    group.command("switch")(switch)
    group.command("rotate")(rotate)
    group.command("ping")(ping)
    group.command("deliveries")(deliveries)
    group.command("remove")(remove)
    app.add_typer(group, name="webhook")


def list_webhooks(organisation: Annotated[str, typer.Option(help="Short name of an organisation; else of everybody.")] = "", as_json: JsonFlag = False) -> None:
    """List webhooks: where they lead, whether they are on, since when they fail."""
    with opened() as app:
        found = app.live.webhooks.of_owner(me(), f"organisation/{organisation}" if organisation else "*")
    _show(found, as_json=as_json)


def add(
    organisation: Annotated[str, typer.Argument(help="Short name of an organisation.", show_default=False)],
    url: Annotated[str, typer.Argument(help="Where events are sent to.", show_default=False)],
    kind: Kinds = None,
    scheme: Schemes = None,
    concept: Concepts = None,
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Register an address; its secret is printed this once."""
    from wikic.services.webhooks import Wanted

    wanted = Wanted(tuple(kind or ()), tuple(scheme or ()), tuple(concept or ()))
    with opened() as app:
        made, secret = app.live.webhooks.make(me(), url, wanted, owner=f"organisation/{organisation}", description=description)
    _told_secret(made, secret, as_json=as_json)


def switch(key: Key, state: Annotated[str, typer.Argument(help="on or off.", show_default=False)], as_json: JsonFlag = False) -> None:
    """Switch a webhook on or off."""
    with opened() as app:
        changed = app.live.webhooks.change(me(), key, version=None, state=state)
    _show([changed], as_json=as_json)


def rotate(key: Key, as_json: JsonFlag = False) -> None:
    """Give a webhook a new secret; the old one signs beside it for a day."""
    with opened() as app:
        changed, secret = app.live.webhooks.rotate(me(), key)
    _told_secret(changed, secret, as_json=as_json)


def ping(key: Key, as_json: JsonFlag = False) -> None:
    """Send a message that says nothing, to see whether it arrives."""
    with opened() as app:
        asked = app.live.webhooks.ping(me(), key)
    if as_json:
        print_json(asked)
    else:
        remark(f"on its way: wikic webhook deliveries {key}")


def deliveries(key: Key, as_json: JsonFlag = False) -> None:
    """Show what was sent last, and what was answered."""
    with opened() as app:
        found, _ = app.live.webhooks.deliveries(me(), key, limit=_SHOWN)
    if as_json:
        print_json(found)
    else:
        table(("created", "kind", "state", "attempts"), [(each.created, each.kind, each.state, len(each.attempts)) for each in found], right=(3,))


def remove(key: Key, as_json: JsonFlag = False) -> None:
    """Remove a webhook; nothing is sent there any more."""
    with opened() as app:
        app.live.webhooks.remove(me(), key)
    if as_json:
        print_json({"removed": key})


def _show(found: list[Webhook], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
    else:
        rows = [(each.id, each.owner, each.url, each.state, each.failing_since or "", ", ".join(each.wanted.kinds)) for each in found]
        table(("id", "owner", "address", "state", "failing since", "kinds"), rows)


def _told_secret(webhook: Webhook, secret: str, *, as_json: bool) -> None:
    from dataclasses import asdict

    if as_json:
        print_json(asdict(webhook) | {"secret": secret})
        return
    _show([webhook], as_json=False)
    print(f"secret: {secret}")
