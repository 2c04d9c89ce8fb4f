"""The step before the form of a text or of labels, where the page of a concept has no link to it: which text, in which language."""

from __future__ import annotations

from typing import Final

from fastapi import Response

from wikic.domain.vocabulary import TEXT_FIELDS
from wikic.web.pages_common import Visit
from wikic.web.proposals_forms import Sent, type_of_form
from wikic.web.texts import MESSAGES, Texts
from wikic.web.views_common import ConceptLink, Link
from wikic.web.views_proposals import Option, ProposalChoicePage

_LANGUAGE: Final = "language."


def unsaid(sent: Sent) -> bool:
    """Whether an address says neither which change of a proposal it opens, nor which text, or labels of which language."""
    kind = type_of_form(sent)
    missing = not sent.text("language", 40) or (kind == "text" and not sent.text("field", 60))
    return kind in ("text", "labels") and missing and not sent.text("part", 10)


def choice_page(seen: Visit, sent: Sent, concept: ConceptLink | None) -> Response:
    """Ask for them, and lead to the form."""
    t, kind = seen.t, type_of_form(sent)
    page = ProposalChoicePage(
        title=t("propose.title"),
        trail=[Link(concept.address, concept.name.value, lang=concept.name.lang if concept.name.foreign else "")] if concept is not None else [],
        concept=concept,
        lead=t("propose.choose_text") if kind == "text" else t.name("change_type", "labels"),
        hidden=[(name, value) for name in ("type", "concept", "proposal") if (value := sent.text(name, 200))],
        fields=[(name, field_name(name, t)) for name in TEXT_FIELDS] if kind == "text" else [],
        field=sent.text("field", 60),
        languages=_languages(t),
        language=sent.text("language", 40),
    )
    return seen.answer(page, indexed=False)


def field_name(field: str, t: Texts) -> str:
    """A text of a concept in words."""
    return t.name("field", field) if field == "definition" else t.name("note", field)


def _languages(t: Texts) -> list[Option]:
    tags = [key.removeprefix(_LANGUAGE) for key in MESSAGES if key.startswith(_LANGUAGE)]
    return [(tag, t.name("language", tag)) for tag in tags]
