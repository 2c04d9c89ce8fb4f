"""The web application: routes over the services of one opened store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI

from wikic import __version__
from wikic.web import api_changes, api_concepts, api_schemes, api_service, errors
from wikic.web.dependencies import Services
from wikic.web.front import Front
from wikic.web.openapi import describe


def create_app(
    app: Services,
    public_url: str,
    *,
    metrics_folder: str | None = None,
    on_shutdown: Callable[[], None] | None = None,
) -> FastAPI:
    """The ASGI application over opened services. `public_url` has no slash at its end.

    `metrics_folder`: where several processes of one server write their metrics together (PROMETHEUS_MULTIPROC_DIR).
    `on_shutdown` runs when the server stops, such as `app.close` where nobody else closes it."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        try:
            yield
        finally:
            if on_shutdown is not None:
                on_shutdown()

    web = FastAPI(
        title="Wiki-C",
        version=__version__,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,
    )
    web.state.services = app
    web.state.public_url = public_url.rstrip("/")
    web.state.metrics_folder = metrics_folder
    errors.install(web)
    routers = [module.router for module in (api_concepts, api_schemes, api_changes, api_service)]
    for router in routers:
        web.include_router(router)
    describe(web, web.state.public_url, routers)
    web.add_middleware(Front)
    return web
