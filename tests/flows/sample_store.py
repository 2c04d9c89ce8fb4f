"""A store with a past: the sample imported twice over, edits, releases, a private space. Ground of the tests of backup and check."""

from __future__ import annotations

import gzip
from pathlib import Path

from importers.crosswalk import open_crosswalk
from importers.esco_rdf import open_esco_rdf
from importers.rome import open_rome
from wikic.domain.access import operator
from wikic.domain.changes import Change, Relation, WriteSet, now
from wikic.domain.records import Label
from wikic.domain.vocabulary import DEPRECATED, PREFERRED
from wikic.services.editing import Create, Editing, Relate, SetStatus, SetText, Unrelate
from wikic.services.importing import Importing
from wikic.services.releasing import Releasing
from wikic.store.documents import insert
from wikic.store.engine import Engine, Query, WriteTransaction
from wikic.store.events import happened
from wikic.store.leases import write_numbered
from wikic.store.schema import ensure_schema
from wikic.store.short_writes import short_write
from wikic.store.tables import TABLES
from wikic.store.writing import write_set

SAMPLE = Path(__file__).resolve().parent.parent.parent / "wikic" / "sample"
PRIVATE = "acme"
PRIVATE_CONCEPT = "01890a5d-ac96-774b-bcce-b302099a8057"
PRIVATE_MATCH = "01890a5d-ac96-774b-bcce-b302099a8058"

_SPACE = Query(
    "tests.space",
    f"CREATE (s:Space {{name: '{PRIVATE}', kind: 'organisation', head: 0, lease_token: 0, lease_until: 0, lease_holder: ''}})",
)
_SKILLS = Query(
    "tests.skills",
    "MATCH (s:State) WHERE s.kind = 'skill' AND s.scheme = 'esco' AND s.to_seq > 9000000000000000"
    " RETURN s.concept AS uuid ORDER BY uuid LIMIT 6",
)
_REQUIRES = Query(
    "tests.requires",
    "MATCH (a:Concept)-[r:REQUIRES]->(b:Concept) WHERE r.to_seq > 9000000000000000 AND a.scheme = 'esco'"
    " RETURN a.uuid AS source, b.uuid AS target ORDER BY source, target LIMIT 2",
)
_ODD = Query(
    "tests.odd_values",
    "MATCH (c:Concept {uuid: $uuid})-[:HAS_STATE]->(s:State) SET s.x_share = 0.5, s.x_flag = false, s.x_numbers = [3, 1, 2],"
    " s.x_nothing = [], s.x_text = $text, s.x_big = 9007199254740991",
)


def fill(engine: Engine) -> None:
    """Found the store and give it a past of all kinds of writes."""
    ensure_schema(engine)
    importing, editing = Importing(engine), Editing(engine)
    importing.run(open_esco_rdf(SAMPLE / "esco-1.ttl", version="1.0.0"))
    importing.run(open_rome(SAMPLE / "rome-1"))
    importing.run(open_crosswalk(SAMPLE / "crosswalk.csv"))
    Releasing(engine).freeze("2026", actor=operator("tester"))
    skills = [str(row["uuid"]) for row in engine.read(_SKILLS)]
    needed = [(str(row["source"]), str(row["target"])) for row in engine.read(_REQUIRES)]
    edits = (
        (SetText(skills[0], "definition", "fr", "Une définition d'ici : « l'œuvre »."),),
        (Create("skill", (Label("knit", "en", PREFERRED),), uuid=PRIVATE_CONCEPT.replace("01890a5d", "01890a5e")),),
        (Unrelate(needed[0][0], "requires", needed[0][1]),),
        (Relate(needed[1][0], "requires", needed[1][1], "key"),),
        (SetStatus(skills[1], DEPRECATED, skills[2]),),
    )
    for each in edits:
        editing.apply(each, actor="editor", summary="an edit")
    importing.run(open_esco_rdf(SAMPLE / "esco-2.ttl", version="1.1.0"))
    importing.run(open_rome(SAMPLE / "rome-2"))
    Releasing(engine).freeze("2027-rc1", at=4, actor=operator("tester"))
    _private(engine, skills[3])
    write_numbered(engine, _documents)
    engine.write(lambda tx: tx.run(_ODD, uuid=skills[4], text='\u2028 \U0001f9f6 "quoted" \\ \t'))


def _documents(tx: WriteTransaction) -> None:
    """A document of every table, each with all that it can hold."""
    for table in TABLES:
        texts = {field: f"{field} « é » {table.name}" for field in table.indexes if field != "key"}
        packed = {field: {"fr": "oui", "list": [1, True, None]} for field in table.packed}
        insert(tx, table, {"key": f"{table.name}/1", **texts, **packed, "number": 7, "names": ["a", "é"]})
    happened(tx, operator("tester"), "documents_made", subject="test/1", answer=42)


def found_private(engine: Engine) -> None:
    """Give an organisation a space."""
    engine.write(lambda tx: tx.run(_SPACE))


def _private(engine: Engine, public: str) -> None:
    found_private(engine)
    for uuid, name in ((PRIVATE_CONCEPT, "tricoter"), (PRIVATE_MATCH, "nouer")):
        create = Create("skill", (Label(name, "fr", PREFERRED),), uuid=uuid)
        Editing(engine).apply([create], actor="editor", summary="a private skill", space=PRIVATE)
    private_relation(engine, PRIVATE_MATCH, public)


def private_relation(engine: Engine, source: str, target: str) -> None:
    """A match from a private concept to a public one, written like an edit."""
    rows = WriteSet(open_relations=[Relation(source, "exact_match", target, origins=("local",))], touched={source})

    def work(tx: WriteTransaction, _head: int, seq: int) -> None:
        write_set(tx, rows, Change("edit", "editor", "a match", seq=seq, space=PRIVATE, time=now()))

    short_write(engine, PRIVATE, work)


def lines(path: Path) -> list[bytes]:
    """All lines of a backup."""
    with gzip.open(path) as file:
        return file.readlines()


def rows(path: Path) -> list[bytes]:
    """The lines of a backup between its header and its trailer."""
    return lines(path)[1:-1]
