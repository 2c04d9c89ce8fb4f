"""What search engines and programs read of badge classes and competencies in the words of schema.org: in pages, and as linked data of its own.

A badge class is an `EducationalOccupationalCredential`, a competency that it attests (`competencyRequired`) a `DefinedTerm`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from markupsafe import Markup

from wikic.domain.badges import BadgeClass, parse_level
from wikic.domain.badges_bindings import Binding, Target
from wikic.domain.badges_documents import badge_url
from wikic.domain.levels import scale_address
from wikic.linked_data.vocabulary import A, Statement, iri, is_iri, number, text

SCHEMA: Final = "https://schema.org/"
Node = dict[str, Any]


def term(public_url: str, target: Target, release: str = "") -> Node:
    """A competency in the words of an alignment."""
    address = f"{public_url}/r/{release}/c/{target.concept}" if release else f"{public_url}/c/{target.concept}"
    node: Node = {"@id": address, "@type": "DefinedTerm", "name": target.name, "url": {"@id": address}, "inDefinedTermSet": _set(public_url, target.scheme)}
    optional = {"termCode": target.code, "sameAs": {"@id": target.iri} if is_iri(target.iri) else None}
    return node | {name: value for name, value in optional.items() if value}


def concept_term(public_url: str, address: str, body: Mapping[str, Any], name: str, description: str) -> Node:
    """A concept as its page shows it; `address` is that of the page."""
    code = body["source"]["code"]
    node: Node = {"@id": address, "@type": "DefinedTerm", "name": name, "url": {"@id": address}, "inDefinedTermSet": _set(public_url, str(body["scheme"]))}
    return node | ({"description": description} if description else {}) | ({"termCode": code} if code else {})


def credential(public_url: str, badge: BadgeClass, issuer: str, image: str) -> Node:
    """A badge class as everybody reads it; `issuer` is the issuer's name."""
    content, address = badge.content, f"{public_url}/badges/{badge.id}"
    node: Node = {
        "@id": badge_url(public_url, badge.id) if badge.public else address,
        "@type": "EducationalOccupationalCredential",
        "name": content.name,
        "inLanguage": content.lang,
        "url": {"@id": content.address if content.hosted == "elsewhere" and is_iri(content.address) else address},
        "image": {"@id": image},
        "credentialCategory": content.achievement_type or "Badge",
        "publisher": {"@id": f"{public_url}/issuers/{badge.issuer}", "@type": "Organization", "name": issuer},
    }
    optional = {
        "description": content.description, "keywords": list(content.tags), "identifier": content.human_code,
        "educationalLevel": _level(public_url, content.level),
        "validFor": f"P{content.validity}M" if content.validity else "", "version": badge.number, "dateModified": badge.published,
    }  # fmt: skip
    return node | {name: value for name, value in optional.items() if value}


def attesting(node: Node, terms: Iterable[Node], bindings: Sequence[Binding] = (), public_url: str = "") -> Node:
    """The same with the competencies that it attests; `bindings`: at these levels of the site, where they are of one competency."""
    levels = sorted({each.at_level for each in bindings if each.at_level})
    return node | {"competencyRequired": list(terms)} | ({"educationalLevel": [_level(public_url, each) for each in levels]} if levels else {})


def _level(public_url: str, key: str) -> Node | None:
    """A level (`practice:2`) under its address; None for none."""
    level = parse_level(key)
    return {"@id": scale_address(public_url, level)} if level else None


def data_block(node: Node) -> Markup:
    """A node as a block of data in a page, which no browser runs: what could end it is written otherwise."""
    written = json.dumps({"@context": SCHEMA, **node}, ensure_ascii=False, separators=(",", ":"))
    for char, code in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"), ("\u2028", "\\u2028"), ("\u2029", "\\u2029")):
        written = written.replace(char, code)
    # Nothing of it can be taken for markup any more.
    return Markup('<script type="application/ld+json">{}</script>').format(Markup(written))  # noqa: S704


def document(nodes: Sequence[Node]) -> bytes:
    """Nodes as JSON-LD that needs nobody else's context."""
    body: Node = {"@context": {"@vocab": SCHEMA}, "@graph": list(nodes)}
    return json.dumps(body, ensure_ascii=False).encode()


def statements(nodes: Iterable[Node]) -> list[Statement]:
    """The same as statements."""
    found: list[Statement] = []
    for node in nodes:
        _state(node, found)
    return list(dict.fromkeys(found))


def _state(node: Node, found: list[Statement]) -> None:
    subject = iri(node["@id"])
    if "@type" in node:
        found.append((subject, A, iri(SCHEMA + node["@type"])))
    for name, value in node.items():
        if not name.startswith("@"):
            for each in value if isinstance(value, list) else [value]:
                found.append((subject, iri(SCHEMA + name), _object(each)))
                if isinstance(each, dict):
                    _state(each, found)


def _object(value: Any) -> str:
    if isinstance(value, dict):
        return iri(value["@id"])
    return number(value) if isinstance(value, int) else text(value)


def _set(public_url: str, scheme: str) -> Node:
    return {"@id": f"{public_url}/catalog#{scheme}", "@type": "DefinedTermSet"}
