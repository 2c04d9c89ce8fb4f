"""Routes and roles: badge classes, bindings, issuers. The people of acme are those of the public issuer `fournil` too."""

from __future__ import annotations

from typing import Any, Final

from tests.access_rows import ADMIN, ALL, INSIDE, KNOWN, MANAGE, NO_ONE, OPEN, OUTSIDE, Row, Table, reads
from tests.access_scene import Scene
from tests.people import OPERATOR
from wikic.domain.badges import BadgeClass, BadgeContent

_ISSUER: Final = "fournil"
_CONTENT: Final = {"name": "Pétrir", "description": "Un geste.", "criteria": "Le faire."}
_WORKS: Final = INSIDE | ADMIN
_LATEST: Final = {"If-Match": "*"}


def _made(scene: Scene, *, published: bool = False) -> BadgeClass:
    badging = scene.app.badges.badging
    made = badging.create(_ISSUER, BadgeContent.of(_CONTENT), OPERATOR)
    return badging.publish(made.id, OPERATOR) if published else made


def draft(scene: Scene) -> str:
    """A draft, which is there for the issuer's people alone."""
    return _made(scene).id


def public(scene: Scene) -> str:
    """A badge class that was published, with a change that waits."""
    made = _made(scene, published=True)
    scene.app.badges.badging.change(made.id, BadgeContent.of(_CONTENT | {"name": "Cuire"}), OPERATOR, version=None)
    return made.id


def _skill(scene: Scene) -> str:
    return scene.world.slice


def _binding(scene: Scene, *, published: bool = False) -> str:
    bindings = scene.app.badges.bindings
    return bindings.bind_one(_made(scene, published=published).id, _skill(scene), OPERATOR).id


def bound(scene: Scene, *, published: bool = False) -> str:
    """A badge class that is bound; the binding is the scene's secret."""
    made = _made(scene, published=published)
    scene.secret = scene.app.badges.bindings.bind_one(made.id, _skill(scene), OPERATOR).id
    return made.id


def _on(method: str, part: str, who_draft: frozenset[str], who_public: frozenset[str], **more: Any) -> Table:
    """What is done to a draft, and to what is published."""
    rows = (
        Row(who_draft, "badge", hidden=OUTSIDE, path={"id": draft}, headers=_LATEST, **more),
        Row(who_public, "badge", path={"id": public}, headers=_LATEST, **more),
    )
    return {(method, f"/api/v1/badge-classes/{{id}}{part}"): rows}


def _seen(address: str, **more: Any) -> Table:
    """What is read of a draft, and of what is published."""
    return {("GET", address): (Row(_WORKS, hidden=OUTSIDE, path={"id": draft}, **more), Row(ALL, path={"id": public}, **more))}


_API: Final = "/api/v1/badge-classes"
_VERSION: Final = {"id": public, "number": "1"}
_WISH: Final = {"badge_class": draft, "concept": _skill}



def _form(part: str, who_draft: frozenset[str], who_public: frozenset[str], **more: Any) -> Table:
    """What is done to a draft, and to what is published, by a form."""
    rows = (
        Row(who_draft, "badge", hidden=OUTSIDE - {"nobody"}, path={"id": draft}, **more),
        Row(who_public, "badge", path={"id": public}, **more),
    )
    return {("POST", f"/badges/{{id}}{part}"): rows}


def _own(part: str) -> Table:
    """The pages of those who work on it."""
    rows = (Row(_WORKS, hidden=OUTSIDE - {"nobody"}, path={"id": draft}), Row(_WORKS, path={"id": public}))
    return {("GET", f"/badges/{{id}}{part}"): rows}


