"""Badge classes, their competencies and their levels as pages show them: rows, names, who may make and bind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Final

from fastapi import Query

from wikic.domain import access
from wikic.domain.access import Actor
from wikic.domain.badges import BadgeClass, parse_level
from wikic.domain.badges_bindings import BINDABLE, Binding
from wikic.domain.vocabulary import DEPRECATED
from wikic.services.badges_parts import BadgeServices
from wikic.services.badging_catalogue import IssuerEntry
from wikic.services.badging_rights import works_for
from wikic.web.badges_services import image_url, issuer_name
from wikic.web.elsewhere_shown import states_of
from wikic.web.pages_common import Visit
from wikic.web.pages_levels_parts import named_level
from wikic.web.views_badges import BadgeRow, BoundRow
from wikic.web.views_common import ConceptLink, Link, concept_link
from wikic.web.views_concept import ConceptBadges

PAGE: Final = 30
_DESCRIBED: Final = 240
_ON_CONCEPT: Final = 5

After = Annotated[str, Query(max_length=2_000)]


def rows_of(seen: Visit, badges: BadgeServices, ids: Iterable[str]) -> list[BadgeRow]:
    """Badge classes in the order of these ids."""
    wanted = list(ids)
    found = badges.badging.get_many(wanted, seen.actor)
    rows = {identity: row_of(seen, badges, badge) for identity, badge in found.items()}
    for identity, state in states_of(seen, found.values()).items():
        rows[identity] = replace(rows[identity], source=state.word, read=state.read)
    return [rows[identity] for identity in wanted if identity in rows]


def bound_rows(seen: Visit, badges: BadgeServices, bindings: Sequence[Binding]) -> list[BadgeRow]:
    """The badge classes of bindings, each with the binding's level."""
    found = badges.badging.get_many([each.badge_class for each in bindings], seen.actor)
    return [row_of(seen, badges, found[each.badge_class], each.at_level) for each in bindings if each.badge_class in found]


def row_of(seen: Visit, badges: BadgeServices, badge: BadgeClass, level: str | None = None) -> BadgeRow:
    """A badge class in a list."""
    content = badge.content
    return BadgeRow(
        address=f"/badges/{badge.id}",
        name=content.name,
        lang="" if content.lang.partition("-")[0] == seen.lang else content.lang,
        description=_short(content.description),
        image=image_url("", badge.id),
        issuer=Link(f"/issuers/{badge.issuer}", issuer_name(badges, badge.issuer, seen.actor)),
        status="" if badge.status == "published" else badge.status,
        level=level_name(seen, content.level if level is None else level),
        elsewhere=content.hosted == "elsewhere",
    )


def targets_of(seen: Visit, badges: BadgeServices, bindings: Sequence[Binding], lang: str) -> list[BoundRow]:
    """Bindings with their competencies as they are now; the names are in the badge class's language."""
    found = badges.bindings.targets.of([each.concept for each in bindings], lang)
    others = [uuid for target in found.values() for uuid in target.successors]
    briefs = _briefs(seen, {*found, *others})
    rows = []
    for each in bindings:
        target = found.get(each.concept)
        if target is None or each.concept not in briefs:
            continue
        rows.append(
            BoundRow(
                binding=each.id,
                concept=briefs[each.concept],
                level=level_name(seen, each.at_level),
                seen=each.seen_name if each.seen_name != target.name else "",
                description=_short(target.description),
                permanent=f"{seen.public_url}/c/{each.concept}",
                pinned=f"{seen.public_url}/r/{each.since_release}/c/{each.concept}" if each.since_release else "",
                release=each.since_release,
                iri=target.iri if target.iri.startswith(("http://", "https://")) else "",
                made=seen.t("badges.bound_by", name=each.made_by, date=seen.t.date(each.made_at)),
                successors=[briefs[uuid] for uuid in target.successors if uuid in briefs],
            )
        )
    return rows


def level_name(seen: Visit, level: str) -> str:
    """A level in words: that of the scale that is always there has a name, others their key and number."""
    found = parse_level(level)
    if found is None:
        return ""
    return seen.t.name("level", level) if found.scale == "practice" and found.number <= 3 else named_level(seen, found)


def practice_levels(seen: Visit) -> list[tuple[str, str]]:
    """The levels of the scale that is always there."""
    return [(key, level_name(seen, key)) for key in ("practice:1", "practice:2", "practice:3")]


def own_issuers(badges: BadgeServices, actor: Actor) -> list[IssuerEntry]:
    """The issuers that somebody works for."""
    return [each for each in badges.catalogue.seen_issuers(actor) if works_for(actor, each.slug)] if actor.known else []


def makes_badges(badges: BadgeServices, actor: Actor) -> bool:
    """Whether somebody may make badge classes: they work for an issuer, or may found one."""
    return actor.known and (access.may(actor, "propose") or bool(own_issuers(badges, actor)))


def attested_by(seen: Visit, uuid: str, kind: str, status: str) -> ConceptBadges | None:
    """What the page of a competency says of badge classes; nothing as of a release, which knows of none. Two round trips where there are some, else one."""
    if seen.release or kind not in BINDABLE:
        return None
    badges: BadgeServices = seen.request.app.state.services.badges
    page = badges.bindings.of_concept(uuid, seen.actor, limit=_ON_CONCEPT)
    total = badges.bindings.count_of_concept(uuid, seen.actor) if page.next else len(page.items)
    rows = bound_rows(seen, badges, page.items) if page.items else []
    return ConceptBadges(rows, total, f"/c/{uuid}/badges", bind_address(seen, badges, uuid, kind, status))


def bind_address(seen: Visit, badges: BadgeServices, uuid: str, kind: str, status: str) -> str:
    """Where one binds a badge class of one's own to a competency; "" for who has none, or where it cannot be bound."""
    if kind not in BINDABLE or status == DEPRECATED or not own_issuers(badges, seen.actor):
        return ""
    return f"/badges/bind?concept={uuid}"


def _briefs(seen: Visit, uuids: Iterable[str]) -> dict[str, ConceptLink]:
    reading = seen.request.app.state.services.reading
    found: Mapping[str, Any] = reading.briefs(uuids, seen.moment or reading.moment())
    return {uuid: concept_link(body, seen.addresses, seen.lang) for uuid, body in found.items()}


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= _DESCRIBED else plain[:_DESCRIBED].rsplit(" ", 1)[0] + "…"
