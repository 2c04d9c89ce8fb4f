"""Commands of accounts: `user ...` and `token ...`. Who may run them on the machine is an admin; there is no default account and no default password."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from wikic.cli_output import JsonFlag, me, opened, print_invitation, print_json, table
from wikic.errors import InvalidInput

if TYPE_CHECKING:
    from wikic.domain.access import Grant
    from wikic.domain.accounts import Person

Who = Annotated[str, typer.Argument(help="A name, an e-mail address or a uuid.", show_default=False)]
RoleArgument = Annotated[
    str,
    typer.Argument(help="contributor, moderator or admin; moderator@scheme:rome for a part.", show_default=False),
]
RoleOption = Annotated[
    list[str] | None,
    typer.Option("--role", help="contributor, moderator, admin, moderator@scheme:rome; may be given several times.", show_default="contributor"),
]


def register(app: typer.Typer) -> None:
    """Add the commands of this group."""
    user = typer.Typer(help="Accounts and their roles.", no_args_is_help=True, rich_markup_mode=None)
    user.command("add")(add)
    user.command("list")(list_users)
    user.command("grant")(grant)
    user.command("revoke")(revoke)
    user.command("password-link")(password_link)
    user.command("email")(email)
    user.command("invite")(invite)
    user.command("waiting")(waiting)
    user.command("approve")(approve)
    user.command("end-sessions")(end_sessions)
    user.command("disable")(disable)
    user.command("enable")(enable)
    app.add_typer(user, name="user")
    token = typer.Typer(help="API tokens.", no_args_is_help=True, rich_markup_mode=None)
    token.command("make")(make_token)
    token.command("list")(list_tokens)
    token.command("revoke")(revoke_token)
    app.add_typer(token, name="token")


def add(
    name: Annotated[str, typer.Argument(help="The name, as everybody sees it.", show_default=False)],
    address: Annotated[str, typer.Option("--email", help="The e-mail address.", show_default=False)] = "",
    role: RoleOption = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input, instead of making a link.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Make an account. Prints a link, good once, by which its owner chooses a password."""
    grants = [grant_of(text) for text in role or ["contributor"]]
    password = _password(name, address) if password_stdin else ""
    with opened() as app:
        person = app.accounts.add(name, address, actor=me(), grants=grants, password=password)
        link = "" if password else app.people.joining.password_link(person.id, actor=me())
    if as_json:
        print_json(_shown(person) | {"password_link": link or None})
    else:
        print(f"user {person.name} ({_roles(person)}) is {person.id}")
        if link:
            print(f"to choose a password, once, within three days: {link}")


def list_users(as_json: JsonFlag = False) -> None:
    """List the accounts by name."""
    people: list[Person] = []
    with opened() as app:
        after = ""
        while True:
            found, after = app.accounts.people(actor=me(), after=after)
            people += found
            if not after:
                break
    if as_json:
        print_json([_shown(person) for person in people])
    else:
        rows = [(each.name, each.email, _roles(each), each.state, each.created, each.id) for each in people]
        table(("name", "e-mail", "roles", "state", "since", "id"), rows)


def grant(who: Who, role: RoleArgument, as_json: JsonFlag = False) -> None:
    """Give a role."""
    with opened() as app:
        _say(app.accounts.grant(who, grant_of(role), actor=me()), as_json)


def revoke(who: Who, role: RoleArgument, as_json: JsonFlag = False) -> None:
    """Take a role away."""
    with opened() as app:
        _say(app.accounts.revoke(who, grant_of(role), actor=me()), as_json)


def password_link(who: Who, as_json: JsonFlag = False) -> None:
    """Make a link, good once, by which somebody sets a new password."""
    with opened() as app:
        _link(app.people.joining.password_link(who, actor=me()), as_json)


def email(
    who: Who,
    address: Annotated[str, typer.Argument(help='The new address; "" for none.', show_default=False)],
    as_json: JsonFlag = False,
) -> None:
    """Set somebody's e-mail address."""
    with opened() as app:
        _say(app.people.addresses.set_email_of(who, address, actor=me()), as_json)


