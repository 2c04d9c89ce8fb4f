"""Webhooks: registering where to send what happens, the secrets that sign it, the delivery log.

A webhook belongs to a user ("user/UUID") or to an organisation ("organisation/SLUG"), and is told of nothing that its owner may not see at the moment of
sending. What sends is `webhooks_sending`; this is what people do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from wikic.crypto.sealing import Sealer
from wikic.crypto.webhooks import PREFIX as CLEAR
from wikic.crypto.webhooks import new_secret
from wikic.domain.access import Actor, may, require_known, require_organisation
from wikic.domain.addresses import web_address
from wikic.domain.changes import stamp
from wikic.domain.happenings import require_kind
from wikic.domain.ids import is_uuid, new_uuid
from wikic.domain.texts import check_text
from wikic.domain.vocabulary import SCHEMES
from wikic.errors import Conflict, Forbidden, InvalidInput, NotFound
from wikic.services.accounts import require_scope
from wikic.services.throttling import Clock, utc_now
from wikic.store import documents
from wikic.store import webhooks as store
from wikic.store.engine import Engine, Row, WriteTransaction
from wikic.store.events import happened, last_event
from wikic.store.leases import write_numbered
from wikic.store.tables import ORGANISATIONS, WEBHOOK_STATES, WEBHOOKS
from wikic.store.webhooks import Delivery

__all__ = ["Delivery", "Wanted", "Webhook", "Webhooks"]

ON: Final = "on"
OFF: Final = "off"
OVERLAP: Final = timedelta(hours=24)
"""How long the former secret signs too, after a new one was made."""
MOST: Final = 20
"""Webhooks that one owner may have."""
MOST_FORMER: Final = 50
"""Former filters that are kept, while events before their end are still to be looked at."""
_LISTED: Final = 50
_LONGEST: Final = 1_000
_NEWEST: Final = 2**53



class Target(Protocol):
    """What refuses addresses that nothing is sent to; `outside.client.GuardedClient` is one."""

    allow_private: bool

    def check(self, url: str) -> None:
        """Raise TargetRefused."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a webhook is told: kinds of events, schemes, concepts (uuids); what is empty lets all through."""

    kinds: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    concepts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Webhook:
    """A registration. `state` is on or off (`off_reason` says why); `failing_since` is the first failure since the last success; `number` the last event
    of the log that was looked at for it. Its secrets are shown once, when they are made."""

    id: str
    owner: str
    url: str
    description: str
    wanted: Wanted
    state: str
    off_reason: str
    off_since: str
    created: str
    made_by: str
    version: int
    former_until: str = ""
    failing_since: str = ""
    number: int = 0


