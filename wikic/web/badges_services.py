"""What the handlers of badges are given, and the bodies that they answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Annotated, Any, Protocol, cast

from fastapi import Depends, Path, Request

from wikic.domain.access import Actor
from wikic.domain.badges import BadgeClass, BadgeContent, BadgeVersion
from wikic.domain.badges_bindings import Binding, Target
from wikic.errors import NotFound
from wikic.services.badges_parts import BadgeServices
from wikic.services.badging_rights import works_for
from wikic.services.binding import Outcome

Body = dict[str, Any]


class WithBadges(Protocol):
    """What these handlers need of an opened store; `bootstrap.App` is one."""

    @property
    def badges(self) -> BadgeServices: ...


def _badges(request: Request) -> BadgeServices:
    return cast(WithBadges, request.app.state.services).badges


Badges = Annotated[BadgeServices, Depends(_badges)]
"""All services that have to do with badge classes."""

BadgeId = Annotated[str, Path(alias="id", description="The badge class's id.", min_length=1, max_length=60)]
IssuerSlug = Annotated[str, Path(description="The short name.", max_length=60)]


async def _raw(request: Request) -> bytes:
    return await request.body()


RawBody = Annotated[bytes, Depends(_raw)]
"""The body as it was sent."""


def issuer_name(services: BadgeServices, slug: str, actor: Actor) -> str:
    """The name of an issuer; its slug where there is none that the actor may see."""
    try:
        return services.catalogue.issuer(slug, actor).name
    except NotFound:
        return slug


def image_url(public_url: str, identity: str, number: int = 0) -> str:
    """Where the image of a badge class is; that of a version never changes."""
    return f"{public_url}/api/v1/badge-classes/{identity}/image" + (f"?version={number}" if number else "")


def content_body(content: BadgeContent) -> Body:
    """What a version says."""
    return content.packed()


def brief_of_badge(services: BadgeServices, badge: BadgeClass, actor: Actor, public_url: str) -> Body:
    """A badge class in a list."""
    content = badge.content
    return {
        "id": badge.id,
        "issuer": badge.issuer,
        "issuer_name": issuer_name(services, badge.issuer, actor),
        "status": badge.status,
        "number": badge.number,
        **{name: getattr(content, name) for name in ("name", "description", "lang", "level", "human_code", "hosted", "address", "review_due")},
        "image_url": image_url(public_url, badge.id),
    }


def badge_body(services: BadgeServices, badge: BadgeClass, actor: Actor, public_url: str) -> Body:
    """A badge class whole."""
    lacking = services.badging.missing(badge) if works_for(actor, badge.issuer) else []
    return {
        "id": badge.id,
        "issuer": badge.issuer,
        "issuer_name": issuer_name(services, badge.issuer, actor),
        "status": badge.status,
        "number": badge.number,
        "content": content_body(badge.content),
        "draft": content_body(badge.draft) if badge.draft else None,
        "missing": [asdict(each) | {"standards": list(each.standards)} for each in lacking],
        "bindings_total": len(services.bindings.open_of([badge.id])[badge.id]),
        "image_url": image_url(public_url, badge.id),
        "created": badge.created,
        "changed": badge.changed,
        "made_by": badge.made_by,
        "published": badge.published or None,
        "retired": badge.retired or None,
    }


def badge_version_body(version: BadgeVersion, public_url: str) -> Body:
    """A published version."""
    body = asdict(version) | {"content": content_body(version.content), "bindings": [dict(each) for each in version.bindings]}
    return body | {"image_url": image_url(public_url, version.badge_class, version.number)}


def binding_body(binding: Binding) -> Body:
    """A binding."""
    body = asdict(binding) | {"level": binding.at_level}
    del body["state"], body["version"], body["at_level"]
    return body | {"closed_by": binding.closed_by or None, "closed_at": binding.closed_at or None}


def target_body(target: Target, release: str, public_url: str) -> Body:
    """What an alignment says of a competency; `release`: in which it was seen when it was bound."""
    body = asdict(target) | {"successors": list(target.successors)}
    del body["release"]
    return body | {
        "url": f"{public_url}/c/{target.concept}",
        "pinned_url": f"{public_url}/r/{release}/c/{target.concept}" if release else None,
    }


def with_targets(services: BadgeServices, bindings: Sequence[Binding], lang: str, public_url: str) -> list[Body]:
    """Bindings with their competencies as they are now."""
    targets = services.bindings.targets.of([each.concept for each in bindings], lang)
    items = []
    for each in bindings:
        target = targets.get(each.concept)
        body = target_body(target, each.since_release, public_url) if target else None
        items.append(binding_body(each) | {"target": body})
    return items


def with_badges(services: BadgeServices, bindings: Sequence[Binding], actor: Actor, public_url: str) -> list[Body]:
    """Bindings with their badge classes."""
    found = services.badging.get_many([each.badge_class for each in bindings], actor)
    return [
        binding_body(each) | {"badge": brief_of_badge(services, found[each.badge_class], actor, public_url)}
        for each in bindings
        if each.badge_class in found
    ]


def briefs(services: BadgeServices, ids: Iterable[str], actor: Actor, public_url: str) -> list[Body]:
    """Badge classes in the order of these ids."""
    wanted = list(ids)
    found = services.badging.get_many(wanted, actor)
    return [brief_of_badge(services, found[identity], actor, public_url) for identity in wanted if identity in found]


def outcome_body(outcome: Outcome) -> Body:
    """What a bulk did, line by line."""
    lines = [
        {
            "line": line.line,
            "result": line.result,
            "badge_class": line.wish.badge_class,
            "concept": line.wish.concept,
            "level": line.binding.level if line.binding else line.wish.level,
            "binding": line.binding.id if line.binding else None,
            "seen_name": line.binding.seen_name if line.binding else None,
            "problem": line.error.slug if line.error else None,
            "reason": line.error.message if line.error else None,
        }
        for line in outcome.lines
    ]
    counts = {result: outcome.count(result) for result in ("bound", "already", "refused")}
    return {"applied": outcome.applied, **counts, "lines": lines}
