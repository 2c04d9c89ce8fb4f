"""What the pages of reviews of imports say, in French and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

MESSAGES: Final[Mapping[str, tuple[str, str]]] = {
    "imports.title": ("Relectures d'imports", "Reviews of imports"),
    "imports.lead": (
        "Ce que changerait l'import d'une source, à relire avant de l'appliquer.",
        "What importing a source would change, to look through before it is applied.",
    ),
    "imports.none": ("Aucune relecture n'a été conservée.", "No review was kept."),
    "imports.how": (
        "Sur le serveur : wikic import esco DOSSIER --version 1.2.0 --review-as \"ESCO 1.2\"",
        "On the server: wikic import esco FOLDER --version 1.2.0 --review-as \"ESCO 1.2\"",
    ),
    "imports.name": ("Relecture", "Review"),
    "imports.source": ("Source", "Source"),
    "imports.made": ("Faite le", "Made on"),
    "imports.state": ("État", "State"),
    "imports.concepts": ("Fiches", "Entries"),
    "imports.breaking": ("Ruptures", "Breaking changes"),
    "imports.conflicts": ("Conflits", "Conflicts"),
    "imports.by": ("par {name}", "by {name}"),
    "imports.compared": ("comparée à l'état n° {seq}", "compared with state no. {seq}"),
    "imports.waits": (
        "Pas encore appliquée : importez les mêmes fichiers avec les mêmes options.",
        "Not applied yet: import the same files with the same options.",
    ),
    "imports.moved": (
        "Le référentiel a changé depuis (état n° {seq}) : l'import comparera de nouveau. Refaites la relecture pour voir ce qu'il en serait.",
        "The framework has moved since (state no. {seq}): the import will compare again. Review it again to see what would come of it.",
    ),
    "imports.applied": ("Appliquée par la modification n° {seq}", "Applied as change no. {seq}"),
    "imports.applied_moved": (
        "Le référentiel avait changé entre la relecture et l'import : le résultat peut différer de ce qui suit.",
        "The framework had moved between the review and the import: what came of it may differ from what follows.",
    ),
    "imports.facts": ("Fichiers", "Files"),
    "imports.digest": ("Empreinte (SHA-256)", "Digest (SHA-256)"),
    "imports.files": ("Noms", "Names"),
    "imports.options": ("Options", "Options"),
    "imports.counts": ("Ce que compte l'import", "What the import counts"),
    "imports.what": ("Quoi", "What"),
    "imports.which": ("Lesquels", "Which"),
    "imports.number": ("Nombre", "Number"),
    "imports.skipped": ("Ce qui ne serait pas repris", "What would not be taken"),
    "imports.conflicts_title": ("Modifié ici et dans la source", "Changed here and in the source"),
    "imports.conflicts_text": (
        "Ces valeurs restent comme elles sont ici ; ce que dit la source devient une proposition. Total : {n}.",
        "These values stay as they are here; what the source says becomes a proposal. In all: {n}.",
    ),
    "imports.source_before": ("La source disait", "The source said"),
    "imports.source_now": ("La source dit", "The source says"),
    "imports.delta": ("Ce qui changerait", "What would change"),
    "imports.kept": (
        "Sont listées les {n} fiches les plus touchées.",
        "The {n} most severely changed entries are listed.",
    ),
    "changes.together": ("Décision sur {n} propositions", "Decision on {n} proposals"),
    "changes.and_others": ("{name} et {n} autres", "{name} and {n} others"),
    "changes.and_others_one": ("{name} et {n} autre", "{name} and {n} other"),
    "changes.taken_back": ("Annulation de la modification n° {seq}", "Change no. {seq} taken back"),
    "changes.put_back": ("Fiche remise dans son état n° {seq}", "Entry put back as it was at no. {seq}"),
    "changes.review": ("relecture de l'import", "review of the import"),
    "change_counts.concepts added": ("{n} fiches ajoutées", "{n} entries added"),
    "change_counts.concepts added_one": ("{n} fiche ajoutée", "{n} entry added"),
    "change_counts.concepts changed": ("{n} fiches modifiées", "{n} entries changed"),
    "change_counts.concepts changed_one": ("{n} fiche modifiée", "{n} entry changed"),
    "change_counts.concepts deprecated": ("{n} fiches dépréciées", "{n} entries deprecated"),
    "change_counts.concepts deprecated_one": ("{n} fiche dépréciée", "{n} entry deprecated"),
    "change_counts.concepts restored": ("{n} fiches rétablies", "{n} entries restored"),
    "change_counts.concepts restored_one": ("{n} fiche rétablie", "{n} entry restored"),
    "change_counts.relations added": ("{n} relations ajoutées", "{n} relations added"),
    "change_counts.relations added_one": ("{n} relation ajoutée", "{n} relation added"),
    "change_counts.relations changed": ("{n} relations modifiées", "{n} relations changed"),
    "change_counts.relations changed_one": ("{n} relation modifiée", "{n} relation changed"),
    "change_counts.conflicts": ("{n} conflits", "{n} conflicts"),
    "change_counts.conflicts_one": ("{n} conflit", "{n} conflict"),
    "change_counts.relations removed": ("{n} relations retirées", "{n} relations removed"),
    "change_counts.relations removed_one": ("{n} relation retirée", "{n} relation removed"),
}

NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "review_state.waits": ("à appliquer", "to be applied"),
    "review_state.moved": ("dépassée", "overtaken"),
    "review_state.applied": ("appliquée", "applied"),
    "counted.read": ("lu", "read"),
    "counted.added": ("ajouté", "added"),
    "counted.changed": ("modifié", "changed"),
    "counted.removed": ("déprécié", "deprecated"),
    "counted.relations": ("relations", "relations"),
    "relation_counted.added": ("ajoutées", "added"),
    "relation_counted.removed": ("retirées", "removed"),
    "relation_counted.changed": ("modifiées", "changed"),
    "counted.unchanged": ("inchangé", "unchanged"),
}
