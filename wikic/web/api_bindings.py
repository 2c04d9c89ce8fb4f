"""The API of bindings (made, ended, in bulk, looked up both ways) and of issuers."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from wikic.domain.badges import BadgeStatus
from wikic.errors import InvalidInput
from wikic.services.badging_catalogue import IssuerEntry
from wikic.services.binding import Wish, refusal
from wikic.services.binding_csv import bind_table, decoded
from wikic.web import examples_badges as examples
from wikic.web import schemas_badges as shapes
from wikic.web.acting import CurrentActor
from wikic.web.answers import free_answer
from wikic.web.api_badges import Cursor, Limit, listed, read_answers
from wikic.web.api_proposals_tools import answers, private_answer
from wikic.web.badges_services import Badges, Body, IssuerSlug, RawBody, binding_body, outcome_body, with_badges
from wikic.web.dependencies import AS_OF_NOW, ReadingService, Ref, public_url
from wikic.web.schemas import PageShape

router = APIRouter(prefix="/api/v1", tags=["badges"], dependencies=[AS_OF_NOW])


@router.get(
    "/concepts/{ref:path}/badge-classes",
    operation_id="list_concept_badges",
    summary="The badge classes that attest a competency",
    response_model=None,
    responses=read_answers(PageShape[shapes.BoundBadgeShape], examples.page(examples.BOUND_BADGE), 404),
)
def list_concept_badges(
    request: Request,
    reading: ReadingService,
    badges: Badges,
    actor: CurrentActor,
    ref: Ref,
    level: Annotated[str, Query(max_length=70)] = "",
    issuer: Annotated[str, Query(max_length=60)] = "",
    territory: Annotated[str, Query(max_length=10)] = "",
    language: Annotated[str, Query(max_length=35)] = "",
    status: BadgeStatus = "published",
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Response:
    def make(after: str) -> tuple[list[Any], str, dict[str, Any]]:
        uuid = badges.bindings.targets.uuid_of(ref)
        page = badges.bindings.of_concept(
            uuid, actor, level=level, issuer=issuer, territory=territory, lang=language, state=status, after=after, limit=limit
        )
        return with_badges(badges, page.items, actor, public_url(request)), page.next, {}

    listing = "|".join(("concept-badges", ref, level, issuer, territory, language, status))
    return listed(request, reading, listing, cursor, make)


@router.get(
    "/bindings",
    operation_id="list_bindings",
    summary="Bindings of a concept, of a badge class or of an issuer",
    response_model=None,
    responses=read_answers(PageShape[shapes.BindingShape], examples.page(examples.BINDING), 404),
)
def list_bindings(
    request: Request,
    reading: ReadingService,
    badges: Badges,
    actor: CurrentActor,
    concept: Annotated[str, Query(description="Any reference.", max_length=2_000)] = "",
    badge_class: Annotated[str, Query(max_length=60)] = "",
    issuer: Annotated[str, Query(max_length=60)] = "",
    status: Annotated[str, Query(pattern="^(open|closed|any)$")] = "open",
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Response:
    if not (concept or badge_class or issuer):
        raise InvalidInput("say whose bindings: `concept`, `badge_class` or `issuer`")
    if badge_class and (concept or issuer):
        raise InvalidInput("ask by `badge_class` alone, or by `concept` and `issuer`")
    state = "" if status == "any" else status

    def make(after: str) -> tuple[list[Any], str, dict[str, Any]]:
        if badge_class:
            page = badges.bindings.of_badge(badge_class, actor, status=state, after=after, limit=limit)
        elif concept:
            uuid = badges.bindings.targets.uuid_of(concept)
            page = badges.bindings.of_concept(uuid, actor, issuer=issuer, state="", status=state, after=after, limit=limit)
        else:
            page = badges.bindings.of_issuer(issuer, actor, status=state, after=after, limit=limit)
        return [binding_body(each) for each in page.items], page.next, {}

    return listed(request, reading, "|".join(("bindings", concept, badge_class, issuer, status)), cursor, make)


@router.post(
    "/bindings",
    operation_id="make_bindings",
    summary="Bind badge classes to competencies, one or many",
    response_model=None,
    responses=answers(shapes.BindOutcomeShape, 409),
)
def make_bindings(badges: Badges, actor: CurrentActor, sent: shapes.BindBody) -> Response:
    wishes = [Wish(each.badge_class, each.concept, each.level) for each in sent.bindings]
    outcome = badges.bindings.bind(
        wishes, actor, source=sent.source, release=sent.release, dry_run=sent.dry_run, partly=sent.partly, historic=sent.historic
    )
    if not sent.dry_run and not outcome.applied and outcome.count("refused") and not sent.partly:
        raise refusal(outcome)
    return private_answer(outcome_body(outcome))


@router.post(
    "/bindings/csv",
    operation_id="make_bindings_from_csv",
    summary="Bind from a table: first dry, then for good; all or nothing unless `partly`",
    response_model=None,
    responses=answers(shapes.BindOutcomeShape),
    openapi_extra={"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}, "example": examples.CSV}}}},
)
def make_bindings_from_csv(
    request: Request,
    badges: Badges,
    actor: CurrentActor,
    data: RawBody,
    issuer: Annotated[str, Query(description="Whose codes may stand for ids of badge classes.", max_length=60)] = "",
    dry_run: Annotated[bool, Query(description="Only say what would be done.")] = True,
    partly: Annotated[bool, Query(description="Bind the lines that are right.")] = False,
    historic: Annotated[bool, Query(description="Deprecated competencies too.")] = False,
) -> Response:
    outcome = bind_table(
        badges.bindings, badges.catalogue, decoded(data), actor, issuer=issuer, public_url=public_url(request), dry_run=dry_run,
        partly=partly, historic=historic,
    )  # fmt: skip
    return private_answer(outcome_body(outcome))


@router.delete(
    "/bindings/{id}",
    operation_id="end_binding",
    summary="End a binding; it stays in the versions that had it",
    response_model=None,
    responses=answers(shapes.BindingShape),
)
def end_binding(badges: Badges, actor: CurrentActor, id: Annotated[str, Path(description="The binding's id.", max_length=60)]) -> Response:
    return private_answer(binding_body(badges.bindings.unbind([id], actor)[0]))


@router.get(
    "/issuers",
    operation_id="list_issuers",
    summary="The issuers of badges, by name",
    response_model=None,
    responses=read_answers(PageShape[shapes.IssuerShape], examples.page(examples.ISSUER)),
)
def list_issuers(
    request: Request,
    reading: ReadingService,
    badges: Badges,
    actor: CurrentActor,
    territory: Annotated[str, Query(max_length=10)] = "",
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Response:
    def make(after: str) -> tuple[list[Any], str, dict[str, Any]]:
        found = badges.catalogue.seen_issuers(actor)
        if territory:
            there = set(badges.catalogue.in_territory(territory))
            found = [each for each in found if each.slug in there]
        places = [f"{each.name.casefold()} {each.slug}" for each in found]
        rest = [(place, each) for place, each in zip(places, found, strict=True) if place > after]
        following = rest[limit - 1][0] if len(rest) > limit else ""
        counts = badges.catalogue.counts(actor)
        return [issuer_body(each, counts.get(each.slug, {})) for _, each in rest[:limit]], following, {}

    return listed(request, reading, f"issuers|{territory}", cursor, make)


@router.get(
    "/issuers/{slug}",
    operation_id="read_issuer",
    summary="One issuer",
    response_model=None,
    responses=read_answers(shapes.IssuerShape, examples.ISSUER, 404),
)
def read_issuer(request: Request, reading: ReadingService, badges: Badges, actor: CurrentActor, slug: IssuerSlug) -> Response:
    issuer = badges.catalogue.issuer(slug, actor)
    answer = free_answer(request, issuer_body(issuer, badges.catalogue.counts(actor).get(slug, {})), reading.moment().head)
    answer.headers["Vary"] = "Authorization, Cookie"
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def issuer_body(issuer: IssuerEntry, counts: dict[str, int]) -> Body:
    """An issuer as it is answered."""
    return {"slug": issuer.slug, "name": issuer.name, "private": issuer.private, "profile": issuer.profile.packed(), "badge_classes": counts}
