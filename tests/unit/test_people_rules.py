"""What names, addresses, passwords, roles and the numbers of organisations must look like."""

from __future__ import annotations

import pytest
from argon2.exceptions import VerifyMismatchError

from wikic.crypto.passwords import Passwords
from wikic.domain.access import ROLES, Grant
from wikic.domain.accounts import check_grant, check_password, clean_email, clean_name, device_of, email_key, name_key
from wikic.domain.ids import new_uuid
from wikic.domain.organisations import (
    Profile,
    check_idcc,
    check_siren,
    check_siret,
    check_site,
    check_slug,
    luhn,
    suggest_slug,
)
from wikic.domain.texts import check_comment, check_text
from wikic.errors import InvalidInput
from wikic.services.accounts_oidc import parse_roles
from wikic.web.forms import local


@pytest.mark.parametrize(
    ("text", "clean"),
    [(" Ada@Example.ORG ", "Ada@example.org"), ("ada@bücher.example", "ada@xn--bcher-kva.example"), ("a.b+c@x.org", "a.b+c@x.org")],
)
def test_addresses(text: str, clean: str) -> None:
    assert clean_email(text) == clean
    assert email_key(text) == clean.casefold()
    assert email_key(text.upper()) == email_key(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "ada", "a@b", "a@b@c.org", "a b@c.org", "a@.org", "a@c.", "a@c..org", "a\u0000@c.org", "a@c.org\nBcc: x@y.org", "<a@c.org>",
        f"{'a' * 65}@c.org", "=?utf-8?q?=0Ax?=@c.org", "a@=?utf-8?q?c.org", "a@c\ufe0fd.org", "a@c\u034fd.org", "a\ufe0f@c.org",
    ],
)  # fmt: skip
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(InvalidInput):
        clean_email(text)


def test_names() -> None:
    assert clean_name("  Ada   Lovelace ") == "Ada Lovelace"
    assert clean_name("Éloïse d'Arc-Bée 2.0") == "Éloïse d'Arc-Bée 2.0"
    assert name_key("ÉLOÏSE  D’Arc") == name_key("eloise d’arc")
    for text in ("", "a", "12", "a@b", "<i>ab</i>", "a\u202eb", "a\u0007b", "ab" * 50):
        with pytest.raises(InvalidInput):
            clean_name(text)


def test_passwords_that_are_guessed_first() -> None:
    for good in ("correct horse battery", "Пароль из слов", "l'été à la plage"):
        check_password(good, "Ada", "ada@example.org")
    for bad in ("", "elevenchars", "abababababab", "qwertyuiopas", "password password", "motdepasse motdepasse", "ada.lovelace", "AdaLovelace12", "x" * 300):
        with pytest.raises(InvalidInput):
            check_password(bad, "Ada Lovelace", "Ada.Lovelace", "adalovelace")


def test_password_hashes() -> None:
    cheap = Passwords(time=1, memory=64, parallelism=1)
    kept = cheap.hash("e\u0301te\u0301 and more")
    assert kept.startswith("$argon2id$")
    assert cheap.verify(kept, "\u00e9t\u00e9 and more"), "the same letters, composed"
    assert not cheap.verify(kept, "other")
    assert not cheap.verify("", "nobody's password"), "who has none signs in by none"
    assert not cheap.needs_rehash(cheap._of_nobody), "as much work as any other"
    with pytest.raises(VerifyMismatchError):
        cheap._hasher.verify(cheap._of_nobody, "nobody's password")
    assert not cheap.verify("nonsense", "other")
    long = "long " * 300
    assert not cheap.verify(cheap.hash(long), long), "what is cut off never matches"
    assert not cheap.needs_rehash(kept)
    assert Passwords(time=2, memory=64, parallelism=1).needs_rehash(kept)
    assert "m=65536,t=3,p=4" in Passwords().hash("x")


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36 Edg/120.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1 (KHTML, like Gecko) Version/17.0 Safari/604.1", "Safari, iPhone"),
        ("curl/8.5.0", "curl"),
        ("<script>", ""),
    ],
)
def test_devices(agent: str, device: str) -> None:
    assert device_of(agent) == device


@pytest.mark.parametrize("name", ["A\u3164", "\u3164\u3164", "Ada\ufe0f", "Ad\u2800a", "Ada\u202e", "Wiki-C", "WIKI C", "wikic."])
def test_names_that_nobody_sees_or_that_are_the_program_s_own(name: str) -> None:
    with pytest.raises(InvalidInput):
        clean_name(name)


@pytest.mark.parametrize("scope", ["scheme:nonsense", "subtree:notauuid", "scheme:", "tree:x"])
def test_roles_of_parts_that_do_not_exist(scope: str) -> None:
    with pytest.raises(InvalidInput, match=r"esco, |uuid|scheme:NAME"):
        check_grant(Grant("moderator", scope), ROLES)


