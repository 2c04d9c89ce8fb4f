"""How pages show badge classes that are hosted elsewhere: what is known of their addresses, and what would come of a catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from wikic.domain.badges import BadgeClass
from wikic.services.badging_rights import works_for
from wikic.services.elsewhere_keeping import SourceState
from wikic.services.elsewhere_offers import Offer, Offers
from wikic.services.reading_views import brief_body
from wikic.web.elsewhere_services import elsewhere_of
from wikic.web.pages_common import Visit
from wikic.web.texts_errors import said
from wikic.web.views_common import ConceptLink, concept_link
from wikic.web.views_elsewhere import OfferChoice, OfferRow, SourceView

_DESCRIBED: Final = 200


def states_of(seen: Visit, badges: Iterable[BadgeClass]) -> dict[str, SourceState]:
    """What is known of the addresses of those that are hosted elsewhere. One round trip, none where there are none."""
    return elsewhere_of(seen.request).keeping.states([each.id for each in badges if each.content.hosted == "elsewhere"])


def source_view(seen: Visit, badge: BadgeClass) -> SourceView | None:
    """What is known of the address of a badge class; None for one that is hosted here."""
    if badge.content.hosted != "elsewhere" or not badge.content.address:
        return None
    state = states_of(seen, [badge]).get(badge.id) or SourceState(badge.id, badge.content.address, "")
    links = _links(seen, [*state.lost, *state.gained])
    return SourceView(
        state=state.word,
        read=state.read,
        differs=[seen.t.name("badge_field", each) for each in state.differs],
        lost=[links[uuid] for uuid in state.lost if uuid in links],
        gained=[links[uuid] for uuid in state.gained if uuid in links],
        since=state.unreachable_since,
        error=state.error if works_for(seen.actor, badge.issuer) else "",
    )


def _links(seen: Visit, uuids: Sequence[str]) -> dict[str, ConceptLink]:
    reading = seen.request.app.state.services.reading
    found = reading.briefs(uuids, seen.moment or reading.moment()) if uuids else {}
    return {uuid: concept_link(body, seen.addresses, seen.lang) for uuid, body in found.items()}


def offer_rows(seen: Visit, offers: Offers, chosen: frozenset[str] | None, concepts: Mapping[str, Sequence[str]]) -> list[OfferRow]:
    """What would come of each line; `chosen`: the addresses that are to come (None: all), `concepts`: what was chosen to bind, by address."""
    return [_row(seen, each, chosen is None or each.address in chosen, concepts.get(each.address)) for each in offers.lines]


def _row(seen: Visit, offer: Offer, chosen: bool, concepts: Sequence[str] | None) -> OfferRow:
    content = offer.content or (offer.said.content if offer.said else None)
    reason, lang = said(offer.error, seen.t) if offer.error else ("", "")
    description = " ".join((content.description if content else "").split())
    return OfferRow(
        line=offer.line,
        result=offer.result,
        address=offer.address,
        name=content.name if content else "",
        description=description if len(description) <= _DESCRIBED else description[:_DESCRIBED].rsplit(" ", 1)[0] + "…",
        here=f"/badges/{offer.badge}" if offer.badge else "",
        copied=offer.image is not None,
        choices=_choices(seen, offer, concepts),
        notes=[seen.t(f"catalogue.note.{each.key}", about=said(each.error, seen.t)[0] if each.error else each.about) for each in offer.notes],
        reason=reason,
        reason_lang=lang,
        digest=offer.digest if offer.said else "",
        chosen=chosen,
    )


def _choices(seen: Visit, offer: Offer, concepts: Sequence[str] | None) -> list[OfferChoice]:
    """What alignments lead to and a table names is chosen; what words suggest is to be chosen."""
    found = [(brief_body(each.concept, None), "", each.concept.uuid) for each in offer.recognised if each.bindable]
    reading, known = seen.request.app.state.services.reading, {uuid for _, _, uuid in found}
    tabled = {uuid: ref for ref, uuid in offer.tabled.items() if uuid not in known}
    bodies = reading.briefs(list(tabled), seen.moment or reading.moment()) if tabled else {}
    found += [(bodies[uuid], "", ref) for uuid, ref in tabled.items() if uuid in bodies]
    found += [(each.body, ", ".join(each.words), each.concept) for each in offer.suggested if each.concept not in tabled]
    return [
        OfferChoice(concept_link(body, seen.addresses, seen.lang), words, (not words) if concepts is None else value in concepts, value)
        for body, words, value in found
    ]
