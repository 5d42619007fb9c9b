"""Commands that speak to the database or to a tenant; each a thin shell around one workflow."""

import argparse
import asyncio
import logging
import os
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import msgspec

from diag.bootstrap import Service, build
from diag.core.errors import BadInput, SourceError
from diag.core.expiry import remaining
from diag.core.tenants import Tenant
from diag.entrypoints.cli.console import Console, visible
from diag.settings import Settings, read_settings, shown
from diag.workflows.all_credentials import all_credentials
from diag.workflows.changes import ChangeCollector
from diag.workflows.collect import Collector
from diag.workflows.ports import CredentialQuery, Progress, StoredCredential, Transaction
from diag.workflows.successes import SuccessCollector
from diag.workflows.sync import Synchroniser
from diag.workflows.watch_tenant import TenantSources

_FOUND, _UNREADABLE = 1, 3
_UNITS = {"h": 3600, "d": 86400, "w": 7 * 86400}
_BAD_STATES = ("permission_lost", "licence_missing", "authentication_failed", "throttled", "unreachable")


def settings(options: argparse.Namespace, console: Console) -> int:
    """Show every setting in force."""
    values = shown(settings_here())
    if options.json:
        say_json(console, values)
    else:
        width = max(map(len, values))
        say(console, "\n".join(f"{name:<{width}}  {value or '-'}" for name, value in values.items()))
    return 0


def migrate(_options: argparse.Namespace, console: Console) -> int:
    """Bring the database to this version's form."""
    changed = build(settings_here()).prepare_database()
    say(console, "The database was brought up to date." if changed else "The database is up to date.")
    return 0


def backup(options: argparse.Namespace, console: Console) -> int:
    """Write a consistent copy of the SQLite database while it is in use."""
    current = settings_here()
    source, target = Path(current.database.removeprefix("sqlite:///")), Path(options.file)
    if not source.is_file():
        raise BadInput(
            f"There is no database at {source} yet.", hint="Start the service once, or correct DIAG_DATA_DIR."
        )
    if target.exists():
        raise BadInput(
            f"{target} exists already.", hint="Name a file that does not exist; backups are never overwritten."
        )
    build(current).copy_database(target)
    say(console, f"Copied to {target}.")
    return 0


def collect(options: argparse.Namespace, console: Console) -> int:
    """Poll the sign-in log and the audit log of every tenant once, the back-fill included."""

    async def work(service: Service, sources: TenantSources) -> list[Progress]:
        tenant, database, clock = sources.tenant_id, service.database, service.clock
        results = [await ChangeCollector(tenant, sources.audit, database, clock).run()]
        collectors = [
            Collector(tenant, "service", sources.sign_ins, database, clock, timedelta(minutes=1)),
            SuccessCollector(tenant, sources.sign_ins, database, clock),
            Collector(tenant, "user", sources.sign_ins, database, clock, timedelta(minutes=1)),
        ]
        for collector in collectors:
            progress = await collector.run()
            while collector.backfilling(progress):
                progress = await collector.run()
            results.append(progress)
        return results

    return _with_tenants(work, options, console)


def sync(options: argparse.Namespace, console: Console) -> int:
    """Read applications and service principals of every tenant once."""

    async def work(service: Service, sources: TenantSources) -> list[Progress]:
        tenant, database, clock = sources.tenant_id, service.database, service.clock
        return [
            await Synchroniser(tenant, "application", sources.directory, database, clock).run(),
            await Synchroniser(tenant, "service_principal", sources.directory, database, clock).run(),
        ]

    return _with_tenants(work, options, console)


def expiring(options: argparse.Namespace, console: Console) -> int:
    """List the stored credentials that end soon; exit code 1 when there are any."""
    service = build(settings_here())
    service.prepare_database()
    now = service.clock.now()
    query = CredentialQuery(ends_before=now + _span(options.within), ends_after=now)
    try:
        with service.database.read() as transaction:
            refuse_unread(transaction, None, "Run `diag sync`, or let the service run.")
            found = all_credentials(transaction, query)
    finally:
        service.close()
    if options.json:
        say_json(console, {"value": found})
    elif found:
        say(
            console,
            "\n".join(_credential_line(stored, remaining(stored.credential.ends or now, now)) for stored in found),
        )
    else:
        say(console, f"No stored credential ends within {options.within}.")
    return _FOUND if found else 0


