"""What the pages about Wiki-C say, and those for programs, in French and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

MESSAGES: Final[Mapping[str, tuple[str, str]]] = {
    "about.title": ("À propos", "About"),
    "about.lead": (
        "Wiki-C est un référentiel public, modéré et versionné des métiers et des compétences.",
        "Wiki-C is a public, moderated, versioned framework of occupations and competencies.",
    ),
    "about.sources": ("Sources et licences", "Sources and licences"),
    "about.changed_note": (
        "Les données d'ESCO et de ROME sont reprises avec leurs codes et leurs adresses. Ce qui est modifié ici est"
        " signalé, avec la valeur de la source en regard ; ces modifications n'engagent pas les sources.",
        "Data of ESCO and ROME are taken over with their codes and addresses. What is edited here is marked, with the"
        " source's value beside it; the sources do not answer for such edits.",
    ),
    "about.versions": ("Adresses et versions", "Addresses and releases"),
    "about.versions_text": (
        "L'adresse /c/… d'une fiche est permanente : une fiche dépréciée répond encore, et dit ce qui la remplace."
        " L'adresse /r/…/c/… montre la fiche telle qu'elle était dans une version, pour toujours.",
        "The address /c/… of an entry is permanent: a deprecated entry still answers, and says what replaced it."
        " The address /r/…/c/… shows the entry as it was in a release, for ever.",
    ),
    "about.privacy": ("Vie privée", "Privacy"),
    "about.privacy_text": (
        "Le site ne charge rien d'un autre hôte et n'emploie aucun traceur. Un seul témoin (cookie) retient la langue,"
        " si vous la changez.",
        "The site loads nothing from another host and uses no tracker. One cookie remembers the language, if you change"
        " it.",
    ),
    "about.access": ("Accessibilité", "Accessibility"),
    "about.access_text": (
        "Les pages visent le niveau AA des WCAG 2.2 : clavier, lecteur d'écran, zoom, impression, et sans JavaScript.",
        "The pages aim at level AA of WCAG 2.2: keyboard, screen reader, zoom, print, and without JavaScript.",
    ),
    "api.title": ("Utiliser l'API", "Use the API"),
    "api.lead": (
        "La lecture est ouverte à tous, sans clé ni compte. Ces cinq appels se copient tels quels.",
        "Reading is open to all, without key or account. These five calls can be copied as they are.",
    ),
    "api.search": ("Chercher", "Search"),
    "api.search_text": (
        "Classé, avec le libellé qui a été trouvé.",
        "Ranked, with the label that was found.",
    ),
    "api.concept": ("Lire une fiche par son code", "Read an entry by its code"),
    "api.concept_text": (
        "Par code, identifiant ou adresse de la source ; « lang » ajoute un libellé.",
        "By code, identifier or source address; “lang” adds a label.",
    ),
    "api.requires": ("Les compétences d'un métier", "The competencies of an occupation"),
    "api.requires_text": (
        "Page par page : « next » donne le curseur de la suite.",
        "Page by page: “next” is the cursor of the next one.",
    ),
    "api.tree": ("Descendre dans l'arborescence", "Walk down the tree"),
    "api.tree_text": ("Les sommets d'un référentiel, ou ce qui suit une fiche.", "The roots, or what is below one."),
    "api.changes": ("Suivre ce qui change", "Follow what changes"),
    "api.changes_text": (
        "Rappelez avec le dernier « seq » lu pour n'avoir que la suite.",
        "Call again with the last “seq” you read to get only what follows.",
    ),
    "api.rules": ("Bon à savoir", "Good to know"),
    "api.rule_release": (
        "Toute lecture accepte « release=NOM » ou « at=NUMÉRO » ; sans cela, c'est l'état courant.",
        "Every read takes “release=NAME” or “at=NUMBER”; without, it is the current state.",
    ),
    "api.rule_etag": (
        "Les réponses portent un ETag : renvoyez-le dans If-None-Match, et une réponse inchangée tient en un 304.",
        "Answers carry an ETag: send it back in If-None-Match, and an unchanged answer is a 304.",
    ),
    "api.rule_errors": (
        "Les erreurs sont des « problèmes » RFC 9457, dont le type est stable.",
        "Errors are RFC 9457 problems with a stable type.",
    ),
    "api.rule_limit": (
        "Si une limite s'applique, les en-têtes RateLimit et RateLimit-Policy l'annoncent.",
        "Where a limit applies, the headers RateLimit and RateLimit-Policy announce it.",
    ),
    "api.formats": (
        "Chaque fiche existe en JSON-LD, Turtle, RDF/XML et N-Triples, par négociation ou par suffixe.",
        "Every entry exists as JSON-LD, Turtle, RDF/XML and N-Triples, by negotiation or by suffix.",
    ),
    "api.case": (
        "Les outils de badges et de formation lisent les référentiels par CASE 1.1 :",
        "Tools for badges and curricula read the frameworks by CASE 1.1:",
    ),
    "docs.title": ("Référence de l'API", "API reference"),
    "docs.programs": ("Pour les programmes :", "For programs:"),
    "docs.needed": ("obligatoire", "needed"),
    "docs.errors_title": ("Erreurs de l'API", "Errors of the API"),
    "docs.errors_lead": ("La fin du « type » d'un problème (RFC 9457).", "The end of the “type” of a problem (RFC 9457)."),
    "design.title": ("Charte graphique", "Design system"),
    "design.lead": (
        "Les pièces dont les pages sont faites, telles que le navigateur les montre.",
        "The pieces that the pages are made of, as the browser shows them.",
    ),
    "design.type": ("Typographie", "Type"),
    "design.colours": ("Couleurs", "Colours"),
    "design.spacing": ("Espacement", "Spacing"),
    "design.components": ("Composants", "Components"),
    "design.charts": ("Graphiques", "Charts"),
    "design.sample": (
        "La compétence se pétrit : du mot au geste, du geste au métier.",
        "A competency is kneaded: from word to gesture, from gesture to trade.",
    ),
}
