"""Badge classes that are offered from elsewhere, line by line: what would come of each, and what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, Final

from wikic.domain.alignment_targets import recognise
from wikic.domain.badges import BadgeContent
from wikic.domain.badges_bindings import BINDABLE
from wikic.domain.badges_elsewhere import Aligned, Said
from wikic.domain.open_badges import ERROR, Alignment
from wikic.errors import Conflict, InvalidInput, TooLarge, WikicError
from wikic.images.checking import CheckedImage
from wikic.services.badging_suggesting import SuggestedBinding
from wikic.services.linting import Linted, Linting
from wikic.services.linting_fetching import Sent
from wikic.store.concepts import Brief

NEW: Final = "new"
KNOWN: Final = "known"
REFUSED: Final = "refused"
TAKEN: Final = "taken"
RESULTS: Final = (NEW, KNOWN, REFUSED, TAKEN)

NOTES: Final[Mapping[str, str]] = {
    "image_drawn": "its image cannot be had and would be drawn: {about}",
    "no_image": "it has no image: one is drawn",
    "also_taken": "{about} has taken it in too",
    "other_issuer": "its issuer is at {about}, and not at the site of the organisation",
    "other_id": "the document there calls itself {about}",
    "unknown_target": "an alignment leads to no competency that is known here: {about}",
    "not_bindable": "an alignment leads to {about}, which badge classes do not attest",
    "out_of_use": "an alignment leads to {about}, which is not in use any more, and no single competency stands in its place: choose those that do",
    "mended": "alignments that are not written as they should be: {about}",
    "old_format": "it is neither Open Badges 2.0 nor 3.0",
}
"""What is remarkable about a line and keeps it from nothing: English sentences, by key."""
_LINTED: Final = 50


@dataclass(frozen=True, slots=True)
class Note:
    """Something remarkable; `key` of NOTES, `about` fills it in: what `error` says, where it comes of one."""

    key: str
    about: str = ""
    error: WikicError | None = None

    @property
    def message(self) -> str:
        """In English."""
        return NOTES[self.key].format(about=self.about)


@dataclass(frozen=True, slots=True)
class Recognised:
    """An alignment of the document, and the competency that it leads to."""

    name: str
    concept: Brief
    bindable: bool


@dataclass(slots=True)
class Offer:
    """A badge class that is offered. `result`: new, known (it is here: `badge`), refused (`error` says why), taken (it was made: `badge`). `concepts`: what it
    would be bound to, each with the source of the binding; `tabled`: what a table names, with the uuid of each; `digest` tells whether the document says
    something else than before."""

    line: int
    address: str
    document: Any = None
    source: str = ""
    more: Mapping[str, str] = field(default_factory=dict)
    result: str = NEW
    said: Said | None = None
    content: BadgeContent | None = None
    image: CheckedImage | None = None
    notes: list[Note] = field(default_factory=list)
    recognised: list[Recognised] = field(default_factory=list)
    suggested: list[SuggestedBinding] = field(default_factory=list)
    concepts: list[tuple[str, str]] = field(default_factory=list)
    tabled: dict[str, str] = field(default_factory=dict)
    badge: str = ""
    error: WikicError | None = None
    etag: str = ""
    modified: str = ""

    @property
    def named(self) -> list[str]:
        """The competencies that a table names, as they stand there."""
        return list(dict.fromkeys(self.more.get("concepts", "").replace("|", " ").split()))

    @property
    def digest(self) -> str:
        """Of what the document says."""
        values = self.said.packed() if self.said else {}
        return sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:24]

    def refuse(self, error: WikicError) -> None:
        """It cannot come."""
        self.result, self.error = REFUSED, error


@dataclass(slots=True)
class Offers:
    """All lines; `applied`: it was done."""

    lines: list[Offer]
    applied: bool = False

    def count(self, result: str) -> int:
        """How many lines end so."""
        return sum(each.result == result for each in self.lines)

    def of(self, result: str) -> list[Offer]:
        """The lines that end so."""
        return [each for each in self.lines if each.result == result]

    def refusal(self) -> WikicError:
        """Why nothing was done, by the first line that is wrong."""
        wrong = self.of(REFUSED)
        first = wrong[0]
        if first.error is not None and len(self.lines) == 1:
            return first.error
        more = f" ({len(wrong)} of {len(self.lines)} lines are refused)" if len(wrong) > 1 else ""
        return Conflict(
            f"line {first.line}: {first.error}{more}; nothing was taken", reason="catalogue-refused", line=first.line, wrong=len(wrong), all=len(self.lines)
        )


def judge(linting: Linting, offers: Iterable[Offer], own: str) -> None:
    """Let the linter look at the badge classes of all lines: those that are no right documents are refused with the field, of the others the alignments are
    recognised."""
    waiting = [each for each in offers if each.result == NEW and each.said is not None]
    for start in range(0, len(waiting), _LINTED):
        some = waiting[start : start + _LINTED]
        try:
            found = _linted(linting, some, own)
        except TooLarge:
            found = []
            for each in some:
                found += _one(linting, each, own)
        for linted, each in zip(found, some, strict=True):
            if linted is not None:
                _judge(each, linted, own)


def _linted(linting: Linting, some: Sequence[Offer], own: str) -> list[Linted | None]:
    return list(linting.lint([Sent(each.document, each.address) for each in some], own).documents)


def _one(linting: Linting, each: Offer, own: str) -> list[Linted | None]:
    try:
        return _linted(linting, [each], own)
    except TooLarge as error:
        each.refuse(error)
        return [None]


def _aligned(found: Alignment) -> Aligned:
    return Aligned(found.url, found.name, found.description, found.code, found.framework)


def _judge(offer: Offer, linted: Linted, own: str) -> None:
    if offer.said is not None:
        offer.said = replace(offer.said, aligned=tuple(map(_aligned, linted.badge.alignments)))
    places = tuple(f"{each.pointer}/" for each in linted.badge.alignments)
    wrong = [each for each in linted.badge.problems if each.severity == ERROR and not each.pointer.startswith(places)]
    if wrong:
        first = wrong[0]
        offer.refuse(InvalidInput(f"`{first.pointer or '/'}`: {first.message}", reason="elsewhere-field", pointer=first.pointer or "/", why=first))
        return
    offer.notes += [Note("old_format")] if linted.badge.format not in ("2.0", "3.0") else []
    mended = sum(each.applied for each in linted.findings)
    offer.notes += [Note("mended", str(mended))] if mended else []
    concepts, meant = [], []
    for alignment in linted.badge.alignments:
        concept = linted.concepts.get(alignment.pointer)
        if concept is None:
            offer.notes.append(Note("unknown_target", (alignment.name or alignment.url)[:200]))
            continue
        if concept.uuid in concepts:
            continue
        bindable = concept.kind in BINDABLE
        offer.recognised.append(Recognised(alignment.name or alignment.url, concept, bindable))
        offer.notes += [] if bindable else [Note("not_bindable", alignment.name[:200] or concept.uuid)]
        concepts.append(concept.uuid)
        meant.append(tuple(sorted({concept.uuid, *recognise(alignment.url, own).candidates})))
    if offer.said is not None:
        offer.said = replace(offer.said, concepts=tuple(concepts), meant=tuple(meant))
