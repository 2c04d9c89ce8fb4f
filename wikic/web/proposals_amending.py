"""The forms by which a moderator amends the changes of a proposal, all within the form of the decision: another target, other labels, parts, values.

Their fields have the prefix `p{part}-`. A button of a form (look for a concept, add or drop a part) sends the whole decision back to its page, which shows
it again as it was typed, and decides nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from starlette.datastructures import QueryParams

from wikic.domain.proposals import Proposal
from wikic.domain.proposals_changes import (
    AddRelation,
    Change,
    ChangeImportance,
    ChangeLabels,
    ChangeText,
    CreateConcept,
    DeprecateConcept,
    MapConcept,
    MergeConcepts,
    MoveConcept,
    RemoveRelation,
    SplitConcept,
    subject_of,
    to_json,
    type_of,
)
from wikic.errors import InvalidInput, NotFound
from wikic.services.reading_views import Body
from wikic.web.pages_common import Visit
from wikic.web.proposals_forms import Sent, amended, rows_of
from wikic.web.proposals_making import born_in, make_form
from wikic.web.proposals_services import ModerationServices
from wikic.web.views_proposals import ChangeForm

_SHOWN: Final = 8
"""Of a proposal with more changes, forms that need the store are shown when they are asked for."""
_PLAIN: Final = (ChangeText, ChangeLabels, ChangeImportance, CreateConcept)
_TOLD: Final = (*_PLAIN, AddRelation, MapConcept, DeprecateConcept, RemoveRelation)
"""Whose form says all of the change, so that other values in it were put there by somebody."""
_BUTTON: Final = re.compile(r"(?:p(\d+)-(?:action|drop)|look)\Z")


def looks(sent: Sent) -> bool:
    """Whether a button was pressed that only shows the form again."""
    return any(_BUTTON.match(name) for name in sent.values)


def require_ticked(sent: Sent, part: int, change: Change) -> None:
    """Other values that somebody wrote are not left out because of a box that was forgotten (with JavaScript it ticks itself). Raises InvalidInput."""
    own = Sent(sent.values, f"p{part}-")
    if isinstance(change, _TOLD) and own.holds_any() and _squeezed(amended(own, change)) != _squeezed(amended(Sent(QueryParams(rows_of(change))), change)):
        raise InvalidInput(
            f"other values were written for change {part + 1}, and 'Accept with these values' was not ticked. It is now: accept once more, or open the page "
            "again to accept what was proposed",
            reason="amend-unticked", change=part + 1,
        )  # fmt: skip


def ticked(sent: Sent, part: int) -> Sent:
    """The form with that box ticked."""
    return Sent(QueryParams([*((name, value) for name, value in sent.values.multi_items() if isinstance(value, str)), (f"amend-{part}", "yes")]))


def _squeezed(change: Change) -> str:
    # White space is what browsers change on their way.
    return re.sub(r"(?:\\[nrt]|\s)+", "", json.dumps(to_json(change), ensure_ascii=False))


def amend_forms(
    seen: Visit, services: ModerationServices, proposal: Proposal, sent: Sent | None
) -> list[ChangeForm | None]:
    """The form of each change; None for one that is not shown yet. `sent`: what was typed into the form of the decision so far."""
    asked = _asked(sent)
    born = born_in(proposal)
    forms: list[ChangeForm | None] = []
    for part, change in enumerate(proposal.changes):
        own = Sent(sent.values, f"p{part}-") if sent is not None else None
        typed = own is not None and own.holds_any()
        if not (isinstance(change, _PLAIN) or len(proposal.changes) <= _SHOWN or typed or part == asked):
            forms.append(None)
            continue
        # A check box that was taken away is not sent: what was typed stands alone.
        rows = own.without_prefix() if own is not None and own.has("type") else rows_of(change)
        form = _form(seen, services, change, rows, born)
        ticked = part == asked or (sent is not None and bool(sent.text(f"amend-{part}", 5)))
        forms.append(replace(form, ticked=ticked))
    return forms


def _asked(sent: Sent | None) -> int:
    """The change whose button was pressed."""
    if sent is None:
        return -1
    look = sent.text("look", 10)
    found = [int(match[1]) for name in sent.values if (match := _BUTTON.match(name)) and match[1]]
    return found[0] if found else int(look) if look.isdecimal() else -1


def _form(
    seen: Visit, services: ModerationServices, change: Change, rows: list[tuple[str, str]], born: Mapping[str, str]
) -> ChangeForm:
    # What a form is about does not change, whatever was sent.
    fixed = [("type", type_of(change)), ("seq", str(change.seq))]
    sent = Sent(QueryParams([*((name, value) for name, value in rows if name not in ("type", "seq")), *fixed]))
    needs = isinstance(change, MergeConcepts | SplitConcept) or bool(sent.text("q", 300))
    base: Any = change.base if isinstance(change, MoveConcept) else None
    body = _body(seen, services, subject_of(change)) if needs else None
    return make_form(seen, services, sent, body, base, dict(rows), fresh=False, born=born, amending=True)


def _body(seen: Visit, services: ModerationServices, concept: str) -> Body | None:
    """The concept; None for one that is not there, such as one that the proposal would create."""
    if seen.moment is None:
        return None
    try:
        return services.reading.body(services.reading.find(concept, seen.moment), seen.lang)
    except NotFound:
        return None
