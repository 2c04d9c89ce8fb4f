"""Statements as bytes: N-Triples and Turtle (streamed), JSON-LD (by our context; streamed or framed), RDF/XML.

Equal statements in equal order give equal bytes. Blocks are the statements of one concept: Turtle and JSON-LD group them by subject, so a
subject must not come back in a later block.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any, Final

import pyoxigraph as ox

from wikic.linked_data.vocabulary import ATTRIBUTE, ATTRIBUTES, PREFIXES, RDF, XSD, A, Statement

Block = list[Statement]
Node = dict[str, Any]

MEDIA: Final = {
    "jsonld": "application/ld+json",
    "ttl": "text/turtle",
    "rdf": "application/rdf+xml",
    "nt": "application/n-triples",
}
"""The media type of each form, by its suffix; in the order in which they are offered."""

_PARSED: Final = {
    "nt": ox.RdfFormat.N_TRIPLES,
    "ttl": ox.RdfFormat.TURTLE,
    "rdf": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
}
_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LOCAL: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
_MANY: Final = frozenset(("altLabel", "hiddenLabel"))
"""Terms whose values are lists in every language, also where there is one only."""


def ntriples(blocks: Iterable[Block]) -> Iterator[bytes]:
    """N-Triples, a block at a time."""
    for block in blocks:
        yield _lines(block).encode("utf-8", "replace")


def turtle(blocks: Iterable[Block]) -> Iterator[bytes]:
    """Turtle with the prefixes of `vocabulary`."""
    yield "".join(f"@prefix {name}: <{address}> .\n" for name, address in PREFIXES.items()).encode()
    for block in blocks:
        parts = []
        for subject, properties in _by_subject(block).items():
            lines = [
                f"{'a' if predicate == A else _short(predicate)} {', '.join(map(_turtle_object, objects))}"
                for predicate, objects in properties.items()
            ]
            parts.append(f"\n{subject}\n    " + " ;\n    ".join(lines) + " .\n")
        yield "".join(parts).encode("utf-8", "replace")


def rdf_xml(block: Block) -> bytes:
    """RDF/XML of a document. Control characters, which XML cannot hold, are written as the replacement character."""
    parsed = ox.parse(input=_NO_XML.sub("\ufffd", _lines(block)), format=ox.RdfFormat.N_TRIPLES)
    return _serialised((quad.triple for quad in parsed), ox.RdfFormat.RDF_XML)


def json_ld(blocks: Iterable[Block]) -> Iterator[bytes]:
    """One JSON-LD document, compacted by our context, which it holds; an object a line."""
    yield b'{"@context":' + _dump(context()) + b',"@graph":[\n'
    first = True
    for block in blocks:
        lines = [_dump(node) for node in compact(block)]
        if lines:
            yield (b"" if first else b",\n") + b",\n".join(lines)
            first = False
    yield b"\n]}\n"


def json_ld_document(block: Block, subject: str) -> bytes:
    """A document about one thing: its object, with what is described beside it set in where it is first named, and the rest under
    `@included`."""
    nodes = {node["id"]: node for node in compact(block)}
    root = nodes.pop(subject[1:-1], {"id": subject[1:-1]})
    for name in list(root):
        root[name] = _framed(root[name], nodes)
    if nodes:
        root["included"] = list(nodes.values())
    return _dump({"@context": context(), **root})


def document(block: Block, form: str, subject: str) -> bytes:
    """A document about one thing in one of the forms of `MEDIA`."""
    if form == "nt":
        return b"".join(ntriples([block]))
    if form == "ttl":
        return b"".join(turtle([block]))
    if form == "jsonld":
        return json_ld_document(block, subject)
    return rdf_xml(block)


def read_back(content: bytes, form: str) -> list[ox.Quad]:
    """What a document says, for tests and checks."""
    return list(ox.parse(input=content, format=_PARSED[form]))


@cache
def ontology_file(name: str) -> bytes:
    """A file of `ontology/`."""
    return (files("ontology") / name).read_bytes()


@cache
def published(name: str, form: str) -> bytes:
    """A Turtle file of `ontology/` in one of the forms of `MEDIA`."""
    if form == "ttl":
        return ontology_file(name)
    triples = (quad.triple for quad in ox.parse(input=ontology_file(name), format=ox.RdfFormat.TURTLE))
    return _serialised(triples, _PARSED[form])


@cache
def context() -> dict[str, Any]:
    """Our JSON-LD context, as it is published."""
    made: dict[str, Any] = json.loads((files("ontology") / "context.jsonld").read_text(encoding="utf-8"))["@context"]
    return made


def compact(block: Block) -> list[Node]:
    """The statements as objects, one for each subject, in the order of their first naming."""
    found = []
    for subject, properties in _by_subject(block).items():
        node: Node = {"id": subject[1:-1]}
        for predicate, objects in properties.items():
            if predicate == A:
                node["type"] = [_class_name(each[1:-1]) for each in objects]
            else:
                for each in objects:
                    _add(node, predicate[1:-1], each)
        found.append(node)
    return found


def _add(node: Node, predicate: str, obj: str) -> None:
    term, container = _term(predicate, _sort(obj))
    if obj[0] == "<":
        value: Any = obj[1:-1]
        coerced = term in _coerced()
        node.setdefault(term, []).append(value if coerced else {"id": value})
        return
    value, tag, datatype = _literal(obj)
    if container == "@language" and tag:
        texts = node.setdefault(term, {})
        if term in _MANY or tag in texts:
            before = texts.setdefault(tag, [])
            texts[tag] = [*(before if isinstance(before, list) else [before]), value]
        else:
            texts[tag] = value
        return
    if tag:
        value = {"@value": value, "@language": tag}
    elif datatype == f"{XSD}boolean":
        value = value == "true"
    elif datatype == f"{XSD}integer":
        value = int(value)
    elif datatype and datatype != _types().get(term):
        value = {"@value": value, "@type": datatype}
    if container == "@set":
        node.setdefault(term, []).append(value)
    elif term in node:
        several = node[term] if isinstance(node[term], list) else [node[term]]
        node[term] = [*several, value]
    else:
        node[term] = value


def _sort(obj: str) -> str:
    return "@id" if obj[0] == "<" else "@language" if "@" in obj[obj.rindex('"') :] else "literal"


@cache
def _terms() -> dict[tuple[str, str], tuple[str, str]]:
    """(predicate, sort of object) -> (term, container)."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    names = context()
    for term, definition in names.items():
        if not isinstance(definition, dict) or "@reverse" in definition or "@id" not in definition:
            continue
        prefix, _, local = definition["@id"].partition(":")
        if prefix not in PREFIXES:
            continue
        container = definition.get("@container", "")
        sort = "@id" if definition.get("@type") == "@id" else "@language" if container == "@language" else "literal"
        found[PREFIXES[prefix] + local, sort] = (term, container)
    return found


