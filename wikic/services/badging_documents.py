"""What documents and copy boxes say of badge classes, issuers and competencies: everybody reads them, so drafts and private issuers are not there.

Flow: id or reference -> `Documents` -> `domain.badges_documents` and `domain.badges_alignments`, which write it. A binding is said as of the release in
which it was made, whatever happened later: so a document changes with its badge class alone, and that of a version never.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wikic.domain.access import NOBODY
from wikic.domain.badges import BadgeClass, BadgeContent, BadgeVersion, parse_level
from wikic.domain.badges_alignments import Attested, Box, box
from wikic.domain.badges_bindings import Target, framework_name, frozen
from wikic.domain.badges_documents import Described, DescribedIssuer
from wikic.domain.ids import derived_uuid
from wikic.domain.levels import Scale, in_language
from wikic.errors import NotFound, WikicError
from wikic.services.badging import Badging, Image
from wikic.services.badging_catalogue import Catalogue
from wikic.services.binding import Bindings
from wikic.services.binding_targets import Seen
from wikic.services.criteria import plain
from wikic.services.levels_parts import LevelServices
from wikic.services.reading import Reading


@dataclass(frozen=True, slots=True)
class Aligned:
    """A competency with its level, as of a release ("" for now), to be written for any platform."""

    attested: Attested
    scale: Scale | None = None

    def box(self, format: str, base: str, *, lang: str = "fr", address: str = "permanent") -> Box:
        """What is copied into a platform."""
        own, level = self.attested, parse_level(self.attested.level)
        identity = f"urn:uuid:{derived_uuid(f'result|{own.target.concept}|{own.level}')}"
        graded = plain(self.scale, level.number) if level and self.scale and format == "ob3" else None
        results = [graded.described(identity, base=base, lang=lang)] if graded else []
        return box(format, [own], base, lang=lang, address=address, results=results)


class Documents:
    """Documents over one store."""

    def __init__(self, badging: Badging, bindings: Bindings, catalogue: Catalogue, reading: Reading, levels: LevelServices) -> None:
        self._badging, self._bindings, self._catalogue, self._reading, self._levels = badging, bindings, catalogue, reading, levels

    def published(self, identity: str) -> BadgeClass:
        """A badge class that was published, by itself. Raises NotFound. One round trip."""
        badge = self._badging.get(identity, NOBODY)
        if not badge.public:
            raise NotFound(f"there is no badge class {identity[:100]}", reason="badge-none", badge=identity[:100])
        return badge

    def badge(self, identity: str) -> Described:
        """A badge class that was published, as it is now. Raises NotFound. A few round trips: one for each release it was bound in, and
        for each layer of networks above its issuer."""
        return self.described(self.published(identity))

    def described(self, badge: BadgeClass) -> Described:
        """The same of one that is read already."""
        bindings = self._bindings.open_of([badge.id])[badge.id]
        bound = [frozen(each) for each in bindings]
        attested = self._attested_of(bound, badge.content, self._levels.scales.get_many(_scales_in(str(each["level"]) for each in bound)))
        names = {each.target.concept: each.target.name for each in attested}
        graded = self._levels.criteria.graded(badge.issuer, badge.content.level, bindings, names)
        return Described(badge.id, badge.issuer, badge.number, badge.content, attested, graded)

    def version(self, identity: str, number: int) -> Described:
        """One of its versions, for ever the same. Raises NotFound."""
        self.published(identity)
        made: BadgeVersion = self._badging.version(identity, number, NOBODY)
        own = made.content.level
        levels = {str(each["level"]) or own for each in made.bindings} or {own}
        scales = self._levels.scales.as_of(_scales_in(levels), made.published)
        parsed = [each for each in map(parse_level, sorted(levels)) if each is not None and each.scale in scales]
        graded = [plain(scales[each.scale], each.number) for each in parsed]
        attested = self._attested_of(made.bindings, made.content, scales)
        return Described(identity, made.issuer, number, made.content, attested, graded, pinned=True)

    def issuer(self, slug: str) -> DescribedIssuer:
        """A public issuer. Raises NotFound."""
        found = self._catalogue.issuer(slug, NOBODY)
        return DescribedIssuer(found.slug, found.name, found.profile)

    def image(self, identity: str, number: int = 0) -> Image:
        """The image of a badge class that was published, or of one of its versions. Raises NotFound."""
        self.published(identity)
        return self._badging.image(identity, NOBODY, number=number)

    def boxes_of(self, described: Described, format: str, base: str, *, address: str = "permanent") -> Box:
        """What is copied into a platform for all competencies of a badge class."""
        content = described.content
        results = described.results(base) if format == "ob3" else []
        return box(format, described.attested, base, lang=content.lang, address="pinned" if described.pinned else address, results=results)

    def competency(self, ref: str, lang: str, *, level: str = "", release: str | None = None) -> Aligned:
        """A competency by any reference, as of a release: the asked one, else the last published one that holds it; "" for now. Deprecated ones too.
        Raises NotFound, InvalidInput (it is no competency, no such level), UnknownRelease."""
        seen: Seen | WikicError = self._bindings.targets.resolved([ref], release, historic=True)[ref]
        if isinstance(seen, WikicError):
            raise seen
        moment = self._reading.moment(seen.release) if seen.release else self._reading.moment(at=seen.seq)
        target = self._bindings.targets.at([seen.uuid], lang, moment, seen.release)[seen.uuid]
        return self.aligned(target, level)

    def aligned(self, target: Target, level: str = "") -> Aligned:
        """The same of what is known already. Raises InvalidInput."""
        scale = self._levels.scales.of_level(level)
        return Aligned(_attested(target, level, {scale.id: scale} if scale else {}), scale)

    def _attested_of(self, bound: Sequence[Mapping[str, Any]], content: BadgeContent, scales: Mapping[str, Scale]) -> list[Attested]:
        """What each binding says, its level in the words of these scales."""
        targets = self._targets(bound, content.lang)
        return [_attested(targets[str(each["id"])], str(each["level"]), scales) for each in bound]

    def _targets(self, bound: Sequence[Mapping[str, Any]], lang: str) -> dict[str, Target]:
        """What each binding, by its id, says of its competency, as of the release (or else the number) that it was seen in."""
        together: dict[tuple[str, int], list[Mapping[str, Any]]] = {}
        for each in bound:
            release = str(each["since_release"])
            together.setdefault((release, 0 if release else int(each["seen_seq"])), []).append(each)
        found: dict[str, Target] = {}
        for (release, seq), bindings in together.items():
            moment = self._reading.moment(release) if release else self._reading.moment(at=seq)
            read = self._bindings.targets.at([str(each["concept"]) for each in bindings], lang, moment, release)
            found |= {str(each["id"]): read.get(str(each["concept"])) or _remembered(each, lang) for each in bindings}
        return found


def _scales_in(levels: Iterable[str]) -> set[str]:
    return {parsed.scale for level in levels if (parsed := parse_level(level))}


def _attested(target: Target, level: str, scales: Mapping[str, Scale]) -> Attested:
    parsed = parse_level(level)
    found = scales[parsed.scale].level(parsed.number) if parsed and parsed.scale in scales else None
    return Attested(target, level, in_language(found.name, target.lang)[0] if found else level)


def _remembered(bound: Mapping[str, Any], lang: str) -> Target:
    """What a binding itself keeps of its competency."""
    release = str(bound["since_release"])
    return Target(
        concept=str(bound["concept"]), kind="", scheme="", status="", name=str(bound["seen_name"]), description="", code="",
        framework=framework_name(release), iri="", release=release, lang=lang,
    )  # fmt: skip
