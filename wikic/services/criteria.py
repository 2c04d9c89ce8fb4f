"""Criteria by level, as networks have adopted them: read one by one, by concept or network, with their versions; and which of them hold for a badge class.

Adopted criteria are there for everybody: a network that shares any is public, and stays so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from wikic.domain.badges import parse_level
from wikic.domain.badges_bindings import Binding
from wikic.domain.levels import Criteria, Graded, Scale
from wikic.errors import NotFound
from wikic.services.criteria_documents import criteria_of
from wikic.services.scaling import scales_in
from wikic.store import documents
from wikic.store import levels as store
from wikic.store.engine import Engine, Row
from wikic.store.organisations import names_of
from wikic.store.tables import CRITERIA, CRITERIA_VERSIONS

_MOST_VERSIONS = 1_000_000


@dataclass(frozen=True, slots=True)
class Holding:
    """What holds for a competency that a badge class attests at a level: the scale, and the criteria that say something of that level, those of the nearest
    network first."""

    concept: str
    scale: Scale
    number: int
    criteria: tuple[Criteria, ...]


class AdoptedCriteria:
    """Criteria over one store."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, identity: str) -> Criteria:
        """The criteria of a network for a concept and a scale. Raises NotFound."""
        return criteria_of(documents.get(self._engine, CRITERIA, identity, "criteria"))

    def find(self, identity: str) -> Criteria | None:
        """The same; None where there are none."""
        row = documents.find(self._engine, CRITERIA, identity)
        return criteria_of(row) if row else None

    def versions(self, identity: str, *, after: int = 0, limit: int = 100) -> list[Criteria]:
        """What they said each time that something was adopted, oldest first. Raises NotFound."""
        self.get(identity)
        return [criteria_of(row) for row in store.versions_of(self._engine, identity, after=after, limit=limit)]

    def version(self, identity: str, number: int) -> Criteria:
        """One version. Raises NotFound."""
        key = store.version_key(identity, number) if 0 < number < _MOST_VERSIONS else ""
        row = documents.find(self._engine, CRITERIA_VERSIONS, key)
        if row is None:
            raise NotFound(f"there is no version {number} of the criteria {identity[:60]}", reason="criteria-version-none", number=number)
        return criteria_of(row)

    def page(self, *, concept: str = "", network: str = "", scale: str = "", after: str = "", limit: int = 100) -> tuple[list[Criteria], str]:
        """Criteria of a concept, by scale and network, or of a network, or all; and where the next page begins ("" at the end)."""
        field, prefix = ("by_concept", f"{concept}/") if concept else ("by_network", f"{network}/" if network else "")
        where = {name: value for name, value in (("network", network), ("scale", scale)) if value}
        rows = documents.page(self._engine, CRITERIA, field, prefix=prefix, after=after, limit=limit + 1, where=where)
        return [criteria_of(row) for row in rows[:limit]], str(rows[limit - 1][field]) if len(rows) > limit else ""

    def of_concepts(self, concepts: Iterable[str]) -> list[Criteria]:
        """The criteria of these concepts, of every network and scale. One round trip."""
        return [criteria_of(row) for row in store.criteria_of(self._engine, concepts)]

    def network_names(self, slugs: Iterable[str]) -> dict[str, str]:
        """The names of networks that share something, by slug."""
        return names_of(self._engine, slugs)

    def holding(self, issuer: str, level: str, bindings: Iterable[Binding]) -> list[Holding]:
        """What holds for each competency that a badge class of this issuer attests (its own `level` where a binding has none); those without a level are
        not in it. Two round trips, and one for each layer of networks."""
        bound = [(each.concept, parsed) for each in bindings if (parsed := parse_level(each.level or level)) is not None]
        scales = scales_in(self._engine, {parsed.scale for _, parsed in bound}) if bound else {}
        bound = [(concept, parsed) for concept, parsed in bound if parsed.scale in scales]
        if not bound:
            return []
        known = self._by_place(store.criteria_of(self._engine, {concept for concept, _ in bound}))
        layers = store.layers_above(self._engine, issuer) if known else []
        found = []
        for concept, parsed in dict.fromkeys(bound):
            near = [known.get((network, concept, parsed.scale)) for layer in layers for network in layer]
            holds = tuple(each for each in near if each is not None and each.says(parsed.number))
            found.append(Holding(concept, scales[parsed.scale], parsed.number, holds))
        return found

    def graded(self, issuer: str, level: str, bindings: Iterable[Binding], names: Mapping[str, str]) -> list[Graded]:
        """The levels that a badge class attests: one for each competency for which a network wrote criteria, in the words of the nearest; one for each other
        level. `names`: of competencies, by uuid."""
        found: dict[str, Graded] = {}
        for each in self.holding(issuer, level, list(bindings)):
            if each.criteria:
                key, name = f"level-{each.scale.id}-{each.concept}", names.get(each.concept, "")
                found[key] = Graded(key, each.scale, each.number, each.criteria[0], name)
            else:
                found |= {(made := plain(each.scale, each.number)).key: made}
        own = parse_level(level)
        scale = scales_in(self._engine, [own.scale]).get(own.scale) if own and not found else None
        return [*found.values()] if scale is None or own is None else [plain(scale, own.number)]

    @staticmethod
    def _by_place(rows: Iterable[Row]) -> Mapping[tuple[str, str, str], Criteria]:
        found = [criteria_of(row) for row in rows]
        return {(each.network, each.concept, each.scale): each for each in found}


def plain(scale: Scale, number: int) -> Graded:
    """A level in the words of its scale."""
    return Graded(f"level-{scale.id}-{number}", scale, number)
