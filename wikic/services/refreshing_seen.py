"""Competencies as a release has them: the names that bindings take over when they are renewed or re-aligned."""

from __future__ import annotations

from collections.abc import Iterable

from wikic.domain.badges_bindings import BINDABLE
from wikic.domain.vocabulary import DEPRECATED, PUBLIC_SPACE
from wikic.errors import Conflict, InvalidInput, WikicError
from wikic.services.binding_targets import Seen
from wikic.services.reading import Reading
from wikic.services.reading_moments import Moment, parse_reference
from wikic.services.reading_views import best
from wikic.store.concepts import Brief, read_briefs
from wikic.store.engine import Engine
from wikic.store.releases import Release, known_release, last_published, published_before
from wikic.store.writing import chunks

_READ = 500


class AsOf:
    """Competencies over one store, as of releases."""

    def __init__(self, engine: Engine, reading: Reading) -> None:
        self._engine, self._reading = engine, reading

    def before(self, release: str) -> Moment | None:
        """The moment of the release that a release ("": the present state) is compared with; None where there is none. Raises UnknownRelease."""
        earlier = compared_with(self._engine, self._reading, release)
        return self._reading.moment(earlier.name) if earlier else None

    def latest(self, release: str) -> str:
        """This release, or the last one that is published, where that is later. Raises UnknownRelease."""
        last = last_published(self._engine, self._reading.moment().seq + 1)
        return last.name if last and last.seq > known_release(self._engine, PUBLIC_SPACE, release).seq else release

    def resolved(self, refs: Iterable[str], release: str) -> dict[str, Seen | WikicError]:
        """Each reference (uuid, alias, source address, code) with the competency it names as of a release, or why it cannot be attested. One round trip for
        some hundred uuids, one or two for each other reference."""
        moment = self._reading.moment(release)
        found: dict[str, Seen | WikicError] = {}
        uuids: dict[str, str] = {}
        for ref in dict.fromkeys(refs):
            try:
                uuids[ref] = parse_reference(ref).uuid
            except WikicError as error:
                found[ref] = error
        briefs: dict[str, Brief] = {}
        for part in chunks(sorted({uuid for uuid in uuids.values() if uuid}), _READ):
            briefs |= read_briefs(self._engine, part, moment.at)
        for ref, uuid in uuids.items():
            try:
                if uuid not in briefs:
                    uuid = self._reading.find(ref, moment).concept.identity.uuid
                    briefs |= read_briefs(self._engine, [uuid], moment.at)
                found[ref] = Seen(uuid, _attested(briefs[uuid], release).preferred, release, moment.seq)
            except WikicError as error:
                found[ref] = error
        return found


def compared_with(engine: Engine, reading: Reading, release: str) -> Release | None:
    """The published release that a release, or with "" the present state, is compared with; None where there is none. Raises UnknownRelease."""
    if release:
        return published_before(engine, known_release(engine, PUBLIC_SPACE, release))
    # What came after the last one, also where nothing came.
    return last_published(engine, reading.moment().seq + 1)


def _attested(brief: Brief, release: str) -> Brief:
    if brief.kind not in BINDABLE:
        name = best(brief.preferred, None)
        raise InvalidInput(
            f"{name!r} is of the kind {brief.kind}: badge classes attest {', '.join(BINDABLE)}", reason="not-bindable", name=name, kind=brief.kind
        )
    if brief.status == DEPRECATED:
        raise Conflict(f"{best(brief.preferred, None)!r} is deprecated in {release}: choose what replaced it", reason="refresh-deprecated", release=release)
    return brief
