"""What there is, for machines that look for data: schemes with their licences, releases as DCAT datasets, VoID."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from wikic.linked_data.vocabulary import (
    ADMS,
    DCAT,
    DCT,
    FOAF,
    ONTOLOGY,
    OWL,
    SKOS,
    SKOSXL,
    VOID,
    XSD,
    A,
    Site,
    Statement,
    iri,
    is_iri,
    moment,
    number,
    own,
    text,
    typed,
)

TITLE: Final = iri(f"{DCT}title")
LICENSE: Final = iri(f"{DCT}license")
RIGHTS: Final = iri(f"{DCT}rights")
ATTRIBUTION: Final = own("attribution")
DATASET: Final = iri(f"{DCAT}Dataset")
VERSION: Final = iri(f"{DCAT}version")
MEDIA: Final = {"ttl": "text/turtle", "nt": "application/n-triples", "jsonld": "application/ld+json"}
"""The media type of each form in which a release can be downloaded."""

_IANA: Final = "https://www.iana.org/assignments/media-types/"


@dataclass(frozen=True, slots=True)
class SchemeFacts:
    """A scheme: its titles by language, the name and address of its licence, and the words its source wants to be named in."""

    scheme: str
    title: Mapping[str, str]
    licence: str
    licence_url: str
    attribution: str


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """A release, or (`name` a number) any moment. `frozen_at` is UTC, ISO 8601, "" where nobody froze it; `state` is "" where it is not to be told, as
    in a download, which must never change; `notes` is the summary of the change
    that it ends with."""

    name: str
    seq: int
    state: str
    frozen_at: str
    notes: str = ""


def describe_scheme(site: Site, facts: SchemeFacts) -> list[Statement]:
    """A concept scheme, with its licence and attribution."""
    subject = site.scheme(facts.scheme)
    out = [(subject, A, iri(f"{SKOS}ConceptScheme"))]
    out += [(subject, TITLE, text(facts.title[lang], lang)) for lang in sorted(facts.title)]
    out += [(subject, iri(f"{SKOS}prefLabel"), text(facts.title[lang], lang)) for lang in sorted(facts.title)]
    out.append((subject, iri(f"{SKOS}notation"), text(facts.scheme)))
    if is_iri(facts.licence_url):
        out.append((subject, LICENSE, iri(facts.licence_url)))
    if facts.licence:
        out.append((subject, RIGHTS, text(facts.licence)))
    if facts.attribution:
        out.append((subject, ATTRIBUTION, text(facts.attribution)))
    return out


def describe_release(
    site: Site, release: ReleaseFacts, schemes: Iterable[SchemeFacts], previous: str | None = None
) -> list[Statement]:
    """A release as a dataset (DCAT 3, VoID): version, date, the release before, terms of the schemes in it, downloads."""
    subject, catalog = site.release(release.name), site.at("/catalog")
    out = [
        (subject, A, DATASET),
        (subject, A, iri(f"{VOID}Dataset")),
        (subject, A, own("Release")),
        (subject, TITLE, text(f"Wiki-C {release.name}")),
        (subject, VERSION, text(release.name)),
        (subject, iri(f"{OWL}versionInfo"), text(release.name)),
        (subject, iri(f"{DCAT}isVersionOf"), catalog),
        (subject, own("seq"), number(release.seq)),
        (subject, iri(f"{VOID}uriSpace"), text(f"{site.base}/c/")),
        (subject, iri(f"{VOID}vocabulary"), iri(SKOS)),
        (subject, iri(f"{VOID}vocabulary"), iri(f"{ONTOLOGY}#")),
        (subject, iri(f"{DCT}conformsTo"), site.at("/ontology/shapes.ttl")),
    ]
    if release.state:
        out.append((subject, own("releaseState"), text(release.state)))
    if release.frozen_at:
        out.append((subject, iri(f"{DCT}issued"), moment(release.frozen_at)))
    if release.notes:
        out.append((subject, iri(f"{ADMS}versionNotes"), text(release.notes)))
    if previous:
        out.append((subject, iri(f"{DCAT}previousVersion"), site.release(previous)))
    tail: list[Statement] = []
    for facts in schemes:
        out.append((subject, iri(f"{DCT}hasPart"), site.scheme(facts.scheme)))
        if is_iri(facts.licence_url):
            out.append((subject, LICENSE, iri(facts.licence_url)))
        if facts.attribution:
            out.append((subject, ATTRIBUTION, text(facts.attribution)))
        tail += describe_scheme(site, facts)
    for suffix, media in MEDIA.items():
        for packed in ("", ".gz"):
            node = site.at(f"/r/{release.name}/download.{suffix}{packed}")
            out.append((subject, iri(f"{DCAT}distribution"), node))
            out.append((subject, iri(f"{VOID}dataDump"), node))
            tail += [
                (node, A, iri(f"{DCAT}Distribution")),
                (node, iri(f"{DCAT}downloadURL"), node),
                (node, iri(f"{DCAT}mediaType"), iri(f"{_IANA}{media}")),
            ]
            if packed:
                tail.append((node, iri(f"{DCAT}compressFormat"), iri(f"{_IANA}application/gzip")))
    return list(dict.fromkeys(out + tail))


def describe_catalog(site: Site, releases: Sequence[ReleaseFacts], schemes: Sequence[SchemeFacts]) -> list[Statement]:
    """The framework as a whole: its schemes, and its releases in their order."""
    subject = site.at("/catalog")
    out = [
        (subject, A, iri(f"{DCAT}Catalog")),
        (subject, A, DATASET),
        (subject, TITLE, text("Wiki-C", "fr")),
        (subject, TITLE, text("Wiki-C", "en")),
        (
            subject,
            iri(f"{DCT}description"),
            text("Un référentiel public et versionné des métiers et des compétences.", "fr"),
        ),
        (
            subject,
            iri(f"{DCT}description"),
            text("A public, versioned framework of occupations and competencies.", "en"),
        ),
        (subject, iri(f"{FOAF}homepage"), site.at("/")),
    ]
    tail: list[Statement] = []
    for facts in schemes:
        out.append((subject, iri(f"{DCT}hasPart"), site.scheme(facts.scheme)))
        if facts.attribution:
            out.append((subject, ATTRIBUTION, text(facts.attribution)))
        tail += describe_scheme(site, facts)
    previous: str | None = None
    for release in releases:
        out.append((subject, iri(f"{DCAT}hasVersion"), site.release(release.name)))
        out.append((subject, iri(f"{DCAT}dataset"), site.release(release.name)))
        tail += describe_release(site, release, [], previous)
        # A release follows a published one; candidates come between.
        previous = release.name if release.state == "published" else previous
    if releases:
        out.append((subject, iri(f"{DCAT}hasCurrentVersion"), site.release(releases[-1].name)))
    return list(dict.fromkeys(out + tail))


def describe_void(site: Site, concepts: Mapping[str, int], releases: Sequence[ReleaseFacts]) -> list[Statement]:
    """VoID: what a crawler wants to know. `concepts` are numbers by scheme."""
    document, subject = site.at("/.well-known/void"), site.at("/catalog")
    out = [
        (document, A, iri(f"{VOID}DatasetDescription")),
        (document, iri(f"{FOAF}topic"), subject),
        (document, TITLE, text("Wiki-C", "en")),
        (subject, A, iri(f"{VOID}Dataset")),
        (subject, TITLE, text("Wiki-C", "en")),
        (subject, iri(f"{VOID}uriSpace"), text(f"{site.base}/c/")),
        (subject, iri(f"{VOID}uriLookupEndpoint"), site.at("/api/v1/lookup?iri=")),
        (subject, iri(f"{VOID}entities"), number(sum(concepts.values()))),
    ]
    out += [(subject, iri(f"{VOID}vocabulary"), iri(name)) for name in (SKOS, SKOSXL, f"{ONTOLOGY}#")]
    out += [
        (subject, iri(f"{VOID}feature"), iri(f"http://www.w3.org/ns/formats/{name}"))
        for name in ("JSON-LD", "N-Triples", "RDF_XML", "Turtle")
    ]
    tail: list[Statement] = []
    for scheme in sorted(concepts):
        part = site.at(f"/.well-known/void#{scheme}")
        out.append((subject, iri(f"{VOID}subset"), part))
        tail += [
            (part, A, iri(f"{VOID}Dataset")),
            (part, iri(f"{DCT}subject"), site.scheme(scheme)),
            (part, iri(f"{VOID}entities"), typed(str(concepts[scheme]), f"{XSD}integer")),
        ]
    for release in releases:
        part = site.release(release.name)
        out.append((subject, iri(f"{VOID}subset"), part))
        tail += [(part, A, iri(f"{VOID}Dataset")), (part, TITLE, text(f"Wiki-C {release.name}"))]
        tail += [(part, iri(f"{VOID}dataDump"), site.at(f"/r/{release.name}/download.{suffix}.gz")) for suffix in MEDIA]
    return list(dict.fromkeys(out + tail))