@cache
def _coerced() -> frozenset[str]:
    return frozenset(name for name, each in context().items() if isinstance(each, dict) and each.get("@type") == "@id")


@cache
def _types() -> dict[str, str]:
    """The datatype that the context gives a term, as an address."""
    found = {}
    for name, each in context().items():
        given = each.get("@type", "") if isinstance(each, dict) else ""
        prefix, colon, local = given.partition(":")
        if colon and prefix in PREFIXES:
            found[name] = PREFIXES[prefix] + local
    return found


@cache
def _term(predicate: str, sort: str) -> tuple[str, str]:
    known = _terms().get((predicate, sort))
    return known if known is not None else (_curie(predicate), "@set" if predicate.startswith(ATTRIBUTES) else "")


@cache
def _class_name(address: str) -> str:
    return _curie(address)


@cache
def _curie(address: str) -> str:
    for name, start in PREFIXES.items():
        if address.startswith(start) and _LOCAL.match(address[len(start) :]):
            return f"{name}:{address[len(start) :]}"
    return address


@cache
def _short(predicate: str) -> str:
    name = _curie(predicate[1:-1])
    return predicate if name == predicate[1:-1] else name


def _turtle_object(obj: str) -> str:
    if obj[0] == "<":
        return _short(obj) if obj.startswith(("<https://wiki-c.org/", "<http://www.w3.org/")) else obj
    quote = obj.rindex('"')
    if obj.startswith("^^<", quote + 1):
        return f"{obj[: quote + 1]}^^{_short(obj[quote + 3 :])}"
    return obj


def _literal(obj: str) -> tuple[str, str, str]:
    """Value, language tag and datatype of a literal term."""
    quote = obj.rindex('"')
    value: str = json.loads(obj[: quote + 1], strict=False)
    rest = obj[quote + 1 :]
    return value, rest[1:] if rest[:1] == "@" else "", rest[3:-1] if rest[:1] == "^" else ""


def _by_subject(block: Block) -> dict[str, dict[str, list[str]]]:
    grouped: dict[str, dict[str, list[str]]] = {}
    for subject, predicate, obj in block:
        grouped.setdefault(subject, {}).setdefault(predicate, []).append(obj)
    return grouped


def _framed(value: Any, nodes: dict[str, Node]) -> Any:
    """The value with every object that is described beside it set in, once each."""
    if isinstance(value, list):
        return [_framed(each, nodes) for each in value]
    name = value["id"] if isinstance(value, dict) and set(value) == {"id"} else value
    return nodes.pop(name) if isinstance(name, str) and name in nodes else value


def _lines(block: Block) -> str:
    return "".join([f"{subject} {predicate} {obj} .\n" for subject, predicate, obj in block])


def _serialised(triples: Iterable[ox.Triple], form: ox.RdfFormat) -> bytes:
    written = ox.serialize(triples, format=form, prefixes=PREFIXES)
    return written if written is not None else b""


def _dump(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


__all__ = ["ATTRIBUTE", "MEDIA", "RDF", "document", "json_ld", "json_ld_document", "ntriples", "rdf_xml", "turtle"]
