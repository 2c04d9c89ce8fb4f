"""What the pages of endorsements and acceptances say, in French and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

MESSAGES: Final[Mapping[str, tuple[str, str]]] = {
    "endorse.who": ("Endossé par", "Endorsed by"),
    "endorse.nobody": ("Personne ne l'a encore endossé.", "Nobody has endorsed it yet."),
    "endorse.do": ("Endosser", "Endorse"),
    "endorse.do_one": ("Endosser « {name} »", "Endorse “{name}”"),
    "endorse.see_all": ("Voir les {n} endossements", "See all {n} endorsements"),
    "endorse.list": ("Endossements", "Endorsements"),
    "endorse.none": ("Aucun endossement.", "No endorsement."),
    "endorse.one": ("L'endossement", "The endorsement"),
    "endorse.of": ("Endossement de « {name} »", "Endorsement of “{name}”"),
    "endorse.about": ("À propos de", "About"),
    "endorse.evidence": ("Preuve", "Evidence"),
    "endorse.evidence_label": ("Adresse d'une preuve (facultatif)", "Address of some evidence (optional)"),
    "endorse.lead": ("Dire publiquement que vous vous portez garant de", "Say in public that you stand behind"),
    "endorse.by": ("Au nom de", "In the name of"),
    "endorse.oneself": ("{name} (moi-même)", "{name} (myself)"),
    "endorse.comment": ("Pourquoi", "Why"),
    "endorse.comment_help": (
        "Ce que vous en savez, et l'usage que vous en faites : par exemple, vous recrutez avec ce badge.",
        "What you know of it, and what you do with it: for instance, you recruit by this badge.",
    ),
    "endorse.public": (
        "Tout le monde le lit, avec votre nom et la date. Un endossement précédent est remplacé ; ses versions restent lisibles.",
        "Everybody reads it, with your name and the date. An earlier endorsement is replaced; its versions stay readable.",
    ),
    "endorse.own": (
        "C'est le vôtre : un endossement vient d'ailleurs, d'une organisation ou d'une personne qui n'en fait pas partie.",
        "This is your own: an endorsement comes from elsewhere, from an organisation or a person outside it.",
    ),
    "endorse.permanent": ("Adresse permanente", "Permanent address"),
    "endorse.documents": ("Pour les programmes", "For programs"),
    "endorse.before": ("Ce qu'il disait avant", "What it said before"),
    "endorse.revoke": ("Révoquer", "Revoke"),
    "endorse.reason_label": ("Pourquoi", "Why"),
    "endorse.revoke_help": (
        "C'est définitif : l'endossement reste lisible, avec la date et cette raison.",
        "This is for good: the endorsement stays readable, with the date and this reason.",
    ),
    "endorse.revoked_on": ("Cet endossement a été révoqué le {date}.", "This endorsement was revoked on {date}."),
    "endorse.by_them": ("Ce qu'elle endosse", "What it endorses"),
    "accept.who": ("Accepté à la place d'une épreuve", "Accepted in place of a test"),
    "accept.nobody": ("Aucune organisation ne l'a encore déclaré.", "No organisation has declared that yet."),
    "accept.do": ("Déclarer une dispense", "Declare an acceptance"),
    "accept.do_one": ("Accepter « {name} »", "Accept “{name}”"),
    "accept.see_all": ("Toutes les dispenses", "All acceptances"),
    "accept.list": ("Dispenses", "Acceptances"),
    "accept.list_lead": (
        "Quelles organisations acceptent quel badge à la place d'une épreuve ou d'un module.",
        "Which organisations accept which badge in place of a test or a module.",
    ),
    "accept.none": ("Aucune dispense.", "No acceptance."),
    "accept.one": ("La dispense", "The acceptance"),
    "accept.of": ("Dispense par « {name} »", "Acceptance of “{name}”"),
    "accept.by_them": ("Badges acceptés et endossés", "Badges accepted and endorsed"),
    "accept.lead": (
        "Déclarer que votre organisation accepte ce badge à la place d'une épreuve ou d'un module :",
        "Declare that your organisation accepts this badge in place of a test or a module:",
    ),
    "accept.organisation": ("Organisation", "Organisation"),
    "accept.no_organisation": (
        "Il faut être responsable d'une organisation publique pour le déclarer.",
        "It takes a manager of a public organisation to declare that.",
    ),
    "accept.in_place_of": ("À la place de", "In place of"),
    "accept.in_place_of_help": (
        "L'épreuve, le module ou l'entretien dont ce badge dispense.",
        "The test, module or interview that this badge stands for.",
    ),
    "accept.conditions": ("Conditions", "Conditions"),
    "accept.conditions_help": (
        "Par exemple : délivré depuis moins de trois ans. Laissez vide s'il n'y en a pas.",
        "For instance: issued less than three years ago. Leave empty where there are none.",
    ),
    "accept.address": ("Adresse où c'est écrit (facultatif)", "Address where that stands (optional)"),
    "accept.there": ("Là où c'est écrit", "Where that stands"),
    "accept.first_day": ("Premier jour", "First day"),
    "accept.first_day_help": ("Vide : aujourd'hui.", "Empty: today."),
    "accept.last_day": ("Dernier jour", "Last day"),
    "accept.last_day_help": ("Vide : sans limite.", "Empty: no end."),
    "accept.public": (
        "Tout le monde le lit. Pour en changer les termes, révoquez la dispense et déclarez-en une autre.",
        "Everybody reads it. To change its terms, revoke the acceptance and declare another.",
    ),
    "accept.from": ("À partir du {date}", "From {date}"),
    "accept.until": ("jusqu'au {date}", "until {date}"),
    "accept.valid_on": ("En vigueur le", "In force on"),
    "accept.filter": ("Filtrer", "Filter"),
    "accept.revoke_help": (
        "Elle prend fin aujourd'hui : ce qu'elle valait jusqu'à hier reste vrai. Elle reste lisible, avec cette raison.",
        "It ends today: what it was worth until yesterday stays true. It stays readable, with this reason.",
    ),
    "accept.revoked_on": ("Cette dispense a été révoquée le {date}.", "This acceptance was revoked on {date}."),
    "event.endorsement_made": ("endossement", "endorsement"),
    "event.endorsement_revoked": ("endossement révoqué", "endorsement revoked"),
    "event.acceptance_made": ("dispense déclarée", "acceptance declared"),
    "event.acceptance_revoked": ("dispense révoquée", "acceptance revoked"),
}

NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "standing.open": ("en cours", "open"),
    "standing.revoked": ("révoqué", "revoked"),
    "acceptance_state.to_come": ("à venir", "to come"),
    "acceptance_state.in_force": ("en vigueur", "in force"),
    "acceptance_state.expired": ("expirée", "expired"),
    "acceptance_state.revoked": ("révoquée", "revoked"),
}
