"""Ready-made reasons in French and English, as an installation begins with them; admins change, add and hide some."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from wikic.store import proposals_talk as talk
from wikic.store.engine import Engine


@dataclass(frozen=True, slots=True)
class Reason:
    """A text to choose when deciding, by language. `verdict` is of `domain.proposals.VERDICTS`."""

    key: str
    verdict: str
    text: dict[str, str]
    hidden: bool = False


def _reason(key: str, verdict: str, fr: str, en: str) -> Reason:
    return Reason(key, verdict, {"fr": fr, "en": en})


DEFAULT_REASONS: Final = (
    _reason("accept-clear", "accept", "Proposition claire et étayée.", "Clear and well supported."),
    _reason("accept-correction", "accept", "Correction exacte.", "A right correction."),
    _reason("accept-usage", "accept", "Conforme à l'usage dans la profession.", "This is what the trade says."),
    _reason(
        "reject-exists",
        "reject",
        "Une fiche équivalente existe déjà\u00a0: complétez plutôt ses libellés.",
        "An equivalent concept is there already: add to its labels instead.",
    ),
    _reason(
        "reject-not-a-skill",
        "reject",
        "Ce n'est pas une compétence\u00a0: c'est une tâche, un outil ou un intitulé de formation.",
        "This is no skill but a task, a tool or the title of a course.",
    ),
    _reason(
        "reject-too-narrow",
        "reject",
        "Trop particulier à une entreprise\u00a0: à tenir dans son propre référentiel.",
        "Too particular to one company: keep it in your own framework.",
    ),
    _reason("reject-no-source", "reject", "Aucune source ne l'appuie.", "No source supports it."),
    _reason("reject-changes-meaning", "reject", "La modification change le sens de la fiche.", "The change alters what the concept means."),
    _reason("reject-promotion", "reject", "Texte promotionnel.", "The text is an advertisement."),
    _reason("return-sources", "return", "Indiquez une source vérifiable.", "Name a source that can be checked."),
    _reason(
        "return-definition",
        "return",
        "Précisez la définition\u00a0: ce que la personne sait faire, dans quel cadre.",
        "Make the definition precise: what the person can do, and where.",
    ),
    _reason(
        "return-split",
        "return",
        "Proposez les modifications indépendantes séparément.",
        "Propose independent changes apart from each other.",
    ),
    _reason(
        "return-wording",
        "return",
        "Commencez le libellé par un verbe à l'infinitif, sans nom de produit.",
        "Begin the label with a verb, without the name of a product.",
    ),
)


def known_reasons(engine: Engine) -> list[Reason]:
    """All of them, those of the house first, changed where they were, then the added ones; hidden ones too."""
    found = {reason.key: reason for reason in DEFAULT_REASONS}
    for row in talk.stored_reasons(engine):
        found[row["key"]] = Reason(row["key"], row["verdict"], row["text"], bool(row.get("hidden")))
    return list(found.values())


def ready_in(engine: Engine, reason: str) -> dict[str, str]:
    """The ready-made reason that a reason is, or begins with on lines of its own, by language; nothing for one that somebody wrote."""
    said = f"{reason.strip()}\n"
    known = known_reasons(engine) if reason.strip() else []
    return next((dict(one.text) for one in known if any(said.startswith(f"{text}\n") for text in one.text.values())), {})
