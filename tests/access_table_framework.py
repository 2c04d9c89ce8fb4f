"""Routes and roles: reading the framework, its releases and files, the pages about them, and taking changes back."""

from __future__ import annotations

from typing import Final

from tests.access_rows import ACME, ALL, CONTRIBUTE, DECIDE, NO_ONE, OPEN, RELEASE, UNREAD, Row, Table, reads
from tests.access_scene import PRIVATE_CONCEPT, Scene
from wikic.domain.records import Label
from wikic.linked_data.case import PREFIX as _CASE
from wikic.linked_data.case_ids import document_id, term_id
from wikic.linked_data.case_terms import Json
from wikic.services.editing import SetLabels
from wikic.web.static_files import STATIC


def _change(scene: Scene, concept: str, space: str = "public") -> str:
    """The number of a change that can be taken back."""
    label = Label(scene.fresh("name"), "cy", "preferred")
    seq = scene.app.editing.apply([SetLabels(concept, "cy", (label,))], actor="tester", summary="a name", space=space)
    return str(seq)


def _changed(scene: Scene, concept: str) -> str:
    """A concept that was changed a moment ago; the number before that is the scene's secret."""
    scene.secret = str(int(_change(scene, concept)) - 1)
    return concept


def _association(scene: Scene) -> str:
    """One that starts at a concept."""
    case: Json = scene.app.case.item_associations(scene.rome_concept, "https://skills.example.org", "fr").content
    return str(case["CFAssociations"][0]["identifier"])


_WORDS: Final = {"CFItemTypes": "skill", "CFConcepts": "savoir", "CFSubjects": "A", "CFAssociationGroupings": "broader"}
_MODERATOR: Final = frozenset({"organisation moderator"})
_BEFORE: Final = {"to": lambda scene: scene.secret}
_ROME: Final = {"uuid": lambda scene: _changed(scene, scene.rome_concept)}
_WIKI: Final = {"uuid": lambda scene: _changed(scene, scene.world.slice)}
_IN_ROME: Final = {"seq": lambda scene: _change(scene, scene.rome_concept)}
_IN_WIKI: Final = {"seq": lambda scene: _change(scene, scene.world.slice)}
_WITHIN: Final = {"seq": lambda scene: _change(scene, PRIVATE_CONCEPT, ACME)}

