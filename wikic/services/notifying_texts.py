"""What the daily mail and the mails about webhooks say, in French and English."""

from __future__ import annotations

from typing import Final

_TEXTS: Final[dict[str, tuple[str, str]]] = {
    "subject": ("Wiki-C : du nouveau pour vous ({n})", "Wiki-C: news for you ({n})"),
    "hello": ("Bonjour {name},", "Hello {name},"),
    "decision": ("Vos propositions", "Your proposals"),
    "mention": ("On parle de vous", "You are mentioned"),
    "issuer": ("Vos badges", "Your badges"),
    "refresh_opened": (
        "la version {release} touche des badges de {issuer} ({badge_classes}) ; lignes à traiter : {asking}",
        "release {release} touches badges of {issuer} ({badge_classes}); lines to treat: {asking}",
    ),
    "watch": ("Ce que vous suivez", "What you watch"),
    "queue": ("La file de modération", "The moderation queue"),
    "waiting": ("propositions qui attendent une décision ({n}) : {address}", "proposals that wait for a decision ({n}): {address}"),
    "more": ("… et le reste ({n}) : {address}", "… and {n} more: {address}"),
    "stop": (
        "Vous recevez ce message au plus une fois par jour, parce que vous l'avez demandé. Pour l'arrêter : {address}",
        "You get this mail once a day at most, because you asked for it. To stop it: {address}",
    ),
    "change": ("modifié : {what}", "changed: {what}"),
    "change_reverted": ("modification annulée : {what}", "change taken back: {what}"),
    "proposal_submitted": ("proposition déposée : {what}", "proposal handed in: {what}"),
    "proposal_accepted": ("proposition acceptée : {what}", "proposal accepted: {what}"),
    "proposal_rejected": ("proposition refusée : {what}", "proposal rejected: {what}"),
    "proposal_returned": ("modifications demandées : {what}", "changes asked for: {what}"),
    "proposal_superseded": ("proposition remplacée : {what}", "proposal replaced: {what}"),
    "proposal_assigned": ("proposition qui vous est confiée : {what}", "proposal given to you: {what}"),
    "comment_added": ("commentaire : {what}", "comment: {what}"),
    "expert_asked": ("votre avis est demandé : {what}", "your opinion is asked for: {what}"),
    "release_published": ("version publiée : {what}", "release published: {what}"),
    "other": ("{what}", "{what}"),
    "off_subject": ("Wiki-C : un webhook a été désactivé", "Wiki-C: a webhook was switched off"),
    "off_failing": (
        "Rien n'a pu être livré à {host} depuis plusieurs jours.",
        "Nothing could be delivered to {host} for several days.",
    ),
    "off_gone": ("{host} a répondu qu'il ne veut plus rien recevoir (410).", "{host} answered that it wants nothing more (410)."),
    "off_owner": ("Son propriétaire n'a plus de compte actif.", "Its owner has no active account any more."),
    "off_text": (
        "Le webhook vers {host} a été désactivé. {why}\n\nSon journal, et de quoi le réactiver : {address}\n",
        "The webhook to {host} was switched off. {why}\n\nIts log, and how to switch it on again: {address}\n",
    ),
}


def say(lang: str, key: str, **values: object) -> str:
    """A sentence in French where `lang` is that, else in English."""
    return _TEXTS[key][0 if lang.startswith("fr") else 1].format_map(values)


def kind_key(kind: str) -> str:
    """The sentence for a kind of event."""
    return kind if kind in _TEXTS else "other"
