"""What CASE says of scales, criteria and badges: rubrics with their levels, the levels that concepts have, and the badges that attest them.

The present documents say what there is now, those of a release what there was when it was frozen: scales and criteria have versions, and so have badge
classes, with what they were bound to. A scale is a rubric with one criterion that names no item; what a network asks for is a rubric for each of its scales,
with a criterion for each concept.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from wikic.domain.ids import derived_uuid
from wikic.domain.levels import Criteria, Scale, in_language
from wikic.linked_data.case import Criterion, Exemplar, Level, Rubric
from wikic.linked_data.case_ids import item_id
from wikic.linked_data.case_terms import SINCE
from wikic.services.badging_catalogue import FRESH_SECONDS, Catalogue
from wikic.services.case_attached import Attached
from wikic.services.criteria_documents import criteria_of
from wikic.services.reading_heads import Remembered
from wikic.services.scaling import Scales
from wikic.store import badges as bindings
from wikic.store import levels as store
from wikic.store.badges import Wanted
from wikic.store.concepts import read_briefs
from wikic.store.deployment import versions_at
from wikic.store.engine import Engine, Row
from wikic.store.events import read_these
from wikic.store.leases import heads
from wikic.store.organisations import names
from wikic.store.temporal import At

GRADED: Final = ("esco", "rome", "wiki")
"""The schemes whose concepts are attested."""
_SCALES: Final = 500
_PAGE: Final = 5_000
_FEW: Final = 50
_PAST: Final = 4
_VERSIONS: Final = 1_000
_PUBLIC: Final = Wanted(state="published")


class AttachedLevels:
    """Scales, criteria and badges over one store, as `case_attached.Attached` wants them; safe between threads."""

    def __init__(self, engine: Engine, catalogue: Catalogue) -> None:
        self._engine, self._catalogue, self._scales = engine, catalogue, Scales(engine)
        self._lock = threading.Lock()
        self._bound: tuple[str, dict[str, list[tuple[str, str]]]] = ("", {})
        self._changed = (-1, -1.0, "")
        self._past: Remembered[tuple[str, str], AttachedThen] = Remembered(_PAST)

    def then(self, release: str, time: str, at: At) -> Attached:
        """See Attached."""
        known = self._past.get((release, time))
        return known or self._past.put((release, time), AttachedThen(self._engine, self._catalogue, release, time, at))

    def version(self) -> str:
        """See Attached."""
        scales, criteria = store.written(self._engine)
        return f"{scales}.{criteria}.{bindings.last_revision(self._engine)}"

    def changed(self) -> str:
        """See Attached."""
        # Every item and every document asks for it.
        moved, when = self._engine.moved, time.monotonic()
        if self._changed[0] != moved or when - self._changed[1] >= FRESH_SECONDS:
            events = read_these(self._engine, [int(bindings.last_revision(self._engine) or 0)])
            self._changed = (moved, when, max([store.last_written(self._engine), *(each.time for each in events)]))
        return self._changed[2]

    def rubrics_of(self, scheme: str, lang: str) -> Sequence[Rubric]:
        """See Attached."""
        if scheme not in GRADED:
            return ()
        scales = self._known()
        made = [self._of_scale(scheme, scale, lang) for scale in scales.values()]
        for network, scale in store.adopted_places(self._engine):
            rubric = self._of_network(scheme, network, scales[scale], lang) if scale in scales else None
            made += [rubric] if rubric else []
        return made

    def rubric(self, identifier: str, lang: str) -> tuple[str, Rubric] | None:
        """See Attached."""
        scales, places = self._known(), store.adopted_places(self._engine)
        for scheme in GRADED:
            for scale in scales.values():
                if self._rubric_id(scheme, scale.id) == identifier:
                    return scheme, self._of_scale(scheme, scale, lang)
            for network, key in places:
                if key in scales and self._rubric_id(scheme, key, network) == identifier:
                    found = self._of_network(scheme, network, scales[key], lang)
                    return (scheme, found) if found else None
        return None

    def exemplars_of(self, uuids: Sequence[str]) -> Mapping[str, Sequence[Exemplar]]:
        """See Attached."""
        bound = self._bound_to(uuids) if len(uuids) <= _FEW else self._all_bound()
        entries = self._catalogue.entries() if bound else {}
        found: dict[str, list[Exemplar]] = {}
        for uuid in uuids:
            for badge, since in bound.get(uuid, ()):
                entry = entries.get(badge)
                if entry is not None:
                    address = entry.address if entry.hosted == "elsewhere" and entry.address else f"/badges/{badge}"
                    found.setdefault(uuid, []).append(Exemplar(address, entry.name, since))
        return found

    def levels_of(self, uuids: Sequence[str], lang: str) -> Mapping[str, Sequence[tuple[Level, str]]]:
        """See Attached."""
        found: dict[str, list[tuple[Level, str]]] = {}
        criteria = self._said(store.criteria_of(self._engine, uuids)) if store.adopted_places(self._engine) else []
        scales = self._known() if criteria else {}
        for each in criteria:
            levels = self._levels(self._identity(each.id), f"/criteria/{each.id}", scales[each.scale], lang, each)
            found.setdefault(each.concept, []).extend((level, each.changed) for level in levels if each.says(level.score))
        return found

    def _of_network(self, scheme: str, network: str, scale: Scale, lang: str) -> Rubric | None:
        """What a network asks for of the concepts of a scheme; None for nothing."""
        criteria = self._said(store.of_network(self._engine, network, scale.id))
        # What was there once is there at every later moment.
        briefs = read_briefs(self._engine, [each.concept for each in criteria], self._at()) if criteria else {}
        mine = [each for each in criteria if each.concept in briefs and briefs[each.concept].scheme == scheme]
        if not mine:
            return None
        made = [
            Criterion(
                self._identity(each.id), f"/criteria/{each.id}", each.concept, in_language(briefs[each.concept].preferred, lang)[0] or each.concept, "",
                self._levels(self._identity(each.id), f"/criteria/{each.id}", scale, lang, each),
            )
            for each in mine
        ]  # fmt: skip
        title = f"{in_language(scale.name, lang)[0]}, {self._name_of(network)}"
        return Rubric(self._rubric_id(scheme, scale.id, network), title, "", max(each.changed for each in mine), made)

    def _of_scale(self, scheme: str, scale: Scale, lang: str) -> Rubric:
        identifier = self._identity(derived_uuid(f"case:criterion:{scheme}:{scale.id}"))
        address, name = f"/scales/{scale.id}", in_language(scale.name, lang)[0]
        criterion = Criterion(identifier, address, "", "", name, self._levels(identifier, address, scale, lang))
        return Rubric(self._rubric_id(scheme, scale.id), name, "", scale.changed or SINCE, [criterion])

    def _levels(self, criterion: str, address: str, scale: Scale, lang: str, criteria: Criteria | None = None) -> list[Level]:
        made = []
        for number, level in enumerate(scale.levels, 1):
            said = criteria.levels.get(number, {}) if criteria else {}
            description = in_language(said or level.description, lang)[0]
            identifier = derived_uuid(f"case:level:{criterion}:{number}")
            made.append(Level(identifier, f"{address}/levels/{number}", in_language(level.name, lang)[0], description, number))
        return made

    def _rubric_id(self, scheme: str, scale: str, network: str = "") -> str:
        return self._identity(derived_uuid(f"case:rubric:{scheme}:{scale}:{network}"))

    # What differs between now and a moment of the past:

    def _identity(self, identifier: str) -> str:
        """The identifier of a thing in these documents."""
        return identifier

    def _at(self) -> At:
        return heads(self._engine)

    def _name_of(self, network: str) -> str:
        row = names(self._engine, [network]).get(network)
        return row["name"] if row else network

    def _known(self) -> dict[str, Scale]:
        """The scales, by id."""
        return {scale.id: scale for scale in self._scales.page(limit=_SCALES)[0]}

    def _said(self, rows: Iterable[Row]) -> list[Criteria]:
        """Criteria from their documents."""
        return [criteria_of(row) for row in rows]

    def _bound_to(self, uuids: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
        found: dict[str, list[tuple[str, str]]] = {}
        for uuid in uuids:
            for row in bindings.page_of_bindings(self._engine, "by_concept", f"{uuid}/", _PUBLIC, limit=_PAGE):
                _add(found, uuid, str(row["badge_class"]), str(row["made_at"]))
        return found

    def _all_bound(self) -> dict[str, list[tuple[str, str]]]:
        """Every concept that public badge classes attest: read once for each state of the badges, some 200 bytes a binding."""
        version = bindings.last_revision(self._engine)
        with self._lock:
            if self._bound[0] != version:
                found: dict[str, list[tuple[str, str]]] = {}
                after = ""
                while True:
                    rows = bindings.page_of_bindings(self._engine, "by_concept", "", _PUBLIC, after=after, limit=_PAGE)
                    for row in rows:
                        _add(found, str(row["concept"]), str(row["badge_class"]), str(row["made_at"]))
                    if len(rows) < _PAGE:
                        break
                    after = str(rows[-1]["by_concept"])
                self._bound = (version, found)
            return self._bound[1]


def _add(found: dict[str, list[tuple[str, str]]], concept: str, badge: str, since: str) -> None:
    """One badge for a concept, at whatever levels."""
    known = found.setdefault(concept, [])
    if all(badge != each for each, _ in known):
        known.append((badge, since))


class AttachedThen(AttachedLevels):
    """The same as it was at a time, for the documents of a release: never anything else, for whatever changes has versions. A network goes by its short name,
    since its name may change; what badge classes were bound to is read once, some 200 bytes a binding."""

    def __init__(self, engine: Engine, catalogue: Catalogue, release: str, time: str, at: At) -> None:
        super().__init__(engine, catalogue)
        self._release, self._time, self._moment = release, time, at
        self._shown: dict[str, list[Exemplar]] | None = None

    def version(self) -> str:
        """See Attached."""
        return ""

    def changed(self) -> str:
        """See Attached."""
        return self._time

    def exemplars_of(self, uuids: Sequence[str]) -> Mapping[str, Sequence[Exemplar]]:
        """See Attached."""
        with self._lock:
            if self._shown is None:
                self._shown = self._read_shown()
            return {uuid: self._shown[uuid] for uuid in uuids if uuid in self._shown}

    def _read_shown(self) -> dict[str, list[Exemplar]]:
        found: dict[str, list[Exemplar]] = {}
        for row in versions_at(self._engine, self._time):
            content, identity, published = row["content"], str(row["id"]), str(row["published"])
            elsewhere = content.get("hosted") == "elsewhere" and content.get("address")
            address = str(elsewhere or f"/b/{identity}/v/{int(row['number'])}")
            shown = Exemplar(address, str(content["name"]), published)
            for concept in sorted({str(each["concept"]) for each in row["bindings"]}):
                found.setdefault(concept, []).append(shown)
        return found

    def _identity(self, identifier: str) -> str:
        return item_id(identifier, self._release)

    def _at(self) -> At:
        return self._moment

    def _name_of(self, network: str) -> str:
        return network

    def _known(self) -> dict[str, Scale]:
        ids = [key for key, scale in super()._known().items() if scale.created <= self._time]
        return self._scales.as_of(ids, self._time)

    def _said(self, rows: Iterable[Row]) -> list[Criteria]:
        found = []
        for each in super()._said(rows):
            if each.changed <= self._time:
                found.append(each)
                continue
            versions = map(criteria_of, store.versions_of(self._engine, each.id, limit=_VERSIONS))
            found += [version for version in versions if version.changed <= self._time][-1:]
        return found
