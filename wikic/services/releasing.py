"""Naming releases: a name for a number of a space, in constant time."""

from __future__ import annotations

import re

from wikic.domain.changes import now
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import InvalidInput, UnknownRelease
from wikic.store.engine import Engine
from wikic.store.leases import heads
from wikic.store.releases import Release, add_release, get_release, list_releases

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")


class Releasing:
    """The release flow over one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def freeze(
        self, name: str, *, at: int | None = None, space: str = PUBLIC_SPACE, actor: str = "operator"
    ) -> Release:
        """Name the head, or an earlier number. Raises InvalidInput (bad name), Conflict (name taken), UnknownRelease (number above the head,
        or a space that holds nothing yet)."""
        if not _NAME.match(name) or (name.isdigit() and len(name) != 4):
            raise InvalidInput(
                f"{name!r} is no release name: letters, digits, dot, dash and underscore, such as 2026 or 2027-rc1"
                " (only a year may be all digits, so that no name looks like a number of the change log)"
            )
        head = heads(self._engine)[space]
        seq = head if at is None else at
        if not 1 <= seq <= head:
            raise UnknownRelease(f"there is no number {seq}: the head is {head}")
        release = Release(name, space, seq, "frozen", now(), actor)
        add_release(self._engine, release)
        return release

    def list(self, space: str = PUBLIC_SPACE) -> list[Release]:
        """All releases, oldest number first."""
        return list_releases(self._engine, [space])

    def resolve(self, text: str, space: str = PUBLIC_SPACE) -> int:
        """The number that a release name, or a number in digits, stands for; a name wins. Raises UnknownRelease."""
        release = get_release(self._engine, space, text)
        if release is not None:
            return release.seq
        head = heads(self._engine)[space]
        if text.isdigit() and int(text) <= head:
            return int(text)
        raise UnknownRelease(f"there is no release {text!r}, and no number of that value up to the head, {head}")
