"""Badge classes that are hosted elsewhere: what to paste where, and whether their address shows it by now.

A line of such a badge class closes when its address shows the new alignment: whenever it is read again, by the thread that does so each day or because somebody
asks (`elsewhere_keeping`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from wikic.domain.access import Actor
from wikic.domain.alignment_targets import Target as Recognised
from wikic.domain.alignment_targets import recognise
from wikic.domain.badges_bindings import Target
from wikic.domain.badges_elsewhere import Aligned
from wikic.domain.delta import DeltaChange
from wikic.domain.refreshing import rewrites, speaking
from wikic.errors import Conflict, InvalidInput, WikicError
from wikic.services import badging_rights as rights
from wikic.services.badging import Badging
from wikic.services.binding_targets import Seen, Targets
from wikic.services.elsewhere_keeping import Keeping
from wikic.services.refreshing_lines import Lines, RefreshLine
from wikic.services.refreshing_seen import AsOf
from wikic.services.refreshing_treating import Step, Treating
from wikic.store.badges import find_classes
from wikic.text.fold import fold

MOST_ADDRESSES: Final = 10
"""Addresses that one call reads."""
_READABLE: Final = ("update", "realign", "choose")


@dataclass(frozen=True, slots=True)
class Paste:
    """What to put where: the alignment as it stands at `address` (as it was read there, else as it was before the release) and those that belong in its
    place; `format` is what the address answers."""

    line: str
    badge_class: str
    address: str
    format: str
    old: Mapping[str, Any]
    new: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """What an address showed: `shown`: the lines that closed; `waiting`: those whose new alignment is not there; `refused`: why it could not be read, as
    `error` says it."""

    badge_class: str
    address: str
    shown: list[RefreshLine] = field(default_factory=list)
    waiting: list[RefreshLine] = field(default_factory=list)
    refused: str = ""
    error: WikicError | None = None


class Elsewhere:
    """What is hosted elsewhere, over one store. `own`: the address of this site."""

    def __init__(self, badging: Badging, targets: Targets, lines: Lines, treating: Treating, seen: AsOf, keeping: Keeping, own: str) -> None:
        self._badging, self._targets, self._lines, self._treating = badging, targets, lines, treating
        self._seen, self._keeping, self._own = seen, keeping, own
        keeping.listen(self.shown)

    def paste(self, lines: Sequence[RefreshLine], actor: Actor, public_url: str) -> dict[str, Paste]:
        """What to paste for those of these lines that are open and whose badge class is hosted elsewhere, by line. A few round trips for all."""
        badges = self._badging.get_many([line.badge_class for line in lines if line.state == "open"], actor)
        badges = {key: badge for key, badge in badges.items() if badge.content.hosted == "elsewhere"}
        mine = [line for line in lines if line.state == "open" and line.badge_class in badges and line.advice in _READABLE]
        stand = self._keeping.aligned(sorted({line.badge_class for line in mine}))
        found: dict[str, Paste] = {}
        for lang, release in sorted({(badges[line.badge_class].content.lang, line.release) for line in mine}):
            spoken = [line for line in mine if (badges[line.badge_class].content.lang, line.release) == (lang, release)]
            targets = self._targets.of(sorted({uuid for line in spoken for uuid in (line.concept, *line.successors)}), lang)
            before = self._seen.before(release)
            olds = self._targets.at(sorted({line.concept for line in spoken}), lang, before) if before else {}
            for line in spoken:
                content = badges[line.badge_class].content
                form = content.format or "ob2"
                news = line.successors if line.advice in ("realign", "choose") else (line.concept,)
                old = self._standing(line, stand.get(line.badge_class, ()), olds.get(line.concept), public_url)
                new = [alignment_body(aligned_to(targets[uuid], public_url), form) for uuid in news if uuid in targets]
                found[line.id] = Paste(line.id, line.badge_class, content.address, form, alignment_body(old, form) if old else {}, new)
        return found

    def _standing(self, line: RefreshLine, stand: Sequence[Aligned], old: Target | None, public_url: str) -> Aligned | None:
        """The alignment to a line's competency: as its address showed it, else as the release before would have it."""
        there = next((each for each in stand if leads(recognise(each.url, self._own), line.concept, old.iri if old else "")), None)
        return there or (aligned_to(old, public_url) if old else None)

    def read_again(self, identities: Sequence[str], actor: Actor) -> list[ReadAgain]:
        """Read the addresses of the badge classes of these lines, and close the lines whose new alignment is there.

        Raises Unauthenticated, Forbidden, NotFound, InvalidInput (too many addresses)."""
        rights.require_credential(actor)
        lines = [line for line in self._lines.get_many(identities, actor) if line.state == "open" and line.advice in _READABLE]
        badges = self._badging.get_many([line.badge_class for line in lines], actor)
        for badge in badges.values():
            rights.require_for(actor, {"number": badge.number, "issuer": badge.issuer})
        wanted = {key: badge for key, badge in badges.items() if badge.content.hosted == "elsewhere" and badge.content.address}
        if len(wanted) > MOST_ADDRESSES:
            raise InvalidInput(f"there are {len(wanted):,} addresses: {MOST_ADDRESSES} at most at a time", reason="refresh-addresses", most=MOST_ADDRESSES)
        found = []
        for key, badge in sorted(wanted.items()):
            says = self._keeping.read_again(key, actor)
            mine = self._lines.get_many([line.id for line in lines if line.badge_class == key], actor)
            shown, waiting = [line for line in mine if line.state != "open"], [line for line in mine if line.state == "open"]
            found.append(ReadAgain(key, badge.content.address, shown, waiting, says.state.error if says.said is None else "", says.error))
        return found

    def shown(self, badge_class: str, aligned: Sequence[Aligned], actor: Actor) -> None:
        """Close those lines of a badge class whose new alignment its address shows. Raises Conflict where they are treated by others again and again."""
        try:
            self._close(badge_class, aligned, actor)
        except Conflict:
            # Somebody treated one of them meanwhile: what is left.
            self._close(badge_class, aligned, actor)

    def _close(self, badge_class: str, aligned: Sequence[Aligned], actor: Actor) -> None:
        lines = [line for line in self._lines.of_badge(badge_class) if line.state == "open" and line.advice in _READABLE]
        updated: list[Step] = []
        realigned: list[Step] = []
        for line in lines:
            # As by hand: what is bound now gets no line of what was published meanwhile.
            refs, then = ((line.concept,), line.release) if line.advice == "update" else (line.successors, self._seen.latest(line.release))
            there = [seen for seen in self._seen.resolved(refs, then).values() if isinstance(seen, Seen)]
            if line.advice == "update":
                updated += [Step(line, (seen,)) for seen in there if self._tells(line, seen, aligned)]
            else:
                led = {uuid for each in aligned for uuid in recognise(each.url, self._own).candidates}
                found = tuple(seen for seen in there if seen.uuid in led)
                realigned += [Step(line, found)] if found else []
        for treatment, steps in (("update", updated), ("realign", realigned)):
            if steps:
                self._treating.apply(steps, treatment, actor)

    def _tells(self, line: RefreshLine, seen: Seen, aligned: Sequence[Aligned]) -> bool:
        """Whether one of these alignments says of a line's competency what the release made of it, or what it is called since."""
        lang = self._lang(line.badge_class)
        speaks = speaking(lang, seen.preferred)
        changes = [change for change in line.changes if rewrites(change, speaks)]
        if not changes:
            return False
        targets = [self._targets.of([line.concept], lang, release).get(line.concept) for release in (line.release, "")]
        return any(target is not None and tells(each, changes, target, self._own) for target in targets for each in aligned)

    def _lang(self, badge_class: str) -> str:
        found = find_classes(self._badging.engine, [badge_class]).get(badge_class)
        return str(found["lang"]) if found else ""


