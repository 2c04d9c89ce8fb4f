"""Proving the logs of a store: changes, events, journal, imports, releases, aliases, counters, successors.

The `Ledger` keeps, for the whole check, the numbers that changes stand for and which concepts the journal names at each: eight bytes a name.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from wikic.store.engine import Engine, Query, Row
from wikic.store.leases import is_dead
from wikic.store.snapshot import SECTIONS
from wikic.store.snapshot_reading import windows
from wikic.store.temporal import OPEN

SHOWN: Final = 50
"""How many findings of one kind are told one by one."""

_NUMBERS: Final = 5_000

_SPACES = Query(
    "check.spaces",
    "MATCH (s:Space) RETURN s.name AS space, s.head AS head, s.lease_until > timestamp() AS live, s.lease_holder AS holder",
)
_COUNTERS = Query("check.counters", "MATCH (m:Meta) RETURN m.key AS key, m.seq AS seq, m.event AS event")
# ArcadeDB finds a number by its index, but reads the whole label for a range of them.
_CHANGES = Query(
    "check.changes",
    "UNWIND range($after + 1, $until) AS number MATCH (c:Change {seq: number}) RETURN c.seq AS seq, c.space AS space",
)
_EVENTS = Query(
    "check.events",
    "UNWIND range($after + 1, $until) AS number MATCH (e:Event {number: number})"
    " RETURN e.number AS number, e.kind AS kind, e.seq AS seq, e.space AS space",
)
_LAST_CHANGE = Query("check.last_change", "MATCH (c:Change) RETURN max(c.seq) AS last")
_LAST_EVENT = Query("check.last_event", "MATCH (e:Event) RETURN max(e.number) AS last")
_JOURNAL = Query(
    "check.journal",
    "MATCH (j:Journal) WHERE j.key >= $start AND j.key < $end RETURN j.key AS key, j.seq AS seq, j.space AS space,"
    " j.concepts AS concepts",
)
_IMPORTS = Query(
    "check.imports",
    "MATCH (i:Import) RETURN 'import' AS what, i.space AS space, i.seq AS seq, count(*) AS n"
    " UNION ALL MATCH (i:ImportPart) RETURN 'part of import' AS what, i.space AS space, i.seq AS seq, count(*) AS n",
)
_RELEASES = Query("check.releases", "MATCH (r:Release) RETURN r.key AS key, r.space AS space, r.seq AS seq")
_ALIASES = Query(
    "check.aliases",
    "MATCH (a:Alias) WHERE a.uuid >= $start AND a.uuid < $end AND ($space IS NULL OR a.space = $space)"
    " OPTIONAL MATCH (c:Concept)-[:HAS_ALIAS]->(a) OPTIONAL MATCH (t:Concept {uuid: a.uuid})"
    " RETURN a.uuid AS uuid, a.concept AS concept, a.space AS space, a.from_seq AS from_seq, c.uuid AS owner,"
    " c.space AS there, t.uuid AS taken",
)
_SUCCESSORS = Query(
    "check.successors",
    "MATCH (c:Concept)-[r:REPLACED_BY]->(n:Concept) WHERE $space IS NULL OR r.space = $space"
    " RETURN c.uuid AS old, n.uuid AS new, r.space AS space, r.from_seq AS from_seq, r.to_seq AS to_seq",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What is not as it should be: a stable slug, one line about it, and what it is about (a uuid, a relation id, a number ...).
    A `note` is a remark about a healthy store."""

    slug: str
    message: str
    subject: str
    note: bool = False


class Findings:
    """Collects findings; of each kind the first SHOWN, and how many more there were."""

    def __init__(self) -> None:
        self._found: dict[str, list[Finding]] = defaultdict(list)
        self._more: dict[str, int] = defaultdict(int)

    def add(self, slug: str, message: str, subject: object, *, note: bool = False) -> None:
        """Something is wrong with `subject`."""
        if len(self._found[slug]) < SHOWN:
            self._found[slug].append(Finding(slug, message, str(subject), note))
        else:
            self._more[slug] += 1

    def all(self) -> list[Finding]:
        """Everything, by kind in the order of discovery."""
        told = []
        for slug, found in self._found.items():
            told += found
            if self._more[slug]:
                told.append(Finding(slug, f"and {self._more[slug]:,} more of this kind", "", found[0].note))
        return told


