"""What the error pages say, by status or, where the status does not tell enough, by slug: French, English."""

from __future__ import annotations

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "error.title_404": ("Page introuvable", "Page not found"),
    "error.text_404": (
        "Il n'y a rien à cette adresse, ou pas dans cette version.",
        "There is nothing at this address, or not in this release.",
    ),
    "error.title_503": ("Service momentanément indisponible", "Service unavailable for a moment"),
    "error.text_503": (
        "Les données ne répondent pas pour l'instant. Réessayez dans quelques secondes.",
        "The data do not answer just now. Try again in a few seconds.",
    ),
    "error.title_400": ("Demande incomprise", "Request not understood"),
    "error.text_400": ("L'adresse contient quelque chose d'incorrect.", "The address holds something that is not right."),
    "error.title_409": ("Plusieurs réponses possibles", "Several possible answers"),
    "error.text_409": ("Cette demande désigne plusieurs fiches.", "This request names several entries."),
    "error.title_429": ("Trop de demandes", "Too many requests"),
    "error.text_429": ("Patientez un instant avant de réessayer.", "Wait a moment before you try again."),
    "error.title_other": ("Une erreur est survenue", "Something went wrong"),
    "error.text_other": (
        "La demande n'a pas pu aboutir. L'erreur est notée sous la référence ci-dessous.",
        "The request could not be completed. The error is on record under the reference below.",
    ),
    "error.detail": ("Détail", "Detail"),
    "error.reference": ("Référence", "Reference"),
    "error.home": ("Retour à l'accueil", "Back to the home page"),
    "error.title_401": ("Il faut se connecter", "Sign in first"),
    "error.text_401": ("Cette page demande un compte.", "This page needs an account."),
    "error.title_403": ("Accès refusé", "Not allowed"),
    "error.text_403": ("Votre compte ne permet pas de faire cela.", "Your account does not allow this."),
    "error.title_412": ("Modifié entre-temps", "Changed meanwhile"),
    "error.text_412": (
        "Quelqu'un d'autre a modifié cela depuis que vous l'avez ouvert. Rouvrez la page, puis recommencez.",
        "Somebody else has changed this since you opened it. Open the page again, then repeat.",
    ),
    "error.title_413": ("Envoi trop volumineux", "Too much was sent"),
    "error.text_413": ("Réduisez ce que vous envoyez, puis recommencez.", "Send less, then try again."),
    "error.title_index-behind": ("La recherche se prépare", "Search is getting ready"),
    "error.text_index-behind": (
        "L'index de recherche est en cours de construction. Les fiches et l'arborescence répondent déjà ; réessayez la recherche"
        " dans quelques secondes.",
        "The search index is being built. Entries and the tree answer already; try to search again in a few seconds.",
    ),
}
