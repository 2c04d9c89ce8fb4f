"""Reading: one concept, lists, the tree, history, changes and differences, each as of the head, a release or a number.

Flow: web and command line -> `Reading` -> `wikic.store`. What leaves here is a typed concept or a body
(`reading_views`). Permissions: this service shows the public space only; `seen_by` hides what is not published."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from wikic.domain.access import Actor, may
from wikic.domain.vocabulary import KINDS, PUBLIC_SPACE, SCHEMES
from wikic.errors import Conflict, InvalidInput, NotFound
from wikic.services import reading_tree as tree
from wikic.services.reading_comparing import Comparing
from wikic.services.reading_diff import Diff, diff_page
from wikic.services.reading_heads import Remembered
from wikic.services.reading_history import read_history
from wikic.services.reading_moments import HEAD, Moment, Reference, make_cursor, parse_cursor, parse_reference
from wikic.services.reading_replacing import find_replacement
from wikic.services.reading_resolving import Moments
from wikic.services.reading_schemes import read_schemes
from wikic.services.reading_sources import source_differences
from wikic.services.reading_views import (
    Body,
    Replacement,
    brief_body,
    change_body,
    concept_body,
    related_body,
    release_body,
)
from wikic.store import concepts as store
from wikic.store.concepts import ALL_IN, ALL_OUT, RELATION_NAMES, Brief, Concept, Neighbour
from wikic.store.engine import Engine
from wikic.store.history import list_changes, read_changes
from wikic.store.lease_reading import is_held

GROUP_KINDS: Final = ("occupation_group", "skill_group", "field_of_study", "collection")
"""The kinds that stand at the top of a scheme's tree."""

_TOUCHES, _ROOTS, _SCHEMES = 50_000, 100, 20


