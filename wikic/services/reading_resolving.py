"""From what a reader asks for (`release`, `at`, a cursor, a word) to the moment it is read as of."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Final

from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import InvalidInput, UnknownRelease
from wikic.services.reading_heads import Head, Heads, Remembered
from wikic.services.reading_moments import Cursor, Moment, parse_cursor
from wikic.store.engine import Engine
from wikic.store.releases import OPEN_STATES, Release, get_release, list_releases

_LARGEST_NUMBER: Final = 2**53 - 1
_RELEASES: Final = 1_000


class Moments:
    """Heads and releases as this process knows them; safe between threads."""

    def __init__(self, engine: Engine, clock: Callable[[], float]) -> None:
        self._engine = engine
        self._hidden = False
        self._heads = Heads(engine, clock)
        self._releases: Remembered[tuple[str, str], Release] = Remembered(_RELEASES)
        self._lists: Remembered[tuple[str, int], list[Release]] = Remembered(2)

    def for_readers(self) -> Moments:
        """The same, with the same memory, but without releases that are frozen and not published yet."""
        twin = copy(self)
        twin._hidden = True
        return twin

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
            # Such as one that is frozen only: it is asked for each time.
            return None
        return self._moment(head, release, at, parse_cursor(cursor) if cursor is not None else None)

    def of(self, text: str) -> Moment:
        """See `Reading.moment_of`."""
        if not text:
            return self.moment(None, None, None)
        if text.isdecimal() and text.isascii() and self._find(self._heads.current().epoch, text) is None:
            try:
                return self.moment(None, int(text) if len(text) < 17 else _LARGEST_NUMBER, None)
            except UnknownRelease as error:
                # Four digits are a year to most people.
                message = f"there is no release {text[:20]}, and {error.message}"
                raise UnknownRelease(message, reason="release-or-number", name=text[:20], head=error.values["head"]) from None
        return self.moment(text, None, None)

    def releases(self) -> list[Release]:
        """All releases of the public space, oldest number first; read again only after an event."""
        head = self._heads.current()
        key = (head.epoch, head.event)
        known = self._lists.get(key)
        if known is None:
            known = self._lists.put(key, list_releases(self._engine, [PUBLIC_SPACE]))
        return [release for release in known if release.open or not self._hidden]

    def release(self, name: str) -> Release:
        """A release by name. Raises UnknownRelease."""
        return self._named(self._heads.current().epoch, name)

    def _moment(self, head: Head, release: str | None, at: int | None, cursor: Cursor | None) -> Moment:
        if release is not None and at is not None:
            raise InvalidInput("`release` and `at` name one moment: give one of them")
        last = head.seqs[PUBLIC_SPACE]
        seq, state = last, ""
        if release is not None:
            named = self._named(head.epoch, release)
            seq, state = named.seq, named.state
        elif at is not None:
            seq = at
        elif cursor is not None:
            if cursor.epoch != head.epoch:
                raise InvalidInput("the store was restored since the cursor was made: begin the list again")
            seq = cursor.seq
        if not 0 <= seq <= last:
            raise UnknownRelease(f"there is no number {seq}: the head is {last}", reason="number", head=last)
        # What is frozen only may be withdrawn, and is not for everyone: nobody keeps it.
        pinned = state in OPEN_STATES if release is not None else at is not None
        return Moment({PUBLIC_SPACE: seq}, last, head.epoch, pinned=pinned, state=state)

    def _named(self, epoch: str, name: str) -> Release:
        release = self._find(epoch, name)
        if release is None:
            raise UnknownRelease(f"there is no release {name[:100]!r}", reason="release-none", name=name[:100])
        return release

    def _find(self, epoch: str, name: str) -> Release | None:
        # Only years are names made of digits; and the name of an open release never moves to another number, so it is
        # remembered. A restore renews the epoch.
        if name.isdecimal() and len(name) != 4:
            return None
        known = self._releases.get((epoch, name))
        if known is not None:
            return known
        found = get_release(self._engine, PUBLIC_SPACE, name)
        if found is None or (self._hidden and not found.open):
            return None
        return self._releases.put((epoch, name), found) if found.open else found
