"""Webhooks in the store: what is registered, how far each is in the event log, who is at work on it, and its deliveries.

A registration is a document like others. Its state and its deliveries are working data: they append no events, and a copy of the store leaves them out.
One process at a time works on a webhook: it holds a claim with a token, and whatever it writes checks that token, so that one that was taken for dead
records nothing. A delivery is written before the position in the log moves past its event, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final

from wikic.errors import NotFound
from wikic.store import documents
from wikic.store.engine import Engine, Row, UniqueViolation, WriteTransaction
from wikic.store.leases import holder_name, is_dead
from wikic.store.tables import DELIVERIES, WEBHOOK_STATES, WEBHOOKS

PENDING: Final = "pending"
DELIVERED: Final = "delivered"
FAILED: Final = "failed"
DROPPED: Final = "dropped"

_LAST: Final = 10**12 - 1
_READ: Final = 500
_CLEARED: Final = 2_000
_GIVEN_UP: Final = 100


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event on its way to a webhook. `lanes` are the concepts and the subject within which order is kept ("*": within all); `due` is ISO UTC;
    `attempts` are the last ones, oldest first."""

    key: str
    webhook: str
    number: int
    message: str
    kind: str
    lanes: tuple[str, ...] = ()
    state: str = PENDING
    tries: int = 0
    due: str = ""
    created: str = ""
    attempts: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on a webhook, with its state as it was when it was taken."""

    webhook: str
    token: int
    number: int
    failing_since: str = ""
    state: Row = field(default_factory=dict)


def read_all(engine: Engine) -> list[Row]:
    """Every registered webhook."""
    found: list[Row] = []
    while True:
        rows = documents.page(engine, WEBHOOKS, "listing", after=found[-1]["listing"] if found else "", limit=_READ)
        found += rows
        if len(rows) < _READ:
            return found


def of_owner(engine: Engine, owner: str) -> list[Row]:
    """The webhooks of one owner, oldest first."""
    return documents.find_by(engine, WEBHOOKS, "owner", [owner])


def begin_state(tx: WriteTransaction, webhook: str, number: int) -> None:
    """A webhook hears of what comes after a number of the log."""
    documents.insert(
        tx, WEBHOOK_STATES, {"key": webhook, "number": number, "token": 0, "holder": "", "until": 0, "failures": 0}
    )


def restart(tx: WriteTransaction, webhook: str, number: int) -> None:
    """A webhook that was off hears of what comes after a number of the log."""
    if documents.find(tx, WEBHOOK_STATES, webhook) is None:
        begin_state(tx, webhook, number)
    else:
        documents.change(tx, WEBHOOK_STATES, webhook, {"number": number, "failing_since": None, "failures": 0})


def states(engine: Engine, webhooks: Iterable[str]) -> dict[str, Row]:
    """How far each of these is."""
    return {str(row["key"]): row for row in documents.find_by(engine, WEBHOOK_STATES, "key", webhooks)}


def claim(engine: Engine, webhook: str, last: int, now: int, ttl: int) -> Claim | None:
    """Take the right to work on a webhook for `ttl` milliseconds from `now`; None while another process has it. One without a state (after a
    restore) begins at `last`; of one that was removed meanwhile there is nothing to claim."""

    def work(tx: WriteTransaction) -> Claim | None:
        if documents.find(tx, WEBHOOK_STATES, webhook) is None:
            documents.lock(tx, WEBHOOKS, webhook)
            begin_state(tx, webhook, last)
        row = documents.lock(tx, WEBHOOK_STATES, webhook)
        ours = str(row["holder"]) == holder_name()
        if row["holder"] and not ours and int(row["until"]) > now and not is_dead(str(row["holder"])):
            return None
        token = int(row["token"]) + 1
        documents.change(tx, WEBHOOK_STATES, webhook, {"token": token, "holder": holder_name(), "until": now + ttl})
        return Claim(webhook, token, int(row["number"]), str(row.get("failing_since", "")), row)

    with suppress(UniqueViolation, NotFound):
        return engine.write(work)
    return None


def release(engine: Engine, held: Claim, due: str) -> None:
    """Give the claim back, if it is still ours, and say when the next thing is to be sent ("" for nothing)."""

    def work(tx: WriteTransaction) -> None:
        row = documents.lock(tx, WEBHOOK_STATES, held.webhook)
        if int(row["token"]) == held.token:
            # What somebody asked for meanwhile is due now.
            asked = int(row.get("asked", 0)) != int(held.state.get("asked", 0))
            values = {"holder": "", "until": 0, "due": row.get("due") if asked else due or None}
            documents.change(tx, WEBHOOK_STATES, held.webhook, values)

    with suppress(NotFound):
        engine.write(work)


def _holds(tx: WriteTransaction, held: Claim) -> bool:
    try:
        return int(documents.lock(tx, WEBHOOK_STATES, held.webhook)["token"]) == held.token
    except NotFound:
        return False  # it was removed meanwhile


def plan(engine: Engine, held: Claim, deliveries: Sequence[Delivery], number: int) -> bool:
    """Write deliveries down and move the position in the log to `number`, both or neither; False where the claim is lost."""

    def work(tx: WriteTransaction) -> bool:
        if not _holds(tx, held):
            return False
        for delivery in deliveries:
            add(tx, delivery)
        due = {"due": deliveries[0].due} if deliveries else {}
        documents.change(tx, WEBHOOK_STATES, held.webhook, {"number": number, **due})
        return True

    return engine.write(work)


def record(engine: Engine, held: Claim, delivery: Delivery, until: int, **state: Any) -> bool:
    """Write down what came of an attempt, and properties of the webhook's state, and hold the claim until then; False where it is lost."""

    def work(tx: WriteTransaction) -> bool:
        if not _holds(tx, held):
            return False
        documents.change(tx, DELIVERIES, delivery.key, row_of(delivery))
        documents.change(tx, WEBHOOK_STATES, held.webhook, {"until": until, **state})
        return True

    return engine.write(work)


