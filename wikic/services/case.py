"""The framework by CASE 1.1 (1EdTech), read-only: documents, items, associations, packages.

Flow: web and command line -> `Case` -> `case_packages` -> `wikic.store.case_reading`, `wikic.linked_data.case`. A document is a scheme: now, or in a
published release. Permissions: the public space only, and the same for everyone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final

from wikic import __version__
from wikic.domain.ids import is_uuid
from wikic.domain.vocabulary import SCHEMES
from wikic.errors import NotFound
from wikic.linked_data import case_ids as ids
from wikic.linked_data.case import Document, Maker
from wikic.linked_data.case_terms import GROUPS, Json, Term, licence, terms
from wikic.services.case_attached import Attached, NothingAttached
from wikic.services.case_packages import Around, package
from wikic.services.publishing_kept import Kept
from wikic.services.publishing_zip import zipped
from wikic.services.reading import Reading
from wikic.services.reading_heads import Remembered
from wikic.services.reading_moments import Moment
from wikic.services.reading_schemes import TERMS
from wikic.services.reading_views import Body
from wikic.store import case_reading as store
from wikic.store.concepts import resolve
from wikic.store.engine import Engine
from wikic.store.history import read_changes
from wikic.store.releases import PUBLISHED

_KNOWN: Final = 1_000
_BEGINNING: Final = "1970-01-01T00:00:00Z"
"""When the empty framework was last changed."""


@dataclass(frozen=True, slots=True)
class Made:
    """An object, and whether it will always be the same. `moved_to`: the thing has another identifier."""

    content: Json
    pinned: bool = False
    moved_to: str = ""


class Case:
    """The read flow of CASE over one store. `folder`: where packages of releases are kept once made; None: nowhere."""

    def __init__(
        self, engine: Engine, reading: Reading, folder: Path | None = None, attached: Attached | None = None
    ) -> None:
        self._engine, self._reading = engine, reading
        self.attached: Attached = attached or NothingAttached()
        self._kept, self._passing = Kept(folder), Kept(None)
        self._filled: Remembered[tuple[str, int, str], str] = Remembered(_KNOWN)
        self._times: Remembered[tuple[str, int], str] = Remembered(_KNOWN)

    def documents(self) -> list[Document]:
        """Every document: the present ones, then those of releases, the latest first; schemes that hold nothing are left out."""
        return [document for release in ["", *self._releases()] for document in self.documents_of(release)]

    def documents_of(self, name: str) -> list[Document]:
        """The documents of a release (published or not), or ("") the present ones. Raises UnknownRelease."""
        moment, release = self._reading.moment(name or None), self._reading.release(name) if name else None
        return [self._document(scheme, moment, release) for scheme in SCHEMES if self._holds(scheme, moment)]

    def document(self, identifier: str) -> Document:
        """A document by its identifier. Raises NotFound."""
        found = [each for each in self.documents() if each.identifier == identifier]
        if not found:
            raise NotFound(f"there is no CFDocument {identifier[:100]}")
        return found[0]

    def moment(self, document: Document) -> Moment:
        """What a document is as of."""
        return self._reading.moment(document.release) if document.release else self._reading.moment(at=document.seq)

    def tag(self, document: Document) -> str:
        """What, besides its moment, a package follows from."""
        return "" if document.release else self.attached.version()

    def package(self, document: Document, base: str, lang: str, *, keep: bool = True) -> Iterator[bytes]:
        """The package of a document in pieces; memory does not grow with it. With `keep`, that of a release is kept once made.

        Raises Busy (too many are being made) at once, not while it is iterated.
        """
        moment, maker = self.moment(document), Maker(base, document, lang)

        def parts() -> Iterator[bytes]:
            return package(self._engine, moment, maker, self._attached(document, moment))

        if not keep:
            return parts()
        told = "\n".join((moment.epoch, str(moment.seq), base, document.identifier, lang, __version__))
        name = f"{blake2b(told.encode(), digest_size=8).hexdigest()}-{moment.seq}.case.json"
        kept = self._kept if document.release else self._passing
        path = kept.path(name)
        return _pieces(path) if path is not None else kept.stream(name, parts)

    def archive(self, name: str, base: str, lang: str) -> Iterator[bytes]:
        """The packages of all documents of a release in a zip, in pieces. Raises UnknownRelease at once."""
        documents = self.documents_of(name)
        return zipped(
            (f"wikic-{name}-{each.scheme}.json", self.package(each, base, lang, keep=False)) for each in documents
        )

    def item(self, identifier: str, base: str, lang: str) -> Made:
        """A CFItem by its identifier; by an alias, where it has moved to. Raises NotFound."""
        document, moment, state = self._item(identifier)
        maker = Maker(base, document, lang)
        (item,) = self._around(document, moment, maker).items([state])
        return self._made(maker.item(item, alone=True), identifier, document)

    def item_associations(self, identifier: str, base: str, lang: str) -> Made:
        """A CFItem with all associations that start or end at it. Raises NotFound."""
        document, moment, state = self._item(identifier)
        maker, uuid = Maker(base, document, lang), state.identity.uuid
        around = self._around(document, moment, maker)
        (item,) = around.items([state])
        linked = store.linked_of(self._engine, {uuid: state}, moment.at)
        incoming = store.relations_into(self._engine, uuid, moment.at)
        found = {each["identifier"]: each for each in around.associations(linked)}
        found |= {each["identifier"]: each for each in around.from_others(uuid, incoming)}
        made: Json = {"CFItem": maker.item(item, alone=True), "CFAssociations": list(found.values())}
        return self._made(made, identifier, document, made["CFItem"]["identifier"])

    def association(self, identifier: str, base: str, lang: str) -> Made:
        """A CFAssociation by its identifier. Two short queries for each release, at most. Raises NotFound."""
        for release in ["", *self._releases()]:
            uuids = store.uuids_between(self._engine, *ids.association_range(identifier, release))
            moment = self._reading.moment(release or None)
            states = store.states_of(self._engine, uuids, moment.at) if uuids else {}
            for linked in store.linked_of(self._engine, states, moment.at) if states else ():
                document = self._of(states[linked.uuid].identity.scheme, release, moment)
                maker = Maker(base, document, lang)
                for made in self._around(document, moment, maker).associations([linked]):
                    if made["identifier"] == identifier:
                        return Made(made | {"CFDocumentURI": maker.document_link()}, bool(release))
        raise NotFound(f"there is no CFAssociation {identifier[:100]}")

    def term(self, group: str, identifier: str, service: str, lang: str) -> Json:
        """A word of a closed vocabulary (CFItemTypes ...) by its identifier. Raises NotFound."""
        known = list(terms(group).values()) if group in GROUPS else list(filter(None, map(_licence, SCHEMES)))
        found = next((each for each in known if each.identifier == identifier), None)
        if found is None:
            raise NotFound(f"there is no {group.removesuffix('s')} {identifier[:100]}")
        return found.whole(service, lang)

    def rubric(self, identifier: str, base: str, lang: str) -> Made:
        """A CFRubric by its identifier. Raises NotFound."""
        for release in ["", *self._releases()]:
            moment = self._reading.moment(release or None)
            found = self._attached(self._of(SCHEMES[0], release, moment), moment).rubric(identifier, lang)
            if found is not None:
                scheme, rubric = found
                return Made(Maker(base, self._of(scheme, release, moment), lang).rubric(rubric), bool(release))
        raise NotFound(f"there is no CFRubric {identifier[:100]}")

    def _attached(self, document: Document, moment: Moment) -> Attached:
        return self.attached.then(document.release, document.changed, moment.at) if document.release else self.attached

    def _around(self, document: Document, moment: Moment, maker: Maker) -> Around:
        return Around(self._engine, moment, maker, self._attached(document, moment))

    def _item(self, identifier: str) -> tuple[Document, Moment, store.StateRow]:
        now = self._reading.moment()
        possible = {
            uuid: release
            for release in reversed(["", *self._releases()])
            for uuid in ids.item_uuids(identifier, release)
        }
        # What was there once is there at every later moment.
        known = store.states_of(self._engine, list(possible), now.at)
        for uuid in sorted(known):
            release = possible[uuid]
            moment = self._reading.moment(release) if release else now
            state = store.states_of(self._engine, [uuid], moment.at).get(uuid) if release else known[uuid]
            if state is not None:
                return self._of(state.identity.scheme, release, moment), moment, state
        behind = resolve(self._engine, identifier, now.at) if is_uuid(identifier) else None
        if behind is not None:
            state = store.states_of(self._engine, [behind.uuid], now.at)[behind.uuid]
            return self._of(state.identity.scheme, "", now), now, state
        raise NotFound(f"there is no CFItem {identifier[:100]}")

    def _made(self, content: Json, asked: str, document: Document, own: str = "") -> Made:
        own = own or content["identifier"]
        return Made(content, bool(document.release), own if own != asked else "")

    def _of(self, scheme: str, release: str, moment: Moment) -> Document:
        return self._document(scheme, moment, self._reading.release(release) if release else None)

    def _document(self, scheme: str, moment: Moment, release: Body | None) -> Document:
        scheme_terms = TERMS[scheme]
        changed = str(release["frozen_at"]) if release else max(self._changed(moment), self.attached.changed())
        since = str(release["published_at"] or "")[:10] if release else ""
        name = str(release["name"]) if release else ""
        return Document(
            scheme, name, moment.seq, changed, since, scheme_terms.title, _licence(scheme), scheme_terms.attribution
        )

    def _changed(self, moment: Moment) -> str:
        key = (moment.epoch, moment.seq)
        known = self._times.get(key)
        if known is None:
            change = read_changes(self._engine, [moment.seq]).get(moment.seq)
            known = self._times.put(key, change.time if change is not None else _BEGINNING)
        return known

    def _holds(self, scheme: str, moment: Moment) -> bool:
        key = (moment.epoch, moment.seq, scheme)
        known = self._filled.get(key)
        if known is None:
            known = self._filled.put(
                key, "yes" if self._reading.concepts(moment, scheme=scheme, limit=1).items else "no"
            )
        return known == "yes"

    def _releases(self) -> list[str]:
        found = [str(each["name"]) for each in self._reading.releases().items if each["state"] == PUBLISHED]
        return found[::-1]


def _licence(scheme: str) -> Term | None:
    known = TERMS[scheme]
    return licence(scheme, known.licence, known.licence_url, known.attribution)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            yield piece
