"""Settings: the only reader of the environment.

`bootstrap` and the command line read them here and hand plain values down; nothing below knows where they come from.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from wikic.errors import InvalidInput

PREFIX = "WIKIC_"
EMBEDDED = "embedded"
BOLT_SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")

_HEAP = re.compile(r"[1-9][0-9]*[mMgG]\Z")
_SHORTEST_KEY = 32
_TEST_VARIABLES = ("WIKIC_TEST_", "WIKIC_REQUIRE_")


_SENDER = re.compile(r"(?:\A[^\s<>@]+@[^\s<>@]+|<[^\s<>@]+@[^\s<>@]+>)\Z")


def _is_site(value: str) -> bool:
    """Whether this is an address of a site, and nothing else."""
    try:
        address = urlsplit(value.strip())
        wrong = address.query or address.fragment or address.username is not None or address.port == 0
    except ValueError:
        return False
    return address.scheme in ("http", "https") and bool(address.hostname) and not wrong and not re.search(r"\s", value.strip())


def _data_home() -> Path:
    home = os.environ.get("XDG_DATA_HOME", "")
    # The XDG specification says that a relative path is to be ignored.
    return (Path(home) if os.path.isabs(home) else Path.home() / ".local" / "share") / "wikic"


class Settings(BaseSettings):
    """All settings; the variable of a field is its name in capitals after `WIKIC_`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    store: str = Field(EMBEDDED, description="`embedded`, or the address of a Neo4j: bolt://, neo4j://, neo4j+s:// ...")
    store_user: str = Field("neo4j", description="user of the Neo4j")
    store_password: SecretStr | None = Field(None, description="password of the Neo4j")
    store_database: str = Field("neo4j", description="database of the Neo4j")
    data: Path = Field(default_factory=_data_home, description="data folder")
    public_url: str = Field("http://localhost:8000", description="address under which people reach the site")
    secret_key: SecretStr | None = Field(
        None, description=f"encrypts the secrets that the store keeps (of webhooks), {_SHORTEST_KEY} characters or more; by default a file of the data folder"
    )
    signing_key: SecretStr | None = Field(
        None, description="Ed25519 key that signs the manifests of releases; by default a file of the data folder"
    )
    log: Literal["console", "json"] = Field("console", description="form of the log lines: console or json")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="debug, info, warning or error")
    rate_limit: int = Field(
        1200, ge=0, description="requests a minute that one address may send to one process; 0 for no limit"
    )
    engine_heap: str = Field("1g", description="most memory of the embedded engine, such as 512m or 2g")
    registration: Literal["open", "invitation", "oidc", "closed"] = Field(
        "invitation", description="who may make an account: open, invitation, oidc (through the identity provider only) or closed"
    )
    smtp_url: SecretStr | None = Field(
        None, description="mail server: smtp://host, smtp+starttls://user:password@host:587 or smtps://...; no mail without"
    )
    mail_from: str = Field("", description="sender of mail, such as Wiki-C <wiki-c@example.org>")
    oidc_issuer: str = Field("", description="address of an OpenID Connect provider")
    oidc_client_id: str = Field("", description="what the provider knows this site as")
    oidc_client_secret: SecretStr | None = Field(None, description="the secret that goes with it; none for a public client")
    oidc_name: str = Field("", description="name of the provider on the sign-in page")
    oidc_roles_claim: str = Field("", description="claim of the ID token that lists a person's roles or groups there")
    oidc_roles: str = Field("", description="which of its values give which role here: editors=moderator, staff=contributor")
    allow_private_targets: bool = Field(
        False, description="whether webhooks, identity providers and the addresses of badges may be within private networks"
    )

    @field_validator("store")
    @classmethod
    def _store(cls, value: str) -> str:
        value = value.strip()
        if value.lower() == EMBEDDED:
            return EMBEDDED
        address = urlsplit(value)
        if address.scheme not in BOLT_SCHEMES or not address.hostname:
            # Whatever stands there is not repeated: it may hold a password.
            raise ValueError(f"must be `{EMBEDDED}` or an address such as bolt://host:7687 ({', '.join(BOLT_SCHEMES)})")
        if address.username or address.password:
            raise ValueError("must not hold a user or a password: use WIKIC_STORE_USER and WIKIC_STORE_PASSWORD")
        return value

    @field_validator("data")
    @classmethod
    def _data(cls, value: Path) -> Path:
        try:
            folder = value.expanduser().absolute()
        except RuntimeError as error:
            raise ValueError(f"{value}: no such user's home") from error
        if folder.exists() and not folder.is_dir():
            raise ValueError(f"{folder} is not a folder")
        return folder

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, value: str) -> str:
        if not _is_site(value):
            # It stands in public addresses, but may hold a password by mistake.
            shown = repr(value) if "@" not in value else "holds a user or a password, or"
            raise ValueError(f"{shown} is not an address such as https://skills.example.org")
        return value.strip().rstrip("/")

    @field_validator("mail_from")
    @classmethod
    def _mail_from(cls, value: str) -> str:
        if value.strip() and not _SENDER.search(value.strip()):
            raise ValueError(f"{value!r} is no sender such as Wiki-C <wiki-c@example.org>")
        return value.strip()

    @field_validator("secret_key")
    @classmethod
    def _secret_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < _SHORTEST_KEY:
            raise ValueError(f"is shorter than {_SHORTEST_KEY} characters: make one with `openssl rand -hex 32`")
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _oidc_issuer(cls, value: str) -> str:
        address = urlsplit(value.strip())
        if value and (address.scheme not in ("http", "https") or not address.hostname or address.query or address.fragment):
            raise ValueError(f"{value!r} is not an address such as https://login.example.org")
        return value.strip()

    @model_validator(mode="after")
    def _belong_together(self) -> Self:
        if self.oidc_issuer and not self.oidc_client_id:
            raise ValueError("WIKIC_OIDC_ISSUER needs WIKIC_OIDC_CLIENT_ID")
        if self.registration == "oidc" and not self.oidc_issuer:
            raise ValueError("WIKIC_REGISTRATION=oidc needs WIKIC_OIDC_ISSUER")
        if self.smtp_url is not None and not self.mail_from:
            raise ValueError("WIKIC_SMTP_URL needs WIKIC_MAIL_FROM")
        return self

    @field_validator("log", "log_level", "registration", mode="before")
    @classmethod
    def _any_case(cls, value: Any) -> Any:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("engine_heap")
    @classmethod
    def _heap(cls, value: str) -> str:
        if not _HEAP.match(value):
            raise ValueError(f"{value!r} is not an amount of memory such as 512m or 2g")
        return value

    @property
    def embedded(self) -> bool:
        """Whether the store is the embedded one, in the data folder."""
        return self.store == EMBEDDED

    @property
    def index(self) -> Path:
        """Where the search index lives: in the data folder, also where the store is elsewhere."""
        return self.data / "index"

    @property
    def password(self) -> str:
        """The store's password in the clear; empty where none is set."""
        return "" if self.store_password is None else self.store_password.get_secret_value()


