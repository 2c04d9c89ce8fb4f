"""What the error pages say, by status or, where the status does not tell enough, by slug: French, English; and what single errors say on French pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from wikic.domain.open_badges import Problem
from wikic.errors import InvalidInput, WikicError
from wikic.web import texts_elsewhere, texts_errors_badges, texts_proposals, typography

if TYPE_CHECKING:
    from wikic.web.texts import Texts

MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "error.title_404": ("Page introuvable", "Page not found"),
    "error.text_404": (
        "Il n'y a rien à cette adresse, ou pas dans cette version.",
        "There is nothing at this address, or not in this release.",
    ),
    "error.title_link-gone": ("Ce lien n'est plus valable", "This link is no longer valid"),
    "error.text_link-gone": ("Les liens envoyés ne servent qu'une fois, et pour un temps.", "Links that are mailed or given serve once, and for a while."),
    "error.title_503": ("Service momentanément indisponible", "Service unavailable for a moment"),
    "error.text_503": (
        "Les données ne répondent pas pour l'instant. Réessayez dans quelques secondes.",
        "The data do not answer just now. Try again in a few seconds.",
    ),
    "error.title_400": ("Demande incomprise", "Request not understood"),
    "error.text_400": ("L'adresse contient quelque chose d'incorrect.", "The address holds something that is not right."),
    "error.title_409": ("Plusieurs réponses possibles", "Several possible answers"),
    "error.text_409": ("Cette demande désigne plusieurs fiches.", "This request names several entries."),
    "error.title_sent_400": ("Demande incomprise", "Request not understood"),
    "error.text_sent_400": ("Ce que vous avez envoyé contient quelque chose d'incorrect.", "What you sent holds something that is not right."),
    "error.title_sent_409": ("Ce n'est pas possible", "This is not possible"),
    "error.text_sent_409": (
        "Ce que vous demandez ne s'accorde pas avec ce qui est enregistré.",
        "What you ask for does not go together with what is on record.",
    ),
    "error.title_405": ("Rien à lire ici", "Nothing to read here"),
    "error.text_405": (
        "Cette adresse ne fait que recevoir un formulaire. Revenez à la page où il se trouve.",
        "This address only takes a form. Go back to the page that has it.",
    ),
    "error.title_429": ("Trop de demandes", "Too many requests"),
    "error.text_429": ("Patientez un instant avant de réessayer.", "Wait a moment before you try again."),
    "error.title_other": ("Une erreur est survenue", "Something went wrong"),
    "error.text_other": (
        "La demande n'a pas pu aboutir. L'erreur est notée sous la référence ci-dessous.",
        "The request could not be completed. The error is on record under the reference below.",
    ),
    "error.detail": ("Détail", "Detail"),
    "error.reference": ("Référence", "Reference"),
    "error.back": ("Revenir à la page", "Back to the page"),
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
    "error.title_busy": ("Patientez un instant", "One moment, please"),
    "error.text_busy": (
        "Un travail commencé plus tôt est encore en cours. Réessayez dans quelques secondes.",
        "Work that began earlier is still under way. Try again in a few seconds.",
    ),
    "error.title_index-behind": ("La recherche se prépare", "Search is getting ready"),
    "error.text_index-behind": (
        "L'index de recherche est en cours de construction. Les fiches et l'arborescence répondent déjà ; réessayez la recherche"
        " dans quelques secondes.",
        "The search index is being built. Entries and the tree answer already; try to search again in a few seconds.",
    ),
}

REASONS: Final[dict[str, str]] = {
    "sign-in": "connectez-vous d'abord.",
    "role": "il faut le rôle « {role} ».",
    "role-here": "il faut le rôle « {role} » pour cette partie du référentiel.",
    "token-scope": "ce jeton n'a pas été créé pour cela (portée « {scope} »).",
    "token-reads": "ce jeton ne sert qu'à lire.",
    "organisation-role": "il faut un autre rôle dans l'organisation « {organisation} ».",
    # accounts
    "refused": "ce nom (ou cette adresse) et ce mot de passe ne vont pas ensemble.",
    "email-form": "cette adresse électronique n'est pas complète : par exemple ada@example.org.",
    "email-domain": "cette adresse électronique n'est pas valable : vérifiez ce qui suit le @.",
    "email-taken": "cette adresse électronique est déjà celle d'un compte.",
    "identity-taken": "cette identité est déjà liée à un autre compte.",
    "name-length": "un nom compte de 2 à {longest} caractères, dont une lettre.",
    "name-characters": "« {name} » : un nom ne contient que des lettres, des chiffres, des espaces, des points, des tirets et des apostrophes.",
    "name-taken": "le nom « {name} » est déjà pris : ajoutez-y quelque chose.",
    "password-length": "un mot de passe compte de {shortest} à {longest} caractères : prenez plusieurs mots.",
    "password-easy": "ce mot de passe est trop facile à deviner : prenez plusieurs mots sans rapport.",
    "password-own": "ce mot de passe est votre nom ou votre adresse : prenez plusieurs mots sans rapport.",
    "password-other": "le mot de passe actuel n'est pas celui-là.",
    "password-changed": "le mot de passe vient d'être changé : reconnectez-vous.",
    "registration-closed": "les inscriptions ne sont pas ouvertes ici : demandez une invitation.",
    "joining-closed": "ici, une invitation ne crée pas de compte : connectez-vous d'abord, puis rouvrez l'invitation.",
    "no-account": "vous n'avez pas de compte ici, et il n'en est pas créé sans invitation : demandez-en une.",
    "disabled": "ce compte est désactivé.",
    "no-mail-password": "ce site n'envoie pas de courrier : demandez à un administrateur un lien pour choisir un mot de passe.",
    "no-mail-address": "ce site n'envoie pas de courrier : demandez à un administrateur de changer votre adresse.",
    "link-gone": "ce lien n'est plus valable : il a servi, il a expiré ou il n'a jamais existé. Demandez-en un autre.",
    "own-admin": "vous ne pouvez pas vous retirer vous-même le rôle d'administrateur : un autre administrateur le peut.",
    "own-disabling": "vous ne pouvez pas désactiver votre propre compte : un autre administrateur le peut.",
    "terms": "acceptez d'abord les conditions de contribution : vous les trouverez dans votre compte.",
    "terms-date": "les conditions de contribution ont changé : lisez-les, puis acceptez-les.",
    "token-name": "un jeton porte un nom de {longest} caractères au plus, pour le reconnaître plus tard.",
    "token-days": "un jeton vaut de 1 à {most} jours.",
    "tokens-many": "il y a déjà {most} jetons : révoquez ceux qui ne servent plus.",
    "provider-browser": "cette connexion a commencé dans un autre navigateur : recommencez.",
    "provider-late": "cette connexion a duré trop longtemps, ou elle est déjà terminée : recommencez.",
    "provider-refused": "le fournisseur d'identité ne vous a pas connecté.",
    "provider-link": (
        "un compte a déjà votre adresse électronique : connectez-vous-y comme avant, puis liez-le sous « Mon compte », « Sécurité »."
    ),
    # proposing
    "justification": "dites pourquoi : une proposition a besoin d'une justification.",
    "sources-many": "une proposition cite {most} sources au plus.",
    "rank": "un rang est un nombre entier à partir de 1 ; laissez vide pour n'en donner aucun.",
    "lot-title": "donnez un titre à l'ensemble : c'est ainsi qu'il figure dans les listes.",
    "changes-many": "une proposition réunit {most} modifications au plus.",
    "suggestion-changes": "une suggestion compte de 1 à {most} modifications : avec un compte, vous pouvez en proposer davantage.",
    "suggestions-many": "trop de suggestions sont venues de votre adresse aujourd'hui : connectez-vous pour en proposer d'autres.",
    "suggestion-gone": "ce lien ne confirme aucune suggestion : il a déjà servi, la suggestion a été traitée, ou il est incomplet.",
    "suggestion-taken": "cette suggestion n'attend plus personne.",
    "comment-length": "un commentaire compte de 1 à {longest} caractères.",
    "support": "on soutient ce que d'autres proposent, tant que c'est ouvert.",
    "assignee": "on la confie à qui peut en décider : un modérateur de cet endroit, qui ne l'a pas écrite lui-même.",
    "only-author": "seul son auteur modifie, soumet ou retire une proposition.",
    "amend-unticked": "modification {change} : d'autres valeurs y sont écrites, et « Accepter avec ces valeurs » n'était pas coché. "
    "Voilà qui est fait : acceptez de nouveau, ou rouvrez la page pour accepter ce qui était proposé.",
    "part-none": "la proposition n'a pas cette modification.",
    "proposal-state": "elle est dans l'état « {proposal_state} », où cela ne se fait pas.",
    "stale": "quelqu'un d'autre l'a modifiée entre-temps : relisez-la, puis recommencez.",
    # deciding
    "held": "cette suggestion attend encore d'être confirmée ou reprise par quelqu'un.",
    "own-work": "c'est votre propre travail : un autre modérateur en décide.",
    "approved-already": "vous l'avez déjà acceptée : il faut maintenant un autre modérateur.",
    "decision-reason": "donnez un motif : l'auteur a besoin de savoir pourquoi.",
    "return-whole": "une révision se demande pour toute la proposition ; ses modifications s'acceptent ou se refusent une à une.",
    "amend-accepted": "la modification {part} n'est pas acceptée : on n'ajuste que celles qui le sont.",
    "amend-same": (
        "un ajustement garde le type, la fiche et le champ de la modification, ou dit ce que deviennent autrement la même fiche ou la même relation :"
        " sinon, faites une autre proposition."
    ),
    "part-missing": "la modification {part} porte sur une fiche qui n'existe pas : refusez cette partie.",
    "choose-one": "choisissez au moins une proposition.",
    "bulk-none": "aucune ne peut être décidée ainsi ; la raison figure auprès de chacune.",
    "bulk-conflict": "le référentiel, ou une autre de ces propositions, dit autre chose entre-temps.",
    "no-author": "personne ne peut la corriger, car elle n'a pas d'auteur ici : acceptez-la (ajustée, s'il le faut) ou refusez-la.",
    "versions": "cette décision ne dit pas quelle version vous avez lue : rechargez la page, puis recommencez.",
    "two-moderators": "une fusion, une scission ou une dépréciation demande deux modérateurs : décidez-en à part.",
    "bulk-spaces": "ces propositions concernent plusieurs référentiels : décidez d'un référentiel à la fois.",
    "bulk-single": "les modifications se décident une à une dans une seule proposition à la fois.",
    "bulk-many": "choisissez de 1 à {most} propositions.",
    "bulk-other": "seul qui a pris ces décisions ensemble peut les annuler.",
    "bulk-undone": "ces décisions sont déjà annulées.",
    "bulk-late": "des décisions prises ensemble s'annulent pendant {minutes} minutes ; ensuite, annulez la modification elle-même.",
    "bulk-gone-on": "l'une des propositions a changé depuis : décidez-en à part.",
    "filter-time": "une date s'écrit 2026-10-07, ou 2026-10-07T09:00:00Z.",
    "filter-name": "un filtre gardé a un nom, et au moins un critère.",
    "filters-many": "vous gardez déjà {most} filtres : oubliez-en un d'abord.",
    # the framework
    "framework-moved": "le référentiel a changé entre-temps : relisez, puis recommencez.",
    "nothing-changes": "cela ne change rien.",
    "itself": "une fiche ne peut pas être liée à elle-même, ni remplacée par elle-même.",
    "language-twice": "une définition est donnée deux fois dans une même langue : écrivez son code d'une seule façon.",
    "uuid-taken": "cet identifiant est celui d'une autre fiche : ne l'indiquez pas.",
    "kept-unread": "une modification de la suggestion est illisible : recommencez depuis la fiche.",
    "half-character": "le texte contient un caractère coupé en deux : envoyez-le en UTF-8.",
    "name-given": "« {label} » est déjà le libellé préféré d'une autre fiche : amendez la modification, refusez-la ou demandez un autre nom.",
    "keeps-preferred": "une fiche garde un libellé préféré dans au moins une langue.",
    "cycle": "la fiche finirait sous elle-même, ou remplacée par elle-même.",
    "deprecated-target": "la fiche choisie est dépréciée : choisissez celle qui la remplace.",
    "unlike": "les deux fiches ne sont pas de même nature.",
    "no-label-of": "« {label} » n'est pas un libellé de la fiche à fusionner.",
    "no-part": "une relation va à une fiche qui n'est pas issue de la scission.",
    "replaced-active": "la fiche est encore active : dépréciez-la, en disant ce qui la remplace.",
    "replaced-already": "cette fiche est déjà remplacée : rétablissez-la d'abord.",
    "split-parts": "une scission demande au moins deux fiches différentes.",
    "split-left": "{left} relations sur {all} ne vont à aucune fiche : répartissez-les toutes.",
    "revert-kind": "la modification n° {seq} ne peut pas être annulée.",
    "reverted-already": "la modification n° {seq} est déjà annulée, ou n'a rien changé.",
    "as-it-was": "cette fiche est déjà dans l'état n° {seq}.",
    "revert-many": "cela changerait {number} fiches, plus que les {most} qui peuvent l'être d'un coup : annulez fiche par fiche.",
    "revert-two": (
        "cela déprécierait {number} fiches, et une dépréciation ou une fusion demande ici deux modérateurs : proposez-la, deux modérateurs en décideront."
    ),
    "revert-conflicts": "éléments modifiés depuis : {number}. Rien n'a été annulé.",
    "revert-built-on": "elle ne peut pas être annulée en entier : {number} fiches ont été modifiées depuis.",
    # releases
    "release-name": (
        "« {name} » ne peut pas nommer une version : lettres, chiffres, points, tirets et soulignés, comme 2026 ou 2027-rc1 ;"
        " un nombre seul est une année."
    ),
    "release-taken": "il y a déjà une version « {name} » : choisissez un autre nom.",
    "release-manifest": "le manifeste de la version {name} n'est pas prêt : préparez-le d'abord.",
    "release-anew": "la version {name} a été figée à nouveau entre-temps : refaites son manifeste.",
    "release-state": "la version {name} n'est plus dans l'état qu'il faut : seule une version figée se publie ou se retire.",
    "release-comment": "la version {name} n'est pas une candidate : seule une candidate se commente.",
    "release-blocked": "les contrôles interdisent de publier la version {name} ({told}) : retirez-la, corrigez, puis figez à nouveau.",
    "none-here": "rien ne porte ici l'identifiant « {key} ».",
    "concept-address": "« {name} » n'est pas l'adresse d'une fiche : /c/ et un identifiant, puis .json, .ttl… pour en choisir une forme.",
    "registration-none": "aucune inscription de {email} n'attend.",
    "manifest-none": "le manifeste de la version {name} n'est pas encore fait.",
    "mail-none": "ce lien ne mène à aucun de nos messages : il a déjà servi, ou vient d'un autre site.",
    "release-first": "la version {name} est la première : il n'y a rien à quoi la comparer.",
    "ask-none": "cette personne ne peut pas être consultée sur cette proposition.",
    "proposal-none": "il n'y a pas de proposition {id}.",
    "lot-none": "il n'y a pas de lot {id}.",
    "change-none": "il n'y a pas de changement {number} : la numérotation a des trous, et le dernier est le {head}.",
    "release-or-number": "il n'y a pas de version {name}, ni d'état de ce numéro : le dernier est {head}.",
    "number": "ce numéro d'état n'existe pas : le dernier est {head}.",
    "number-digits": "le numéro ne contient que des chiffres ; laissez-le vide pour l'état courant.",
    "day": "« {day} » n'est pas un jour : écrivez-le comme 2027-01-15.",
    "event-kind": "« {kind} » n'est pas un type d'événement : ils commencent par {kinds}.",
    "scope-form": "« {scope} » n'est pas une portée : scheme:rome, subtree:UUID ou branch:CODE.",
    "scope-role": "ce rôle vaut pour tout le site : seul un modérateur peut être limité à une partie.",
    "scope-uuid": "« {uuid} » n'est pas l'identifiant d'une fiche : la portée d'un modérateur s'écrit subtree:UUID.",
    "name-program": "« {name} » est le nom de ce programme : choisissez un autre nom.",
    "time": "« {time} » n'est pas un moment : écrivez-le comme 2027-01-15 ou 2027-01-15T08:00:00+01:00.",
    "day-far": "le {day} n'est pas un jour de version : de {first} à {last}.",
    "calendar-release": "dites de quelle version il s'agit, en 64 caractères au plus.",
    # organisations
    "organisation-name": "une organisation a un nom de 2 à 120 caractères.",
    "slug": "« {slug} » ne peut pas être un nom court : 2 à 40 lettres minuscules, chiffres et tirets, comme boulangerie-martin.",
    "slug-taken": "le nom court « {slug} » est déjà pris : ajoutez-y quelque chose.",
    "siren": "« {number} » n'est pas un SIREN : neuf chiffres, dont le dernier contrôle les autres.",
    "siret": "« {number} » n'est pas un SIRET : quatorze chiffres, dont le dernier contrôle les autres.",
    "siret-siren": "le SIRET {siret} est celui d'une autre organisation que le SIREN {siren}.",
    "idcc": "« {number} » n'est pas un IDCC : un à quatre chiffres, comme 0843.",
    "country": "« {country} » n'est pas un pays : deux lettres, comme FR.",
    "web-address": "« {text} » n'est pas une adresse comme https://www.example.org.",
    "web-address-user": "une adresse ne doit contenir ni identifiant ni mot de passe.",
    "quarter": "« {text} » n'est pas un trimestre : écrivez-le comme 2026-Q4.",
    "quarter-ahead": "le trimestre {quarter} est encore à venir.",
    "quarter-open": "le trimestre {quarter} n'est pas terminé : il ne peut pas encore être figé.",
    "report-none": "il n'y a pas de rapport figé sur {quarter}.",
    "quarter-frozen": "le rapport sur {quarter} est figé : il ne change plus.",
    "commentary": "un rapport a un commentaire, en français, en anglais ou dans les deux langues.",
    "month": "« {text} » n'est pas un mois : écrivez-le comme 2026-10.",
    "award-month": "{month} est encore à venir : déclarez des mois commencés.",
    "award-number": "« {count} » n'est pas un nombre.",
    "award-count": "un badge est délivré de 0 à {most} fois par mois.",
    "award-draft": "il n'a jamais été publié, donc délivré à personne : publiez-le d'abord.",
    "award-corrections": "{month} a été corrigé trop souvent : plus aucune correction n'est gardée.",
    "award-columns": "il manque au tableau la colonne {column} : sa première ligne nomme badge_class, month et count.",
    "award-line": "la ligne {line} du tableau ne nomme pas de badge, ou pas de nombre.",
    "coverage-branch": "ce n'est pas une branche de compétences de ce référentiel.",
    "territory": "« {code} » n'est pas un territoire : un code INSEE comme 69 ou 69123, ou un code NUTS comme FRK26.",
    "territories-many": "une organisation cite {most} territoires au plus : citez ceux qui les contiennent.",
    "last-manager": "l'organisation n'aurait plus de responsable : nommez-en d'abord un autre.",
    "no-network": "« {network} » n'est pas un réseau : seuls les réseaux ont des organisations membres.",
    "network-private": "« {network} » est privé : rendez-le d'abord public, car tout le monde voit ce qu'il partage.",
    "network-shares": "« {network} » partage des critères ou une échelle, qui le nomment : il reste public.",
    "network-people": "les critères du réseau « {network} » sont l'affaire des membres de ses organisations.",
    "network-moderator": "il faut modérer le réseau « {network} », ou un réseau qui le contient.",
    # scales and criteria
    "scale-key": "« {key} » ne peut pas nommer une échelle : lettres minuscules, chiffres et tirets, 60 au plus, comme maitrise.",
    "scale-levels": "une échelle a de 2 à {most} niveaux, du plus bas au plus haut.",
    "scale-names": "une échelle et chacun de ses niveaux ont un nom, en français ou en anglais.",
    "scale-used": (
        "l'échelle « {scale} » sert déjà : ajoutez des niveaux au-dessus du plus haut, ou des textes dans la langue qui manque ; le reste ne change plus."
    ),
    "scale-taken": "il y a déjà une échelle « {scale} » : choisissez un autre nom court.",
    "scale-built-in": "l'échelle « {scale} » fait partie de Wiki-C et ne se modifie pas : créez-en une autre.",
    "scale-owner": "les échelles se créent par les administrateurs, ou par les modérateurs d'un réseau au nom de celui-ci : indiquez le réseau.",
    "level-none": "il n'y a pas de niveau « {level} ».",
    "criteria-empty": "dites, pour un niveau au moins, ce qui y est demandé.",
    "criteria-same": "les critères disent déjà cela.",
    "criteria-moved": "les critères du niveau {number} ont changé depuis cette proposition : lisez les deux, puis ajustez-la ou refusez-la.",
    "criteria-decided": "cette proposition est déjà décidée ou retirée.",
    "comments-many": "il y a déjà {most} commentaires.",
    "network-circle": "« {network} » fait déjà partie de « {organisation} » : les réseaux ne tournent pas en rond.",
    # endorsements and acceptances
    "endorse-comment": "dites pourquoi vous l'endossez : un endossement a un commentaire.",
    "endorse-by": "nommez l'organisation qui endosse : une commande de la machine n'est pas une personne.",
    "endorse-draft": "c'est un brouillon : on n'endosse et n'accepte que ce qui est publié.",
    "endorse-private": "c'est privé : on n'endosse que ce que tout le monde voit.",
    "endorse-kind": "« {name} » n'est pas une compétence : on endosse des compétences, des badges et des émetteurs.",
    "endorse-deprecated": "« {name} » est dépréciée : endossez plutôt ce qui la remplace.",
    "endorse-own": "cela vient de « {organisation} », dont vous faites partie : un endossement vient d'ailleurs.",
    "speaker-private": "« {organisation} » est privée : rendez d'abord sa fiche publique, car tout le monde lit qui endosse ou accepte.",
    "speaks-in-public": "« {organisation} » a endossé ou accepté des badges en son nom : elle reste publique.",
    "not-yours": "seul celui qui a endossé peut révoquer, ou un responsable de l'organisation qui l'a fait.",
    "revoke-reason": "dites pourquoi vous révoquez : tout le monde lira cette raison.",
    "revoked-already": "c'est déjà révoqué.",
    "accept-what": "dites à la place de quoi ce badge est accepté : une épreuve, un module, un entretien.",
    "accept-days": "elle prendrait fin le {end}, avant de commencer le {start}.",
    "accepted-already": "ce badge est déjà accepté à la place de la même chose : révoquez d'abord cette dispense, pour en changer les termes.",
    # what releases do to badges
    "refresh-elsewhere": "« {name} » est hébergé ailleurs : mettez-y l'alignement réparé ({address}), puis faites relire l'adresse.",
    "refresh-retired": "« {name} » est retiré : publiez-le à nouveau d'abord, ou gardez-le tel quel.",
    "refresh-unbound": "sa liaison a été close entre-temps : réalignez-le, gardez-le tel quel ou retirez-le.",
    "refresh-ended": "sa compétence n'est plus en usage : réalignez-le, gardez-le tel quel ou retirez-le.",
    "refresh-choose": "dites sur quelles compétences le réaligner : aucune ne remplace seule l'ancienne.",
    "refresh-same": "il est déjà aligné sur cette compétence : choisissez-en une autre, ou mettez-le à jour.",
    "refresh-treated": "cette ligne est déjà dans l'état « {line_state} », par {by} : regardez à nouveau.",
    "refresh-deprecated": "cette compétence n'est plus en usage dans la version {release} : choisissez ce qui la remplace.",
    "refresh-addresses": "il y a trop d'adresses : {most} au plus à la fois.",
    "refresh-none": "cochez au moins une ligne.",
    "bind-none": "cochez au moins un badge.",
    "objection-badges": "nommez les badges dont il s'agit : de 1 à {most}.",
    "objection-untouched": "la version {release} ne touche pas tous ces badges publiés de « {organisation} » : nommez ceux de la répétition.",
    "award-address": "c'est l'adresse d'une attestation, et aucune adresse n'est consultée ici : collez l'attestation elle-même.",
    "no-award": "ce n'est pas une attestation : collez une assertion (2.0) ou un justificatif (3.0) ; les badges se vérifient à la page des alignements.",
    # what is watched, and webhooks
    "watches-many": "vous suivez déjà {most} choses : cessez d'en suivre une d'abord.",
    "webhook-address": "l'adresse d'un webhook commence par https://.",
    "webhook-filter": "un filtre compte au plus {most} valeurs de chaque sorte.",
    "webhook-off": "ce webhook est désactivé : réactivez-le d'abord.",
    "webhook-pending": "cette livraison est en cours : attendez le prochain essai.",
    "webhook-uuid": "« {uuid} » n'est pas l'identifiant d'une fiche.",
    "webhooks-many": "il y a déjà {most} webhooks : supprimez-en un d'abord.",
    **texts_elsewhere.REASONS,
    **texts_errors_badges.REASONS,
}
"""What errors say on French pages, by their `reason`, with their `values` (a value whose name is a vocabulary is shown by its word's name; an error, by what it
says). English pages show the message of the error itself."""

_NAMED: Final = ("role", "proposal_state", "line_state", "text_field")
"""Values that are words of a vocabulary."""

_DAYS: Final = ("start", "end")
"""Values that are days, checked before."""

_SENTENCES: Final = {reason: typography.french(sentence) for reason, sentence in REASONS.items()}


def said(error: WikicError, t: Texts) -> tuple[str, str]:
    """What an error says, and the language that is in: the reader's, or English where it has no other."""
    if error.reason == "checks":
        return "; ".join(_finding(found, t) for found in error.values["findings"]), t.lang  # type: ignore[attr-defined]
    if t.lang != "fr" or error.reason not in REASONS:
        return error.message, "en"
    return _SENTENCES[error.reason].format_map({name: _shown(name, value, t) for name, value in error.values.items()}), t.lang


def said_of_finding(code: str, message: str, values: Mapping[str, Any], t: Texts) -> str:
    """What a finding of checking a proposal says, in the reader's language: in words of its own, or as the error that accepting it would raise."""
    key = f"finding.{code}"
    return t(key) if key in texts_proposals.MESSAGES else said(InvalidInput(message, reason=code, **values), t)[0]


def _finding(found: Any, t: Texts) -> str:
    text = said_of_finding(found.code, found.message, found.values, t).rstrip(" :.\u00a0")
    return f"{t('decide.part', n=found.part + 1)}{t.colon} {text}"


def _shown(name: str, value: object, t: Texts) -> object:
    if isinstance(value, WikicError):
        return said(value, t)[0]
    if isinstance(value, Problem):
        return t(f"lint_says.{value.key}", about=value.about, field=value.field)
    if name == "lacks":
        return " ".join(t(f"badge.missing.{key}") for key in cast(Iterable[str], value))
    if type(value) is int:
        return t.number(value)
    if name in _DAYS and isinstance(value, str):
        return t.date(value)
    return t.name(name, value) if name in _NAMED and isinstance(value, str) else value
