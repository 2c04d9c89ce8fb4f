"""What the pages say, in French and English: one table from key to both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from wikic.web import (
    texts_about,
    texts_accounts,
    texts_badges,
    texts_deployment,
    texts_elsewhere,
    texts_endorsing,
    texts_errors,
    texts_errors_badges,
    texts_imports,
    texts_levels,
    texts_lint,
    texts_live,
    texts_open_badges,
    texts_proposals,
    texts_queue,
    texts_refresh,
    texts_releases,
    typography,
)
from wikic.web.texts_names import NAMES as FRAMEWORK_NAMES

LANGUAGES: Final = {"fr": "Français", "en": "English"}
"""The languages of the pages, each by its own name. What concepts are called may be in any language."""

MESSAGES: Final[Mapping[str, tuple[str, str]]] = {
    "site.tagline": ("Métiers et compétences, version par version", "Occupations and competencies, release by release"),
    "site.skip": ("Aller au contenu", "Skip to content"),
    "site.navigation": ("Navigation principale", "Main navigation"),
    "site.language": ("Langue", "Language"),
    "site.release": ("Version consultée", "Release shown"),
    "site.current": ("Version courante", "Current version"),
    "site.pinned": (
        "Vous consultez la version {release}, telle qu'elle a été figée.",
        "You are reading release {release}, as it was frozen.",
    ),
    "site.to_current": ("Voir la version courante", "See the current version"),
    "site.number": ("État n° {seq}", "State no. {seq}"),
    "site.breadcrumb": ("Fil d'Ariane", "Breadcrumb"),
    "site.next": ("Page suivante", "Next page"),
    "site.first": ("Retour au début", "Back to the beginning"),
    "site.sources": ("Sources", "Sources"),
    "site.programs": ("Pour les programmes", "For programs"),
    "site.search_label": ("Rechercher un métier, une compétence, un code", "Search an occupation, a competency, a code"),
    "site.search_button": ("Rechercher", "Search"),
    "site.suggestions": ("Suggestions", "Suggestions"),
    "site.suggestions_count": ("{n} suggestions", "{n} suggestions"),
    "nav.tree": ("Parcourir", "Browse"),
    "nav.schemes": ("Référentiels", "Schemes"),
    "nav.releases": ("Versions", "Releases"),
    "nav.changes": ("Nouveautés", "What changed"),
    "nav.api": ("API", "API"),
    "nav.about": ("À propos", "About"),
    "nav.design": ("Charte graphique", "Design system"),
    "nav.reference": ("Référence de l'API", "API reference"),
    "nav.errors": ("Erreurs de l'API", "API errors"),
    "home.title": ("Trouver et citer une compétence", "Find and cite a competency"),
    "home.lead": (
        "Un référentiel ouvert des métiers et des compétences, fondé sur ESCO et ROME. Chaque fiche a une adresse"
        " permanente ; chaque version reste consultable.",
        "An open framework of occupations and competencies, built on ESCO and ROME. Every entry has a permanent"
        " address; every release stays readable.",
    ),
    "home.try": ("Par exemple :", "For example:"),
    "home.figures": ("En chiffres", "In figures"),
    "home.start": ("Par où commencer", "Where to start"),
    "home.start_occupations": ("Parcourir les métiers", "Browse occupations"),
    "home.start_occupations_text": (
        "Des grands groupes de la CITP et des domaines de ROME jusqu'au métier.",
        "From ISCO's major groups and ROME's domains down to the occupation.",
    ),
    "home.start_skills": ("Parcourir les compétences", "Browse competencies"),
    "home.start_skills_text": (
        "L'arborescence des compétences d'ESCO et de ROME, niveau par niveau.",
        "The hierarchy of competencies of ESCO and ROME, level by level.",
    ),
    "home.start_releases": ("Comparer deux versions", "Compare two releases"),
    "home.start_releases_text": (
        "Ce qui a été ajouté, renommé, déplacé ou retiré.",
        "What was added, renamed, moved or withdrawn.",
    ),
    "home.start_api": ("Brancher un programme", "Connect a program"),
    "home.start_api_text": (
        "Une API ouverte, sans clé : cinq appels à copier.",
        "An open API, without a key: five calls to copy.",
    ),
    "home.latest": ("Dernières modifications", "Latest changes"),
    "home.all_changes": ("Toutes les modifications", "All changes"),
    "home.empty": (
        "Ce référentiel est encore vide. « wikic demo » montre le service avec un échantillon.",
        "This framework is still empty. “wikic demo” shows the service with a sample.",
    ),
    "search.title": ("Recherche", "Search"),
    "search.results_for": ("Résultats pour « {query} »", "Results for “{query}”"),
    "search.count": ("{n} résultats", "{n} results"),
    "search.count_one": ("{n} résultat", "{n} result"),
    "search.empty": ("Aucun résultat pour « {query} »", "No result for “{query}”"),
    "search.empty_help": (
        "Essayez un mot plus général, une autre orthographe, ou retirez un filtre.",
        "Try a more general word, another spelling, or remove a filter.",
    ),
    "search.start": (
        "Saisissez un mot, un code (M1805) ou l'adresse d'une fiche.",
        "Type a word, a code (M1805) or the address of an entry.",
    ),
    "search.filters": ("Filtrer", "Filter"),
    "search.filter_kind": ("Type", "Kind"),
    "search.filter_scheme": ("Référentiel", "Scheme"),
    "search.all": ("Tout", "All"),
    "search.clear": ("Retirer les filtres", "Remove the filters"),
    "search.more": ("Afficher plus de résultats", "Show more results"),
    "search.unavailable": (
        "La recherche n'est pas disponible en ce moment. Un code ou une adresse fonctionnent.",
        "Search is not available just now. A code or an address works.",
    ),
    "concept.tabs": ("Parties de la fiche", "Parts of this entry"),
    "concept.tab_entry": ("Fiche", "Entry"),
    "concept.tab_relations": ("Relations", "Relations"),
    "concept.tab_history": ("Historique", "History"),
    "concept.definition": ("Définition", "Definition"),
    "concept.no_definition": (
        "La source ne donne pas de définition.",
        "The source gives no definition.",
    ),
    "concept.labels": ("Libellés", "Labels"),
    "concept.hidden": ("Formes masquées", "Hidden labels"),
    "concept.more_languages": ("{n} autres langues", "{n} more languages"),
    "concept.more_languages_one": ("{n} autre langue", "{n} more language"),
    "concept.source": ("Source", "Source"),
    "concept.scheme": ("Référentiel", "Scheme"),
    "concept.code": ("Code", "Code"),
    "concept.version": ("Version de la source", "Source version"),
    "concept.source_address": ("Adresse dans la source", "Address in the source"),
    "concept.identifier": ("Identifiant", "Identifier"),
    "concept.sectors": ("Secteurs (NAF/NACE)", "Sectors (NAF/NACE)"),
    "concept.attributes": ("Autres données de la source", "Other data of the source"),
    "concept.yes": ("oui", "yes"),
    "concept.no": ("non", "no"),
    "concept.last_change": ("Dernière modification", "Last change"),
    "concept.licence": ("Licence", "Licence"),
    "concept.cite": ("Citer cette fiche", "Cite this entry"),
    "concept.permanent": ("Adresse permanente", "Permanent address"),
    "concept.permanent_help": ("Toujours la fiche courante.", "Always the current entry."),
    "concept.pinned": ("Adresse figée ({release})", "Pinned address ({release})"),
    "concept.pinned_help": ("Ne changera jamais.", "Will never change."),
    "concept.citation": ("Référence", "Reference"),
    "concept.copy": ("Copier", "Copy"),
    "concept.copied": ("Copié", "Copied"),
    "concept.download": ("Télécharger", "Download"),
    "concept.deprecated": ("Cette fiche est dépréciée.", "This entry is deprecated."),
    "concept.replaced_by": ("Elle est remplacée par :", "It is replaced by:"),
    "concept.not_replaced": ("Rien ne la remplace.", "Nothing replaces it."),
    "concept.edited": ("Modifiée ici", "Edited here"),
    "concept.edited_text": (
        "Cette fiche a été modifiée ici depuis son import. Ce que dit la source figure à côté.",
        "This entry was edited here since it was imported. What the source says stands beside it.",
    ),
    "concept.field": ("Élément", "Element"),
    "concept.here": ("Ici", "Here"),
    "concept.in_source": ("Dans la source", "In the source"),
    "concept.neighbourhood": ("Voisinage", "Neighbourhood"),
    "concept.neighbourhood_of": ("Voisinage de « {name} »", "Neighbourhood of “{name}”"),
    "concept.makeup": ("Composition du métier", "Make-up of the occupation"),
    "concept.makeup_text_one": ("{n} compétence ou savoir, par importance", "{n} competency or item of knowledge, by importance"),
    "concept.makeup_text": (
        "{n} compétences et savoirs, par importance",
        "{n} competencies and items of knowledge, by importance",
    ),
    "concept.see_all": ("Voir les {n}", "See all {n}"),
    "concept.show_rest": ("Afficher les {n} autres", "Show {n} more"),
    "concept.show_rest_one": ("Afficher {n} autre", "Show {n} more"),
    "concept.skills": ("Compétences", "Competencies"),
    "concept.knowledge": ("Savoirs", "Knowledge"),
    "concept.no_relations": ("Aucune relation de ce type.", "No relation of this kind."),
    "concept.relations_of": ("Relations de « {name} »", "Relations of “{name}”"),
    "concept.all_relations": ("Toutes", "All"),
    "concept.kind_of_relation": ("Relation", "Relation"),
    "concept.concept": ("Fiche", "Entry"),
    "concept.rank": ("rang {rank}", "rank {rank}"),
    "history.title": ("Historique de « {name} »", "History of “{name}”"),
    "history.empty": ("Rien n'a changé.", "Nothing has changed."),
    "history.before": ("avant", "before"),
    "history.after": ("après", "after"),
    "history.more_relations": ("et {n} autres relations", "and {n} more relations"),
    "history.more_relations_one": ("et {n} autre relation", "and {n} more relation"),
    "history.opened": ("Relation ajoutée", "Relation added"),
    "history.closed": ("Relation retirée", "Relation removed"),
    "history.changed": ("Relation modifiée", "Relation changed"),
    "history.now": ("État affiché", "State shown"),
    "tree.title": ("Parcourir le référentiel", "Browse the framework"),
    "tree.title_of": ("Parcourir : {name}", "Browse: {name}"),
    "tree.lead": (
        "Choisissez un référentiel, puis descendez niveau par niveau.",
        "Choose a scheme, then go down level by level.",
    ),
    "tree.open": ("Ouvrir {name} ({n})", "Open {name} ({n})"),
    "tree.keys": (
        "Au clavier : flèches pour se déplacer, droite et gauche pour ouvrir et fermer, Entrée pour lire la fiche.",
        "By keyboard: arrows to move, right and left to open and close, Enter to read the entry.",
    ),
    "tree.empty": ("Il n'y a rien ici dans cette version.", "There is nothing here in this release."),
    "tree.failed": ("Chargement impossible. Réessayez.", "Could not load. Try again."),
    "tree.loading": ("Chargement…", "Loading…"),
    "schemes.title": ("Les référentiels", "The schemes"),
    "schemes.lead": (
        "Ce que le service rassemble, d'où cela vient et sous quelle licence.",
        "What the service brings together, where it comes from and under which licence.",
    ),
    "schemes.browse": ("Parcourir", "Browse"),
    "schemes.kind": ("Type", "Kind"),
    "schemes.active": ("Actives", "Active"),
    "schemes.deprecated": ("Dépréciées", "Deprecated"),
    "schemes.draft": ("Projets", "Drafts"),
    "schemes.figures_of": ("Fiches de {name} par type", "Entries of {name} by kind"),
    "schemes.entries": ("fiches", "entries"),
    "schemes.empty": ("Aucune fiche pour l'instant.", "No entries yet."),
    "releases.title": ("Les versions", "The releases"),
    "releases.lead": (
        "Une version est un état figé du référentiel. Elle ne change plus et reste citable.",
        "A release is a frozen state of the framework. It no longer changes and can always be cited.",
    ),
    "releases.name": ("Version", "Release"),
    "releases.frozen": ("Figée le", "Frozen on"),
    "releases.state": ("État", "State"),
    "releases.explore": ("Ce qui a changé", "What changed"),
    "releases.read": ("Consulter", "Read"),
    "releases.one": ("Version {name}", "Release {name}"),
    "releases.none": ("Aucune version n'est encore figée.", "No release is frozen yet."),
    "releases.none_help": (
        "La version courante se consulte et se cite déjà par ses adresses permanentes.",
        "The current version can already be read, and cited by its permanent addresses.",
    ),
    "releases.first": (
        "C'est la première version : tout y est nouveau.",
        "This is the first release: everything in it is new.",
    ),
    "releases.compare": ("Comparer", "Compare"),
    "releases.from": ("De", "From"),
    "releases.to": ("à", "to"),
    "releases.download": ("Télécharger toute la version", "Download the whole release"),
    "releases.contents": ("Ce qu'elle contient", "What it contains"),
    "diff.choose": ("Comparer deux moments", "Compare two moments"),
    "diff.moments": (
        "Le nom d'une version, le numéro d'un état, ou « head » pour la version courante.",
        "The name of a release, the number of a state, or “head” for the current version.",
    ),
    "diff.head": ("la version courante", "the current version"),
    "diff.title": ("De {before} à {after}", "From {before} to {after}"),
    "diff.summary": (
        "Fiches qui diffèrent : {concepts}. Changements : {changes}.",
        "Entries that differ: {concepts}. Changes: {changes}.",
    ),
    "diff.none": ("Il n'y a aucune différence.", "There is no difference."),
    "diff.chart": ("Changements par type", "Changes by type"),
    "diff.list": ("Fiche par fiche", "Entry by entry"),
    "diff.all_types": ("Tous les types", "All types"),
    "diff.filter": ("Type de changement", "Type of change"),
    "changes.title": ("Ce qui a changé", "What changed"),
    "changes.lead": (
        "Chaque écriture du référentiel, la plus récente d'abord.",
        "Every write to the framework, the latest first.",
    ),
    "changes.one": ("Modification n° {seq}", "Change no. {seq}"),
    "changes.empty": ("Rien n'a encore été écrit.", "Nothing has been written yet."),
    "changes.older": ("Modifications plus anciennes", "Older changes"),
    "changes.latest": ("Les plus récentes", "The latest"),
    "changes.by": ("par {actor}", "by {actor}"),
    "changes.counts": ("Volume", "Size"),
    "changes.details": ("Détails", "Details"),
    "changes.large": (
        "Un import touche trop de fiches pour les lister ici : comparez deux versions.",
        "An import touches too many entries to list here: compare two releases.",
    ),
    **texts_about.MESSAGES,
    **texts_errors.MESSAGES,
    **texts_accounts.MESSAGES,
    **texts_badges.MESSAGES,
    **texts_levels.MESSAGES,
    **texts_elsewhere.MESSAGES,
    **texts_deployment.MESSAGES,
    **texts_lint.MESSAGES,
    **texts_open_badges.MESSAGES,
    **texts_refresh.MESSAGES,
    **texts_live.MESSAGES,
    **texts_imports.MESSAGES,
    **texts_releases.MESSAGES,
    **texts_proposals.MESSAGES,
    **texts_queue.MESSAGES,
    **texts_endorsing.MESSAGES,
}

NAMES: Final[Mapping[str, tuple[str, str]]] = {
    **FRAMEWORK_NAMES,
    **texts_accounts.NAMES,
    **texts_badges.NAMES,
    **texts_levels.NAMES,
    **texts_elsewhere.NAMES,
    **texts_deployment.NAMES,
    **texts_lint.NAMES,
    **texts_open_badges.NAMES,
    **texts_refresh.NAMES,
    **texts_live.NAMES,
    **texts_imports.NAMES,
    **texts_releases.NAMES,
    **texts_proposals.NAMES,
    **texts_queue.NAMES,
    **texts_endorsing.NAMES,
    **texts_errors_badges.NAMES,
}

_COLUMN: Final = {lang: number for number, lang in enumerate(LANGUAGES)}


def _set(table: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    return {key: (typography.french(french), english) for key, (french, english) in table.items()}


_MESSAGES: Final = _set(MESSAGES)
_NAMES: Final = _set(NAMES)
_MONTHS_FR: Final = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
_MONTHS_EN: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Texts:
    """The messages of one language. Called with a key and its values; an unknown key is an error. Of one thing (`n`; in French of none, too) `key_one` speaks,
    where there is one."""

    lang: str

    def __call__(self, key: str, **values: object) -> str:
        if values.get("n") in ((0, 1) if self.lang == "fr" else (1,)) and f"{key}_one" in _MESSAGES:
            key = f"{key}_one"
        shown = {name: self.number(value) if type(value) is int else value for name, value in values.items()}
        return _MESSAGES[key][_COLUMN[self.lang]].format_map(shown)

    @property
    def colon(self) -> str:
        """A colon as the language sets it."""
        return "\u00a0:" if self.lang == "fr" else ":"

    def joined(self, told: Iterable[str]) -> str:
        """Several things that are said, one after the other, as the language sets a semicolon."""
        return ("\u00a0; " if self.lang == "fr" else "; ").join(told)

    def name(self, group: str, word: str | None) -> str:
        """The name of a word of a vocabulary (`kind`, `relation` ...); the word itself where it has none."""
        if not word:
            return ""
        found = _NAMES.get(f"{group}.{word}")
        return found[_COLUMN[self.lang]] if found else word.replace("_", " ")

    def counted(self, name: str, number: int) -> str:
        """So many of what a change counts; the word itself where it has no name."""
        return self(f"change_counts.{name}", n=number) if f"change_counts.{name}" in _MESSAGES else f"{self.number(number)} {name}"

    def number(self, value: int) -> str:
        """A number with its thousands set apart as the language does."""
        return f"{value:,}".replace(",", "\u202f" if self.lang == "fr" else ",")

    def quarter(self, name: str) -> str:
        """A quarter such as 2026-Q4, in words."""
        year, _, number = name.partition("-Q")
        return f"{number}{'er' if number == '1' else 'e'} trimestre {year}" if self.lang == "fr" else f"Q{number} {year}"

    def date(self, time: str) -> str:
        """The day of an ISO time, in words."""
        day = int(time[8:10])
        first = "1er" if self.lang == "fr" and day == 1 else str(day)
        return f"{first} {self.month(time[:7])}"

    def month(self, time: str) -> str:
        """A month such as 2026-10, in words."""
        year, month = time.split("-")
        return f"{(_MONTHS_FR if self.lang == 'fr' else _MONTHS_EN)[int(month) - 1]} {year}"
