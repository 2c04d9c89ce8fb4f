"""The search flow: what was asked -> moment -> index as of that number -> bodies.

Answers come from the index alone. It keeps in step with the store by a thread of this process (`start`), by another process of the
data folder, or, where neither runs (commands, tests), before a search.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import structlog

from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import IndexBehind, InvalidInput, WikicError
from wikic.services.giving_way import GivingWay
from wikic.services.reading import Page, Reading
from wikic.services.reading_heads import Remembered
from wikic.services.reading_moments import Moment, make_cursor, parse_cursor
from wikic.services.reading_views import Body
from wikic.services.searching_index import Progress, Reached, SpaceIndex
from wikic.store.engine import Engine
from wikic.text.query import Filters
from wikic.text.search import DEEPEST, Hit, Snapshot

LONGEST: Final = 500
"""Characters of a query, at most."""
TICK_SECONDS: Final = 0.3
"""How often the keeper looks at the head."""
SEEN_SECONDS: Final = 1.0
"""How long what it saw is good for searches that ask for no moment."""

_PAGES, _SUGGESTIONS = 256, 1_000

log = structlog.get_logger(__name__)

__all__ = ["Filters", "Reached", "Searching", "Sought"]


class _Ended(Exception):
    """The server stops while the index is being written: what was begun is forgotten."""


@dataclass(frozen=True, slots=True)
class Sought:
    """What a search is answered from: the moment (not above what the index has reached), and the index itself."""

    moment: Moment
    snapshot: Snapshot

    @property
    def version(self) -> str:
        """Changes whenever the same question may be answered otherwise: epoch, number, what the index has reached."""
        reached = self.snapshot.mark.seq if self.snapshot.mark else 0
        return f"{self.moment.epoch}/{self.moment.seq}/{reached}"


class Searching:
    """Search over one store; safe between threads. `folder` holds the index; None: a temporary one. `way`: to whom its keeper gives way."""

    def __init__(self, engine: Engine, reading: Reading, folder: Path | None = None) -> None:
        self._reading = reading
        self.way = GivingWay()
        self._index = SpaceIndex(engine, PUBLIC_SPACE, folder)
        self._pages: Remembered[tuple[object, ...], Page] = Remembered(_PAGES)
        self._suggestions: Remembered[tuple[object, ...], list[Body]] = Remembered(_SUGGESTIONS)
        self._stop = threading.Event()
        self._keeper: threading.Thread | None = None
        self._seen: tuple[Moment, float] | None = None

    def start(self) -> None:
        """Keep the index in step from a thread of this process, until `close`."""
        if self._keeper is None:
            self._stop.clear()
            self._keeper = threading.Thread(target=self._keep, name="wikic-index", daemon=True)
            self._keeper.start()

    def close(self) -> None:
        """End the thread; what it is writing is left unfinished, and begun again by the next one."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            self._stop.set()
            keeper.join()
            self._seen = None

    def sought(self, release: str | None = None, at: int | None = None, cursor: str | None = None) -> Sought:
        """What a search with these parameters is answered from: as of the asked number, or, where none was asked for, of the last
        one that the index has reached.

        Raises IndexBehind (no index yet, or not that far), InvalidInput, UnknownRelease.
        """
        known = self.known(release, at) if cursor is None else None
        if known is not None:
            return known
        moment = self._reading.moment(release, at, cursor)
        snapshot = self._index.snapshot(moment.epoch, moment.head)
        reached = _reached(snapshot)
        if self._keeper is None and (snapshot is None or reached < moment.head):
            self.catch_up()
            moment = self._reading.moment(release, at, cursor)
            snapshot = self._index.snapshot(moment.epoch, moment.head)
        return self._sought(moment, snapshot, pinned=moment.pinned or bool(moment.state) or cursor is not None)

    def known(self, release: str | None, at: int | None) -> Sought | None:
        """The same, if it is known without asking the store; None where it is not."""
        if self._keeper is None:
            return None
        moment = self._reading.known_moment(release, at, None)
        if moment is None and release is None and at is None and self._seen is not None:
            # The index moves only with its keeper: asking the store for the head again would change no answer.
            seen, when = self._seen
            moment = seen if time.monotonic() - when < SEEN_SECONDS else None
        if moment is None:
            return None
        snapshot = self._index.snapshot(moment.epoch, moment.head)
        return self._sought(moment, snapshot, pinned=moment.pinned or bool(moment.state)) if snapshot is not None else None

    def _sought(self, moment: Moment, snapshot: Snapshot | None, *, pinned: bool) -> Sought:
        if snapshot is None:
            raise IndexBehind("the search index is being built: try again in a moment")
        reached = _reached(snapshot)
        if moment.seq <= reached:
            return Sought(moment, snapshot)
        if pinned:
            raise IndexBehind(f"the search index has reached {reached}, not yet {moment.seq}: try again in a moment")
        return Sought(Moment({PUBLIC_SPACE: reached}, moment.head, moment.epoch), snapshot)

    def search(
        self,
        text: str,
        *,
        release: str | None = None,
        at: int | None = None,
        lang: str | None = None,
        kind: str | None = None,
        scheme: str | None = None,
        status: str | None = None,
        cursor: str | None = None,
        limit: int = 20,
    ) -> Body:
        """The whole way from parameters to a body: `items` (see `hit_body`), `facets`, `total`, `next`, `seq`.

        Raises as `sought` and `results` do.
        """
        sought = self.sought(release, at, cursor)
        filters = Filters(lang or "", kind or "", scheme or "", status or "")
        return search_body(self.results(text, filters, sought, cursor=cursor, limit=limit), sought)

    def results(
        self, text: str, filters: Filters, sought: Sought, *, cursor: str | None = None, limit: int = 20
    ) -> Page:
        """A page of results, best first; `extra` holds `total` and `facets` ({"kind": {name: n}, "scheme": {..}}).

        Raises InvalidInput for an empty or endless query, and for a cursor of another search.
        """
        text = _checked(text)
        listing = f"search|{text}|{filters}"
        place = parse_cursor(cursor).place_in(sought.moment, listing) if cursor is not None else "0"
        if not place.isdecimal() or len(place) > 6:
            raise InvalidInput("the cursor is none of ours: take it from `next` as it is")
        offset = int(place)
        key = (sought.version, text, filters, offset, limit)
        known = self._pages.get(key)
        if known is not None:
            return known
        found = sought.snapshot.search(text, filters, sought.moment.seq, offset=offset, limit=limit)
        after = offset + limit
        following = make_cursor(sought.moment, listing, str(after)) if after < min(found.total, DEEPEST) else None
        extra: Body = {"facets": found.facets, "total": found.total}
        return self._pages.put(key, Page([hit_body(hit) for hit in found.hits], following, extra))

    def suggestions(self, text: str, filters: Filters, sought: Sought, *, limit: int = 10) -> list[Body]:
        """What may be meant by the beginning of a query, best first. Raises InvalidInput as `results` does."""
        text = _checked(text)
        key = (sought.version, text, filters, limit)
        known = self._suggestions.get(key)
        if known is not None:
            return known
        hits = sought.snapshot.suggest(text, filters, sought.moment.seq, limit=limit)
        return self._suggestions.put(key, [hit_body(hit) for hit in hits])

    def named(self, labels: Iterable[str]) -> tuple[int, dict[str, list[dict[str, Any]]]]:
        """The active concepts that have each of these labels, whatever its capitals and accents, as the index keeps them; and the number that is
        as of. Raises IndexBehind."""
        sought = self.sought()
        return sought.moment.seq, {label: sought.snapshot.named(label, sought.moment.seq) for label in labels}

    def catch_up(self, *, rebuild: bool = False, progress: Progress | None = None) -> Reached:
        """Bring the index to the head now; with `rebuild`, build it anew while the old one answers. Waits for another process that
        is at it. Raises StoreUnavailable and its kind."""
        reached = self._index.catch_up(wait=True, rebuild=rebuild, progress=progress)
        assert reached is not None  # noqa: S101 - it waits
        return reached

    def state(self) -> dict[str, Any]:
        """How the index is, without asking the store: `state` (ready, behind, building, missing), `seq` it has reached, `head`,
        `documents`."""
        moment = self._reading.known_moment(None, None, None)
        snapshot = self._index.reload()
        reached = snapshot.mark.seq if snapshot is not None and snapshot.mark is not None else None
        head = moment.head if moment is not None else None
        state = "behind" if head is not None and reached is not None and reached < head else "ready"
        if reached is None:
            state = "building" if self._index.building else "missing"
        documents = snapshot.searcher.num_docs - 1 if snapshot is not None else 0
        return {"state": state, "seq": reached, "head": head, "documents": documents}

    def _keep(self) -> None:
        """The thread: look, catch up, sleep. Whatever goes wrong (a store that is away, a full disk) is said once and tried again."""
        failing = ""
        while not self._stop.is_set():
            try:
                moment = self._reading.moment()
                self._seen = moment, time.monotonic()
                snapshot = self._index.snapshot(moment.epoch, moment.head)
                if snapshot is None or _reached(snapshot) < moment.head:
                    self.way.resume()
                    self._index.catch_up(wait=False, progress=self._go_on, pause=self.way.pause)
                failing = ""
            except _Ended:
                return
            except Exception as error:
                if str(error) != failing:
                    failing = str(error)
                    expected = isinstance(error, WikicError | OSError)
                    log.warning("the search index cannot be kept in step", error=failing, exc_info=not expected)
            self._stop.wait(TICK_SECONDS)

    def _go_on(self, _stage: str, _done: int, _total: int) -> None:
        if self._stop.is_set():
            raise _Ended


def search_body(page: Page, sought: Sought) -> Body:
    """A page of results with what it is as of."""
    return {"items": page.items, **(page.extra or {}), "next": page.next, "seq": sought.moment.seq}


def hit_body(hit: Hit) -> Body:
    """A result as it is answered: the concept, the label that matched with the ranges that match (characters, half-open)."""
    row = hit.row
    label = hit.label
    return {
        "uuid": row["uuid"],
        "kind": row["kind"],
        "scheme": row["scheme"],
        "code": row["code"],
        "status": row["status"],
        "preferred_label": hit.preferred,
        "label": None
        if label is None
        else {"value": label[0], "lang": label[1], "type": hit.label_type, "marks": [list(each) for each in hit.marks]},
        "score": round(hit.score, 4),
    }


def _reached(snapshot: Snapshot | None) -> int:
    return snapshot.mark.seq if snapshot is not None and snapshot.mark is not None else -1


def _checked(text: str) -> str:
    text = " ".join(text.split())
    if not text:
        raise InvalidInput("`q` is empty: give some words, a code or an address")
    if len(text) > LONGEST:
        raise InvalidInput(f"`q` has {len(text)} characters: {LONGEST} at most")
    return text
