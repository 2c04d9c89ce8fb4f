"""The shapes of totals of awards, the state of deployment and coverage: what is sent and answered."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from wikic.domain.vocabulary import Scheme
from wikic.web.schemas import BriefShape, PageShape, Shape
from wikic.web.schemas_accounts import Sent


class ReportedShape(Shape):
    """A number as it was reported."""

    count: int
    by: str
    at: str


class AwardTotalShape(Shape):
    """How often a badge class was given in a month."""

    badge_class: str
    issuer: str
    month: str = Field(examples=["2026-10"])
    count: int | None = Field(description="Null for a small number, which only the issuer's people read.")
    fewer_than: int | None = Field(description="Where `count` is null: what it is below.")
    at: str = Field(description="When it was reported last.")
    reports: list[ReportedShape] = Field(description="Every number that was reported, oldest first; for the issuer's people.")


class AwardTotalsShape(PageShape[AwardTotalShape]):
    """The totals of a badge class, the latest month first."""

    total: int = Field(description="The sum of the numbers that everybody may read.")
    hidden: int = Field(description="How many small numbers are not in `total`.")


class AwardBody(Sent):
    """A total to report."""

    count: int = Field(ge=0, le=10_000_000)


class AwardLineShape(Shape):
    """What becomes of a line of a table."""

    line: int
    result: Literal["reported", "corrected", "same", "refused"]
    badge_class: str
    month: str
    count: int
    problem: str | None
    reason: str | None


class AwardOutcomeShape(Shape):
    """What became of a table."""

    applied: bool
    lines: list[AwardLineShape]


class FiguresShape(Shape):
    """What there is. Small numbers of awards are hidden: not in the sums, but counted."""

    issuers: int = Field(description="Public issuers.")
    issuing: int = Field(description="Those of them with a badge class that is given.")
    badges: int = Field(description="Badge classes that are given.")
    retired: int
    bound: int = Field(description="Those given that attest at least one competency.")
    bindings: int
    competencies: int
    endorsements: int
    alike: int = Field(description="Groups of badge classes of several issuers that look alike.")
    awards: int = Field(description="In the quarter.")
    awards_hidden: int
    awards_ever: int = Field(description="Until the end of the quarter.")
    awards_ever_hidden: int
    levels: dict[str, int] = Field(description="Bindings by level; empty for none.")
    schemes: dict[str, int] = Field(description="Competencies by scheme.")


class DeploymentPartShape(Shape):
    """The same for a scheme, a territory or a section of NAF."""

    key: str
    issuers: int
    badges: int
    competencies: int
    awards: int
    awards_hidden: int


class PointShape(Shape):
    """The same at the end of a quarter."""

    quarter: str
    issuing: int
    badges: int
    competencies: int
    awards: int
    awards_hidden: int


class AlikeBadgeShape(Shape):
    """A badge class that looks like another one."""

    id: str
    name: str
    issuer: str
    issuer_name: str


class AlikeShape(Shape):
    """Badge classes that look alike, and why."""

    reason: Literal["same_name", "same_competencies", "near_name"]
    words: str = Field(description="The words that they share.")
    badges: list[AlikeBadgeShape]


class DeploymentShape(Shape):
    """The state of deployment. An issuer with several territories or sections counts in each."""

    quarter: str
    now: bool = Field(description="Whether it is of this moment, and not of the quarter's end.")
    figures: FiguresShape
    schemes: list[DeploymentPartShape]
    territories: list[DeploymentPartShape]
    sectors: list[DeploymentPartShape]
    series: list[PointShape] = Field(description="Twelve quarters at most.")
    alike: list[AlikeShape]


class FrozenBodyShape(DeploymentShape):
    """What a frozen report says."""

    commentary: dict[str, str]
    frozen: str
    by: str


class DeploymentReportShape(Shape):
    """A frozen report."""

    quarter: str
    address: str = Field(description="Its permanent address.")
    digest: str = Field(description="SHA-256 of `body` as canonical JSON (RFC 8785).")
    body: FrozenBodyShape


class ReportBriefShape(Shape):
    """A frozen report in a list."""

    quarter: str
    address: str
    frozen: str
    by: str
    digest: str


class ReportListShape(PageShape[ReportBriefShape]):
    """The frozen reports, the latest quarter first."""


class FreezeBody(Sent):
    """A report to freeze."""

    quarter: str = Field(max_length=10, examples=["2026-Q3"])
    commentary: dict[Literal["fr", "en"], Annotated[str, Field(max_length=25_000)]]


class CoveredShape(Shape):
    """How many there are, and how many of them a badge class attests."""

    key: str = Field(description="The scheme.")
    total: int
    covered: int
    missing: int


class CoveredBranchShape(Shape):
    """The same for a branch; `concept` is null for what stands in none."""

    concept: BriefShape | None
    total: int
    covered: int
    missing: int
    deeper: bool = Field(description="Whether there are branches in it.")


class CoverageShape(Shape):
    """Coverage by scheme, and by branch of the scheme or branch that was asked for."""

    schemes: list[CoveredShape]
    branches: list[CoveredBranchShape]


class MissingPageShape(PageShape[BriefShape]):
    """Competencies without a badge class."""

    total: int


class CoveredOccupationShape(Shape):
    """An occupation, and how many of its essential competencies a badge class attests."""

    occupation: BriefShape
    scheme: Scheme
    essential: int
    covered: int
    share: int = Field(description="In hundredths, rounded down.")


class CoveredOccupationPage(PageShape[CoveredOccupationShape]):
    """Occupations, the best covered first."""

    total: int
