"""What handlers are given: the services of the opened store, and the parameters that most reads share."""

from __future__ import annotations

from typing import Annotated, Final, Protocol

from fastapi import Depends, Path, Query, Request

from wikic.errors import InvalidInput
from wikic.services.reading import Reading
from wikic.web.acting import actor_of
from wikic.web.answers import Asked

LARGEST: Final = 2**53 - 1
TAG: Final = r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$"


class Services(Protocol):
    """What the web needs of an opened store; `bootstrap.App` is one."""

    @property
    def reading(self) -> Reading: ...


def _reading(request: Request) -> Reading:
    services: Services = request.app.state.services
    return services.reading.seen_by(actor_of(request))


ReadingService = Annotated[Reading, Depends(_reading)]


def public_url(request: Request) -> str:
    """The address of the site, without a slash at its end."""
    return str(request.app.state.public_url)


Ref = Annotated[
    str,
    Path(
        description="A uuid, a source address (URL-encoded), or a code: `rome:M1805`, `esco:2654.1.7`, `isco:2654`.",
        min_length=1,
        max_length=2_000,
        examples=["isco:1"],
    ),
]
Release = Annotated[
    str | None,
    Query(description="As of this release. Not together with `at`.", min_length=1, max_length=64, examples=["2026"]),
]
At = Annotated[
    int | None, Query(description="As of this number of the change log. Not together with `release`.", ge=1, le=LARGEST)
]
Lang = Annotated[
    str | None,
    Query(
        description="Adds `label` to each concept: its name in this language, else in French, in English, in any.",
        pattern=TAG,
        max_length=35,
        examples=["fr"],
    ),
]
CursorParameter = Annotated[
    str | None,
    Query(
        alias="cursor",
        description="Where the list goes on: `next` of the page before. It keeps the list as of the same number.",
        min_length=1,
        max_length=1_000,
    ),
]


def _asked_at(release: Release = None, at: At = None) -> Asked:
    return Asked(release, at)


def _asked_for(release: Release = None, at: At = None, cursor: CursorParameter = None) -> Asked:
    return Asked(release, at, cursor)


AskedAt = Annotated[Asked, Depends(_asked_at)]
"""The moment that a read asks for."""
AskedFor = Annotated[Asked, Depends(_asked_for)]
"""The moment that a list asks for, or its cursor."""
def _as_of_now(request: Request) -> None:
    asked = next((name for name in ("release", "at") if name in request.query_params), "")
    if asked:
        raise InvalidInput(
            f"badge classes and their bindings are as of now: leave {asked!r} out; what was published is under /api/v1/badge-classes/{{id}}/versions,"
            " and what a release asks of it under /api/v1/refresh"
        )


AS_OF_NOW: Final = Depends(_as_of_now)
"""For what no moment can be asked of: to ask for one is refused."""
Limit = Annotated[int, Query(description="How many items, at most.", ge=1, le=1_000)]
