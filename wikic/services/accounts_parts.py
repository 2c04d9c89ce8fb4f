"""The services of accounts, put together over one store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from wikic.crypto.passwords import Passwords
from wikic.domain.access import Grant
from wikic.outside.oidc import Provider
from wikic.services.accounts import AccountRules, Accounts
from wikic.services.accounts_addresses import Addresses
from wikic.services.accounts_joining import Joining
from wikic.services.accounts_links import Links
from wikic.services.accounts_oidc import SingleSignOn
from wikic.services.accounts_signing import Signing
from wikic.services.accounts_tokens import Tokens
from wikic.services.mailing import Mailer
from wikic.services.organisations import Organisations
from wikic.services.throttling import Clock, Throttling, utc_now
from wikic.store.engine import Engine


@dataclass(frozen=True, slots=True)
class AccountServices:
    """All that has to do with people."""

    accounts: Accounts
    signing: Signing
    tokens: Tokens
    joining: Joining
    addresses: Addresses
    single_sign_on: SingleSignOn
    organisations: Organisations
    throttling: Throttling
    mailer: Mailer

    @classmethod
    def of(
        cls,
        engine: Engine,
        rules: AccountRules | None = None,
        *,
        mailer: Mailer | None = None,
        passwords: Passwords | None = None,
        clock: Clock = utc_now,
        provider: Provider | None = None,
        provider_name: str = "",
        provider_roles: Mapping[str, Grant] | None = None,
    ) -> Self:
        """Over an engine that is open. `provider`: an identity provider, with its name on the sign-in page and the roles that it gives."""
        accounts = Accounts(engine, rules, passwords, clock=clock)
        throttling, links, mailer = Throttling(engine, clock), Links(engine, clock), mailer or Mailer(engine)
        return cls(
            accounts,
            Signing(accounts, throttling),
            Tokens(accounts),
            Joining(accounts, links, throttling, mailer),
            Addresses(accounts, links, throttling, mailer),
            SingleSignOn(accounts, links, provider, name=provider_name, roles=provider_roles),
            Organisations(accounts, throttling),
            throttling,
            mailer,
        )

    def close(self) -> None:
        """Send what mail is due, and stop."""
        self.mailer.close()
