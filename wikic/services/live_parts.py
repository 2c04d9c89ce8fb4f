"""The services of what happens, put together over one store: the event log, webhooks, watches, mail, the audit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, Self

from wikic.crypto.sealing import Sealer
from wikic.domain.access import Actor
from wikic.outside.client import GuardedClient
from wikic.services.auditing import Auditing
from wikic.services.happenings import Happenings
from wikic.services.notifying import Mailer, Notifying
from wikic.services.reading import Reading
from wikic.services.throttling import Clock, utc_now
from wikic.services.watching import Watching
from wikic.services.webhooks import Webhooks
from wikic.services.webhooks_sending import Sending
from wikic.store.engine import Engine


class PeoplePort(Protocol):
    """What this needs of accounts; `services.accounts.Accounts` is one."""

    def actor(self, user: str) -> Actor:
        """Who a user is now. Raises NotFound; not `known` where they are disabled."""
        ...


@dataclass(frozen=True, slots=True)
class LiveServices:
    """All that follows the event log."""

    happenings: Happenings
    webhooks: Webhooks
    sending: Sending
    watching: Watching
    notifying: Notifying
    auditing: Auditing

    @classmethod
    def of(
        cls, engine: Engine, epoch: str, reading: Reading, accounts: PeoplePort, mailer: Mailer, queue: Callable[[Actor], Mapping[str, int]], *,
        public_url: str, allow_private: bool = False, clock: Clock = utc_now, sealer: Sealer | None = None,
    ) -> Self:  # fmt: skip
        """Over an engine that is open. `allow_private`: webhooks may lead into private networks. `sealer` keeps their secrets."""
        happenings, watching = Happenings(engine, epoch), Watching(engine, reading)
        client = GuardedClient(allow_private=allow_private)
        notifying = Notifying(
            engine,
            reading,
            happenings,
            watching,
            mailer,
            actor_of=accounts.actor,
            queue=queue,
            public_url=public_url,
            clock=clock,
        )
        sending = Sending(engine, happenings, client, accounts.actor, told=notifying.webhook_off, clock=clock, sealer=sealer)
        webhooks = Webhooks(engine, client, clock=clock, changed=sending.wake, sealer=sealer)
        return cls(happenings, webhooks, sending, watching, notifying, Auditing(engine))

    def close(self) -> None:
        """Stop sending and watching."""
        self.sending.close()
        self.happenings.close()
