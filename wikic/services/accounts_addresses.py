"""Addresses of mail: a new one is somebody's once they have opened the link that was mailed there, or by an admin."""

from __future__ import annotations

from typing import Final

from wikic.domain import access
from wikic.domain.access import ACCOUNTS_SPACE, Actor
from wikic.domain.accounts import Person, clean_email, email_key
from wikic.errors import Conflict, Forbidden
from wikic.services import accounts_mails as mails
from wikic.services.accounts import Accounts, require_self
from wikic.services.accounts_links import MAILED, Links, forget_links
from wikic.services.mailing import Mailer
from wikic.services.throttling import Allowance, Throttling
from wikic.store import accounts as store
from wikic.store import documents
from wikic.store.engine import Row, WriteTransaction
from wikic.store.events import happened
from wikic.store.tables import LOGINS, USERS

ASKED: Final = Allowance("email-address", 5, 60 * 60)


class Addresses:
    """The addresses of the people of one store."""

    def __init__(self, accounts: Accounts, links: Links, throttling: Throttling, mailer: Mailer) -> None:
        self._accounts, self._engine = accounts, accounts.engine
        self._links, self._throttling, self._mailer = links, throttling, mailer

    def request_email(self, email: str, *, actor: Actor) -> None:
        """Mail a link to a new address of one's own, which makes it theirs. Raises Forbidden where no mail is sent, InvalidInput, Throttled."""
        require_self(actor)
        if not self._mailer.enabled:
            raise Forbidden("this site sends no mail: ask an admin to set your address", reason="no-mail-address")
        email = clean_email(email)
        self._throttling.take(ASKED, actor.id)
        known = store.user_behind(self._engine, f"email:{email_key(email)}") not in ("", actor.id)
        lang = actor.lang or "fr"

        def mail(tx: WriteTransaction, token: str) -> None:
            wording = mails.already_known(lang, self._accounts.rules.public_url) if known else mails.email(lang, self._accounts.rules.link("/email", token))
            self._mailer.queue(tx, email, *wording)

        self._links.make("nothing" if known else "email", user=actor.id, lives=MAILED, more=mail, email=email)
        self._mailer.wake()

    def new_email(self, token: str) -> str:
        """The address that a link makes one's own. Raises NotFound."""
        return str(self._links.read("email", token)["data"]["email"])

    def set_email(self, token: str) -> Person:
        """Take a new address by the link that was mailed to it. Raises NotFound, Conflict."""

        def work(tx: WriteTransaction) -> Row:
            link = self._links.use(tx, "email", token)
            row = documents.lock(tx, USERS, str(link["user"]))
            actor = Actor(str(row["key"]), str(row["name"]), via="session", credential="link")
            return self._write_email(tx, actor, row, str(link["data"]["email"]), confirmed=True)

        person = self._accounts.made(work)
        self._mailer.wake()
        return person

    def set_email_of(self, ref: str, email: str, *, actor: Actor) -> Person:
        """Set somebody's address as an admin; "" removes it. It counts as not confirmed."""
        access.require(actor, "administer")
        person, email = self._accounts.person(ref), clean_email(email) if email else ""
        person = self._accounts.made(lambda tx: self._write_email(tx, actor, documents.lock(tx, USERS, person.id), email, confirmed=False))
        self._mailer.wake()
        return person

    def _write_email(self, tx: WriteTransaction, actor: Actor, row: Row, email: str, *, confirmed: bool) -> Row:
        """Set the address of a user whose document is locked, with the login that follows from it; the former address is told, and links that were mailed
        there are withdrawn. Raises Conflict where it belongs to another."""
        user, key = str(row["key"]), email_key(email) if email else ""
        if email:
            store.add_login(tx, f"email:{key}", user, Conflict("that e-mail address belongs to an account already", reason="email-taken"))
        if row["email_key"] and row["email_key"] != key:
            documents.remove(tx, LOGINS, [f"email:{row['email_key']}"])
            self._mailer.queue(tx, str(row["email"]), *mails.email_left(str(row["lang"]), self._accounts.rules.public_url))
        forget_links(tx, user)
        documents.change(tx, USERS, user, {"email": email, "email_key": key, "email_confirmed": confirmed})
        happened(tx, actor, "email_set", subject=f"user/{user}", space=ACCOUNTS_SPACE, user=str(row["name"]), confirmed=confirmed)
        return row