def leads(place: Recognised, concept: str, iri: str) -> bool:
    """Whether an address leads to a concept, whose own address is `iri`."""
    return concept in place.candidates or bool(iri and place.iri == iri)


def tells(aligned: Aligned, changes: Sequence[DeltaChange], target: Target, own: str) -> bool:
    """Whether an alignment leads to a concept and, in everything that these changes touched, says what `target` does; `own`: the address of this site."""
    place = recognise(aligned.url, own)
    if not leads(place, target.concept, target.iri):
        return False
    texts = {
        "renamed": (aligned.name, target.name), "redefined": (aligned.description, target.description), "recoded": (aligned.code, target.code),
    }  # fmt: skip
    for change in changes:
        if change.type == "readdressed":
            if place.iri and place.iri != target.iri:
                return False
            continue
        said, wanted = (" ".join(text.split()) for text in texts[change.type])
        # However others write it; but what only changed in that is another text too.
        if said != wanted and (fold(said) != fold(wanted) or said == change.before):
            return False
    return True


def aligned_to(target: Target, public_url: str) -> Aligned:
    """The alignment to a competency by its permanent address."""
    return Aligned(f"{public_url}/c/{target.concept}", target.name, target.description, target.code, target.framework)


def alignment_body(aligned: Aligned, form: str) -> dict[str, Any]:
    """An alignment in the form of Open Badges 2.0 (`ob2`) or 3.0."""
    values = {
        "targetName": aligned.name, "targetUrl": aligned.url, "targetDescription": aligned.description, "targetFramework": aligned.framework,
        "targetCode": aligned.code,
    }  # fmt: skip
    told = {key: value for key, value in values.items() if value}
    return {"type": ["Alignment"], **told, "targetType": "CFItem"} if form == "ob3" else told