class Webhooks:
    """Registrations over one store; safe between threads. `changed` is called when there may be something to send."""

    def __init__(
        self, engine: Engine, target: Target, *, clock: Clock = utc_now, changed: Callable[[], None] = lambda: None,
        sealer: Sealer | None = None,
    ) -> None:  # fmt: skip
        """`sealer` keeps the secrets; without one they are kept in clear."""
        self._engine, self._target, self._clock, self._changed = engine, target, clock, changed
        self._sealer = sealer or Sealer.plain()

    def make(
        self, actor: Actor, url: str, wanted: Wanted, *, owner: str = "", description: str = ""
    ) -> tuple[Webhook, str]:
        """Register an address; the webhook, and its secret, which is shown this once. `owner` is the actor by default.

        Raises Unauthenticated, Forbidden, InvalidInput, TargetRefused, Conflict (too many).
        """
        owner = self._owner(actor, owner)
        fields = self._fields(url, wanted, description)
        if len(store.of_owner(self._engine, owner)) >= MOST:
            raise Conflict(f"{owner} has {MOST} webhooks already: remove one first", reason="webhooks-many", most=MOST)
        secret, identity = new_secret(), new_uuid()
        row = {
            "key": identity,
            "owner": owner,
            "listing": identity,
            "secret": self._sealer.seal(secret, identity),
            "state": ON,
            "created": stamp(self._clock()),
            "made_by": actor.name,
            **fields,
        }

        def work(tx: WriteTransaction) -> None:
            documents.insert(tx, WEBHOOKS, row)
            number = happened(tx, actor, "webhook_made", subject=f"webhook/{identity}", owner=owner, host=host_of(url))
            store.begin_state(tx, identity, number)

        write_numbered(self._engine, work)
        return self.read(actor, identity), secret

    def of_owner(self, actor: Actor, owner: str = "") -> list[Webhook]:
        """The webhooks of an owner (the actor by default), oldest first; for an admin `*` is all of them."""
        require_known(actor)
        every = owner == "*" and may(actor, "administer")
        rows = (
            store.read_all(self._engine)
            if every
            else store.of_owner(self._engine, self._owner(actor, owner, reading=True))
        )
        states = store.states(self._engine, [str(row["key"]) for row in rows])
        return [webhook_of(row, states.get(str(row["key"]))) for row in rows]

    def read(self, actor: Actor, identity: str) -> Webhook:
        """One webhook. Raises NotFound, also where it is another's."""
        row = self._row(actor, identity)
        return webhook_of(row, store.states(self._engine, [identity]).get(identity))

    def change(
        self, actor: Actor, identity: str, *, version: int | None, url: str | None = None, wanted: Wanted | None = None,
        description: str | None = None, state: str | None = None,
    ) -> Webhook:  # fmt: skip
        """Change what is given. Switched on again, it is told what happens from then on. Raises NotFound, StaleVersion, InvalidInput, TargetRefused."""
        row = self._row(actor, identity, writing=True)
        before = webhook_of(row, None)
        fields = self._fields(
            before.url if url is None else url,
            before.wanted if wanted is None else wanted,
            before.description if description is None else description,
        )
        if state not in (None, ON, OFF):
            raise InvalidInput(f"state is {ON!r} or {OFF!r}")

        def work(tx: WriteTransaction) -> None:
            values: Row = dict(fields)
            # The lock: of two changes at once the second one keeps what the first one wanted.
            found = documents.lock(tx, WEBHOOKS, identity)
            now_wanted = wanted_at(found, _NEWEST)
            if wanted is not None and wanted != now_wanted:
                values["former"] = self._former(tx, found, now_wanted)
            if state == ON and found["state"] == OFF:
                values |= {"state": ON, "off_reason": None, "off_since": None}
                store.restart(tx, identity, last_event(tx)[0])
            elif state == OFF and found["state"] == ON:
                values |= {"state": OFF, "off_reason": "asked", "off_since": stamp(self._clock())}
            documents.change(tx, WEBHOOKS, identity, values, version=version)
            said: dict[str, Any] = {"owner": row["owner"], "host": host_of(fields["url"])}
            happened(
                tx,
                actor,
                "webhook_changed",
                subject=f"webhook/{identity}",
                **said | ({"state": state} if state else {}),
            )

        write_numbered(self._engine, work)
        self._changed()
        return self.read(actor, identity)

    def _former(self, tx: WriteTransaction, row: Row, before: Wanted) -> list[Row]:
        """What the webhook wanted until now, for the events that it has not got yet: these were wanted, or not, as things were."""
        state = documents.find(tx, WEBHOOK_STATES, str(row["key"]))
        place = int(state["number"]) if state is not None else 0
        kept = [one for one in former_of(row) if int(one["until"]) > place]
        now = {"kinds": list(before.kinds), "schemes": list(before.schemes), "concepts": list(before.concepts)}
        return [*kept, {**now, "until": last_event(tx)[0]}][-MOST_FORMER:]

    def seal_all(self) -> int:
        """Seal the secrets that are kept in clear, as older programs kept them; returns how many."""
        count = 0
        for row in store.read_all(self._engine):
            identity = str(row["key"])
            clear = [name for name in ("secret", "former_secret") if row.get(name) and self._is_clear(str(row[name]))]
            if not clear:
                continue

            def work(tx: WriteTransaction, identity: str = identity) -> None:
                found = documents.lock(tx, WEBHOOKS, identity)
                values = {name: str(found[name]) for name in ("secret", "former_secret") if found.get(name)}
                sealed = {name: self._sealer.seal(text, identity) for name, text in values.items() if self._is_clear(text)}
                documents.change(tx, WEBHOOKS, identity, sealed)

            with suppress(NotFound):
                self._engine.write(work)
                count += 1
        return count

    def _is_clear(self, kept: str) -> bool:
        return kept.startswith(CLEAR) and not self._sealer.seals(kept)

    def rotate(self, actor: Actor, identity: str) -> tuple[Webhook, str]:
        """A new secret, shown this once; the former one signs as well for `OVERLAP`."""
        row = self._row(actor, identity, writing=True)
        secret = new_secret()
        until = stamp(self._clock() + OVERLAP)

        def work(tx: WriteTransaction) -> None:
            now = documents.lock(tx, WEBHOOKS, identity)
            values: Row = {"secret": self._sealer.seal(secret, identity), "former_secret": now["secret"], "former_until": until}
            if self._sealer.open(str(now["secret"]), identity) is None:
                # By another key: it signs nothing any more.
                values |= {"former_secret": None, "former_until": None}
            documents.change(tx, WEBHOOKS, identity, values)
            happened(tx, actor, "webhook_secret_made", subject=f"webhook/{identity}", owner=row["owner"])

        write_numbered(self._engine, work)
        return self.read(actor, identity), secret

    def remove(self, actor: Actor, identity: str) -> None:
        """Remove a webhook; what was on its way is not sent."""
        row = self._row(actor, identity, writing=True)

        def work(tx: WriteTransaction) -> None:
            store.forget(tx, identity)
            happened(
                tx,
                actor,
                "webhook_removed",
                subject=f"webhook/{identity}",
                owner=row["owner"],
                host=host_of(str(row["url"])),
            )

        write_numbered(self._engine, work)
        store.tidy(self._engine, identity, 0, pending=True)

    def deliveries(
        self, actor: Actor, identity: str, *, after: str = "", limit: int = _LISTED
    ) -> tuple[list[Delivery], str]:
        """The delivery log, latest first, and the key after which the next page begins ("" at the end)."""
        self._row(actor, identity)
        found = store.log_page(self._engine, identity, f"{identity}/{after}" if after else "", limit)
        following = found[-1][0].partition("/")[2] if len(found) == limit else ""
        return [delivery for _, delivery in found], following

    def deliver_again(self, actor: Actor, identity: str, key: str) -> Delivery:
        """Send what was delivered, or given up, once more. Raises NotFound, Conflict (it is on its way, or the webhook is off)."""
        row = self._row(actor, identity, writing=True)
        former = store.find_delivery(self._engine, identity, key)
        if former.state == store.PENDING:
            raise Conflict("that delivery is on its way: wait for its next attempt", reason="webhook-pending")
        return self._ask(actor, row, former.number, former.message, former.kind, "webhook_delivery_asked")

    def ping(self, actor: Actor, identity: str) -> Delivery:
        """Send a message that says nothing, to see whether it arrives. Raises NotFound, Conflict (the webhook is off)."""
        row = self._row(actor, identity, writing=True)
        number, _ = last_event(self._engine)
        return self._ask(actor, row, number, f"ping.{new_uuid()}", "ping", "webhook_pinged")

    def _ask(self, actor: Actor, row: Row, number: int, message: str, kind: str, event: str) -> Delivery:
        identity = str(row["key"])
        if row["state"] != ON:
            raise Conflict("the webhook is switched off: switch it on first", reason="webhook-off")
        now = stamp(self._clock())
        key = store.delivery_key(identity, number, new_uuid())
        delivery = Delivery(key, identity, number, message, kind, (), due=now, created=now)

        def work(tx: WriteTransaction) -> None:
            store.ask(tx, delivery)
            happened(
                tx, actor, event, subject=f"webhook/{identity}", owner=row["owner"], delivery=key.partition("/")[2]
            )

        write_numbered(self._engine, work)
        self._changed()
        return delivery

    def _owner(self, actor: Actor, owner: str, *, reading: bool = False) -> str:
        """The owner, where the actor may act for them."""
        require_known(actor)
        if not reading:
            require_scope(actor)
        kind, _, name = (owner or f"user/{actor.id}").partition("/")
        if kind == "organisation" and name:
            require_organisation(actor, name, "manager")
            if not actor.in_organisation(name):
                documents.get(self._engine, ORGANISATIONS, name, "organisation")
        elif kind == "user" and is_uuid(name):
            if name != actor.id and not (reading and actor.is_admin):
                raise Forbidden("you may not do this: a user's webhooks are their own")
        else:
            raise InvalidInput(
                f"{owner[:100]!r} is no owner: organisation/SLUG, or nothing for yourself (sign in as a user)"
            )
        return f"{kind}/{name}"

    def _row(self, actor: Actor, identity: str, *, writing: bool = False) -> Row:
        """The document, where the actor may see it."""
        require_known(actor)
        if writing:
            require_scope(actor)
        row = documents.find(self._engine, WEBHOOKS, identity)
        if row is not None:
            kind, _, name = str(row["owner"]).partition("/")
            if (
                (kind == "user" and name == actor.id)
                or (kind == "organisation" and actor.in_organisation(name, "manager"))
                or actor.is_admin
            ):
                return row
        raise NotFound(f"there is no webhook {identity[:100]}", reason="none-here", key=identity[:100])

    def _fields(self, url: str, wanted: Wanted, description: str) -> Row:
        """What a registration says, checked."""
        url = web_address(url.strip())
        if len(url) > _LONGEST or len(description) > _LONGEST:
            raise InvalidInput(f"an address, and a description, have at most {_LONGEST} characters")
        description = check_text("description", description, _LONGEST)
        for kind in wanted.kinds:
            require_kind(kind)
        if urlsplit(url).scheme != "https" and not self._target.allow_private:
            raise InvalidInput("a webhook's address begins with https://", reason="webhook-address")
        self._target.check(url)
        for scheme in wanted.schemes:
            if scheme not in SCHEMES:
                raise InvalidInput(f"{scheme[:50]!r} is no scheme: {', '.join(SCHEMES)}")
        for uuid in wanted.concepts:
            if not is_uuid(uuid):
                raise InvalidInput(f"{uuid[:50]!r} is no uuid of a concept", reason="webhook-uuid", uuid=uuid[:50])
        if max(len(wanted.kinds), len(wanted.schemes), len(wanted.concepts)) > MOST * 5:
            raise InvalidInput(f"a filter names at most {MOST * 5} of each", reason="webhook-filter", most=MOST * 5)
        return {
            "url": url,
            "description": description,
            "kinds": sorted(set(wanted.kinds)),
            "schemes": sorted(set(wanted.schemes)),
            "concepts": sorted({uuid.lower() for uuid in wanted.concepts}),
        }


