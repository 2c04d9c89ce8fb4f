"""Sending to webhooks: each event at least once, those of one concept or one subject in order, in spite of failures and of processes that die.

Flow: the log grows -> for each webhook one process takes its claim -> what is new and wanted is written down as deliveries, together with the position
in the log -> what is due is sent in order -> what came of it is written down. A failed delivery holds up only those that share a concept or the subject
with it. Whoever dies in between leaves a claim that ends; the next one sends again what was not written down as sent.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

import orjson
import structlog

from wikic.crypto.sealing import Sealer
from wikic.crypto.webhooks import signed_headers
from wikic.domain.access import SYSTEM, Actor
from wikic.domain.changes import stamp
from wikic.errors import NotFound, OutsideError, WikicError
from wikic.services.happenings import Happening, Happenings, settled
from wikic.services.throttling import Clock, utc_now
from wikic.services.webhooks import OFF, ON, Wanted, host_of, wanted_at
from wikic.services.webhooks_parts import Lanes, Looking, delivery_of, kind_wanted, milliseconds, retry_after
from wikic.store import documents
from wikic.store import webhooks as store
from wikic.store.engine import Engine, Row, WriteTransaction
from wikic.store.events import happened, last_event, read_events
from wikic.store.leases import write_numbered
from wikic.store.tables import WEBHOOKS
from wikic.store.watches import schemes_of

DELAYS: Final = (5, 30, 120, 600, 1_800, 3_600, 3 * 3_600, 6 * 3_600, 12 * 3_600, 24 * 3_600)
"""Seconds between an attempt that failed and the next one, a fifth more or less; after the last one a delivery is given up."""
OFF_AFTER: Final = timedelta(days=5)
"""A webhook to which nothing could be delivered for so long is switched off."""
KEPT: Final = 500
"""Deliveries of a webhook that its log keeps."""
SECONDS: Final = 10.0

_TTL: Final = 60_000
_LOOK_SECONDS: Final = 5.0
_BATCH: Final = 200
_PENDING: Final = 500
"""Deliveries that are looked at together."""
_ATTEMPTS: Final = 10
_LARGEST_ANSWER: Final = 256_000
_WORKERS: Final = 4
_LAG: Final = 200
"""Events that nobody wants, after which the position in the log moves past them all the same."""

log = structlog.get_logger(__name__)


class Answer(Protocol):
    """What came back."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...


class Client(Protocol):
    """What sends a request; `outside.client.GuardedClient` is one. Raises OutsideError."""

    def fetch(
        self,
        url: str,
        *,
        method: str,
        headers: Mapping[str, str],
        body: bytes,
        seconds: float,
        max_body: int,
        max_redirects: int,
    ) -> Answer: ...


Owners = Callable[[str], Actor]
"""A user's uuid to the actor they are now. Raises NotFound; not `known` where they are disabled."""
Told = Callable[[WriteTransaction, str, str, str, str], object]
"""Told, in the transaction that does it, that a webhook is switched off: its owner, its id, its host, the reason."""


@dataclass(slots=True)
class _Work:
    """What one process does on one webhook while it holds the claim."""

    row: Row
    held: store.Claim
    failing_since: str
    over: bool = False

UNREADABLE: Final = (
    "the webhook's secret cannot be read: it was kept under another WIKIC_SECRET_KEY. Give the server the former key again, or make a new secret"
)