_PAGES: Final[Table] = {
    **reads("/badges", "/issuers"),
    **reads("/issuers/{slug}", path={"slug": _ISSUER}),
    **reads("/c/{uuid}/badges"),
    **_seen("/badges/{id}"),
    **reads("/badges/{id}/versions/{number}", path=_VERSION),
    **reads("/badges/new", "/badges/table", who=KNOWN),
    **reads("/badges/bind", who=KNOWN, query={"concept": _skill}),
    ("GET", "/badges/new/words"): (Row(_WORKS, query={"issuer": _ISSUER}),),
    ("POST", "/badges/new"): (Row(_WORKS, "badge", form=_CONTENT | {"issuer": _ISSUER, "lang": "fr"}),),
    **_own("/edit"),
    **_own("/guide"),
    **_form("/edit", _WORKS, _WORKS, form=_CONTENT | {"lang": "fr", "version": "1"}, also=(412,)),
    **_form("/guide", _WORKS, MANAGE, form={"concept": _skill}),
    **_form("/image", _WORKS, _WORKS, files={"version": "1", "draw": "1"}, also=(412,)),
    **_form("/publish", MANAGE, MANAGE, form={"version": "1"}, also=(412,)),
    **_form("/retire", MANAGE, MANAGE, form={"reason": "no"}),
    ("POST", "/badges/{id}/restore"): (Row(_WORKS, "badge", path={"id": public}, form={"number": "1"}),),
    ("POST", "/badges/{id}/unbind"): (
        Row(_WORKS, "badge", hidden=OUTSIDE - {"nobody"}, path={"id": bound}, form={"binding": lambda scene: scene.secret}),
        Row(MANAGE, "badge", path={"id": lambda scene: bound(scene, published=True)}, form={"binding": lambda scene: scene.secret}),
    ),
    ("POST", "/badges/bind"): (
        Row(KNOWN, "badge", form={"concept": _skill}, also=(400,)),
        # Who does not see a draft is told so above the form.
        Row(KNOWN, "badge", form={"concept": _skill, "badge_class": draft}, also=(400,)),
        Row(MANAGE, "badge", form={"concept": _skill, "badge_class": public}),
    ),
    ("POST", "/badges/table"): (Row(KNOWN, "badge", files={"text": "x"}, also=(400,)),),
}

def _document(address: str, **path: Any) -> Table:
    """What everybody may have of a badge class that was published, and nobody of a draft."""
    return {("GET", address): (Row(ALL, path={"id": public, "name": public} | path), Row(NO_ONE, hidden=ALL, path={"id": draft, "name": draft} | path))}


_DOCUMENTS: Final[Table] = {
    **_document("/b/{name}"),
    **_document("/b/{id}/criteria"),
    **_document("/b/{id}/image"),
    **_document("/b/{id}/v/{name}", name="1"),
    **_document("/b/{id}/v/{number}/criteria", number="1"),
    **_document("/b/{id}/v/{number}/image", number="1"),
    **_document(f"{_API}/{{id}}/alignment"),
    **reads("/i/{name}", path={"name": _ISSUER}),
    **reads("/embed/picker", "/embed/picker.js"),
    **reads("/api/v1/concepts/{ref:path}/alignment", path={"ref": _skill}),
}

ROWS: Final[Table] = {
    **_PAGES,
    **_DOCUMENTS,
    **reads(_API, "/api/v1/issuers"),
    **reads("/api/v1/issuers/{slug}", path={"slug": _ISSUER}),
    **reads("/api/v1/bindings", query={"issuer": _ISSUER}),
    **reads("/api/v1/concepts/{ref:path}/badge-classes", path={"ref": _skill}),
    ("POST", _API): (Row(_WORKS, "badge", json={"issuer": _ISSUER, "content": _CONTENT}),),
    ("POST", f"{_API}/suggest"): (Row(ALL, OPEN, json={"name": "bread"}, also=(503,)),),
    **_seen(f"{_API}/{{id}}"),
    **_seen(f"{_API}/{{id}}/versions"),
    **_seen(f"{_API}/{{id}}/image"),
    **_seen(f"{_API}/{{id}}/bindings"),
    **_seen(f"{_API}/{{id}}/suggestions", also=(503,)),
    **reads(f"{_API}/{{id}}/versions/{{number}}", path=_VERSION),
    **_on("PUT", "", _WORKS, _WORKS, json=_CONTENT),
    **_on("POST", "/publish", MANAGE, MANAGE),
    **_on("POST", "/retire", MANAGE, MANAGE, json={}),
    **_on("PUT", "/image", _WORKS, _WORKS),
    ("POST", f"{_API}/{{id}}/versions/{{number}}/restore"): (Row(_WORKS, "badge", path=_VERSION, headers=_LATEST),),
    ("POST", "/api/v1/bindings"): (
        Row(_WORKS, "badge", hidden=OUTSIDE - {"nobody"}, json={"bindings": [_WISH]}),
        Row(MANAGE, "badge", json={"bindings": [_WISH | {"badge_class": public}]}),
    ),
    # Whoever is signed in is told, line by line, what they may not do.
    ("POST", "/api/v1/bindings/csv"): (Row(KNOWN, "badge", form={"badge_class,concept": "x,y"}, also=(400,)),),
    ("DELETE", "/api/v1/bindings/{id}"): (
        Row(_WORKS, "badge", hidden=OUTSIDE - {"nobody"}, path={"id": _binding}),
        Row(MANAGE, "badge", path={"id": lambda scene: _binding(scene, published=True)}),
    ),
}