def invite(
    address: Annotated[str, typer.Argument(help="Whom; nobody in particular if left out.")] = "",
    role: RoleOption = None,
    days: Annotated[int, typer.Option(min=1, max=60, help="How long it is good for.")] = 14,
    as_json: JsonFlag = False,
) -> None:
    """Invite somebody to make an account: mailed where there is an address and a mail server, else it prints a link that can be used once."""
    grants = [grant_of(text) for text in role or ["contributor"]]
    with opened() as app:
        print_invitation(*app.people.joining.invite(address, actor=me(), grants=grants, days=days), as_json)


def waiting(as_json: JsonFlag = False) -> None:
    """List registrations that nobody has confirmed yet."""
    with opened() as app:
        rows = app.people.joining.waiting(actor=me())
    if as_json:
        print_json([{"name": name, "email": address, "time": time} for name, address, time in rows])
    else:
        table(("name", "e-mail", "since"), rows)


def approve(
    address: Annotated[str, typer.Argument(help="The address of a registration that waits.", show_default=False)],
    as_json: JsonFlag = False,
) -> None:
    """Make a link by which who has registered chooses a password."""
    with opened() as app:
        _link(app.people.joining.approve(address, actor=me()), as_json)


def end_sessions(who: Who, as_json: JsonFlag = False) -> None:
    """End all sessions of somebody."""
    with opened() as app:
        ended = app.people.signing.end_sessions_of(who, actor=me())
    if as_json:
        print_json({"ended": ended})
    else:
        print(f"{ended} sessions ended")


def disable(who: Who, as_json: JsonFlag = False) -> None:
    """Let nobody sign in to an account any more."""
    with opened() as app:
        _say(app.accounts.disable(who, actor=me()), as_json)


def enable(who: Who, as_json: JsonFlag = False) -> None:
    """Undo `disable`."""
    with opened() as app:
        _say(app.accounts.enable(who, actor=me()), as_json)


def make_token(
    who: Who,
    name: Annotated[str, typer.Option(help="By which it is known later.", show_default=False)],
    scope: Annotated[
        list[str] | None,
        typer.Option(help="read, propose, badge, decide, release, import or administer; may be given several times.", show_default="read"),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="How long it lives.")] = 90,
    as_json: JsonFlag = False,
) -> None:
    """Make an API token for somebody. It is printed once."""
    with opened() as app:
        token, entry = app.people.tokens.make(name, scope or ["read"], actor=me(), days=days, owner=who)
    if as_json:
        print_json({"token": token, "id": entry.id, "scopes": entry.scopes, "expires": entry.expires})
    else:
        print(token)


def list_tokens(who: Who, as_json: JsonFlag = False) -> None:
    """List somebody's API tokens."""
    with opened() as app:
        tokens = app.people.tokens.list(actor=me(), owner=who)
    if as_json:
        print_json(tokens)
    else:
        rows = [(each.id, each.name, " ".join(each.scopes), each.used or "never", each.expires) for each in tokens]
        table(("id", "name", "scopes", "last use", "until"), rows)


def revoke_token(
    who: Who,
    token: Annotated[str, typer.Argument(help="Its id, from `token list`.", show_default=False)],
    as_json: JsonFlag = False,
) -> None:
    """End an API token."""
    with opened() as app:
        app.people.tokens.revoke(token, actor=me(), owner=who)
    if as_json:
        print_json({"revoked": token})
    else:
        print(f"token {token} is revoked")


def grant_of(text: str) -> Grant:
    """A role as commands name it: `moderator`, or `moderator@scheme:rome`."""
    from wikic.domain.access import Grant

    role, _, scope = text.partition("@")
    return Grant(role, scope)


def _password(*names: str) -> str:
    from wikic.domain.accounts import check_password

    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise InvalidInput("--password-stdin: nothing came from standard input")
    check_password(password, *names)
    return password


def _roles(person: Person) -> str:
    return " ".join(f"{each.role}@{each.scope}" if each.scope else each.role for each in person.grants) or "no role"


def _shown(person: Person) -> dict[str, object]:
    return {
        "id": person.id, "name": person.name, "email": person.email, "state": person.state, "grants": person.grants, "created": person.created,
    }  # fmt: skip


def _say(person: Person, as_json: bool) -> None:
    if as_json:
        print_json(_shown(person))
    else:
        print(f"user {person.name} is {person.state}: {_roles(person)}")


def _link(link: str, as_json: bool) -> None:
    if as_json:
        print_json({"link": link})
    else:
        print(link)
