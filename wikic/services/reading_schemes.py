"""The schemes: what they hold, and what has to be said of their sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from wikic.domain.vocabulary import KINDS, SCHEMES, STATUSES
from wikic.services.reading_moments import Moment
from wikic.services.reading_views import Body
from wikic.store.concepts import read_figures
from wikic.store.engine import Engine


@dataclass(frozen=True, slots=True)
class SchemeTerms:
    """Title, licence (its name and address) and the words in which the source wants to be named."""

    title: dict[str, str]
    licence: str
    licence_url: str
    attribution: str


TERMS: Final = {
    "esco": SchemeTerms(
        {
            "en": "European Skills, Competences, Qualifications and Occupations (ESCO)",
            "fr": "Aptitudes, compétences, certifications et professions européennes (ESCO)",
        },
        "Commission Decision 2011/833/EU (CC BY 4.0)",
        "https://creativecommons.org/licenses/by/4.0/",
        "This service uses the ESCO classification of the European Commission.",
    ),
    "rome": SchemeTerms(
        {
            "en": "Operational Directory of Occupations and Jobs (ROME 4.0)",
            "fr": "Répertoire opérationnel des métiers et des emplois (ROME 4.0)",
        },
        "Licence Ouverte 2.0 (Etalab)",
        "https://www.etalab.gouv.fr/licence-ouverte-open-licence/",
        "Source : France Travail, ROME 4.0.",
    ),
    "isco": SchemeTerms(
        {
            "en": "International Standard Classification of Occupations (ISCO-08)",
            "fr": "Classification internationale type des professions (CITP-08)",
        },
        "As published with ESCO: Commission Decision 2011/833/EU (CC BY 4.0)",
        "https://creativecommons.org/licenses/by/4.0/",
        "ISCO-08, International Labour Organization; as published with ESCO by the European Commission.",
    ),
    "isced_f": SchemeTerms(
        {
            "en": "ISCED fields of education and training 2013 (ISCED-F)",
            "fr": "Domaines d'études et de formation de la CITE 2013 (CITE-F)",
        },
        "As published with ESCO: Commission Decision 2011/833/EU (CC BY 4.0)",
        "https://creativecommons.org/licenses/by/4.0/",
        "ISCED-F 2013, UNESCO Institute for Statistics; as published with ESCO by the European Commission.",
    ),
    "wiki": SchemeTerms(
        {"en": "Concepts that were proposed here", "fr": "Concepts proposés ici"},
        "",
        "",
        "",
    ),
}


def read_schemes(engine: Engine, moment: Moment) -> list[Body]:
    """Every scheme, empty ones too, with its number of concepts by kind and status. One round trip."""
    counts: dict[str, dict[str, dict[str, int]]] = {scheme: {} for scheme in SCHEMES}
    for scheme, kind, status, n in read_figures(engine, moment.at):
        counts.setdefault(scheme, {}).setdefault(kind, {})[status] = n
    return [_body(scheme, kinds) for scheme, kinds in counts.items()]


def _body(scheme: str, kinds: dict[str, dict[str, int]]) -> Body:
    terms = TERMS.get(scheme, SchemeTerms({}, "", "", ""))
    ordered = {
        kind: {status: kinds[kind][status] for status in STATUSES if status in kinds[kind]}
        for kind in KINDS
        if kind in kinds
    }
    return {
        "scheme": scheme,
        "title": terms.title,
        "licence": terms.licence or None,
        "licence_url": terms.licence_url or None,
        "attribution": terms.attribution or None,
        "total": sum(n for statuses in ordered.values() for n in statuses.values()),
        "counts": ordered,
    }
