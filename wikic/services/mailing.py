"""Mail that the other services send: written down with what causes it, so that it survives the process, and sent by a thread, so that no answer waits
for a mail server (or tells by its time whether one was asked).

Flow: `queue` in the transaction of the cause -> `wake` once that is committed -> the thread takes each mail that is due by moving its next attempt into
the future -> hands it over -> removes it. Who dies in between leaves a mail that is due again a little later: it arrives at least once.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import timedelta
from typing import Final, Protocol

import structlog

from wikic.domain.access import ACCOUNTS_SPACE, SYSTEM
from wikic.domain.changes import stamp
from wikic.domain.ids import new_uuid
from wikic.errors import NotFound, OutsideError, StaleVersion, WikicError
from wikic.outside.mail import SmtpServer
from wikic.services.throttling import Clock, utc_now
from wikic.store import documents
from wikic.store.engine import Engine, Row, WriteTransaction
from wikic.store.events import happened
from wikic.store.leases import write_numbered
from wikic.store.tables import MAILS

DELAYS: Final = (5, 30, 120, 600, 1_800, 3_600, 2 * 3_600, 4 * 3_600, 8 * 3_600)
"""Seconds between an attempt that failed and the next one; after the last one a mail is given up."""
HELD: Final = 120
"""Seconds that a sender has for one attempt before another one may try: more than `outside.mail` takes to fail."""

_LOOK_SECONDS: Final = 10.0
_READ: Final = 50

log = structlog.get_logger(__name__)


class Sends(Protocol):
    """What a mail server has to be able to do; `outside.mail.SmtpServer` is one."""

    def send(self, sender: str, to: str, subject: str, text: str) -> None: ...


class Mailer:
    """Sends the mail of one store, if there is a server to send by; safe between threads. Close it at the end: what is due is still tried once."""

    def __init__(self, engine: Engine, server: Sends | None = None, sender: str = "", *, clock: Clock = utc_now) -> None:
        self._engine, self._server, self._sender, self._clock = engine, server, sender, clock
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._staying = self._closing = self._woken = self._busy = False

    @classmethod
    def of(cls, engine: Engine, url: str, sender: str) -> Mailer:
        """By the settings: no address of a server, no mail. Raises InvalidInput."""
        return cls(engine, SmtpServer.of(url), sender) if url else cls(engine)

    @property
    def enabled(self) -> bool:
        """Whether mail is sent at all."""
        return self._server is not None

    def queue(self, tx: WriteTransaction, to: str, subject: str, text: str) -> bool:
        """Write a mail down, to be sent if the transaction commits (call `wake` then); whether there is a server to send it by.

        `to` may be "": such a mail goes to nobody, but what asks for it takes the same time.
        """
        if self._server is not None:
            key = new_uuid()
            row: Row = {"key": key, "to": to, "subject": subject, "text": text, "tries": 0, "created": stamp(self._clock()), "due": self._due(key, 0)}
            documents.insert(tx, MAILS, row)
        return self.enabled

    def send(self, to: str, subject: str, text: str) -> bool:
        """Write a mail down that nothing else is written with, and wake; whether there is a server to send it by."""
        if self.enabled:
            self._engine.write(lambda tx: self.queue(tx, to, subject, text))
            self.wake()
        return self.enabled

    def send_now(self, to: str, subject: str, text: str) -> None:
        """Hand a mail over now, once. Raises OutsideError, also where there is no server."""
        if self._server is None:
            raise OutsideError("no mail server is set: WIKIC_SMTP_URL and WIKIC_MAIL_FROM name one")
        self._server.send(self._sender, to, subject, text)

    def start(self) -> None:
        """From now until `close` also send what other processes left, and try again what could not be sent."""
        self._staying = True
        self.wake()

    def wake(self) -> None:
        """Something was queued: send what is due, from a thread of its own."""
        if self._server is None:
            return
        with self._changed:
            self._woken = True
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True, name="wikic-mail")
                self._thread.start()
            self._changed.notify_all()

    def wait(self, seconds: float = 30.0) -> bool:
        """Wait until all that was due has been tried; whether that came to pass."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._woken and not self._busy, seconds)

    def close(self) -> None:
        """Finish what is under way, without waiting long, and stop. What is still to be sent stays written down."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(10.0)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                if self._staying:
                    self._changed.wait_for(lambda: self._woken or self._closing, _LOOK_SECONDS)
                if not self._woken and (self._closing or not self._staying):
                    self._thread = None
                    return
                self._woken, self._busy = False, True
            try:
                self.round()
            except WikicError as error:
                log.warning("mail cannot be looked at", error=error.message)
            except Exception as error:
                # Whatever it was: without this thread no mail leaves at all.
                log.error("mail cannot be looked at", exc_info=error)

    def round(self) -> int:
        """Try once what is due, oldest first; returns how many were tried."""
        tried = 0
        while True:
            now = stamp(self._clock())
            found = documents.page(self._engine, MAILS, "due", limit=_READ)
            due = [row for row in found if str(row["due"]).partition(" ")[0] <= now]
            if not due:
                return tried
            tried += sum(self._attempt(row) for row in due)

    def _attempt(self, row: Row) -> bool:
        """Take a mail and hand it over; False where another sender has taken it."""
        key, tries = str(row["key"]), int(row["tries"]) + 1
        held = {"tries": tries, "due": self._due(key, HELD)}
        try:
            taken = self._engine.write(lambda tx: documents.change(tx, MAILS, key, held, version=int(row["version"])))
        except (StaleVersion, NotFound):
            return False
        try:
            if row["to"]:
                self.send_now(str(row["to"]), str(row["subject"]), str(row["text"]))
        except Exception as error:
            # Whatever it was: the other mails must not wait for this one. To whom it was is nobody's business in a log.
            why = error.message if isinstance(error, OutsideError) else type(error).__name__
            log.warning("mail not sent", mail=key, attempt=tries, given_up=tries > len(DELAYS), error=why)
            # Who took longer than `HELD` is not the last one to have had it: then what the other one made of it holds.
            with suppress(StaleVersion, NotFound):
                self._put_off(taken, tries)
        else:
            self._engine.write(lambda tx: documents.remove(tx, MAILS, [key]))
        return True

    def _put_off(self, row: Row, tries: int) -> None:
        """To the next attempt, if there is to be one. Else the audit says that it was given up, and not what it said to whom. Raises StaleVersion, NotFound
        where another sender has taken it since."""
        key, version = str(row["key"]), int(row["version"])
        if tries <= len(DELAYS):
            later = {"due": self._due(key, DELAYS[tries - 1])}
            self._engine.write(lambda tx: documents.change(tx, MAILS, key, later, version=version))
            return

        def give_up(tx: WriteTransaction) -> None:
            documents.lock(tx, MAILS, key, version=version)
            documents.remove(tx, MAILS, [key])
            happened(tx, SYSTEM, "mail_given_up", subject=f"mail/{key}", space=ACCOUNTS_SPACE, tries=tries, since=row["created"])

        write_numbered(self._engine, give_up)

    def _due(self, key: str, seconds: int) -> str:
        return f"{stamp(self._clock() + timedelta(seconds=seconds))} {key}"
