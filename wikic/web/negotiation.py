"""Content negotiation (RFC 9110, 12.5.1): from what a client accepts to one of the forms there are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

_WEIGHT: Final = re.compile(r"q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*\Z", re.IGNORECASE)
_MOST: Final = 100
"""Media ranges that are looked at; nobody sends more."""


class Form(NamedTuple):
    """One form of a thing: its suffix in addresses, and its media type."""

    suffix: str
    media: str


def named(forms: Sequence[Form], suffix: str) -> Form | None:
    """The form of a suffix."""
    return next((form for form in forms if form.suffix == suffix.lower()), None)


def choose(forms: Sequence[Form], accept: str | None) -> Form | None:
    """The form that a client likes best; the earlier one where it likes two alike; None where it likes none.

    A media range that cannot be read counts for nothing; no `Accept` at all means everything.
    """
    if accept is None or not accept.strip():
        return forms[0]
    ranges = _ranges(accept)
    best: Form | None = None
    most = 0.0
    for form in forms:
        weight = _weight(form.media, ranges)
        if weight > most:
            best, most = form, weight
    return best


def weight_of(accept: str, media: str = "") -> float:
    """How much a client that sends this likes a media type; without one, what it likes best."""
    ranges = _ranges(accept)
    return _weight(media, ranges) if media else max((weight for _, weight in ranges), default=0.0)


def _ranges(accept: str) -> list[tuple[str, float]]:
    return [found for part in accept.split(",")[:_MOST] if (found := _range(part)) is not None]


def _range(part: str) -> tuple[str, float] | None:
    media, *parameters = (each.strip() for each in part.split(";"))
    if media.count("/") != 1:
        return None
    for parameter in parameters:
        if parameter[:1] in ("q", "Q") and parameter[1:].lstrip().startswith("="):
            found = _WEIGHT.match(parameter)
            return (media.lower(), float(found[1])) if found else None
    return media.lower(), 1.0


def _weight(media: str, ranges: Sequence[tuple[str, float]]) -> float:
    """What the most specific range that fits says."""
    kind = media.partition("/")[0]
    for wanted in (media, f"{kind}/*", "*/*"):
        weights = [weight for given, weight in ranges if given == wanted]
        if weights:
            return max(weights)
    return 0.0
