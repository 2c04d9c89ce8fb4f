"""Commands of organisations: `organisation ...`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from wikic.cli_output import JsonFlag, me, opened, print_invitation, print_json, table

if TYPE_CHECKING:
    from wikic.domain.organisations import Organisation

Slug = Annotated[str, typer.Argument(help="The short name.", show_default=False)]
Who = Annotated[str, typer.Argument(help="A name, an e-mail address or a uuid.", show_default=False)]
RoleOption = Annotated[
    list[str] | None,
    typer.Option("--role", help="manager or moderator; may be given several times.", show_default="member"),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    group = typer.Typer(help="Organisations and who belongs to them.", no_args_is_help=True, rich_markup_mode=None)
    group.command("add")(add)
    group.command("list")(list_organisations)
    group.command("show")(show)
    group.command("member")(member)
    group.command("remove-member")(remove_member)
    group.command("invite")(invite)
    group.command("join")(join)
    group.command("leave")(leave)
    app.add_typer(group, name="organisation")


def add(
    slug: Slug,
    name: Annotated[str, typer.Option(help="The full name.", show_default=False)],
    kind: Annotated[str, typer.Option(help="company, branch, issuer or network.")] = "company",
    manager: Annotated[str, typer.Option(help="Who manages it: a name, an e-mail address or a uuid.")] = "",
    public: Annotated[bool, typer.Option("--public", help="Its profile is for everybody, not for its members alone.")] = False,
    siren: Annotated[str, typer.Option(help="SIREN.")] = "",
    siret: Annotated[str, typer.Option(help="SIRET of its seat.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Found an organisation."""
    from wikic.domain.organisations import Profile

    with opened() as app:
        profile = Profile(siren=siren, siret=siret)
        made = app.organisations.make(slug, name, kind, actor=me(), profile=profile, private=not public, manager=manager)
    if as_json:
        print_json(_shown(made))
    else:
        print(f"organisation {made.slug} ({made.kind}): {made.name}")


def list_organisations(as_json: JsonFlag = False) -> None:
    """List the organisations by name."""
    found: list[Organisation] = []
    with opened() as app:
        after = ""
        while True:
            page, after = app.organisations.list(actor=me(), after=after)
            found += page
            if not after:
                break
    if as_json:
        print_json([_shown(each) for each in found])
    else:
        rows = [(each.slug, each.name, each.kind, "private" if each.private else "public", each.created) for each in found]
        table(("short name", "name", "kind", "seen by", "since"), rows)


def show(slug: Slug, as_json: JsonFlag = False) -> None:
    """Show an organisation with its members and networks."""
    with opened() as app:
        found = app.organisations.get(slug, actor=me())
        members = app.organisations.members(slug, actor=me())
        holds, networks = app.organisations.associations(slug, actor=me())
    if as_json:
        print_json(_shown(found) | {"members": members, "holds": holds, "networks": networks})
        return
    print(f"{found.name} ({found.kind}, {'private' if found.private else 'public'})")
    for name, value in found.profile.packed().items():
        if value:
            print(f"  {name}: {' '.join(value) if isinstance(value, list) else value}")
    rows = [("member", each.name, " ".join(each.roles)) for each in members]
    rows += [("holds", each.slug, each.state) for each in holds] + [("network", each.slug, each.state) for each in networks]
    table(("what", "who", "as"), rows)


def member(slug: Slug, who: Who, role: RoleOption = None, as_json: JsonFlag = False) -> None:
    """Make somebody a member, with roles besides those they have."""
    with opened() as app:
        app.organisations.add_member(slug, who, role or [], actor=me())
        members = app.organisations.members(slug, actor=me())
    if as_json:
        print_json(members)
    else:
        table(("name", "roles"), [(each.name, " ".join(each.roles)) for each in members])


def remove_member(slug: Slug, who: Who, as_json: JsonFlag = False) -> None:
    """Take somebody out of an organisation."""
    with opened() as app:
        person = app.accounts.person(who)
        app.organisations.remove(slug, person.id, actor=me())
    if as_json:
        print_json({"removed": person.id})
    else:
        print(f"{person.name} is no longer in {slug}")


def invite(
    slug: Slug,
    address: Annotated[str, typer.Argument(help="Whom; nobody in particular if left out.")] = "",
    role: RoleOption = None,
    days: Annotated[int, typer.Option(min=1, max=60, help="How long it is good for.")] = 14,
    as_json: JsonFlag = False,
) -> None:
    """Invite into an organisation: mailed where there is an address and a mail server, else it prints a link that can be used once."""
    with opened() as app:
        app.organisations.get(slug, actor=me())
        print_invitation(*app.people.joining.invite(address, actor=me(), organisation=slug, roles=role or [], days=days), as_json)


def join(
    network: Annotated[str, typer.Argument(help="The short name of a network.", show_default=False)],
    slug: Annotated[str, typer.Argument(help="What belongs to it from now on.", show_default=False)],
    as_json: JsonFlag = False,
) -> None:
    """Make an organisation or a network a member of a network."""
    with opened() as app:
        state = app.organisations.associate(network, slug, actor=me())
    if as_json:
        print_json({"network": network, "organisation": slug, "state": state})
    else:
        print(f"{slug} is in {network}")


def leave(
    network: Annotated[str, typer.Argument(help="The short name of a network.", show_default=False)],
    slug: Annotated[str, typer.Argument(help="What leaves it.", show_default=False)],
    as_json: JsonFlag = False,
) -> None:
    """Take an organisation out of a network."""
    with opened() as app:
        app.organisations.dissociate(network, slug, actor=me())
    if as_json:
        print_json({"network": network, "organisation": slug, "state": "none"})
    else:
        print(f"{slug} is no longer in {network}")


def _shown(organisation: Organisation) -> dict[str, object]:
    return {
        "slug": organisation.slug, "name": organisation.name, "kind": organisation.kind, "private": organisation.private,
        "profile": organisation.profile.packed(), "created": organisation.created,
    }  # fmt: skip
