"""Routes and roles: what happens, watches and notices, webhooks, the audit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tests.access_rows import ACME, ADMIN, ALL, ANY, DECIDE, KNOWN, MANAGE, OPEN, SELF, Row, Table, reads
from tests.access_scene import HOOK, Scene

Path = dict[str, Callable[[Scene], str]]

_ACME: Final = f"organisation/{ACME}"
_OTHERS: Final = KNOWN - ADMIN
_NOT_MANAGERS: Final = KNOWN - MANAGE


def _own(scene: Scene) -> str:
    return scene.webhook()


def _theirs(scene: Scene) -> str:
    return scene.webhook("other")


def _acmes(scene: Scene) -> str:
    return scene.webhook(_ACME)


def _hooks(method: str, address: str, scope: str = "administer", *, path: Path | None = None, **more: Any) -> Table:
    """Lines of one webhook: one's own, somebody else's (which is not there, but for admins), and acme's."""
    mine, theirs, acmes = ({"id": make, **(path or {})} for make in (_own, _theirs, _acmes))
    rows = (
        Row(KNOWN, scope, path=mine, **more),
        Row(ADMIN, scope, hidden=_OTHERS, path=theirs, **more),
        Row(MANAGE, scope, hidden=_NOT_MANAGERS, path=acmes, **more),
    )
    return {(method, address): rows}


_DELIVERY: Final[Path] = {"delivery": lambda scene: scene.delivery()}
_API: Final = "/api/v1/webhooks/{id}"
_PAGE: Final = "/webhooks/{id}"
# What was asked for a moment ago is on its way.
_ON_ITS_WAY: Final = (409,)

_WEBHOOKS: Final[Table] = {
    ("GET", "/api/v1/webhooks"): (Row(KNOWN), Row(MANAGE, query={"owner": _ACME})),
    ("GET", "/webhooks"): (Row(KNOWN), Row(MANAGE, query={"owner": _ACME})),
    ("POST", "/api/v1/webhooks"): (
        Row(KNOWN, "administer", json={"url": HOOK}),
        Row(MANAGE, "administer", json={"url": HOOK, "owner": _ACME}, also=_ON_ITS_WAY),
    ),
    ("POST", "/webhooks"): (
        Row(KNOWN, "administer", form={"url": HOOK}),
        Row(MANAGE, "administer", form={"url": HOOK, "owner": _ACME}, also=_ON_ITS_WAY),
    ),
    **_hooks("GET", _API, ""),
    **_hooks("PATCH", _API, headers={"If-Match": "*"}, json={"description": "x"}),
    **_hooks("DELETE", _API),
    **_hooks("POST", f"{_API}/secret"),
    **_hooks("POST", f"{_API}/ping"),
    **_hooks("GET", f"{_API}/deliveries", ""),
    **_hooks("POST", f"{_API}/deliveries/{{delivery}}/again", path=_DELIVERY, also=_ON_ITS_WAY),
    **_hooks("GET", _PAGE, ""),
    **_hooks("POST", f"{_PAGE}/state", form={"state": "off", "version": "1"}),
    **_hooks("POST", f"{_PAGE}/secret"),
    **_hooks("POST", f"{_PAGE}/ping"),
    **_hooks("POST", f"{_PAGE}/again", form=_DELIVERY, also=_ON_ITS_WAY),
    **_hooks("POST", f"{_PAGE}/remove"),
}

_SCHEME: Final = {"kind": "scheme", "name": "rome"}

_REVIEW: Final[Path] = {"id": lambda scene: scene.import_review()}
_REVIEWS: Final[Table] = {
    **reads("/api/v1/imports", "/imports", who=DECIDE, scope="decide"),
    **reads("/api/v1/imports/{id}", "/api/v1/imports/{id}/changes", "/imports/{id}", who=DECIDE, scope="decide", path=_REVIEW),
}

ROWS: Final[Table] = {
    **_REVIEWS,
    **reads("/api/v1/events"),
    **reads("/api/v1/watches", "/api/v1/notices", "/notices", who=KNOWN),
    ("PUT", "/api/v1/watches/{kind}/{name}"): (Row(KNOWN, ANY, path=_SCHEME),),
    ("DELETE", "/api/v1/watches/{kind}/{name}"): (Row(KNOWN, ANY, path=_SCHEME),),
    ("POST", "/watches"): (Row(KNOWN, ANY, form={"watch": "scheme/rome", "back": "/notices"}),),
    ("POST", "/notices/mail"): (Row(KNOWN, SELF, form={"daily": "yes"}),),
    **reads("/notices/stop"),
    # Whoever holds the link of a mail; here it leads to nothing.
    ("POST", "/notices/stop"): (Row(ALL, OPEN, form={"token": "nothing"}, also=(404,)),),
    **_WEBHOOKS,
    ("GET", "/api/v1/audit"): (Row(ADMIN, "administer"), Row(MANAGE, "administer", query={"organisation": ACME})),
    ("GET", "/api/v1/audit/download"): (Row(ADMIN, "administer"), Row(MANAGE, "administer", query={"organisation": ACME})),
    ("GET", "/audit"): (Row(ADMIN, "administer"), Row(MANAGE, "administer", query={"organisation": ACME})),
}
