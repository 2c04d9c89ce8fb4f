"""Forms of proposals: what a suggestion keeps in hidden fields may have been changed on its way."""

from __future__ import annotations

import pytest
from starlette.datastructures import FormData, QueryParams

from wikic.domain.proposals_changes import ChangeLabels, ChangeText
from wikic.domain.vocabulary import ALTERNATIVE, PREFERRED
from wikic.errors import InvalidInput
from wikic.web.proposals_forms import Sent, changes_of, kept_field, kept_of


@pytest.mark.parametrize("kept", ["[" * 3_000, '{"type": "text", "text": "a\\ud800"}', "7", "{", '{"type": "split", "assignments": {"\\ud800": ""}}'])
def test_what_cannot_be_read_is_refused(kept: str) -> None:
    with pytest.raises(InvalidInput):
        kept_of(Sent(FormData([("kept", kept)])))


def test_what_was_kept_comes_back() -> None:
    change = ChangeText("01890a5d-ac96-774b-bcce-b302099a8057", "note", "fr", "Scier : droit.")
    assert kept_of(Sent(FormData([("kept", kept_field(change))]))) == [change]


def test_a_preferred_label_is_one_line() -> None:
    sent = [("type", "labels"), ("concept", "x"), ("language", "en"), ("preferred", "saw\r\nplanks"), ("alternative", "cut\nrip")]
    (change,) = changes_of(Sent(QueryParams(sent)))
    assert isinstance(change, ChangeLabels)
    assert [(one.value, one.type) for one in change.labels] == [("saw planks", PREFERRED), ("cut", ALTERNATIVE), ("rip", ALTERNATIVE)]
