"""The pages of reviews of imports, for admins and moderators: what importing some files would change, in the form of a release note."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from wikic.domain.delta import DeltaList, DeltaWord, Severity
from wikic.services.import_reviews import ImportReviews, KeptReview
from wikic.services.releasing_delta import Chosen
from wikic.web.acting import CurrentActor
from wikic.web.api_releases import ChosenLanguage
from wikic.web.dependencies import ReadingService
from wikic.web.forms import see, sign_in_address
from wikic.web.import_services import ReviewId, Reviews
from wikic.web.pages_common import Visit, visit
from wikic.web.pages_releases import delta_choices
from wikic.web.texts import Texts
from wikic.web.views_common import Addresses, ConceptLink, Link, Text
from wikic.web.views_differences import ThreeValues
from wikic.web.views_imports import ImportPage, ImportsPage, ReviewedValue, ReviewLine, SkippedLine
from wikic.web.views_releases import DeltaEntry, DeltaView, delta_entry, severity_chart, type_chart

_LINES: Final = 50
_CONFLICTS: Final = 50
_COUNTED: Final = ("read", "added", "changed", "removed", "relations")

router = APIRouter(include_in_schema=False)

Cursor = Annotated[str, Query(max_length=100)]


@router.get("/imports")
def imports_page(request: Request, reading: ReadingService, reviews: Reviews, actor: CurrentActor, cursor: Cursor = "") -> Response:
    """Reviews of imports."""
    if not actor.known:
        return see(sign_in_address(request))
    found, following = reviews.list(actor=actor, before=cursor, limit=_LINES)
    seen = visit(request, reading)
    page = ImportsPage(
        title=seen.t("imports.title"),
        reviews=[_line(each) for each in found],
        following=f"/imports?{urlencode({'cursor': following})}" if following else "",
    )
    return seen.answer(page, indexed=False)


@router.get("/imports/{id}")
def import_page(
    request: Request,
    reading: ReadingService,
    reviews: Reviews,
    actor: CurrentActor,
    id: ReviewId,
    type: DeltaWord | None = None,
    severity: Severity | None = None,
    listed: Annotated[DeltaList | None, Query(alias="list")] = None,
    language: ChosenLanguage = None,
    cursor: Cursor = "",
) -> Response:
    """One review."""
    if not actor.known:
        return see(sign_in_address(request))
    review = reviews.get(id, actor=actor)
    seen = visit(request, reading)
    report = review.report
    on = review.applied_on if review.applied else review.head_now
    page = ImportPage(
        title=review.name,
        trail=[Link("/imports", seen.t("imports.title"))],
        line=_line(review),
        head=review.head,
        head_now=review.head_now,
        applied=review.applied,
        moved=on != review.head,
        facts=list(_facts(review, seen.t)),
        counts=list(_counts(report, seen.t)),
        skipped=[SkippedLine(reason, count, places[:5]) for reason, count, places in report["skipped"].values()],
        notes=report["notes"],
        conflicts=[_conflict(each, seen.t) for each in review.conflicts[:_CONFLICTS]],
        conflicts_total=review.conflicts_total,
        kept=review.kept,
        delta=_delta(seen, reviews, review, Chosen(type, severity, None, listed, language), cursor),
    )
    return seen.answer(page, indexed=False)


def _line(review: KeptReview) -> ReviewLine:
    return ReviewLine(
        address=f"/imports/{review.id}",
        name=review.name,
        title=review.title if review.version in review.title else f"{review.title} {review.version}",
        time=review.time,
        by=review.by,
        state=review.state,
        concepts=review.figures.total,
        breaking=review.figures.severities.get("breaking", 0),
        conflicts=review.conflicts_total,
    )


def _facts(review: KeptReview, t: Texts) -> Iterator[tuple[str, str]]:
    yield t("imports.digest"), review.digest
    yield t("imports.files"), ", ".join(review.files)
    if review.options:
        yield t("imports.options"), review.options.replace("_", "-").replace(",", ", ")


def _counts(report: Mapping[str, Any], t: Texts) -> Iterator[tuple[str, str, int]]:
    for name in _COUNTED:
        for which, number in report[name].items():
            yield t.name("counted", name), _which(name, which, t), number
    yield t.name("counted", "unchanged"), "", report["unchanged"]


def _which(name: str, which: str, t: Texts) -> str:
    """What is counted, in words; of what was read the name that the importer gives it."""
    match name:
        case "added" | "removed":
            return t.name("kinds", which)
        case "changed":
            return t.name("change", which) or which
        case "relations":
            kind, _, act = which.partition(" ")
            return f"{t.name('relation', kind)}{t.colon} {t.name('relation_counted', act)}"
        case _:
            return which


def _conflict(said: Mapping[str, str], t: Texts) -> ReviewedValue:
    nothing = t("proposal.nothing")
    base, local, incoming = (said[name] or nothing for name in ("base", "local", "incoming"))
    values = ThreeValues(base, local, incoming, said["lang"])
    concept = ConceptLink(said["uuid"], Addresses().concept(said["uuid"]), Text(said["label"], t.lang), "", "", "")
    return ReviewedValue(concept, t.name("field", said["field"]) or said["field"], values)


def _delta(seen: Visit, reviews: ImportReviews, review: KeptReview, chosen: Chosen, cursor: str) -> DeltaView:
    found, following = reviews.concepts(review, chosen, cursor=cursor, limit=_LINES)
    path, t = f"/imports/{review.id}", seen.t
    choices, address = delta_choices(path, chosen, review.figures, t)
    return DeltaView(
        before=str(review.head),
        total=review.figures.total,
        changes=review.figures.changes,
        **choices,
        severity_chart=severity_chart(review.figures, t),
        type_chart=type_chart(review.figures, t),
        kinds=[(name, list(counts.items())) for name, counts in review.figures.kinds.items()],
        entries=[_entry(item, t, applied=bool(review.applied)) for item in found],
        following=address(cursor=following) if following else "",
    )


def _entry(item: Mapping[str, Any], t: Texts, *, applied: bool) -> DeltaEntry:
    """A concept of the review; one that is not there yet has a name and no page."""
    made = delta_entry(item, Addresses(), t)
    if applied:
        return made
    ends = [brief for change in item["changes"] for brief in (*change["old"], *change["new"])]
    unborn = {brief["uuid"] for brief in (item, *ends) if not brief["there"]}

    def link(found: ConceptLink) -> ConceptLink:
        return replace(found, address="") if found.uuid in unborn else found

    lines = [replace(line, old=[link(each) for each in line.old], new=[link(each) for each in line.new]) for line in made.lines]
    return replace(made, concept=link(made.concept), lines=lines)
