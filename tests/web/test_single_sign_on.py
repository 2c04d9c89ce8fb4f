"""Signing in through a real identity provider: the whole way of a browser, there and back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
import pytest
from starlette.testclient import TestClient

from tests.flows.people_world import CHEAP
from tests.oidc_server import provider_for_tests
from tests.people import OPERATOR, PASSWORD, make_person, signed_in
from tests.sample_world import World
from tests.started import started
from tests.web.conftest import PUBLIC_URL
from tests.web.people_site import post
from tests.web.test_pages import HTML
from wikic.domain.access import Grant
from wikic.outside.client import GuardedClient
from wikic.outside.oidc import Provider, ProviderSettings
from wikic.services.accounts import AccountRules
from wikic.services.accounts_oidc import parse_roles
from wikic.services.accounts_parts import AccountServices
from wikic.store import documents
from wikic.store.engine import WriteTransaction
from wikic.store.tables import USERS
from wikic.web.acting import SESSION_COOKIE

PEOPLE = {
    "nora": {"email": "nora@example.org", "email_verified": True, "name": "Nora Neuf", "groups": ["editors", "others"]},
    "liam": {"email": "liam@example.org", "email_verified": True, "name": "Liam"},
    "otto": {"email": "otto@example.org", "email_verified": False, "name": "Otto"},
    "paul": {"email": "paul@example.org", "email_verified": True, "name": "Paul"},
    "lena": {"email": "lena@example.org", "email_verified": True, "name": "<script>"},
}
ROLES = "editors=moderator@scheme:rome,staff=contributor"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with provider_for_tests(PEOPLE) as found:
        yield found


@pytest.fixture
def site(world: World, issuer: str) -> Iterator[TestClient]:
    """A browser on a site whose accounts come from the provider."""
    known = ProviderSettings(issuer, "wikic", "a secret / with + signs", "groups")
    provider = Provider(known, GuardedClient(allow_private=True))
    people = AccountServices.of(
        world.app.engine, AccountRules("oidc", PUBLIC_URL), passwords=CHEAP, provider=provider, provider_name="The Guild",
        provider_roles=parse_roles(ROLES),
    )  # fmt: skip
    before, world.app.people = world.app.people, people
    with TestClient(started(world.app, PUBLIC_URL), base_url=PUBLIC_URL, follow_redirects=False) as client:
        client.headers.update(HTML | {"Accept-Language": "en"})
        yield client
    world.app.people = before


def at_the_provider(start: str, login: str) -> str:
    """What a person does there: type a name, agree; the address that the browser is sent back to."""
    with httpx2.Client(follow_redirects=False, trust_env=False) as browser:
        answer = browser.get(start)
        for _ in range(12):
            if answer.is_redirect:
                address = urljoin(str(answer.url), answer.headers["location"])
                if address.startswith(PUBLIC_URL):
                    return address
                answer = browser.get(address)
                continue
            form = re.search(r'<form[^>]* action="([^"]+)"', answer.text)
            assert form, answer.text[:500]
            prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
            fields = {"prompt": prompt[1] if prompt else "login", "login": login, "password": "any"}
            answer = browser.post(urljoin(str(answer.url), form[1]), data=fields)
    raise AssertionError("the provider never sent the browser back")


def sign_in(site: TestClient, login: str, following: str = "/schemes") -> httpx2.Response:
    begun = site.get("/sign-in/oidc", params={"next": following})
    assert begun.status_code == 303, begun.text
    return site.get(at_the_provider(begun.headers["location"], login))


def link(site: TestClient, login: str) -> httpx2.Response:
    """Link the account of who is signed in, by the form of the security page and the page that it leads to."""
    page = post(site, "/account/identity")
    assert page.status_code == 200, page.text
    found = re.search(r'class="button" href="([^"]+)"', page.text)
    assert found
    return site.get(at_the_provider(unescape(found[1]), login))


def test_a_new_person_comes_by_the_provider(site: TestClient, world: World) -> None:
    assert "Sign in with The Guild" in site.get("/sign-in").text
    answer = sign_in(site, "nora")
    assert (answer.status_code, answer.headers["location"]) == (303, "/schemes")
    assert "Nora Neuf" in site.get("/schemes").text
    person = world.app.accounts.person("nora@example.org")
    assert set(person.grants) == {Grant("contributor"), Grant("moderator", "scheme:rome")}
    assert not person.has_password
    assert len(person.identities) == 1
    # Again: the same account. What an admin gave stays, what the provider gives no more does not.
    signed_in(site, world.app, None)
    world.app.accounts.grant("Nora Neuf", Grant("moderator", "scheme:esco"), actor=OPERATOR)
    sign_in(site, "nora")
    assert world.app.accounts.person("nora@example.org").id == person.id
    world.app.people.single_sign_on._roles.pop("editors")
    sign_in(site, "nora")
    assert set(world.app.accounts.person(person.id).grants) == {Grant("contributor"), Grant("moderator", "scheme:esco")}


def test_an_address_alone_opens_no_account_that_has_another_key(site: TestClient, world: World) -> None:
    if world.app.accounts.find_row("Liam Local") is None:
        world.app.accounts.add("Liam Local", "liam@example.org", actor=OPERATOR, password=PASSWORD)
    answer = sign_in(site, "liam")
    assert answer.status_code == 409
    assert "sign in to it as you did before" in answer.text
    assert SESSION_COOKIE not in site.cookies
    # Signed in as before, the owner links it; from then on the provider is enough.
    signed_in(site, world.app, make_person(world.app, "Liam Local"))
    assert "Link to The Guild" in site.get("/account/security").text
    assert 'action="/account/identity"' in site.get("/account/security").text
    assert link(site, "liam").headers["location"] == "/account/security"
    assert "linked to The Guild" in site.get("/account/security").text
    signed_in(site, world.app, None)
    assert sign_in(site, "liam").status_code == 303
    assert "Liam Local" in site.get("/account").text
    # The identity is somebody's now.
    other = make_person(world.app, "Somebody Else")
    signed_in(site, world.app, other)
    assert link(site, "liam").status_code == 409
    # An address that any site may lead to signs in; it links nothing to who is here.
    sign_in(site, "liam")
    assert "Liam Local" in site.get("/account").text
    assert world.app.accounts.person(other.id).identities == ()
    signed_in(site, world.app, None)
    assert post(site, "/account/identity").status_code in (303, 401)


def test_a_confirmed_address_without_any_key_is_linked(site: TestClient, world: World) -> None:
    if world.app.accounts.find_row("Paul Prepared") is None:
        world.app.accounts.add("Paul Prepared", "paul@example.org", actor=OPERATOR)
    assert sign_in(site, "paul").status_code == 409, "the address was never confirmed here"
    user = world.app.accounts.person("Paul Prepared").id

    def confirm(tx: WriteTransaction) -> None:
        documents.change(tx, USERS, user, {"email_confirmed": True})

    world.app.engine.write(confirm)
    assert sign_in(site, "paul").status_code == 303
    assert "Paul Prepared" in site.get("/account").text


def test_an_address_that_is_not_verified_counts_for_nothing(site: TestClient, world: World) -> None:
    assert sign_in(site, "otto").status_code == 303
    assert world.app.accounts.person("Otto").email == ""


def test_a_name_that_cannot_be_used_here_is_replaced(site: TestClient) -> None:
    assert sign_in(site, "lena").status_code == 303
    assert "lena" in site.get("/account").text


def test_what_comes_back_must_belong_to_this_browser_and_moment(site: TestClient) -> None:
    begun = site.get("/sign-in/oidc")
    back = at_the_provider(begun.headers["location"], "nora")
    query = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    assert query["iss"]
    # Somebody else's browser: it has no such cookie.
    with TestClient(site.app, base_url=PUBLIC_URL, follow_redirects=False, headers=HTML) as other:
        assert other.get(back).status_code == 401
    held = site.cookies["wikic_oidc"]
    # Another issuer (mix-up).
    answer = site.get("/sign-in/oidc/callback", params=query | {"iss": "https://evil.example"})
    assert answer.status_code == 401
    # The state was used by that.
    site.cookies.set("wikic_oidc", held, path="/sign-in")
    assert site.get(back).status_code == 401
    # A code that belongs to another sign-in: its verifier is not this one's.
    first = at_the_provider(site.get("/sign-in/oidc").headers["location"], "nora")
    code = parse_qs(urlsplit(first).query)["code"][0]
    second = parse_qs(urlsplit(at_the_provider(site.get("/sign-in/oidc").headers["location"], "nora")).query)
    answer = site.get("/sign-in/oidc/callback", params={"code": code, "state": second["state"][0], "iss": second["iss"][0]})
    assert answer.status_code == 401
    assert "did not accept" in answer.text
    assert SESSION_COOKIE not in site.cookies
    # Refused there.
    state = parse_qs(urlsplit(site.get("/sign-in/oidc").headers["location"]).query)["state"][0]
    answer = site.get("/sign-in/oidc/callback", params={"error": "access_denied", "state": state})
    assert answer.status_code == 401
    assert "access_denied" in answer.text


def test_without_open_doors_no_account_is_made(site: TestClient, world: World) -> None:
    rules = AccountRules("invitation", PUBLIC_URL)
    world.app.people.accounts.rules = rules
    if world.app.accounts.find_row("nobody@example.org") is None:
        answer = sign_in(site, "stranger")
        assert answer.status_code == 403
        assert "ask for one" in answer.text
    # A disabled account stays closed.
    world.app.people.accounts.rules = AccountRules("oidc", PUBLIC_URL)
    sign_in(site, "otto")
    signed_in(site, world.app, None)
    world.app.accounts.disable("Otto", actor=OPERATOR)
    assert sign_in(site, "otto").status_code == 403
    world.app.accounts.enable("Otto", actor=OPERATOR)
