"""The page of the linter: a form, and the report in the answer to it, since nothing is kept that a next page could show."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from starlette.datastructures import UploadFile

from wikic.domain.open_badges import ERROR
from wikic.domain.open_badges_files import LARGEST_DOCUMENT, LARGEST_FILE
from wikic.errors import InvalidInput, TargetRefused, Throttled, TooLarge
from wikic.services.linting import Linted, Report
from wikic.services.linting_findings import Finding
from wikic.services.reading_views import brief_body
from wikic.web.api_lint import opened
from wikic.web.dependencies import ReadingService
from wikic.web.errors import status_of
from wikic.web.forms import PRIVATE
from wikic.web.linting_tools import allowed, lint_text
from wikic.web.pages_account import trouble_of
from wikic.web.pages_common import Visit, visit
from wikic.web.texts_errors import said
from wikic.web.views_common import Link, concept_link
from wikic.web.views_lint import AlignmentLine, FoundLine, LintedDocument, LintPage

router = APIRouter(include_in_schema=False)

_MINDED: Final = (InvalidInput, TooLarge, TargetRefused, Throttled)
_LONGEST_SHOWN: Final = 300
_LONGEST_LINK: Final = 500_000
_MOST_LINES: Final = 500


async def read_sent(request: Request) -> tuple[str, bytes, str]:
    """What was pasted; the file and its name."""
    if not request.headers.get("content-type", "").startswith(("multipart/form-data", "application/x-www-form-urlencoded")):
        raise InvalidInput("send the form as multipart/form-data or application/x-www-form-urlencoded")
    async with request.form(max_files=1, max_fields=10, max_part_size=LARGEST_FILE) as form:
        text, file = form.get("text", ""), form.get("file")
        data, name = b"", ""
        if isinstance(file, UploadFile):
            data, name = await file.read(LARGEST_FILE + 1), (file.filename or "")[:200]
    return text if isinstance(text, str) else "", data, name


@router.get("/lint")
def lint_page(request: Request, reading: ReadingService) -> Response:
    """The form."""
    seen = visit(request, reading)
    return seen.answer(LintPage(title=seen.t("lint.title")))


@router.post("/lint")
def lint(request: Request, reading: ReadingService, sent: Annotated[tuple[str, bytes, str], Depends(read_sent)]) -> Response:
    """The report."""
    seen = visit(request, reading)
    text, data, name = sent
    try:
        if not data and not text.strip():
            raise InvalidInput("Paste a document or choose a file.", reason="lint-nothing")
        linting = allowed(request)
        report = opened(linting, data, name, seen.public_url, seen.lang) if data else _of_text(linting, text, seen)
    except _MINDED as error:
        kept = text if len(text) <= LARGEST_DOCUMENT else ""
        page = LintPage(title=seen.t("lint.title"), text=kept, trouble=replace(trouble_of(seen, error), title=seen.t("lint.refused")))
        return seen.answer(page, status_of(type(error)), indexed=False, headers=PRIVATE)
    counts = report.counts()
    summary = seen.t(
        "lint.summary",
        alignments=counts["alignments"],
        errors=counts["error"],
        warnings=counts["warning"],
        notes=counts["note"],
        repaired=counts["repaired"],
    )
    page = LintPage(title=seen.t("lint.title"), text="" if data else text, documents=_documents(report, seen), summary=summary)
    return seen.answer(page, indexed=False, headers=PRIVATE)


def _of_text(linting: Any, text: str, seen: Visit) -> Report:
    if len(text.encode("utf-8", "replace")) > LARGEST_DOCUMENT:
        raise TooLarge(f"the document is larger than {LARGEST_DOCUMENT:,} bytes", reason="too-large", most=LARGEST_DOCUMENT)
    return lint_text(linting, text, seen.public_url, seen.lang)


def _documents(report: Report, seen: Visit) -> list[LintedDocument]:
    return [_document(number, linted, seen) for number, linted in enumerate(report.documents, 1)]


def _document(number: int, linted: Linted, seen: Visit) -> LintedDocument:
    t, badge = seen.t, linted.badge
    packed = json.dumps(linted.repaired, ensure_ascii=False, indent=2) if linted.changed else ""
    link = f"data:application/json;charset=utf-8,{quote(packed)}" if packed and len(packed) < _LONGEST_LINK else ""
    places = tuple(each.pointer or "/" for each in badge.alignments)
    lines = []
    for each in badge.alignments[:_MOST_LINES]:
        concept = linted.concepts.get(each.pointer)
        shown = concept_link(brief_body(concept, seen.lang), seen.addresses, seen.lang) if concept is not None else None
        lines.append(AlignmentLine(each.pointer or "/", each.name[:_LONGEST_SHOWN] or each.url[:_LONGEST_SHOWN], shown))
    kind = t.name("lint_kind", badge.kind)
    refused, refused_lang = said(linted.sent.error, t) if linted.sent.error else ("", "")
    return LintedDocument(
        number=number,
        title=badge.name[:_LONGEST_SHOWN] or kind,
        source=linted.sent.source,
        kind=kind if badge.name else "",
        refused=refused,
        refused_lang=refused_lang,
        accepted=not any(each.problem.severity == ERROR and not each.problem.pointer.startswith(places) for each in linted.findings),
        changed=linted.changed,
        alignments=lines,
        found=[_line(each, seen) for each in linted.findings[: 2 * _MOST_LINES]],
        repaired=packed,
        download=link,
    )


def _line(finding: Finding, seen: Visit) -> FoundLine:
    problem = finding.problem
    unsure = seen.t("lint.done_open") if finding.repair else ""
    return FoundLine(
        severity=problem.severity,
        place=problem.pointer or "/",
        says=seen.t(f"lint_says.{problem.key}", about=problem.about, field=problem.field),
        before=_shown(finding.before),
        after=_shown(finding.after) if finding.repair in ("set", "rename") else "",
        done=seen.t(f"lint.done_{'removed' if finding.repair == 'remove' else 'repaired'}") if finding.applied else unsure,
        candidates=[Link(seen.addresses.concept(each["uuid"]), _candidate(each)) for each in finding.candidates],
    )


def _candidate(each: Any) -> str:
    score = each["score"]
    return str(each["label"]) if score is None else f"{each['label']} ({round(score * 100)}\u00a0%)"


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."


