"""What an ID token has to prove: signature, issuer, audience, time, nonce; and what a provider's documents must say. Over a provider made of tables."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from wikic.errors import OutsideError, Unauthenticated
from wikic.outside.client import Fetched, GuardedClient
from wikic.outside.oidc import Identity, Provider, ProviderSettings

ISSUER = "https://login.example.org"
BACK = "https://skills.example.org/sign-in/oidc/callback"


class Tables(GuardedClient):
    """Answers by address; remembers the forms it was sent."""

    def __init__(self) -> None:
        super().__init__()
        self.key = ECKey.generate_key("P-256", {"kid": "one"}, private=True)
        self.metadata: dict[str, Any] = {
            "issuer": ISSUER, "authorization_endpoint": f"{ISSUER}/go", "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys", "userinfo_endpoint": f"{ISSUER}/me",
        }  # fmt: skip
        self.tokens: dict[str, Any] = {}
        self.status = 200
        self.userinfo: dict[str, Any] = {"sub": "s1", "email": "ada@example.org", "email_verified": True, "roles": {"all": ["x"]}}
        self.forms: list[tuple[dict[str, list[str]], str]] = []

    def fetch(self, url: str, *, method: str = "GET", headers: Mapping[str, str] | None = None, body: bytes | None = None, **_: Any) -> Fetched:
        if method == "POST":
            self.forms.append((parse_qs((body or b"").decode()), (headers or {}).get("authorization", "")))
        known = {
            f"{ISSUER}/.well-known/openid-configuration": self.metadata,
            f"{ISSUER}/keys": {"keys": [self.key.as_dict(private=False)]},
            f"{ISSUER}/token": self.tokens,
            f"{ISSUER}/me": self.userinfo,
        }
        return Fetched(self.status if method == "POST" else 200, {}, json.dumps(known[url]).encode(), url, 0.0)

    def claims(self, **more: Any) -> dict[str, Any]:
        now = int(time.time())
        base = {"iss": ISSUER, "sub": "s1", "aud": "us", "iat": now, "exp": now + 300, "nonce": "n1"}
        return {name: value for name, value in (base | more).items() if value is not None}

    def sign(self, claims: dict[str, Any], **header: Any) -> None:
        self.tokens = {"access_token": "at", "id_token": jwt.encode({"alg": "ES256", "kid": "one"} | header, claims, self.key)}


@pytest.fixture
def tables() -> Tables:
    return Tables()


@pytest.fixture
def provider(tables: Tables) -> Provider:
    return Provider(ProviderSettings(ISSUER, "us", "s&cret that only two know", "roles.all"), tables)


def come_back(provider: Provider, issuer: str = "") -> Identity:
    return provider.identity(code="c", issuer=issuer, redirect_uri=BACK, nonce="n1", verifier="v" * 43)


def test_where_the_browser_is_sent(provider: Provider) -> None:
    address = urlsplit(provider.address(redirect_uri=BACK, state="s", nonce="n1", verifier="v" * 43))
    query = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert (address.netloc, address.path) == ("login.example.org", "/go")
    assert query.pop("code_challenge") != "v" * 43
    assert query == {
        "response_type": "code", "client_id": "us", "redirect_uri": BACK, "scope": "openid email profile", "state": "s", "nonce": "n1",
        "code_challenge_method": "S256",
    }  # fmt: skip


def test_a_good_token(tables: Tables, provider: Provider) -> None:
    tables.sign(tables.claims(name="Ada"))
    assert come_back(provider) == Identity(ISSUER, "s1", "ada@example.org", True, "Ada", ("x",))
    form, authorization = tables.forms[0]
    assert form["code_verifier"] == ["v" * 43]
    assert authorization.startswith("Basic ")
    assert "client_secret" not in form
    tables.metadata["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    come_back(Provider(ProviderSettings(ISSUER, "us", "s&cret that only two know"), tables))
    assert tables.forms[-1][0]["client_secret"] == ["s&cret that only two know"]


def test_only_a_true_verified_counts(tables: Tables, provider: Provider) -> None:
    tables.userinfo["email_verified"] = "true"
    tables.sign(tables.claims())
    assert not come_back(provider).email_verified


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://evil.example"}, {"aud": "others"}, {"aud": ["us", "others"]}, {"aud": ["us"], "azp": "others"}, {"exp": 1},
        {"iat": 4_000_000_000}, {"nonce": "n2"}, {"nonce": None}, {"sub": None}, {"sub": ""}, {"exp": None}, {"iat": None}, {"aud": None},
        {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    ],
    ids=str,
)  # fmt: skip
def test_tokens_that_prove_nothing(tables: Tables, provider: Provider, wrong: dict[str, Any]) -> None:
    tables.sign(tables.claims(**wrong))
    with pytest.raises(Unauthenticated):
        come_back(provider)


def test_signatures_that_prove_nothing(tables: Tables, provider: Provider) -> None:
    theirs = ECKey.generate_key("P-256", {"kid": "one"}, private=True)
    forged = jwt.encode({"alg": "ES256", "kid": "one"}, tables.claims(), theirs)
    shared = jwt.encode({"alg": "HS256"}, tables.claims(), OctKey.import_key("s&cret that only two know"))
    head, body, _ = forged.split(".")
    unsigned = "eyJhbGciOiJub25lIn0." + body + "."
    for token in (forged, shared, unsigned, f"{head}.{body}.", "", "nonsense", "a.b.c"):
        tables.tokens = {"id_token": token}
        with pytest.raises(Unauthenticated):
            come_back(provider)


def test_a_key_that_is_new_is_fetched(tables: Tables, provider: Provider) -> None:
    tables.sign(tables.claims())
    come_back(provider)
    tables.key = ECKey.generate_key("P-256", {"kid": "two"}, private=True)
    tables.sign(tables.claims(), kid="two")
    assert come_back(provider).subject == "s1"


def test_answers_of_others(tables: Tables, provider: Provider) -> None:
    tables.sign(tables.claims())
    with pytest.raises(Unauthenticated, match="another identity provider"):
        come_back(provider, "https://evil.example")
    tables.metadata["authorization_response_iss_parameter_supported"] = True
    other = Provider(ProviderSettings(ISSUER, "us"), tables)
    with pytest.raises(Unauthenticated, match="another identity provider"):
        come_back(other)
    assert come_back(other, ISSUER).subject == "s1"
    tables.userinfo["sub"] = "s2"
    with pytest.raises(Unauthenticated, match="somebody else"):
        come_back(provider)
    tables.status, tables.tokens = 400, {"error": "invalid_grant"}
    with pytest.raises(Unauthenticated, match="invalid_grant"):
        come_back(provider)
    tables.status = 500
    with pytest.raises(OutsideError, match="500"):
        come_back(provider)


def test_documents_that_cannot_be_used(tables: Tables) -> None:
    for wrong in ({"issuer": "https://evil.example"}, {"authorization_endpoint": None}, {"authorization_endpoint": "http://login.example.org/go"}):
        tables.metadata |= {"issuer": ISSUER, "authorization_endpoint": f"{ISSUER}/go"} | wrong
        with pytest.raises(OutsideError):
            Provider(ProviderSettings(ISSUER, "us"), tables).address(redirect_uri=BACK, state="s", nonce="n", verifier="v" * 43)