def test_grants() -> None:
    for good in (Grant("contributor"), Grant("moderator", "branch:0843"), Grant("moderator", f"subtree:{new_uuid()}")):
        check_grant(good, ROLES)
    assert parse_roles("editors=moderator@scheme:rome, a=b=admin,") == {"editors": Grant("moderator", "scheme:rome"), "a=b": Grant("admin")}
    for bad in ("editors", "=admin", "editors=king", "editors=admin@scheme:rome"):
        with pytest.raises(InvalidInput):
            parse_roles(bad)


def test_characters_of_texts() -> None:
    family = "Équipe \U0001f468\u200d\U0001f469\u200d\U0001f467 نامه\u200cای"
    assert check_text("name", f" {family}", 40) == family, "what joins signs and letters, or parts them, means something"
    assert check_text("name", "boulan\u00adgerie", 40) == "boulangerie"
    for bad in ("\u202e", "\u200b", "\x00", "\ud800"):
        with pytest.raises(InvalidInput, match="cannot be shown"):
            check_text("name", f"a{bad}b", 40)
    assert check_text("name", "two\r\nlines", 40) == "two\nlines"


def test_a_comment_says_something() -> None:
    assert check_comment(" \U0001f44d ", 40) == "\U0001f44d"
    for nothing in ("", " \n ", "\u2800"):
        with pytest.raises(InvalidInput, match="1 to 40 characters"):
            check_comment(nothing, 40)
    with pytest.raises(InvalidInput, match="more than 40 characters"):
        check_comment("x" * 41, 40)


def test_check_digits() -> None:
    assert luhn("732829320")
    assert not luhn("732829321")
    assert check_siren(" 732 829 320 ") == "732829320"
    assert check_siret("732 829 320 00074") == "73282932000074"
    assert check_siret("35600000049837") == "35600000049837", "the post's numbers are checked by their sum"
    assert (check_siren(""), check_siret(" ")) == ("", "")
    for bad in ("73282932", "7328293200", "73282932O", "٧٣٢٨٢٩٣٢٠"):
        with pytest.raises(InvalidInput):
            check_siren(bad)
    for bad in ("73282932000075", "7328293200007", "35600000049838"):
        with pytest.raises(InvalidInput):
            check_siret(bad)


def test_profiles() -> None:
    profile = Profile(siret="73282932000074", idcc=("843", "IDCC 1505", "0843"), territories=("frk26", "69", "2A004"), country="fr").cleaned()
    assert (profile.siren, profile.idcc, profile.territories, profile.country) == ("732829320", ("0843", "1505"), ("FRK26", "69", "2A004"), "FR")
    assert Profile.of(profile.packed()) == profile
    for bad in (
        Profile(siren="552100554", siret="73282932000074"), Profile(idcc=("12345",)), Profile(territories=("Lyon!",)), Profile(country="France"),
        Profile(territories=("Lille",)), Profile(territories=("LYON",)),
        Profile(site="javascript:alert(1)"), Profile(description="x" * 4_001), Profile(city="a\u0000b"), Profile(territories=tuple(map(str, range(100, 160)))),
    ):  # fmt: skip
        with pytest.raises(InvalidInput):
            bad.cleaned()
    assert check_idcc("16") == "0016"
    assert check_site("https://example.org/a?b=c") == "https://example.org/a?b=c"
    for bad_site in (
        "ftp://example.org", "//example.org", "https://a:b@example.org", "https://", "http://[x", "https://x.org:99999/", "https://x y.org/",
        "https://x.org/a\r\nb", "https://x.org\\@y.org/", "https://x..org/", "https://x.org/\ud800",
    ):  # fmt: skip
        with pytest.raises(InvalidInput):
            check_site(bad_site)


@pytest.mark.parametrize(
    ("text", "uri"),
    [
        ("https://é.example/à?q=ü#ç", "https://xn--9ca.example/%C3%A0?q=%C3%BC#%C3%A7"), ("http://é.example:8080/", "http://xn--9ca.example:8080/"),
        ("https://example.org/100%/%C3%A9", "https://example.org/100%/%C3%A9"), ("http://[2001:db8::1]:8080/a", "http://[2001:db8::1]:8080/a"),
        ('https://example.org/"<a>|', "https://example.org/%22%3Ca%3E%7C"),
    ],
)  # fmt: skip
def test_addresses_are_kept_as_programs_write_them(text: str, uri: str) -> None:
    assert check_site(text) == check_site(uri) == uri


def test_slugs() -> None:
    assert check_slug(" boulangerie-martin ") == "boulangerie-martin"
    assert suggest_slug("L'Élan & Cie") == "l-elan-cie"
    for bad in ("a", "A-b", "a--b", "-ab", "public", "accounts", "new", "é", "a" * 41, "a/b"):
        with pytest.raises(InvalidInput):
            check_slug(bad)


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("/tree?a=1#b", "/tree?a=1#b"), ("", "/"), ("https://evil.example", "/"), ("//evil.example", "/"), ("/\\evil", "/"), ("/a\\b", "/"),
        ("/\t/evil", "/"), ("javascript:alert(1)", "/"), ("tree", "/"),
    ],
)  # fmt: skip
def test_addresses_of_this_site(address: str, found: str) -> None:
    assert local(address) == found
