"""What the proofs by death need: an importer in a process of its own that is killed, stopped or held at a chosen step, and one answer about the
whole store, to be compared.

A step is a point of one write transaction: `inside` (all sent, not yet committed) or `after` (committed, nobody told yet). A moment names a step by
the phase of the import and its number within that phase, so the same seed gives the same deaths on every machine.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection as Line
from pathlib import Path
from typing import Any, TypeVar

from importers.esco_rdf import open_esco_rdf
from importers.rome import open_rome
from tests.apart import Apart
from tests.engines import wipe
from tests.flows.whole_store import Answer, delete_some, visible_answer
from wikic.domain.records import Source
from wikic.errors import WikicError
from wikic.services.checking import Checking
from wikic.services.importing import Importing, ImportReport
from wikic.store import imports, lanes, leases, undo, writing
from wikic.store.embedded import open_embedded
from wikic.store.engine import WRITE_TIMEOUT, Connection, Engine, Kind, WriteTransaction

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "wikic" / "sample"
T = TypeVar("T")

_PHASES = {
    "lease.lock": "lease",
    "seq.reserve": "number",
    "write.journal": "journal",
    "write.new_concepts": "concepts",
    "write.next_states": "states",
    "write.aliases": "aliases",
    "write.touch": "touches",
    "import.add_part": "digests",
    "import.add": "commit",
    "event.add": "show",
    "head.show": "show",
    "lease.release": "release",
}


def phase_of(names: Iterable[str]) -> str:
    """The phase of an import that a transaction belongs to, by the queries it ran."""
    first = next((name for name in names if name != "lease.hold"), "")
    if first.startswith("undo."):
        return "undo"
    if "relations" in first:
        return "relations"
    return _PHASES.get(first, first)


@dataclass(frozen=True, slots=True)
class Moment:
    """The `number`-th (from 1) transaction of a phase, before or after its commit."""

    phase: str
    number: int
    place: str = "inside"


@dataclass(frozen=True, slots=True)
class Files:
    """What to import: `reader` is esco or rome."""

    reader: str
    path: str
    version: str = ""

    def open(self) -> Source:
        """The source, opened."""
        if self.reader == "esco":
            return open_esco_rdf(Path(self.path), version=self.version)
        return open_rome(Path(self.path))


ESCO_1 = Files("esco", str(SAMPLE / "esco-1.ttl"), "1.0.0")
ESCO_2 = Files("esco", str(SAMPLE / "esco-2.ttl"), "1.1.0")
ROME_1 = Files("rome", str(SAMPLE / "rome-1"))
ROME_2 = Files("rome", str(SAMPLE / "rome-2"))


@dataclass(slots=True)
class Job:
    """What the process is to do. `act` at the moment: kill, stop (SIGSTOP), hold (wait for a word) or engine (kill the process
    `victim`, which is the store's engine). `data`: attach to the embedded store of this folder. `ttl`: milliseconds that the lease lives."""

    kind: Kind
    files: Files
    connection: Connection | None = None
    data: str = ""
    act: str = ""
    moment: Moment | None = None
    victim: int = 0
    small: bool = True
    ttl: int = 0


class Stepping(Engine):
    """An engine that counts the steps of its write transactions and tells each to `watch`."""

    watch: Callable[[Moment], None]
    counts: Counter[str]

    def begin(self, watch: Callable[[Moment], None]) -> None:
        """From now on every step is told."""
        self.watch, self.counts, self.mutex = watch, Counter(), threading.Lock()

    def write(self, work: Callable[[WriteTransaction], T], *, timeout: float | None = WRITE_TIMEOUT) -> T:
        """One write transaction, with its two steps."""
        moment: Moment | None = None

        def stepped(tx: WriteTransaction) -> T:
            nonlocal moment
            with self.count_round_trips() as trips:
                result = work(tx)
            if moment is None:
                phase = phase_of(trips.names)
                with self.mutex:
                    self.counts[phase] += 1
                    moment = Moment(phase, self.counts[phase])
                    self.watch(moment)
            return result

        result = super().write(stepped, timeout=timeout)
        if moment is not None:
            with self.mutex:
                self.watch(Moment(moment.phase, moment.number, "after"))
        return result


def make_batches_small() -> None:
    """So that a small sample is written in many transactions, as a real file is."""
    writing.BATCH, writing.STATE_BATCH, writing.JOURNAL_BATCH = 20, 6, 10  # type: ignore[misc]
    writing.SpaceWriter._send.__defaults__ = (None, 20)
    imports._PART, undo._BATCH = 20, 5  # type: ignore[misc]


def run_job(job: Job, line: Line) -> dict[str, Any]:
    """In the process: do the import; what came of it, and how many transactions each phase had."""
    if job.small:
        make_batches_small()
    if job.act in ("stop", "hold"):
        # A second lane would be stopped in the middle of a transaction, whose locks a Neo4j keeps.
        lanes.LANES[job.kind] = 1
    if job.ttl:
        leases.TTL = job.ttl  # type: ignore[misc]
    with ExitStack() as stack:
        refresh = None
        connection = job.connection
        if job.data:
            store = stack.enter_context(open_embedded(Path(job.data)))
            connection, refresh = store.connection(), store.refresh
        assert connection is not None
        engine = stack.enter_context(Stepping.of(connection, job.kind, refresh))
        engine.begin(lambda moment: _act(job, line) if moment == job.moment else None)
        try:
            report = Importing(engine).run(job.files.open())
        except WikicError as error:
            return {"error": error.slug, "message": error.message}
        return {"seq": report.seq, "notes": report.notes, "counts": engine.counts}


def _act(job: Job, line: Line) -> None:
    if job.act == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if job.act == "engine":
        os.kill(job.victim, signal.SIGKILL)
    # Who is to be stopped is so by who waits for this word.
    line.send("stopping" if job.act == "stop" else "holding")
    if job.act != "engine":
        line.recv()


def _import(job: Job, line: Line) -> None:
    line.send(run_job(job, line))


class Importer(Apart):
    """A process that does one job. `finish` gives what came of it, None if it was killed."""

    def __init__(self, job: Job) -> None:
        super().__init__(_import, job)

    def reached(self) -> bool:
        """Wait until the process has come to its moment; False if it ended without."""
        word = self.next()
        if word == "stopping":
            self.signal(signal.SIGSTOP)
            while _state(self.pid) != "T":
                os.sched_yield()
        return word in ("stopping", "holding")

    def go_on(self) -> None:
        """Let a held or stopped process continue."""
        self.signal(signal.SIGCONT)
        self.say("go on")

    def finish(self) -> dict[str, Any] | None:
        """Wait for the end."""
        answers = [said for said in self.heard() if isinstance(said, dict)]
        return None if self.killed else answers[-1]


def import_elsewhere(job: Job) -> dict[str, Any] | None:
    """Do a job in another process; None if that was killed."""
    with Importer(job) as importer:
        return importer.finish()


def import_here(engine: Engine, files: Files) -> ImportReport:
    """Do an import in this process."""
    return Importing(engine).run(files.open())


@contextmanager
def reading(engine: Engine) -> Iterator[set[Answer]]:
    """A reader that asks for the whole visible store without a pause; the set fills with what it was told. What fails in it is raised here."""
    told: set[Answer] = set()
    failed: list[BaseException] = []
    ended = threading.Event()

    def read() -> None:
        try:
            while True:
                told.add(visible_answer(engine))
                if ended.is_set():
                    return
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield told
    finally:
        ended.set()
        thread.join()
    if failed:
        raise failed[0]


def _state(pid: int) -> str:
    """The letter of a process's state, such as T: stopped."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def server_pid(home: Path) -> int:
    """The process id of the server that this process runs over a folder (a Neo4j of `tests.engines`)."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            command = (folder / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while we looked
        if parent == os.getpid() and f"--home-dir={home}".encode() in command:
            return int(folder.name)
    raise AssertionError(f"no server of ours runs over {home}")


def wipe_all(engine: Engine) -> None:
    """Delete everything, in parts: a whole framework does not fit one transaction."""
    while delete_some(engine):
        pass
    wipe(engine)


def check(engine: Engine) -> None:
    """`wikic check` finds nothing."""
    found = [finding for finding in Checking(engine).run() if not finding.note]
    assert not found, found
