"""People for tests of pages: an app whose sessions are names, so that a client is somebody by its cookie alone."""

from __future__ import annotations

from typing import Any

from tests.flows.proposal_tools import ADA, BOB, MAY, MEL, ROOT, person
from wikic.domain.access import NOBODY, Actor

SCOPED = person("sam", "moderator", scope="scheme:rome")
STRANGER = person("new", terms=False)
PEOPLE = {one.name: one for one in (ADA, BOB, MAY, MEL, ROOT, SCOPED, STRANGER)}


class KnownPeople:
    """Accounts that know a few people by name."""

    def actor_of(self, *, session: str = "", token: str = "") -> Actor:
        """Who has this session."""
        return PEOPLE.get(session or token, NOBODY)


class WithPeople:
    """The services of a store, with those accounts in the place of its own."""

    def __init__(self, app: Any) -> None:
        self._app, self.accounts = app, KnownPeople()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._app, name)
