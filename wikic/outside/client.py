"""The one HTTP client towards others: it connects only to addresses that it has checked, and takes no more than it asked for.

Addresses of others come from people (webhooks, identity providers). So names are resolved here, every address is looked at, and the connection goes to
the very address that was checked: a name that answers differently the second time has no second time. TLS still checks the name. No cookies, no
proxies of the environment, no compression (its size would not be known), redirects only a few and each checked again.
"""

from __future__ import annotations

import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import httpcore2

from wikic import __version__
from wikic.domain.addresses import web_address
from wikic.errors import InvalidInput, OutsideError, TargetRefused
from wikic.outside.trust import trusting

MAX_REDIRECTS: Final = 3
MAX_BODY: Final = 1_000_000
MAX_HEADERS: Final = 64_000
SECONDS: Final = 10.0

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_SECRETS: Final = frozenset({"authorization", "cookie"})
# Addresses within which others hide: IPv4 in IPv6 (mapped, translated, 6to4, Teredo); and those of a site, which Python counts as public. None is
# needed to reach a public service.
_WRAPPED: Final = tuple(
    ipaddress.ip_network(text)
    for text in ("::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96", "fec0::/10")
)

Resolver = Callable[[str, int], Iterable[str]]
"""From a host and a port to the addresses of that name, as texts."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came back. `headers` by lower-case name (of several the last); `seconds` is the whole time; `url` the one that answered."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    url: str
    seconds: float


class GuardedClient:
    """Sends requests to others. `allow_private`: also within private networks (for intranets and tests); `resolve` looks names up."""

    def __init__(
        self, *, allow_private: bool = False, resolve: Resolver | None = None, tls: ssl.SSLContext | None = None
    ) -> None:
        self.allow_private = allow_private
        self._resolve = resolve or _look_up
        self._tls = tls

    def check(self, url: str) -> None:
        """Raise TargetRefused for what would never be fetched, by the look of the address alone (names are resolved when it is fetched)."""
        host, _ = _parts(_uri(url))
        with suppress(ValueError):
            self._refuse_private(ipaddress.ip_address(host), host)

    def fetch(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        seconds: float = SECONDS,
        max_body: int = MAX_BODY,
        max_redirects: int = MAX_REDIRECTS,
    ) -> Fetched:
        """Send a request and read the whole answer, whatever its status. After a redirect that changes the origin secrets are left out; 303 (and 301, 302
        after a POST) go on as GET. Raises TargetRefused, OutsideError (no answer in `seconds`, too large, too many redirects)."""
        deadline = time.monotonic() + seconds
        started = time.monotonic()
        url = _uri(url)
        sent = {"user-agent": f"Wiki-C/{__version__}", "accept": "*/*"}
        sent |= {name.lower(): value for name, value in (headers or {}).items()}
        for _ in range(max_redirects + 1):
            status, got, content = self._once(url, method, sent, body, deadline, max_body)
            if status not in _REDIRECTS or "location" not in got or max_redirects == 0:
                return Fetched(status, got, content, url, time.monotonic() - started)
            target = _uri(urljoin(url, got["location"].encode("latin-1").decode("utf-8", "replace")))
            if urlsplit(url).scheme == "https" and urlsplit(target).scheme != "https":
                raise TargetRefused(
                    f"{_shown(url)} leads from https to {_shown(target)}: refused", reason="outside-downgrade", address=_shown(url), target=_shown(target)
                )
            if status == 303 or (status in (301, 302) and method == "POST"):
                method, body = "GET" if method != "HEAD" else "HEAD", None
                sent.pop("content-type", None)
            if urlsplit(url)[:2] != urlsplit(target)[:2]:
                sent = {name: value for name, value in sent.items() if name not in _SECRETS}
            url = target
        raise OutsideError(
            f"{_shown(url)} is the {max_redirects + 1}th redirect in a row: given up", reason="outside-redirects", address=_shown(url), most=max_redirects
        )

    def _once(
        self, url: str, method: str, headers: Mapping[str, str], body: bytes | None, deadline: float, max_body: int
    ) -> tuple[int, dict[str, str], bytes]:
        host, port = _parts(url)
        backend = _Backend(self._checked(host, port, deadline), deadline, max_body + MAX_HEADERS)
        ended = threading.Timer(max(deadline - time.monotonic(), 0), backend.stop)
        ended.daemon = True
        ended.start()
        names: dict[bytes | str, bytes | str] = {}
        names.update(headers)
        names.update({"connection": "close", "accept-encoding": "identity", "host": urlsplit(url).netloc})
        if body is not None or method in ("POST", "PUT", "PATCH"):
            names["content-length"] = str(len(body or b""))
        try:
            with (
                httpcore2.ConnectionPool(ssl_context=self._tls or trusting(), network_backend=backend, retries=0) as pool,
                pool.stream(method, url, headers=names, content=body, extensions=_timeouts(deadline)) as answer,
            ):
                content = bytearray()
                for chunk in answer.iter_stream():
                    content += chunk
                    if len(content) > max_body:
                        raise OutsideError(
                            f"{_shown(url)} answers with more than {max_body:,} bytes: given up", reason="outside-large", address=_shown(url)
                        )
                if backend.stopped:
                    # Of an answer without a length the end that we made looks like its own.
                    raise httpcore2.ReadTimeout
                got = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
                return answer.status, got, bytes(content)
        except _TooMuchError:
            raise OutsideError(f"{_shown(url)} answers with more than it may: given up", reason="outside-large", address=_shown(url)) from None
        except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError, ssl.SSLError) as error:
            if time.monotonic() >= deadline or isinstance(error, httpcore2.TimeoutException):
                raise OutsideError(f"{_shown(url)}: no whole answer in time", reason="outside-late", address=_shown(url)) from error
            why = " ".join(str(error).split()) or type(error).__name__
            raise OutsideError(f"{_shown(url)}: {why}", reason="outside-broken", address=_shown(url)) from error
        except (TypeError, ValueError) as error:
            raise TargetRefused(f"{_shown(url)} is no address that can be asked: {error}", reason="outside-address", address=_shown(url)) from error
        finally:
            ended.cancel()
            backend.close()

    def _checked(self, host: str, port: int, deadline: float) -> list[str]:
        """The addresses of a host, all of them checked. Raises TargetRefused if one is within a private network."""
        try:
            found = list(dict.fromkeys(_in_time(self._resolve, host, port, deadline)))
        except (OSError, UnicodeError) as error:
            raise OutsideError(f"{host[:200]} is a name that nobody knows: {error}", reason="outside-name", host=host[:200]) from error
        if not found:
            raise OutsideError(f"{host[:200]} has no address", reason="outside-name", host=host[:200])
        for text in found:
            self._refuse_private(ipaddress.ip_address(text.partition("%")[0]), host)
        return found

    def _refuse_private(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address, host: str) -> None:
        if self.allow_private:
            return
        wrapped = address.version == 6 and any(address in network for network in _WRAPPED)
        if wrapped or not address.is_global or address.is_multicast or address.is_reserved or address.is_unspecified:
            raise TargetRefused(
                f"{host[:200]} is within a private or reserved network: Wiki-C connects to public addresses only"
                " (WIKIC_ALLOW_PRIVATE_TARGETS=true allows others)",
                reason="outside-private", host=host[:200],
            )  # fmt: skip


class _TooMuchError(Exception):
    """More bytes came than may come."""


class _Backend(httpcore2.SyncBackend):
    """Connects to addresses that were checked, whatever name it is asked for, and counts what comes. `stop` ends all at once: however slowly the other
    side sends, and be it within the TLS handshake, the total time holds."""

    def __init__(self, addresses: list[str], deadline: float, most: int) -> None:
        super().__init__()
        self._addresses, self._deadline, self._most = addresses, deadline, most
        self._lock = threading.Lock()
        self._twins: list[socket.socket] = []
        self.stopped = False

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None, socket_options: Any = None
    ) -> httpcore2.NetworkStream:
        failed: Exception = httpcore2.ConnectError(f"{host} has no address")
        for address in self._addresses:
            left = min(self._deadline - time.monotonic(), timeout or SECONDS)
            if left <= 0:
                raise httpcore2.ConnectTimeout
            try:
                stream = super().connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failed = error
                continue
            connected: socket.socket = stream.get_extra_info("socket")
            with self._lock:
                # A twin of the descriptor: TLS takes the first one over, and then another object holds it.
                self._twins.append(connected.dup())
            return _Counted(stream, self._most)
        raise failed

    def stop(self) -> None:
        """End all connections; who waits for them learns it at once."""
        with self._lock:
            self.stopped = True
            for twin in self._twins:
                with suppress(OSError):
                    twin.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give the descriptors back."""
        with self._lock:
            while self._twins:
                self._twins.pop().close()


