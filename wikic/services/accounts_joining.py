"""Becoming a user: registration, confirmation, invitations, and the way back for who has forgotten a password.

Whoever asks gets one answer, whether the account exists or not; what differs goes to the mailbox. A password is chosen only behind a link, so nobody
prepares an account for somebody else's address.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

from wikic.crypto.tokens import digest, new_token
from wikic.domain import access
from wikic.domain.access import ACCOUNTS_SPACE, NOBODY, ROLES, Actor, Grant
from wikic.domain.accounts import (
    ACTIVE,
    Person,
    check_grant,
    check_password,
    clean_email,
    clean_name,
    email_key,
    name_key,
)
from wikic.domain.changes import stamp
from wikic.domain.organisations import check_roles
from wikic.errors import Conflict, Forbidden, InvalidInput, NotFound
from wikic.services import accounts_mails as mails
from wikic.services.accounts import Accounts, packed_grants, require_scope, require_self
from wikic.services.accounts_invitations import (
    PAGE,
    Invitation,
    grants_given,
    invitation_of,
    listing_prefix,
    living,
    living_key,
    require_giver,
    still_given,
)
from wikic.services.accounts_links import GONE, MAILED, Links
from wikic.services.accounts_signing import set_password
from wikic.services.mailing import Mailer
from wikic.services.throttling import Allowance, Throttling
from wikic.store import accounts as store
from wikic.store import documents
from wikic.store.engine import Engine, ReadTransaction, Row, WriteTransaction
from wikic.store.events import happened
from wikic.store.leases import write_numbered
from wikic.store.organisations import name_of
from wikic.store.tables import INVITATIONS, LINKS, LOGINS, USERS

REGISTERING: Final = timedelta(days=3)
WAITING: Final = timedelta(days=30)
"""How long a registration waits for an admin where no mail is sent."""
BY_ADMIN: Final = timedelta(days=3)
INVITATION_DAYS: Final = 14

REGISTRATIONS: Final = Allowance("registration", 10, 60 * 60)
INVITED: Final = Allowance("invitations", 100, 60 * 60)
"""Invitations that somebody has mailed."""
RESETS: Final = Allowance("password-reset", 5, 60 * 60)
RESETS_FROM_HERE: Final = Allowance("password-reset-address", 20, 60 * 60)


class Joining:
    """The ways to an account, over the accounts of one store."""

    def __init__(self, accounts: Accounts, links: Links, throttling: Throttling, mailer: Mailer) -> None:
        self._accounts, self._engine = accounts, accounts.engine
        self._links, self._throttling, self._mailer = links, throttling, mailer

    @property
    def mails(self) -> bool:
        """Whether links can be mailed; else an admin hands them over."""
        return self._mailer.enabled

    # Registration

    def request(self, name: str, email: str, *, address: str = "", lang: str = "fr") -> None:
        """Ask for an account, where registration is open. A link to choose a password goes to the mailbox; without a mail server the request waits for
        an admin. Raises Forbidden (not open), InvalidInput, Conflict (the name is taken: names are public), Throttled."""
        if self._accounts.rules.registration != "open":
            raise Forbidden("registration is not open here: ask for an invitation", reason="registration-closed")
        name, email = clean_name(name), clean_email(email)
        self._throttling.take(REGISTRATIONS, address)
        if store.user_behind(self._engine, f"name:{name_key(name)}"):
            raise Conflict(f"the name {name!r} is taken: add something to it", reason="name-taken", name=name)
        known = bool(store.user_behind(self._engine, f"email:{email_key(email)}"))
        # For a known address the same is written, though no link leads to it: it takes the same time.
        purpose, lives = "nothing" if known else "register", REGISTERING if self.mails else WAITING

        def mail(tx: WriteTransaction, token: str) -> None:
            url = self._accounts.rules.link("/register/confirm", token)
            self._mailer.queue(tx, email, *(mails.already_known(lang, self._accounts.rules.public_url) if known else mails.register(lang, url)))

        self._links.make(purpose, lives=lives, more=mail, name=name, email=email, lang=lang, mailed=self.mails)
        self._mailer.wake()

    def requested(self, token: str) -> tuple[str, str]:
        """The name and address of a registration. Raises NotFound."""
        data = self._handed("register", token)["data"]
        return str(data["name"]), str(data["email"])

    def confirm(self, token: str, password: str, *, terms: str = "", name: str = "") -> Person:
        """Choose the password, and be a user. `terms`: the date of the terms that were accepted; `name`: another one than was asked for, which somebody else
        may have taken since. Raises NotFound, InvalidInput, Conflict (taken since)."""
        asked, email = self.requested(token)
        name = clean_name(name) if name.strip() else asked
        check_password(password, name, email)
        hashed = self._accounts.passwords.hash(password)

        def work(tx: WriteTransaction) -> Row:
            data = self._handed("register", token, tx)["data"]
            return self._accounts.insert(
                tx, NOBODY, "user_registered", name, email, grants=[Grant("contributor")], password=hashed, lang=str(data["lang"]),
                settings=self._terms(terms), confirmed=bool(data["mailed"]),
            )  # fmt: skip

        return self._accounts.made(work)

    def waiting(self, *, actor: Actor) -> list[tuple[str, str, str]]:
        """Registrations that nobody has confirmed: name, address, time; for admins."""
        access.require(actor, "administer")
        return [(str(row["data"]["name"]), str(row["data"]["email"]), str(row["listing"]).split(" ")[1]) for *_, row in self._asked().values()]

    def approve(self, email: str, *, actor: Actor) -> str:
        """A link for a registration that waits, to hand over; one that was handed over before is useless from then on. Raises NotFound."""
        access.require(actor, "administer")
        found = self._asked().get(email_key(email))
        if found is None:
            raise NotFound(f"no registration of {email[:100]} waits", reason="registration-none", email=email[:100])
        data, token = found[-1]["data"], new_token()
        handed = [str(row["key"]) for row in found if row["data"].get("by")]

        def work(tx: WriteTransaction) -> None:
            documents.remove(tx, LINKS, handed)
            self._links.write(tx, "register", token, lives=BY_ADMIN, **data | {"mailed": False, "by": actor.id})
            happened(tx, actor, "registration_approved", space=ACCOUNTS_SPACE, user=data["name"])

        write_numbered(self._engine, work)
        return self._accounts.rules.link("/register/confirm", token)

    def _asked(self) -> dict[str, list[Row]]:
        """The registrations of each address that has no account yet, oldest first."""
        rows: dict[str, list[Row]] = {}
        for row in self._links.waiting("register"):
            rows.setdefault(email_key(str(row["data"]["email"])), []).append(row)
        taken = {str(row["key"]) for row in documents.find_by(self._engine, LOGINS, "key", [f"email:{key}" for key in rows])}
        return {key: found for key, found in rows.items() if f"email:{key}" not in taken}

    # Passwords and addresses

    def request_password(self, login: str, *, address: str = "", lang: str = "fr") -> None:
        """Mail a link to set a new password to who has this name or address, if anybody. Raises Forbidden where no mail is sent, Throttled."""
        if not self.mails:
            raise Forbidden("this site sends no mail: ask an admin for a link to set a new password", reason="no-mail-password")
        self._throttling.take(RESETS_FROM_HERE, address)
        user, claimed = self._accounts.claimed(login[:300])
        self._throttling.take(RESETS, claimed)
        row = documents.find(self._engine, USERS, user or "nobody") or {}
        known = row.get("state") == ACTIVE and bool(row.get("email"))

        def mail(tx: WriteTransaction, token: str) -> None:
            to, wording = (str(row["email"]), str(row["lang"]) or lang) if known else ("", lang)
            self._mailer.queue(tx, to, *mails.password(wording, self._accounts.rules.link("/password", token)))

        self._links.make(
            "password" if known else "nothing", user=str(row.get("key", "")), lives=MAILED, more=mail, mailed=True, email=str(row.get("email", ""))
        )
        self._mailer.wake()

    def password_link(self, ref: str, *, actor: Actor) -> str:
        """A link for somebody to set a new password, made by an admin to hand over."""
        access.require(actor, "administer")
        person, token = self._accounts.person(ref), new_token()

        def work(tx: WriteTransaction) -> None:
            self._links.write(tx, "password", token, user=person.id, lives=BY_ADMIN, mailed=False, by=actor.id)
            happened(tx, actor, "password_link_made", subject=f"user/{person.id}", space=ACCOUNTS_SPACE, user=person.name)

        write_numbered(self._engine, work)
        return self._accounts.rules.link("/password", token)

    def whose_password(self, token: str) -> Person:
        """Whose password a link sets. Raises NotFound."""
        return self._accounts.person(str(self._handed("password", token)["user"]))

    def set_password(self, token: str, password: str, *, end_tokens: bool = False) -> Person:
        """Set a password by a link; all sessions end, all links that set it or the address, and API tokens if asked. Raises NotFound, InvalidInput."""
        person = self.whose_password(token)
        check_password(password, person.name, person.email)
        hashed = self._accounts.passwords.hash(password)

        def work(tx: WriteTransaction) -> None:
            data = self._handed("password", token, tx)["data"]
            if data["mailed"] and data.get("email") == documents.lock(tx, USERS, person.id)["email"]:
                documents.change(tx, USERS, person.id, {"email_confirmed": True})
            set_password(tx, Actor(person.id, person.name, via="session", credential="link"), person, hashed, end_tokens=end_tokens)
            if person.email:
                self._mailer.queue(tx, person.email, *mails.password_set(person.lang, self._accounts.rules.public_url))

        write_numbered(self._engine, work)
        self._mailer.wake()
        return person

    # Invitations

    def invite(
        self,
        email: str = "",
        *,
        actor: Actor,
        grants: Iterable[Grant] = (),
        organisation: str = "",
        roles: Iterable[str] = (),
        days: int = INVITATION_DAYS,
        lang: str = "fr",
    ) -> tuple[str, Invitation]:
        """An invitation, single use: the link and its entry. To the site with roles (admins), or into an organisation (its managers). Where there is an
        address and a mail server it is mailed, and the link is "": an account made by it has a confirmed address, so only the mailbox may have it.
        Raises Forbidden, InvalidInput, Throttled."""
        held, wanted = tuple(grants), check_roles(roles) if organisation else []
        require_giver(actor, organisation, held)
        require_scope(actor)
        for grant in held:
            check_grant(grant, ROLES)
        if not 1 <= days <= 60:
            raise InvalidInput("an invitation lives 1 to 60 days")
        token, now = new_token(), self._accounts.clock()
        email = clean_email(email) if email else ""
        if email and actor.via != "operator":
            self._throttling.take(INVITED, actor.id)
        key, url = digest(token), self._accounts.rules.link("/join", token)
        row: Row = {
            "key": key, "email": email, "email_key": email_key(email) if email else "", "organisation": organisation, "roles": wanted,
            "grants": packed_grants(held), "by": actor.id, "by_name": actor.name, "created": stamp(now),
            "expires": stamp(now + timedelta(days=days)), "listing": f"{listing_prefix(organisation)}{stamp(now)} {key}", "mailed": bool(email) and self.mails,
        }  # fmt: skip
        made = invitation_of(row)

        def work(tx: WriteTransaction) -> None:
            store.remove_expired(tx, INVITATIONS, stamp(now))
            documents.insert(tx, INVITATIONS, row)
            data: dict[str, Any] = {"invitation": made.id, "grants": packed_grants(held), "roles": wanted}
            subject = f"organisation/{organisation}" if organisation else f"invitation/{made.id}"
            happened(tx, actor, "invited", subject=subject, space=organisation or ACCOUNTS_SPACE, **data)
            if email:
                self._mailer.queue(tx, email, *mails.invitation(lang, url, actor.name, name_of(tx, organisation), days))

        write_numbered(self._engine, work)
        self._mailer.wake()
        return "" if row["mailed"] else url, made

    def invitations(self, organisation: str = "", *, actor: Actor, after: str = "", limit: int = PAGE) -> tuple[list[Invitation], str]:
        """Those that may still be used, oldest first, and where the next page begins: to the site (admins), or into an organisation (its managers)."""
        require_giver(actor, organisation)
        require_scope(actor)
        return living(self._accounts, organisation, stamp(self._accounts.clock()), after, limit)

    def withdraw(self, invitation: str, organisation: str = "", *, actor: Actor) -> None:
        """Make an invitation useless, by its id. Raises NotFound."""
        require_giver(actor, organisation)
        require_scope(actor)
        key = living_key(self._engine, organisation, stamp(self._accounts.clock()), invitation)

        def work(tx: WriteTransaction) -> None:
            if not documents.lock_many(tx, INVITATIONS, [key]):
                raise NotFound(f"there is no invitation {invitation[:100]}", reason="none-here", key=invitation[:100])
            documents.remove(tx, INVITATIONS, [key])
            subject = f"organisation/{organisation}" if organisation else f"invitation/{invitation}"
            happened(tx, actor, "invitation_withdrawn", subject=subject, space=organisation or ACCOUNTS_SPACE, invitation=invitation)

        write_numbered(self._engine, work)

    def invitation(self, token: str) -> Invitation:
        """What an invitation says. Raises NotFound."""
        return invitation_of(self._valid(self._engine, documents.find(self._engine, INVITATIONS, digest(token))))

    def inviting(self, invitation: Invitation) -> str:
        """The name of the organisation that an invitation leads into; "" for none."""
        return name_of(self._engine, invitation.organisation)

    def accept(self, token: str, *, actor: Actor) -> Invitation:
        """Accept an invitation as who is signed in: its roles are theirs, and they are in its organisation. Raises NotFound."""
        require_self(actor)

        def work(tx: WriteTransaction) -> Row:
            row = self._use(tx, token)
            user = documents.lock(tx, USERS, actor.id)
            self._accept(tx, actor, row, user)
            return row

        return invitation_of(write_numbered(self._engine, work))

    def register_invited(self, token: str, name: str, password: str, *, lang: str = "fr", terms: str = "") -> Person:
        """Become a user by an invitation. Raises NotFound, Forbidden (registration is closed, or by the identity provider only), InvalidInput, Conflict."""
        if self._accounts.rules.registration in ("closed", "oidc"):
            raise Forbidden("no new accounts are made here by invitation: sign in first, then open the invitation again", reason="joining-closed")
        invited = self.invitation(token)
        check_password(password, name, invited.email)
        hashed = self._accounts.passwords.hash(password)

        def work(tx: WriteTransaction) -> Row:
            row = self._use(tx, token)
            user = self._accounts.insert(
                tx, NOBODY, "user_registered", name, str(row["email"]), grants=[Grant("contributor")], password=hashed, lang=lang,
                settings=self._terms(terms), confirmed=bool(row["mailed"]),
            )  # fmt: skip
            self._accept(tx, Actor(str(user["key"]), str(user["name"]), via="session", credential="link"), row, user)
            return user

        return self._accounts.made(work)

    def _use(self, tx: WriteTransaction, token: str) -> Row:
        try:
            row = self._valid(tx, documents.lock(tx, INVITATIONS, digest(token)))
        except NotFound:
            raise NotFound(GONE, reason="link-gone") from None
        documents.remove(tx, INVITATIONS, [str(row["key"])])
        return row

    def _accept(self, tx: WriteTransaction, actor: Actor, row: Row, user: Row) -> None:
        held = [*(user.get("grants") or ()), *row["grants"]]
        grants = tuple(dict.fromkeys(Grant(each["role"], each["scope"]) for each in held))
        documents.change(tx, USERS, str(user["key"]), {"grants": packed_grants(grants)})
        organisation = str(row["organisation"])
        if organisation:
            store.join(tx, organisation, str(user["key"]), row["roles"] or ["member"], stamp(self._accounts.clock()))
            data: dict[str, Any] = {"roles": list(row["roles"] or ["member"]), "user": actor.id, "by": str(row["by"])}
            happened(tx, actor, "member_joined", subject=f"organisation/{organisation}", space=organisation, **data)
        if row["grants"]:
            subject, by = f"user/{actor.id}", str(row["by"])
            happened(tx, actor, "invitation_accepted", subject=subject, space=ACCOUNTS_SPACE, grants=row["grants"], by=by)

    def _valid(self, source: Engine | ReadTransaction, row: Row | None) -> Row:
        if row is None or stamp(self._accounts.clock()) >= str(row["expires"]):
            raise NotFound(GONE, reason="link-gone")
        still_given(self._accounts, source, str(row["by"]), str(row["organisation"]), grants_given(row))
        return row

    def _handed(self, purpose: str, token: str, tx: WriteTransaction | None = None) -> Row:
        """What a link says; with a transaction it is used up. Raises NotFound, also where an admin handed it over who is none any more."""
        row = self._links.read(purpose, token) if tx is None else self._links.use(tx, purpose, token)
        still_given(self._accounts, tx or self._engine, str(row["data"].get("by", "")))
        return row

    def _terms(self, date: str) -> dict[str, object]:
        return {"terms": date} if date == self._accounts.rules.terms else {}
