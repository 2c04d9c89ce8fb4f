"""What sending to webhooks is made of: what is wanted, what must wait for what, and what receivers ask for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from wikic.domain.happenings import audience_of
from wikic.services.happenings import Happening, Happenings, event_id
from wikic.services.webhooks import Wanted
from wikic.store import webhooks as store

_LANES: Final = 100
_TOLD: Final = ("everyone", "proposal", "contributors", "members")


class Lanes:
    """What must wait, because something before it in the same lane does."""

    def __init__(self) -> None:
        self._blocked: set[str] = set()

    def free(self, delivery: store.Delivery) -> bool:
        """Whether nothing before it waits in any of its lanes; else what comes after waits for it in turn."""
        lanes = set(delivery.lanes)
        if ("*" in self._blocked and lanes) or (lanes & self._blocked) or ("*" in lanes and self._blocked):
            self._blocked |= lanes
            return False
        return True

    def block(self, delivery: store.Delivery) -> None:
        """It waits."""
        self._blocked |= set(delivery.lanes)


class Looking:
    """What is new, read once for all webhooks that are as far."""

    def __init__(self, happenings: Happenings, last: int) -> None:
        self.last = last
        self._happenings = happenings
        self._found: dict[int, list[Happening]] = {}

    def since(self, place: int) -> list[Happening]:
        """The events after a number, up to the first one that cannot be read yet."""
        if place not in self._found:
            self._found[place] = self._happenings.settled(place, self.last) if place < self.last else []
        return self._found[place]


def kind_wanted(happening: Happening, wanted: Wanted) -> bool:
    """Whether a kind of event is wanted; without a choice, what is between an account and the admins is not."""
    kind = happening.event.kind
    return kind in wanted.kinds if wanted.kinds else audience_of(kind) in _TOLD


def delivery_of(webhook: str, happening: Happening, epoch: str, now: str) -> store.Delivery:
    """A delivery of an event, due now, with the lanes in which order is kept."""
    event = happening.event
    lanes = sorted(happening.touched) if len(happening.touched) <= _LANES else ["*"]
    if event.subject:
        lanes.append(event.subject)
    key = store.delivery_key(webhook, event.number)
    return store.Delivery(
        key, webhook, event.number, event_id(epoch, event.number), event.kind, tuple(lanes), due=now, created=now
    )


def retry_after(headers: Mapping[str, Any], now: datetime) -> float:
    """The seconds that `Retry-After` asks for, as a number or as a date; 0 where it asks for none, or cannot be understood."""
    text = str(headers.get("retry-after", "")).strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def milliseconds(moment: datetime) -> int:
    """A moment in milliseconds since 1970."""
    return int(moment.timestamp() * 1_000)
