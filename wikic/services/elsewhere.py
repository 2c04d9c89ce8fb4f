"""Badge classes that are hosted elsewhere, as they come in: gathered, read, judged line by line, and taken all together or not at all.

Flow: web and command line -> `Elsewhere.look` (nothing is written) -> `Elsewhere.take`, which looks again, so that nothing is kept between the two.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

from wikic.domain.access import Actor
from wikic.domain.badges import MOST_MONTHS, BadgeContent, missing
from wikic.domain.badges_elsewhere import as_kept, badge_in, issuer_in, place_of, said_in, same_site
from wikic.domain.changes import stamp
from wikic.domain.open_badges_files import checked
from wikic.domain.organisations import Profile
from wikic.errors import Conflict, IndexBehind, InvalidInput, OutsideError, TargetRefused, WikicError
from wikic.images.checking import CheckedImage
from wikic.services import badging_rights as rights
from wikic.services.badging_catalogue import Catalogue
from wikic.services.badging_suggesting import BindingSuggesting
from wikic.services.binding import Bindings
from wikic.services.binding_targets import Seen
from wikic.services.elsewhere_fetching import Read, SourceReader
from wikic.services.elsewhere_gathering import Wanted, limited, of_document
from wikic.services.elsewhere_offers import KNOWN, NEW, REFUSED, TAKEN, Note, Offer, Offers, judge
from wikic.services.elsewhere_writing import Taken, take
from wikic.services.linting import Linting
from wikic.services.scaling import missing_levels
from wikic.services.throttling import Clock, utc_now
from wikic.store.engine import Engine, Row
from wikic.store.leases import write_numbered

ALL_SECONDS: Final = 60.0
"""For all addresses of a catalogue."""
AGAIN: Final = timedelta(hours=24)
"""Between two readings of an address, a fifth more or less."""
_AT_ONCE: Final = 6
_SUGGESTED: Final = 60
"""Lines for which competencies are looked for by their words: it takes a tenth of a second each."""
_SUGGESTIONS: Final = 3
_IMAGES: Final = 40_000_000
"""Bytes of images that are held at once."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How a catalogue is to come. `draw`: without its images; `lang`: of badge classes that do not say theirs; `concepts`: by address, what to bind in place of
    what the alignments lead to; `seen`: by address, the digest of what was shown: what says something else now is refused; `only`: these addresses alone."""

    publish: bool = False
    partly: bool = False
    draw: bool = False
    lang: str = "fr"
    concepts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    seen: Mapping[str, str] = field(default_factory=dict)
    only: frozenset[str] | None = None

    def kept(self) -> Asked:
        """The same, with addresses as they are kept."""
        concepts = {as_kept(address): refs for address, refs in self.concepts.items()}
        seen = {as_kept(address): digest for address, digest in self.seen.items()}
        return replace(self, concepts=concepts, seen=seen, only=None if self.only is None else frozenset(map(as_kept, self.only)))


class Elsewhere:
    """Badge classes from elsewhere over one store; safe between threads. `own`: the address of this site."""

    def __init__(
        self, engine: Engine, catalogue: Catalogue, bindings: Bindings, suggesting: BindingSuggesting, linting: Linting, reader: SourceReader, own: str, *,
        clock: Clock = utc_now, jitter: Callable[[], float] = lambda: 1.0,
    ) -> None:  # fmt: skip
        self._engine, self._catalogue, self._bindings, self._suggesting = engine, catalogue, bindings, suggesting
        self._linting, self._reader, self._own = linting, reader, own
        self._clock, self._jitter = clock, jitter

    def look(self, issuer: str, wanted: Sequence[Wanted], actor: Actor, asked: Asked | None = None, *, suggest: bool = True) -> Offers:
        """What would come of each: nothing is written. A single address that leads to an issuer's document or a list stands for what that holds.

        Raises NotFound, Forbidden (who may not make drafts of the issuer), InvalidInput, TooLarge; what is wrong with a line stands in the line."""
        asked = (asked or Asked()).kept()
        site = Profile.of(rights.issuer_row(self._engine, issuer, actor)["profile"]).site
        rights.require_draft(actor, issuer)
        until = time.monotonic() + ALL_SECONDS
        offers = [_offered(line, each) for line, each in enumerate(self._opened(wanted, until), 1)]
        if asked.only is not None:
            offers = [each for each in offers if not each.address or each.address in asked.only or each.document is not None]
        with ThreadPoolExecutor(_AT_ONCE, "wikic-elsewhere") as pool:
            list(pool.map(lambda each: self._read(each, until), offers))
        if asked.only is not None:
            offers = [each for each in offers if each.address in asked.only]
        self._known(offers, issuer, actor)
        _compare_issuers(offers, site)
        judge(self._linting, offers, self._own)
        self._in_use(offers)
        for each in offers:
            self._complete(each, asked)
        self._levels(offers)
        with ThreadPoolExecutor(_AT_ONCE, "wikic-elsewhere") as pool:
            self._images([each for each in offers if each.result == NEW], asked, until, pool)
        if suggest:
            # What taking would refuse is refused now.
            self._resolved([each for each in offers if each.result == NEW])
            self._suggest(offers)
        return Offers(offers)

    def take(self, issuer: str, wanted: Sequence[Wanted], actor: Actor, asked: Asked | None = None) -> Offers:
        """Take those that are new: all or nothing, unless `partly`. Raises as `look`; Conflict, where others took the same addresses meanwhile."""
        asked = asked or Asked()
        if asked.publish:
            rights.issuer_row(self._engine, issuer, actor)
            rights.require_published(actor, issuer)
        offers = self.look(issuer, wanted, actor, asked, suggest=False)
        new = self._resolved(offers.of(NEW))
        if offers.count(REFUSED) and not asked.partly:
            return offers
        made = [(each, taken) for each, taken in new if each.result == NEW]
        if made:
            ids = write_numbered(self._engine, lambda tx: take(tx, issuer, [taken for _, taken in made], actor, publish=asked.publish))
            for (each, _), identity in zip(made, ids, strict=True):
                each.result, each.badge = TAKEN, identity
        offers.applied = True
        return offers

    # Parts

    def _opened(self, wanted: Sequence[Wanted], until: float) -> list[Wanted]:
        """What a single address leads to, if that is a list or an issuer's document. What is wrong with it is told in its line later, when it is read."""
        if not wanted:
            raise InvalidInput("there is nothing: give an address, badge documents, or a table", reason="catalogue-empty")
        if len(wanted) > 1 or wanted[0].document is not None or wanted[0].more:
            return limited(list(wanted))
        only = wanted[0]
        read = self._had(only.address, until)
        found = of_document(read.document, only.address)
        return [replace(each, etag=read.etag, modified=read.modified) if each.source else each for each in found]

    def _had(self, address: str, until: float) -> Read:
        try:
            return self._reader.document(address, until=until)
        except TargetRefused:
            raise
        except OutsideError as error:
            raise InvalidInput(f"the address cannot be read: {error.message}", reason="elsewhere-unread", why=error) from None

    def _read(self, offer: Offer, until: float) -> None:
        """The document of a line, and what it says."""
        try:
            if offer.document is None:
                read = self._had(offer.address, until)
                offer.document, offer.source = read.document, offer.address
                offer.etag, offer.modified = read.etag, read.modified
            else:
                checked(offer.document)
            badge = badge_in(offer.document)
            # An award is only the way to its badge class, and has an address of its own.
            whole = badge is offer.document
            said = said_in(badge, offer.source if whole else "")
            own = badge.get("id")
            if whole and offer.source and isinstance(own, str) and own and place_of(as_kept(own)) != place_of(offer.source):
                offer.notes.append(Note("other_id", own[:300]))
            offer.document, offer.said, offer.address = badge, said, said.content.address
        except WikicError as error:
            offer.refuse(error)

    def _known(self, offers: Sequence[Offer], issuer: str, actor: Actor) -> None:
        """Those that the issuer has already, or that stand in an earlier line. What others took in hinders nobody, and is said."""
        entries = [
            each for each in self._catalogue.entries().values() if each.address and (each.number > 0 or rights.works_for(actor, each.issuer))
        ]
        own = {place_of(each.address): each.id for each in entries if each.issuer == issuer}
        others = {place_of(each.address): each.issuer for each in entries if each.issuer != issuer}
        seen: set[str] = set()
        for each in offers:
            place = place_of(each.address)
            if each.result != NEW:
                continue
            if place in own:
                each.result, each.badge = KNOWN, own[place]
            elif place in seen:
                each.result = KNOWN
            elif place in others:
                each.notes.append(Note("also_taken", self._catalogue.issuer(others[place], actor).name))
            seen.add(place)

    def _complete(self, offer: Offer, asked: Asked) -> None:
        """What the badge class would say and be bound to; refused where it cannot."""
        if offer.result != NEW or offer.said is None:
            return
        try:
            if offer.address in asked.seen and asked.seen[offer.address] != offer.digest:
                raise Conflict("what its address says was changed since it was shown: look again", reason="elsewhere-changed")
            content = _with(offer.said.content, offer.more, asked.lang).cleaned()
            chosen = asked.concepts.get(offer.address)
            offer.concepts = _chosen(offer, chosen)
            lacking = [each for each in missing(content, bindings=len(offer.concepts)) if each.required]
            if not content.name or (asked.publish and lacking):
                keys = [each.key for each in lacking]
                raise InvalidInput("it is not complete: " + " ".join(each.why for each in lacking), reason="badge-incomplete", lacks=keys)
            offer.content = content
        except WikicError as error:
            offer.refuse(error)

    def _in_use(self, offers: Sequence[Offer]) -> None:
        """What an alignment leads to may have ended since, with nothing or several in its place (where one is, the linter leads there): that is not bound."""
        found = self._bindings.targets.resolved({one.concept.uuid for each in offers for one in each.recognised if one.bindable})
        for each in offers:
            for place, one in enumerate(each.recognised):
                if one.bindable and isinstance(found[one.concept.uuid], WikicError):
                    each.recognised[place] = replace(one, bindable=False)
                    each.notes.append(Note("out_of_use", one.name[:200]))

    def _levels(self, offers: Sequence[Offer]) -> None:
        """Refused where a table names a level that no scale has."""
        wrong = missing_levels(self._engine, {each.content.level for each in offers if each.content})
        for each in offers:
            if each.content and each.content.level in wrong:
                each.refuse(wrong[each.content.level])

    def _images(self, offers: Sequence[Offer], asked: Asked, until: float, pool: ThreadPoolExecutor) -> None:
        def one(offer: Offer) -> CheckedImage | None:
            address = offer.said.image if offer.said else ""
            if asked.draw or not address:
                offer.notes += [] if address else [Note("no_image")]
                return None
            try:
                return self._reader.image(address, until=until)
            except TargetRefused as error:
                offer.refuse(InvalidInput(f"`image`: {error.message}", reason="elsewhere-image", why=error))
            except OutsideError as error:
                offer.notes.append(Note("image_drawn", error.message, error))
            except WikicError as error:
                offer.refuse(type(error)(f"`image`: {error.message}", reason="elsewhere-image", why=error))
            return None

        held = 0
        for offer, image in zip(offers, pool.map(one, offers), strict=True):
            held += len(image.data) if image else 0
            if held > _IMAGES:
                message = f"`image`: the images of all lines are more than {_IMAGES:,} bytes: take fewer at a time"
                offer.refuse(InvalidInput(message, reason="elsewhere-images", most=_IMAGES))
                continue
            offer.image = image

    def _suggest(self, offers: Sequence[Offer]) -> None:
        """By their words, where no alignment leads anywhere."""
        waiting = [each for each in offers if each.result == NEW and each.content is not None and not any(found.bindable for found in each.recognised)]
        for each in waiting[:_SUGGESTED]:
            try:
                each.suggested = self._suggesting.suggest(each.content, limit=_SUGGESTIONS) if each.content else []
            except (IndexBehind, InvalidInput):
                return

    def _resolved(self, offers: Sequence[Offer]) -> list[tuple[Offer, Taken]]:
        """The competencies of all lines, looked up together; a line that names one that cannot be bound is refused."""
        found = self._bindings.targets.resolved(ref for each in offers for ref in (*each.named, *(ref for ref, _ in each.concepts))) if offers else {}
        made: list[tuple[Offer, Taken]] = []
        for each in offers:
            each.tabled = {ref: seen.uuid for ref in each.named if isinstance(seen := found[ref], Seen)}
            bound = []
            for ref, source in each.concepts:
                seen = found[ref]
                if isinstance(seen, WikicError):
                    each.refuse(type(seen)(f"`{ref[:200]}`: {seen.message}", reason="at-place", place=ref[:200], why=seen))
                    break
                bound.append((seen, source))
            if each.result == NEW and each.content is not None:
                made.append((each, Taken(each.content, each.image, bound, self._state(each))))
        return made

    def _state(self, offer: Offer) -> Row:
        """What is kept of its address: as it was read now, or to be read soon where only a document was given."""
        moment = self._clock()
        read = bool(offer.source)
        wait = AGAIN * self._jitter() if read else timedelta(minutes=10) * self._jitter()
        return {
            "address": offer.address, "due": stamp(moment + wait), "read": stamp(moment) if read else "", "etag": offer.etag, "modified": offer.modified,
            "said": offer.said.packed() if offer.said else None, "differs": [], "lost": [], "gained": [], "unreachable_since": "", "error": "", "tries": 0,
        }  # fmt: skip


