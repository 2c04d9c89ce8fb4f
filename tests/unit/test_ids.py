"""Identities: permanent, so every expected value here is written out and may never change."""

from __future__ import annotations

import uuid

import pytest

from wikic.domain.ids import NAMESPACE, concept_uuid, is_uuid, new_uuid, relation_id, rome_key


def test_the_namespace_is_permanent() -> None:
    assert str(NAMESPACE) == str(uuid.uuid5(uuid.NAMESPACE_URL, "https://wiki-c.org/ontology#concept"))


@pytest.mark.parametrize("key", ["http://data.europa.eu/esco/skill/S4.2.3", "rome:metier:M1805", "é", ""])
def test_a_concept_uuid_is_the_standard_v5(key: str) -> None:
    assert concept_uuid(key) == str(uuid.uuid5(NAMESPACE, key))


def test_a_relation_id_is_the_v5_of_its_parts() -> None:
    assert relation_id("a", "broader", "b") == str(uuid.uuid5(NAMESPACE, "a|broader|b"))
    assert relation_id("a", "requires", "b", "idcc:1486") == str(uuid.uuid5(NAMESPACE, "a|requires|b|idcc:1486"))
    assert (
        len({relation_id("a", "broader", "b"), relation_id("b", "broader", "a"), relation_id("a", "related", "b")}) == 3
    )


def test_new_uuids_are_of_version_7_and_in_order_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time_ns", lambda: 0x0123456789AB * 1_000_000)
    first, again = new_uuid(), new_uuid()
    assert first != again
    assert first.startswith("01234567-89ab-7")
    assert uuid.UUID(first).variant == uuid.RFC_4122
    monkeypatch.setattr("time.time_ns", lambda: 0x0123456789AC * 1_000_000)
    assert new_uuid() > max(first, again)


@pytest.mark.parametrize(
    ("text", "yes"),
    [
        ("b5072cf0-9e98-5645-979f-738e30026d85", True),
        ("B5072CF0-9E98-5645-979F-738E30026D85", True),
        ("b5072cf0-9e98-5645-979f-738e30026d85\n", False),
        ("b5072cf09e985645979f738e30026d85", False),
        ("", False),
    ],
)
def test_what_looks_like_a_uuid(text: str, yes: bool) -> None:
    assert is_uuid(text) is yes


def test_rome_keys() -> None:
    assert rome_key("metier", "M1805") == "rome:metier:M1805"
