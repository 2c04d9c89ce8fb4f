"""The pages that show badge classes and issuers: lists, one badge class, its versions, the badge classes of a competency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request, Response

from wikic.domain import access
from wikic.domain.badges import BadgeClass, BadgeStatus, Hosting
from wikic.domain.badges_documents import badge_url
from wikic.domain.endorsements import Named
from wikic.domain.vocabulary import ACTIVE, DEPRECATED
from wikic.errors import WikicError
from wikic.services.badges_parts import BadgeServices
from wikic.services.badging_catalogue import Asked, IssuerEntry
from wikic.services.badging_rights import may_publish, works_for
from wikic.web.acting import CurrentActor
from wikic.web.badges_linked import asked_form, of_badge, of_concept
from wikic.web.badges_services import BadgeId, Badges, IssuerSlug, image_url, issuer_name
from wikic.web.badges_sharing import shared_badge
from wikic.web.badges_shown import (
    PAGE,
    After,
    bind_address,
    bound_rows,
    level_name,
    makes_badges,
    practice_levels,
    rows_of,
    targets_of,
)
from wikic.web.dependencies import LARGEST, ReadingService
from wikic.web.elsewhere_shown import source_view
from wikic.web.endorsing_tools import standing
from wikic.web.pages_account import trouble_of
from wikic.web.pages_boxes import boxes_of_badge
from wikic.web.pages_common import Visit, visit
from wikic.web.pages_levels_parts import shared_criteria
from wikic.web.views_badges import (
    BadgePage,
    BadgesPage,
    BadgeVersionPage,
    ConceptBadgesPage,
    IssuerPage,
    IssuerRow,
    IssuersPage,
)
from wikic.web.views_common import Link, concept_link
from wikic.web.views_search import Facet

router = APIRouter(include_in_schema=False)

_FACETS: Final = ("status", "issuer", "language", "level", "territory", "hosted")
_FACET_NAMES: Final = {"language": "lang"}
_SHOWN_CHOICES: Final = 15


@router.get("/badges")
def badges_page(
    request: Request,
    reading: ReadingService,
    badges: Badges,
    actor: CurrentActor,
    q: Annotated[str, Query(max_length=300)] = "",
    issuer: Annotated[str, Query(max_length=60)] = "",
    level: Annotated[str, Query(max_length=70)] = "",
    territory: Annotated[str, Query(max_length=10)] = "",
    language: Annotated[str, Query(max_length=35)] = "",
    status: BadgeStatus | None = None,
    hosted: Hosting | None = None,
    due: Annotated[str, Query(max_length=10)] = "",
    after: After = "",
) -> Response:
    """Badge classes, searched and narrowed."""
    seen = visit(request, reading)
    asked = Asked(q, issuer, level, territory, language, status or "", hosted or "", due)
    found = badges.catalogue.find(asked, actor, after=after, limit=PAGE)
    filters = {"status": status, "issuer": issuer, "language": language, "level": level, "territory": territory, "hosted": hosted, "due": due}
    page = BadgesPage(
        title=seen.t("badges.title"),
        query=q,
        hidden=[(name, value) for name, value in filters.items() if value],
        rows=rows_of(seen, badges, found.ids),
        total=found.total,
        facets=_facets(seen, badges, q, filters, found.facets),
        cleared=seen.addresses.page("/badges", q=q) if any(filters.values()) else "",
        following=seen.addresses.page("/badges", q=q, **filters, after=found.next) if found.next else "",
        may_make=makes_badges(badges, actor),
    )
    return seen.answer(page, indexed=not (q or after or any(filters.values())))


@router.get("/badges/{id}")
def badge_page(
    request: Request, reading: ReadingService, badges: Badges, actor: CurrentActor, id: BadgeId, after: After = ""
) -> Response:
    """One badge class."""
    linked = asked_form(request)
    if linked is not None:
        return of_badge(request, badges, id, actor, linked)
    seen = visit(request, reading)
    badge = badges.badging.get(id, seen.actor)
    return seen.answer(shown_badge(seen, badges, badge, after=after), indexed=badge.public and not after)


@router.get("/badges/{id}/versions/{number}")
def badge_version_page(
    request: Request, reading: ReadingService, badges: Badges, id: BadgeId, number: Annotated[int, Path(ge=1, le=LARGEST)]
) -> Response:
    """One published version."""
    seen = visit(request, reading)
    badge = badges.badging.get(id, seen.actor)
    version = badges.badging.version(id, number, seen.actor)
    page = BadgeVersionPage(
        title=version.content.name,
        trail=[Link("/badges", seen.t("badges.title")), Link(f"/badges/{id}", badge.content.name)],
        badge=badge,
        number=number,
        published=version.published,
        by=version.by,
        content=version.content,
        image=image_url("", id, number),
        level=level_name(seen, version.content.level),
        bound=[(_frozen_link(each), level_name(seen, str(each["level"]))) for each in version.bindings],
        works=works_for(seen.actor, badge.issuer) and number < badge.number,
    )
    return seen.answer(page, indexed=False)


@router.get("/issuers")
def issuers_page(
    request: Request,
    reading: ReadingService,
    badges: Badges,
    actor: CurrentActor,
    territory: Annotated[str, Query(max_length=10)] = "",
    after: After = "",
) -> Response:
    """The issuers."""
    seen = visit(request, reading)
    found = badges.catalogue.seen_issuers(actor)
    if territory:
        there = set(badges.catalogue.in_territory(territory))
        found = [each for each in found if each.slug in there]
    rest = [each for each in found if f"{each.name.casefold()} {each.slug}" > after]
    last = rest[PAGE - 1] if len(rest) > PAGE else None
    following = f"{last.name.casefold()} {last.slug}" if last else ""
    counts = badges.catalogue.counts(actor)
    page = IssuersPage(
        title=seen.t("issuers.title"),
        rows=[_issuer_row(each, counts.get(each.slug, {})) for each in rest[:PAGE]],
        territory=territory,
        following=seen.addresses.page("/issuers", territory=territory, after=following) if following else "",
        may_found=access.may(actor, "propose"),
    )
    return seen.answer(page)


@router.get("/issuers/{slug}")
def issuer_page(
    request: Request, reading: ReadingService, badges: Badges, actor: CurrentActor, slug: IssuerSlug, after: After = ""
) -> Response:
    """One issuer, with its badge classes."""
    seen = visit(request, reading)
    issuer = badges.catalogue.issuer(slug, actor)
    found = badges.catalogue.find(Asked(issuer=slug), actor, after=after, limit=PAGE)
    page = IssuerPage(
        title=issuer.name,
        trail=[Link("/issuers", seen.t("issuers.title"))],
        slug=slug,
        private=issuer.private,
        profile=issuer.profile,
        rows=rows_of(seen, badges, found.ids),
        total=found.total,
        following=seen.addresses.page(f"/issuers/{slug}", after=found.next) if found.next else "",
        works=works_for(actor, slug),
        standing=None if issuer.private else standing(seen, Named("issuer", slug), slug),
        to_treat=to_treat(seen, slug),
    )
    return seen.answer(page, indexed=not issuer.private)


@router.get("/c/{uuid}/badges")
def concept_badges_page(
    request: Request,
    reading: ReadingService,
    badges: Badges,
    actor: CurrentActor,
    uuid: Annotated[str, Path(max_length=60)],
    level: Annotated[str, Query(max_length=70)] = "",
    issuer: Annotated[str, Query(max_length=60)] = "",
    territory: Annotated[str, Query(max_length=10)] = "",
    language: Annotated[str, Query(max_length=35)] = "",
    after: After = "",
) -> Response:
    """The badge classes that attest a competency."""
    linked = asked_form(request)
    if linked is not None:
        return of_concept(request, badges, uuid, linked)
    seen = visit(request, reading)
    identity = badges.bindings.targets.uuid_of(uuid)
    concept = concept_link(reading.briefs([identity], reading.moment())[identity], seen.addresses, seen.lang)
    page = badges.bindings.of_concept(
        identity, actor, level=level, issuer=issuer, territory=territory, lang=language, after=after, limit=PAGE
    )
    start = f"/c/{identity}/badges"
    others = {"issuer": issuer, "language": language, "territory": territory}
    levels = [Link(seen.addresses.page(start, **others), seen.t("search.all"), current=not level)]
    levels += [Link(seen.addresses.page(start, level=key, **others), name, current=key == level) for key, name in practice_levels(seen)]
    ids = badges.bindings.classes_of_concept(identity, actor)
    counts = badges.catalogue.find(Asked("", issuer, "", territory, language, "published", ids=ids), actor, limit=1).facets
    shown = ConceptBadgesPage(
        title=seen.t("badges.of_concept", name=concept.name.value),
        trail=[Link(concept.address, concept.name.value)],
        concept=concept,
        rows=bound_rows(seen, badges, page.items),
        total=badges.bindings.count_of_concept(identity, actor),
        levels=levels,
        facets=_facets(seen, badges, "", {**others, "level": level}, counts, start=start, names=tuple(others)),
        following=seen.addresses.page(start, level=level, **others, after=page.next) if page.next else "",
        bind=bind_address(seen, badges, identity, concept.kind, DEPRECATED if concept.deprecated else ACTIVE),
    )
    return seen.answer(shown, indexed=False)


def shown_badge(seen: Visit, badges: BadgeServices, badge: BadgeClass, *, after: str = "", error: WikicError | None = None) -> BadgePage:
    """The page of a badge class; `error`: why what was asked of it was not done."""
    works = works_for(seen.actor, badge.issuer)
    page = badges.bindings.of_badge(badge.id, seen.actor, after=after, limit=PAGE)
    versions = badges.badging.versions(badge.id, seen.actor, after=max(0, badge.number - PAGE)) if badge.public else []
    bound = targets_of(seen, badges, page.items, badge.content.lang)
    return BadgePage(
        title=badge.content.name,
        trail=[Link("/badges", seen.t("badges.title"))],
        trouble=trouble_of(seen, error) if error else None,
        badge=badge,
        content=badge.content,
        foreign=badge.content.lang.partition("-")[0] != seen.lang,
        issuer=Link(f"/issuers/{badge.issuer}", issuer_name(badges, badge.issuer, seen.actor)),
        level=level_name(seen, badge.content.level),
        image=image_url("", badge.id),
        shared=shared_criteria(seen, badge.issuer, badge.content.level, page.items),
        bound=bound,
        following=seen.addresses.page(f"/badges/{badge.id}", after=page.next) if page.next else "",
        permanent=badge_url(seen.public_url, badge.id) if badge.public else f"{seen.public_url}/badges/{badge.id}",
        pinned=badge_url(seen.public_url, badge.id, badge.number) if badge.public else "",
        versions=[_version_link(seen, badge.id, each.number, each.published) for each in reversed(versions)],
        works=works,
        manages=may_publish(seen.actor, badge.issuer),
        lacks=sum(each.required for each in badges.badging.missing(badge)) if works else 0,
        standing=standing(seen, Named("badge_class", badge.id), badge.issuer) if badge.public else None,
        source=source_view(seen, badge),
        given=shared_badge(seen, badges, badge, bound),
        boxes=boxes_of_badge(seen, badges, badge),
    )


def to_treat(seen: Visit, slug: str) -> list[tuple[Link, int]]:
    """The releases that ask something of an issuer's badge classes, for its people."""
    if not works_for(seen.actor, slug):
        return []
    standings = seen.request.app.state.services.refresh.lines.standings(slug)
    found = [(each.release, int(each.states["open"])) for each in standings]
    return [(Link(f"/refresh/{release}?issuer={slug}", release), number) for release, number in found if number]


