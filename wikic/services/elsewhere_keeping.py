"""Badge classes that are hosted elsewhere, kept up to date: each address is read again about once a day, and what it says now is held against what is here.

Flow: the thread of each process looks for what is due -> takes it by moving its next reading into the future, so that one process alone reads it -> asks
whether it changed (ETag, Last-Modified) -> writes what came of it. Who dies in between leaves a state that is due again a little later. An address that does
not answer is asked ever more seldom.

What the address changed and nobody changed here is taken over: by a draft, by what waits to be published, or, where nothing waits, as a new version. What
differs otherwise, and competencies that it names no longer, are noted and told to the issuer's people; nothing is bound or unbound."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import structlog

from wikic.domain.access import SYSTEM, Actor
from wikic.domain.badges import BadgeContent, missing
from wikic.domain.badges_elsewhere import IMAGE, Aligned, Difference, Said, badge_in, compared, image_key, said_in
from wikic.domain.changes import now, stamp
from wikic.errors import InvalidInput, NotFound, OutsideError, StoreUnavailable, TargetRefused, WikicError
from wikic.images.checking import CheckedImage
from wikic.services import badging_rights as rights
from wikic.services.badging_catalogue import Catalogue
from wikic.services.badging_writing import add_versions, redrawn, shown, tell_bindings, told, write
from wikic.services.elsewhere import AGAIN
from wikic.services.elsewhere_fetching import Read, SourceReader
from wikic.services.elsewhere_offers import REFUSED, Offer, judge
from wikic.services.elsewhere_writing import keep_image
from wikic.services.linting import Linting
from wikic.services.throttling import Clock, utc_now
from wikic.store import badges as store
from wikic.store import badges_elsewhere as states
from wikic.store import documents
from wikic.store.engine import Engine, Row, WriteTransaction
from wikic.store.leases import write_numbered
from wikic.store.tables import BADGE_CLASSES, BADGE_SOURCES, ORGANISATIONS

DELAYS: Final = tuple(timedelta(hours=hours) for hours in (1, 4, 12, 24, 48, 168))
"""Between a reading that failed and the next one; the last one again and again."""
HELD: Final = timedelta(minutes=5)
"""How long a process has for one reading before another one may try."""
LONGEST_WAIT: Final = timedelta(days=30)

_LOOK_SECONDS: Final = 30.0
_AT_ONCE: Final = 20
_ENROL_EVERY: Final = timedelta(minutes=10)
_SOON: Final = timedelta(hours=6)
_ERROR: Final = 500

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SourceState:
    """What is known of the address of a badge class. `read`: when it last answered, "" for never; `differs`: fields in which it says something else; `lost`:
    bound competencies that it names no longer; `gained`: those that it names and that are not bound; `unreachable_since`: since when it does not answer, "" if
    it does; `error`: why; `due`: when it is read next."""

    badge_class: str
    address: str
    read: str
    differs: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    gained: tuple[str, ...] = ()
    unreachable_since: str = ""
    error: str = ""
    due: str = ""

    @property
    def word(self) -> str:
        """The state in one word: unreachable, lost, differs, same, or waiting (not read yet)."""
        if self.unreachable_since:
            return "unreachable"
        if not self.read:
            return "waiting"
        return "lost" if self.lost else "differs" if self.differs or self.gained else "same"


@dataclass(frozen=True, slots=True)
class SaysNow:
    """What an address says when it is read again: `said` is None where it could not be read (`error` says why); `concepts` are the competencies that its
    alignments lead to; `version`: the number of the version that was made of it, 0 for none."""

    state: SourceState
    said: Said | None = None
    version: int = 0
    error: WikicError | None = None

    @property
    def concepts(self) -> tuple[str, ...]:
        """The competencies that it names."""
        return self.said.concepts if self.said else ()


Listener = Callable[[str, tuple[Aligned, ...], Actor], None]
"""Told which badge class was read, which alignments its address shows, and who had it read."""


class Keeping:
    """Keeps badge classes of one store in step with their addresses. `start` lets a thread do it; `round` does once what is due."""

    def __init__(
        self, engine: Engine, catalogue: Catalogue, linting: Linting, reader: SourceReader, own: str, *, clock: Clock = utc_now,
        jitter: Callable[[], float] = lambda: random.uniform(0.8, 1.2),  # noqa: S311
    ) -> None:  # fmt: skip
        self._engine, self._catalogue, self._linting, self._reader, self._own = engine, catalogue, linting, reader, own
        self._clock, self._jitter = clock, jitter
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._enrolled = ""
        self._listeners: list[Listener] = []

    def listen(self, listener: Listener) -> None:
        """Have something told which alignments an address shows, each time that one is read."""
        self._listeners.append(listener)

    def start(self) -> None:
        """Read from a thread of this process, until `close`."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="wikic-elsewhere", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Finish the reading that is under way, and stop."""
        self._ending.set()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(15.0)

    def _run(self) -> None:
        while not self._ending.wait(_LOOK_SECONDS):
            try:
                self.round()
            except WikicError as error:
                log.warning("badges elsewhere cannot be looked at", error=error.message)
            except Exception as error:
                # Whatever it was: without this thread no address is read any more.
                log.error("badges elsewhere cannot be looked at", exc_info=error)

    # Reading

    def states(self, badge_classes: list[str]) -> dict[str, SourceState]:
        """What is known of the addresses of these badge classes, by id. One round trip."""
        return {key: _state_of(row) for key, row in states.states(self._engine, badge_classes).items()} if badge_classes else {}

    def aligned(self, badge_classes: list[str]) -> dict[str, tuple[Aligned, ...]]:
        """The alignments that the addresses of these badge classes showed when they were last read, by id. One round trip."""
        rows = states.states(self._engine, badge_classes) if badge_classes else {}
        return {key: Said.unpacked(row["said"]).aligned for key, row in rows.items() if row.get("said")}

    def state(self, identity: str, actor: Actor) -> SourceState:
        """The same of one that the actor may see. Raises NotFound, also where it is not hosted elsewhere."""
        row = rights.seen(documents.find(self._engine, BADGE_CLASSES, identity), actor, identity)
        found = self.states([identity]).get(identity)
        if found is not None:
            return found
        if row["hosted"] != "elsewhere" or not row["address"]:
            raise NotFound(f"the badge class {identity[:60]} is not hosted elsewhere", reason="badge-here")
        return SourceState(identity, str(row["address"]), "")

    def read_again(self, badge_class: str, actor: Actor = SYSTEM) -> SaysNow:
        """Read the address of a badge class (by id) now, whole, note what came of it as the thread does, and tell what it says. For programs; whether the
        actor may is not looked at. Raises NotFound where it is not hosted elsewhere."""
        row = documents.get(self._engine, BADGE_CLASSES, badge_class, "badge class")
        if row["hosted"] != "elsewhere" or not row["address"]:
            raise NotFound(f"the badge class {badge_class[:60]} is not hosted elsewhere", reason="badge-here")
        state = states.states(self._engine, [badge_class]).get(badge_class) or self._enrol(badge_class, str(row["issuer"]), str(row["address"]))
        return self._read(state, row, actor, force=True)

    def reread(self, identity: str, actor: Actor) -> SaysNow:
        """The same for somebody. Raises NotFound, Forbidden."""
        row = rights.seen(documents.find(self._engine, BADGE_CLASSES, identity), actor, identity)
        rights.require_draft(actor, str(row["issuer"]))
        return self.read_again(identity, actor)

    def round(self) -> int:
        """Read what is due, at most some of it; returns how many addresses were asked."""
        self._enrol_all()
        moment = self._clock()
        asked = 0
        for row in states.due(self._engine, stamp(moment), _AT_ONCE):
            if self._ending.is_set():
                break
            held = states.claim(self._engine, row, _due(stamp(moment + HELD), row))
            badge = documents.find(self._engine, BADGE_CLASSES, str(row["key"])) if held is not None else None
            if held is None:
                continue
            if badge is None or badge["hosted"] != "elsewhere" or badge["status"] == "retired":
                self._engine.write(lambda tx, key=str(row["key"]): documents.remove(tx, BADGE_SOURCES, [key]))  # type: ignore[misc]
                continue
            asked += 1
            try:
                with suppress(NotFound):  # it was discarded meanwhile
                    self._read(held, badge, SYSTEM, force=False)
            except StoreUnavailable:
                raise
            except Exception as error:
                # Whatever it was: those after it must not wait for it. It is due again when `HELD` is over.
                log.error("a badge elsewhere could not be read again", badge=str(row["key"]), exc_info=error)
        return asked

    # Parts

    def _enrol_all(self) -> None:
        """Begin with those that have no state: made by hand, or restored."""
        moment = self._clock()
        if self._enrolled > stamp(moment):
            return
        self._enrolled = stamp(moment + _ENROL_EVERY)
        wanted = {key: each for key, each in self._catalogue.entries().items() if each.hosted == "elsewhere" and each.address and each.status != "retired"}
        if wanted:
            for key in sorted(wanted.keys() - states.known_keys(self._engine)):
                with suppress(NotFound):  # it was discarded meanwhile
                    self._enrol(key, wanted[key].issuer, wanted[key].address)

    def _enrol(self, identity: str, issuer: str, address: str) -> Row:
        soon = stamp(self._clock() + _SOON * random.random())  # noqa: S311
        row: Row = {
            "key": identity, "issuer": issuer, "address": address, "due": f"{soon} {identity}", "read": "", "etag": "", "modified": "", "said": None,
            "differs": [], "lost": [], "gained": [], "unreachable_since": "", "error": "", "tries": 0,
        }  # fmt: skip
        states.add(self._engine, row)
        return documents.get(self._engine, BADGE_SOURCES, identity, "badge class hosted elsewhere named")

    def _read(self, state: Row, badge: Row, actor: Actor, *, force: bool) -> SaysNow:
        address = str(badge["address"])
        moved = address != state["address"]
        fresh = force or moved or not state.get("said")
        try:
            read = self._reader.document(address, etag="" if fresh else str(state["etag"]), modified="" if fresh else str(state["modified"]))
            before = Said.unpacked(state["said"]) if state.get("said") and not moved else None
            if read.stayed and before is not None:
                aligned, found = before.aligned, self._settle(state, badge, read, before, before)
            else:
                aligned, found = self._anew(state, badge, read, before)
        except WikicError as error:
            if not isinstance(error, InvalidInput | OutsideError):
                raise
            return self._failed(state, error)
        for listener in self._listeners:
            listener(str(badge["key"]), aligned, actor)
        return found

    def _anew(self, state: Row, badge: Row, read: Read, before: Said | None) -> tuple[tuple[Aligned, ...], SaysNow]:
        """What a document says. One that is no right badge class is refused, but its alignments stand there all the same."""
        address = str(badge["address"])
        document = badge_in(read.document)
        offer = Offer(1, address, document, address, said=said_in(document, address))
        judge(self._linting, [offer], self._own)
        says = offer.said
        if offer.result == REFUSED or says is None:
            return says.aligned if says else (), self._failed(state, offer.error or InvalidInput("it cannot be read"))
        if before is None or not says.image or image_key(says.image) == before.image:
            return says.aligned, self._settle(state, badge, read, before, says)
        image = self._image(says.image)
        return says.aligned, self._settle(state, badge, read, before, says, image, missed=image is None)

    def _image(self, address: str) -> CheckedImage | None:
        """Another image than before; None where it cannot be had, or not be shown: the one that is here stays."""
        try:
            return self._reader.image(address)
        except WikicError as error:
            if isinstance(error, TargetRefused | InvalidInput | OutsideError):
                return None
            raise

    def _failed(self, state: Row, error: WikicError) -> SaysNow:
        """It does not answer, or with something else than a badge class: it is asked again, ever later."""
        moment, tries = self._clock(), int(state["tries"]) + 1
        wait = max(DELAYS[min(tries, len(DELAYS)) - 1] * self._jitter(), timedelta(seconds=min(error.retry_after or 0, LONGEST_WAIT.total_seconds())))
        since = str(state["unreachable_since"]) or stamp(moment)
        values = {"tries": tries, "unreachable_since": since, "error": error.message[:_ERROR], "due": _due(stamp(moment + wait), state)}

        def work(tx: WriteTransaction) -> Row:
            badge = documents.lock(tx, BADGE_CLASSES, str(state["key"]))
            new = documents.change(tx, BADGE_SOURCES, str(state["key"]), values)
            # Once: an address that is off for an hour is nobody's business.
            if tries == 2:
                self._tell(tx, badge, "unreachable", since=since, error=error.message[:_ERROR])
            return new

        return SaysNow(_state_of(write_numbered(self._engine, work)), error=error)

    def _settle(
        self, state: Row, badge: Row, read: Read, before: Said | None, says: Said, image: CheckedImage | None = None, *, missed: bool = False
    ) -> SaysNow:  # fmt: skip
        """Note what came of a reading. What could not be taken over counts as not said yet, and is read whole the next time, to be tried again."""
        moment = self._clock()
        made = 0

        def work(tx: WriteTransaction) -> Row:
            nonlocal made
            row = documents.lock(tx, BADGE_CLASSES, str(badge["key"]))
            found, made = self._apply(tx, row, before, says, image)
            if missed:
                found = replace(found, differs=(*found.differs, IMAGE), unfit=(*found.unfit, IMAGE))
            kept = documents.lock(tx, BADGE_SOURCES, str(state["key"]))
            self._notice(tx, row, kept, found)
            values = {
                "address": row["address"], "read": stamp(moment), "etag": "" if found.unfit else read.etag,
                "modified": "" if found.unfit else read.modified, "said": says.but(before, found.unfit).packed(),
                "differs": list(found.differs), "lost": list(found.lost), "gained": list(found.gained), "unreachable_since": "", "error": "", "tries": 0,
                "due": _due(stamp(moment + AGAIN * self._jitter()), state),
            }  # fmt: skip
            return documents.change(tx, BADGE_SOURCES, str(state["key"]), values)

        return SaysNow(_state_of(write_numbered(self._engine, work)), says, made)

    def _apply(self, tx: WriteTransaction, row: Row, before: Said | None, says: Said, image: CheckedImage | None) -> tuple[Difference, int]:
        """Take over what the address changed; the difference that is left, and the number of the version that was made."""
        open_ = store.open_bindings(tx, [str(row["key"])])[str(row["key"])]
        working = BadgeContent.of(row.get("draft") or row["content"])
        found = compared(working, before, says, [(str(each["concept"]), str(each["source"])) for each in open_])
        content = found.content
        if image is not None:
            content = replace(content, image=keep_image(tx, image))
        if content == working:
            return found, 0
        taken = [*found.taken, *(["image"] if image is not None else [])]
        waits = bool(row.get("draft")) or row["status"] != "published" or any(each.required for each in missing(content, bindings=len(open_)))
        if not int(row["number"]):
            values: dict[str, Any] = shown(content)
        elif waits:
            values = {"draft": content.packed() if content != BadgeContent.of(row["content"]) else None}
        else:
            content = redrawn(tx, content, documents.find(tx, ORGANISATIONS, str(row["issuer"])) or {"profile": {}, "key": row["issuer"]})
            values = {**shown(content), "number": int(row["number"]) + 1, "published": now()}
        public = "number" in values
        named = {**row, **values} if public else {**row, "number": 0}
        number = told(tx, SYSTEM, "badge_published" if public else "badge_changed", named, by_source=True, fields=taken)
        new = write(tx, row, values, number)
        tell_bindings(tx, new)
        if public:
            add_versions(tx, [new], SYSTEM, "source")
        return found, int(values.get("number", 0))

    def _notice(self, tx: WriteTransaction, row: Row, kept: Row, found: Difference) -> None:
        """Tell the issuer's people what is new: an alignment is lost, something differs, the address is back."""
        if set(found.lost) - set(kept["lost"]):
            self._tell(tx, row, "lost", found.lost)
        elif set(found.differs) - set(kept["differs"]) or set(found.gained) - set(kept["gained"]):
            self._tell(tx, row, "differs", found.gained, fields=list(found.differs))
        elif int(kept["tries"]) > 1:
            self._tell(tx, row, "back")

    @staticmethod
    def _tell(tx: WriteTransaction, row: Row, state: str, concepts: tuple[str, ...] = (), **data: Any) -> None:
        told(tx, SYSTEM, "badge_source", {**row, "number": 0}, concepts, state=state, address=str(row["address"])[:300], **data)


def _due(moment: str, row: Row) -> str:
    return f"{moment} {row['key']}"


def _state_of(row: Row) -> SourceState:
    return SourceState(
        badge_class=str(row["key"]), address=str(row["address"]), read=str(row["read"]), differs=tuple(row["differs"]), lost=tuple(row["lost"]),
        gained=tuple(row["gained"]), unreachable_since=str(row["unreachable_since"]), error=str(row["error"]),
        due=str(row["due"]).partition(" ")[0],
    )  # fmt: skip
