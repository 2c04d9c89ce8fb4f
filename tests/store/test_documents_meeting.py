"""Documents that are deleted while others read them: they are there or not, at whatever moment the two meet; on both engines."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from wikic.domain.access import SYSTEM
from wikic.domain.vocabulary import PUBLIC_SPACE
from wikic.errors import UnknownRelease
from wikic.store import documents
from wikic.store.accounts import read_holder
from wikic.store.engine import Engine, Row, WriteTransaction
from wikic.store.releases import FROZEN, Release, add_release, get_release, list_releases, withdraw_release
from wikic.store.schema import ensure_schema
from wikic.store.tables import MAILS, MEMBERSHIPS, USERS

ROUNDS = 20
MANY = 20


@pytest.fixture
def store(engine: Engine) -> Engine:
    ensure_schema(engine)
    return engine


def mail(key: str) -> Row:
    return {"key": key, "to": "", "subject": "x", "text": "y", "tries": 0, "created": "2026", "due": f"2026 {key}"}


def test_what_is_deleted_while_it_is_read_is_there_or_not(store: Engine) -> None:
    person = {"key": "ada", "name": "Ada", "name_key": "ada", "listing": "ada", "state": "active", "grants": []}
    store.write(lambda tx: documents.insert(tx, USERS, person))
    ended = threading.Event()
    broken: list[Exception] = []

    def come_and_go() -> None:
        try:
            for number in range(ROUNDS):
                keys = [f"{number:04d}/{each:04d}" for each in range(MANY)]
                membership = {"key": f"guild-{number}/ada", "organisation": f"guild-{number}", "user": "ada", "roles": ["member"], "since": "2026"}

                def come(tx: WriteTransaction, keys: list[str] = keys, membership: Row = membership) -> None:
                    documents.insert_many(tx, MAILS, map(mail, keys))
                    documents.insert(tx, MEMBERSHIPS, membership)

                store.write(come)
                store.write(lambda tx, key=str(membership["key"]): documents.remove(tx, MEMBERSHIPS, [key]))  # type: ignore[misc]
                for each in keys:
                    store.write(lambda tx, each=each: documents.remove(tx, MAILS, [each]))  # type: ignore[misc]
        finally:
            ended.set()

    def read() -> None:
        try:
            while not ended.is_set():
                found = documents.page(store, MAILS, "due", limit=MANY)
                assert all(row["subject"] == "x" for row in found)
                assert all(row["subject"] == "x" for row in documents.find_by(store, MAILS, "key", [str(row["key"]) for row in found]))
                holder = read_holder(store, "ada")
                assert holder is not None
                assert all(roles == ("member",) for _, roles in holder.memberships)
        except Exception as error:
            broken.append(error)

    threads = [threading.Thread(target=work) for work in (come_and_go, read, read, read)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert broken == []
    assert documents.page(store, MAILS, "due") == []


@pytest.mark.parametrize("left", [{}, {"key": "a", "due": "2026 a"}])
def test_a_page_is_not_short_because_one_was_deleted_meanwhile(store: Engine, monkeypatch: pytest.MonkeyPatch, left: Row) -> None:
    """Who reads page by page takes a short one for the last; of what is being deleted, none or some of its properties may be left."""
    store.write(lambda tx: documents.insert_many(tx, MAILS, [mail("a"), mail("b"), mail("c")]))
    run, asked = documents.run, list[str]()

    def vanishing(source: Any, query: Any, **parameters: Any) -> list[Row]:
        asked.append(query.name)
        rows = run(source, query, **parameters)
        return [{"n": left}, *rows[1:]] if len(asked) == 1 else rows

    monkeypatch.setattr(documents, "run", vanishing)
    assert [row["key"] for row in documents.page(store, MAILS, "due", limit=2)] == ["a", "b"]
    assert len(asked) == 2
    asked.clear()
    assert [row["key"] for row in documents.find_by(store, MAILS, "key", ["a", "b"])] == ["b"]


def test_of_two_who_withdraw_a_release_one_does(store: Engine) -> None:
    release = Release("2027", PUBLIC_SPACE, 1, FROZEN, "2027-01-01", "Ada")
    together = threading.Barrier(3, timeout=15)
    done: list[str] = []
    broken: list[Exception] = []

    def withdraw() -> None:
        for _ in range(ROUNDS):
            together.wait()
            try:
                withdraw_release(store, release, SYSTEM)
                done.append(release.name)
            except UnknownRelease:
                pass
            except Exception as error:
                broken.append(error)
            together.wait()

    threads = [threading.Thread(target=withdraw) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(ROUNDS):
        add_release(store, release, SYSTEM)
        together.wait()
        while get_release(store, PUBLIC_SPACE, release.name) or list_releases(store, [PUBLIC_SPACE]):
            pass
        together.wait()
    for thread in threads:
        thread.join()
    assert broken == []
    assert len(done) == ROUNDS
