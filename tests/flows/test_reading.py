"""Reading while the framework moves: heads, cursors and caches, against an engine that is written meanwhile."""

from __future__ import annotations

import pytest

from tests.flows.model import Framework, concept, relation, source, uuid_of
from wikic.domain.access import SYSTEM
from wikic.domain.records import Label
from wikic.domain.vocabulary import PREFERRED, PUBLIC_SPACE
from wikic.errors import Conflict, InvalidInput, NotFound, StoreNotReady, UnknownRelease
from wikic.services.editing import Create, Editing, Relate, SetLabels, SetStatus
from wikic.services.reading import Reading
from wikic.services.reading_heads import FRESH_SECONDS
from wikic.services.reading_moments import make_cursor, parse_cursor, parse_reference
from wikic.services.releasing import Releasing
from wikic.store.engine import Engine, Query
from wikic.store.leases import heads
from wikic.store.schema import ensure_schema, renew_epoch

SAW = concept("saw", "saw wood", "scier du bois")
PLANE = concept("plane", "plane wood", "raboter")
JOINER = concept("joiner", "joiner", "menuisier", kind="occupation")
NEEDS = relation("joiner", "requires", "saw", "essential")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def reading(framework: Framework, engine: Engine, clock: Clock) -> Reading:
    framework.run(source(SAW, PLANE, JOINER, NEEDS))
    return Reading(engine, ensure_schema(engine), clock=clock)


def rename(engine: Engine, uuid: str, name: str) -> int:
    """One edit; the number of its change."""
    edit = SetLabels(uuid, "en", (Label(name, "en", PREFERRED),))
    return Editing(engine).apply([edit], actor="tester", summary=f"now {name}")


def label_of(reading: Reading, uuid: str, asked: str = "") -> str:
    return reading.concept(uuid, asked).content.preferred()["en"]


class TestHeads:
    def test_another_process_is_seen_after_a_moment(self, reading: Reading, engine: Engine, clock: Clock) -> None:
        saw = uuid_of("saw")
        assert label_of(reading, saw) == "saw wood"
        # Another process has an engine of its own.
        with Engine.of(engine._connection, engine.kind) as theirs:
            rename(theirs, saw, "cut wood")
        clock.now += FRESH_SECONDS * 0.9
        assert label_of(reading, saw) == "saw wood"
        clock.now += FRESH_SECONDS * 0.2
        assert label_of(reading, saw) == "cut wood"

    def test_own_writes_are_seen_at_once(self, reading: Reading, engine: Engine) -> None:
        saw = uuid_of("saw")
        label_of(reading, saw)
        rename(engine, saw, "cut wood")
        assert label_of(reading, saw) == "cut wood"

    def test_a_head_that_was_read_before_an_own_write_is_not_kept(self, reading: Reading, engine: Engine) -> None:
        before = heads(engine)[PUBLIC_SPACE]
        known = reading.moment()
        reading.forget()
        assert reading.known_moment(None, None, None) is None
        assert (known.seq, known.pinned) == (before, False)

    def test_an_emptied_store_is_not_ready(self, reading: Reading, engine: Engine) -> None:
        engine.write(lambda tx: tx.run(Query("test.wipe", "MATCH (n) DETACH DELETE n")))
        with pytest.raises(StoreNotReady):
            reading.ready()

    def test_a_restore_ends_cursors_and_tags(self, reading: Reading, engine: Engine, clock: Clock) -> None:
        page = reading.concepts(reading.moment(), limit=1)
        epoch = engine.write(renew_epoch)
        clock.now += 1
        assert reading.moment().epoch == epoch
        with pytest.raises(InvalidInput, match="restored"):
            reading.moment(cursor=page.next)


