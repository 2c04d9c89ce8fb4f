"""The audit by person, on both engines: found by an index, and the same as reading the whole log."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from tests.flows.proposal_tools import ADA, BOB, MAY, ROOT, Ground, make_ground, text
from wikic.domain.access import Grant
from wikic.errors import InvalidInput
from wikic.services import auditing
from wikic.services.auditing import AuditFilter, Auditing
from wikic.services.reading_views import Body
from wikic.store import events
from wikic.store.engine import Engine, Query
from wikic.store.events import last_event
from wikic.store.schema import MIGRATIONS

_UNKNOWN = Query("test.people_unknown", "MATCH (m:Meta {key: 'store'}) REMOVE m.people_from")


@pytest.fixture
def ground(engine: Engine) -> Ground:
    """Some events: proposals of two, decided and commented by a third."""
    ground = make_ground(engine)
    for number in range(3):
        proposal = ground.propose(text(f"Text {number}."), by=(ADA, BOB)[number % 2])
        ground.app.talking.comment(proposal.id, "So it is.", MAY)
        ground.accept(proposal)
    return ground


def whole(audit: Auditing, person: str, *, kind: str = "", limit: int = 2) -> list[Body]:
    """All entries, page by page."""
    found: list[Body] = []
    before = 0
    while True:
        items, before = audit.page(ROOT, AuditFilter(person=person, kind=kind), before=before, limit=limit)
        found += items
        if not before:
            return found


@pytest.mark.parametrize("window", [2, 500])
def test_it_finds_what_reading_the_log_finds(ground: Ground, monkeypatch: pytest.MonkeyPatch, window: int) -> None:
    monkeypatch.setattr(auditing, "_WINDOW", window)
    audit = Auditing(ground.engine)
    people = (ADA.id, BOB.name, MAY.id, "nobody", "user-")
    known = {person: (whole(audit, person), list(audit.entries(ROOT, AuditFilter(person=person)))) for person in people}
    accepted = whole(audit, MAY.id, kind="proposal_accepted")
    # Half of the log from before the index.
    ground.engine.write(MIGRATIONS[-1].run)
    ground.app.talking.comment(ground.propose(text("One more.")).id, "Well.", MAY)
    half = {person: whole(audit, person) for person in people}
    ground.engine.write(lambda tx: tx.run(_UNKNOWN))
    for person in people:
        latest, oldest = known[person]
        assert [one["number"] for one in latest] == [one["number"] for one in reversed(oldest)]
        read = whole(audit, person)
        assert half[person] == read
        assert read[len(read) - len(latest) :] == latest
    assert len(known[ADA.id][0]) > 4
    assert known["nobody"] == ([], [])
    assert len(accepted) == 3


def test_times_are_times_and_names_are_names_however_they_are_written(ground: Ground) -> None:
    ada, audit = ground.app.people.accounts.add("Adèle", actor=ROOT), Auditing(ground.engine)
    ground.app.people.accounts.grant(ada.id, Grant("moderator"), actor=ROOT)
    known = [one["number"] for one in whole(audit, ada.id)]
    assert len(known) == 2
    for written in ("Adèle", "adele", "ADÈLE", ada.id.upper()):
        assert [one["number"] for one in whole(audit, written)] == known, written
        assert len(list(audit.entries(ROOT, AuditFilter(person=written)))) == 2, written
    latest = audit.page(ROOT, AuditFilter())[0][0]
    time = datetime.fromisoformat(latest["time"])
    for zone in (0, 2, -11):
        there = time.astimezone(timezone(timedelta(hours=zone)))
        assert latest in audit.page(ROOT, AuditFilter(since=there.isoformat()))[0], there
        assert latest not in audit.page(ROOT, AuditFilter(until=there.isoformat()))[0], there
    for word in ("yesterday", "2026-02-30", "0001-01-01T00:00+09:00"):
        for read in (audit.page, audit.entries):
            with pytest.raises(InvalidInput, match="is no time"):
                read(ROOT, AuditFilter(until=word))


def test_what_was_done_with_a_token_is_found_by_what_listings_call_it(ground: Ground) -> None:
    audit = Auditing(ground.engine)
    by_token = replace(MAY, via="token", credential="token/62df1a6f69992c8d")
    ground.app.talking.comment(ground.propose(text("One more.")).id, "Well.", by_token)
    for written in ("token/62df1a6f69992c8d", "62df1a6f69992c8d"):
        assert [one["kind"] for one in audit.page(ROOT, AuditFilter(credential=written))[0]] == ["comment_added"], written
    assert audit.page(ROOT, AuditFilter(credential="token"))[0] == []


def test_nothing_else_is_read(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the log was read from end to end")

    monkeypatch.setattr(auditing, "read_events", refuse)
    audit = Auditing(ground.engine)
    assert len(whole(audit, BOB.id)) == len(list(audit.entries(ROOT, AuditFilter(person=BOB.id)))) > 1
    last = last_event(ground.engine)[0]
    numbers = events.numbers_of_person(ground.engine, BOB.id, last + 1, 100)
    assert 0 < len(numbers) < last