@dataclass(frozen=True, slots=True)
class Found:
    """A concept with what replaced it. `alias`: it was asked for by another uuid than its own."""

    concept: Concept
    replacement: Replacement
    alias: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list; `next` is a cursor, None at the end; `extra` stands beside the items."""

    items: list[Body]
    next: str | None
    extra: Body | None = None


class Reading:
    """The read flow over one store; safe between threads. `clock` is in seconds; `kept`: where differences between releases are kept."""

    def __init__(
        self, engine: Engine, epoch: str, *, clock: Callable[[], float] = time.monotonic, kept: Path | None = None
    ) -> None:
        self.epoch = epoch
        self._engine = engine
        self._moments = Moments(engine, clock)
        self._for_readers: Reading | None = None
        self._comparing = Comparing(engine, kept)
        self._touches: Remembered[tuple[str, str, int], int] = Remembered(_TOUCHES)
        self._roots: Remembered[tuple[str, int, str, str], list[Brief]] = Remembered(_ROOTS)
        self._schemes: Remembered[tuple[str, int], list[Body]] = Remembered(_SCHEMES)

    def seen_by(self, actor: Actor) -> Reading:
        """The same with what this one may see: who may not release finds no release that is frozen and not published yet. (Its number can be
        asked for: that is only a name less.)"""
        if may(actor, "release"):
            return self
        if self._for_readers is None:
            twin = copy(self)
            twin._moments = self._moments.for_readers()
            self._for_readers = twin
        return self._for_readers

    def forget(self) -> None:
        """Look at the head again now, whoever has written; after a write of this process that happens by itself."""
        self._moments.forget()

    def moment(self, release: str | None = None, at: int | None = None, cursor: str | None = None) -> Moment:
        """What a read with these parameters is as of; a cursor alone goes on at its own number.

        Raises InvalidInput (two moments, no cursor of ours), UnknownRelease. At most two round trips, mostly none.
        """
        return self._moments.moment(release, at, cursor)

    def known_moment(self, release: str | None, at: int | None, cursor: str | None) -> Moment | None:
        """The same, if it is known without asking the store; None where it is not."""
        return self._moments.known(release, at, cursor)

    def moment_of(self, asked: Moment | str) -> Moment:
        """The moment that a word stands for: "" the head, a release name, or a number; a name wins. A moment stands for itself. Raises
        UnknownRelease."""
        return self._moments.of(asked) if isinstance(asked, str) else asked

    def between(self, start: Moment | str, end: Moment | str) -> tuple[Moment, Moment]:
        """Two moments (release names, numbers, or HEAD), the earlier one first. Raises InvalidInput, UnknownRelease."""
        if not start or not end:
            raise InvalidInput("give `from` and `to`: release names, numbers of the change log, or `head`")
        before, later = self._end(start), self._end(end)
        if before.seq > later.seq:
            raise InvalidInput(f"`from` ({before.seq}) is later than `to` ({later.seq}): give them the other way round")
        # What is compared with something that moves does not stay either.
        return before, later if before.pinned else replace(later, pinned=False)

    def in_order(self, one: str, other: str) -> tuple[str, str]:
        """Two words for moments (see `between`), that of the earlier one first. Raises UnknownRelease."""
        return (other, one) if self._end(one).seq > self._end(other).seq else (one, other)

    def _end(self, asked: Moment | str) -> Moment:
        return self.moment_of("" if asked == HEAD else asked)

    def concept(self, ref: str, asked: Moment | str = "") -> Concept:
        """A concept by uuid, alias, source IRI or key, or code; `asked` is a moment, or a word for one (see
        `moment_of`).

        Raises InvalidInput (no such form), NotFound, Conflict (several concepts have the code), UnknownRelease.
        """
        return self.find(ref, asked).concept

    def find(self, ref: str, asked: Moment | str = "") -> Found:
        """The same with what replaced it. One round trip by uuid, two by alias or code; one more for each step of a
        chain of replacements."""
        moment = self.moment_of(asked)
        reference = parse_reference(ref)
        uuid = reference.uuid or self._by_code(reference, None, moment)
        concept = store.read_concept(self._engine, uuid, moment.at)
        alias = concept is None
        if concept is None:
            concept = store.read_concept(self._engine, self._behind(uuid, ref, moment), moment.at)
        if concept is None:
            raise NotFound(f"there is no concept {ref[:200]} as of {moment.seq}", reason="concept-here", ref=ref[:200])
        replacement, touched = find_replacement(self._engine, concept, moment)
        # A later link of the chain changes `final` and so this body, without touching the concept itself.
        concept.seq = max(concept.seq, touched)
        self._touches.put((moment.epoch, concept.identity.uuid, moment.seq), concept.seq)
        return Found(concept, replacement, alias)

    def body(self, found: Found, lang: str | None = None) -> Body:
        """The body of a found concept."""
        return concept_body(found.concept, found.replacement, lang)

    def source_differences(self, found: Found, moment: Moment) -> list[Body]:
        """Where a concept that was edited here differs from its source; see `reading_sources`."""
        return source_differences(self._engine, found.concept, moment)

    def known_seq(self, uuid: str, moment: Moment) -> int | None:
        """The `seq` of a concept's body, if this process has made it before; never asks the store."""
        return self._touches.get((moment.epoch, uuid, moment.seq))

    def locate(self, iri: str | None, scheme: str | None, code: str | None, kind: str | None, moment: Moment) -> str:
        """The uuid of the concept with a source address, or with a code in a scheme. Raises InvalidInput, NotFound,
        Conflict."""
        if iri is not None and scheme is None and code is None:
            reference = parse_reference(iri)
            if reference.uuid:
                found = store.resolve(self._engine, reference.uuid, moment.at)
                if found is None:
                    raise NotFound(f"there is no concept with the address {iri[:200]} as of {moment.seq}", reason="concept-here", ref=iri[:200])
                return found.uuid
        elif iri is None and scheme and code:
            reference = Reference(scheme=scheme, code=code)
        else:
            raise InvalidInput("give either `iri`, or `scheme` and `code`")
        return self._by_code(reference, kind, moment)

    def _candidates(self, ref: str, moment: Moment) -> Iterator[str]:
        """Uuids to ask with, until one has something: the named one and, only then, the one behind an alias. Raises as
        `find` does."""
        reference = parse_reference(ref)
        uuid = reference.uuid or self._by_code(reference, None, moment)
        yield uuid
        canonical = self._behind(uuid, ref, moment)
        if canonical != uuid:
            yield canonical

    def _brief(self, ref: str, moment: Moment) -> Brief:
        for uuid in self._candidates(ref, moment):
            known = store.read_briefs(self._engine, [uuid], moment.at)
            if uuid in known:
                return known[uuid]
        raise NotFound(f"there is no concept {ref[:200]} as of {moment.seq}", reason="concept-here", ref=ref[:200])

    def _behind(self, uuid: str, ref: str, moment: Moment) -> str:
        found = store.resolve(self._engine, uuid, moment.at)
        if found is None:
            raise NotFound(f"there is no concept {ref[:200]} as of {moment.seq}", reason="concept-here", ref=ref[:200])
        return found.uuid

    def _by_code(self, reference: Reference, kind: str | None, moment: Moment) -> str:
        name = f"{reference.scheme}:{reference.code[:100]}"
        uuids = store.find_ref(self._engine, reference.scheme, reference.code, moment.at)
        if len(uuids) > 1:
            briefs = store.read_briefs(self._engine, uuids, moment.at)
            fitting = [uuid for uuid in uuids if kind in (None, briefs[uuid].kind)]
            current = [uuid for uuid in fitting if briefs[uuid].status == "active"] or fitting
            if len(current) > 1:
                named = ", ".join(f"{uuid} ({briefs[uuid].kind})" for uuid in current)
                raise Conflict(f"{name} is the code of {len(current)} concepts: {named}; ask for one by its uuid")
            uuids = current
        if not uuids:
            raise NotFound(f"there is no concept with the code {name} as of {moment.seq}", reason="concept-here", ref=name)
        return uuids[0]

    def concepts(
        self,
        moment: Moment,
        *,
        scheme: str | None = None,
        kind: str | None = None,
        status: str | None = None,
        cursor: str | None = None,
        limit: int = 100,
        lang: str | None = None,
    ) -> Page:
        """Concepts in the order of scheme, kind and uuid. One round trip (a kind in all schemes: one for each scheme,
        at most)."""
        listing = f"concepts|{scheme}|{kind}|{status}"
        after = _after(cursor, moment, listing)
        schemes: list[str | None] = [*sorted(SCHEMES)] if kind and not scheme else [scheme]
        rows: list[tuple[str, Brief]] = []
        for one in schemes:
            if one is not None and after >= f"{one}/\uffff":
                continue
            rows += store.list_concepts(
                self._engine,
                moment.at,
                scheme=one,
                kind=kind,
                status=status,
                after=after,
                limit=limit + 1 - len(rows),
            )
            if len(rows) > limit:
                break
        following = make_cursor(moment, listing, rows[limit - 1][0]) if len(rows) > limit else None
        return Page([brief_body(brief, lang) for _, brief in rows[:limit]], following)

    def briefs(self, uuids: Iterable[str], moment: Moment, lang: str | None = None) -> dict[str, Body]:
        """Concepts in short, by uuid; those that are not there are not in it. One round trip."""
        found = store.read_briefs(self._engine, sorted(set(uuids)), moment.at)
        return {uuid: brief_body(brief, lang) for uuid, brief in found.items()}

    def relations(
        self, ref: str, moment: Moment, *, name: str | None, cursor: str | None, limit: int, lang: str | None
    ) -> Page:
        """The relations of a concept in the order of their ids: those of one name, or those that start at it and then
        those that end at it."""
        if name is not None and name not in RELATION_NAMES:
            raise InvalidInput(f"{name[:100]!r} is no relation: {', '.join(RELATION_NAMES)}")
        listing = f"relations|{ref}|{name}"
        place, _, after = _after(cursor, moment, listing).partition("/")
        names = [name] if name else [ALL_OUT, ALL_IN]
        names = names[names.index(place) if place in names else 0 :]
        rows: list[tuple[str, Neighbour]] = []
        for uuid in self._candidates(ref, moment):
            for one in names:
                start, more = after if one == place else "", limit + 1 - len(rows)
                found = store.read_relations(self._engine, uuid, one, moment.at, start, more)
                rows += [(f"{one}/{item.relation.id}", item) for item in found]
                if len(rows) > limit:
                    break
            if rows:
                break
        following = make_cursor(moment, listing, rows[limit - 1][0]) if len(rows) > limit else None
        return Page([{"type": item.name, **related_body(item, lang)} for _, item in rows[:limit]], following)

    def history(self, ref: str, moment: Moment, *, cursor: str | None, limit: int, lang: str | None) -> Page:
        """What each change did to a concept, oldest first."""
        listing = f"history|{ref}"
        after = _number(_after(cursor, moment, listing))
        items: list[Body] = []
        for uuid in self._candidates(ref, moment):
            items = read_history(self._engine, uuid, moment, after, limit + 1, lang)
            if items:
                break
        following = make_cursor(moment, listing, str(items[limit - 1]["seq"])) if len(items) > limit else None
        return Page(items[:limit], following)

    def tree(
        self,
        moment: Moment,
        *,
        scheme: str | None = None,
        kind: str | None = None,
        parent: str | None = None,
        cursor: str | None = None,
        limit: int = 100,
        lang: str | None = None,
    ) -> Page:
        """The narrower concepts of `parent`, with the path down to it; or the roots of a scheme, of one kind or of all
        kinds of groups."""
        extra: Body = {"parent": None, "path": []}
        if parent is not None:
            known = self._brief(parent, moment)
            briefs = tree.children(self._engine, known.uuid, moment)
            path = tree.path_to(self._engine, known.uuid, moment, lang)
            extra = {"parent": brief_body(known, lang), "path": [brief_body(brief, lang) for brief in path]}
        elif scheme is not None:
            kinds = (kind,) if kind is not None else GROUP_KINDS
            briefs = [brief for one in kinds for brief in self._roots_of(scheme, one, moment)]
        else:
            raise InvalidInput("give `parent`, or a `scheme` whose roots you want")
        ordered = tree.in_order(briefs, lang)
        if parent is None:
            ordered.sort(key=lambda brief: KINDS.index(brief.kind))
        listing = f"tree|{scheme}|{kind}|{parent}|{lang}"
        start = _number(_after(cursor, moment, listing))
        following = make_cursor(moment, listing, str(start + limit)) if len(ordered) > start + limit else None
        items = [brief_body(brief, lang, children=True) for brief in ordered[start : start + limit]]
        return Page(items, following, extra)

    def _roots_of(self, scheme: str, kind: str, moment: Moment) -> list[Brief]:
        key = (moment.epoch, moment.seq, scheme, kind)
        known = self._roots.get(key)
        return known if known is not None else self._roots.put(key, tree.roots(self._engine, scheme, kind, moment))

    def schemes(self, moment: Moment) -> Page:
        """Every scheme with its figures and terms."""
        key = (moment.epoch, moment.seq)
        known = self._schemes.get(key)
        return Page(known if known is not None else self._schemes.put(key, read_schemes(self._engine, moment)), None)

    def releases(self) -> Page:
        """All releases, oldest number first."""
        return Page([release_body(release) for release in self._moments.releases()], None)

    def release(self, name: str) -> Body:
        """One release, with the change it names. Raises UnknownRelease."""
        release = self._moments.release(name)
        changes = read_changes(self._engine, [release.seq])
        change = changes.get(release.seq)
        return release_body(release) | {"change": change_body(change) if change else None}

    def changes(self, moment: Moment, *, after: int | None, cursor: str | None, limit: int) -> Page:
        """The change log after a number, oldest first. One round trip."""
        listing = "changes"
        start = after or 0 if cursor is None else _number(_after(cursor, moment, listing))
        found = list_changes(self._engine, [PUBLIC_SPACE], moment.at, after=start, limit=limit + 1)
        following = make_cursor(moment, listing, str(found[limit - 1].seq)) if len(found) > limit else None
        return Page([change_body(change) for change in found[:limit]], following)

    def change(self, seq: int) -> Body:
        """One change by number. Raises NotFound, also for numbers above the head and those of what may not be seen."""
        moment = self.moment()
        change = read_changes(self._engine, [seq]).get(seq) if seq <= moment.seq else None
        if change is None or change.space != PUBLIC_SPACE:
            raise NotFound(f"there is no change {seq}: numbers have gaps, and the head is {moment.seq}", reason="change-none", number=seq, head=moment.seq)
        return change_body(change)

    def diff(
        self,
        start: Moment | str,
        end: Moment | str,
        *,
        type_: str | None = None,
        kind: str | None = None,
        cursor: str | None = None,
        limit: int = 100,
        lang: str | None = None,
    ) -> tuple[Moment, Page]:
        """What differs between two moments (see `between`), by concept in the order of uuids; the moment is the later one."""
        before, later, diff = self.differences(start, end)
        listing = f"diff|{before.seq}|{type_}|{kind}"
        after = _after(cursor, later, listing)
        items = diff_page(diff, kind=kind, type_=type_, after=after, limit=limit + 1, lang=lang)
        following = make_cursor(later, listing, items[limit - 1]["uuid"]) if len(items) > limit else None
        extra = {"from": before.seq, "to": later.seq, "concepts": len(diff.concepts), "counts": diff.counts}
        return later, Page(items[:limit], following, extra)

    def differences(self, start: Moment | str, end: Moment | str) -> tuple[Moment, Moment, Diff]:
        """All that differs between two moments (see `between`), and the moments."""
        before, later = self.between(start, end)
        return before, later, self._comparing.between(before, later)

    @property
    def keeps_differences(self) -> bool:
        """Whether differences between releases are kept on disk."""
        return self._comparing.keeps

    def ready(self) -> int:
        """The head, read now: the store answers. Raises StoreUnavailable, StoreNotReady."""
        self.forget()
        return self.moment().seq

    def writing(self) -> bool:
        """Whether somebody writes the public space just now. One round trip."""
        return is_held(self._engine, PUBLIC_SPACE)


def _after(cursor: str | None, moment: Moment, listing: str) -> str:
    return parse_cursor(cursor).place_in(moment, listing) if cursor is not None else ""


def _number(place: str) -> int:
    """The number that one of our cursors holds; 0 at the beginning. Raises InvalidInput where somebody made the cursor
    himself."""
    if not place:
        return 0
    if not place.isdecimal() or len(place) > 16:
        raise InvalidInput("the cursor is none of ours: take it from `next` as it is")
    return int(place)
