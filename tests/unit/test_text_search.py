"""The index by itself: a handful of concepts, asked in all the ways that people ask."""

from __future__ import annotations

from pathlib import Path

import pytest

from wikic.text.folder import IndexFolder
from wikic.text.index import OPEN, Entry, Mark, Writing, open_index, read_mark
from wikic.text.marking import marks
from wikic.text.query import Filters
from wikic.text.search import Hit, Snapshot

NONE = Filters()
WELDER, NURSE, BAKER, OLD, WEB, DIRECTOR, DEFINED, GERMAN, RENAMED, PYTHON = (f"u{number}" for number in range(10))


def _entry(uuid: str, *labels: tuple[str, str, str], start: int = 1, end: int = OPEN, **more: str) -> Entry:
    known = {"kind": "occupation", "scheme": "esco", "status": "active", "code": "", "iri": ""} | more
    definition = known.pop("definition", "")
    return Entry(uuid, start, end, labels=list(labels), definitions={"fr": definition} if definition else {}, **known)


def entries() -> list[Entry]:
    """Ten concepts, one of which was renamed at 5."""
    pref, alt, hidden = "preferred", "alternative", "hidden"
    return [
        _entry(WELDER, ("soudeur / soudeuse", "fr", pref), ("welder", "en", pref), code="H2913", scheme="rome"),
        _entry(NURSE, ("Infirmier(ère) de l'école", "fr", pref), ("school nurse", "en", pref), ("nurs", "en", hidden)),
        _entry(
            BAKER,
            ("boulanger/boulangère", "fr", pref),
            ("boulanger", "fr", alt),
            ("baker", "en", pref),
            iri="http://x.example/Baker",
        ),
        _entry(OLD, ("boulanger d'autrefois", "fr", pref), ("boulanger", "fr", alt), status="deprecated"),
        _entry(WEB, ("développeur web", "fr", pref), ("web developer", "en", pref), kind="occupation"),
        _entry(DIRECTOR, ("directeur des ressources humaines", "fr", pref), ("head of welding", "en", alt)),
        _entry(
            DEFINED, ("pétrissage", "fr", pref), kind="skill", definition="Travail du boulanger : la pâte et le levain."
        ),
        _entry(GERMAN, ("Bäckermeister", "de", pref)),
        _entry(RENAMED, ("couper le pain", "fr", pref), start=1, end=5, kind="skill"),
        _entry(RENAMED, ("trancher le pain", "fr", pref), start=5, kind="skill"),
        _entry(PYTHON, ("C++", "en", pref), ("C++", "fr", pref), kind="knowledge"),
    ]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    opened = open_index(tmp_path_factory.mktemp("index"), create=True)
    with Writing(opened) as writing:
        for entry in entries():
            writing.add(entry)
        writing.finish(Mark(9, "epoch"))
    opened.reload()
    return Snapshot(opened)


def found(index: Snapshot, text: str, filters: Filters = NONE, at: int = 9) -> list[str]:
    """The uuids of the results, best first."""
    return [hit.row["uuid"] for hit in index.search(text, filters, at).hits]


def best(index: Snapshot, text: str, filters: Filters = NONE) -> Hit:
    """The best result."""
    return index.search(text, filters, 9).hits[0]


@pytest.mark.parametrize(
    ("text", "uuid"),
    [
        ("soudeur", WELDER),
        ("soudeuse", WELDER),
        ("SOUDEUSES", WELDER),
        ("infirmière", NURSE),
        ("infirmiere ecole", NURSE),
        ("école infirmier", NURSE),
        ("l’infirmier de l'ecole", NURSE),
        ("infirmier/ière", NURSE),
        ("boulangere", BAKER),
        ("boulangr", BAKER),
        ("développeuse web", WEB),
        ("web developeur", WEB),
        ("developers web", WEB),
        ("directrice des ressources humaines", DIRECTOR),
        ("ressource humaine directrise", DIRECTOR),
        ("h2913", WELDER),
        ("rome:H2913", WELDER),
        ("http://x.example/Baker", BAKER),
        (BAKER, BAKER),
        ("backermeister", GERMAN),
        ("bäckermaister", GERMAN),
        ("c++", PYTHON),
        ("le levain et la pâte", DEFINED),
    ],
)
def test_finds(index: Snapshot, text: str, uuid: str) -> None:
    assert found(index, text)[0] == uuid