class Sending:
    """The sending side of webhooks over one store. `start` lets a thread do it; `round` does once what is due, for tests and commands."""

    def __init__(
        self, engine: Engine, happenings: Happenings, client: Client, owners: Owners, *, told: Told = lambda *_: None, clock: Clock = utc_now,
        jitter: Callable[[], float] = lambda: random.uniform(0.8, 1.2),  # noqa: S311
        sealer: Sealer | None = None,
    ) -> None:  # fmt: skip
        self._engine, self._happenings, self._client, self._owners = engine, happenings, client, owners
        self._told, self._clock, self._jitter = told, clock, jitter
        self._sealer = sealer or Sealer.plain()
        self._woken = threading.Event()
        self._closing = False
        self._thread: threading.Thread | None = None
        self._leave: Callable[[], None] | None = None
        self._busy: set[str] = set()
        self._again: set[str] = set()
        self._looked: dict[str, int] = {}
        self._lock = threading.Lock()

    def start(self) -> None:
        """Send from a thread of this process, until `close`."""
        if self._thread is None:
            self._closing = False
            self._thread = threading.Thread(target=self._run, name="wikic-webhooks", daemon=True)
            self._thread.start()

    def wake(self) -> None:
        """There may be something to send."""
        self._woken.set()

    def close(self) -> None:
        """Finish the attempts that are under way, and stop."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._closing = True
            self._woken.set()
            thread.join()

    def _run(self) -> None:
        with ThreadPoolExecutor(_WORKERS, "wikic-webhook") as pool:
            while not self._closing:
                self._woken.clear()
                try:
                    self.round(pool)
                except WikicError as error:
                    log.warning("webhooks cannot be looked at", error=error.message)
                except Exception as error:
                    # Whatever it was: without this thread nothing is sent at all.
                    log.error("webhooks cannot be looked at", exc_info=error)
                self._woken.wait(_LOOK_SECONDS)
        if self._leave is not None:
            self._leave()
            self._leave = None

    def round(self, pool: ThreadPoolExecutor | None = None) -> int:
        """Work on every webhook that has something new or due; returns how many. With a pool they are worked on at the same time, and not waited for."""
        rows = [row for row in store.read_all(self._engine) if row["state"] == ON]
        self._listen(bool(rows) and pool is not None)
        if not rows:
            return 0
        last, now = last_event(self._engine)[0], stamp(self._clock())
        states = store.states(self._engine, [str(row["key"]) for row in rows])
        looking = Looking(self._happenings, last)
        waiting = [str(row["key"]) for row in rows if self._waits(row, states.get(str(row["key"])), looking, now)]
        count = 0
        for webhook in waiting:
            with self._lock:
                if webhook in self._busy:
                    # What is being done ends at an earlier event: without another look the new one would wait for the clock.
                    self._again.add(webhook)
                    continue
                self._busy.add(webhook)
            count += 1
            if pool is None:
                self._work_on(webhook, last)
            else:
                pool.submit(self._work_on, webhook, last)
        return count

    def _waits(self, row: Row, state: Row | None, looking: Looking, now: str) -> bool:
        """Whether there is anything to do: something is due, or something new is wanted. What nobody wants costs no write."""
        if state is None or "" < str(state.get("due") or "") <= now:
            return True
        webhook, number = str(row["key"]), int(state["number"])
        if looking.last - number > _LAG:
            return True
        place = max(number, self._looked.get(webhook, 0))
        found = looking.since(place)
        owner: Actor | None = None
        for happening in found:
            if kind_wanted(happening, wanted_at(row, happening.event.number)):
                owner = owner or self._owner(str(row["owner"]))
                if owner is None or self._wanted(happening, wanted_at(row, happening.event.number), owner):
                    return True
        if found:
            self._looked[webhook] = found[-1].event.number
        return False

    def _listen(self, wanted: bool) -> None:
        """Hear of new events, where there is anybody to tell them to."""
        if wanted and self._leave is None:
            self._leave, _, _ = self._happenings.listen(lambda _: self._woken.set())
        elif not wanted and self._leave is not None:
            self._leave()
            self._leave = None

    def _work_on(self, webhook: str, last: int) -> None:
        try:
            held = store.claim(self._engine, webhook, last, milliseconds(self._clock()), _TTL)
            if held is None:
                return
            due = stamp(self._clock())
            try:
                due = self._work(webhook, held, last)
            finally:
                store.release(self._engine, held, due)
        except WikicError as error:
            log.warning("a webhook could not be worked on", webhook=webhook, error=error.message)
        except Exception as error:
            # Whatever it was: the pool that this runs in would say nothing.
            log.error("a webhook could not be worked on", webhook=webhook, exc_info=error)
        finally:
            with self._lock:
                self._busy.discard(webhook)
                again = webhook in self._again
                self._again.discard(webhook)
            if again:
                self.wake()

    def _work(self, webhook: str, held: store.Claim, last: int) -> str:
        """Plan, then send; when there is more to do ("" for nothing)."""
        row = documents.find(self._engine, WEBHOOKS, webhook)
        if row is None or row["state"] != ON:
            return ""
        work = _Work(row, held, held.failing_since)
        owner = self._owner(str(row["owner"]))
        if owner is None:
            self._switch_off(work, "owner")
            return ""
        if not self._plan(work, owner, last):
            return ""
        store.tidy(self._engine, webhook, KEPT)
        return self._send(work)

    def _owner(self, owner: str) -> Actor | None:
        """Who the owner is now: of an organisation, somebody who sees what its managers see and nothing else; None where a user is gone."""
        kind, _, name = owner.partition("/")
        if kind == "organisation":
            return Actor(
                "", name, memberships=((name, ("member", "manager")),), via="token", scopes=frozenset({"read"})
            )
        try:
            actor = self._owners(name)
        except NotFound:
            return None
        return actor if actor.known else None

    def _plan(self, work: _Work, owner: Actor, last: int) -> bool:
        """Write down what is new and wanted, up to `last`; False where the claim is lost."""
        number = work.held.number
        while number < last:
            events = settled(read_events(self._engine, number, _BATCH, last=last), number, last)
            if not events:
                return True
            now = stamp(self._clock())
            found = [
                delivery_of(str(work.row["key"]), happening, self._happenings.epoch, now)
                for happening in self._happenings.hydrated(events)
                if self._wanted(happening, wanted_at(work.row, happening.event.number), owner)
            ]
            number = events[-1].number
            if not store.plan(self._engine, work.held, found, number):
                return False
        return True

    def _wanted(self, happening: Happening, wanted: Wanted, owner: Actor) -> bool:
        if not kind_wanted(happening, wanted) or not happening.seen_by(owner):
            return False
        if not wanted.concepts and not wanted.schemes:
            return True
        return bool(happening.touched & set(wanted.concepts)) or bool(
            wanted.schemes and schemes_of(self._engine, sorted(happening.touched)) & set(wanted.schemes)
        )

    def _send(self, work: _Work) -> str:
        """Send what is due, in order; when the next thing is due ("" for nothing)."""
        webhook = str(work.row["key"])
        while not self._closing:
            deliveries = store.pending(self._engine, webhook, _PENDING)
            lanes, dues, sent = Lanes(), [], 0
            for delivery in deliveries:
                now = stamp(self._clock())
                if not lanes.free(delivery):
                    continue
                if delivery.due <= now and not self._closing:
                    delivery = self._attempt(work, delivery)
                    sent += 1
                    if work.over:
                        return ""
                if delivery.state == store.PENDING:
                    lanes.block(delivery)
                    dues.append(delivery.due)
            if not sent or len(deliveries) == sent < _PENDING:
                return min(dues, default="")
        return stamp(self._clock())

    def _attempt(self, work: _Work, delivery: store.Delivery) -> store.Delivery:
        """Send one delivery and write down what came of it; the delivery as it is then."""
        row = documents.find(self._engine, WEBHOOKS, delivery.webhook)
        if row is None or row["state"] != ON:
            work.over = True
            return delivery
        work.row = row
        body = self._body(row, delivery)
        if body is None:
            return self._record(work, replace(delivery, state=store.DROPPED))
        started = self._clock()
        status, error, wait = self._post(row, delivery, body, started)
        entry = {
            "time": stamp(started), "status": status, "error": error, "size": len(body),
            "seconds": round((self._clock() - started).total_seconds(), 3),
        }  # fmt: skip
        delivery = replace(delivery, tries=delivery.tries + 1, attempts=(*delivery.attempts, entry)[-_ATTEMPTS:])
        if 200 <= status < 300:
            work.failing_since = ""
            return self._record(work, replace(delivery, state=store.DELIVERED))
        work.failing_since = work.failing_since or stamp(started)
        if delivery.tries > len(DELAYS):
            delivery = self._record(work, replace(delivery, state=store.FAILED))
        else:
            seconds = max(DELAYS[delivery.tries - 1] * self._jitter(), min(wait, DELAYS[-1]))
            delivery = self._record(work, replace(delivery, due=stamp(self._clock() + timedelta(seconds=seconds))))
        if status == 410:
            self._switch_off(work, "gone")
        elif work.failing_since <= stamp(self._clock() - OFF_AFTER):
            self._switch_off(work, "failing")
        return delivery

    def _record(self, work: _Work, delivery: store.Delivery) -> store.Delivery:
        until = milliseconds(self._clock()) + _TTL
        held = store.record(self._engine, work.held, delivery, until, failing_since=work.failing_since or None)
        work.over = work.over or not held
        return delivery

    def _body(self, row: Row, delivery: store.Delivery) -> bytes | None:
        """What is sent, made of the event as its owner may see it now; None where they may not."""
        if delivery.kind == "ping":
            return orjson.dumps({"type": "ping", "timestamp": delivery.created, "data": {"webhook": row["key"]}})
        owner = self._owner(str(row["owner"]))
        found = self._happenings.between(delivery.number - 1, delivery.number, 1)
        if owner is None or not found or not found[0].seen_by(owner):
            return None
        body = found[0].body(self._happenings.epoch)
        return orjson.dumps({"type": delivery.kind, "timestamp": body["time"], "data": body})

    def _post(self, row: Row, delivery: store.Delivery, body: bytes, now: datetime) -> tuple[int, str, float]:
        """Send it; the status (0 for no answer), what went wrong, and the seconds that the receiver asks to wait."""
        identity = str(row["key"])
        secrets = [self._sealer.open(str(row["secret"]), identity)]
        if str(row.get("former_until") or "") > stamp(now):
            secrets.append(self._sealer.open(str(row["former_secret"]), identity))
        valid = [secret for secret in secrets if secret is not None]
        if secrets[0] is None:
            return 0, UNREADABLE, 0.0
        headers = {"content-type": "application/json", **signed_headers(valid, delivery.message, now, body)}
        try:
            answer = self._client.fetch(
                str(row["url"]),
                method="POST",
                headers=headers,
                body=body,
                seconds=SECONDS,
                max_body=_LARGEST_ANSWER,
                max_redirects=0,
            )
        except OutsideError as error:
            return 0, error.message, 0.0
        except Exception as error:
            # Whatever it was: it is an attempt that failed, and its owner sees that it did.
            log.error("a delivery broke what sends it", webhook=identity, exc_info=error)
            return 0, f"it could not be sent ({type(error).__name__}): the server's log says more", 0.0
        return (
            answer.status,
            "" if 200 <= answer.status < 300 else f"answered {answer.status}",
            retry_after(answer.headers, now),
        )

    def _switch_off(self, work: _Work, reason: str) -> None:
        """Send nothing more, and say so: an event, a mail to the owner, a line on the page of the webhook."""
        webhook, owner = str(work.row["key"]), str(work.row["owner"])
        host = host_of(str(work.row["url"]))
        work.over = True

        def off(tx: WriteTransaction) -> bool:
            row = documents.lock(tx, WEBHOOKS, webhook)
            if row["state"] != ON:
                return False
            documents.change(
                tx, WEBHOOKS, webhook, {"state": OFF, "off_reason": reason, "off_since": stamp(self._clock())}
            )
            happened(tx, SYSTEM, "webhook_off", subject=f"webhook/{webhook}", owner=owner, reason=reason, host=host)
            self._told(tx, owner, webhook, host, reason)
            return True

        if write_numbered(self._engine, off):
            store.give_up(self._engine, webhook)