class Ledger:
    """What a check knows of numbers: heads as pinned at its start, changes, journal. Made before anything is checked."""

    def __init__(self, engine: Engine, space: str | None) -> None:
        self._engine, self._space = engine, space
        self.findings = Findings()
        rows = engine.read(_SPACES)
        self.heads = {str(row["space"]): int(row["head"]) for row in rows}
        self._live = _live(rows)
        self._above: dict[tuple[str, int], tuple[int, str]] = {}
        self._journal: dict[int, array[int]] = {}
        self._unnamed: set[tuple[int, str]] = set()
        self._highest = 0
        self.changes = {int(row["seq"]): str(row["space"]) for row in self._numbered(_CHANGES, _LAST_CHANGE)}
        self._read_journal()

    def above(self, space: str, seq: int, subject: str) -> bool:
        """Whether a number is above the pinned head: what is written there does not count, but is looked at in the end."""
        self._highest = max(self._highest, seq)
        if seq <= self.heads.get(space, OPEN):
            return False
        count, first = self._above.get((space, seq), (0, subject))
        self._above[space, seq] = (count + 1, first)
        return True

    def used(self, space: str, seq: int, concept: str) -> None:
        """A row of a concept opens or closes at a number: there must be a change of that space, and the journal must name the concept."""
        if self.changes.get(seq) != space:
            self.findings.add(
                "change-missing", f"has a row at number {seq}, which is no change of space {space}", concept
            )
        named = self._journal.get(seq)
        wanted = hash(concept)
        place = bisect_left(named, wanted) if named is not None else 0
        if (named is None or place == len(named) or named[place] != wanted) and (seq, concept) not in self._unnamed:
            self._unnamed.add((seq, concept))
            self.findings.add("journal-missing", f"has a row at number {seq}, whose journal does not name it", concept)

    def check_logs(self) -> None:
        """Changes, events, imports, releases and heads against each other."""
        wrong = self.findings.add
        for seq, space in self.changes.items():
            if space not in self.heads:
                wrong("unknown-space", f"is of space {space!r}, which is not there", f"change {seq}")
            else:
                self.above(space, seq, f"change {seq}")
        for space, head in self._chosen_heads():
            if head and self.changes.get(head) != space:
                wrong("change-missing", f"its head {head} is no change of it", space)
        self._check_events()
        for row in self._engine.read(_IMPORTS):
            subject = f"{row['what']} {row['seq']}"
            if self._is_asked(row["space"]) and not self.above(row["space"], row["seq"], subject):
                self._has_change(row, subject)
        for row in self._engine.read(_RELEASES):
            if self._is_asked(row["space"]):
                if row["space"] not in self.heads:
                    wrong("unknown-space", f"is of space {row['space']!r}, which is not there", f"release {row['key']}")
                elif not 1 <= row["seq"] <= self._now_head(row["space"]):
                    wrong(
                        "release-above-head", f"names {row['seq']}: the head is {self.heads[row['space']]}", row["key"]
                    )

    def check_aliases(self) -> None:
        """Aliases lead to concepts, and hide none."""
        for start, end in windows(self._engine, "Alias", "uuid"):
            for row in self._engine.read(_ALIASES, start=start, end=end, space=self._space):
                self._check_alias(row)

    def check_successors(self) -> None:
        """`replaced_by` is acyclic at every number: no relation closes a circle at the moment it opens."""
        rows = self._engine.read(_SUCCESSORS, space=self._space)
        onwards: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            onwards[row["old"]].append(row)
        for row in rows:
            front, seen = [row["new"]], set[str]()
            while front:
                uuid = front.pop()
                if uuid not in seen:
                    seen.add(uuid)
                    front += [one["new"] for one in onwards[uuid] if one["from_seq"] <= row["from_seq"] < one["to_seq"]]
            if row["old"] in seen:
                self.findings.add(
                    "replaced-by-cycle", f"is, from {row['from_seq']} on, in the end replaced by itself", row["old"]
                )

    def check_orphans(self) -> None:
        """Whatever belongs to a concept hangs on one."""
        for section in SECTIONS:
            if not section.edge:
                continue
            query = Query(
                f"check.orphans.{section.name}",
                f"MATCH (n:{section.label}) WHERE ($space IS NULL OR n.space = $space)"
                f" AND NOT EXISTS {{ MATCH (n)<-[:{section.edge}]-(:Concept) }}"
                " RETURN n.concept AS concept, n.from_seq AS from_seq LIMIT $limit",
            )
            for row in self._engine.read(query, space=self._space, limit=SHOWN):
                message = f"a row of {section.name} from {row['from_seq']} hangs on no concept"
                self.findings.add("orphan", message, row["concept"])

    def close(self) -> None:
        """The last act: what stands above the heads, and the counters, both against the present moment."""
        rows = self._engine.read(_SPACES)
        heads = {str(row["space"]): int(row["head"]) for row in rows}
        live = self._live | _live(rows)
        for (space, seq), (count, first) in sorted(self._above.items()):
            if seq <= heads.get(space, 0) or not self._is_asked(space):
                continue
            if space in live:
                message = f"is being written at {seq}: {count:,} rows above the head {heads[space]} do not count yet"
                self.findings.add("writing", message, space, note=True)
            else:
                message = f"{count:,} rows at {seq} are above the head of {space}, and nobody is writing it (the first: {first})"
                self.findings.add("above-head", message, space)
        counters = self._engine.read(_COUNTERS)
        if [row["key"] for row in counters] != ["store"]:
            self.findings.add("counter-missing", "there is not exactly one node of counters", "Meta")
            return
        last_event = int(self._engine.read(_LAST_EVENT)[0]["last"] or 0)
        # Read after the numbers, which only grow: read before, it could be behind by what was written meanwhile.
        row = self._engine.read(_COUNTERS)[0]
        highest = max(self._highest, *heads.values(), 0)
        if row["seq"] < highest:
            self.findings.add("counter-behind", f"stands at {row['seq']}, though {highest} is in use", "Meta.seq")
        if row["event"] < last_event:
            self.findings.add(
                "counter-behind", f"stands at {row['event']}, though {last_event} is in use", "Meta.event"
            )

    def _is_asked(self, space: str) -> bool:
        return self._space is None or space == self._space

    def _chosen_heads(self) -> list[tuple[str, int]]:
        return [(space, head) for space, head in self.heads.items() if self._is_asked(space)]

    def _now_head(self, space: str) -> int:
        """The head of a space at this moment: a release may be newer than the pinned one."""
        return next((int(row["head"]) for row in self._engine.read(_SPACES) if row["space"] == space), 0)

    def _has_change(self, row: Row, subject: str) -> None:
        if self.changes.get(row["seq"]) != row["space"]:
            message = f"is of number {row['seq']}, which is no change of space {row['space']}"
            self.findings.add("change-missing", message, subject)

    def _check_events(self) -> None:
        wrong = self.findings.add
        told: set[int] = set()
        for row in self._numbered(_EVENTS, _LAST_EVENT):
            if row["kind"] != "change":
                continue
            seq = row["seq"]
            if seq in told:
                wrong("event-twice", f"event {row['number']} tells again of change {seq}", seq)
            told.add(seq)
            known = self.changes.get(seq)
            # Committed since the changes were read: above the pinned head of its space.
            if known != row["space"] and (known is not None or seq <= self.heads.get(row["space"], OPEN)):
                wrong("event-without-change", f"tells of {seq}, which is no change of {row['space']}", row["number"])
        for seq in sorted(self.changes.keys() - told):
            wrong("event-missing", f"no event tells of change {seq}", seq)

    def _check_alias(self, row: Row) -> None:
        wrong, alias = self.findings.add, row["uuid"]
        if row["space"] not in self.heads:
            wrong("unknown-space", f"is of space {row['space']!r}, which is not there", alias)
            return
        if self.above(row["space"], row["from_seq"], alias):
            return
        if row["owner"] != row["concept"]:
            wrong("alias-dangling", f"leads to {row['concept']}, which is not there or not its owner", alias)
        elif row["there"] != row["space"]:
            wrong("alias-space", f"is of space {row['space']}, its concept of {row['there']}", alias)
        else:
            self.used(row["space"], row["from_seq"], row["concept"])
        if row["taken"] is not None:
            wrong("alias-taken", f"leads to {row['concept']}, but is the uuid of a concept", alias)

    def _numbered(self, query: Query, last: Query) -> Iterator[Row]:
        """The rows of a log up to the last that is there now, in windows of its number."""
        end = int(self._engine.read(last)[0]["last"] or 0)
        for after in range(0, end, _NUMBERS):
            yield from self._engine.read(query, after=after, until=min(after + _NUMBERS, end))

    def _read_journal(self) -> None:
        weight = "1 + size(n.concepts) / 10"
        for start, end in windows(self._engine, "Journal", "key", weight=weight):
            for row in self._engine.read(_JOURNAL, start=start, end=end):
                self.above(row["space"], row["seq"], f"journal {row['key']}")
                # Eight bytes a name; two names of one number with one hash would hide a gap, and there are 2^64 of them.
                self._journal.setdefault(int(row["seq"]), array("q")).extend(map(hash, row["concepts"]))
        for seq, names in self._journal.items():
            self._journal[seq] = array("q", sorted(names))


def _live(rows: list[Row]) -> set[str]:
    return {str(row["space"]) for row in rows if row["live"] and not is_dead(str(row["holder"]))}
