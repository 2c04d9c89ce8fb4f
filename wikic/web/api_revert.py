"""The API of taking back: a change, or one concept to what it was at a moment."""

from __future__ import annotations

from typing import Annotated, Any, Final, Protocol

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from wikic.services.reading import Reading
from wikic.services.reverting import Reverted, Reverting
from wikic.services.reverting_views import reverted_body
from wikic.web.acting import CurrentActor
from wikic.web.answers import json_answer
from wikic.web.dependencies import LARGEST, Ref
from wikic.web.openapi import Responses, refusals
from wikic.web.schemas import FieldChangeShape, RelationValuesShape, Shape

router = APIRouter(prefix="/api/v1", tags=["framework"])

_HEADERS: Final = {"Cache-Control": "private, no-store"}


class RevertServices(Protocol):
    """What taking back needs of an opened store; `bootstrap.App` is one."""

    @property
    def reading(self) -> Reading: ...
    @property
    def reverting(self) -> Reverting: ...


def _services(request: Request) -> RevertServices:
    services: RevertServices = request.app.state.services
    return services


Services = Annotated[RevertServices, Depends(_services)]


class RevertBody(BaseModel):
    """Why, and whether to do it."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field("", max_length=2_000, description="Why; it stands in the change log.")
    dry_run: bool = Field(False, description="Say what would change and what is in conflict, and write nothing.")


class ConceptRevertBody(RevertBody):
    """The same for one concept, with the moment it goes back to."""

    to: str = Field(min_length=1, max_length=64, description="A release name, or a number of the change log.")


class RelationRevertShape(Shape):
    """A relation that starts at the concept it is listed with: what it says now and what it will say; null where it is not."""

    type: str
    id: str
    target: str
    before: RelationValuesShape | None
    after: RelationValuesShape | None


class ConceptRevertShape(Shape):
    """What changes of one concept."""

    uuid: str
    changes: list[FieldChangeShape]
    relations: list[RelationRevertShape]


class MovedShape(Shape):
    """A value that was changed again since: before the change, as the change made it, now."""

    concept: str
    field: str
    lang: str | None
    before: str | None
    made: str | None
    now: str | None


class RevertShape(Shape):
    """What was taken back."""

    seq: int | None = Field(description="The number of the new change; null where nothing was written.")
    concepts: list[ConceptRevertShape]
    conflicts: list[MovedShape] = Field(description="Only of a dry run: with any of them it is refused.")


_EXAMPLE: Final[dict[str, Any]] = {
    "seq": 42,
    "concepts": [
        {
            "uuid": "6d1c7c3e-6f0e-5d0c-9a44-0f3f5c1f0b11",
            "changes": [
                {"type": "renamed", "field": "preferred", "lang": "en", "before": "work dough", "after": "knead dough"}
            ],
            "relations": [],
        }
    ],
    "conflicts": [],
}
_ANSWERS: Final[Responses] = {
    200: {"model": RevertShape, "content": {"application/json": {"example": _EXAMPLE}}},
    **refusals(400, 401, 403, 404, 409, 503),
}


def _answer(reverted: Reverted) -> Response:
    return json_answer(reverted_body(reverted), _HEADERS)


@router.post(
    "/changes/{seq}/revert",
    operation_id="revert_change",
    summary="Take a change back, by a new change",
    response_model=None,
    responses=_ANSWERS,
)
async def revert_change(
    services: Services, actor: CurrentActor, seq: Annotated[int, Path(ge=0, le=LARGEST)], body: RevertBody
) -> Response:
    return await run_in_threadpool(
        lambda: _answer(
            services.reverting.revert_change(seq, actor=actor, reason=body.reason, preview=body.dry_run)
        )
    )


@router.post(
    "/concepts/{ref:path}/revert",
    operation_id="revert_concept",
    summary="Make a concept, with the relations that start from it, what it was at a moment",
    response_model=None,
    responses=_ANSWERS,
)
async def revert_concept(services: Services, actor: CurrentActor, ref: Ref, body: ConceptRevertBody) -> Response:
    def work() -> Response:
        uuid = services.reading.concept(ref).identity.uuid
        point = services.reading.moment_of(body.to).seq
        return _answer(
            services.reverting.revert_concept(uuid, point, actor=actor, reason=body.reason, preview=body.dry_run)
        )

    return await run_in_threadpool(work)
