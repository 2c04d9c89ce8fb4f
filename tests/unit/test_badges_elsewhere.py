"""What documents say of badge classes, which lists name them, and what is taken over when an address is read again. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.outside_site import badge_class
from wikic.domain.badges import BadgeContent
from wikic.domain.badges_elsewhere import Said, badge_in, compared, parts_of, place_of, said_in
from wikic.errors import InvalidInput, TooLarge
from wikic.services.elsewhere_gathering import MOST_LINES, wanted_of

HERE = "https://badges.example.org/b/1"
ISSUER = {"@context": "https://w3id.org/openbadges/v2", "type": "Issuer", "id": "https://badges.example.org/i", "name": "X", "url": "https://x.example.org"}


def test_open_badges_two() -> None:
    criteria = {"id": "https://x.example.org/c", "narrative": " Le faire. "}
    badge = badge_class(HERE, tags=["a", " b  c ", "a", 3], criteria=criteria, image={"id": "../i.png"}, **{"@language": "en"})
    said = said_in(badge)
    assert (said.content.criteria, said.content.criteria_address, said.content.tags) == ("Le faire.", "https://x.example.org/c", ("a", "b c"))
    assert (said.content.lang, said.content.format, said.content.hosted, said.content.address) == ("en", "ob2", "elsewhere", HERE)
    assert said.image == "https://badges.example.org/i.png"
    assert said_in(badge_class(HERE, criteria="https://x.example.org/c")).content.criteria_address == "https://x.example.org/c"
    assert said_in(badge, "https://other.example.org/b").content.address == "https://other.example.org/b", "where it was read counts"
    spelled = {"EN": "en", "FR-ca": "fr-CA", "zh-hans-cn": "zh-Hans-CN"}
    assert {tag: said_in({**badge, "@language": tag}).content.lang for tag in spelled} == spelled, "FR and fr are one language"


def test_open_badges_three_and_older_ones() -> None:
    third = said_in(badge_class(HERE, "3.0", achievementType="Competency", humanCode="C1", inLanguage="de", tag=["x"])).content
    assert (third.format, third.achievement_type, third.human_code, third.lang, third.tags) == ("ob3", "Competency", "C1", "de", ("x",))
    assert said_in(badge_class(HERE, "3.0", achievementType="Nonsense")).content.achievement_type == ""
    badgr = {"entityType": "BadgeClass", "entityId": "x", "openBadgeId": HERE, "name": "N", "criteriaNarrative": "C", "criteriaUrl": "https://x.example.org"}
    assert (said_in(badgr).content.criteria, said_in(badgr).content.address, said_in(badgr).content.format) == ("C", HERE, "")
    first = {"name": "n", "description": "d", "criteria": "https://x.example.org/c", "issuer": "https://x.example.org/i"}
    assert said_in(badge_in(first), HERE).content.lang == ""


@pytest.mark.parametrize("identity", ["", "urn:uuid:1", "ftp://x.example.org", "javascript:alert(1)", 3])
def test_what_has_no_address_cannot_be_read_again(identity: Any) -> None:
    with pytest.raises(InvalidInput, match="`id`"):
        said_in(badge_class(HERE) | {"id": identity})


def test_an_award_is_only_looked_at_for_its_badge() -> None:
    secret = {"type": "email", "identity": "somebody@example.org", "hashed": False}
    award = {"@context": "https://w3id.org/openbadges/v2", "type": "Assertion", "recipient": secret, "badge": badge_class(HERE)}
    badge = badge_in(award)
    assert badge["id"] == HERE
    assert "somebody" not in str(badge)
    credential = {"type": ["VerifiableCredential", "OpenBadgeCredential"], "credentialSubject": {"achievement": badge_class(HERE, "3.0")}, "@context": ["x"]}
    assert badge_in(credential)["type"] == ["Achievement"]
    for wrong, why in ((award | {"badge": HERE}, "give the address"), (ISSUER, "issuer"), ({}, "unknown"), ([], "object"), (3, "object")):
        with pytest.raises(InvalidInput, match=why):
            badge_in(wrong)


def test_lists_and_issuers_documents() -> None:
    badge = badge_class(HERE)
    assert parts_of(badge) is None
    assert parts_of([badge, "/b/2", 3], "https://x.example.org/list") == [badge, "https://x.example.org/b/2"]
    named = ISSUER | {"badges": [{"id": "/b/2"}, badge, ISSUER]}
    assert parts_of(named, "https://x.example.org/i") == ["https://x.example.org/b/2", badge]
    assert parts_of(ISSUER) == []
    assert parts_of({"status": {"success": True}, "result": [{"entityType": "BadgeClass", "entityId": "1", "name": "x"}]}) is not None
    assert parts_of({"x": 1}) is None


def test_texts_that_ask_for_badges() -> None:
    assert [each.address for each in wanted_of(f"{HERE}\n\n {HERE}2 ")] == [HERE, f"{HERE}2"]
    (row,) = wanted_of(f"\ufeffAdresse;Niveau;Mots-clés\n{HERE};practice:1;a,b\n")
    assert (row.address, row.more) == (HERE, {"level": "practice:1", "tags": "a,b"})
    wrongs = (("", "nothing"), ("a,b\n1,2", "column `address`"), ("address\n", "no line"), ("{", "no JSON"), ("[]", "no badge class"), ("hello", "column"))
    for wrong, why in wrongs:
        with pytest.raises(InvalidInput, match=why):
            wanted_of(wrong)
    with pytest.raises(TooLarge):
        wanted_of("\n".join(f"{HERE}{n}" for n in range(MOST_LINES + 1)))


def test_addresses_are_compared() -> None:
    same = ["http://X.example.org/b/", "https://x.example.org/b", "https://x.example.org/b#top"]
    assert {place_of(each) for each in same} == {"x.example.org/b"}
    assert place_of("https://x.example.org/B") != place_of("https://x.example.org/b")
    assert place_of("https://x.example.org/b?v=1") != place_of("https://x.example.org/b")


BEFORE = said_in(badge_class(HERE, description="alt"))
WORKING = replace(BEFORE.content, lang="fr", validity=36)


def says(**more: Any) -> Said:
    return said_in(badge_class(HERE, **({"description": "alt"} | more)))


def test_what_is_said_is_compared_as_it_is_kept() -> None:
    content = says(name="Pe\u0301trir", criteria={"id": "https://é.example/à?q=ü"}, tags=["  pain  "]).content
    assert (content.name, content.criteria_address, content.tags) == ("Pétrir", "https://xn--9ca.example/%C3%A0?q=%C3%BC", ("pain",))
    assert replace(content, lang="fr").cleaned() == replace(content, lang="fr")
    assert len(says(name="x" * 500).content.name) == 500, "what cannot be kept is said all the same"


def test_what_only_the_source_changed_is_taken_over() -> None:
    found = compared(WORKING, BEFORE, says(description="neu"), [])
    assert (found.taken, found.differs, found.content.description, found.content.validity) == (("description",), (), "neu", 36)
    assert compared(WORKING, BEFORE, BEFORE, []).taken == ()


def test_what_was_changed_here_too_stays_and_is_told() -> None:
    own = replace(WORKING, description="hier")
    found = compared(own, BEFORE, says(description="neu"), [])
    assert (found.taken, found.differs, found.content) == ((), ("description",), own)
    # What it said before is not known: nothing is taken over.
    found = compared(WORKING, None, says(description="neu"), [])
    assert (found.taken, found.differs) == ((), ("description",))


def test_what_cannot_be_kept_is_not_taken_over_and_holds_up_nothing() -> None:
    bad = says(name="x" * 500, description="neu")
    found = compared(WORKING, BEFORE, bad, [])
    assert (found.taken, found.differs, found.unfit, found.content.name) == (("description",), ("name",), ("name",), WORKING.name)
    kept = bad.but(BEFORE, found.unfit)
    assert (kept.content.name, kept.content.description) == (BEFORE.content.name, "neu")
    found = compared(found.content, kept, says(name="Gut", description="neu"), [])
    assert (found.taken, found.differs, found.unfit) == (("name",), (), ())


def test_what_it_no_longer_says_stays() -> None:
    assert compared(replace(WORKING, tags=("a",)), replace(BEFORE, content=replace(BEFORE.content, tags=("a",))), BEFORE, []).content.tags == ("a",)


def test_alignments() -> None:
    before = replace(BEFORE, concepts=("a", "b"), meant=(("a",), ("b",)))
    now = replace(BEFORE, concepts=("b2", "c"), meant=(("b", "b2"), ("c",)))
    bound = [("a", "hand"), ("b", "imported"), ("z", "hand")]
    found = compared(WORKING, before, now, bound)
    assert (found.lost, found.gained) == (("a",), ("c",)), "b was replaced by b2, and z was never named there"
    assert compared(WORKING, None, now, bound).lost == ()
    assert compared(WORKING, None, now, [("q", "imported")]).lost == ("q",)


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_nothing_that_was_typed_here_is_lost(before: str, here: str, there: str) -> None:
    was, now = replace(BEFORE, content=replace(BEFORE.content, name=before)), replace(BEFORE, content=replace(BEFORE.content, name=there))
    found = compared(replace(WORKING, name=here), was, now, [])
    assert found.content.name in (here, there)
    assert found.content.name == here or before == here


def test_what_is_kept_comes_back() -> None:
    said = replace(says(tags=["a"], image="data:image/png;base64," + "A" * 5_000), concepts=("a",), meant=(("a", "b"),))
    kept = Said.unpacked(said.packed())
    assert (kept.concepts, kept.meant, kept.content.tags) == (said.concepts, said.meant, ("a",))
    assert len(kept.image) < 100
    assert BadgeContent.of(kept.packed()).name == said.content.name