def refuse_unread(transaction: Transaction, tenant_id: str | None, hint: str) -> None:
    """``SourceError`` while no registration was ever read: an empty answer would look like all is well."""
    read = [
        item
        for item in transaction.progress.all()
        if item.source == "applications" and item.succeeded_at is not None and tenant_id in (None, item.tenant_id)
    ]
    if not read:
        raise SourceError("No registrations were read yet.", hint=hint)


def say(console: Console, text: str) -> None:
    console.say(visible(text))


def say_json(console: Console, value: object) -> None:
    console.say(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def settings_here() -> Settings:
    """The settings of this environment and folder."""
    return read_settings(os.environ, Path.cwd())


def _with_tenants(
    work: Callable[[Service, TenantSources], Awaitable[list[Progress]]], options: argparse.Namespace, console: Console
) -> int:
    """Do the work for every tenant at once, or for the one asked for; what fails in one leaves the others alone."""
    current = settings_here()
    if current.sample:
        raise BadInput(
            "No tenant is configured.",
            hint="Set DIAG_TENANT_ID and DIAG_CLIENT_ID, or run `diag serve` to look at the sample tenant.",
        )
    # What a source's failure logs, the command says itself.
    for name in ("diag", "azure"):
        logging.getLogger(name).addHandler(logging.NullHandler())
    service = build(current)
    chosen = the_tenants(current, options.tenant)
    service.prepare_database()

    async def one(tenant: Tenant) -> list[Progress]:
        sources = service.sources(tenant.tenant_id)
        try:
            return await work(service, sources)
        finally:
            await sources.close()

    async def everyone() -> list[list[Progress]]:
        return await asyncio.gather(*(one(tenant) for tenant in chosen))

    try:
        results = asyncio.run(everyone())
    finally:
        service.close()
    return _reported(results, chosen, options, console)


def the_tenants(current: Settings, wanted: str) -> list[Tenant]:
    """The tenants a command is for: all, or the one named by its ID or name."""
    if not wanted:
        return list(current.tenants)
    name = wanted.strip().lower()
    found = [tenant for tenant in current.tenants if name in (tenant.tenant_id, tenant.name.lower())]
    if not found:
        known = ", ".join(tenant.label for tenant in current.tenants)
        raise BadInput(f"{wanted} is none of the configured tenants.", hint=f"Name one of these: {known}.")
    return found


def _reported(
    results: list[list[Progress]], tenants: list[Tenant], options: argparse.Namespace, console: Console
) -> int:
    rows = [item for of_tenant in results for item in of_tenant]
    if options.json:
        say_json(console, {"value": rows})
    else:
        width = max(len(item.source) for item in rows)
        for tenant, of_tenant in zip(tenants, results, strict=True):
            if len(tenants) > 1:
                say(console, f"{tenant.label}:")
            say(console, "\n".join(f"{item.source:<{width}}  {_state(item)}" for item in of_tenant))
    return _UNREADABLE if any(item.state in _BAD_STATES for item in rows) else 0


def _state(item: Progress) -> str:
    if item.state in _BAD_STATES:
        return f"{item.state.replace('_', ' ')}: {item.problem.rstrip('.')}. {item.hint}".rstrip()
    read = f", read until {item.newest:%Y-%m-%d %H:%M} UTC" if item.newest else ""
    return f"{item.state}, {item.records} records{read}"


def _credential_line(stored: StoredCredential, left: str) -> str:
    credential = stored.credential
    label = f" “{credential.display_name}”" if credential.display_name else ""
    named = f"{stored.application_name} ({credential.app_id}) in {stored.tenant_id}"
    return f"{left:<14} {named}: {credential.kind}{label}, key ID {credential.key_id}"


def _span(text: str) -> timedelta:
    match = re.fullmatch(r"(\d{1,5})([hdw])", text.strip())
    if match is None:
        raise BadInput(f"--within {text} is no time span.", hint="Write for example 12h, 30d or 6w.")
    return timedelta(seconds=int(match.group(1)) * _UNITS[match.group(2)])
