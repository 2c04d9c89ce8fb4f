"""What several pages show of scales and criteria: names of levels, the criteria of a competency, those that hold for a badge class."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from wikic.domain.access import Actor
from wikic.domain.badges import PRACTICE, Level
from wikic.domain.badges_bindings import BINDABLE, Binding
from wikic.domain.levels import Criteria, Scale, criteria_address, in_language, scale_address
from wikic.domain.vocabulary import DEPRECATED
from wikic.errors import StaleVersion, WikicError
from wikic.services.criteria import Holding
from wikic.services.reading_views import Body
from wikic.web.levels_services import levels_of_request
from wikic.web.pages_account import refused
from wikic.web.pages_common import Visit
from wikic.web.views_common import ConceptLink, Link, Text, concept_link
from wikic.web.views_levels import ConceptCriteria, CriteriaBlock, LevelWords

_OFFERED = 30
"""Scales whose levels are offered in forms, besides the one that is always there."""


def status_of_refusal(error: WikicError) -> int:
    """The status of a page that shows a form again, where somebody else may have been faster."""
    return 412 if isinstance(error, StaleVersion) else refused(error)


def words(texts: Mapping[str, str], lang: str) -> Text:
    """A text for readers of a language."""
    value, tag = in_language(texts, lang)
    return Text(value, tag or lang, bool(tag) and tag != lang)


def scale_of(seen: Visit, identity: str) -> Scale | None:
    """A scale, asked for once for each page."""
    known: dict[str, Scale | None] = seen.request.scope.setdefault("wikic.scales", {})
    if identity not in known:
        known[identity] = levels_of_request(seen.request).scales.get_many([identity]).get(identity)
    return known[identity]


def named_level(seen: Visit, level: Level) -> str:
    """A level of a scale in words: those of the scale, else its key and number."""
    scale = scale_of(seen, level.scale)
    found = scale.level(level.number) if scale else None
    return words(found.name, seen.lang).value if found else f"{level.scale} {level.number}"


def other_levels(seen: Visit) -> list[tuple[str, str]]:
    """The levels of the scales that were made here, to choose from."""
    found, _ = levels_of_request(seen.request).scales.page(limit=_OFFERED)
    return [
        (f"{scale.id}:{number}", f"{words(scale.name, seen.lang).value}{seen.t.colon} {words(level.name, seen.lang).value}")
        for scale in found
        if scale.id != PRACTICE
        for number, level in enumerate(scale.levels, 1)
    ]


def scale_words(seen: Visit, scale: Scale, *, current: int = 0) -> list[LevelWords]:
    """The levels of a scale, with what they mean."""
    return [
        LevelWords(number, words(each.name, seen.lang), words(each.description, seen.lang), scale_address("", Level(scale.id, number)), number == current)
        for number, each in enumerate(scale.levels, 1)
    ]


def block_of(
    seen: Visit, criteria: Criteria, scale: Scale, network: str, *, only: int = 0, current: int = 0, concept: ConceptLink | None = None
) -> CriteriaBlock:
    """What a network asks for; `only`: at one level. `network` is its name."""
    levels = [
        LevelWords(
            number, words(each.name, seen.lang), words(criteria.levels[number], seen.lang), criteria_address("", criteria.id, number), number == current
        )
        for number, each in enumerate(scale.levels, 1)
        if criteria.says(number) and only in (0, number)
    ]
    return CriteriaBlock(
        address=f"/criteria/{criteria.id}",
        network=Link(f"/organisations/{criteria.network}", network),
        scale=Link(f"/scales/{scale.id}", words(scale.name, seen.lang).value),
        levels=levels,
        concept=concept,
    )


def blocks_of(seen: Visit, found: Sequence[Criteria], concepts: Mapping[str, ConceptLink] | None = None) -> list[CriteriaBlock]:
    """Several criteria; `concepts`: their competencies, where they are shown."""
    names = levels_of_request(seen.request).criteria.network_names({each.network for each in found}) if found else {}
    made = []
    for each in found:
        scale = scale_of(seen, each.scale)
        if scale is not None:
            concept = concepts.get(each.concept) if concepts else None
            made.append(block_of(seen, each, scale, names.get(each.network, each.network), concept=concept))
    return made


def concept_links(seen: Visit, uuids: Iterable[str]) -> dict[str, ConceptLink]:
    """Competencies as they are now."""
    reading = seen.request.app.state.services.reading
    found: Mapping[str, Body] = reading.briefs(set(uuids), seen.moment or reading.moment())
    return {uuid: concept_link(body, seen.addresses, seen.lang) for uuid, body in found.items()}


def criteria_on_concept(seen: Visit, uuid: str, kind: str, status: str) -> ConceptCriteria | None:
    """What the page of a competency says of criteria; nothing as of a release, which knows of none. One round trip where there are none."""
    if seen.release or kind not in BINDABLE:
        return None
    levels = levels_of_request(seen.request)
    blocks = blocks_of(seen, levels.criteria.of_concepts([uuid]))
    propose = f"/criteria/propose?concept={uuid}" if status != DEPRECATED and may_belong(seen.actor) else ""
    return ConceptCriteria(blocks, propose) if blocks or propose else None


def may_belong(actor: Actor) -> bool:
    """Whether somebody may belong to a network's people: told without a look at the store."""
    return actor.known and bool(actor.memberships)


def shared_criteria(seen: Visit, issuer: str, level: str, bindings: Sequence[Binding]) -> list[CriteriaBlock]:
    """The criteria that hold for a badge class at its level, those of the nearest network first."""
    levels = levels_of_request(seen.request)
    holding: list[Holding] = levels.criteria.holding(issuer, level, bindings)
    names = levels.criteria.network_names({each.network for held in holding for each in held.criteria}) if holding else {}
    links = concept_links(seen, {held.concept for held in holding if held.criteria}) if names else {}
    return [
        block_of(seen, each, held.scale, names.get(each.network, each.network), only=held.number, concept=links.get(held.concept))
        for held in holding
        for each in held.criteria
    ]
