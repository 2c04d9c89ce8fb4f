"""What the API and the page of the linter share: the service, how often who has no account may ask, and what was sent as a file or a text."""

from __future__ import annotations

from typing import Final, Protocol, cast

from fastapi import Request

from wikic.domain.open_badges_files import LARGEST_DOCUMENT, LARGEST_FILE, open_text
from wikic.errors import Throttled
from wikic.services.linting import MOST_ADDRESSES, MOST_ALIGNMENTS, MOST_DOCUMENTS, Linting, Report
from wikic.web.acting import actor_of
from wikic.web.rate_limit import WINDOW, Buckets, caller

PER_MINUTE: Final = 60
"""Reports a minute that one address may ask for without an account."""

LIMITS: Final = {
    "document_bytes": LARGEST_DOCUMENT,
    "file_bytes": LARGEST_FILE,
    "documents": MOST_DOCUMENTS,
    "alignments": MOST_ALIGNMENTS,
    "addresses": MOST_ADDRESSES,
    "reports_a_minute": PER_MINUTE,
}


class LintServices(Protocol):
    """What the linter needs of an opened store; `bootstrap.App` is one."""

    @property
    def linting(self) -> Linting: ...


def _linting(request: Request) -> Linting:
    return cast(LintServices, request.app.state.services).linting


def allowed(request: Request) -> Linting:
    """The linter, for one report more. Raises Throttled where somebody without an account asks too often. Runs in a thread."""
    who = caller(request.scope)
    if who and not actor_of(request).known:
        buckets = getattr(request.app.state, "lint_buckets", None)
        if buckets is None:
            buckets = request.app.state.lint_buckets = Buckets(PER_MINUTE)
        left = buckets.take(who)
        if left < 0:
            wait = buckets.seconds_until(left, 0) or 1
            raise Throttled(f"more than {PER_MINUTE} reports in {WINDOW} s without an account: wait {wait} s", retry_after=wait)
    return _linting(request)


def lint_text(linting: Linting, text: str, own: str, lang: str) -> Report:
    """Look at a text that somebody pasted: a document, a list, a token, a CSV, or the address of a badge."""
    return linting.lint_file(open_text(text), "", own, lang=lang)
