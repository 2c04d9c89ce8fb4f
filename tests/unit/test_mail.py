"""Mail: what is handed to a mail server, by one that listens; the queue; addresses of servers."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default

import pytest

from wikic.errors import InvalidInput, OutsideError
from wikic.outside.mail import SmtpServer
from wikic.services.mailing import Mailer

SENDER = "Wiki-C <wiki-c@example.org>"


class Server(socketserver.ThreadingTCPServer):
    """A mail server that takes everything, but refuses addresses with `full` in them."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.mails: list[tuple[list[str], bytes]] = []


class Talk(socketserver.StreamRequestHandler):
    """One conversation."""

    server: Server

    def handle(self) -> None:
        self.say("220 here")
        to: list[str] = []
        while line := self.rfile.readline().decode().strip():
            word = line[:4].upper()
            if word == "RCPT" and "full" in line:
                self.say("452 mailbox full")
            elif word == "DATA":
                self.say("354 go on")
                body = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    body += part.removeprefix(b".")
                self.server.mails.append((to, body))
                self.say("250 taken")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                if word == "RCPT":
                    to = [*to, line.partition("<")[2].rstrip(">")]
                self.say("250 fine")

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as found:
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield found
        found.shutdown()


def url(server: Server) -> str:
    return f"smtp://127.0.0.1:{server.server_address[1]}"


def test_a_mail_arrives_as_it_was_meant(server: Server) -> None:
    mailer = Mailer.of(url(server), SENDER)
    assert mailer.enabled
    assert mailer.send("ada@example.org", "Été\nBcc: eve@example.org", "Bonjour,\n\n.un point\n" + "long " * 60 + "\n")
    assert mailer.wait()
    ((to, raw),) = server.mails
    mail = message_from_bytes(raw, policy=default)
    assert to == ["ada@example.org"]
    assert (mail["From"], mail["To"], mail["Subject"]) == (SENDER, "ada@example.org", "Été Bcc: eve@example.org")
    assert mail["Bcc"] is None
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith("@example.org>")
    content = mail.get_content().replace("\r\n", "\n")
    assert content.startswith("Bonjour,\n\n.un point\nlong long")
    mailer.close()


def test_what_cannot_be_handed_over(server: Server) -> None:
    mailer = Mailer.of(url(server), SENDER)
    with pytest.raises(OutsideError, match="did not take"):
        mailer.send_now("full@example.org", "x", "y")
    with pytest.raises(OutsideError):
        Mailer.of("smtp://127.0.0.1:1", SENDER).send_now("ada@example.org", "x", "y")


class Stubborn:
    """Refuses the first times."""

    def __init__(self, times: int) -> None:
        self.times, self.asked = times, threading.Event()
        self.took: list[str] = []

    def send(self, sender: str, to: str, subject: str, text: str) -> None:
        assert (sender, subject, text) == (SENDER, "x", "y")
        self.asked.set()
        self.times -= 1
        if self.times >= 0:
            raise OutsideError("not now")
        self.took.append(to)


def test_what_is_queued_is_tried_once_more_at_the_end() -> None:
    server = Stubborn(1)
    mailer = Mailer(server, SENDER)
    mailer.send("one@example.org", "x", "y")
    mailer.send("two@example.org", "x", "y")
    assert server.asked.wait(10)
    # The second attempt would be in some seconds: closing does not wait for it.
    mailer.close()
    assert server.took == ["one@example.org", "two@example.org"]


def test_without_a_server_nothing_is_sent() -> None:
    mailer = Mailer.of("", "")
    assert not mailer.enabled
    assert not mailer.send("ada@example.org", "x", "y")
    with pytest.raises(OutsideError, match="WIKIC_SMTP_URL"):
        mailer.send_now("ada@example.org", "x", "y")
    mailer.close()


def test_addresses_of_servers() -> None:
    found = SmtpServer.of("smtp+starttls://us%40er:p%2Fw@mail.example.org")
    assert (found.host, found.port, found.tls, found.user, found.password) == ("mail.example.org", 587, "starttls", "us@er", "p/w")
    assert "p/w" not in repr(found)
    assert SmtpServer.of("smtps://mail.example.org").port == 465
    assert SmtpServer.of("smtps://mail.example.org").tls == "s"
    for bad in ("mail.example.org", "http://x", "smtp://user:secret@mail.example.org", "smtp://", "smtp://x:99999", "smtps://x/path"):
        with pytest.raises(InvalidInput) as refused:
            SmtpServer.of(bad)
        assert "secret" not in refused.value.message
