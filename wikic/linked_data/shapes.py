"""The SHACL shapes of a release, and validating against them. Slow: for samples; whole releases are looked through by `quality`."""

from __future__ import annotations

from dataclasses import dataclass

import rdflib

from wikic.errors import InvalidInput
from wikic.linked_data.serialise import ontology_file

_RDFLIB = {"nt": "nt", "ttl": "turtle", "rdf": "xml", "jsonld": "json-ld"}
_SHACL = "http://www.w3.org/ns/shacl#"


@dataclass(frozen=True, slots=True)
class Violation:
    """Where a document does not keep to a shape: the node, the property, and why. `in_source`: whether it came so from a source; the document alone
    does not tell."""

    node: str
    path: str
    reason: str
    in_source: bool = False


def validate(content: bytes, form: str) -> list[Violation]:
    """All violations in a document (of a form of `serialise.MEDIA`), sorted. Raises InvalidInput where pySHACL is not installed."""
    try:
        import pyshacl
    except ImportError:
        raise InvalidInput("validating needs pySHACL, which is not installed: pip install pyshacl") from None
    data = rdflib.Graph().parse(data=content, format=_RDFLIB[form])
    shapes = rdflib.Graph().parse(data=ontology_file("shapes.ttl"), format="turtle")
    _, found, _ = pyshacl.validate(data, shacl_graph=shapes, advanced=False, inplace=True)
    if not isinstance(found, rdflib.Graph):
        raise InvalidInput(f"the document cannot be validated: {found!r}")
    sh = rdflib.Namespace(_SHACL)

    def said(result: rdflib.term.Node, name: str) -> str:
        return str(found.value(result, sh[name]) or "")

    violations = [
        Violation(said(result, "focusNode"), said(result, "resultPath"), said(result, "resultMessage"))
        for result in found.subjects(rdflib.RDF.type, sh.ValidationResult)
    ]
    return sorted(violations, key=lambda each: (each.node, each.path, each.reason))
