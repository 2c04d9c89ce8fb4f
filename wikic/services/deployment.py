"""The state of deployment: by quarter, territory, sector and scheme, now and as of the end of any quarter; and reports that are frozen for good.

Flow: web and command line -> `Deployment` -> `deployment_facts` -> `domain.deployment`. It says the same to everybody, and nothing that is not public.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from typing import Any, Final

from wikic.domain.access import Actor, require
from wikic.domain.canonical import canonical_json
from wikic.domain.changes import now
from wikic.domain.deployment import (
    BadgeFact,
    Figures,
    Likeness,
    Part,
    figures_of,
    likenesses,
    narrowed,
    parts_by_issuer,
    parts_by_scheme,
    place_of,
    section_of,
)
from wikic.domain.organisations import check_sector, check_territory
from wikic.domain.quarters import Quarter, quarters
from wikic.domain.texts import check_text
from wikic.domain.vocabulary import SCHEMES
from wikic.errors import Conflict, InvalidInput, NotFound
from wikic.services.badging_catalogue import Catalogue
from wikic.services.deployment_facts import Kept
from wikic.services.reading_heads import Remembered
from wikic.store import documents
from wikic.store.engine import Engine, WriteTransaction
from wikic.store.events import happened
from wikic.store.leases import write_numbered
from wikic.store.tables import DEPLOYMENT_REPORTS
from wikic.text.analyse import group_of, terms_of
from wikic.text.tables import table_of

LONGEST_COMMENTARY: Final = 20_000
LANGUAGES: Final = ("fr", "en")
_SERIES: Final = 12
_KEPT: Final = 40


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What is asked about: a quarter ("" for now), a territory (INSEE or NUTS code), a sector (NAF code of any length), a scheme; "" for all."""

    quarter: str = ""
    territory: str = ""
    sector: str = ""
    scheme: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """The figures that a line over quarters shows."""

    quarter: str
    issuing: int
    badges: int
    competencies: int
    awards: int
    awards_hidden: int


@dataclass(frozen=True, slots=True)
class State:
    """The state of deployment as of the end of a quarter, or `now`. `alike` are badge classes that look alike, `named`
    those of them by id, and `issuers` the names of all issuers."""

    quarter: str
    now: bool
    figures: Figures
    schemes: Sequence[Part]
    territories: Sequence[Part]
    sectors: Sequence[Part]
    series: Sequence[Point]
    alike: Sequence[Likeness]
    named: Mapping[str, BadgeFact]
    issuers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DeploymentReport:
    """A frozen report: `body` is what `digest` (SHA-256 of its canonical JSON) is of."""

    quarter: str
    frozen: str
    by: str
    digest: str
    body: Mapping[str, Any]


