"""The guarded client: which addresses it refuses, that it connects to what it checked, redirects, limits, TLS names."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from wikic.errors import OutsideError, TargetRefused
from wikic.outside.client import GuardedClient

NAME = "hooks.example.org"


class Handler(BaseHTTPRequestHandler):
    """Answers by path; remembers what it was sent."""

    seen: ClassVar[list[tuple[str, str, dict[str, str], bytes]]] = []

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.seen.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        port = int(self.headers["host"].rpartition(":")[2])
        known: dict[str, Callable[[], None]] = {
            "/loop": lambda: self.go(302, "/loop"),
            "/m%C3%A9tier": lambda: self.go(302, "/caf\u00c3\u00a9"),
            "/see": lambda: self.go(303, "/plain"),
            "/kept": lambda: self.go(307, "/plain"),
            "/inside": lambda: self.go(302, f"http://127.0.0.1:{port}/plain"),
            "/elsewhere": lambda: self.go(302, f"http://other.example.org:{port}/plain"),
            "/file": lambda: self.go(302, "file:///etc/passwd"),
            "/large": lambda: self.say(b"x" * 5_000),
            "/headers": lambda: self.say(b"", {f"x-{n}": "y" * 900 for n in range(90)}),
            "/cookie": lambda: self.say(b"", {"set-cookie": "a=b"}),
        }
        known.get(self.path, lambda: self.say(b"hello"))()

    do_POST = do_GET  # noqa: N815 - the server finds it by this name

    def go(self, status: int, target: str) -> None:
        self.send_response(status)
        self.send_header("location", target)
        self.send_header("content-length", "0")
        self.end_headers()

    def say(self, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(200)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    Handler.seen.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def to(address: str) -> Callable[[str, int], list[str]]:
    """A resolver that knows one address for every name."""
    return lambda _host, _port: [address]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.8", "172.16.4.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.2.1",
        "224.0.0.1", "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:8.8.8.8", "64:ff9b::7f00:1", "2002:7f00:1::", "2001::1", "::127.0.0.1", "2001:db8::1", "fec0::1",
    ],
)  # fmt: skip
def test_private_addresses_are_refused(address: str) -> None:
    with pytest.raises(TargetRefused, match="private or reserved"):
        GuardedClient(resolve=to(address)).fetch(f"https://{NAME}/")


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/", "http://[::1]/", "http://[::ffff:10.0.0.1]/", "http://0x7f.1/", "http://2130706433/", "http://localhost/"],
)
def test_however_they_are_written(url: str) -> None:
    with pytest.raises(TargetRefused):
        GuardedClient().fetch(url)


@pytest.mark.parametrize(
    "url",
    ["ftp://example.org/", "file:///etc/passwd", "https://", "//example.org", "https://a:b@example.org/", "http://[x", "http://x:99999/", "http://x/\ud800"],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(TargetRefused):
        GuardedClient(allow_private=True).fetch(url)
    with pytest.raises(TargetRefused):
        GuardedClient().check(url)


def test_other_letters_are_asked_for_as_programs_write_them(port: int) -> None:
    # The server writes its headers as latin-1: what it says are the bytes of "café" in UTF-8.
    answer = GuardedClient(allow_private=True, resolve=to("127.0.0.1")).fetch(f"http://é.example.org:{port}/métier")
    assert (answer.status, answer.url) == (200, f"http://xn--9ca.example.org:{port}/caf%C3%A9")
    assert [path for _, path, _, _ in Handler.seen] == ["/m%C3%A9tier", "/caf%C3%A9"]


def test_one_private_address_among_public_ones_is_enough() -> None:
    with pytest.raises(TargetRefused):
        GuardedClient(resolve=lambda *_: ["93.184.216.34", "10.0.0.1"]).fetch(f"http://{NAME}/")


def test_the_address_that_was_checked_is_the_one_connected_to(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def once(host: str, _: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    def never(host: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        assert host == "127.0.0.1", f"{host} was looked up a second time"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]

    monkeypatch.setattr(socket, "getaddrinfo", never)
    answer = GuardedClient(allow_private=True, resolve=once).fetch(f"http://{NAME}:{port}/plain")
    assert (answer.status, answer.body, asked) == (200, b"hello", [NAME])
    assert Handler.seen[0][2]["host"] == f"{NAME}:{port}"


def test_a_redirect_into_a_private_network_is_refused(port: int) -> None:
    class OnlyTheFirst(GuardedClient):
        """Lets one name through, as if its address were public."""

        def _refuse_private(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address, host: str) -> None:
            if host != NAME:
                super()._refuse_private(address, host)

    client = OnlyTheFirst(resolve=to("127.0.0.1"))
    for path in ("/inside", "/elsewhere", "/file"):
        with pytest.raises(TargetRefused):
            client.fetch(f"http://{NAME}:{port}{path}")
    assert [path for _, path, _, _ in Handler.seen] == ["/inside", "/elsewhere", "/file"]


def test_redirects(port: int) -> None:
    client = GuardedClient(allow_private=True, resolve=to("127.0.0.1"))
    url = f"http://{NAME}:{port}"
    with pytest.raises(OutsideError, match="redirect"):
        client.fetch(f"{url}/loop")
    assert len(Handler.seen) == 4
    assert client.fetch(f"{url}/loop", max_redirects=0).status == 302
    Handler.seen.clear()
    client.fetch(f"{url}/see", method="POST", body=b"{}", headers={"Authorization": "Bearer x"})
    client.fetch(f"{url}/kept", method="POST", body=b"{}")
    assert [(method, path, body) for method, path, _, body in Handler.seen] == [
        ("POST", "/see", b"{}"), ("GET", "/plain", b""), ("POST", "/kept", b"{}"), ("POST", "/plain", b"{}"),
    ]  # fmt: skip
    assert Handler.seen[1][2]["authorization"] == "Bearer x"
    Handler.seen.clear()
    client.fetch(f"{url}/elsewhere", headers={"Authorization": "Bearer x", "Cookie": "a=b", "X-Kept": "1"})
    assert "authorization" not in Handler.seen[1][2]
    assert "cookie" not in Handler.seen[1][2]
    assert Handler.seen[1][2]["x-kept"] == "1"


def test_limits(port: int) -> None:
    client = GuardedClient(allow_private=True, resolve=to("127.0.0.1"))
    url = f"http://{NAME}:{port}"
    assert client.fetch(f"{url}/large", max_body=5_000).body == b"x" * 5_000
    with pytest.raises(OutsideError, match="more than 4,999 bytes"):
        client.fetch(f"{url}/large", max_body=4_999)
    with pytest.raises(OutsideError):
        client.fetch(f"{url}/headers", max_body=100)
    client.fetch(f"{url}/cookie")
    client.fetch(f"{url}/plain?secret=1")
    assert "cookie" not in Handler.seen[-1][2]
    with pytest.raises(OutsideError) as caught:
        client.fetch("http://127.0.0.1:1/there?secret=1")
    assert "secret" not in caught.value.message


def test_proxies_of_the_environment_are_not_used(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    client = GuardedClient(allow_private=True, resolve=to("127.0.0.1"))
    assert client.fetch(f"http://{NAME}:{port}/plain").status == 200


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_who_never_answers_is_left(scheme: str) -> None:
    """Also within the TLS handshake, and also one who sends a byte now and then."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ended = threading.Event()

        def drip() -> None:
            connection, _ = listening.accept()
            with connection:
                try:
                    while not ended.wait(0.05):
                        connection.sendall(b"H" if scheme == "http" else b"\x16")
                except OSError:
                    ended.set()

        thread = threading.Thread(target=drip)
        thread.start()
        client = GuardedClient(allow_private=True, resolve=to("127.0.0.1"))
        with pytest.raises(OutsideError):
            client.fetch(f"{scheme}://{NAME}:{listening.getsockname()[1]}/", seconds=0.4)
        ended.set()
        thread.join()


