"""Composition root: settings -> engine -> store -> services. The only place that knows which engine is in use."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from wikic.config import Settings, metrics_folder, secret, settings
from wikic.crypto.sealing import Sealer
from wikic.crypto.signing import Signer
from wikic.logs import configure
from wikic.outside.client import GuardedClient
from wikic.outside.mail import SmtpServer
from wikic.outside.oidc import Provider, ProviderSettings
from wikic.services.accounts import AccountRules, Accounts
from wikic.services.accounts_oidc import parse_roles
from wikic.services.accounts_parts import AccountServices
from wikic.services.backup import Backup
from wikic.services.badges_parts import BadgeServices
from wikic.services.case import Case
from wikic.services.case_levels import AttachedLevels
from wikic.services.checking import Checking
from wikic.services.deciding import Deciding
from wikic.services.deciding_bulk import BulkDeciding
from wikic.services.deciding_writing import Accepting
from wikic.services.editing import Editing
from wikic.services.elsewhere_parts import ElsewhereServices
from wikic.services.endorsing_parts import EndorsingServices
from wikic.services.happenings import Happenings
from wikic.services.import_reviews import ImportReviews
from wikic.services.importing import Importing
from wikic.services.linting import Linting
from wikic.services.linting_fetching import Fetching
from wikic.services.live_parts import LiveServices
from wikic.services.mailing import Mailer
from wikic.services.organisations import Organisations
from wikic.services.proposing import Proposing
from wikic.services.proposing_bodies import ProposalBodies
from wikic.services.proposing_suggesting import Suggesting
from wikic.services.proposing_talking import Talking
from wikic.services.publishing import Publishing
from wikic.services.publishing_loading import Loading
from wikic.services.queueing import Queueing
from wikic.services.reading import Reading
from wikic.services.refreshing_parts import RefreshServices
from wikic.services.releasing import Releasing
from wikic.services.releasing_parts import ReleaseServices
from wikic.services.reverting import Reverting
from wikic.services.searching import Searching
from wikic.store.embedded import ProcessOptions, open_embedded, short_of_room
from wikic.store.engine import Connection, Engine
from wikic.store.schema import ensure_schema

if TYPE_CHECKING:
    from wikic.web.app import WebApp


@dataclass(slots=True)
class App:
    """The services of one opened store. Close it when done: the embedded engine stops with its owner."""

    engine: Engine
    epoch: str
    importing: Importing
    import_reviews: ImportReviews
    reading: Reading
    editing: Editing
    reverting: Reverting
    releasing: Releasing
    releases: ReleaseServices
    backup: Backup
    checking: Checking
    searching: Searching
    publishing: Publishing
    case: Case
    loading: Loading
    proposing: Proposing
    suggesting: Suggesting
    talking: Talking
    deciding: Deciding
    bulk: BulkDeciding
    queueing: Queueing
    badges: BadgeServices
    elsewhere: ElsewhereServices
    people: AccountServices
    live: LiveServices
    proposal_bodies: ProposalBodies
    linting: Linting
    endorsing: EndorsingServices
    refresh: RefreshServices
    _close: Callable[[], None]

    @property
    def accounts(self) -> Accounts:
        """Who acts, and people."""
        return self.people.accounts

    @property
    def organisations(self) -> Organisations:
        """Organisations and who belongs to them."""
        return self.people.organisations

    @property
    def happenings(self) -> Happenings:
        """What happened."""
        return self.live.happenings

    def close(self) -> None:
        """Close the connections, and the embedded engine if this process owns it."""
        self.live.close()
        self.elsewhere.keeping.close()
        self.searching.close()
        self.people.close()
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def require_usable(settings: Settings) -> None:
    """Raise InvalidInput for a value that is found to be wrong only where it is used: better at the start than with the first mail, or once a year."""
    if url := secret(settings.smtp_url):
        SmtpServer.of(url)
    if key := secret(settings.signing_key):
        Signer.of(key)
    parse_roles(settings.oidc_roles)


def open_app(settings: Settings, *, exclusive: bool = False) -> App:
    """Open the configured store, bring its schema up to date, and wire the services.

    `exclusive`: be the only process on an embedded store. Raises StoreUnavailable, StoreLocked, StoreNotReady, InvalidInput.
    """
    require_usable(settings)
    engine, close = _open_engine(settings, exclusive=exclusive)
    try:
        return app_of(
            engine,
            close,
            settings.index,
            downloads=settings.data / "downloads",
            people=_people(engine, settings),
            signer=partial(_signer, settings),
            allow_private_targets=settings.allow_private_targets,
            sealer=_sealer(settings),
        )
    except BaseException:
        close()
        raise


def app_of(
    engine: Engine,
    close: Callable[[], None] | None = None,
    index: Path | None = None,
    *,
    downloads: Path | None = None,
    people: AccountServices | None = None,
    signer: Callable[[], Signer] | None = None,
    allow_private_targets: bool = False,
    sealer: Sealer | None = None,
) -> App:
    """Wire the services over an engine that is already open. `index`: the folder of the search index; a temporary one by default.
    `downloads`: where whole releases are kept once made; nowhere by default. `people`: the services of accounts, by default without mail.
    `signer` gives the key that manifests are signed with; by default one that nobody keeps. `allow_private_targets`: webhooks may lead into private
    networks. `sealer` keeps their secrets; by default they are kept in clear."""
    epoch = ensure_schema(engine)
    reading = Reading(engine, epoch, kept=downloads.parent / "deltas" if downloads is not None else None)
    publishing = Publishing(engine, reading, downloads)
    searching = Searching(engine, reading, index)
    proposing = Proposing(engine, reading, searching)
    editing = Editing(engine)
    accepting = Accepting(engine, editing, searching)
    reverting = Reverting(engine)
    deciding = Deciding(engine, proposing, accepting)
    queueing = Queueing(engine, reading)
    people = people or AccountServices.of(engine)
    badges, outside = BadgeServices.of(engine, reading, searching), GuardedClient(allow_private=allow_private_targets)
    linting = Linting(engine, reading, searching, Fetching(outside))
    releases = ReleaseServices.of(engine, reading, publishing, signer)
    own = people.accounts.rules.public_url
    elsewhere = ElsewhereServices.of(engine, badges, linting, outside, own)
    return App(
        engine=engine,
        epoch=epoch,
        importing=Importing(engine),
        import_reviews=ImportReviews(engine),
        reading=reading,
        editing=editing,
        reverting=reverting,
        releasing=Releasing(engine),
        releases=releases,
        backup=Backup(engine),
        checking=Checking(engine),
        publishing=publishing,
        case=Case(engine, reading, downloads, AttachedLevels(engine, badges.catalogue)),
        loading=Loading(engine),
        searching=searching,
        proposing=proposing,
        suggesting=Suggesting(engine, epoch, proposing, people.mailer, own),
        talking=Talking(engine, people.accounts.actor),
        deciding=deciding,
        bulk=BulkDeciding(engine, accepting, reverting),
        queueing=queueing,
        badges=badges,
        elsewhere=elsewhere,
        people=people,
        proposal_bodies=ProposalBodies(engine, reading, deciding),
        live=LiveServices.of(
            engine,
            epoch,
            reading,
            people.accounts,
            people.mailer,
            queueing.counts,
            public_url=own,
            allow_private=allow_private_targets,
            sealer=sealer,
        ),
        endorsing=EndorsingServices.of(engine, reading),
        linting=linting,
        refresh=RefreshServices.of(engine, reading, badges, releases, linting, elsewhere.keeping, own),
        _close=close or engine.close,
    )


def web_of(app: App, settings: Settings, *, close: bool = False) -> WebApp:
    """The site and the API over opened services, the index kept in step; with `close` the store closes when the server stops."""
    from wikic.web.app import create_app

    app.searching.start()
    threading.Thread(target=_lasting, args=(app.releases.deltas.keep_all,), name="wikic-deltas", daemon=True).start()
    app.refresh.refreshing.catch_up_aside()
    threading.Thread(target=_lasting, args=(app.badges.catalogue.warm,), name="wikic-badges", daemon=True).start()
    app.live.webhooks.seal_all()
    app.live.sending.start()
    app.people.mailer.start()
    app.elsewhere.keeping.start()
    web = create_app(
        app,
        settings.public_url,
        metrics_folder=metrics_folder(),
        rate_limit=settings.rate_limit,
        on_shutdown=app.close if close else None,
        way=app.searching.way,
    )
    _freeze_objects()
    return web


def _lasting(make_ready: Callable[[], object]) -> None:
    """Make ready what a server keeps until its end."""
    make_ready()
    _freeze_objects()


def _freeze_objects() -> None:
    """What stands now stands until the end: the search for garbage need not look through it, a fifth of a second, in the middle of an answer."""
    gc.collect()
    gc.freeze()


def web_from_environment() -> WebApp:
    """What each worker of a server with several runs: its own connections to the configured store."""
    current = settings()
    configure(current.log, current.log_level)
    return web_of(open_app(current), current, close=True)


def _people(engine: Engine, settings: Settings) -> AccountServices:
    rules = AccountRules(settings.registration, settings.public_url)
    mailer = Mailer.of(engine, secret(settings.smtp_url), settings.mail_from)
    provider = None
    if settings.oidc_issuer:
        client = GuardedClient(allow_private=settings.allow_private_targets)
        known = ProviderSettings(
            settings.oidc_issuer, settings.oidc_client_id, secret(settings.oidc_client_secret), settings.oidc_roles_claim
        )
        provider = Provider(known, client)
    roles = parse_roles(settings.oidc_roles)
    return AccountServices.of(
        engine, rules, mailer=mailer, provider=provider, provider_name=settings.oidc_name, provider_roles=roles
    )


def _sealer(settings: Settings) -> Sealer:
    key = secret(settings.secret_key)
    return Sealer.of(key) if key else Sealer.kept_in(settings.data / "secret-key")


def _signer(settings: Settings) -> Signer:
    key = secret(settings.signing_key)
    return Signer.of(key) if key else Signer.kept_in(settings.data / "signing-key")


def _open_engine(settings: Settings, *, exclusive: bool) -> tuple[Engine, Callable[[], None]]:
    if not settings.embedded:
        connection = Connection(settings.store, settings.store_user, settings.password, settings.store_database)
        engine = Engine.of(connection, "neo4j")
        return engine, engine.close
    store = open_embedded(settings.data, exclusive=exclusive, options=ProcessOptions(heap=settings.engine_heap))
    embedded = Engine.of(store.connection(), "arcadedb", store.refresh)
    embedded.hint = partial(short_of_room, settings.data)

    def close() -> None:
        embedded.close()
        store.close()

    return embedded, close
