"""Badge classes as linked data: one of them, and those that attest a competency. Present documents only; they have entity tags of their own, so that those of
concepts follow from the framework alone."""

from __future__ import annotations

from collections import defaultdict
from typing import Annotated, Final

from fastapi import APIRouter, Path, Request, Response

from wikic.domain.access import NOBODY, Actor
from wikic.domain.badges_bindings import Binding
from wikic.errors import NotFound
from wikic.linked_data import serialise
from wikic.services.badges_parts import BadgeServices
from wikic.web import schema_org
from wikic.web.acting import CurrentActor
from wikic.web.api_proposals_tools import PRIVATE
from wikic.web.badges_services import BadgeId, Badges, image_url, issuer_name
from wikic.web.dependencies import public_url
from wikic.web.etags import content_etag, matches
from wikic.web.linked_data import FORMS, RDF_FORMS
from wikic.web.negotiation import Form, choose, named
from wikic.web.openapi import forms

router = APIRouter(tags=["linked data"])

_MOST: Final = 1_000
_MEDIAS: Final = [form.media for form in RDF_FORMS]
_PAGE: Final = (FORMS[1], *RDF_FORMS)
Suffix = Annotated[str, Path(description="ttl, jsonld, rdf or nt.", max_length=10)]


@router.get(
    "/c/{uuid}/badges.{suffix}",
    operation_id="concept_badges_document",
    summary="The badge classes that attest a competency, as linked data (schema.org): .ttl, .jsonld, .rdf, .nt",
    response_model=None,
    responses=forms(_MEDIAS, 401, 404),
)
def concept_badges_document(request: Request, badges: Badges, uuid: Annotated[str, Path(max_length=60)], suffix: Suffix) -> Response:
    return of_concept(request, badges, uuid, _form(suffix))


@router.get(
    "/badges/{id}/data.{suffix}",
    operation_id="badge_class_data",
    summary="A badge class as linked data (schema.org): .ttl, .jsonld, .rdf, .nt",
    response_model=None,
    responses=forms(_MEDIAS, 401, 404),
)
def badge_class_data(request: Request, badges: Badges, actor: CurrentActor, id: BadgeId, suffix: Suffix) -> Response:
    return of_badge(request, badges, id, actor, _form(suffix))


def asked_form(request: Request) -> Form | None:
    """The form of linked data that a client asks for at the address of a page; None for the page."""
    form = choose(_PAGE, request.headers.get("accept"))
    return form if form in RDF_FORMS else None


def of_badge(request: Request, badges: BadgeServices, identity: str, actor: Actor, form: Form) -> Response:
    """A badge class with what it attests. Raises NotFound."""
    node = badge_node(badges, identity, actor, public_url(request))
    return _answer(request, [node], form, str(node["@id"]))


def of_concept(request: Request, badges: BadgeServices, uuid: str, form: Form) -> Response:
    """The badge classes that attest a competency, as everybody reads them."""
    base, concept = public_url(request), badges.bindings.targets.uuid_of(uuid)
    page = badges.bindings.of_concept(concept, NOBODY, limit=_MOST)
    target = badges.bindings.targets.of([concept], "fr").get(concept)
    bound: dict[str, list[Binding]] = defaultdict(list)
    for each in page.items:
        bound[each.badge_class].append(each)
    known = badges.badging.get_many(list(bound), NOBODY)
    term = schema_org.term(base, target) if target else {"@id": f"{base}/c/{concept}"}
    nodes = [term]
    for identity, bindings in bound.items():
        if identity in known:
            badge = known[identity]
            node = schema_org.credential(base, badge, issuer_name(badges, badge.issuer, NOBODY), image_url(base, badge.id))
            nodes.append(schema_org.attesting(node, [{"@id": term["@id"]}], bindings, base))
    return _answer(request, nodes, form, f"{base}/c/{concept}")


def badge_node(badges: BadgeServices, identity: str, actor: Actor, base: str) -> schema_org.Node:
    """A badge class with the competencies that it attests, as somebody may read it. Raises NotFound."""
    badge = badges.badging.get(identity, actor)
    bindings = badges.bindings.of_badge(identity, actor, limit=_MOST).items
    targets = badges.bindings.targets.of([each.concept for each in bindings], badge.content.lang)
    node = schema_org.credential(base, badge, issuer_name(badges, badge.issuer, actor), image_url(base, identity))
    return schema_org.attesting(node, [schema_org.term(base, target) for target in targets.values()])


def _form(suffix: str) -> Form:
    form = named(RDF_FORMS, suffix)
    if form is None:
        raise NotFound(f"it can be had as {', '.join(each.suffix for each in RDF_FORMS)}")
    return form


def _answer(request: Request, nodes: list[schema_org.Node], form: Form, subject: str) -> Response:
    content = (
        schema_org.document(nodes) if form.suffix == "jsonld" else serialise.document(schema_org.statements(nodes), form.suffix, f"<{subject}>")
    )
    headers = {"ETag": content_etag(form.media.encode() + content), "Cache-Control": PRIVATE, "Vary": "Accept, Authorization, Cookie"}
    if matches(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(content, 200, headers, form.media)
