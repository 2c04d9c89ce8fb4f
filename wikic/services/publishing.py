"""Publishing: concepts, releases and the catalogue as linked data, whole releases as downloads, and their checks.

Flow: web and command line -> `Publishing` -> `wikic.store.dump_reading` -> `wikic.linked_data` -> bytes. Permissions: the public space only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from wikic.domain.badges_bindings import BINDABLE
from wikic.domain.changes import Change
from wikic.domain.manifest import site_of
from wikic.domain.vocabulary import DEPRECATED, PUBLIC_SPACE, SCHEMES
from wikic.errors import InvalidInput
from wikic.linked_data import catalogue, serialise
from wikic.linked_data.catalogue import ReleaseFacts, describe_scheme
from wikic.linked_data.provenance import describe_change, describe_history
from wikic.linked_data.quality import CHECKS, QualityReport, Wanted, check
from wikic.linked_data.shapes import Violation, validate
from wikic.linked_data.triples import Dated, Described, Near, describe, describe_neighbours
from wikic.linked_data.vocabulary import (
    CONCEPT,
    DCT,
    FOAF,
    OWL,
    RDFS,
    A,
    Site,
    Statement,
    iri,
    is_iri,
    number,
    own,
    text,
)
from wikic.services.publishing_csv import csv_parts
from wikic.services.publishing_dumps import FORMS, blocks, dump, file_name, scheme_facts
from wikic.services.publishing_kept import Kept
from wikic.services.reading import Found, Reading
from wikic.services.reading_moments import Moment
from wikic.store.concepts import Concept
from wikic.store.dump_reading import read_base, read_outgoing, read_state_numbers
from wikic.store.engine import Engine
from wikic.store.history import read_changes
from wikic.store.releases import Release, find_manifest, known_release, list_releases, published_before

__all__ = ["CHECKS", "DOWNLOADS", "MANIFEST_DOWNLOADS", "Publishing", "QualityReport"]

CSV = "csv.zip"
DOWNLOADS = (*(f"{form}{packed}" for form in FORMS for packed in ("", ".gz")), CSV)
"""What a release can be downloaded as: `ttl`, `ttl.gz`, `nt` ... and `csv.zip`."""
MANIFEST_DOWNLOADS = {**dict.fromkeys(FORMS, True), CSV: False}
"""The downloads that a manifest names, each with whether it also names the packed one."""


class Publishing:
    """The publishing flow over one store. `folder`: where downloads are kept once made; None: nowhere."""

    def __init__(self, engine: Engine, reading: Reading, folder: Path | None = None) -> None:
        self._engine, self._reading = engine, reading
        self._kept = Kept(folder)

    def document(
        self, found: Found, moment: Moment, base: str, form: str, *, release: str = "", xl: bool = False
    ) -> bytes:
        """A document about a found concept in a form of `serialise.MEDIA`: what it is, what is around it, its changes, its terms of use.

        `base` is the public address of the site; `release` names the pinned one; `xl`: every label also as SKOS-XL. Two to four round trips.
        """
        site, concept = Site(base), found.concept
        uuid = concept.identity.uuid
        block = describe(site, self._described(concept, moment), whole=False, xl=xl)
        block += describe_history(site, uuid, self._changes(concept, moment))
        near = [
            Near(
                item.uuid,
                item.preferred,
                item.status == DEPRECATED,
                item.relation if item.relation.source != uuid else None,
            )
            for group in concept.relations.values()
            for item in group.items
        ]
        block += describe_neighbours(site, uuid, near)
        block += _about(site, concept, release)
        return serialise.document(list(dict.fromkeys(block)), form, site.concept(uuid))

    def release_document(self, name: str, base: str, form: str) -> bytes:
        """A release as a DCAT dataset. Raises UnknownRelease."""
        release = known_release(self._engine, PUBLIC_SPACE, name)
        before = published_before(self._engine, release)
        schemes = [scheme_facts(scheme) for scheme in SCHEMES]
        block = catalogue.describe_release(Site(base), self._facts_of(release), schemes, before.name if before is not None else None)
        return serialise.document(block, form, Site(base).release(name))

    def catalog(self, base: str, form: str) -> bytes:
        """The framework with its schemes and releases, as a DCAT catalogue."""
        schemes = [scheme_facts(scheme) for scheme in SCHEMES]
        block = catalogue.describe_catalog(Site(base), self._all_facts(), schemes)
        return serialise.document(block, form, Site(base).at("/catalog"))

    def void(self, base: str, form: str) -> bytes:
        """VoID of the framework as it is now."""
        items = self._reading.schemes(self._reading.moment()).items
        counts = {str(item["scheme"]): int(item["total"]) for item in items}
        block = catalogue.describe_void(Site(base), counts, self._all_facts())
        return serialise.document(block, form, Site(base).at("/catalog"))

    def ontology(self, form: str) -> bytes:
        """Our terms, in a form of `serialise.MEDIA`."""
        return serialise.published("wikic.ttl", form)

    def ontology_file(self, name: str) -> bytes:
        """`shapes.ttl` or `context.jsonld`, as it is."""
        return serialise.ontology_file(name)

    def file_name(self, name: str, base: str, download: str) -> str:
        """The name that a download (of DOWNLOADS) is kept under: another one wherever its bytes are others. Raises UnknownRelease, InvalidInput."""
        _split(download)
        moment, site, facts = self._asked(name, base)
        return file_name(moment, site, facts, download)

    def kept(self, name: str, base: str, download: str) -> Path | None:
        """The file of a download (of DOWNLOADS) where it was made before. Raises UnknownRelease, InvalidInput."""
        return self._kept.path(self.file_name(name, base, download))

    def download(self, name: str, base: str, download: str, *, keep: bool = True) -> Iterator[bytes]:
        """A whole release in pieces, the same bytes each time; memory does not grow with it. With `keep`, what is made is kept. `base` is the public address
        of the site; once there is a manifest it is the one that was signed.

        Raises UnknownRelease, InvalidInput (no such form), Busy (too many are being made): all at once, none while it is iterated.
        """
        form, packed = _split(download)
        moment, site, facts = self._asked(name, base)

        def parts() -> Iterator[bytes]:
            if form == CSV:
                return csv_parts(self._engine, moment, site.base)
            return dump(self._engine, moment, site, facts, form, packed=packed)

        return self._kept.stream(file_name(moment, site, facts, download), parts) if keep else parts()

    def check(self, name: str) -> QualityReport:
        """Look through a whole release for what SKOS forbids or a careful editor would not leave. Raises UnknownRelease."""
        return self.check_moment(self._reading.moment(name))

    def check_moment(self, moment: Moment) -> QualityReport:
        """The same for what holds at any moment."""
        facts = ReleaseFacts(str(moment.seq), moment.seq, "", "")
        site = Site("https://release.invalid")
        wanted = Wanted(site)
        statements = (
            statement
            for block in blocks(self._engine, moment, site, facts)
            for statement in block
            if wanted(statement)
        )
        return check(site, statements)

    def check_shapes(self, uuids: Iterable[str], moment: Moment) -> list[Violation]:
        """Where concepts do not keep to the shapes (ontology/shapes.ttl), and whether they came so. Slow: for some tens. Raises InvalidInput where
        it cannot be told."""
        site = Site("https://release.invalid")
        statements: list[Statement] = []
        wanted, others, sourced = list(uuids), set[str](), set[str]()
        for uuid in wanted:
            concept = self._reading.find(uuid, moment).concept
            changes = self._changes(concept, moment)
            dated = Dated(*((change.seq, change.time) for change in (changes[0], changes[-1])))
            about = replace(self._described(concept, moment), dated=dated)
            if about.content.origin and not about.content.edited:
                sourced.add(site.concept(uuid))
            statements += describe(site, about)
            # What a concept points to is no part of it, but its sort matters to the shapes.
            targets = [site.concept(each.target) for each in about.relations]
            statements += [(target, A, CONCEPT) for target in targets]
            others.update(targets)
            statements += describe_change(site, changes[-1])
        for scheme in SCHEMES:
            statements += describe_scheme(site, scheme_facts(scheme))
        # Nothing else is said of it here, so whether it keeps to them is not asked.
        others -= {site.concept(uuid) for uuid in wanted}
        found = validate(serialise.document(list(dict.fromkeys(statements)), "nt", site.at("/catalog")), "nt")
        kept = (each for each in found if f"<{each.node}>" not in others)
        # A label or a relation is named after its concept.
        return [replace(each, in_source=f"<{each.node.partition('#')[0]}>" in sourced) for each in kept]

    def _described(self, concept: Concept, moment: Moment) -> Described:
        uuid = concept.identity.uuid
        groups = concept.relations.values()
        relations = [item.relation for group in groups for item in group.items if item.relation.source == uuid]
        if any(group.total > len(group.items) and group.items[0].relation.source == uuid for group in groups):
            relations = read_outgoing(self._engine, uuid, moment.at)
        base = read_base(self._engine, uuid, moment.at) if concept.content.edited else None
        return Described(concept.identity, concept.content, relations, base=base)

    def _changes(self, concept: Concept, moment: Moment) -> list[Change]:
        seqs = read_state_numbers(self._engine, concept.identity.uuid, moment.at)
        changes = read_changes(self._engine, seqs)
        return [changes[seq] for seq in seqs if seq in changes]

    def _asked(self, name: str, base: str) -> tuple[Moment, Site, ReleaseFacts]:
        """What a download is made of."""
        moment = self._reading.moment(name)
        release = known_release(self._engine, PUBLIC_SPACE, name)
        manifest = find_manifest(self._engine, release)
        return moment, Site(site_of(manifest["body"]) if manifest is not None else base), self._facts_of(release)

    def _all_facts(self) -> list[ReleaseFacts]:
        return [self._facts_of(release) for release in list_releases(self._engine, [PUBLIC_SPACE]) if release.open]

    def _facts_of(self, release: Release) -> ReleaseFacts:
        change = read_changes(self._engine, [release.seq]).get(release.seq)
        return ReleaseFacts(
            release.name, release.seq, release.state, release.frozen_at, change.summary if change is not None else ""
        )


def _about(site: Site, concept: Concept, release: str) -> list[Statement]:
    """The document itself: what it is about, the number and release it is as of, source and licence."""
    uuid = concept.identity.uuid
    path = f"/r/{release}/c/{uuid}" if release else f"/c/{uuid}"
    subject = site.at(f"{path}.jsonld")
    terms = scheme_facts(concept.identity.scheme)
    out = [
        (subject, A, iri(f"{FOAF}Document")),
        (subject, iri(f"{FOAF}primaryTopic"), site.concept(uuid)),
        (subject, iri(f"{DCT}isPartOf"), site.release(release) if release else site.at("/catalog")),
        (subject, own("seq"), number(concept.seq)),
    ]
    if release:
        out.append((subject, iri(f"{OWL}versionInfo"), text(release)))
    if is_iri(terms.licence_url):
        out.append((subject, iri(f"{DCT}license"), iri(terms.licence_url)))
    if terms.attribution:
        out.append((subject, own("attribution"), text(terms.attribution)))
    if any(group.total > len(group.items) for group in concept.relations.values()):
        more = site.at(f"/api/v1/concepts/{uuid}/relations" + (f"?release={release}" if release else ""))
        out.append((subject, iri(f"{RDFS}seeAlso"), more))
    if not release and concept.identity.kind in BINDABLE:
        out.append((subject, iri(f"{RDFS}seeAlso"), site.at(f"/c/{uuid}/badges")))
    return out


def _split(download: str) -> tuple[str, bool]:
    if download not in DOWNLOADS:
        raise InvalidInput(f"{download[:40]!r} is no form of a download: {', '.join(DOWNLOADS)}")
    return download.removesuffix(".gz"), download.endswith(".gz")
