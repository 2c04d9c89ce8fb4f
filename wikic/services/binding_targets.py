"""The competencies at the other end of bindings: found by whatever people write, and what alignments say of them as of a release."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from wikic.domain.badges_bindings import BINDABLE, Target, framework_name
from wikic.domain.concepts import ConceptContent
from wikic.domain.vocabulary import ACTIVE, DEPRECATED, PUBLIC_SPACE
from wikic.errors import Conflict, InvalidInput, NotFound, UnknownRelease, WikicError
from wikic.services.reading import Reading
from wikic.services.reading_moments import Moment, Reference, parse_reference
from wikic.services.reading_views import best
from wikic.store.concepts import Brief, read_briefs
from wikic.store.engine import Engine
from wikic.store.imports import read_identities
from wikic.store.lookups import find_aliases, find_refs

_READ = 500
_WORK = ("occupation", "occupation_title", "occupation_group")


@dataclass(frozen=True, slots=True)
class Seen:
    """A competency as it was seen when it was bound: its names, as of a release ("" for now) and the number of that."""

    uuid: str
    preferred: dict[str, str]
    release: str
    seq: int

    def name(self, lang: str) -> str:
        """Its name in a language, else in another."""
        return best(self.preferred, lang)


class Targets:
    """Competencies over one store."""

    def __init__(self, engine: Engine, reading: Reading) -> None:
        self._engine, self._reading = engine, reading

    def resolved(self, refs: Iterable[str], release: str | None = None, *, historic: bool = False) -> dict[str, Seen | WikicError]:
        """Each reference (uuid, alias, source address, code) with the competency that it names, or why it cannot be bound: there is none, it is no
        competency, it is deprecated (the error names what replaced it) unless `historic`. A few round trips for all, more for each that cannot be bound."""
        moment = self._reading.moment()
        then, name = self._release(release, moment)
        found: dict[str, Seen | WikicError] = {}
        briefs: dict[str, Brief] = {}
        wanted = list(dict.fromkeys(refs))
        references: dict[str, Reference] = {}
        for ref in wanted:
            try:
                references[ref] = parse_reference(ref)
            except InvalidInput as error:
                found[ref] = InvalidInput(error.message, reason="concept-none", ref=ref[:200])
        known = self._named(references, moment)
        for ref in references:
            try:
                briefs[ref] = self._checked(ref, known.get(ref), moment, historic=historic)
            except WikicError as error:
                found[ref] = error
        before = self._briefs([brief.uuid for brief in briefs.values()], then) if then is not None else {}
        for ref, brief in briefs.items():
            old = before.get(brief.uuid)
            if old is not None and then is not None:
                found[ref] = Seen(brief.uuid, old.preferred, name, then.seq)
            elif release:
                found[ref] = NotFound(f"there is no concept {ref[:200]} in the release {release}", reason="concept-then", ref=ref[:200], release=release)
            else:
                found[ref] = Seen(brief.uuid, brief.preferred, "", moment.seq)
        return found

    def uuid_of(self, ref: str) -> str:
        """The uuid of the concept that a reference names. Raises as `Reading.find`. One short round trip by uuid."""
        moment = self._reading.moment()
        uuid = parse_reference(ref).uuid
        return uuid if uuid and uuid in self._briefs([uuid], moment) else self._reading.find(ref, moment).concept.identity.uuid

    def of(self, concepts: Sequence[str], lang: str, release: str = "") -> dict[str, Target]:
        """What alignments say of these competencies (by uuid) as of a release, or now; those that were not there are not in it. One round trip for 500 of
        them, some more where they were replaced."""
        moment = self._reading.moment(release or None)
        found = self.at(concepts, lang, moment, release)
        return {uuid: target if target.status != DEPRECATED else self._with_successors(target, moment) for uuid, target in found.items()}

    def at(self, concepts: Sequence[str], lang: str, moment: Moment, release: str = "") -> dict[str, Target]:
        """What alignments said of these competencies at a moment, which `release` names; without what replaced them. One round trip for 500 of them."""
        found: dict[str, Target] = {}
        wanted = list(dict.fromkeys(concepts))
        for start in range(0, len(wanted), _READ):
            read = read_identities(self._engine, wanted[start : start + _READ], moment.at)
            found |= {uuid: target_of(uuid, identity.scheme, content, lang, release) for uuid, (identity, content) in read.items()}
        return found

    def _with_successors(self, target: Target, moment: Moment) -> Target:
        replacement = self._reading.find(target.concept, moment).replacement
        return replace(target, successors=tuple(brief.uuid for brief in replacement.final))

    def _named(self, references: Mapping[str, Reference], moment: Moment) -> dict[str, Brief]:
        """What references name, all together; without those that name nothing, or more than one thing."""
        at = {PUBLIC_SPACE: moment.seq}
        uuids = {ref: reference.uuid for ref, reference in references.items() if reference.uuid}
        codes = {ref: f"{reference.scheme}:{reference.code}" for ref, reference in references.items() if not reference.uuid}
        known = self._briefs(list(uuids.values()), moment)
        behind = find_aliases(self._engine, set(uuids.values()) - known.keys(), at) if uuids else {}
        holders = find_refs(self._engine, codes.values(), at) if codes else {}
        for ref, code in codes.items():
            held = holders.get(code, [])
            fitting = [uuid for uuid, status in held if status == ACTIVE] or [uuid for uuid, _ in held]
            if len(fitting) == 1:
                uuids[ref] = fitting[0]
        uuids = {ref: behind.get(uuid, uuid) for ref, uuid in uuids.items()}
        known |= self._briefs([uuid for uuid in uuids.values() if uuid not in known], moment)
        return {ref: known[uuid] for ref, uuid in uuids.items() if uuid in known}

    def _briefs(self, uuids: list[str], moment: Moment) -> dict[str, Brief]:
        found: dict[str, Brief] = {}
        wanted = list(dict.fromkeys(uuids))
        for start in range(0, len(wanted), _READ):
            found |= read_briefs(self._engine, wanted[start : start + _READ], {PUBLIC_SPACE: moment.seq})
        return found

    def _checked(self, ref: str, brief: Brief | None, moment: Moment, *, historic: bool) -> Brief:
        if brief is None:
            try:
                uuid = self._reading.find(ref, moment).concept.identity.uuid
            except NotFound as error:
                raise NotFound(error.message, reason="concept-none", ref=ref[:200]) from None
            brief = self._briefs([uuid], moment)[uuid]
        if brief.kind not in BINDABLE:
            raise _not_bindable(brief)
        if brief.status == DEPRECATED and not historic:
            final = self._reading.find(brief.uuid, moment).replacement.final
            named = ", ".join(f"{best(each.preferred, None)} ({each.uuid})" for each in final)
            name = best(brief.preferred, None)
            if named:
                raise Conflict(f"{name!r} is deprecated; bind to what replaced it: {named}", reason="bind-replaced", name=name, named=named)
            raise Conflict(f"{name!r} is deprecated; nothing replaced it", reason="bind-ended", name=name)
        return brief

    def _release(self, release: str | None, moment: Moment) -> tuple[Moment | None, str]:
        """The release as of which names are seen: the asked one, else the last that is published; None for now."""
        if release == "":
            return None, ""
        if release is not None:
            then = self._reading.moment(release)
            if then.state != "published":
                raise UnknownRelease(f"the release {release[:60]} is not published")
            return then, release
        names = [str(each["name"]) for each in self._reading.releases().items if each["state"] == "published" and int(each["seq"]) <= moment.seq]
        return (self._reading.moment(names[-1]), names[-1]) if names else (None, "")


def _not_bindable(brief: Brief) -> InvalidInput:
    name, kinds = best(brief.preferred, None), ", ".join(BINDABLE)
    instead = "bind the skills that it requires instead: its page lists them" if brief.kind in _WORK else "choose one of these kinds"
    return InvalidInput(
        f"{name!r} is of the kind {brief.kind}: badge classes attest {kinds}; {instead}", reason="not-bindable", name=name, kind=brief.kind
    )


def target_of(uuid: str, scheme: str, content: ConceptContent, lang: str, release: str) -> Target:
    """What an alignment says of a competency that says this."""
    return Target(
        concept=uuid, kind=content.kind, scheme=scheme, status=content.status, name=best(content.preferred(), lang),
        description=best(content.texts.get("definition", {}), lang), code=content.code, framework=framework_name(release), iri=content.iri,
        release=release, lang=lang,
    )  # fmt: skip
