"""Between plain dictionaries and the store: the small world of the state machine, as files that say it and as the store holds it."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.flows.model import FakeSource, concept, relation, source, uuid_of
from tests.flows.plain import Key, Said, Side, Slots, Snapshot
from wikic.domain.concepts import ConceptContent
from wikic.domain.vocabulary import DEPRECATED, PREFERRED
from wikic.store import imports
from wikic.store.engine import Engine, Query
from wikic.store.temporal import OPEN

SKILLS = tuple(f"skill-{n}" for n in range(4))
OCCUPATIONS = ("occupation-0", "occupation-1")
NAMES = (*SKILLS, *OCCUPATIONS)
BORN = ("born-0", "born-1")
KIND = {name: "occupation" if name in OCCUPATIONS else "skill" for name in (*NAMES, *BORN)}
NAME_OF = {uuid_of(name): name for name in (*NAMES, *BORN)}

_TOUCHES = Query("tests.touches", "MATCH (c:Concept) RETURN c.uuid AS uuid, c.touches AS touches")

_LEFT = {
    "nodes": Query(
        "tests.left_nodes",
        "MATCH (n) WHERE n.from_seq > $head OR (n.to_seq > $head AND n.to_seq < $open) RETURN count(n) AS n",
    ),
    "relations": Query(
        "tests.left_relations",
        "MATCH (:Concept)-[r]->(:Concept) WHERE r.from_seq > $head OR (r.to_seq > $head AND r.to_seq < $open)"
        " OR (r.to_seq = $open AND r.removed_here = true) RETURN count(r) AS n",
    ),
    "numbered": Query(
        "tests.left_numbered",
        "MATCH (n) WHERE (n:Journal OR n:Change OR n:Import OR n:ImportPart) AND n.seq > $head RETURN count(n) AS n",
    ),
    "touches": Query(
        "tests.left_touches", "MATCH (c:Concept) WHERE any(t IN c.touches WHERE t > $head) RETURN count(c) AS n"
    ),
}

names = st.sampled_from(NAMES)
anything = st.sampled_from((*NAMES, *BORN))
importances = st.sampled_from(("essential", "optional"))
keys: st.SearchStrategy[Key] = st.one_of(
    st.tuples(st.sampled_from(OCCUPATIONS), st.just("requires"), st.sampled_from(SKILLS)),
    st.tuples(st.sampled_from(SKILLS), st.just("broader"), st.sampled_from(SKILLS)).filter(lambda k: k[0] != k[2]),
)


def slots_of(pref: str, french: str, text: str, alts: set[str]) -> Slots:
    """Slots from their parts; "" is absent."""
    slots: Slots = {("pref", "en"): pref, ("pref", "fr"): french, ("def", "en"): text}
    return {slot: value for slot, value in slots.items() if value} | {("alt", "en", alt): alt for alt in alts}


sides = st.builds(
    lambda slots, deprecated: Side(slots, DEPRECATED if deprecated else "active"),
    st.builds(
        slots_of,
        st.sampled_from(("cut", "saw", "split")),
        st.sampled_from(("", "couper", "scier")),
        st.sampled_from(("", "One.", "Two.")),
        st.sets(st.sampled_from(("rip", "hew"))),
    ),
    st.sampled_from((False, False, False, True)),
)


def source_of(said: Said) -> FakeSource:
    """The file that says this."""
    records: list[Any] = []
    for name, side in said.records.items():
        slots = {slot: value for slot, value in side.slots.items() if slot[1] in said.languages}
        records.append(
            concept(
                name,
                slots.get(("pref", "en")),
                slots.get(("pref", "fr")),
                kind=KIND[name],
                alts=[slot[2] for slot in slots if slot[0] == "alt"],
                texts={"definition": text} if (text := slots.get(("def", "en"))) else {},
                deprecated=side.status == DEPRECATED,
                aliases=said.aliases.get(name, ()),
            )
        )
    records += [relation(*key, importance if key[1] == "requires" else "") for key, importance in said.links.items()]
    listed = [(kind, "esco", "occupation" if kind == "requires" else "skill") for kind in said.relations]
    return source(
        *records,
        version=str(said.version),
        complete=said.complete,
        kinds=said.kinds,
        languages=said.languages,
        relations=listed,
    )


def slots_of_content(content: ConceptContent) -> Slots:
    """The slots that the store holds."""
    slots: Slots = {}
    for label in content.labels:
        if label.type == PREFERRED:
            slots["pref", label.lang] = label.value
        else:
            slots["alt", label.lang, label.value] = label.value
    return slots | {("def", lang): text for lang, text in content.texts.get("definition", {}).items()}


def stored(engine: Engine, at: int) -> Snapshot:
    """What the store says as of a number."""
    seen = {"public": at}
    known = imports.read_known(engine, "public", seen)
    concepts = {
        NAME_OF[uuid]: (content.status, frozenset(slots_of_content(content).items()))
        for uuid, content in imports.read_states(engine, known, seen)
    }
    assert len(concepts) == len(known)
    outgoing = imports.read_outgoing(engine, "public", known, seen)
    links: dict[Key, str] = {}
    for relations in outgoing.values():
        for one in relations:
            key = (NAME_OF[one.source], one.type, NAME_OF[one.target])
            assert key not in links, f"{key} is open twice"
            links[key] = one.importance
    return dict(sorted(concepts.items())), links


def remembered(engine: Engine, at: int) -> tuple[dict[Key, tuple[frozenset[str], str | None]], set[str], dict[str, str]]:
    """What no reader sees, as of a number: each relation's origins and the importance its source gave where that was edited, the ids of relations
    that were removed here, and all other addresses."""
    seen = {"public": at}
    known = imports.read_known(engine, "public", seen)
    links = {
        (NAME_OF[one.source], one.type, NAME_OF[one.target]): (frozenset(one.origins), _base(one.base))
        for relations in imports.read_outgoing(engine, "public", known, seen).values()
        for one in relations
    }
    return links, imports.read_removed_here(engine, "public", known, seen), imports.read_aliases(engine, "public", seen)


def _base(text: str) -> str | None:
    return text.partition("|")[0] if text else None


def read_touches(engine: Engine) -> dict[str, int]:
    """The last number at which each concept's body changed."""
    return {NAME_OF[row["uuid"]]: max(row["touches"]) for row in engine.read(_TOUCHES)}


def left_over(engine: Engine, head: int) -> dict[str, int]:
    """What stands above the head, by sort: nothing, once a dead writer was cleared away."""
    found = {sort: int(engine.read(query, head=head, open=OPEN)[0]["n"]) for sort, query in _LEFT.items()}
    return {sort: number for sort, number in found.items() if number}


def without_repeats(items: list[Any]) -> list[Any]:
    """Neighbours that are equal count once."""
    return [item for n, item in enumerate(items) if n == 0 or item != items[n - 1]]


def body_of(snapshot: Snapshot, name: str) -> Any:
    """What a concept's body shows: itself, its relations, and the names and statuses at their other ends."""
    concepts, links = snapshot
    if name not in concepts:
        return None
    shown = []
    for key, importance in links.items():
        if name in (key[0], key[2]):
            status, slots = concepts[key[2] if key[0] == name else key[0]]
            shown.append((key, importance, status, frozenset(s for s in slots if s[0][0] == "pref")))
    return concepts[name], frozenset(shown)
