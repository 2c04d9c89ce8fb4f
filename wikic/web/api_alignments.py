"""The API of alignments: what one copies into a badge tool, for a competency or for all those of a badge class."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from wikic.domain.badges_alignments import Box, BoxFormat, TargetAddress
from wikic.web.answers import free_answer
from wikic.web.badges_services import BadgeId, Badges
from wikic.web.dependencies import AS_OF_NOW, TAG, ReadingService, Ref, public_url
from wikic.web.openapi import reads
from wikic.web.schemas_open_badges import ALIGNMENT, AlignmentShape
from wikic.web.texts import Texts

router = APIRouter(prefix="/api/v1", tags=["badges"])

Format = Annotated[BoxFormat, Query(description="For which standard or platform.")]
Address = Annotated[TargetAddress, Query(description="The permanent address, or the one as of the release.")]


@router.get(
    "/concepts/{ref:path}/alignment",
    operation_id="read_alignment",
    summary="The alignment of a competency, for a standard or a platform",
    response_model=None,
    responses=reads(AlignmentShape, ALIGNMENT, 404, 409),
)
def read_alignment(
    request: Request,
    reading: ReadingService,
    badges: Badges,
    ref: Ref,
    format: Format = "ob3",
    release: Annotated[
        str | None, Query(description="As of this published release; else the last one that holds it.", min_length=1, max_length=64, examples=["2026"])
    ] = None,
    level: Annotated[str, Query(description="Such as practice:2.", max_length=70)] = "",
    address: Address = "permanent",
    lang: Annotated[str, Query(description="The language of the values.", pattern=TAG, max_length=35)] = "fr",
) -> Response:
    aligned = badges.documents.competency(ref, lang, level=level, release=release)
    box = aligned.box(format, public_url(request), lang=lang, address=address)
    body = box_body(box, lang, address=address, release=aligned.attested.target.release, level=aligned.attested.level)
    return free_answer(request, body, reading.moment().head)


@router.get(
    "/badge-classes/{id}/alignment",
    operation_id="read_badge_alignment",
    summary="All alignments of a badge class that was published, for a standard or a platform",
    response_model=None,
    responses=reads(AlignmentShape, ALIGNMENT, 404),
    dependencies=[AS_OF_NOW],
)
def read_badge_alignment(
    request: Request, reading: ReadingService, badges: Badges, id: BadgeId, format: Format = "ob3", address: Address = "permanent"
) -> Response:
    described = badges.documents.badge(id)
    box = badges.documents.boxes_of(described, format, public_url(request), address=address)
    releases = {each.target.release for each in described.attested}
    release = releases.pop() if len(releases) == 1 else ""
    body = box_body(box, described.content.lang, address=address, release=release, level=described.content.level)
    return free_answer(request, body, reading.moment().head)


def box_body(box: Box, lang: str, *, address: str = "permanent", release: str = "", level: str = "") -> dict[str, Any]:
    """A copy box as it is answered."""
    said = Texts("fr" if lang.partition("-")[0] == "fr" else "en")
    return {
        "format": box.format,
        "address": address,
        "release": release or None,
        "level": level,
        "alignments": list(box.alignments),
        "text": box.text,
        "remarks": [{"key": each.key, "text": said(f"box.{each.key}", **each.values)} for each in box.remarks],
        "left_out": box.left_out,
    }
