"""What the handlers of accounts and organisations are given: the services of people over the opened store."""

from __future__ import annotations

from typing import Annotated, Protocol, cast

from fastapi import Depends, Request

from wikic.services.accounts_parts import AccountServices


class WithPeople(Protocol):
    """What these handlers need of an opened store; `bootstrap.App` is one."""

    @property
    def people(self) -> AccountServices: ...


def _people(request: Request) -> AccountServices:
    return cast(WithPeople, request.app.state.services).people


People = Annotated[AccountServices, Depends(_people)]
"""All services that have to do with people."""