def secret(value: SecretStr | None) -> str:
    """A secret in the clear; "" where it is not set."""
    return "" if value is None else value.get_secret_value()


class Setting(NamedTuple):
    """One setting as people see it: a secret's value is masked; `origin` is environment or default."""

    name: str
    value: str
    origin: str
    description: str


def load(**overrides: Any) -> Settings:
    """Read the environment; `overrides` win. Raises InvalidInput with one line that names each wrong variable."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise InvalidInput("; ".join(_complaint(dict(problem)) for problem in error.errors())) from None


def _complaint(problem: dict[str, Any]) -> str:
    if not problem["loc"]:
        # Settings that belong together name themselves.
        return str(problem["msg"]).removeprefix("Value error, ")
    name = variable(str(problem["loc"][0]))
    if problem["type"] == "literal_error":
        return f"{name} must be {problem['ctx']['expected'].replace(chr(39), '')}"
    return f"{name} {str(problem['msg']).removeprefix('Value error, ')}"


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process, read once. Raises InvalidInput."""
    return load()


def metrics_folder() -> str | None:
    """Where the workers of one server write their metrics together; prometheus-client reads the same variable."""
    return os.environ.get("PROMETHEUS_MULTIPROC_DIR") or None


def debugging() -> bool:
    """Whether the environment asks for the log level debug; answers even where other settings are wrong."""
    return os.environ.get(variable("log_level"), "").strip().lower() == "debug"


def variable(field: str) -> str:
    """The environment variable of a field of Settings."""
    return f"{PREFIX}{field.upper()}"


def describe(current: Settings) -> list[Setting]:
    """Every setting, in the order of the class."""
    rows = []
    for name, field in Settings.model_fields.items():
        value = getattr(current, name)
        shown = "" if value is None else "********" if isinstance(value, SecretStr) else str(value)
        # Only what the environment gave is in `model_fields_set`.
        origin = "environment" if name in current.model_fields_set else "default"
        rows.append(Setting(variable(name), shown, origin, field.description or ""))
    return rows


def unknown_variables() -> list[str]:
    """Variables of the environment that look like settings and are none: most often a slip of the pen."""
    known = {variable(name) for name in Settings.model_fields}
    return sorted(
        name
        for name in os.environ
        if name.startswith(PREFIX) and name not in known and not name.startswith(_TEST_VARIABLES)
    )
