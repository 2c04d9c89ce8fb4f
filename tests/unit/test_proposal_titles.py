"""What a proposal is called in lists: by what it is about, not by what it makes on the way."""

from __future__ import annotations

from wikic.domain.ids import new_uuid
from wikic.domain.proposals import Proposal
from wikic.domain.proposals_changes import ChangeText, CreateConcept, SplitConcept
from wikic.domain.records import Label
from wikic.domain.vocabulary import PREFERRED
from wikic.web.pages_proposals_one import title_of
from wikic.web.texts import Texts
from wikic.web.views_differences import Names

SAW, WOOD, STEEL = (new_uuid() for _ in range(3))


def test_a_split_is_called_by_what_is_split() -> None:
    made = [CreateConcept("skill", (Label(name, "en", PREFERRED),), uuid=uuid) for name, uuid in (("saw wood", WOOD), ("saw steel", STEEL))]
    split = Proposal("one", changes=(*made, SplitConcept(SAW, (WOOD, STEEL))))
    names = Names([], split.changes, "en")
    assert title_of(split, names, Texts("en")) == f"Split · {SAW[:8]}… and 2 more"
    assert title_of(Proposal("two", changes=tuple(made[:1])), names, Texts("en")) == "New entry · saw wood"
    assert title_of(Proposal("three", changes=(ChangeText(SAW, "definition", "fr", "x"), made[0])), names, Texts("en"), about=SAW) == (
        "Definition (French) and 1 more"
    )
