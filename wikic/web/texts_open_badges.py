"""What copy boxes and the picker say, in French and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

MESSAGES: Final[Mapping[str, tuple[str, str]]] = {
    "boxes.title": ("Copier l'alignement", "Copy the alignment"),
    "boxes.help": (
        "À coller dans votre outil de badges. L'adresse est permanente.",
        "To paste into your badge tool. The address is permanent.",
    ),
    "boxes.help_pinned": (
        "À coller dans votre outil de badges. L'adresse est celle de la version {release}.",
        "To paste into your badge tool. The address is that of release {release}.",
    ),
    "boxes.documents": ("Documents Open Badges", "Open Badges documents"),
    "boxes.content": ("Alignement pour {name}", "Alignment for {name}"),
    "box.url_refused": (
        "« {name} » n'y entre pas : la plateforme n'accepte que des adresses http(s) de {most} caractères au plus.",
        "“{name}” does not fit: the platform takes http(s) addresses of {most} characters at most.",
    ),
    "box.cut": (
        "« {name} » : la plateforme coupe {field} après {most} caractères.",
        "“{name}”: the platform cuts {field} after {most} characters.",
    ),
    "box.too_many": (
        "La plateforme accepte {most} alignements au plus ; il y en a {n} : les suivants sont laissés de côté.",
        "The platform takes {most} alignments at most, of {n}: the others are left out.",
    ),
    "box.deprecated": (
        "« {name} » est obsolète dans cette version : voyez ce qui l'a remplacée.",
        "“{name}” is deprecated in this version: see what replaced it.",
    ),
    "box.level_in_text": (
        "La plateforme n'a pas de champ pour le niveau : il est dit dans la description.",
        "The platform has no field for the level: the description says it.",
    ),
    "box.case_source": (
        "La plateforme peut aussi lire tout le référentiel comme source CASE : {address}",
        "The platform can also read the whole framework as a CASE source: {address}",
    ),
    "picker.title": ("Choisir une compétence", "Choose a competency"),
    "picker.tool": ("Sélecteur de compétences à intégrer", "Competency picker to embed"),
    "picker.words": ("Que sait faire la personne ?", "What can the person do?"),
    "picker.search": ("Rechercher", "Search"),
    "picker.found": ("{n} compétences trouvées pour « {q} »", "{n} competencies found for “{q}”"),
    "picker.found_one": ("{n} compétence trouvée pour « {q} »", "{n} competency found for “{q}”"),
    "picker.first": (
        "Les {n} compétences les plus proches de « {q} ». Précisez pour en voir d'autres.",
        "The {n} competencies closest to “{q}”. Say more to see others.",
    ),
    "picker.none": ("Aucune compétence trouvée pour « {q} ».", "No competency was found for “{q}”."),
    "picker.behind": ("La recherche se prépare : réessayez dans un instant.", "The search is being prepared: try again in a moment."),
    "picker.unknown": (
        "Cette fiche est inconnue, ou un badge ne peut pas l'attester.",
        "This entry is not known, or no badge can attest it.",
    ),
    "picker.embed": ("L'intégrer à votre outil", "Embed it in your tool"),
    "picker.embed_help": (
        "Une ligne dans votre page : on y cherche et choisit une compétence, et l'alignement est transmis à la page.",
        "One line in your page: a competency is searched and chosen there, and its alignment is handed to the page.",
    ),
    "picker.snippet": ("Ligne à copier", "Line to copy"),
    "picker.level": ("Niveau", "Level"),
    "picker.level_unknown": (
        "Le niveau « {level} », demandé par la page, n'existe pas : choisissez-en un autre.",
        "There is no level “{level}”, which the page asks for: choose another one.",
    ),
    "picker.level_none": ("Sans niveau", "Without a level"),
    "picker.back": ("Choisir une autre compétence", "Choose another competency"),
    "picker.use": ("Utiliser cet alignement", "Use this alignment"),
    "picker.sent": ("L'alignement a été transmis à la page.", "The alignment was handed to the page."),
    "picker.open": ("Voir la fiche", "See the entry"),
    "picker.by": ("Référentiel Wiki-C", "The Wiki-C framework"),
}

NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "box_format.ob2": ("Open Badges 2.0", "Open Badges 2.0"),
    "box_format.ob3": ("Open Badges 3.0", "Open Badges 3.0"),
    "box_format.badgr": ("Badgr / Canvas Credentials (API v2)", "Badgr / Canvas Credentials (API v2)"),
    "box_format.moodle": ("Moodle", "Moodle"),
    "box_format.obf": ("Open Badge Factory", "Open Badge Factory"),
    "box_format.edubadges": ("edubadges", "edubadges"),
}
