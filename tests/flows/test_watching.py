"""Watching and being told: notices by concept, branch and scheme, decisions and mentions; the daily mail, once a day and to nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.flows.model import concept, source, uuid_of
from tests.people import make_person
from wikic.bootstrap import App, app_of
from wikic.domain.access import Actor, Grant, operator
from wikic.domain.proposals_changes import ChangeText
from wikic.domain.records import Label
from wikic.errors import Conflict, Forbidden, InvalidInput, NotFound, OutsideError, Unauthenticated
from wikic.services.accounts_parts import AccountServices
from wikic.services.deciding import Ruling
from wikic.services.editing import Create, Relate, SetText
from wikic.services.mailing import Mailer
from wikic.services.notifying import DAILY, SETTING, Mailed
from wikic.services.throttling import utc_now
from wikic.store import documents
from wikic.store.engine import Engine
from wikic.store.events import happened
from wikic.store.leases import write_numbered
from wikic.store.tables import DIGESTS, USERS

TOP, MIDDLE, LOW, APART = (f"00000000-0000-7000-8000-0000000000b{number}" for number in range(1, 5))


class Server:
    """A mail server that keeps what it is given, or refuses it."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str, str]] = []
        self.refuses = False
        self.breaks = ""

    def send(self, sender: str, to: str, subject: str, text: str) -> None:
        assert sender
        if to == self.breaks:
            raise ValueError("what nobody foresaw")
        if self.refuses:
            raise OutsideError("the mail server is away")
        self.sent.append((to, subject, text))


class Clock:
    """The present moment, moved by days."""

    def __init__(self) -> None:
        self.days = 0

    def __call__(self) -> Any:
        return utc_now() + timedelta(days=self.days)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(engine: Engine, server: Server, clock: Clock) -> Iterator[App]:
    """Services over three skills, one above the other, and one apart."""
    people = AccountServices.of(engine, mailer=Mailer(engine, server, "Wiki-C <wiki-c@example.org>"))
    made = app_of(engine, lambda: None, people=people)
    made.live.notifying._clock = clock
    names = {TOP: "make bread", MIDDLE: "make dough", LOW: "knead", APART: "swim"}
    made.editing.apply(
        [Create("skill", (Label(name, "en", "preferred"),), uuid=uuid) for uuid, name in names.items()], actor="t", summary=""
    )
    made.editing.apply([Relate(LOW, "broader", MIDDLE), Relate(MIDDLE, "broader", TOP)], actor="t", summary="")
    yield made
    made.close()


def edit(app: App, uuid: str, text: str) -> None:
    """Somebody changes a concept."""
    app.editing.apply([SetText(uuid, "definition", "en", text)], actor="somebody", summary="")


def say(app: App, actor: Actor, kind: str, **about: Any) -> None:
    """Something happens."""
    write_numbered(app.engine, lambda tx: happened(tx, actor, kind, **about))


def told(app: App, actor: Actor) -> list[tuple[str, str]]:
    """Why somebody is told, and by which subject."""
    return [(notice.why, notice.watched) for notice in app.live.watching.notices(actor)[0]]


def test_what_is_watched(app: App) -> None:
    ada = make_person(app, "Ada")
    watching = app.live.watching
    with pytest.raises(Unauthenticated):
        watching.watch(Actor(), f"concept/{LOW}")
    with pytest.raises(Forbidden):
        watching.watch(operator("root"), f"concept/{LOW}")
    for wrong in ("concept/x", "scheme/nothing", "space/acme", ""):
        with pytest.raises(InvalidInput):
            watching.watch(ada, wrong)
    with pytest.raises(NotFound):
        watching.watch(ada, "concept/00000000-0000-7000-8000-00000000ffff")
    for subject in (f"concept/{LOW}", f"concept/{LOW}", "scheme/wiki"):
        watching.watch(ada, subject)
    assert [each.subject for each in watching.watched(ada)] == [f"concept/{LOW}", "scheme/wiki"]
    assert watching.subjects_of(ada, LOW) == {f"concept/{LOW}"}
    watching.unwatch(ada, "scheme/wiki")
    watching.unwatch(ada, "scheme/wiki")
    assert [each.subject for each in watching.watched(ada)] == [f"concept/{LOW}"]


