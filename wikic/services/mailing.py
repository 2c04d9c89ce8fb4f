"""Mail that the other services send: queued, so that no answer waits for a mail server (or tells by its time whether one was asked)."""

from __future__ import annotations

import threading
from collections import deque
from typing import Final, Protocol

import structlog

from wikic.errors import OutsideError
from wikic.outside.mail import SmtpServer

_WAITS: Final = (0.0, 5.0, 60.0)
"""Seconds before each attempt to hand a mail over."""
_LONGEST_QUEUE: Final = 1_000

log = structlog.get_logger(__name__)


class Sends(Protocol):
    """What a mail server has to be able to do; `outside.mail.SmtpServer` is one."""

    def send(self, sender: str, to: str, subject: str, text: str) -> None: ...


class Mailer:
    """Sends mail in a thread of its own, if there is a server to send by. Close it at the end: what is queued is still tried once."""

    def __init__(self, server: Sends | None = None, sender: str = "") -> None:
        self._server, self._sender = server, sender
        self._queue: deque[tuple[str, str, str]] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closing = False
        self._busy = False

    @classmethod
    def of(cls, url: str, sender: str) -> Mailer:
        """By the settings: no address of a server, no mail. Raises InvalidInput."""
        return cls(SmtpServer.of(url), sender) if url else cls()

    @property
    def enabled(self) -> bool:
        """Whether mail is sent at all."""
        return self._server is not None

    def send(self, to: str, subject: str, text: str) -> bool:
        """Queue a mail; whether there is a server to send it by. A mail that cannot be handed over in three attempts is given up, and the log says so."""
        if self._server is None:
            return False
        with self._changed:
            if len(self._queue) >= _LONGEST_QUEUE:
                log.error("mail dropped: too many wait for the mail server", waiting=len(self._queue))
                return True
            self._queue.append((to, subject, text))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True, name="wikic-mail")
                self._thread.start()
            self._changed.notify_all()
        return True

    def send_now(self, to: str, subject: str, text: str) -> None:
        """Hand a mail over now, once. Raises OutsideError, also where there is no server."""
        if self._server is None:
            raise OutsideError("no mail server is set: WIKIC_SMTP_URL and WIKIC_MAIL_FROM name one")
        self._server.send(self._sender, to, subject, text)

    def wait(self, seconds: float = 30.0) -> bool:
        """Wait until nothing is queued; whether that came to pass."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._queue and not self._busy, seconds)

    def close(self) -> None:
        """Try what is queued once more, without waiting long, and stop."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(10.0)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._busy = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._queue or self._closing)
                if not self._queue:
                    return
                mail = self._queue.popleft()
                self._busy = True
            self._deliver(*mail)

    def _deliver(self, to: str, subject: str, text: str) -> None:
        for number, seconds in enumerate(_WAITS, start=1):
            with self._changed:
                self._changed.wait_for(lambda: self._closing, seconds)
                last = self._closing or number == len(_WAITS)
            try:
                self.send_now(to, subject, text)
                return
            except OutsideError as error:
                # To whom it was is nobody's business in a log.
                log.warning("mail not sent", attempt=number, given_up=last, error=error.message)
                if last:
                    return
