"""Naming releases: a name for a number of a space, in constant time; publishing them, once and for good.

Flow: freeze -> `releasing_manifest` (digests, checks, signature) -> publish. Who may: `release` (domain.access).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from wikic.domain.access import Actor, require
from wikic.domain.changes import now
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import Conflict, InvalidInput, UnknownRelease
from wikic.store import releases as store
from wikic.store.engine import Engine
from wikic.store.leases import heads
from wikic.store.releases import Release

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
_RESERVED = frozenset({"preview", "head"})
_CANDIDATE = re.compile(r".+-rc[0-9]+\Z", re.IGNORECASE)

__all__ = ["Release", "Releasing", "is_candidate"]


def is_candidate(name: str) -> bool:
    """Whether a release of that name is a candidate: `2027-rc1`, or `2027-RC1`."""
    return _CANDIDATE.match(name) is not None


class Releasing:
    """The release flow over one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def freeze(self, name: str, *, actor: Actor, at: int | None = None, space: str = PUBLIC_SPACE) -> Release:
        """Name the head, or an earlier number; a name such as 2027-rc1 makes a candidate, which everyone may read and comment on.

        Raises InvalidInput (bad name), Conflict (name taken), UnknownRelease (number above the head, or a space that holds nothing yet), Forbidden.
        """
        require(actor, "release")
        if not _NAME.match(name) or (name.isdigit() and len(name) != 4) or name in _RESERVED:
            raise InvalidInput(
                f"{name!r} is no release name: letters, digits, dot, dash and underscore, such as 2026 or 2027-rc1"
                " (only a year may be all digits, so that no name looks like a number of the change log)",
                reason="release-name", name=name,
            )
        head = heads(self._engine)[space]
        seq = head if at is None else at
        if not 1 <= seq <= head:
            raise UnknownRelease(f"there is no number {seq}: the head is {head}", reason="number", head=head)
        state = store.CANDIDATE if is_candidate(name) else store.FROZEN
        release = Release(name, space, seq, state, now(), actor.name)
        store.add_release(self._engine, release, actor)
        return release

    def publish(self, name: str, *, actor: Actor, space: str = PUBLIC_SPACE) -> Release:
        """Open a frozen release to every reader; this cannot be undone.

        Raises UnknownRelease, Forbidden, Conflict: a candidate, published already, no manifest yet, or checks that forbid it.
        """
        require(actor, "release")

        def require_unblocked(manifest: Mapping[str, Any]) -> None:
            blocking = manifest["body"]["checks"]["blocking"]
            if blocking:
                told = ", ".join(f"{check} ({count})" for check, count in sorted(blocking.items()))
                raise Conflict(
                    f"release {name} cannot be published, its checks forbid it: {told}; withdraw it, mend this, and freeze again",
                    reason="release-blocked", name=name, told=told,
                )

        # Asked of the manifest in the moment of publishing: it may have been made just now.
        return store.publish_release(self._engine, self.get(name, space), actor, now(), require_unblocked)

    def withdraw(self, name: str, *, actor: Actor, space: str = PUBLIC_SPACE) -> Release:
        """Take back a frozen release that is not published, which is given back; its name is free again. Raises UnknownRelease, Forbidden, Conflict."""
        require(actor, "release")
        release = self.get(name, space)
        store.withdraw_release(self._engine, release, actor)
        return release

    def get(self, name: str, space: str = PUBLIC_SPACE) -> Release:
        """One release, whatever its state. Raises UnknownRelease."""
        return store.known_release(self._engine, space, name)

    def list(self, space: str = PUBLIC_SPACE) -> list[Release]:
        """All releases, oldest number first."""
        return store.list_releases(self._engine, [space])

    def resolve(self, text: str, space: str = PUBLIC_SPACE) -> int:
        """The number that a release name, or a number in digits, stands for; a name wins. Raises UnknownRelease."""
        release = store.get_release(self._engine, space, text)
        if release is not None:
            return release.seq
        head = heads(self._engine)[space]
        if text.isdigit() and int(text) <= head:
            return int(text)
        raise UnknownRelease(f"there is no release {text!r}, and no number of that value up to the head, {head}")
