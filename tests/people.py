"""People for tests: accounts with roles, actors in a session of theirs, and clients that are signed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.testclient import TestClient

from wikic.bootstrap import App
from wikic.domain.access import Actor, Grant, operator
from wikic.errors import NotFound
from wikic.store.accounts import join
from wikic.web.acting import SESSION_COOKIE

OPERATOR = operator("operator:test")
PASSWORD = "correct horse battery staple"


def make_person(
    app: App,
    name: str,
    *grants: Grant,
    organisations: Mapping[str, Sequence[str]] | None = None,
    terms: bool = True,
) -> Actor:
    """A user with these roles (a contributor by default; the same one where the name is taken) who has accepted the terms, as an actor in a session.

    `organisations`: slugs of organisations that are there, with roles in them. Without a password: `signed_in` opens sessions."""
    try:
        person = app.accounts.person(name)
        for grant in grants:
            app.accounts.grant(person.id, grant, actor=OPERATOR)
    except NotFound:
        person = app.accounts.add(name, actor=OPERATOR, grants=grants or (Grant("contributor"),))
    for slug, roles in (organisations or {}).items():
        app.engine.write(lambda tx, slug=slug, roles=roles: join(tx, slug, person.id, roles, "2026-01-01T00:00:00.000Z"))  # type: ignore[misc]
    actor = actor_in_session(app, person.id)
    if terms:
        app.accounts.accept_terms(app.accounts.rules.terms, actor=actor)
        actor = app.accounts.actor_of(session=session_of(app, person.id))
    return actor


def session_of(app: App, user: str) -> str:
    """The token of a new session."""
    return app.people.signing.open(user, by="test").token


def actor_in_session(app: App, user: str) -> Actor:
    """A user as the actor of a new session."""
    return app.accounts.actor_of(session=session_of(app, user))


def signed_in(client: TestClient, app: App, person: Actor | None) -> TestClient:
    """The client, from now on with a session of that person; of nobody where none is given."""
    client.cookies.delete(SESSION_COOKIE)
    if person is not None:
        client.cookies.set(SESSION_COOKIE, session_of(app, person.id))
    return client
