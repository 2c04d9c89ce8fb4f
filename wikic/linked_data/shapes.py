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
    """Where a document does not keep to a shape: the node, the property, and why."""

    node: str
    path: str
    reason: str


def validate(content: bytes, form: str) -> list[Violation]:
    """All violations in a document (of a form of `serialise.MEDIA`), sorted. Raises InvalidInput where pySHACL is not installed."""
    try:
        import pyshacl
    except ImportError:
        raise InvalidInput("validating needs pySHACL: pip install pyshacl") from None
    data = rdflib.Graph().parse(data=content, format=_RDFLIB[form])
    shapes = rdflib.Graph().parse(data=ontology_file("shapes.ttl"), format="turtle")
    _, found, _ = pyshacl.validate(data, shacl_graph=shapes, advanced=False, inplace=True)
    if not isinstance(found, rdflib.Graph):
        raise InvalidInput(f"the document cannot be validated: {found!r}")
    sh = rdflib.Namespace(_SHACL)
    violations = [
        Violation(
            *(
                str(found.value(result, predicate) or "")
                for predicate in (sh.focusNode, sh.resultPath, sh.resultMessage)
            )
        )
        for result in found.subjects(rdflib.RDF.type, sh.ValidationResult)
    ]
    return sorted(violations, key=lambda each: (each.node, each.path, each.reason))