def add(tx: WriteTransaction, delivery: Delivery) -> None:
    """Write a delivery down."""
    row = {name: value for name, value in row_of(delivery).items() if value is not None}
    documents.insert(tx, DELIVERIES, row)


def ask(tx: WriteTransaction, delivery: Delivery) -> None:
    """Write down a delivery that somebody asked for, so that it is seen also by whoever is at work on the webhook."""
    add(tx, delivery)
    row = documents.lock(tx, WEBHOOK_STATES, delivery.webhook)
    documents.change(tx, WEBHOOK_STATES, delivery.webhook, {"asked": int(row.get("asked", 0)) + 1, "due": delivery.due})


def give_up(engine: Engine, webhook: str) -> int:
    """What is still to be sent is not sent: the webhook is off. Returns how many."""
    count = 0
    while found := pending(engine, webhook, _GIVEN_UP):

        def work(tx: WriteTransaction, found: list[Delivery] = found) -> None:
            for delivery in found:
                documents.change(tx, DELIVERIES, delivery.key, row_of(replace(delivery, state=FAILED)))

        engine.write(work)
        count += len(found)
    return count


def pending(engine: Engine, webhook: str, limit: int) -> list[Delivery]:
    """What is still to be sent, in the order of the log."""
    return [
        delivery_of(row) for row in documents.page(engine, DELIVERIES, "pending", prefix=f"{webhook}/", limit=limit)
    ]


def log_page(engine: Engine, webhook: str, after: str = "", limit: int = 50) -> list[tuple[str, Delivery]]:
    """The delivery log, latest first: each with the key after which the next page begins."""
    rows = documents.page(engine, DELIVERIES, "log", prefix=f"{webhook}/", after=after, limit=limit)
    return [(str(row["log"]), delivery_of(row)) for row in rows]


def find_delivery(engine: Engine, webhook: str, key: str) -> Delivery:
    """One delivery of a webhook. Raises NotFound."""
    return delivery_of(documents.get(engine, DELIVERIES, f"{webhook}/{key}", "delivery"))


def tidy(engine: Engine, webhook: str, kept: int, *, pending: bool = False) -> int:
    """Forget what was done with long ago: all but the latest `kept` deliveries and (unless `pending` too) what is still to be sent; returns how many."""
    rows = documents.page(engine, DELIVERIES, "log", prefix=f"{webhook}/", limit=kept + _CLEARED)[kept:]
    keys = [str(row["key"]) for row in rows if pending or row["state"] != PENDING]
    if keys:
        engine.write(lambda tx: documents.remove(tx, DELIVERIES, keys))
    return len(keys)


def forget(tx: WriteTransaction, webhook: str) -> None:
    """Remove a webhook with its state; its deliveries go by `tidy`. Raises NotFound."""
    documents.lock(tx, WEBHOOKS, webhook)
    documents.remove(tx, WEBHOOK_STATES, [webhook])
    documents.remove(tx, WEBHOOKS, [webhook])


def delivery_key(webhook: str, number: int, suffix: str = "") -> str:
    """The key of a delivery: one for each event, and others for those that were asked for."""
    return f"{webhook}/{number:012d}" + (f"-{suffix}" if suffix else "")


def row_of(delivery: Delivery) -> Row:
    """A delivery as a document; it is in the index of what is to be sent while it is pending only."""
    waits = delivery.state == PENDING
    part = delivery.key.partition("/")[2]
    return {
        "key": delivery.key,
        "webhook": delivery.webhook,
        "number": delivery.number,
        "message": delivery.message,
        "kind": delivery.kind,
        "lanes": list(delivery.lanes),
        "state": delivery.state,
        "tries": delivery.tries,
        "created": delivery.created,
        "attempts": list(delivery.attempts),
        "log": f"{delivery.webhook}/{_LAST - delivery.number:012d}{part[12:]}",
        "due": delivery.due if waits else None,
        "pending": delivery.key if waits else None,
    }


def delivery_of(row: Row) -> Delivery:
    """A document as a delivery."""
    return Delivery(
        key=str(row["key"]),
        webhook=str(row["webhook"]),
        number=int(row["number"]),
        message=str(row["message"]),
        kind=str(row["kind"]),
        lanes=tuple(row.get("lanes") or ()),
        state=str(row["state"]),
        tries=int(row["tries"]),
        due=str(row.get("due") or ""),
        created=str(row["created"]),
        attempts=tuple(row.get("attempts") or ()),
    )