def _facets(
    seen: Visit, badges: BadgeServices, query: str, filters: Mapping[str, str | None], counts: Mapping[str, Mapping[str, int]], *,
    start: str = "/badges", names: Sequence[str] = _FACETS,
) -> list[Facet]:  # fmt: skip
    made = []
    for name in names:
        found = counts.get(_FACET_NAMES.get(name, name)) or {}
        chosen = filters[name]
        if len(found) < 2 and not chosen:
            continue
        others = {each: value for each, value in filters.items() if each != name}
        choices = [Link(seen.addresses.page(start, q=query, **others), seen.t("search.all"), current=not chosen)]
        words = list(found)[:_SHOWN_CHOICES]
        words += [chosen] if chosen and chosen not in words else []
        for word in words:
            address = seen.addresses.page(start, q=query, **others, **{name: word})
            choices.append(Link(address, _facet_word(seen, badges, name, word), current=word == chosen, total=found.get(word)))
        made.append(Facet(seen.t.name("badge_facet", name), choices))
    return made


def _facet_word(seen: Visit, badges: BadgeServices, facet: str, word: str) -> str:
    if facet == "issuer":
        return issuer_name(badges, word, seen.actor)
    if facet == "level":
        try:
            return level_name(seen, word)
        except WikicError:
            return word
    group = {"status": "badge_status", "language": "language", "hosted": "badge_hosted"}.get(facet, "")
    return seen.t.name(group, word) if group else word


def _version_link(seen: Visit, identity: str, number: int, published: str) -> Link:
    return Link(f"/badges/{identity}/versions/{number}", seen.t("badges.version_of", n=number, date=seen.t.date(published)))


def _frozen_link(bound: Mapping[str, Any]) -> Link:
    release = str(bound["since_release"])
    start = f"/r/{release}" if release else ""
    return Link(f"{start}/c/{bound['concept']}", str(bound["seen_name"]) or str(bound["concept"]))


def _issuer_row(issuer: IssuerEntry, counts: Mapping[str, int]) -> IssuerRow:
    profile = issuer.profile
    place = " · ".join(filter(None, (profile.city, ", ".join(profile.territories[:5]))))
    return IssuerRow(f"/issuers/{issuer.slug}", issuer.name, place, counts.get("published", 0), issuer.private)
