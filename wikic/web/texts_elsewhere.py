"""What the pages of badge classes that are hosted elsewhere say, in French and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

MESSAGES: Final[Mapping[str, tuple[str, str]]] = {
    "catalogue.one": ("Ajouter un badge hébergé ailleurs", "Add a badge that is hosted elsewhere"),
    "catalogue.title": ("Ajouter tout un catalogue", "Add a whole catalogue"),
    "catalogue.one_help": (
        "Donnez l'adresse sous laquelle le badge est publié (Open Badges 2.0 ou 3.0). Rien n'est enregistré avant que vous l'ayez confirmé.",
        "Give the address under which the badge is published (Open Badges 2.0 or 3.0). Nothing is kept before you confirm it.",
    ),
    "catalogue.help": (
        "L'adresse d'un émetteur ou d'une liste, des adresses à raison d'une par ligne, un tableau CSV, ou des documents en JSON.",
        "The address of an issuer's document or of a list, addresses with one on each line, a CSV table, or documents in JSON.",
    ),
    "catalogue.to_one": ("Un seul badge", "One badge only"),
    "catalogue.to_all": ("Tout un catalogue", "A whole catalogue"),
    "catalogue.address": ("Adresse du badge", "Address of the badge"),
    "catalogue.file": ("Fichier CSV ou JSON", "CSV or JSON file"),
    "catalogue.text": ("Ou adresse, tableau, documents", "Or an address, a table, documents"),
    "catalogue.draw": ("Dessiner les images ici plutôt que les copier", "Draw the images here instead of copying them"),
    "catalogue.look": ("Voir ce qui viendrait", "See what would come"),
    "catalogue.would": ("Ce qui viendrait", "What would come"),
    "catalogue.done": ("C'est fait.", "It is done."),
    "catalogue.choose": ("Prendre ce badge", "Take this badge"),
    "catalogue.bind": ("Compétences à relier", "Competencies to bind"),
    "catalogue.no_choice": ("Aucune compétence n'a été reconnue ; vous pourrez en relier plus tard.", "No competency was recognised; you can bind some later."),
    "catalogue.drafts": ("Prendre comme brouillons", "Take as drafts"),
    "catalogue.publish": ("Prendre et publier", "Take and publish"),
    "catalogue.see": ("Voir le badge", "See the badge"),
    "catalogue.drawn": ("Image dessinée ici", "Image drawn here"),
    "catalogue.copied": ("Image copiée", "Image copied"),
    "catalogue.kept": ("Tenus à jour", "Kept up to date"),
    "catalogue.kept_none": ("Vous n'avez pas encore de badge hébergé ailleurs.", "You have no badge that is hosted elsewhere yet."),
    "catalogue.state": ("État", "State"),
    "catalogue.never": ("pas encore", "not yet"),
    "catalogue.note.image_drawn": ("Son image n'est pas lisible ; elle sera dessinée : {about}", "Its image cannot be had; it would be drawn: {about}"),
    "catalogue.note.no_image": ("Il n'a pas d'image : elle sera dessinée.", "It has no image: one is drawn."),
    "catalogue.note.also_taken": ("{about} l'a déjà repris aussi.", "{about} has taken it in too."),
    "catalogue.note.other_issuer": (
        "Son émetteur est à une autre adresse que le site de l'organisation : {about}",
        "Its issuer is at another address than the organisation's site: {about}",
    ),
    "catalogue.note.other_id": ("Le document se nomme lui-même {about}", "The document there calls itself {about}"),
    "catalogue.note.unknown_target": (
        "Un alignement ne mène à aucune compétence connue ici : {about}",
        "An alignment leads to no competency that is known here: {about}",
    ),
    "catalogue.note.not_bindable": (
        "Un alignement mène à « {about} », qu'un badge n'atteste pas : il atteste des compétences et des savoirs, non des métiers.",
        "An alignment leads to “{about}”, which badges do not attest: they attest skills and knowledge, not occupations.",
    ),
    "catalogue.note.out_of_use": (
        "Un alignement mène à « {about} », qui n'est plus en usage et qu'aucune compétence ne remplace seule : choisissez celles qui conviennent.",
        "An alignment leads to “{about}”, which is not in use any more, and no single competency stands in its place: choose those that do.",
    ),
    "catalogue.note.mended": (
        "Alignements mal écrits, compris quand même : {about}",
        "Alignments that are not written as they should be, understood all the same: {about}",
    ),
    "catalogue.note.old_format": ("Il n'est ni en Open Badges 2.0 ni en 3.0.", "It is neither Open Badges 2.0 nor 3.0."),
    "source.title": ("À son adresse", "At its address"),
    "source.read": ("Lu le", "Read on"),
    "source.since": ("Ne répond pas depuis le", "Does not answer since"),
    "source.error": ("Raison", "Why"),
    "source.differs": ("Y diffèrent", "Differs there in"),
    "source.lost": ("N'y figurent plus", "No longer named there"),
    "source.gained": ("Y figurent, non reliées ici", "Named there, not bound here"),
    "source.again": ("Relire maintenant", "Read again now"),
    "source.manage": ("Badges hébergés ailleurs", "Badges hosted elsewhere"),
    "badges.discard_draft": ("Jeter ce brouillon", "Discard this draft"),
    "badges.discard_draft_help": ("Il disparaît pour toujours, avec ses liens.", "It is gone for ever, with its bindings."),
    "badges.discard_changes": ("Jeter les changements en attente", "Discard the changes that wait"),
    "badges.discard_changes_help": ("Ce qui est publié reste tel quel.", "What is published stays as it is."),
}

NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "offer_result.new": ("nouveau", "new"),
    "offer_result.known": ("déjà ici", "here already"),
    "offer_result.refused": ("refusé", "refused"),
    "offer_result.taken": ("pris", "taken"),
    "source_state.same": ("À jour", "Up to date"),
    "source_state.differs": ("Dit autre chose", "Says something else"),
    "source_state.lost": ("Alignement perdu", "Alignment lost"),
    "source_state.unreachable": ("Ne répond pas", "Does not answer"),
    "source_state.waiting": ("Pas encore lu", "Not read yet"),
    "badge_field.name": ("le nom", "the name"),
    "badge_field.description": ("la description", "the description"),
    "badge_field.criteria": ("les critères", "the criteria"),
    "badge_field.criteria_address": ("l'adresse des critères", "the address of the criteria"),
    "badge_field.tags": ("les mots-clés", "the tags"),
    "badge_field.lang": ("la langue", "the language"),
    "badge_field.achievement_type": ("le type de réalisation", "the type of achievement"),
    "badge_field.image": ("l'image", "the image"),
    "badge_field.human_code": ("le code", "the code"),
}

REASONS: Final[Mapping[str, str]] = {
    "elsewhere-no-object": "ce n'est pas un badge : un objet JSON est attendu.",
    "elsewhere-award": "c'est un badge délivré à quelqu'un, dont la définition est ailleurs : donnez l'adresse de la définition.",
    "elsewhere-kind": "« type » : ce n'est pas la définition d'un badge.",
    "elsewhere-id": "« id » : le badge n'a pas d'adresse en https:// ou http://, et ne pourrait pas être relu.",
    "elsewhere-only-address": "il n'y a là qu'une autre adresse : donnez celle-ci.",
    "elsewhere-unread": "l'adresse n'est pas lisible : {why}",
    "elsewhere-changed": "ce que dit son adresse a changé depuis que vous l'avez vu : relisez.",
    "elsewhere-image": "« image » : {why}",
    "elsewhere-field": "le champ {pointer} n'est pas comme il faut : {why}.",
    "elsewhere-taken": "ce badge vient d'être ajouté par quelqu'un d'autre : relisez.",
    "catalogue-empty": "il n'y a rien : donnez une adresse, des documents en JSON ou un tableau.",
    "catalogue-none": "cela ne nomme aucun badge : le document d'un émetteur les contient, ou leurs adresses, sous un nom comme « badges ».",
    "catalogue-many": "c'est trop à la fois : {most} badges au plus.",
    "catalogue-shown": "c'est trop pour cette page : {most} badges au plus ; davantage par l'API ou la commande.",
    "catalogue-table": "ce n'est ni du JSON, ni des adresses, ni un tableau dont la première ligne nomme une colonne « address ».",
    "catalogue-refused": "la ligne {line} est refusée ({wrong} sur {all}) : rien n'a été pris.",
    "catalogue-choose": "choisissez au moins un badge.",
    "not-bindable": (
        "« {name} » n'est pas une compétence : un badge atteste des compétences, des savoirs ou des groupes de compétences."
        " D'un métier, reliez les compétences qu'il exige."
    ),
    "nothing-waits": "il n'y a rien à jeter : ce qui est publié reste. Retirez-le s'il n'est plus délivré.",
}
"""What errors of badge classes elsewhere say on French pages, by their `reason`."""
