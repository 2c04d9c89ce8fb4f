"""The alignment linter: which concepts the alignments of badge documents mean, what is wrong with them, and the documents repaired.

Flow: web and command line -> `Linting` -> one look-up for all alignments together -> findings -> repaired copies. Nothing is kept, written or logged of
what is sent; no account is needed. Only the public space is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import SequenceMatcher
from typing import Any, Final

from wikic.domain.addresses import is_web
from wikic.domain.alignment_targets import Target, by_code, isco_ref, recognise
from wikic.domain.open_badges import NOTE, SEVERITIES, WARNING, Alignment, BadgeDocument, Problem, read
from wikic.domain.open_badges_files import Found, checked, open_text, unwrapped
from wikic.domain.open_badges_linked import Together
from wikic.errors import IndexBehind, InvalidInput, TooLarge, UnknownRelease
from wikic.services.linting_fetching import Fetching, Sent
from wikic.services.linting_findings import Finding, Judge, Meant
from wikic.services.linting_repairing import at_pointer, renamed_lists, repaired
from wikic.services.reading import Reading
from wikic.services.reading_moments import Moment
from wikic.services.reading_replacing import find_replacements
from wikic.services.reading_views import Body, best
from wikic.services.searching import Filters, Searching
from wikic.store.concepts import Brief, read_briefs
from wikic.store.engine import Engine
from wikic.store.lookups import find_aliases, find_refs, read_contents
from wikic.text.fold import fold

MOST_ALIGNMENTS: Final = 2_000
MOST_DOCUMENTS: Final = 500
MOST_ADDRESSES: Final = 10
MOST_SEARCHES: Final = 50
"""Names without an address that are searched in one report."""
MANY: Final = 8
"""Alignments of one badge that every platform takes."""
_SUGGESTIONS: Final = 3
_LONGEST_NAME: Final = 200


@dataclass(slots=True)
class Linted:
    """What was found in one document. `findings`: of the document and of its alignments; `concepts`: by the pointer of an alignment; `repaired`: the whole
    document with certain repairs; `changed`: whether it has any."""

    sent: Sent
    badge: BadgeDocument
    findings: list[Finding] = field(default_factory=list)
    concepts: dict[str, Brief] = field(default_factory=dict)
    repaired: Any = None
    changed: bool = False


@dataclass(slots=True)
class Report:
    """All of it; `seq`: the number that it is as of."""

    documents: list[Linted]
    seq: int

    def counts(self) -> dict[str, int]:
        """How many documents, alignments, findings of each severity, and repairs."""
        found = Counter(finding.problem.severity for each in self.documents for finding in each.findings)
        made = sum(finding.applied for each in self.documents for finding in each.findings)
        return {
            "documents": len(self.documents),
            "alignments": sum(len(each.badge.alignments) for each in self.documents),
            **{severity: found[severity] for severity in SEVERITIES},
            "repaired": made,
        }


@dataclass(slots=True)
class _Case:
    """One alignment on its way."""

    linted: int
    alignment: Alignment
    meant: Meant
    moment: Moment


class Linting:
    """The linter over one store; safe between threads."""

    def __init__(self, engine: Engine, reading: Reading, searching: Searching, fetching: Fetching) -> None:
        self._engine, self._reading, self._searching = engine, reading, searching
        self.fetching = fetching

    def lint(self, sent: Sequence[Sent], own: str, *, lang: str = "fr", now: datetime | None = None) -> Report:
        """Look at documents; `own`: the address of this site, `lang`: of names where a badge does not say its own.

        Raises TooLarge (more documents or alignments than are taken at a time), StoreUnavailable. Some ten round trips, however many alignments."""
        if len(sent) > MOST_DOCUMENTS:
            raise TooLarge(f"there are {len(sent):,} documents: {MOST_DOCUMENTS:,} at most at a time", reason="documents-many", most=MOST_DOCUMENTS)
        now = now or datetime.now(UTC)
        done = [_read(each, now) for each in sent]
        together = Together((unwrapped(each.document)[0], each.source) for each in sent)
        for linted in done:
            linted.badge.problems += (found := list(together.check(unwrapped(linted.sent.document)[0])))
            linted.findings += map(Finding, found)
        total = sum(len(each.badge.alignments) for each in done)
        if total > MOST_ALIGNMENTS:
            raise TooLarge(f"there are {total:,} alignments: {MOST_ALIGNMENTS:,} at most at a time", reason="alignments-many", most=MOST_ALIGNMENTS)
        moment = self._reading.moment()
        cases = [
            _Case(number, alignment, Meant(_target(alignment, own)), moment)
            for number, each in enumerate(done)
            for alignment in each.badge.alignments
        ]
        self._look_up(cases, moment)
        self._suggest([(case, done[case.linted].badge.lang or lang) for case in cases if case.meant.concept is None and not case.meant.trouble], own)
        self._judge(done, cases, own.rstrip("/"), lang)
        return Report(done, moment.seq)

    def lint_addresses(self, addresses: Sequence[str], own: str, *, lang: str = "fr") -> Report:
        """Fetch badges by their addresses (and the badge that an assertion awards, if it is elsewhere), and look at them. A single one that cannot be had is an
        error; of several each says why. Raises InvalidInput, TargetRefused, TooLarge, and as `lint` does."""
        if len(addresses) > MOST_ADDRESSES:
            raise TooLarge(f"there are {len(addresses):,} addresses: {MOST_ADDRESSES} at most at a time", reason="refresh-addresses", most=MOST_ADDRESSES)
        return self.lint(self.fetching.all_of(addresses), own, lang=lang)

    def lint_file(self, found: Found, name: str, own: str, *, lang: str = "fr") -> Report:
        """Look at what was in a file; where that is the address of a badge (as in older baked images) it is fetched. Raises as `lint_addresses` does."""
        if found.address:
            return self.lint_addresses([found.address], own, lang=lang)
        return self.lint([Sent(found.document, name, found.token, found.baked)], own, lang=lang)

    def _look_up(self, cases: list[_Case], moment: Moment) -> None:
        """Find the concepts of all alignments: by moment, since pinned addresses are read as of their release."""
        pinned: dict[str, Moment | None] = {}
        for case in cases:
            release = case.meant.target.release
            if release:
                if release not in pinned:
                    pinned[release] = self._pinned(release)
                found = pinned[release]
                if found is None:
                    case.meant.trouble = "unknown_release"
                else:
                    case.moment = found
        groups: dict[int, list[_Case]] = {}
        for case in cases:
            if not case.meant.trouble:
                groups.setdefault(case.moment.seq, []).append(case)
        for group in groups.values():
            self._find(group, group[0].moment)
        known = [case.meant for case in cases if case.meant.concept is not None]
        replacements = find_replacements(self._engine, {each.concept.uuid for each in known if each.concept}, moment)
        for each in known:
            if each.concept is not None:
                each.replacement = replacements[each.concept.uuid]
        for group in groups.values():
            self._read_contents(group, group[0].moment)

    def _pinned(self, release: str) -> Moment | None:
        try:
            return self._reading.moment(release)
        except (UnknownRelease, InvalidInput):
            return None

    def _find(self, cases: list[_Case], moment: Moment) -> None:
        uuids = {uuid for case in cases for uuid in (*case.meant.target.candidates, *case.meant.target.mentioned)}
        briefs = read_briefs(self._engine, sorted(uuids), moment.at) if uuids else {}
        aliases = find_aliases(self._engine, uuids - briefs.keys(), moment.at)
        refs = find_refs(self._engine, {ref for case in cases for ref in (*_refs(case), _isco(case)) if ref}, moment.at)
        more = set(aliases.values()) | {uuid for found in refs.values() for uuid, _ in found}
        briefs |= read_briefs(self._engine, sorted(more - briefs.keys()), moment.at) if more else {}
        for case in cases:
            meant = case.meant
            meant.isco = bool(refs.get(_isco(case)))
            meant.mentioned = next((briefs[now] for uuid in meant.target.mentioned if (now := aliases.get(uuid, uuid)) in briefs), None)
            hits = [aliases.get(uuid, uuid) for uuid in meant.target.candidates if aliases.get(uuid, uuid) in briefs]
            if hits:
                meant.concept, meant.alias = briefs[hits[0]], hits[0] not in meant.target.candidates
                meant.options = tuple(briefs[uuid] for uuid in dict.fromkeys(hits)) if meant.target.shape == "uuid_only" else ()
                continue
            for ref in _refs(case):
                found = refs.get(ref, [])
                active = [uuid for uuid, status in found if status == "active"] or [uuid for uuid, _ in found]
                if active and active[0] in briefs:
                    meant.concept, meant.options = briefs[active[0]], tuple(briefs[uuid] for uuid in active if uuid in briefs)
                    break

    def _read_contents(self, cases: list[_Case], moment: Moment) -> None:
        """All names, present and former, where a name is none of the preferred ones."""
        wanted: dict[str, list[Meant]] = {}
        for case in cases:
            concept, name = case.meant.concept, fold(case.alignment.name)
            if concept is not None and name and name not in map(fold, concept.preferred.values()):
                wanted.setdefault(concept.uuid, []).append(case.meant)
        for uuid, contents in read_contents(self._engine, wanted, moment.at).items() if wanted else ():
            for meant in wanted[uuid]:
                meant.contents = contents

    def _suggest(self, cases: Iterable[tuple[_Case, str]], own: str) -> None:
        """Search the concepts that names without a usable address may mean; beside each case the language of its badge."""
        wanted = [(case, lang) for case, lang in cases if case.alignment.name.strip() and _lost(case.meant.target, case.alignment.url)]
        if not wanted:
            return
        try:
            sought = self._searching.sought()
        except IndexBehind:
            return
        known: dict[str, list[Body]] = {}
        for case, lang in wanted:
            name = " ".join(case.alignment.name.split())[:_LONGEST_NAME]
            if name not in known:
                if len(known) == MOST_SEARCHES:
                    continue
                try:
                    known[name] = self._searching.results(name, Filters(), sought, limit=_SUGGESTIONS).items
                except InvalidInput:
                    known[name] = []
            case.meant.suggestions = [_suggestion(item, name, own.rstrip("/"), lang) for item in known[name]]

    def _judge(self, done: list[Linted], cases: list[_Case], own: str, lang: str) -> None:
        of: dict[int, list[_Case]] = {}
        for case in cases:
            of.setdefault(case.linted, []).append(case)
        for number, linted in enumerate(done):
            if linted.sent.refused:
                continue
            judge = Judge(linted.badge.format, linted.badge.lang, own, lang)
            first: dict[str, str] = {}
            inner = at_pointer(linted.repaired, _prefix(linted.sent))
            for case in of.get(number, ()):
                raw = at_pointer(inner, case.alignment.pointer)
                findings, concept = judge.judge(raw, case.alignment, case.meant)
                if concept is not None:
                    linted.concepts[case.alignment.pointer] = concept
                    # Of one competency, the address here and that of ESCO are a pair.
                    here = judge.address(concept, case.meant.target).startswith(f"{own}/")
                    place = f"{case.alignment.pointer.rpartition('/')[0]} {concept.uuid} {here}"
                    other = first.setdefault(place, case.alignment.pointer)
                    if other != case.alignment.pointer and linted.badge.format != "alignments":
                        findings.append(Finding(Problem(NOTE, case.alignment.pointer, "duplicate", other)))
                linted.findings += findings
            _finish(linted)


def _read(sent: Sent, now: datetime) -> Linted:
    if sent.refused:
        return Linted(sent, BadgeDocument("unknown", "unknown"))
    inner, _ = unwrapped(sent.document)
    badge = read(inner, now=now)
    places = tuple(f"{each.pointer}/" for each in badge.alignments)
    # What an alignment lacks is told with its repair.
    own = [each for each in badge.problems if not (each.pointer.startswith(places) and each.key in ("missing", "single_value", "wrong_type", "empty"))]
    if sent.token and all(each.key != "signature_unchecked" for each in own):
        own.append(Problem(NOTE, "", "signature_unchecked"))
    return Linted(sent, badge, [Finding(each) for each in own], repaired=sent.document)


def _finish(linted: Linted) -> None:
    inner, prefix = unwrapped(linted.repaired)
    badge = linted.badge
    linted.findings += renamed_lists(inner, badge.format)
    groups = Counter(each.pointer.rpartition("/")[0] for each in badge.alignments if badge.format != "alignments" and not each.further)
    linted.findings += [Finding(Problem(NOTE, place, "many", str(n))) for place, n in groups.items() if n > MANY]
    made = repaired(inner, linted.findings, badge.format)
    linted.changed = any(finding.applied for finding in linted.findings)
    if linted.changed and (badge.signed or linted.sent.token):
        linted.findings.append(Finding(Problem(WARNING, "/proof" if badge.signed else "", "signature")))
    linted.repaired = {**linted.repaired, "vc": made} if prefix else made


def _prefix(sent: Sent) -> str:
    return unwrapped(sent.document)[1]


def _target(alignment: Alignment, own: str) -> Target:
    found = recognise(alignment.url, own)
    if found.shape == "none":
        return by_code(alignment.code, alignment.framework)
    if found.shape == "code_only":
        coded = by_code(found.address, alignment.framework)
        return found if coded.refs else Target("other", address=alignment.url.strip())
    return found


def _refs(case: _Case) -> tuple[str, ...]:
    return case.meant.target.refs


def _isco(case: _Case) -> str:
    return isco_ref(case.alignment.code, case.alignment.framework)


def _lost(target: Target, url: str) -> bool:
    """Whether only the name can say what is meant."""
    return target.shape in ("none", "uuid_only", "code_only", "relative", "fiche") or (
        target.shape in ("other", "other_path") and not is_web(url)
    )


def _suggestion(item: Body, name: str, own: str, lang: str) -> dict[str, Any]:
    label = item["label"]["value"] if item["label"] else best(item["preferred_label"], lang)
    score = SequenceMatcher(None, fold(name), fold(label)).ratio()
    return {
        "uuid": item["uuid"],
        "label": best(item["preferred_label"], lang),
        "address": f"{own}/c/{item['uuid']}",
        "score": round(score, 3),
    }


def sent_of(documents: Iterable[Any]) -> list[Sent]:
    """Documents that came as JSON; a text among them is a token, or JSON within JSON. Raises InvalidInput, TooLarge."""
    made = []
    for each in documents:
        if isinstance(each, str):
            found = open_text(each)
            if found.address:
                raise InvalidInput("an address goes into `address` or `addresses`")
            made.append(Sent(found.document, token=found.token))
        else:
            made.append(Sent(checked(each)))
    return made


def report_body(report: Report, lang: str) -> Body:
    """The report as JSON knows it."""
    return {"documents": [_document_body(each, lang) for each in report.documents], "counts": report.counts(), "seq": report.seq}


def _document_body(linted: Linted, lang: str) -> Body:
    badge, sent = linted.badge, linted.sent
    return {
        "source": sent.source or None,
        "refused": sent.refused or None,
        "format": badge.format,
        "kind": badge.kind,
        "id": badge.id or None,
        "name": badge.name or None,
        "lang": badge.lang or None,
        "baked": sent.baked,
        "token": sent.token,
        "accepted": not sent.refused and badge.accepted,
        "changed": linted.changed,
        "alignments": [_alignment_body(each, linted.concepts.get(each.pointer), lang) for each in badge.alignments],
        "findings": [finding_body(each) for each in linted.findings],
        "document": linted.repaired,
    }


def _alignment_body(alignment: Alignment, concept: Brief | None, lang: str) -> Body:
    return {
        "pointer": alignment.pointer,
        "target_url": alignment.url or None,
        "target_name": alignment.name or None,
        "concept": None
        if concept is None
        else {
            "uuid": concept.uuid,
            "kind": concept.kind,
            "scheme": concept.scheme,
            "code": concept.code or None,
            "iri": concept.iri or None,
            "status": concept.status,
            "label": best(concept.preferred, lang),
        },
    }


def finding_body(finding: Finding) -> Body:
    """One finding."""
    problem = finding.problem
    return {
        "severity": problem.severity,
        "key": problem.key,
        "pointer": problem.pointer,
        "field": problem.field,
        "message": problem.message,
        "about": problem.about or None,
        "before": finding.before,
        "after": finding.after,
        "repair": finding.repair or None,
        "certain": finding.certain,
        "candidates": list(finding.candidates),
    }