def test_notices(app: App) -> None:
    by_concept, by_branch, by_scheme, nobody = (make_person(app, name) for name in ("Ada", "Bo", "Cy", "Di"))
    app.live.watching.watch(by_concept, f"concept/{MIDDLE}")
    app.live.watching.watch(by_branch, f"branch/{TOP}")
    app.live.watching.watch(by_scheme, "scheme/wiki")
    people = (by_concept, by_branch, by_scheme, nobody)
    before = [len(told(app, person)) for person in people]
    edit(app, LOW, "by hand")
    edit(app, APART, "in water")
    new = [told(app, person)[: len(told(app, person)) - count] for person, count in zip(people, before, strict=True)]
    assert new == [[], [("watch", f"branch/{TOP}")], [("watch", "scheme/wiki")] * 2, []]
    edit(app, MIDDLE, "of flour")
    assert told(app, by_concept)[0] == ("watch", f"concept/{MIDDLE}")
    moderator = make_person(app, "Mo", Grant("moderator"))
    say(app, moderator, "proposal_rejected", subject="proposal/1", author=nobody.id)
    say(app, moderator, "comment_added", subject="proposal/2", mentions=[nobody.id])
    say(app, nobody, "comment_added", subject="proposal/2", mentions=[nobody.id])
    assert told(app, nobody) == [("mention", ""), ("decision", "")]
    # What took the decision back is told as well.
    say(app, moderator, "proposal_reopened", subject="proposal/1", author=nobody.id)
    assert told(app, nobody)[0] == ("decision", "")
    assert len(told(app, nobody)) == 3


def test_who_is_given_a_proposal_may_decide_on_it_and_is_told(app: App) -> None:
    author, mo, mia = (make_person(app, name, Grant("moderator")) for name in ("Ada", "Mo", "Mia"))
    reader, elsewhere = make_person(app, "Bo"), make_person(app, "Cy", Grant("moderator", "scheme:rome"))
    made = app.proposing.make([ChangeText(LOW, "definition", "en", "by hand")], author, justification="so", submit=True)
    for wrong in (author, reader, elsewhere):
        with pytest.raises(InvalidInput, match="may decide on it"):
            app.talking.assign(made.id, wrong.id, mo, None)
    with pytest.raises(NotFound):
        app.talking.assign(made.id, "nobody", mo, None)
    assert app.talking.assign(made.id, mia.id, mo, None).assignee_name == "Mia"
    assert told(app, mia) == [("mention", "")]
    app.proposing.withdraw(made.id, author, None)
    for whom in (mo.id, ""):
        with pytest.raises(Conflict, match="withdrawn"):
            app.talking.assign(made.id, whom, mo, None)


def test_what_is_proposed_and_accepted_is_told_when_it_is_handed_in_and_as_a_change(app: App) -> None:
    ada, author, mo = make_person(app, "Ada"), make_person(app, "Bo"), make_person(app, "Mo", Grant("moderator"))
    app.live.watching.watch(ada, f"concept/{LOW}")
    before = len(told(app, ada))
    made = app.proposing.make([ChangeText(LOW, "definition", "en", "by hand")], author, justification="so", submit=True)
    seq = app.deciding.decide(made.id, Ruling("accept"), mo, None).seq
    assert seq is not None
    app.reverting.revert_change(seq, actor=mo, reason="not so")
    notices = app.live.watching.notices(ada)[0]
    kinds = [notice.happening.event.kind for notice in notices[: len(notices) - before]]
    assert kinds == ["change", "change", "proposal_submitted"]


