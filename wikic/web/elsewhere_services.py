"""What the handlers of badge classes elsewhere are given, and the bodies that they answer."""

from __future__ import annotations

from typing import Annotated, Any, Protocol, cast

from fastapi import Depends, Request

from wikic.services.elsewhere_keeping import SourceState
from wikic.services.elsewhere_offers import RESULTS, Offer, Offers
from wikic.services.elsewhere_parts import ElsewhereServices
from wikic.services.reading_views import brief_body

Body = dict[str, Any]


class WithElsewhere(Protocol):
    """What these handlers need of an opened store; `bootstrap.App` is one."""

    @property
    def elsewhere(self) -> ElsewhereServices: ...


def elsewhere_of(request: Request) -> ElsewhereServices:
    """The services of an application."""
    return cast(WithElsewhere, request.app.state.services).elsewhere


ElsewherePort = Annotated[ElsewhereServices, Depends(elsewhere_of)]


def offers_body(offers: Offers) -> Body:
    """What would come, or came, line by line."""
    counts = {result: offers.count(result) for result in RESULTS}
    return {"applied": offers.applied, **counts, "lines": [_line(each) for each in offers.lines]}


def _line(offer: Offer) -> Body:
    content = offer.content or (offer.said.content if offer.said else None)
    return {
        "line": offer.line,
        "address": offer.address,
        "result": offer.result,
        "badge_class": offer.badge or None,
        "content": content.packed() if content else None,
        "image": ("copied" if offer.image else "drawn") if offer.content else None,
        "digest": offer.digest if offer.said else None,
        "recognised": [{"name": each.name, "bindable": each.bindable, "concept": brief_body(each.concept, None)} for each in offer.recognised],
        "suggested": [{"concept": each.concept, "score": each.score, "words": list(each.words)} for each in offer.suggested],
        "concepts": [ref for ref, _ in offer.concepts],
        "notes": [{"key": each.key, "message": each.message} for each in offer.notes],
        "problem": offer.error.slug if offer.error else None,
        "reason": offer.error.message if offer.error else None,
    }


def state_body(state: SourceState, *, whole: bool) -> Body:
    """What is known of an address; why it does not answer is for the issuer's people (`whole`)."""
    return {
        "badge_class": state.badge_class,
        "address": state.address,
        "state": state.word,
        "read": state.read or None,
        "differs": list(state.differs),
        "lost": list(state.lost),
        "gained": list(state.gained),
        "unreachable_since": state.unreachable_since or None,
        "error": (state.error or None) if whole else None,
        "due": state.due or None,
    }
