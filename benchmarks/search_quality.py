"""How often search finds what people's own words mean: success at 1 and at 10, beside what others reach on the same queries.

MELO (national occupation names to ESCO labels) is asked of an index of its labels alone, each a document, as MELO counts. Competences and
spans of job adverts are asked of an index of ESCO's skills, made of the official files. Needs ../shared/data; no store.
"""

from __future__ import annotations

import csv
import json
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.common import SHARED, Table
from wikic.domain.vocabulary import ALTERNATIVE, HIDDEN, PREFERRED
from wikic.text.index import OPEN, Entry, Mark, Writing, open_index
from wikic.text.query import Filters
from wikic.text.search import Snapshot

DATA = SHARED / "data"
FRENCH_SKILLS = "skills_fr_api_v1.2.1_labels.csv"

Answers = Callable[[str], list[str]]
Question = tuple[str, set[str]]


@contextmanager
def indexed(entries: Iterable[Entry]) -> Iterator[Snapshot]:
    """An index of these, thrown away at the end."""
    with tempfile.TemporaryDirectory(prefix="wikic-quality-") as folder:
        index = open_index(Path(folder), create=True)
        with Writing(index, bulk=True) as writing:
            for entry in entries:
                writing.add(entry)
            writing.finish(Mark(1, "quality"))
        index.reload()
        yield Snapshot(index)


def success(
    questions: list[Question], answers: Answers, table: Table, name: str, target: tuple[str, str], others: str
) -> None:
    """Ask all, and add two lines."""
    first = ten = 0
    started = time.perf_counter()
    for text, right in questions:
        found = answers(text)[:10]
        first += bool(right.intersection(found[:1]))
        ten += bool(right.intersection(found))
    each = (time.perf_counter() - started) / len(questions) * 1e3
    table.add(f"{name}, success@1", f"{first / len(questions):.3f}", target[0], others)
    table.add(
        f"{name}, success@10", f"{ten / len(questions):.3f}", target[1], f"{len(questions)} queries, {each:.1f} ms each"
    )


def rows(file: Path) -> list[list[str]]:
    """A table without a head."""
    with file.open(encoding="utf-8") as lines:
        return [line.rstrip("\n").split("\t") for line in lines]


def melo(table: Table, language: str, target: tuple[str, str], others: str) -> None:
    """French names of ROME to ESCO labels of a language."""
    folder = DATA / "melo" / f"fra_q_fr_c_{language}"
    right: dict[str, set[str]] = {}
    for query, _, element, relevant in rows(folder / "annotations.tsv"):
        if relevant == "1":
            right.setdefault(query, set()).add(element)
    labels = (
        Entry(row[0], 1, OPEN, "occupation", "esco", "active", labels=[(row[1], language, PREFERRED)])
        for row in rows(folder / "corpus_elements.tsv")
    )
    questions = [(row[1], right[row[0]]) for row in rows(folder / "queries.tsv")]
    with indexed(labels) as snapshot:

        def answers(text: str) -> list[str]:
            return [hit.row["uuid"] for hit in snapshot.search(text, Filters(), 1, limit=10).hits]

        success(questions, answers, table, f"MELO fr -> {language}", target, others)


def skills() -> Iterator[Entry]:
    """ESCO's skills and knowledge with their English and French labels, by address."""
    french: dict[str, list[tuple[str, str, str]]] = {}
    with (DATA / "esco" / "fr_skill_labels" / FRENCH_SKILLS).open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            french[row["conceptUri"]] = list(_labels(row, "fr"))
    with (DATA / "esco" / "v1.1.1" / "en" / "skills_en.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            address = row["conceptUri"]
            labels = [*_labels(row, "en"), *french.get(address, ())]
            kind = "knowledge" if row["skillType"] == "knowledge" else "skill"
            yield Entry(address, 1, OPEN, kind, "esco", "active", labels=labels, definitions={"en": row["description"]})


def _labels(row: dict[str, str], lang: str) -> Iterator[tuple[str, str, str]]:
    for column, type_ in (("preferredLabel", PREFERRED), ("altLabels", ALTERNATIVE), ("hiddenLabels", HIDDEN)):
        for value in (row.get(column) or "").split("\n"):
            if value.strip():
                yield value.strip(), lang, type_


def own_words(table: Table) -> None:
    """Competences and spans to ESCO skills."""
    with indexed(skills()) as snapshot:
        for file, lang, name, target in (
            ("be_competences_fr_dev.jsonl", "fr", "Belgian competences", (".151", ".281")),
            ("skill_spans_en_dev.jsonl", "en", "spans of job adverts", (".391", ".695")),
        ):
            found = [json.loads(line) for line in (DATA / "match_queries" / file).open(encoding="utf-8")]
            questions = [(str(each["q"]), set(each["expect"])) for each in found]
            filters = Filters(lang=lang)

            def answers(text: str, filters: Filters = filters) -> list[str]:
                return [hit.row["uuid"] for hit in snapshot.search(text, filters, 1, limit=10).hits]

            success(questions, answers, table, name, target, "targets: the lexical scorer alone")


def main() -> None:
    """Print the table."""
    table = Table("search quality")
    others = "BM25 .699/.834, lexical .744/.865, BGE-M3 .804/.916, OpenAI 3-large .831/.942"
    melo(table, "fr", (".744", ".865"), others)
    melo(
        table, "en", ("", ""), "lexical .130/.250, OpenAI 3-large .502/.813: another language needs the learned scorer"
    )
    own_words(table)
    table.show()


if __name__ == "__main__":
    main()
