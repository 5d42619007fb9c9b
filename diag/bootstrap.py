"""The one place that builds objects from settings. Nothing heavy is imported until it is needed."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from diag import resources
from diag.adapters.clock import SystemClock
from diag.adapters.process import is_gone, signature
from diag.core.errors import DiagError, NotifyError, SettingsError
from diag.core.flows import FlowTable
from diag.core.places import FolderPlace, Place
from diag.core.pseudonyms import Pseudonyms
from diag.core.tenants import Tenant
from diag.settings import Settings
from diag.workflows.hosts import KnownHosts
from diag.workflows.import_files import FileImporter, FileWatcher
from diag.workflows.ports import Clock, Database, KnowledgeBase, Notifier, Translator
from diag.workflows.ports_files import WatchedPlace
from diag.workflows.watch_tenant import TenantSources

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diag.adapters.kb_files.store import KnowledgeBaseFiles


class Service:
    """What a running process is made of. Entry points take what they need from here and build nothing themselves."""

    def __init__(self, settings: Settings, *, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock: Clock = clock or SystemClock()
        self.owner = signature()
        """Names this process in leases and claims."""
        self.tenants: dict[str, Tenant] = {tenant.tenant_id: tenant for tenant in settings.tenants}
        """The tenants this instance watches, by their ID; the sample tenant is known once it runs."""
        self.starting: str = "opening the database"
        """What start-up is still doing; empty once the service is ready."""
        self.problem: DiagError | None = None
        """Why start-up failed, if it did."""
        self._database: Database | None = None
        self._knowledge_base: KnowledgeBaseFiles | None = None
        self._translator: Translator | None = None
        self._link_key = b""
        self._hosts: KnownHosts | None = None

    @property
    def tenant_ids(self) -> tuple[str, ...]:
        """The watched tenants, in the order of the configuration."""
        return tuple(self.tenants)

    def label(self, tenant_id: str) -> str:
        """How people call the tenant; its ID where nothing else is configured."""
        tenant = self.tenants.get(tenant_id)
        return tenant.label if tenant else tenant_id

    def client_id(self, tenant_id: str) -> str:
        """The application ID this service signs in with there; empty where none is configured."""
        tenant = self.tenants.get(tenant_id)
        return tenant.client_id if tenant else ""

    @property
    def database(self) -> Database:
        """The store; opened at the first use, after ``prepare_database``."""
        if self._database is None:
            from diag.adapters.db.database import SqlDatabase

            self._database = SqlDatabase(self.settings.database, self._pseudonyms())
        return self._database

    @property
    def knowledge_base(self) -> KnowledgeBase:
        """The entries, through their compiled index."""
        return self._kb_files()

    @property
    def flows(self) -> FlowTable:
        """The table of flows."""
        return self._kb_files().flows()

    def _kb_files(self) -> "KnowledgeBaseFiles":
        if self._knowledge_base is None:
            from diag.adapters.kb_files.store import open_knowledge_base

            self._knowledge_base = open_knowledge_base(resources.knowledge_base(), overlay=self.settings.kb_overlay)
        return self._knowledge_base

    @property
    def translator(self) -> Translator:
        """Graph's JSON to facts."""
        if self._translator is None:
            from diag.adapters.graph.wire.stored import StoredFacts

            self._translator = StoredFacts()
        return self._translator

    def importer(self, tenant_id: str) -> FileImporter:
        """What imports files into this tenant's store."""
        from diag.adapters.graph.exports.reader import Exports

        retention = timedelta(days=self.settings.retention_days)
        return FileImporter(tenant_id, Exports(), self.database, self.clock, retention)

    def file_watchers(self, tenant_id: str) -> "Sequence[FileWatcher]":
        """What watches the configured folders and containers for this tenant."""
        places = [place for place in self.settings.config.watched if place.tenant_id in ("", tenant_id)]
        importer = self.importer(tenant_id)
        return [FileWatcher(self._place(place), importer, self.database, self.clock) for place in places]

    def _place(self, place: Place) -> WatchedPlace:
        if isinstance(place, FolderPlace):
            from diag.adapters.places.folder import Folder

            return Folder(place.name, Path(place.path))
        from diag.adapters.places.blobs import Blobs

        secrets = self.settings.secrets
        return Blobs(place, secrets.get(place.sas_env, ""), secrets.get(place.connection_string_env, ""))

    @property
    def link_key(self) -> bytes:
        """Signs the links in messages; kept in the data folder, not in the database."""
        if not self._link_key:
            from diag.adapters.key_file import read_or_make

            self._link_key = read_or_make(self.settings.data_dir.resolve() / "link.key")
        return self._link_key

    @property
    def hosts(self) -> KnownHosts:
        """What was found out of hosts in redirect URIs."""
        if self._hosts is None:
            self._hosts = KnownHosts(self.clock)
        return self._hosts

    def _pseudonyms(self) -> Pseudonyms | None:
        """What people are stored as, by a key in the data folder; None where they are stored as they are."""
        if not self.settings.pseudonymize_users:
            return None
        from diag.adapters.key_file import read_or_make

        return Pseudonyms(read_or_make(self.settings.data_dir.resolve() / "pseudonym.key"))

    def prepare_database(self) -> bool:
        """Bring the database to this version's form; False when it was there already."""
        from diag.adapters.db.database import SqlDatabase
        from diag.adapters.db.migrate import migrate

        changed = migrate(self.settings.database)
        if self._database is None:
            self._database = SqlDatabase(self.settings.database, self._pseudonyms())
        if isinstance(self._database, SqlDatabase):
            self._database.note_privacy()
        return changed

    def take_over(self) -> None:
        """Free the leases of processes of this machine that died: the next start need not wait for them to run out."""
        with self.database.write() as transaction:
            for name, owner in transaction.leases.holders().items():
                if is_gone(owner, self.owner):
                    transaction.leases.release(name, owner)

    def copy_database(self, target: Path) -> None:
        """Write a consistent copy of the SQLite database while it is in use."""
        from diag.adapters.db.backup import copy_sqlite

        copy_sqlite(self.settings.database, target)

    def sqlite_version(self) -> str:
        """The SQLite in use, and whether it is free of the known corruption of its write-ahead log."""
        from diag.adapters.db.database import sqlite_is_fixed, sqlite_module

        note = "" if sqlite_is_fixed() else ", which can corrupt its log with several processes: keep to one process"
        return f"{sqlite_module().sqlite_version}{note}"

    def check(self) -> None:
        """Raise what would keep this instance from working: a channel, database or knowledge base that is no use."""
        from diag.adapters.db.migrate import check

        self._check_channels()
        check(self.settings.database)
        _ = self.knowledge_base.version

    def _check_channels(self) -> None:
        """``SettingsError`` with every channel that could never tell anybody anything."""
        if not self.settings.config.channels:
            return
        from diag.adapters.notify.channels import build

        problems: list[str] = []
        for channel in self.settings.config.channels:
            try:
                build(channel, self.settings.secrets, self.settings.sample, self.clock)
            except NotifyError as error:
                problems.append(f"DIAG_CONFIG, channel {channel.name}: {error} {error.hint}")
        if problems:
            raise SettingsError(problems)

    def join_sample(self, url: str, tenant_id: str, client_id: str, client_secret: str) -> None:
        """Take the built-in sample tenant as the tenant to watch."""
        tenant = Tenant(
            tenant_id=tenant_id,
            client_id=client_id,
            client_secret=client_secret,
            graph_url=url,
            authority=url,
            graph_api_version=self.settings.graph_api_version,
            poll_seconds=self.settings.pace_seconds,
        )
        self.tenants = {tenant_id: tenant}

    def sources(self, tenant_id: str = "") -> TenantSources:
        """Microsoft Graph for one tenant, by default the first; imports the Graph SDK, so not on the way to a page.

        Each has a connection, a token and a throttle budget of its own: what happens in one is no other's affair.
        """
        from diag.adapters.graph.connect import connect
        from diag.adapters.graph.credentials import CredentialChoice

        tenant = self.tenants[tenant_id] if tenant_id else next(iter(self.tenants.values()))
        choice = CredentialChoice(
            tenant_id=tenant.tenant_id,
            client_id=tenant.client_id,
            managed_identity=tenant.managed_identity,
            federated_token_file=tenant.federated_token_file,
            certificate_path=tenant.certificate_path,
            certificate_password=tenant.certificate_password,
            client_secret=tenant.client_secret,
            static_token=tenant.static_token,
        )
        return connect(choice, tenant.graph_url, tenant.authority, tenant.graph_api_version, self.clock)

    def channels(self) -> "Sequence[Notifier]":
        """The configured channels, in the order of the configuration."""
        from diag.adapters.notify.channels import build

        config = self.settings.config
        return [build(channel, self.settings.secrets, self.settings.sample, self.clock) for channel in config.channels]

    def close(self) -> None:
        """Close what was opened."""
        if self._database is not None:
            self._database.close()


def build(settings: Settings, *, clock: Clock | None = None) -> Service:
    """The service for these settings; nothing is opened yet."""
    return Service(settings, clock=clock)
