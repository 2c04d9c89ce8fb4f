"""The shapes of scales, criteria and proposals of criteria: what is sent and answered."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from wikic.domain.levels import ProposalState
from wikic.web.schemas import Shape
from wikic.web.schemas_accounts import Sent

Words = dict[str, str]
Levels = dict[str, Words]
SentText = Annotated[str, Field(max_length=6_000)]
SentLevels = dict[str, dict[str, SentText]]


class ScaleLevelShape(Shape):
    """A level of a scale."""

    number: int = Field(description="1 is the lowest.")
    level: str = Field(description="As badge classes and bindings name it, such as `practice:2`.")
    name: Words
    description: Words
    url: str = Field(description="Its own address.")


class ScaleShape(Shape):
    """An ordered scale of levels; texts are by language."""

    id: str
    name: Words
    levels: list[ScaleLevelShape]
    owner: str | None = Field(description="The network whose moderators made it.")
    number: int = Field(description="Which version it is.")
    used: bool = Field(description="Whether it can only be added to.")
    built_in: bool
    made_by: str | None
    created: str | None
    changed: str | None


class ScaleLevelBody(Sent):
    """A level, the lowest first."""

    name: dict[str, SentText]
    description: dict[str, SentText] = Field({})


class ScaleWordsBody(Sent):
    """What a scale says, whole."""

    name: dict[str, SentText] = Field(description="By language: fr, en.")
    levels: list[ScaleLevelBody] = Field(max_length=50)


class ScaleBody(ScaleWordsBody):
    """A new scale."""

    id: str = Field(max_length=80)
    owner: str = Field("", max_length=60, description="The network in whose name it is made; empty for admins.")


class CriteriaShape(Shape):
    """What a network asks for at each level of a competency."""

    id: str
    network: str
    concept: str
    scale: str
    number: int = Field(description="Which version it is.")
    levels: Levels = Field(description="By the level's number, then by language.")
    changed: str
    by: str = Field(description="Who decided it.")
    proposal: str | None
    urls: Words = Field(description="By the level's number: its own address.")


class SaidShape(Shape):
    """A remark on a proposal."""

    by: str
    name: str
    time: str
    text: str


class CriteriaDecisionShape(Shape):
    """What was decided."""

    by: str
    name: str
    time: str
    reason: str
    amended: Levels | None = Field(description="What was adopted in the place of what was proposed.")


class CriteriaProposalShape(Shape):
    """That criteria say something else."""

    id: str
    criteria: str = Field(description="The criteria it is about, there or not.")
    network: str
    concept: str
    scale: str
    state: ProposalState
    levels: Levels
    before: Levels = Field(description="What held when it was made.")
    base: int = Field(description="The version that held then; 0 for none.")
    note: str
    author: str
    author_name: str
    created: str
    changed: str
    decision: CriteriaDecisionShape | None
    comments: list[SaidShape]


class CriteriaProposalBody(Sent):
    """What criteria say from now on, all levels together."""

    network: str = Field(max_length=60)
    concept: str = Field(max_length=2_000, description="Any reference to a competency.")
    scale: str = Field("practice", max_length=80)
    levels: SentLevels = Field(description="By the level's number, then by language.")
    note: str = Field("", max_length=6_000, description="Why, for those who decide.")


class CriteriaDecisionBody(Sent):
    """A decision. `amended`: what is adopted in the place of what was proposed."""

    verdict: Literal["accept", "reject"]
    reason: str = Field("", max_length=6_000)
    amended: SentLevels | None = None


class CriteriaCommentBody(Sent):
    """A remark."""

    text: str = Field(max_length=6_000)
