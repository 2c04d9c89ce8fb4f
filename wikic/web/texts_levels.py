"""What the pages of scales and criteria say, in French and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

MESSAGES: Final[Mapping[str, tuple[str, str]]] = {
    "scales.title": ("Échelles de niveaux", "Scales of levels"),
    "scales.lead": (
        "Un badge atteste une compétence à un niveau. Une échelle nomme ces niveaux, du plus bas au plus haut.",
        "A badge attests a competency at a level. A scale names these levels, from the lowest to the highest.",
    ),
    "scales.make": ("Créer une échelle", "Make a scale"),
    "scales.edit": ("Modifier l'échelle", "Change the scale"),
    "scales.owner": ("Créée par {name}", "Made by {name}"),
    "scales.name_fr": ("Nom en français", "Name in French"),
    "scales.name_en": ("Nom en anglais", "Name in English"),
    "scales.about_fr": ("Ce qu'il signifie, en français", "What it means, in French"),
    "scales.about_en": ("Ce qu'il signifie, en anglais", "What it means, in English"),
    "scales.id": ("Nom court", "Short name"),
    "scales.id_help": (
        "Lettres minuscules, chiffres et tirets. Il figure dans les adresses et ne change plus.",
        "Lower-case letters, digits and hyphens. It stands in addresses, and does not change.",
    ),
    "scales.for_network": ("Au nom du réseau", "In the name of the network"),
    "scales.no_network": ("Aucun : pour tout le site", "None: for the whole site"),
    "scales.level": ("Niveau {n}", "Level {n}"),
    "scales.rows_help": (
        "Le niveau 1 est le plus bas. Les lignes laissées vides à la fin ne comptent pas ; pour en avoir d'autres, enregistrez, puis modifiez.",
        "Level 1 is the lowest. Lines left empty at the end do not count; for more of them, save, then change it.",
    ),
    "scales.used_help": (
        "Cette échelle sert déjà. Vous pouvez ajouter des niveaux au-dessus du plus haut, et des textes dans la langue qui manque.",
        "This scale is in use. You may add levels above the highest, and texts in the language that is missing.",
    ),
    "scales.cite": ("Adresse de l'échelle", "Address of the scale"),
    "scales.save": ("Enregistrer", "Save"),
    "criteria.title": ("Critères par niveau", "Criteria by level"),
    "criteria.of": ("Critères : {name}", "Criteria: {name}"),
    "criteria.shared": ("Critères partagés du niveau", "Shared criteria of the level"),
    "criteria.shared_by": ("Partagés par {name}", "Shared by {name}"),
    "criteria.deviates_from": (
        "Ce badge s'en écarte ainsi que dit plus haut.",
        "This badge deviates from them as said above.",
    ),
    "criteria.none": ("Aucun réseau n'a encore dit ce qu'il demande à chaque niveau.", "No network has said yet what it asks for at each level."),
    "criteria.propose": ("Proposer des critères", "Propose criteria"),
    "criteria.propose_other": ("Proposer autre chose", "Propose something else"),
    "criteria.propose_for": ("Proposer des critères : {name}", "Propose criteria: {name}"),
    "criteria.choose": ("Choisir", "Choose"),
    "criteria.network": ("Réseau", "Network"),
    "criteria.scale": ("Échelle", "Scale"),
    "criteria.no_network": (
        "Les critères se proposent par les membres des organisations d'un réseau ; vous n'appartenez à aucune.",
        "Criteria are proposed by the people of a network's organisations; you belong to none.",
    ),
    "criteria.form_help": (
        "Dites, niveau par niveau, ce qui montre que la personne y est. Ce que vous laissez vide ne sera plus dit.",
        "Say, level by level, what shows that somebody is there. What you leave empty is said no more.",
    ),
    "criteria.in_fr": ("En français", "In French"),
    "criteria.in_en": ("En anglais", "In English"),
    "criteria.note": ("Pourquoi (pour ceux qui décident)", "Why (for those who decide)"),
    "criteria.send": ("Proposer", "Propose"),
    "criteria.proposal": ("Proposition de critères", "Proposal of criteria"),
    "criteria.proposed_by": ("Proposée par {name} le {date}", "Proposed by {name} on {date}"),
    "criteria.decided_by": ("Décidée par {name} le {date}", "Decided by {name} on {date}"),
    "criteria.reason": ("Motif", "Reason"),
    "criteria.reason_help": (
        "Il en faut un pour refuser ou pour ajuster.",
        "One is needed to reject or to amend.",
    ),
    "criteria.adopted_instead": ("Adopté à la place", "Adopted in its place"),
    "criteria.says_nothing": ("Rien", "Nothing"),
    "criteria.decide": ("Décider", "Decide"),
    "criteria.accept": ("Accepter", "Accept"),
    "criteria.reject": ("Refuser", "Reject"),
    "criteria.amend": ("Ajuster avant d'accepter", "Amend before accepting"),
    "criteria.accept_amended": ("Accepter ainsi ajustée", "Accept as amended"),
    "criteria.own_help": (
        "C'est votre proposition : un autre modérateur en décide.",
        "This is your proposal: another moderator decides on it.",
    ),
    "criteria.withdraw": ("Retirer la proposition", "Withdraw the proposal"),
    "criteria.comments": ("Discussion", "Discussion"),
    "criteria.comment": ("Votre commentaire", "Your comment"),
    "criteria.say": ("Publier", "Post"),
    "criteria.holds": ("Voir les critères en vigueur", "See the criteria that hold"),
    "criteria.version": ("Version {n}", "Version {n}"),
    "criteria.versions": ("Versions", "Versions"),
    "criteria.old_version": ("Ce n'est pas la version en vigueur.", "This is not the version that holds."),
    "criteria.queue_of": ("Critères : {name}", "Criteria: {name}"),
    "criteria.queue_none": ("Aucune proposition dans cet état.", "No proposal in this state."),
    "criteria.proposals": ("Propositions", "Proposals"),
    "criteria.adopted": ("Adoptés", "Adopted"),
    "criteria.adopted_none": ("Ce réseau n'a encore adopté aucun critère.", "This network has adopted no criteria yet."),
    "criteria.cite": ("Adresse à citer", "Address to cite"),
    "criteria.see": ("Voir les critères et les propositions", "See criteria and proposals"),
}

NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "criteria_state.open": ("ouverte", "open"),
    "criteria_state.accepted": ("acceptée", "accepted"),
    "criteria_state.rejected": ("refusée", "rejected"),
    "criteria_state.withdrawn": ("retirée", "withdrawn"),
}
