"""The addresses of everything that is said in RDF: our terms, the standard ones, and those of one installation (`Site`).

Terms are written as N-Triples writes them, `<...>`: a statement is three such strings, and N-Triples is what comes of joining them. The words
of `wikic.domain.vocabulary` become terms by one rule (`camel`); `ontology/wikic.ttl` says what they mean.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from wikic.domain.vocabulary import (
    ALTERNATIVE,
    HIDDEN,
    IMPORTANCES,
    KINDS,
    NATURES,
    PREFERRED,
    RELATION_TYPES,
    STATUSES,
    TEXT_FIELDS,
)

Statement = tuple[str, str, str]
"""Subject, predicate, object as N-Triples writes them."""

ONTOLOGY: Final = "https://wiki-c.org/ontology"
WIKIC: Final = f"{ONTOLOGY}#"
ATTRIBUTE: Final = f"{ONTOLOGY}/attribute#"
"""Attributes that have one value; the fragment is the attribute's name."""
ATTRIBUTES: Final = f"{ONTOLOGY}/attributes#"
"""Attributes that are sets of texts, a statement for each."""
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
SKOSXL: Final = "http://www.w3.org/2008/05/skos-xl#"
DCT: Final = "http://purl.org/dc/terms/"
DCAT: Final = "http://www.w3.org/ns/dcat#"
ADMS: Final = "http://www.w3.org/ns/adms#"
VOID: Final = "http://rdfs.org/ns/void#"
PROV: Final = "http://www.w3.org/ns/prov#"
FOAF: Final = "http://xmlns.com/foaf/0.1/"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"

PREFIXES: Final = {
    "wikic": WIKIC,
    "attribute": ATTRIBUTE,
    "attributes": ATTRIBUTES,
    "skos": SKOS,
    "skosxl": SKOSXL,
    "dct": DCT,
    "dcat": DCAT,
    "adms": ADMS,
    "void": VOID,
    "prov": PROV,
    "foaf": FOAF,
    "rdf": RDF,
    "rdfs": RDFS,
    "owl": OWL,
    "xsd": XSD,
}

_IRI: Final = re.compile(r"https?://[^\x00-\x20<>\"{}|^`\\]+\Z")
_TAG: Final = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*\Z")
_ESCAPED: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})


def iri(address: str) -> str:
    """An address as a term."""
    return f"<{address}>"


def is_iri(text: str) -> bool:
    """Whether a text can be written as a web address in RDF."""
    return _IRI.match(text) is not None


def text(value: str, tag: str = "") -> str:
    """A literal. A tag that RDF does not know is written as the private one `x-hex-...`, so that it can be read back."""
    # Looking first is several times as fast as translating, and few texts need it.
    if '"' in value or "\\" in value or "\n" in value or "\r" in value:
        value = value.translate(_ESCAPED)
    return f'"{value}"@{written_tag(tag)}' if tag else f'"{value}"'


@lru_cache(maxsize=1_000)
def written_tag(tag: str) -> str:
    """A language tag as RDF can write it: one that is none becomes a private one that holds its text."""
    if _TAG.match(tag):
        return tag
    digits = tag.encode("utf-8", "replace").hex()
    return "-".join(["x", "hex", *(digits[start : start + 8] for start in range(0, len(digits), 8))])


def typed(value: str, datatype: str) -> str:
    """A literal of a datatype (its address)."""
    return f'"{value.translate(_ESCAPED)}"^^<{datatype}>'


def number(value: int) -> str:
    """An integer."""
    return f'"{value}"^^<{XSD}integer>'


def moment(time: str) -> str:
    """A time of the change log (ISO 8601)."""
    return typed(time, f"{XSD}dateTime")


def camel(word: str) -> str:
    """`savoir_faire` -> `savoirFaire`."""
    first, *rest = word.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _own(words: tuple[str, ...]) -> dict[str, str]:
    return {word: iri(WIKIC + camel(word)) for word in words}