class _Counted(httpcore2.NetworkStream):
    """A stream that refuses to bring more than `most` bytes."""

    def __init__(self, stream: httpcore2.NetworkStream, most: int) -> None:
        self._stream, self._most = stream, most

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        got = self._stream.read(max_bytes, timeout)
        self._most -= len(got)
        if self._most < 0:
            raise _TooMuchError
        return got

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return _Counted(self._stream.start_tls(ssl_context, server_hostname, timeout), self._most)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _parts(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise TargetRefused(f"{url[:200]!r} is no address: {error}", reason="outside-address", address=url[:200]) from error
    if parts.scheme not in ("http", "https") or not host:
        raise TargetRefused(f"{_shown(url)} is no address that begins with https:// or http://", reason="outside-address", address=_shown(url))
    if parts.username is not None or parts.password is not None:
        raise TargetRefused("an address must not hold a user or a password", reason="outside-secret")
    return host, port or (443 if parts.scheme == "https" else 80)


def _uri(url: str) -> str:
    """An address as it is asked. Raises TargetRefused."""
    _parts(url)
    try:
        return web_address(url)
    except InvalidInput as error:
        raise TargetRefused(error.message, reason="outside-address", address=_shown(url)) from error


def _shown(url: str) -> str:
    """An address as messages show it: without its query, which may hold a secret."""
    return url.partition("?")[0].partition("#")[0].rpartition("@")[2][:200]


def _timeouts(deadline: float) -> dict[str, Any]:
    left = max(deadline - time.monotonic(), 0.001)
    return {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), left)}


def _look_up(host: str, port: int) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _in_time(resolve: Resolver, host: str, port: int, deadline: float) -> list[str]:
    """Look a name up; what takes too long is left behind in its thread, since nothing can end it."""
    answers: queue.Queue[list[str] | BaseException] = queue.Queue(1)

    def look() -> None:
        try:
            answers.put(list(resolve(host, port)))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=look, daemon=True, name="wikic-resolve").start()
    try:
        answer = answers.get(timeout=max(deadline - time.monotonic(), 0.001))
    except queue.Empty:
        raise OutsideError(f"{host[:200]}: the name was not resolved in time", reason="outside-late", address=host[:200]) from None
    if isinstance(answer, BaseException):
        raise answer
    return answer