class TestStableLists:
    def test_a_list_stays_while_the_head_moves(self, reading: Reading, engine: Engine) -> None:
        first = reading.concepts(reading.moment(), scheme="esco", limit=1)
        rename(engine, uuid_of("saw"), "cut wood")
        rename(engine, uuid_of("plane"), "smooth wood")
        Editing(engine).apply(
            [Create("skill", (Label("glue wood", "en", PREFERRED),))], actor="tester", summary="one more"
        )
        reading.forget()
        moment = reading.moment(cursor=first.next)
        rest = reading.concepts(moment, scheme="esco", cursor=first.next, limit=10)
        names = {item["preferred_label"]["en"] for item in (*first.items, *rest.items)}
        assert (names, rest.next) == ({"saw wood", "plane wood", "joiner"}, None)
        assert moment.seq < reading.moment().seq

    def test_cursors_survive_the_way_there_and_back(self, reading: Reading) -> None:
        moment = reading.moment()
        cursor = parse_cursor(make_cursor(moment, "a list", "é/\uffff"))
        assert cursor.place_in(moment, "a list") == "é/\uffff"
        with pytest.raises(InvalidInput, match="another list"):
            cursor.place_in(moment, "another")


class TestSeq:
    """`seq` is the last number at which anything in the body changed: neighbours' names and relations too."""

    def test_of_neighbours(self, reading: Reading, engine: Engine) -> None:
        born = reading.concept(uuid_of("joiner")).seq
        unseen = rename(engine, uuid_of("plane"), "smooth wood")
        reading.forget()
        assert reading.concept(uuid_of("joiner")).seq == born < unseen
        seen = rename(engine, uuid_of("saw"), "cut wood")
        reading.forget()
        assert reading.concept(uuid_of("joiner")).seq == seen
        assert reading.concept(uuid_of("joiner"), str(unseen)).seq == born

    def test_equal_seq_means_equal_body(self, reading: Reading, engine: Engine) -> None:
        edit = Editing(engine)
        edit.apply([Relate(uuid_of("joiner"), "requires", uuid_of("plane"))], actor="t", summary="planes")
        rename(engine, uuid_of("plane"), "smooth wood")
        edit.apply([SetStatus(uuid_of("saw"), "deprecated", uuid_of("plane"))], actor="t", summary="no saws")
        rename(engine, uuid_of("plane"), "plane wood again")
        reading.forget()
        head = reading.moment().seq
        for key in ("saw", "plane", "joiner"):
            bodies: dict[int, object] = {}
            for number in range(1, head + 1):
                body = reading.body(reading.find(uuid_of(key), str(number)))
                assert bodies.setdefault(body["seq"], body) == body
            assert len(bodies) > 1


class TestWords:
    def test_a_name_wins_over_a_number(self, reading: Reading, engine: Engine) -> None:
        release = Releasing(engine).freeze("2026", actor=SYSTEM)
        rename(engine, uuid_of("saw"), "cut wood")
        reading.forget()
        assert label_of(reading, uuid_of("saw"), "2026") == "saw wood"
        assert reading.moment_of(str(release.seq)).seq == release.seq
        assert reading.moment_of("").seq > release.seq

    @pytest.mark.parametrize("word", ["2031", "999999", "9" * 40, "soon"])
    def test_unknown_words(self, reading: Reading, word: str) -> None:
        with pytest.raises(UnknownRelease):
            reading.moment_of(word)

    def test_references(self) -> None:
        assert parse_reference(" rome:M1805 ").code == "M1805"
        assert parse_reference("esco:2654.1.7") == parse_reference("esco:2654.1.7")
        assert parse_reference(uuid_of("saw").upper()).uuid == uuid_of("saw")
        assert parse_reference("rome:metier:M1805").uuid
        for text in ("", ":", "naf:01", "rome:", "M1805"):
            with pytest.raises(InvalidInput):
                parse_reference(text)

    def test_one_code_of_two_concepts(self, framework: Framework, engine: Engine) -> None:
        framework.run(source(concept("a", "a", code="7"), concept("b", "b", code="7", kind="knowledge")))
        reading = Reading(engine, ensure_schema(engine))
        with pytest.raises(Conflict, match="code of 2 concepts"):
            reading.concept("esco:7")
        Editing(engine).apply([SetStatus(uuid_of("a"), "deprecated")], actor="t", summary="one of them goes")
        reading.forget()
        assert reading.concept("esco:7").identity.uuid == uuid_of("b")
        assert reading.locate(None, "esco", "7", "skill", reading.moment()) == uuid_of("a")
        with pytest.raises(NotFound):
            reading.concept("esco:8")
