"""Mail: what is handed to a mail server, by one that listens; addresses of servers."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default

import pytest

from wikic.errors import InvalidInput, OutsideError
from wikic.outside.mail import SmtpServer

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
    text = "Bonjour,\n\n.un point\n" + "long " * 60 + "\n"
    SmtpServer.of(url(server)).send(SENDER, "ada@example.org", "Été\nBcc: eve@example.org", text)
    ((to, raw),) = server.mails
    mail = message_from_bytes(raw, policy=default)
    assert to == ["ada@example.org"]
    assert (mail["From"], mail["To"], mail["Subject"]) == (SENDER, "ada@example.org", "Été Bcc: eve@example.org")
    assert mail["Bcc"] is None
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith("@example.org>")
    content = mail.get_content().replace("\r\n", "\n")
    assert content.startswith("Bonjour,\n\n.un point\nlong long")


def test_what_cannot_be_handed_over(server: Server) -> None:
    with pytest.raises(OutsideError, match="did not take"):
        SmtpServer.of(url(server)).send(SENDER, "full@example.org", "x", "y")
    with pytest.raises(OutsideError):
        SmtpServer.of("smtp://127.0.0.1:1").send(SENDER, "ada@example.org", "x", "y")


@pytest.mark.parametrize("to", ["=?utf-8?q?=0Ax?=@example.org", "=?utf-8?q??=@example.org", "=?utf-8?q?=62ob?=@example.org"])
def test_an_address_that_programs_decode_leads_to_nobody_else(server: Server, to: str) -> None:
    try:
        SmtpServer.of(url(server)).send(SENDER, to, "x", "y")
    except OutsideError:
        assert server.mails == []
    else:
        assert server.mails[0][0] == [to]


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
