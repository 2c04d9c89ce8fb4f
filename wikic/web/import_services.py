"""What the page and the API of reviews of imports are given."""

from __future__ import annotations

from typing import Annotated, Protocol, cast

from fastapi import Depends, Path, Request

from wikic.services.import_reviews import ImportReviews


class WithReviews(Protocol):
    """What this needs of an opened store; `bootstrap.App` is one."""

    @property
    def import_reviews(self) -> ImportReviews: ...


def _reviews(request: Request) -> ImportReviews:
    return cast(WithReviews, request.app.state.services).import_reviews


Reviews = Annotated[ImportReviews, Depends(_reviews)]
ReviewId = Annotated[str, Path(alias="id", description="The review's id.", min_length=1, max_length=60)]
