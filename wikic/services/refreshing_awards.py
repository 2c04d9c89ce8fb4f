"""An award that somebody pastes (assertion, credential, token, image with one baked in), held against what the framework and its badge class are now.

Nothing is fetched, kept, written or logged: an award is a person's. What is answered says nothing of the person.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from wikic.domain.access import Actor
from wikic.domain.alignment_targets import recognise
from wikic.domain.open_badges import Alignment, listed, text
from wikic.domain.open_badges_files import Found, unwrapped
from wikic.domain.vocabulary import DEPRECATED
from wikic.errors import InvalidInput
from wikic.services.badging_catalogue import Catalogue, Entry
from wikic.services.badging_rights import works_for
from wikic.services.linting import Linted, Linting
from wikic.services.linting_fetching import Sent
from wikic.services.reading import Reading
from wikic.services.reading_replacing import find_replacements
from wikic.store.badges import open_bindings, versions_of
from wikic.store.concepts import Brief, read_briefs
from wikic.store.engine import Engine
from wikic.text.fold import fold

AlignmentState = Literal["current", "renamed", "replaced", "split", "ended", "unknown"]
Outcome = Literal["current", "changed", "ended", "unknown"]

AWARDS: Final = ("assertion", "achievement_credential")
_ADDRESS: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_OUTCOME: Final[Mapping[str, Outcome]] = {"renamed": "changed", "replaced": "changed", "split": "ended", "ended": "ended"}
_WORST: Final = ("ended", "changed", "unknown", "current")
_VERSIONS: Final = 1_000
_BY_ADDRESS: Final = "by address "
"""Before the uuid of what the award itself does not name."""


@dataclass(frozen=True, slots=True)
class CheckedAlignment:
    """One alignment of an award. `pointer`: where it stands there, "" where the award only names its badge class by address; `concept`: the one it was
    made to; `successors`: what stands for that now; `since`: the first release that had it deprecated; `attested`: whether its badge class attests it (or a
    successor) today, None where the badge class is not known here."""

    pointer: str
    name: str
    state: AlignmentState
    concept: Brief | None = None
    successors: Sequence[Brief] = ()
    since: str = ""
    attested: bool | None = None


@dataclass(frozen=True, slots=True)
class CheckedAward:
    """An award held against today. `badge`: its badge class, where it is known here; `accepted`: nothing in the document itself is an error; `signed`: it bears
    a proof, which is not verified here; `expired`: its own day is over."""

    format: str
    kind: str
    badge_name: str
    badge: Entry | None
    issued: str
    expires: str
    expired: bool
    accepted: bool
    signed: bool
    outcome: Outcome
    alignments: list[CheckedAlignment] = field(default_factory=list)


class Awards:
    """Checks over one store."""

    def __init__(self, engine: Engine, reading: Reading, linting: Linting, catalogue: Catalogue) -> None:
        self._engine, self._reading, self._linting, self._catalogue = engine, reading, linting, catalogue

    def check(self, found: Found, actor: Actor, own: str, *, lang: str = "fr", now: datetime | None = None) -> CheckedAward:
        """Hold an award against the framework as it is; `own`: the address of this site. Raises InvalidInput (it is no award, or an address only), TooLarge."""
        if found.address:
            raise InvalidInput("this is the address of an award, and no address is asked for awards: paste the award itself", reason="award-address")
        linted = self._linting.lint([Sent(found.document, token=found.token, baked=found.baked)], own, lang=lang, now=now).documents[0]
        if linted.badge.kind not in AWARDS:
            raise InvalidInput("this is no award: paste an assertion (2.0) or a credential (3.0); badge classes are for the linter", reason="no-award")
        document = unwrapped(found.document)[0]
        badge = self._badge(document, linted, actor, own)
        issued, expires = _dates(document)
        held = self._by_address(badge, linted.badge.elsewhere, issued) if badge is not None and linted.badge.elsewhere else {}
        alignments = self._alignments(linted, own, badge, held or {})
        states = {_OUTCOME.get(each.state, each.state) for each in alignments}
        states |= {"unknown"} if held is None else set()
        states |= {"ended"} if badge is not None and badge.status == "retired" else set()
        outcome: Any = next((word for word in _WORST if word in states), "current" if badge is not None else "unknown")
        expired = bool(expires) and _before(expires, now or datetime.now(UTC))
        return CheckedAward(
            linted.badge.format, linted.badge.kind, linted.badge.name[:300], badge, issued, expires, expired, linted.badge.accepted,
            linted.badge.signed or found.token, outcome, alignments,
        )  # fmt: skip

    def _badge(self, document: Any, linted: Linted, actor: Actor, own: str) -> Entry | None:
        """The badge class that is awarded, by its address here or where it is hosted."""
        inner = document.get("badge")
        for subject in listed(document.get("credentialSubject")):
            inner = subject.get("achievement", inner) if isinstance(subject, dict) else inner
        named = [text(each.get("id")) for each in listed(inner) if isinstance(each, dict)]
        addresses = [each for each in (*named, linted.badge.elsewhere) if each]
        entries = self._catalogue.entries()
        site = urlsplit(own).netloc.lower()
        for address in addresses:
            try:
                here = urlsplit(address).netloc.lower() == site
            except ValueError:
                continue
            found = [entries[uuid.lower()] for uuid in _ADDRESS.findall(address) if uuid.lower() in entries] if here else []
            found += [each for each in entries.values() if each.address and _same(each.address, address)]
            for each in found:
                if each.number or works_for(actor, each.issuer):
                    return each
        return None

    def _by_address(self, badge: Entry, address: str, issued: str) -> dict[str, str] | None:
        """What a badge class attested that an award only names by its address, each with its name then: in the version that the address names, else in
        the last one before the award was issued (or, where none is that old, the first). None where there is no such version."""
        versions = versions_of(self._engine, badge.id, limit=_VERSIONS)
        pinned, day = re.search(rf"/{badge.id}/v/([0-9]{{1,6}})", address, re.IGNORECASE), _moment(issued)
        if pinned:
            fitting = [row for row in versions if int(row["number"]) == int(pinned[1])]
        else:
            fitting = [row for row in versions if day is None or datetime.fromisoformat(str(row["published"])) <= day] or versions[:1]
        return {str(each["concept"]): str(each["seen_name"]) for each in fitting[-1]["bindings"]} if fitting else None

    def _alignments(self, linted: Linted, own: str, badge: Entry | None, held: Mapping[str, str]) -> list[CheckedAlignment]:
        """What became of each alignment; `held`: what the badge class attested that is not within the award, by uuid."""
        moment = self._reading.moment()
        targets = [(alignment, recognise(alignment.url, own).candidates) for alignment in linted.badge.alignments if not alignment.further]
        wanted = {uuid for _, candidates in targets for uuid in candidates} | {brief.uuid for brief in linted.concepts.values()} | held.keys()
        briefs = read_briefs(self._engine, sorted(wanted), moment.at) if wanted else {}
        meant = {
            alignment.pointer: next((briefs[uuid] for uuid in candidates if uuid in briefs), _known(linted, alignment, briefs))
            for alignment, candidates in targets
        } | {f"{_BY_ADDRESS}{uuid}": briefs.get(uuid) for uuid in held}
        ended = sorted({brief.uuid for brief in meant.values() if brief is not None and brief.status == DEPRECATED})
        finals = {uuid: found.final for uuid, found in find_replacements(self._engine, ended, moment).items()} if ended else {}
        since = self._since(ended)
        attested = {str(row["concept"]) for row in open_bindings(self._engine, [badge.id])[badge.id]} if badge is not None else None
        renamed = {finding.problem.pointer.rpartition("/")[0] for finding in linted.findings if finding.problem.key == "renamed"}
        names = {alignment.pointer: alignment.name[:300] for alignment, _ in targets} | {f"{_BY_ADDRESS}{uuid}": name for uuid, name in held.items()}
        made = []
        for pointer, concept in meant.items():
            final = finals.get(concept.uuid, []) if concept is not None else []
            otherwise = pointer.startswith(_BY_ADDRESS) and concept is not None and fold(names[pointer]) not in map(fold, concept.preferred.values())
            state = _state(concept, final, renamed=otherwise or pointer in renamed)
            uuids = {brief.uuid for brief in (*([concept] if concept else []), *final)}
            still = None if attested is None or concept is None else bool(attested & uuids)
            release = since.get(concept.uuid, "") if concept is not None else ""
            made.append(CheckedAlignment("" if pointer.startswith(_BY_ADDRESS) else pointer, names[pointer], state, concept, final, release, still))
        return made

    def _since(self, concepts: Sequence[str]) -> dict[str, str]:
        """The first published release in which each of these concepts is deprecated; one round trip for each release."""
        found: dict[str, str] = {}
        for release in self._reading.releases().items:
            left = [uuid for uuid in concepts if uuid not in found]
            if left and release["state"] == "published":
                briefs = read_briefs(self._engine, left, self._reading.moment(str(release["name"])).at)
                found |= {uuid: str(release["name"]) for uuid, brief in briefs.items() if brief.status == DEPRECATED}
        return found


def _known(linted: Linted, alignment: Alignment, briefs: Mapping[str, Brief]) -> Brief | None:
    """The concept that the linter found by a code."""
    brief = linted.concepts.get(alignment.pointer)
    return briefs.get(brief.uuid, brief) if brief is not None else None


def _state(concept: Brief | None, final: Sequence[Brief], *, renamed: bool) -> AlignmentState:
    if concept is None:
        return "unknown"
    if concept.status == DEPRECATED:
        return "split" if len(final) > 1 else "replaced" if final else "ended"
    return "renamed" if renamed else "current"


def _dates(document: Mapping[str, Any]) -> tuple[str, str]:
    """When it was issued and when it ends, as it says."""

    def first(names: Iterable[str]) -> str:
        return next((text(document.get(name))[:40] for name in names if text(document.get(name))), "")

    return first(("issuedOn", "validFrom", "issuanceDate")), first(("expires", "validUntil", "expirationDate"))


def _moment(stamp: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(stamp)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _before(stamp: str, now: datetime) -> bool:
    found = _moment(stamp)
    return found is not None and found < now


def _same(one: str, other: str) -> bool:
    return one.partition("://")[2].rstrip("/") == other.partition("://")[2].rstrip("/")
