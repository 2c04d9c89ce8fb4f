"""The application as tests start it, once for each of them."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from wikic.web.app import WebApp, create_app
from wikic.web.dependencies import Services


def started(services: object, public_url: str) -> WebApp:
    """An application that has just started over opened services, with the routes of the one before: to make them takes a quarter of a second.

    A process has one at a time for each address; a test that needs two of them makes its own (`create_app`)."""
    web = _routed(public_url)
    web.state = create_app(cast(Services, services), public_url).state
    return web


@cache
def _routed(public_url: str) -> WebApp:
    nothing: Any = None
    return create_app(nothing, public_url)
