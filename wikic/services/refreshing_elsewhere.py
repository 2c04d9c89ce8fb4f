"""Badge classes that are hosted elsewhere: what to paste where, and whether their address shows it by now.

A line of such a badge class closes when its address shows the new alignment: whenever it is read again, by the thread that does so each day or because somebody
asks (`elsewhere_keeping`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from wikic.domain.access import Actor
from wikic.domain.alignment_targets import recognise
from wikic.domain.badges_bindings import Target
from wikic.errors import Conflict, InvalidInput, WikicError
from wikic.services import badging_rights as rights
from wikic.services.badging import Badging
from wikic.services.binding_targets import Seen, Targets
from wikic.services.elsewhere_keeping import Aligned, Keeping
from wikic.services.refreshing_lines import Lines, RefreshLine
from wikic.services.refreshing_seen import AsOf
from wikic.services.refreshing_treating import Step, Treating
from wikic.text.fold import fold

MOST_ADDRESSES: Final = 10
"""Addresses that one call reads."""
_READABLE: Final = ("update", "realign", "choose")


@dataclass(frozen=True, slots=True)
class Paste:
    """What to put where: the alignment as it stands at `address` (as far as it is known here) and those that belong in its place; `format` is what the
    address answers."""

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
        found: dict[str, Paste] = {}
        for lang in sorted({badges[line.badge_class].content.lang for line in mine}):
            spoken = [line for line in mine if badges[line.badge_class].content.lang == lang]
            targets = self._targets.of(sorted({uuid for line in spoken for uuid in (line.concept, *line.successors)}), lang)
            for line in spoken:
                content = badges[line.badge_class].content
                form = content.format or "ob2"
                news = line.successors if line.advice in ("realign", "choose") else (line.concept,)
                named = next((change.before for change in line.changes if change.type == "renamed" and change.before), "")
                old = alignment_body(targets[line.concept], form, public_url, name=named) if line.concept in targets else {}
                new = [alignment_body(targets[uuid], form, public_url) for uuid in news if uuid in targets]
                found[line.id] = Paste(line.id, line.badge_class, content.address, form, old, new)
        return found

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

    def shown(self, badge_class: str, aligned: Aligned, actor: Actor) -> None:
        """Close those lines of a badge class whose new alignment its address shows. Raises Conflict where they are treated by others again and again."""
        try:
            self._close(badge_class, aligned, actor)
        except Conflict:
            # Somebody treated one of them meanwhile: what is left.
            self._close(badge_class, aligned, actor)

    def _close(self, badge_class: str, aligned: Aligned, actor: Actor) -> None:
        lines = [line for line in self._lines.of_badge(badge_class) if line.state == "open" and line.advice in _READABLE]
        for treatment in ("update", "realign"):
            steps = []
            for line in lines:
                wanted = self._wanted(line, treatment)
                there = tuple(one for one in wanted if any(self._shows(each, one, by_name=treatment == "update") for each in aligned))
                if there:
                    steps.append(Step(line, there))
            if steps:
                self._treating.apply(steps, treatment, actor)

    def _wanted(self, line: RefreshLine, treatment: str) -> list[Seen]:
        """The concepts of which one has to be shown for the line to close by this treatment."""
        if (treatment == "update") != (line.advice == "update"):
            return []
        refs = (line.concept,) if treatment == "update" else line.successors
        return [seen for seen in self._seen.resolved(refs, line.release).values() if isinstance(seen, Seen)]

    def _shows(self, alignment: tuple[str, str], seen: Seen, *, by_name: bool) -> bool:
        """Whether an alignment (address, name) leads to a concept (and, `by_name`, calls it what it is called now)."""
        url, name = alignment
        if seen.uuid not in recognise(url, self._own).candidates:
            return False
        return not by_name or fold(name) in map(fold, seen.preferred.values())


def alignment_body(target: Target, form: str, public_url: str, *, name: str = "") -> dict[str, Any]:
    """An alignment to a competency in the form of Open Badges 2.0 (`ob2`) or 3.0; `name` in place of the present one."""
    values = {
        "targetName": name or target.name, "targetUrl": f"{public_url}/c/{target.concept}", "targetDescription": target.description,
        "targetFramework": target.framework, "targetCode": target.code,
    }  # fmt: skip
    told = {key: value for key, value in values.items() if value}
    return {"type": ["Alignment"], **told, "targetType": "CFItem"} if form == "ob3" else told