@pytest.mark.parametrize("text", ["zzzz", "de", "", "  ", "***", "(", "a:b:c", "\x00", "+-/\\\"'[]{}^~*?:", "é" * 400])
def test_nothing_and_hostile(index: Snapshot, text: str) -> None:
    assert found(index, text) == []
    assert index.suggest(text + "qqq", NONE, 9) == []


def test_order(index: Snapshot) -> None:
    order = found(index, "boulanger")
    assert order[0] == BAKER, "active before deprecated"
    assert order.index(OLD) < order.index(DEFINED), "labels before definitions"


def test_preferred_before_alternative_before_hidden(tmp_path: Path) -> None:
    opened = open_index(tmp_path, create=True)
    with Writing(opened) as writing:
        for type_ in ("hidden", "alternative", "preferred"):
            name = ("other name", "en", "preferred")
            labels = [("glass blower", "en", type_)] if type_ == "preferred" else [name, ("glass blower", "en", type_)]
            writing.add(_entry(type_, *labels))
        writing.finish(Mark(9, "epoch"))
    opened.reload()
    for text in ("glass blower", "blower of glass", "glass"):
        assert found(Snapshot(opened), text) == ["preferred", "alternative", "hidden"]


def test_the_label_that_matched_is_marked(index: Snapshot) -> None:
    hit = best(index, "soudeuse")
    assert hit.label is not None
    assert (hit.label[0], hit.label[1], hit.label_type) == ("soudeur / soudeuse", "fr", "preferred")
    assert [hit.label[0][start:end] for start, end in hit.marks] == ["soudeur", "soudeuse"]
    assert hit.preferred == {"fr": "soudeur / soudeuse", "en": "welder"}
    assert best(index, "boulanger").label_type == "alternative"


def test_language(index: Snapshot) -> None:
    assert found(index, "web", Filters(lang="en")) == [WEB]
    hit = best(index, "developer", Filters(lang="en"))
    assert hit.label is not None
    assert hit.label[1] == "en"
    assert found(index, "welder", Filters(lang="fr")) == []
    assert found(index, "backermeister", Filters(lang="de")) == [GERMAN]
    assert found(index, "backermeister", Filters(lang="nl")) == []


def test_filters_and_facets(index: Snapshot) -> None:
    results = index.search("boulanger", NONE, 9)
    assert results.total == 3
    assert results.facets == {"kind": {"occupation": 2, "skill": 1}, "scheme": {"esco": 3}}
    skills = index.search("boulanger", Filters(kind="skill"), 9)
    assert [hit.row["uuid"] for hit in skills.hits] == [DEFINED]
    assert skills.facets["kind"] == {"occupation": 2, "skill": 1}, "a facet is counted without its own filter"
    assert skills.facets["scheme"] == {"esco": 1}
    assert found(index, "boulanger", Filters(status="deprecated")) == [OLD]
    assert found(index, "soudeur", Filters(scheme="esco")) == []


def test_as_of_any_number(index: Snapshot) -> None:
    assert found(index, "couper le pain", at=4) == [RENAMED]
    assert found(index, "trancher", at=4) == []
    assert found(index, "trancher", at=5) == [RENAMED]
    assert found(index, "couper", at=5) == found(index, "couper") == []
    assert found(index, "pain", at=0) == []
    assert [hit.row["uuid"] for hit in index.suggest("coup", NONE, 4)] == [RENAMED]
    assert index.suggest("coup", NONE, 9) == []