def test_names_that_are_not_resolved_in_time() -> None:
    released = threading.Event()

    def slow(*_: object) -> list[str]:
        released.wait()
        return []

    with pytest.raises(OutsideError, match="not resolved in time"):
        GuardedClient(resolve=slow).fetch(f"http://{NAME}/", seconds=0.05)
    released.set()
    with pytest.raises(OutsideError, match="no address"):
        GuardedClient(resolve=lambda *_: []).fetch(f"http://{NAME}/")


def _certificate(folder: Path, name: str) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    form = serialization.PrivateFormat.PKCS8
    private = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def test_tls_checks_the_name_though_the_address_is_connected_to(tmp_path: Path) -> None:
    path = _certificate(tmp_path, NAME)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(path)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = serving.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        client = GuardedClient(allow_private=True, resolve=to("127.0.0.1"), tls=ssl.create_default_context(cafile=str(path)))
        port = server.server_address[1]
        assert client.fetch(f"https://{NAME}:{port}/plain").body == b"hello"
        with pytest.raises(OutsideError, match="certificate"):
            client.fetch(f"https://other.example.org:{port}/plain")
        with pytest.raises(OutsideError, match="certificate"):
            GuardedClient(allow_private=True, resolve=to("127.0.0.1")).fetch(f"https://{NAME}:{port}/plain")
    finally:
        server.shutdown()
        server.server_close()
