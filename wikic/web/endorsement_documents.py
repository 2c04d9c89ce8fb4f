"""Endorsements at their permanent addresses, as documents of Open Badges 2.0 and 3.0, signed tokens, or pages; what was revoked; the keys that sign.

One that was revoked is answered as its verifiers understand: 410 with the reason by Open Badges 2.0; by 3.0 the credential stays, and the list that it names
says so. Pages are made by whoever sets `app.state.endorsement_page`.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Path, Request, Response

from wikic.crypto.tokens_signed import did_document, did_of, key_address, public_jwk
from wikic.domain.access import NOBODY
from wikic.domain.endorsements import ENDORSER_KINDS, Endorsement, Named
from wikic.domain.endorsements_documents import ob2_endorsement, ob2_profile, revocation_list
from wikic.errors import NotFound
from wikic.services.endorsing import Endorsing
from wikic.services.endorsing_credentials import credentials, token
from wikic.web import examples_endorsing as examples
from wikic.web.acting import CurrentActor
from wikic.web.api_proposals_tools import PRIVATE
from wikic.web.dependencies import public_url
from wikic.web.endorsing_services import Endorsers, signer_of
from wikic.web.errors import problem
from wikic.web.etags import JSON, content_etag, matches
from wikic.web.negotiation import Form, choose, named
from wikic.web.openapi import ETAG, Responses, forms, refusals
from wikic.web.schemas_endorsing import JwkSetShape, JwkShape

JSON_LD: Final = "application/ld+json"
CREDENTIAL: Final = "application/vc"
TOKEN: Final = "application/vc+jwt"  # noqa: S105
DID: Final = "application/did+json"
FORMS: Final = (
    Form("ob2.json", JSON_LD),
    Form("ob2.json", JSON),
    Form("html", "text/html"),
    Form("ob3.json", CREDENTIAL),
    Form("ob3.json", "application/vc+ld+json"),
    Form("jwt", TOKEN),
    Form("jwt", "application/jwt"),
)
"""What an endorsement can be had as. Verifiers of Open Badges 2.0 ask its address for JSON; those of 3.0 hold the credential already."""

_VARY: Final = {"Vary": "Accept, Accept-Language, Authorization, Cookie"}
_ANY_ORIGIN: Final = {"Access-Control-Allow-Origin": "*"}

router = APIRouter(tags=["linked data"])


def _gone(*medias: str) -> Responses:
    return {410: {"description": "It was revoked.", "content": {media: {"schema": {"type": "object"}} for media in medias}}}


@router.get(
    "/e/revocations",
    operation_id="revoked_endorsements",
    summary="The endorsements that were revoked (1EdTechRevocationList)",
    response_model=None,
    responses={
        200: {"description": "Ids of credentials, with reasons.", "content": {JSON: {"schema": {"type": "object"}}}, "headers": {"ETag": ETAG}},
        304: {"description": "The client has it already."},
        **refusals(400, 503),
    },
)
def revoked_endorsements(request: Request, services: Endorsers) -> Response:
    base = public_url(request)
    # Whoever asks: a list for everybody holds nothing that is for some.
    body = revocation_list(services.endorsements.revoked(NOBODY), did_of(base) or base, base)
    return _tagged(request, orjson.dumps(body), JSON)


@router.get(
    "/e/profiles/{kind}/{id}",
    operation_id="endorser_profile",
    summary="Who endorses, as a Profile of Open Badges 2.0",
    response_model=None,
    responses=forms([JSON_LD], 404),
)
def endorser_profile(
    request: Request,
    services: Endorsers,
    kind: Annotated[str, Path(description="organisation or user.", max_length=20)],
    id: Annotated[str, Path(description="The short name, or the user's id.", max_length=60)],
) -> Response:
    if kind not in ENDORSER_KINDS:
        raise NotFound(f"nobody here endorses as {kind[:40]}/{id}: {' or '.join(ENDORSER_KINDS)}")
    endorser = services.endorsements.endorser(Named(kind, id))
    return _tagged(request, orjson.dumps(ob2_profile(endorser, public_url(request))), JSON_LD)


@router.get(
    "/e/{name}",
    operation_id="endorsement_document",
    summary="An endorsement under its permanent address: its id, and .ob2.json, .ob3.json, .jwt or .html for one form",
    response_model=None,
    responses=forms([JSON_LD, JSON, "text/html", CREDENTIAL, "application/vc+ld+json", TOKEN, "application/jwt"], 401, 404, 406) | _gone(JSON_LD, JSON),
)
def endorsement(
    request: Request, services: Endorsers, actor: CurrentActor, name: Annotated[str, Path(description="An id, with or without a suffix.", max_length=100)]
) -> Response:
    identity, dot, suffix = name.partition(".")
    form = named(FORMS, suffix) if dot else choose(FORMS, request.headers.get("accept"))
    made = services.endorsements.get(identity, actor)
    if form is None:
        available = [{"media_type": each.media, "address": f"{public_url(request)}/e/{identity}.{each.suffix}"} for each in FORMS]
        detail = f"this can be had as {', '.join(each.media for each in FORMS)}"
        return problem(request, 406, "not-acceptable", detail, _VARY, available=available)
    if form.suffix == "html":
        answer: Response = request.app.state.endorsement_page(request, made)
        answer.headers["Vary"] = _VARY["Vary"]
        return answer
    if form.suffix == "jwt":
        signed = token(_credential(services.endorsements, made, public_url(request)), signer_of(request), public_url(request))
        return _tagged(request, signed.encode(), form.media)
    if form.suffix == "ob3.json":
        return _tagged(request, orjson.dumps(_credential(services.endorsements, made, public_url(request))), form.media)
    endorser = services.endorsements.endorsers([made])[made.endorser]
    content = orjson.dumps(ob2_endorsement(made, endorser, public_url(request)))
    return _tagged(request, content, form.media, 410 if made.status == "revoked" else 200)


def _credential(endorsements: Endorsing, made: Endorsement, base: str) -> dict[str, Any]:
    return credentials(endorsements, [made], base)[0]


@router.get(
    "/.well-known/jwks.json",
    operation_id="signing_keys",
    summary="The public key that signs here, as a JWK Set",
    response_model=None,
    responses={
        200: {"model": JwkSetShape, "headers": {"ETag": ETAG}, "content": {JSON: {"example": examples.JWK_SET}}},
        304: {"description": "The client has it already."},
        **refusals(400, 503),
    },
)
def signing_keys(request: Request) -> Response:
    return _tagged(request, orjson.dumps({"keys": [public_jwk(signer_of(request), public_url(request))]}), JSON)


@router.get(
    "/.well-known/jwks/{key}",
    operation_id="signing_jwk",
    summary="The public key that a token names in `kid`",
    response_model=None,
    responses={
        200: {"model": JwkShape, "headers": {"ETag": ETAG}, "content": {JSON: {"example": examples.JWK_SET["keys"][0]}}},
        304: {"description": "The client has it already."},
        **refusals(400, 404, 503),
    },
)
def signing_jwk(request: Request, key: Annotated[str, Path(description="The key's id.", max_length=60)]) -> Response:
    signer, base = signer_of(request), public_url(request)
    if key_address(signer, base).rpartition("/")[2] != key:
        raise NotFound(f"nothing is signed with the key {key} any more: fetch the token again")
    return _tagged(request, orjson.dumps(public_jwk(signer, base)), JSON)


@router.get(
    "/.well-known/did.json",
    operation_id="did_document",
    summary="The site as a `did:web`, with the key that signs",
    response_model=None,
    responses=forms([DID], 404),
)
def did(request: Request) -> Response:
    base = public_url(request)
    if not did_of(base):
        raise NotFound("this site is not at the root of its host, so it has no did:web: its key is at /.well-known/jwks.json")
    return _tagged(request, orjson.dumps(did_document(signer_of(request), base)), DID)


def _tagged(request: Request, content: bytes, media: str, status: int = 200) -> Response:
    headers = {"ETag": content_etag(media.encode() + content), "Cache-Control": PRIVATE, **_VARY, **_ANY_ORIGIN}
    if status == 200 and matches(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(content, status, headers, media)