def test_a_branch_is_found_below_however_much_a_change_touches(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wikic.services.watching._CLIMBING", 1)
    ada = make_person(app, "Ada")
    app.live.watching.watch(ada, f"branch/{TOP}")
    before = len(told(app, ada))
    born = Create("skill", (Label("whistle", "en", "preferred"),), uuid="00000000-0000-7000-8000-0000000000a1")
    app.editing.apply([born, SetText(LOW, "definition", "en", "by hand")], actor="somebody", summary="")
    assert told(app, ada)[: len(told(app, ada)) - before] == [("watch", f"branch/{TOP}")]


def test_another_address_of_a_concept_ends_the_watch_too(app: App) -> None:
    app.importing.run(source(concept("saw", "saw", aliases=["sawing"]), kinds=[]))
    app.reading.forget()
    ada = make_person(app, "Ada")
    for subject in (f"concept/{uuid_of('sawing')}", f"concept/{uuid_of('saw')}"):
        app.live.watching.watch(ada, f"concept/{uuid_of('sawing')}")
        assert [each.subject for each in app.live.watching.watched(ada)] == [f"concept/{uuid_of('saw')}"]
        app.live.watching.unwatch(ada, subject)
        assert app.live.watching.watched(ada) == []
    app.live.watching.unwatch(ada, "concept/00000000-0000-7000-8000-00000000ffff")


def test_pages_of_notices(app: App) -> None:
    ada = make_person(app, "Ada")
    app.live.watching.watch(ada, f"concept/{LOW}")
    for number in range(5):
        edit(app, LOW, f"text {number}")
    whole = [notice.happening.event.number for notice in app.live.watching.notices(ada, limit=100)[0]]
    found, following = app.live.watching.notices(ada, limit=3)
    rest, end = app.live.watching.notices(ada, before=following, limit=100)
    assert [notice.happening.event.number for notice in (*found, *rest)] == whole
    assert (end, len(whole) >= 5) == (0, True)


def subscribed(app: App, name: str, *grants: Grant, organisations: dict[str, list[str]] | None = None) -> Actor:
    """Somebody with a confirmed address who asked for the daily mail."""
    person = make_person(app, name, *grants, organisations=organisations)
    values = {"email": f"{name.lower()}@example.org", "email_confirmed": True, "lang": "en"}
    app.engine.write(lambda tx: documents.change(tx, USERS, person.id, values))
    app.accounts.set_settings({SETTING: DAILY}, actor=person)
    return person


def test_the_daily_mail(app: App, server: Server, clock: Clock) -> None:
    ada = subscribed(app, "Ada")
    subscribed(app, "Bo")
    make_person(app, "Cy")
    app.live.watching.watch(ada, f"concept/{LOW}")
    run = app.live.notifying.run
    # The first run begins; it says nothing of what was before.
    assert run() == Mailed(nothing=2)
    edit(app, LOW, "by hand")
    assert run() == Mailed(sent=1, nothing=1)
    ((to, subject, text),) = server.sent
    assert (to, subject) == ("ada@example.org", "Wiki-C: news for you (1)")
    assert "changed: knead" in text
    assert f"/c/{LOW}" in text
    # Once a day, whatever happens; the next day says what happened since.
    edit(app, LOW, "by hand, long")
    assert run() == Mailed(nothing=1, already=1)
    clock.days = 1
    server.refuses = True
    assert run() == Mailed(nothing=1, failed=1)
    server.refuses = False
    assert run() == Mailed(sent=1, nothing=1)
    clock.days = 2
    assert run() == Mailed(nothing=2)
    assert len(server.sent) == 2
    # The link ends it, for whoever has it.
    token = text.rpartition("token=")[2].strip()
    with pytest.raises(NotFound):
        app.live.notifying.stop("nothing")
    with pytest.raises(NotFound):
        app.live.notifying.stop("")
    app.live.notifying.stop(token)
    edit(app, LOW, "no more")
    clock.days = 3
    assert run() == Mailed(nothing=1)


def test_a_daily_mail_that_breaks_what_sends_it_holds_up_no_other(app: App, server: Server) -> None:
    for name in ("Ada", "Bo"):
        app.live.watching.watch(subscribed(app, name), f"concept/{LOW}")
    app.live.notifying.run()
    edit(app, LOW, "by hand")
    server.breaks = "ada@example.org"
    assert app.live.notifying.run() == Mailed(sent=1, failed=1)
    server.breaks = ""
    assert app.live.notifying.run() == Mailed(sent=1, already=1)
    assert [to for to, *_ in server.sent] == ["bo@example.org", "ada@example.org"]


def test_moderators_are_told_of_the_queue(app: App, server: Server) -> None:
    subscribed(app, "Mo", Grant("moderator"))
    app.live.notifying._queue = lambda _: {"main": 7, "spelling": 2}
    app.live.notifying.run()
    app.live.notifying.run()
    assert "proposals that wait for a decision (9)" in server.sent[0][2]


def test_mails_tell_no_secrets(app: App, server: Server) -> None:
    member = subscribed(app, "Ada")
    stranger = subscribed(app, "Bo")
    app.live.notifying.run()
    may = Actor("0190f1d2-0000-7000-8000-000000000009", "May", memberships=(("acme", ("member",)),), via="session")
    say(app, may, "comment_added", subject="proposal/1", space="acme", mentions=[member.id, stranger.id], canary="kestrel")
    assert app.live.notifying.run() == Mailed(nothing=2)
    assert server.sent == []


def test_two_runs_at_once_send_one_mail(app: App, server: Server) -> None:
    ada = subscribed(app, "Ada")
    app.live.watching.watch(ada, f"concept/{LOW}")
    app.live.notifying.run()
    edit(app, LOW, "by hand")
    interest = app.live.watching.interest
    nested: list[Mailed] = []

    def meanwhile(user: str) -> Any:
        # Another run comes by while this one has read where it is.
        app.live.watching.interest = interest  # type: ignore[method-assign]
        nested.append(app.live.notifying.run())
        return interest(user)

    app.live.watching.interest = meanwhile  # type: ignore[method-assign]
    assert app.live.notifying.run() == Mailed(already=1)
    assert nested == [Mailed(sent=1)]
    assert len(server.sent) == 1
    assert documents.get(app.engine, DIGESTS, ada.id, "digest")["day"]


def test_without_a_mail_server(engine: Engine) -> None:
    with app_of(engine, lambda: None) as app, pytest.raises(OutsideError):
        app.live.notifying.run()
