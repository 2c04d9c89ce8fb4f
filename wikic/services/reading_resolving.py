"""From what a reader asks for (`release`, `at`, a cursor, a word) to the moment it is read as of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import InvalidInput, UnknownRelease
from wikic.services.reading_heads import Head, Heads, Remembered
from wikic.services.reading_moments import Cursor, Moment, parse_cursor
from wikic.store.engine import Engine
from wikic.store.releases import Release, get_release, list_releases

_LARGEST_NUMBER: Final = 2**53 - 1
_RELEASES: Final = 1_000


class Moments:
    """Heads and releases as this process knows them; safe between threads."""

    def __init__(self, engine: Engine, clock: Callable[[], float]) -> None:
        self._engine = engine
        self._heads = Heads(engine, clock)
        self._releases: Remembered[tuple[str, str], Release] = Remembered(_RELEASES)
        self._lists: Remembered[tuple[str, int], list[Release]] = Remembered(2)

    def forget(self) -> None:
        """Look at the head again."""
        self._heads.forget()

    def moment(self, release: str | None, at: int | None, cursor: str | None) -> Moment:
        """See `Reading.moment`."""
        read = parse_cursor(cursor) if cursor is not None else None
        return self._moment(self._heads.current(), release, at, read)

    def known(self, release: str | None, at: int | None, cursor: str | None) -> Moment | None:
        """See `Reading.known_moment`."""
        head = self._heads.known()
        if head is None or (release is not None and self._releases.get((head.epoch, release)) is None):
            return None
        return self._moment(head, release, at, parse_cursor(cursor) if cursor is not None else None)

    def of(self, text: str) -> Moment:
        """See `Reading.moment_of`."""
        if not text:
            return self.moment(None, None, None)
        if text.isdecimal() and text.isascii() and self._find(self._heads.current().epoch, text) is None:
            return self.moment(None, int(text) if len(text) < 17 else _LARGEST_NUMBER, None)
        return self.moment(text, None, None)

    def releases(self) -> list[Release]:
        """All releases of the public space, oldest number first; read again only after an event."""
        head = self._heads.current()
        key = (head.epoch, head.event)
        known = self._lists.get(key)
        return known if known is not None else self._lists.put(key, list_releases(self._engine, [PUBLIC_SPACE]))

    def release(self, name: str) -> Release:
        """A release by name. Raises UnknownRelease."""
        return self._named(self._heads.current().epoch, name)

    def _moment(self, head: Head, release: str | None, at: int | None, cursor: Cursor | None) -> Moment:
        if release is not None and at is not None:
            raise InvalidInput("`release` and `at` name one moment: give one of them")
        last = head.seqs[PUBLIC_SPACE]
        seq = last
        if release is not None:
            seq = self._named(head.epoch, release).seq
        elif at is not None:
            seq = at
        elif cursor is not None:
            if cursor.epoch != head.epoch:
                raise InvalidInput("the store was restored since the cursor was made: begin the list again")
            seq = cursor.seq
        if not 0 <= seq <= last:
            raise UnknownRelease(f"there is no number {seq}: the head is {last}")
        return Moment({PUBLIC_SPACE: seq}, last, head.epoch, pinned=release is not None or at is not None)

    def _named(self, epoch: str, name: str) -> Release:
        release = self._find(epoch, name)
        if release is None:
            raise UnknownRelease(f"there is no release {name[:100]!r}")
        return release

    def _find(self, epoch: str, name: str) -> Release | None:
        # Only years are names made of digits; and a name never moves to another number, so it is remembered. A
        # restore renews the epoch.
        if name.isdecimal() and len(name) != 4:
            return None
        known = self._releases.get((epoch, name))
        if known is not None:
            return known
        found = get_release(self._engine, PUBLIC_SPACE, name)
        return self._releases.put((epoch, name), found) if found is not None else None