ROWS: Final[Table] = {
    **reads("/api/v1/search", "/api/v1/suggest", query={"q": "pain"}, also=(503,)),
    **reads("/api/v1/concepts", "/api/v1/schemes", "/api/v1/releases", "/api/v1/changes"),
    **reads("/api/v1/tree", query={"scheme": "rome"}),
    **reads("/api/v1/lookup", query={"scheme": "rome", "code": "D1102", "kind": "occupation"}),
    **reads(*(f"/api/v1/concepts/{{ref:path}}{part}" for part in ("", "/relations", "/history", "/tree")), path={"ref": "isco:1"}),
    **reads("/api/v1/changes/{seq}", "/changes/{seq}", path={"seq": "1"}),
    **reads("/api/v1/diff", "/diff", query={"from": "2025", "to": "2026"}),
    **reads("/healthz", "/readyz", "/metrics", "/favicon.ico", "/robots.txt"),
    **reads("/static/{name}", path={"name": STATIC["site.css"].address.removeprefix("/static/")}),
    **reads("/lint", "/api/v1/lint"),
    ("POST", "/api/v1/lint"): (Row(ALL, OPEN, json={"documents": []}),),
    # Without a file: what is in it is looked at behind the door.
    ("POST", "/api/v1/lint/file"): (Row(ALL, OPEN, also=(400,)),),
    ("POST", "/lint"): (Row(ALL, OPEN, form={"text": "[]"}),),
    **reads("/c/{name}"),
    **reads("/r/{release}/c/{name}", path={"name": lambda scene: scene.rome_concept}),
    **reads("/r/{release}/download.{download}", path={"download": "nt"}),
    **reads("/r/{release}", "/r/{release}/", "/catalog", "/ontology"),
    **reads("/.well-known/void", headers={"Accept": "text/turtle"}),
    **reads("/ontology/{name}", path={"name": "wikic.ttl"}),
    **reads(f"{_CASE}/CFDocuments", f"{_CASE}/discovery/imscasev1p1_openapi3_v1p0.json"),
    **reads(*(f"{_CASE}/{group}/{{identifier}}" for group in ("CFDocuments", "CFPackages")), path={"identifier": document_id("rome", "2026")}),
    **reads(*(f"{_CASE}/{group}/{{identifier}}" for group in ("CFItems", "CFItemAssociations")), path={"identifier": lambda scene: scene.rome_concept}),
    **reads(f"{_CASE}/CFAssociations/{{identifier}}", path={"identifier": _association}),
    **reads(f"{_CASE}/CFLicenses/{{identifier}}", path={"identifier": term_id("CFLicenses", "rome")}),
    **{("GET", f"{_CASE}/{group}/{{identifier}}"): (Row(ALL, path={"identifier": term_id(group, word)}),) for group, word in _WORDS.items()},
    # There is none yet.
    ("GET", f"{_CASE}/CFRubrics/{{identifier}}"): (Row(NO_ONE, hidden=ALL, path={"identifier": document_id("nothing")}),),
    **reads("/", "/search", "/tree", "/schemes", "/releases", "/changes", "/about", "/use-the-api", "/docs", "/docs/errors", "/design"),
    **reads("/c/{uuid}/relations", "/c/{uuid}/history"),
    **reads(*(f"/r/{{release:path}}/c/{{uuid}}/{part}" for part in ("relations", "history")), path={"uuid": lambda scene: scene.rome_concept}),
    ("POST", "/api/v1/changes/{seq}/revert"): (
        Row(DECIDE, "decide", path=_IN_ROME, json={}),
        Row(RELEASE, "decide", path=_IN_WIKI, json={}),
        Row(_MODERATOR, "decide", hidden=UNREAD, path=_WITHIN, json={}),
    ),
    ("GET", "/changes/{seq}/revert"): (
        Row(DECIDE, "decide", path=_IN_ROME),
        Row(RELEASE, "decide", path=_IN_WIKI),
        Row(_MODERATOR, "decide", hidden=UNREAD, path=_WITHIN),
    ),
    ("POST", "/changes/{seq}/revert"): (
        Row(DECIDE, "decide", path=_IN_ROME, form={"reason": "no"}),
        Row(RELEASE, "decide", path=_IN_WIKI, form={"reason": "no"}),
        Row(_MODERATOR, "decide", hidden=UNREAD, path=_WITHIN, form={"reason": "no"}),
    ),
    ("GET", "/c/{uuid}/revert"): (
        Row(DECIDE, "decide", path=_ROME, query=_BEFORE),
        Row(RELEASE, "decide", path=_WIKI, query=_BEFORE),
    ),
    ("GET", "/c/{uuid}/back"): (Row(CONTRIBUTE, "propose", path=_ROME, query=_BEFORE),),
    ("POST", "/c/{uuid}/back"): (Row(CONTRIBUTE, "propose", path=_ROME, query=_BEFORE, form={"reason": "no"}),),
    ("POST", "/c/{uuid}/revert"): (
        Row(DECIDE, "decide", path=_ROME, query=_BEFORE, form={"reason": "no"}),
        Row(RELEASE, "decide", path=_WIKI, query=_BEFORE, form={"reason": "no"}),
    ),
    ("POST", "/api/v1/concepts/{ref:path}/revert"): (
        Row(DECIDE, "decide", path={"ref": _ROME["uuid"]}, json={**_BEFORE, "dry_run": True}),
        Row(RELEASE, "decide", path={"ref": _WIKI["uuid"]}, json={**_BEFORE, "dry_run": True}),
        # What stands in an organisation's space is not read here.
        Row(NO_ONE, "decide", hidden=ALL, path={"ref": PRIVATE_CONCEPT}, json={"to": "2026"}),
    ),
}
