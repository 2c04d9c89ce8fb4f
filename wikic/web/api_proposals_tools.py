"""What the handlers of proposals share: the services, the version that was read, and answers of documents that are edited in place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final, Protocol

import orjson
from fastapi import Depends, Header, Path, Query, Request, Response
from pydantic import BaseModel

from wikic.domain.proposals_changes import Change, from_json
from wikic.errors import InvalidInput, VersionRequired
from wikic.services.deciding import Deciding
from wikic.services.deciding_bulk import BulkDeciding
from wikic.services.proposing import Proposing
from wikic.services.proposing_bodies import ProposalBodies
from wikic.services.proposing_lists import ProposalPage
from wikic.services.proposing_suggesting import Suggesting
from wikic.services.proposing_talking import Talking
from wikic.services.queueing import Queueing
from wikic.services.reading import Reading
from wikic.web.answers import json_answer, next_link
from wikic.web.etags import JSON, content_etag, matches
from wikic.web.openapi import Responses, refusals

PRIVATE: Final = "private, no-cache"
"""What is answered depends on who asks."""

# A compressed answer's tag has the coding at its end.
_VERSION: Final = re.compile(r'(?:W/)?"(\d{1,15})-[0-9a-z-]*"')
_TAG: Final = r'(?:W/)?"[^"\x00-\x20\x7f]*"'
_TAGS: Final = re.compile(rf"{_TAG}(?:\s*,\s*{_TAG})*")


class ProposalServices(Protocol):
    """What proposals need of an opened store; `bootstrap.App` is one."""

    @property
    def reading(self) -> Reading: ...
    @property
    def proposing(self) -> Proposing: ...
    @property
    def suggesting(self) -> Suggesting: ...
    @property
    def talking(self) -> Talking: ...
    @property
    def deciding(self) -> Deciding: ...
    @property
    def bulk(self) -> BulkDeciding: ...
    @property
    def queueing(self) -> Queueing: ...
    @property
    def proposal_bodies(self) -> ProposalBodies: ...


def _services(request: Request) -> ProposalServices:
    services: ProposalServices = request.app.state.services
    return services


Services = Annotated[ProposalServices, Depends(_services)]
ProposalId = Annotated[str, Path(alias="id", description="The proposal's id.", min_length=1, max_length=60)]
Limit = Annotated[int, Query(description="How many items, at most.", ge=1, le=200)]


def _version(
    if_match: Annotated[
        str | None,
        Header(alias="If-Match", description="The entity tag that was read, or several; `*` for whatever it is now.", max_length=2_000),
    ] = None,
) -> int | None:
    if if_match is None:
        raise VersionRequired("send `If-Match` with the entity tag that you have read, so that nothing newer is overwritten")
    if if_match.strip() == "*":
        return None
    if not _TAGS.fullmatch(if_match.strip()):
        raise InvalidInput("`If-Match` is no entity tag (a text in double quotes): send the one that came with what you read")
    # Versions only grow: of several that were read, the last is the one that may hold still. A tag that is none of ours names none.
    return max((int(found) for found in _VERSION.findall(if_match)), default=0)


Version = Annotated[int | None, Depends(_version)]
"""The version that was read, from `If-Match`; None for whatever it is now."""


def require_versions(proposals: Iterable[str], versions: Mapping[str, int]) -> None:
    """Raise VersionRequired unless each proposal comes with the version that was looked at."""
    unseen = next((one for one in proposals if one not in versions), None)
    if unseen is not None:
        raise VersionRequired(
            f"send `versions` with the version of {unseen[:60]} that was looked at, so that nothing unseen is decided", reason="versions"
        )


def changes_of(sent: Iterable[BaseModel]) -> list[Change]:
    """What was sent as changes. Their bases are looked up, never taken over."""
    return [from_json(change.model_dump(exclude={"base"})) for change in sent]


def document_answer(request: Request, body: dict[str, Any], version: int, *, location: str = "") -> Response:
    """A document, with an entity tag that begins with its version, and the head where it is read."""
    packed = orjson.dumps(body)
    etag = f'"{version}-{content_etag(packed).strip(chr(34))}"'
    headers = {"ETag": etag, "Cache-Control": PRIVATE, "Vary": "Authorization, Cookie"}
    if location:
        headers["Location"] = location
    if request.method in ("GET", "HEAD"):
        services: ProposalServices = request.app.state.services
        headers["Wiki-C-Seq"] = str(services.reading.moment().head)
        if matches(request.headers.get("if-none-match"), etag):
            return Response(status_code=304, headers=headers)
    return Response(packed, 200, headers, JSON)


def page_answer(request: Request, services: ProposalServices, page: ProposalPage, lang: str | None, **beside: Any) -> Response:
    """A page of proposals, with the address of the next one."""
    items = services.proposal_bodies.many(page.items, lang)
    return list_answer(request, services.reading, items, following=page.next, seq=page.seq, **beside)


def private_answer(body: Any) -> Response:
    """Any other answer that depends on who asks."""
    return json_answer(body, {"Cache-Control": PRIVATE, "Vary": "Authorization, Cookie"})


def list_answer(request: Request, reading: Reading, items: list[Any], *, following: str | None = None, seq: int | None = None, **extra: Any) -> Response:
    """A list, or a page of one that goes on at the cursor `following`; `seq`: what it is as of, where that is not the head."""
    head = reading.moment().head
    answer = private_answer({"items": items, "next": following, "seq": head if seq is None else seq, **extra})
    answer.headers["Wiki-C-Seq"] = str(head)
    if following is not None:
        answer.headers["Link"] = next_link(request, following)
    return answer


def answers(model: type[BaseModel], *problems: int) -> Responses:
    """The answers of an operation on proposals: its body, and these problems (400, 401, 403, 404 and 503 always)."""
    return {200: {"model": model, "description": "Done."}, **refusals(400, 401, 403, 404, *problems, 503)}