def _compare_issuers(offers: Sequence[Offer], site: str) -> None:
    """Say where a document names an issuer at another site than the organisation's."""
    for each in offers:
        named = issuer_in(each.document) if site and each.result == NEW else ""
        if named and not same_site(named, site):
            each.notes.append(Note("other_issuer", named[:300]))


def _offered(line: int, wanted: Wanted) -> Offer:
    return Offer(line, as_kept(wanted.address), wanted.document, as_kept(wanted.source), wanted.more, etag=wanted.etag, modified=wanted.modified)


def _chosen(offer: Offer, chosen: Sequence[str] | None) -> list[tuple[str, str]]:
    """The competencies to bind, each with the source of the binding: those that were chosen, else those that alignments lead to and a table names."""
    recognised = {each.concept.uuid for each in offer.recognised if each.bindable}
    if chosen is None:
        return [(uuid, "imported") for uuid in sorted(recognised)] + [(ref, "csv") for ref in offer.named if ref not in recognised]
    return [(ref, "imported" if ref in recognised else "csv" if ref in offer.named else "suggested") for ref in dict.fromkeys(chosen)]


def _with(content: BadgeContent, more: Mapping[str, str], lang: str) -> BadgeContent:
    """With what a table adds. Raises InvalidInput."""
    validity = more.get("validity", "")
    if validity and not validity.isdecimal():
        raise InvalidInput("validity is a number of months, or empty for ever", reason="validity", most=MOST_MONTHS)
    added: dict[str, Any] = {name: more[name] for name in ("human_code", "level") if more.get(name)}
    tags = tuple(tag for tag in more.get("tags", "").replace(";", ",").split(",") if tag.strip())
    return replace(
        content, **added, lang=content.lang or more.get("lang", "") or lang, tags=content.tags + tags, validity=int(validity[:6]) if validity else None
    )
