"""Sending mail by SMTP. Plain text only; what is sent to whom is decided above."""

from __future__ import annotations

import smtplib
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from typing import Final, Self
from urllib.parse import unquote, urlsplit

from wikic.errors import InvalidInput, OutsideError
from wikic.outside.trust import trusting

SECONDS: Final = 20.0


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail is handed over: `smtp://` (plain), `smtp+starttls://`, `smtps://`, with user and password in the address if need be."""

    host: str
    port: int
    tls: str = ""
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def of(cls, url: str) -> Self:
        """From WIKIC_SMTP_URL. Raises InvalidInput, without the address: it may hold a password."""
        ports = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
        try:
            parts = urlsplit(url.strip())
            port = parts.port
        except ValueError:
            raise InvalidInput("WIKIC_SMTP_URL is no address such as smtp+starttls://user:password@mail.example.org:587") from None
        if parts.scheme not in ports or not parts.hostname or parts.path.strip("/"):
            raise InvalidInput(f"WIKIC_SMTP_URL must begin with {', '.join(f'{each}://' for each in ports)} and name a host")
        if parts.username and parts.scheme == "smtp" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
            raise InvalidInput("WIKIC_SMTP_URL would send a password in the clear: use smtp+starttls:// or smtps://")
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(parts.hostname, port or ports[parts.scheme], parts.scheme.removeprefix("smtp").lstrip("+"), user, password)

    def send(self, sender: str, to: str, subject: str, text: str) -> None:
        """Hand one mail over. Raises OutsideError with the server's word for it."""
        try:
            message = _message(sender, to, subject, text)
            with self._connected() as server:
                server.send_message(message, to_addrs=[to])
        except (smtplib.SMTPException, OSError, ValueError, LookupError, MessageError) as error:
            raise OutsideError(f"the mail server {self.host}:{self.port} did not take a mail: {_reason(error)}") from error

    def _connected(self) -> smtplib.SMTP:
        if self.tls == "s":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=SECONDS, context=trusting())
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=SECONDS)
        try:
            if self.tls == "starttls":
                server.starttls(context=trusting())
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server


def _message(sender: str, to: str, subject: str, text: str) -> EmailMessage:
    message = EmailMessage(SMTP.clone(max_line_length=78))
    local, _, domain = to.rpartition("@")
    # Not as text: that would be read as a header is, and might then name somebody else.
    message["To"] = Address(username=local, domain=domain)
    message["From"], message["Subject"] = sender, " ".join(subject.split())
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=sender.rpartition("@")[2].strip(">") or "localhost")
    # So that nobody's holiday notice answers a machine.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {bytes(error.smtp_error).decode('utf-8', 'replace') if isinstance(error.smtp_error, bytes) else error.smtp_error}"
    return str(error) if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException) else type(error).__name__
