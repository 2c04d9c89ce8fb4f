"""OpenID Connect with any provider: discovery, the authorization code flow with PKCE, and what an ID token has to prove before it is believed.

Authlib and joserfc check; every request goes through the guarded client. Nothing of a provider is trusted before its signature.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from wikic.errors import OutsideError, Unauthenticated
from wikic.outside.client import Fetched, GuardedClient

SCOPE: Final = "openid email profile"
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Signatures by the provider's own key only: none (`none`), and none by the shared secret, which is no proof of who made it."""
LEEWAY: Final = 60
"""Seconds by which the clocks may differ."""
_KEPT: Final = 3_600.0


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a provider says somebody is. Only `issuer` and `subject` identify; `email` counts where `email_verified`; `roles` are values of the asked claim."""

    issuer: str
    subject: str
    email: str = ""
    email_verified: bool = False
    name: str = ""
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """How this site is known to a provider."""

    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    roles_claim: str = ""


class Provider:
    """One provider; safe between threads. Its documents are kept for an hour, its keys until one is asked for that is not among them."""

    def __init__(self, settings: ProviderSettings, client: GuardedClient) -> None:
        self._settings, self._client = settings, client
        self._lock = threading.Lock()
        self._documents: dict[str, tuple[float, dict[str, Any]]] = {}

    @property
    def issuer(self) -> str:
        return self._settings.issuer

    def address(self, *, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Where a browser is sent. Raises OutsideError where the provider does not answer as it must."""
        found = prepare_grant_uri(
            self._endpoint("authorization_endpoint"),
            self._settings.client_id,
            "code",
            redirect_uri,
            SCOPE,
            state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return str(found)

    def identity(self, *, code: str, issuer: str, redirect_uri: str, nonce: str, verifier: str) -> Identity:
        """Who the browser that came back belongs to. `issuer`: the `iss` of the answer (RFC 9207), "" if there was none. Raises Unauthenticated for what does
        not prove it, OutsideError."""
        said = self._metadata().get("authorization_response_iss_parameter_supported") is True
        if (said or issuer) and issuer != self.issuer:
            raise Unauthenticated("the answer came from another identity provider than the one that was asked")
        tokens = self._tokens(code, redirect_uri, verifier)
        access = str(tokens.get("access_token") or "")
        claims = self._claims(str(tokens.get("id_token") or ""), nonce, access)
        if access and "userinfo_endpoint" in self._metadata() and not {"email", self._settings.roles_claim or "email"} <= claims.keys():
            claims = self._userinfo(access, str(claims["sub"])) | claims
        return self._identity(claims)

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        roles: Any = claims
        # A path such as realm_access.roles, unless a claim has that very name.
        for part in [self._settings.roles_claim] if self._settings.roles_claim in claims else self._settings.roles_claim.split("."):
            roles = roles.get(part) if isinstance(roles, Mapping) else None
        listed = [roles] if isinstance(roles, str) else roles if isinstance(roles, list) else []
        name = claims.get("name") or claims.get("preferred_username") or ""
        return Identity(
            self.issuer,
            str(claims["sub"]),
            str(claims.get("email") or ""),
            claims.get("email_verified") is True,
            str(name),
            tuple(value for value in listed if isinstance(value, str)),
        )

    def _tokens(self, code: str, redirect_uri: str, verifier: str) -> dict[str, Any]:
        settings, headers = self._settings, {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
        methods = self._metadata().get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if settings.client_secret and "client_secret_basic" in methods:
            # RFC 6749, 2.3.1: both are form-encoded before they are joined.
            pair = f"{quote(settings.client_id, safe='')}:{quote(settings.client_secret, safe='')}"
            headers["authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        else:
            form["client_id"] = settings.client_id
            if settings.client_secret:
                form["client_secret"] = settings.client_secret
        answer = self._client.fetch(
            self._endpoint("token_endpoint"), method="POST", headers=headers, body=urlencode(form).encode(), max_redirects=0
        )
        if answer.status in (400, 401):
            # The code was used, is old, or belongs to another browser; or this site's secret is wrong.
            error = _object(answer).get("error")
            raise Unauthenticated(f"the identity provider did not accept the sign-in ({str(error)[:60]}): begin again")
        return _object(answer, must=200)

    def _claims(self, token: str, nonce: str, access_token: str) -> dict[str, Any]:
        """The claims of an ID token, after everything about it was checked. Raises Unauthenticated."""
        try:
            try:
                found = jwt.decode(token, self._keys(), algorithms=list(ALGORITHMS))
            except InvalidKeyIdError:
                found = jwt.decode(token, self._keys(fresh=True), algorithms=list(ALGORITHMS))
            options: Any = {"iss": {"essential": True, "value": self.issuer}}
            params = {"nonce": nonce, "client_id": self._settings.client_id, "access_token": access_token}
            CodeIDToken(found.claims, found.header, options, params).validate(leeway=LEEWAY)
            claims = dict(found.claims)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise Unauthenticated(f"the identity provider's answer proves nothing ({type(error).__name__}): begin again") from error
        audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        if self._settings.client_id not in audience or (len(audience) > 1 and claims.get("azp") != self._settings.client_id):
            raise Unauthenticated("the identity provider's answer is meant for another site: begin again")
        if claims.get("nonce") != nonce or not isinstance(claims.get("sub"), str) or not claims["sub"]:
            raise Unauthenticated("the identity provider's answer is not that to this sign-in: begin again")
        return claims

    def _userinfo(self, access_token: str, subject: str) -> dict[str, Any]:
        answer = self._client.fetch(
            self._endpoint("userinfo_endpoint"), headers={"authorization": f"Bearer {access_token}", "accept": "application/json"}
        )
        found = _object(answer, must=200)
        if found.get("sub") != subject:
            raise Unauthenticated("the identity provider tells of somebody else: begin again")
        return found

    def _keys(self, *, fresh: bool = False) -> KeySet:
        return KeySet.import_key_set(self._document(self._endpoint("jwks_uri"), fresh=fresh))  # type: ignore[arg-type]

    def _metadata(self) -> dict[str, Any]:
        found = self._document(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.issuer:
            raise OutsideError(f"the identity provider calls itself {str(found.get('issuer'))[:200]!r}, not {self.issuer!r}: mend WIKIC_OIDC_ISSUER")
        return found

    def _endpoint(self, name: str) -> str:
        address = self._metadata().get(name)
        if not isinstance(address, str) or (urlsplit(self.issuer).scheme == "https" and not address.startswith("https://")):
            raise OutsideError(f"the identity provider {self.issuer} names no usable {name}")
        return address

    def _document(self, address: str, *, fresh: bool = False) -> dict[str, Any]:
        with self._lock:
            kept = self._documents.get(address)
        if kept is not None and not fresh and time.monotonic() < kept[0] + _KEPT:
            return kept[1]
        found = _object(self._client.fetch(address, headers={"accept": "application/json"}), must=200)
        with self._lock:
            self._documents[address] = (time.monotonic(), found)
        return found


def _object(answer: Fetched, must: int = 0) -> dict[str, Any]:
    where = answer.url.partition("?")[0][:200]
    if must and answer.status != must:
        raise OutsideError(f"the identity provider answered {answer.status} at {where}")
    try:
        found = json.loads(answer.body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise OutsideError(f"the identity provider did not answer with JSON at {where}")
    return found