A: Final = iri(f"{RDF}type")
TRUE: Final = typed("true", f"{XSD}boolean")
FALSE: Final = typed("false", f"{XSD}boolean")
CONCEPT: Final = iri(f"{SKOS}Concept")
KIND_CLASS: Final = {kind: iri(WIKIC + camel(kind)[0].upper() + camel(kind)[1:]) for kind in KINDS}
STATUS: Final = _own(STATUSES)
NATURE: Final = _own(NATURES)
IMPORTANCE: Final = _own(IMPORTANCES)
LABEL: Final = {
    kind: iri(f"{SKOS}{name}")
    for kind, name in ((PREFERRED, "prefLabel"), (ALTERNATIVE, "altLabel"), (HIDDEN, "hiddenLabel"))
}
XL_LABEL: Final = {kind: predicate.replace(SKOS, SKOSXL) for kind, predicate in LABEL.items()}
_STANDARD_TEXTS: Final = {"definition": "definition", "scope_note": "scopeNote", "note": "note"}
TEXT: Final = {
    name: iri(SKOS + _STANDARD_TEXTS[name] if name in _STANDARD_TEXTS else WIKIC + camel(name)) for name in TEXT_FIELDS
}
_STANDARD_RELATIONS: Final = {
    "broader": f"{SKOS}broader",
    "related": f"{SKOS}related",
    "exact_match": f"{SKOS}exactMatch",
    "close_match": f"{SKOS}closeMatch",
    "broad_match": f"{SKOS}broadMatch",
    "narrow_match": f"{SKOS}narrowMatch",
    "replaced_by": f"{DCT}isReplacedBy",
}
RELATION: Final = {kind: iri(_STANDARD_RELATIONS.get(kind, WIKIC + camel(kind))) for kind in RELATION_TYPES}
"""What is said from concept to concept: SKOS where SKOS has the word."""
RELATION_TERM: Final = _own(RELATION_TYPES)
"""The relation itself, where something is said of it."""
GRADED: Final = {
    (kind, importance): iri(WIKIC + camel(kind) + importance.capitalize())
    for kind in ("requires", "skill_requires")
    for importance in IMPORTANCES
}
"""Relations with an importance as properties of their own: `wikic:requiresEssential` ..."""
CODE_TYPE: Final = "Code"
OUTSIDE_MATCHES: Final = {f"{kind}_iris": RELATION[kind] for kind in RELATION_TYPES if kind.endswith("_match")}
"""Attributes that hold matches with addresses outside."""


def own(name: str) -> str:
    """A term of ours."""
    return iri(WIKIC + name)


@lru_cache(maxsize=10_000)
def attribute(name: str, *, several: bool = False) -> str:
    """The property of an attribute."""
    return iri((ATTRIBUTES if several else ATTRIBUTE) + quote(name, safe=""))


@dataclass(frozen=True, slots=True)
class Site:
    """The addresses of one installation. `base` is its public address, without a slash at its end."""

    base: str

    def concept(self, uuid: str) -> str:
        """The permanent identity of a concept."""
        return f"<{self.base}/c/{uuid}>"

    def part(self, uuid: str, name: str) -> str:
        """Something that is described with a concept: a label, a relation, its source's record."""
        return f"<{self.base}/c/{uuid}#{name}>"

    def scheme(self, scheme: str) -> str:
        """A concept scheme; described in the catalogue."""
        return f"<{self.base}/catalog#{scheme}>"

    def change(self, seq: int) -> str:
        """A change of the log."""
        return f"<{self.base}/api/v1/changes/{seq}>"

    def release(self, name: str) -> str:
        """A release as a dataset."""
        return f"<{self.base}/r/{quote(name, safe='')}/>"

    def at(self, path: str) -> str:
        """Anything else of this site; `path` begins with a slash."""
        return f"<{self.base}{path}>"
