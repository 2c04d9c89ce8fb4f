"""The web application: routes over the services of one opened store."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI

from wikic import __version__
from wikic.services.giving_way import GivingWay
from wikic.web import (
    api_acceptances,
    api_accounts,
    api_alignments,
    api_audit,
    api_awards,
    api_badges,
    api_bindings,
    api_changes,
    api_concepts,
    api_coverage,
    api_deployment,
    api_elsewhere,
    api_endorsements,
    api_events,
    api_imports,
    api_levels,
    api_lint,
    api_organisations,
    api_proposals,
    api_proposals_deciding,
    api_proposals_queue,
    api_refresh,
    api_releases,
    api_revert,
    api_schemes,
    api_search,
    api_service,
    api_watches,
    api_webhooks,
    badges_linked,
    case,
    endorsement_documents,
    errors,
    feeds,
    linked_data,
    open_badges,
    pages_about,
    pages_account,
    pages_account_oidc,
    pages_account_own,
    pages_account_people,
    pages_audit,
    pages_award,
    pages_awards,
    pages_badges,
    pages_badges_binding,
    pages_badges_making,
    pages_common,
    pages_concept,
    pages_coverage,
    pages_criteria,
    pages_deployment,
    pages_elsewhere,
    pages_embed,
    pages_embed_badge,
    pages_endorsing,
    pages_framework,
    pages_home,
    pages_imports,
    pages_levels,
    pages_lint,
    pages_organisations,
    pages_proposals,
    pages_proposals_list,
    pages_proposals_one,
    pages_queue,
    pages_queue_rules,
    pages_refresh,
    pages_releases,
    pages_reverting,
    pages_watches,
    pages_webhooks,
    release_files,
    static_files,
)
from wikic.web.compression import Compression
from wikic.web.dependencies import Services
from wikic.web.front import Front
from wikic.web.headers import Headers
from wikic.web.kept import KeptAnswers
from wikic.web.limits import Limits
from wikic.web.openapi import describe
from wikic.web.rate_limit import Buckets, RateLimit
from wikic.web.streams import Streams, end_on_signals
from wikic.web.tagged import Tagged

_API: Final = (
    api_search,
    # Before what takes any reference.
    api_alignments,
    api_awards,
    api_deployment,
    api_coverage,
    api_bindings,
    api_elsewhere,
    api_badges,
    api_endorsements,
    api_acceptances,
    endorsement_documents,
    api_concepts,
    # Before what takes any name.
    api_releases,
    api_schemes,
    api_changes,
    release_files,
    case,
    open_badges,
    feeds,
    api_revert,
    # Before what takes any id: the queue and its kin have addresses of their own.
    api_proposals_queue,
    api_proposals_deciding,
    api_proposals,
    api_events,
    api_levels,
    api_lint,
    api_refresh,
    badges_linked,
    api_watches,
    api_webhooks,
    api_audit,
    api_imports,
    api_accounts,
    api_organisations,
    api_service,
)
_PAGES: Final = (
    pages_home,
    pages_concept,
    pages_framework,
    pages_releases,
    pages_about,
    pages_account,
    pages_account_oidc,
    pages_account_own,
    pages_account_people,
    pages_organisations,
    pages_watches,
    pages_webhooks,
    pages_audit,
    pages_imports,
    pages_deployment,
    pages_coverage,
    pages_embed_badge,
    # Before what takes any id: making and binding have addresses of their own.
    pages_badges_binding,
    pages_elsewhere,
    pages_badges_making,
    pages_awards,
    pages_badges,
    # Before what takes any id: proposing has addresses of its own.
    pages_criteria,
    pages_levels,
    pages_endorsing,
    pages_refresh,
    pages_award,
    pages_embed,
    pages_lint,
    pages_proposals,
    pages_proposals_list,
    pages_proposals_one,
    pages_queue,
    pages_queue_rules,
    pages_reverting,
    static_files,
)

WebApp = FastAPI
"""The type of the ASGI application, for those who may not know the framework."""


def create_app(
    app: Services,
    public_url: str,
    *,
    metrics_folder: str | None = None,
    rate_limit: int = 0,
    on_shutdown: Callable[[], None] | None = None,
    way: GivingWay | None = None,
) -> FastAPI:
    """The ASGI application over opened services. `public_url` has no slash at its end.

    `metrics_folder`: where several processes of one server write their metrics together (PROMETHEUS_MULTIPROC_DIR).
    `rate_limit`: requests a minute that one address may send; 0 for no limit.
    `on_shutdown` runs when the server stops, such as `app.close` where nobody else closes it.
    `way`: who has to know that somebody waits for an answer."""

    @asynccontextmanager
    async def lifespan(web: FastAPI) -> AsyncIterator[None]:
        web.state.streams = Streams(lambda: api_events.happenings_of_app(web))
        end_on_signals(web.state.streams.close)
        try:
            yield
        finally:
            web.state.streams.close()
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
    web.state.kept = KeptAnswers()
    errors.install(web)
    routers = [module.router for module in _API]
    pages = [module.router for module in _PAGES]
    for router in [*routers, linked_data.router, *pages]:
        web.include_router(router)
    web.state.concept_page = pages_concept.concept_page
    web.state.release_page = pages_framework.release_document_page
    web.state.catalog_page = pages_framework.catalog_page
    web.state.ontology_page = pages_framework.ontology_page
    web.state.endorsement_page = pages_endorsing.endorsement_page
    web.state.error_page = pages_about.error_page
    web.state.readable = pages_common.readable_shapes([*routers, linked_data.router, *pages])
    describe(web, web.state.public_url, [*routers, linked_data.router])
    web.add_middleware(Tagged)
    web.add_middleware(Limits, public_url=web.state.public_url)
    if rate_limit:
        web.add_middleware(RateLimit, buckets=Buckets(rate_limit))
    # The last one added is the outermost.
    web.add_middleware(Front, way=way or GivingWay())
    web.add_middleware(Compression)
    web.add_middleware(Headers, secure=web.state.public_url.startswith("https:"))
    return web