class Deployment:
    """The state of deployment of one store; safe between threads. `clock` gives the present moment as times are written."""

    def __init__(self, engine: Engine, catalogue: Catalogue, kept: Kept, clock: Callable[[], str] = now) -> None:
        self._engine, self._catalogue, self._kept, self._clock = engine, catalogue, kept, clock
        self._states: Remembered[tuple[object, ...], State] = Remembered(_KEPT)

    def state(self, asked: Narrowed) -> State:
        """What there is, or was. Raises InvalidInput."""
        present = Quarter.of(self._clock())
        quarter = Quarter.parse(asked.quarter) if asked.quarter else present
        if quarter > present:
            raise InvalidInput(f"{quarter} is still to come", reason="quarter-ahead", quarter=str(quarter))
        endorsements = self._kept.endorsements(quarter, now=not asked.quarter)
        key = (self._kept.version(), str(present), asked, frozenset(endorsements.items()))
        return self._states.get(key) or self._states.put(key, self._counted(asked, quarter, endorsements))

    def quarters(self) -> list[str]:
        """The quarters of which there is something to say, the latest first."""
        present = Quarter.of(self._clock())
        first = self._kept.first()
        return [str(each) for each in reversed(quarters(min(Quarter.of(first), present) if first else present, present))]

    def freeze(self, quarter: str, commentary: Mapping[str, str], actor: Actor) -> DeploymentReport:
        """Keep the report on a quarter that has ended, with a commentary, for good. Raises Forbidden, InvalidInput, Conflict (it has not ended, it is
        frozen)."""
        require(actor, "release")
        wanted = Quarter.parse(quarter)
        said = _commentary(commentary)
        if wanted.end > self._clock():
            raise Conflict(f"{wanted} has not ended: it can be frozen from {wanted.end[:10]} on", reason="quarter-open", quarter=str(wanted))
        state, stamp = self.state(Narrowed(quarter=str(wanted))), self._clock()
        body = state_body(state) | {"commentary": said, "frozen": stamp, "by": actor.name}
        report = DeploymentReport(str(wanted), stamp, actor.name, sha256(canonical_json(body)).hexdigest(), body)

        def work(tx: WriteTransaction) -> None:
            if documents.find(tx, DEPLOYMENT_REPORTS, report.quarter) is not None:
                raise Conflict(f"the report on {report.quarter} is frozen, and changes no more", reason="quarter-frozen", quarter=report.quarter)
            row = {"key": report.quarter, "frozen": stamp, "by": actor.name, "digest": report.digest, "body": body}
            documents.insert(tx, DEPLOYMENT_REPORTS, row)
            happened(tx, actor, "deployment_frozen", subject=f"deployment/{report.quarter}", quarter=report.quarter, digest=report.digest)

        write_numbered(self._engine, work)
        return report

    def report(self, quarter: str) -> DeploymentReport:
        """A frozen report. Raises NotFound, InvalidInput."""
        key = str(Quarter.parse(quarter))
        row = documents.find(self._engine, DEPLOYMENT_REPORTS, key)
        if row is None:
            raise NotFound(f"there is no frozen report on {key}", reason="report-none", quarter=key)
        return _report(row)

    def reports(self) -> list[DeploymentReport]:
        """All frozen reports, the latest quarter first."""
        return [_report(row) for row in reversed(documents.page(self._engine, DEPLOYMENT_REPORTS, "key", limit=1_000))]

    def _counted(self, asked: Narrowed, quarter: Quarter, endorsements: Mapping[str, int]) -> State:
        territory = check_territory(asked.territory) if asked.territory.strip() else ""
        issuers = frozenset(self._catalogue.in_territory(territory)) if territory else None
        section = section_of(check_sector(asked.sector)) if asked.sector.strip() else ""
        if asked.scheme and asked.scheme not in SCHEMES:
            raise InvalidInput(f"{asked.scheme[:40]!r} is no scheme: {', '.join(SCHEMES)}", reason="choice", choice=asked.scheme[:40])
        is_now = not asked.quarter
        whole = self._kept.facts(quarter, now=is_now, endorsements=endorsements)
        facts = narrowed(whole, issuers=issuers, section=section, scheme=asked.scheme)
        alike = likenesses(facts.badges, lambda name, lang: terms_of(name, group_of(lang)))
        ids = {badge for each in alike for badge in each.badges}
        series: list[Point] = []
        first = self._kept.first()
        for each in quarters(min(Quarter.of(first), quarter) if first else quarter, quarter)[-_SERIES:]:
            then = facts if each == quarter else narrowed(self._kept.facts(each, now=False), issuers=issuers, section=section, scheme=asked.scheme)
            counted = figures_of(then, 0)
            series.append(Point(str(each), counted.issuing, counted.badges, counted.competencies, counted.awards, counted.awards_hidden))
        return State(
            quarter=str(quarter),
            now=is_now,
            figures=figures_of(facts, len(alike)),
            schemes=parts_by_scheme(facts),
            territories=parts_by_issuer(facts, lambda issuer: map(place_of, issuer.territories)),
            sectors=parts_by_issuer(facts, lambda issuer: issuer.sections),
            series=series,
            alike=alike,
            named={each.id: each for each in facts.badges if each.id in ids},
            issuers={each.slug: each.name for each in whole.issuers},
        )


def state_body(state: State) -> dict[str, Any]:
    """A state as programs read it, and as reports keep it."""
    return {
        "quarter": state.quarter,
        "now": state.now,
        "figures": asdict(state.figures),
        "schemes": [asdict(each) for each in state.schemes],
        "territories": [asdict(each) for each in state.territories],
        "sectors": [asdict(each) for each in state.sectors],
        "series": [asdict(each) for each in state.series],
        "alike": [
            {"reason": each.reason, "words": each.words, "badges": [_named(state.named[badge], state) for badge in each.badges]} for each in state.alike
        ],
    }


def csv_of(body: Mapping[str, Any]) -> str:
    """The same as a table with a number in each line: quarter, list, key, measure, value."""
    return table_of(("quarter", "list", "key", "measure", "value"), ((body["quarter"], *line) for line in _csv_lines(body)))


def _csv_lines(body: Mapping[str, Any]) -> Iterator[tuple[str, str, str, int]]:
    for name, value in body["figures"].items():
        if name == "levels":
            yield from ((name, key or "none", "bindings", number) for key, number in value.items())
        elif not isinstance(value, Mapping):  # those by scheme stand with what else is said of schemes
            yield "all", "", name, value
    measures = [each.name for each in fields(Part) if each.name != "key"]
    for kind in ("schemes", "territories", "sectors"):
        yield from ((kind, part["key"], name, part[name]) for part in body[kind] for name in measures)
    for point in body["series"]:
        yield from (("series", point["quarter"], name, value) for name, value in point.items() if name != "quarter")


def _named(badge: BadgeFact, state: State) -> dict[str, str]:
    return {"id": badge.id, "name": badge.name, "issuer": badge.issuer, "issuer_name": state.issuers.get(badge.issuer, badge.issuer)}


def _commentary(texts: Mapping[str, str]) -> dict[str, str]:
    if unknown := sorted(set(texts) - set(LANGUAGES)):
        raise InvalidInput(f"{unknown[0][:20]!r} is no language of a commentary: {', '.join(LANGUAGES)}", reason="choice", choice=unknown[0][:20])
    said = {lang: check_text("commentary", texts[lang], LONGEST_COMMENTARY) for lang in LANGUAGES if texts.get(lang, "").strip()}
    if not said:
        raise InvalidInput("a report has a commentary, in French, in English or in both", reason="commentary")
    return said


def _report(row: Mapping[str, Any]) -> DeploymentReport:
    return DeploymentReport(str(row["key"]), str(row["frozen"]), str(row["by"]), str(row["digest"]), row["body"])
