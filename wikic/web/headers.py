"""The headers that keep browsers safe, on every answer. Pure ASGI, around everything else."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGE_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""For pages: everything from this host, nothing inline, never inside another site's frame."""

EMBEDDED: Final = "/embed/"
"""Where pages are that other sites may frame."""
EMBED_POLICY: Final = PAGE_POLICY.replace("; frame-ancestors 'none'", "")
"""For what others put into a frame: it shows what everybody may read. It names no ancestors, since `*` leaves out pages without an origin (sandboxed ones)."""

DATA_POLICY: Final = "default-src 'none'; frame-ancestors 'none'; sandbox"
"""For everything that is no page, should a browser show it as one."""

_ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_HSTS: Final = "max-age=31536000"


class Headers:
    """Adds the headers. `secure`: people reach the site by https only."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        self._app, self._secure = app, secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def out(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(scope=message), framed=scope["path"].startswith(EMBEDDED))
            await send(message)

        await self._app(scope, receive, out)

    def _add(self, headers: MutableHeaders, *, framed: bool) -> None:
        for name, value in _ALWAYS.items():
            if not (framed and name == "X-Frame-Options"):
                headers.setdefault(name, value)
        if headers.get("content-type", "").startswith("text/html"):
            headers.setdefault("Content-Security-Policy", EMBED_POLICY if framed else PAGE_POLICY)
            # The language of a page may come from a cookie; who negotiated its form does not know that.
            if "cookie" not in headers.get("vary", "").lower():
                headers.add_vary_header("Cookie")
        else:
            headers.setdefault("Content-Security-Policy", DATA_POLICY)
        if self._secure:
            headers.setdefault("Strict-Transport-Security", _HSTS)