def test_pages(index: Snapshot) -> None:
    everything = found(index, "boulanger")
    pages = [index.search("boulanger", NONE, 9, offset=number, limit=1).hits for number in range(4)]
    assert [hit.row["uuid"] for page in pages for hit in page] == everything
    assert index.search("boulanger", NONE, 9, offset=500, limit=20).hits == []


@pytest.mark.parametrize(
    ("text", "uuid"),
    [
        ("so", WELDER),
        ("soud", WELDER),
        ("soudeus", WELDER),
        ("dev w", WEB),
        ("web dev", WEB),
        ("infirmiere", NURSE),
        ("bou", BAKER),
        ("boulangé", BAKER),
        ("bolang", BAKER),
        ("directeur des ress", DIRECTOR),
        ("h29", WELDER),
    ],
)
def test_suggests(index: Snapshot, text: str, uuid: str) -> None:
    hits = index.suggest(text, NONE, 9)
    assert hits[0].row["uuid"] == uuid


def test_suggestions_mark_what_was_typed(index: Snapshot) -> None:
    hit = index.suggest("dév w", Filters(lang="fr"), 9)[0]
    assert hit.label is not None
    assert [hit.label[0][start:end] for start, end in hit.marks] == ["dév", "w"]


@pytest.mark.parametrize(
    ("value", "words", "beginnings", "shown"),
    [
        ("Chef d'œuvre", ["oeu"], True, ["œu"]),
        ("Chef d'œuvre", ["oeuvre"], False, ["œuvre"]),
        ("Gérer l'équipe", ["equipes", "gerer"], False, ["Gérer", "équipe"]),
        ("boulanger", ["boulnger"], False, ["boulanger"]),
        ("pain", ["vin"], False, []),
    ],
)
def test_marks(value: str, words: list[str], beginnings: bool, shown: list[str]) -> None:
    assert [value[start:end] for start, end in marks(value, "fr", words, beginnings=beginnings)] == shown


def test_changes_are_seen_together(tmp_path: Path) -> None:
    opened = open_index(tmp_path, create=True)
    with Writing(opened) as writing:
        writing.add(_entry("a", ("ancien nom", "fr", "preferred")))
        writing.finish(Mark(1, "epoch"))
    with Writing(opened) as writing:
        writing.remove("a", 1)
        writing.add(_entry("a", ("ancien nom", "fr", "preferred"), start=1, end=2))
        writing.add(_entry("a", ("nouveau nom", "fr", "preferred"), start=2))
        opened.reload()
        assert found(Snapshot(opened), "ancien", at=1) == ["a"]
        writing.finish(Mark(2, "epoch"))
    opened.reload()
    now = Snapshot(opened)
    assert now.mark == Mark(2, "epoch")
    assert (found(now, "ancien", at=1), found(now, "ancien", at=2), found(now, "nouveau", at=2)) == (["a"], [], ["a"])


def test_what_was_not_finished_is_forgotten(tmp_path: Path) -> None:
    opened = open_index(tmp_path, create=True)
    with Writing(opened) as writing:
        writing.add(_entry("a", ("nom", "fr", "preferred")))
    opened.reload()
    assert read_mark(opened, opened.searcher()) is None
    with Writing(opened) as writing:
        writing.finish(Mark(1, "epoch"))
    opened.reload()
    assert found(Snapshot(opened), "nom") == []


def test_generations(tmp_path: Path) -> None:
    folder = IndexFolder(tmp_path / "index")
    assert folder.stamp() is None
    with folder.writing(wait=False) as ours:
        assert ours
        with folder.writing(wait=False) as twice:
            assert not twice
        abandoned, name = folder.new(), folder.new()
        assert not (folder.path / abandoned).exists(), "what nobody finished is cleared away"
        with Writing(open_index(folder.path / name, create=True)) as writing:
            writing.finish(Mark(1, "epoch"))
        folder.publish(name)
    assert folder.current() == name
    assert folder.stamp() is not None
    assert folder.open(name) is not None
    (folder.path / name / "meta.json").write_text("{}")
    assert folder.open(name) is None
    assert folder.open("g-none") is None
