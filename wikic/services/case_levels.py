"""What CASE says of scales, criteria and badges: rubrics with their levels, the levels that concepts have, and the badges that attest them.

Present documents alone say it (see `case_attached`). A scale is a rubric with one criterion that names no item; what a network asks for is a rubric for each of
its scales, with a criterion for each concept.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Final

from wikic.domain.ids import derived_uuid
from wikic.domain.levels import Criteria, Scale, in_language
from wikic.linked_data.case import Criterion, Exemplar, Level, Rubric
from wikic.linked_data.case_terms import SINCE
from wikic.services.badging_catalogue import Catalogue
from wikic.services.criteria_documents import criteria_of
from wikic.services.scaling import Scales
from wikic.store import badges as bindings
from wikic.store import levels as store
from wikic.store.badges import Wanted
from wikic.store.concepts import read_briefs
from wikic.store.engine import Engine
from wikic.store.leases import heads
from wikic.store.organisations import names

GRADED: Final = ("esco", "rome", "wiki")
"""The schemes whose concepts are attested."""
_SCALES: Final = 500
_PAGE: Final = 5_000
_FEW: Final = 50
_PUBLIC: Final = Wanted(state="published")


class AttachedLevels:
    """Scales, criteria and badges over one store, as `case_attached.Attached` wants them; safe between threads."""

    def __init__(self, engine: Engine, catalogue: Catalogue) -> None:
        self._engine, self._catalogue, self._scales = engine, catalogue, Scales(engine)
        self._lock = threading.Lock()
        self._bound: tuple[str, dict[str, list[tuple[str, str]]]] = ("", {})

    def version(self) -> str:
        """See Attached."""
        scales, criteria = store.written(self._engine)
        return f"{scales}.{criteria}.{bindings.last_revision(self._engine)}"

    def rubrics_of(self, scheme: str, lang: str) -> Sequence[Rubric]:
        """See Attached."""
        if scheme not in GRADED:
            return ()
        scales = {scale.id: scale for scale in self._scales.page(limit=_SCALES)[0]}
        made = [_of_scale(scheme, scale, lang) for scale in scales.values()]
        for network, scale in store.adopted_places(self._engine):
            rubric = self._of_network(scheme, network, scales[scale], lang) if scale in scales else None
            made += [rubric] if rubric else []
        return made

    def rubric(self, identifier: str, lang: str) -> tuple[str, Rubric] | None:
        """See Attached."""
        for scheme in GRADED:
            for scale in self._scales.page(limit=_SCALES)[0]:
                if _rubric_id(scheme, scale.id) == identifier:
                    return scheme, _of_scale(scheme, scale, lang)
            for network, key in store.adopted_places(self._engine):
                if _rubric_id(scheme, key, network) == identifier:
                    found = self._of_network(scheme, network, self._scales.get(key), lang)
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
        criteria = [criteria_of(row) for row in store.criteria_of(self._engine, uuids)] if store.adopted_places(self._engine) else []
        scales = self._scales.get_many({each.scale for each in criteria})
        for each in criteria:
            levels = _levels(each.id, f"/criteria/{each.id}", scales[each.scale], lang, each)
            found.setdefault(each.concept, []).extend((level, each.changed) for level in levels if each.says(level.score))
        return found

    def _of_network(self, scheme: str, network: str, scale: Scale, lang: str) -> Rubric | None:
        """What a network asks for of the concepts of a scheme; None for nothing."""
        criteria = [criteria_of(row) for row in store.of_network(self._engine, network, scale.id)]
        # What was there once is there at every later moment.
        briefs = read_briefs(self._engine, [each.concept for each in criteria], heads(self._engine)) if criteria else {}
        mine = [each for each in criteria if each.concept in briefs and briefs[each.concept].scheme == scheme]
        if not mine:
            return None
        row = names(self._engine, [network]).get(network)
        made = [
            Criterion(
                each.id, f"/criteria/{each.id}", each.concept, in_language(briefs[each.concept].preferred, lang)[0] or each.concept, "",
                _levels(each.id, f"/criteria/{each.id}", scale, lang, each),
            )
            for each in mine
        ]  # fmt: skip
        title = f"{in_language(scale.name, lang)[0]}, {row['name'] if row else network}"
        return Rubric(_rubric_id(scheme, scale.id, network), title, "", max(each.changed for each in mine), made)

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


def _of_scale(scheme: str, scale: Scale, lang: str) -> Rubric:
    identifier = derived_uuid(f"case:criterion:{scheme}:{scale.id}")
    address, name = f"/scales/{scale.id}", in_language(scale.name, lang)[0]
    criterion = Criterion(identifier, address, "", "", name, _levels(identifier, address, scale, lang))
    return Rubric(_rubric_id(scheme, scale.id), name, "", scale.changed or SINCE, [criterion])


def _levels(criterion: str, address: str, scale: Scale, lang: str, criteria: Criteria | None = None) -> list[Level]:
    made = []
    for number, level in enumerate(scale.levels, 1):
        said = criteria.levels.get(number, {}) if criteria else {}
        description = in_language(said or level.description, lang)[0]
        identifier = derived_uuid(f"case:level:{criterion}:{number}")
        made.append(Level(identifier, f"{address}/levels/{number}", in_language(level.name, lang)[0], description, number))
    return made


def _rubric_id(scheme: str, scale: str, network: str = "") -> str:
    return derived_uuid(f"case:rubric:{scheme}:{scale}:{network}")
