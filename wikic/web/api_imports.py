"""The API of reviews of imports: what importing some files would change, before it is applied; for admins and moderators."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from wikic.domain.delta import DeltaList, DeltaWord, Severity
from wikic.services.import_reviews import KeptReview
from wikic.services.releasing_delta import Chosen
from wikic.web.acting import CurrentActor
from wikic.web.api_badges import listed as list_of
from wikic.web.api_proposals_tools import Limit, answers, private_answer
from wikic.web.api_releases import ChosenLanguage
from wikic.web.dependencies import CursorParameter, ReadingService
from wikic.web.import_services import ReviewId, Reviews
from wikic.web.schemas import BriefShape, PageShape, Shape
from wikic.web.schemas_releases import ConceptDeltaShape, DeltaChangeShape, FiguresShape

_WORDS: Final = ("id", "name", "time", "by", "space", "origin", "version", "title", "digest", "state", "head", "head_now")

router = APIRouter(prefix="/api/v1/imports", tags=["imports"])

Cursor = Annotated[str | None, Query(description="`next` of the page before.", min_length=1, max_length=100)]


class ReviewShape(Shape):
    """What importing some files would change."""

    id: str
    name: str
    time: str
    by: str = Field(description="Who ran the command.")
    space: str
    origin: str
    version: str
    title: str
    digest: str = Field(description="SHA-256 over the content of the files and the reading options.")
    files: list[str]
    options: list[str] = Field(description="Options that change the outcome, such as allow_removals.")
    head: int = Field(description="The number that the files were compared with.")
    head_now: int
    state: Literal["waits", "moved", "applied"] = Field(
        description="Waits to be applied; the framework has moved since; or the files were imported."
    )
    applied: int | None = Field(description="The number of the change by which the files were imported.")
    applied_on: int | None = Field(description="The number on top of which they were; another than `head` where the framework had moved before.")
    figures: FiguresShape
    kept: int = Field(description="Of how many concepts the changes are kept, the most severely changed first.")
    conflicts_total: int


class ReviewConflictShape(Shape):
    """A value that was changed here and in the source: it stays, and a proposal would be made."""

    uuid: str
    label: str
    field: str
    lang: str
    base: str
    local: str
    incoming: str


class ReviewDetailShape(ReviewShape):
    """A review with its counts and conflicts."""

    report: dict[str, Any] = Field(description="Counts by what and which, as the command prints them; what was skipped, and remarks.")
    conflicts: list[ReviewConflictShape] = Field(description="The first 1,000.")


class ThereShape(BriefShape):
    """A concept as it would be."""

    there: bool = Field(description="Whether it is in the framework already.")


class ReviewedChangeShape(DeltaChangeShape):
    """One change."""

    old: list[ThereShape]  # type: ignore[assignment]
    new: list[ThereShape]  # type: ignore[assignment]


class ReviewedConceptShape(ConceptDeltaShape):
    """What would change of one concept."""

    there: bool
    changes: list[ReviewedChangeShape]  # type: ignore[assignment]


@router.get(
    "",
    operation_id="list_import_reviews",
    summary="Reviews of imports, the latest first, for moderators",
    response_model=None,
    responses=answers(PageShape[ReviewShape]),
)
def list_import_reviews(
    request: Request, reading: ReadingService, reviews: Reviews, actor: CurrentActor, cursor: CursorParameter = None, limit: Limit = 50
) -> Response:
    def make(before: str) -> tuple[list[dict[str, Any]], str, dict[str, Any]]:
        found, following = reviews.list(actor=actor, before=before, limit=limit)
        return [_body(each) for each in found], following, {}

    return list_of(request, reading, "import-reviews", cursor, make)


@router.get(
    "/{id}",
    operation_id="read_import_review",
    summary="What importing some files would change, for moderators",
    response_model=None,
    responses=answers(ReviewDetailShape),
)
def read_import_review(reviews: Reviews, actor: CurrentActor, id: ReviewId) -> Response:
    found = reviews.get(id, actor=actor)
    return private_answer(_body(found) | {"report": dict(found.report), "conflicts": [dict(each) for each in found.conflicts]})


@router.get(
    "/{id}/changes",
    operation_id="list_import_review_changes",
    summary="What would change, concept by concept, for moderators",
    response_model=None,
    responses=answers(PageShape[ReviewedConceptShape]),
)
def list_import_review_changes(
    reviews: Reviews,
    actor: CurrentActor,
    id: ReviewId,
    type: Annotated[DeltaWord | None, Query(description="Changes of this type.")] = None,
    severity: Annotated[Severity | None, Query(description="Changes of this severity.")] = None,
    listed: Annotated[DeltaList | None, Query(alias="list", description="Concepts of this list.")] = None,
    language: ChosenLanguage = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    review = reviews.get(id, actor=actor)
    items, following = reviews.concepts(review, Chosen(type, severity, None, listed, language), cursor=cursor or "", limit=limit)
    return private_answer({"items": items, "next": following or None, "seq": review.head})


def _body(review: KeptReview) -> dict[str, Any]:
    return {
        **{name: getattr(review, name) for name in _WORDS},
        "files": list(review.files),
        "options": [name for name in review.options.split(",") if name],
        "applied": review.applied or None,
        "applied_on": review.applied_on or None,
        "figures": asdict(review.figures),
        "kept": review.kept,
        "conflicts_total": review.conflicts_total,
    }