def former_of(row: Mapping[str, Any]) -> list[Row]:
    """What a webhook wanted before, oldest first, each `until` a number of the log (included)."""
    former = row.get("former")
    if isinstance(former, dict):
        # As older programs kept it: one alone.
        return [{**former, "until": int(row["former_number"])}]
    return list(former or ())


def wanted_at(row: Mapping[str, Any], number: int) -> Wanted:
    """What a webhook wanted when an event happened: before its last changes that may have been something else."""
    for former in former_of(row):
        if number <= int(former["until"]):
            return Wanted(tuple(former["kinds"]), tuple(former["schemes"]), tuple(former["concepts"]))
    return Wanted(tuple(row.get("kinds") or ()), tuple(row.get("schemes") or ()), tuple(row.get("concepts") or ()))


def host_of(url: str) -> str:
    """The host of an address, which may be told; its path may hold a secret."""
    return urlsplit(url).hostname or ""


def webhook_of(row: Mapping[str, Any], state: Mapping[str, Any] | None) -> Webhook:
    """A document as a registration, with how far it is."""
    return Webhook(
        id=str(row["key"]),
        owner=str(row["owner"]),
        url=str(row["url"]),
        description=str(row.get("description", "")),
        wanted=wanted_at(row, _NEWEST),
        state=str(row["state"]),
        off_reason=str(row.get("off_reason") or ""),
        off_since=str(row.get("off_since") or ""),
        created=str(row["created"]),
        made_by=str(row.get("made_by", "")),
        version=int(row["version"]),
        former_until=str(row.get("former_until") or ""),
        failing_since=str((state or {}).get("failing_since") or ""),
        number=int((state or {}).get("number", 0)),
    )
