"""The words of the mails about accounts, in French and English: subject and text."""

from __future__ import annotations

Mail = tuple[str, str]


def _chosen(lang: str, french: Mail, english: Mail) -> Mail:
    return english if lang == "en" else french


def register(lang: str, url: str) -> Mail:
    """To who wants an account."""
    return _chosen(
        lang,
        (
            "Wiki-C : choisissez votre mot de passe",
            "Bonjour,\n\nPour terminer votre inscription à Wiki-C, ouvrez ce lien dans les trois jours et choisissez un mot de passe :\n\n"
            f"{url}\n\nSi vous n'avez rien demandé, ne faites rien : aucun compte ne sera créé.\n",
        ),
        (
            "Wiki-C: choose your password",
            "Hello,\n\nTo complete your registration with Wiki-C, open this link within three days and choose a password:\n\n"
            f"{url}\n\nIf you did not ask for this, do nothing: no account will be made.\n",
        ),
    )


def already_known(lang: str, site: str) -> Mail:
    """To who has an account and asks for another."""
    return _chosen(
        lang,
        (
            "Wiki-C : vous avez déjà un compte",
            f"Bonjour,\n\nQuelqu'un a voulu utiliser cette adresse pour un compte de {site}. Elle appartient déjà à votre compte.\n\n"
            f"Mot de passe oublié ? {site}/password/forgotten\nSi ce n'était pas vous, il n'y a rien à faire.\n",
        ),
        (
            "Wiki-C: you have an account already",
            f"Hello,\n\nSomebody wanted to use this address for an account at {site}. It belongs to your account already.\n\n"
            f"Forgotten your password? {site}/password/forgotten\nIf it was not you there is nothing to do.\n",
        ),
    )


def password(lang: str, url: str) -> Mail:
    """To who has forgotten a password."""
    return _chosen(
        lang,
        (
            "Wiki-C : nouveau mot de passe",
            "Bonjour,\n\nPour choisir un nouveau mot de passe, ouvrez ce lien dans les deux heures :\n\n"
            f"{url}\n\nSi vous n'avez rien demandé, ne faites rien : votre mot de passe reste le même.\n",
        ),
        (
            "Wiki-C: a new password",
            "Hello,\n\nTo choose a new password, open this link within two hours:\n\n"
            f"{url}\n\nIf you did not ask for this, do nothing: your password stays as it is.\n",
        ),
    )


def password_set(lang: str, site: str) -> Mail:
    """To who has a new password."""
    return _chosen(
        lang,
        (
            "Wiki-C : votre mot de passe a été changé",
            f"Bonjour,\n\nLe mot de passe de votre compte de {site} vient d'être changé ; toutes les sessions sont closes.\n\n"
            f"Si ce n'était pas vous : {site}/password/forgotten\n",
        ),
        (
            "Wiki-C: your password was changed",
            f"Hello,\n\nThe password of your account at {site} was just changed; all sessions have ended.\n\n"
            f"If it was not you: {site}/password/forgotten\n",
        ),
    )


def email(lang: str, url: str) -> Mail:
    """To a new address."""
    return _chosen(
        lang,
        (
            "Wiki-C : confirmez votre adresse",
            f"Bonjour,\n\nPour que cette adresse devienne celle de votre compte, ouvrez ce lien dans les deux heures :\n\n{url}\n\n"
            "Si vous n'avez rien demandé, ne faites rien : quelqu'un d'autre l'a saisie, et elle ne sera pas prise.\n",
        ),
        (
            "Wiki-C: confirm your address",
            f"Hello,\n\nTo make this the address of your account, open this link within two hours:\n\n{url}\n\n"
            "If you did not ask for this, do nothing: somebody else typed it, and it will not be taken.\n",
        ),
    )


def email_left(lang: str, site: str) -> Mail:
    """To the address that was an account's until now."""
    return _chosen(
        lang,
        (
            "Wiki-C : l'adresse de votre compte a été changée",
            f"Bonjour,\n\nVotre compte de {site} avait cette adresse ; il en a une autre maintenant, ou n'en a plus.\n\n"
            f"Si ce n'était pas vous, changez votre mot de passe ({site}/account/security) ou écrivez à un administrateur du site.\n",
        ),
        (
            "Wiki-C: the address of your account was changed",
            f"Hello,\n\nThis was the address of your account at {site}; now it has another one, or none.\n\n"
            f"If it was not you, change your password ({site}/account/security) or write to an administrator of the site.\n",
        ),
    )


def invitation(lang: str, url: str, by: str, organisation: str, days: int) -> Mail:
    """To who is invited, into an organisation by its name or to the site."""
    where_fr, where_en = (f"l'organisation {organisation} sur Wiki-C", f"the organisation {organisation} on Wiki-C") if organisation else ("Wiki-C",) * 2
    while_fr, while_en = (f"pendant {days} jours", f"within {days} days") if days > 1 else ("pendant un jour", "within a day")
    return _chosen(
        lang,
        (
            "Invitation à Wiki-C",
            f"Bonjour,\n\n{by} vous invite à rejoindre {where_fr}. Ce lien sert une fois, {while_fr} :\n\n{url}\n",
        ),
        (
            "An invitation to Wiki-C",
            f"Hello,\n\n{by} invites you to join {where_en}. This link can be used once, {while_en}:\n\n{url}\n",
        ),
    )
