"""What the running service does by itself: every job with its pace."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

from diag.adapters.dns import SystemResolver
from diag.bootstrap import Service
from diag.core.action_links import Link, LinkAction, expiry, signed
from diag.core.alerts import Action, Alert
from diag.core.channels import EmailChannel, digest_of
from diag.entrypoints.scheduler import Scheduler
from diag.workflows.attention import AttentionWatcher
from diag.workflows.coverage import CoverageWatcher
from diag.workflows.deliver import Deliverer, Links
from diag.workflows.digest import DigestWriter
from diag.workflows.lease import Lease
from diag.workflows.owners import OwnerReader
from diag.workflows.pseudonymise import treat_stored
from diag.workflows.retention import Keep, delete_old
from diag.workflows.review_details import DetailReader
from diag.workflows.watch import CredentialWatcher
from diag.workflows.watch_tenant import TenantWatch

CANARY = "login.microsoftonline.com"
"""A host that exists: where it is not found, the DNS cannot be used from here and nothing is learnt."""
_WITHOUT_LINKS = ("all_clear", "digest", "test", "channel", "coverage")
"""Kinds of alerts that there is nothing to snooze about."""
LEASE = "scheduler"
"""The lease of what the whole database needs once; each tenant has one of its own beside it."""


def lease_of(tenant_id: str) -> str:
    """The name of a tenant's lease: instances with different tenants on one database each watch theirs."""
    return f"tenant:{tenant_id}"


def jobs(service: Service, watches: Sequence[TenantWatch]) -> Scheduler:
    """The ticker of all jobs; the sample tenant's are quicker, because somebody is looking at it."""
    settings = service.settings
    scheduler = Scheduler(Lease(LEASE, service.owner, service.database, service.clock))
    for watch in watches:
        _of_tenant(scheduler, service, watch, f" of {watch.tenant_id}" if len(watches) > 1 else "")
    policy = settings.config.alerts
    configured = {channel.name: digest_of(channel) for channel in settings.config.channels}
    for channel in service.channels():
        deliverer = Deliverer(
            channel,
            service.database,
            service.clock,
            service.owner,
            settings.origin,
            settings.sample,
            apart=timedelta(minutes=policy.minutes_apart),
            zone=policy.zone,
            configured=configured[channel.name],
            others=list(configured),
            links=_links(service),
        )
        # A job of its own for each channel: a slow receiver keeps nobody else waiting.
        scheduler.every(10, f"deliveries to {channel.name}", deliverer.run, first_after=5)

    keep = Keep(records=timedelta(days=settings.retention_days), history=timedelta(days=settings.history_days))

    async def retain() -> None:
        await delete_old(service.database, service.clock, keep)

    async def treat() -> None:
        await treat_stored(service.database, service.clock)

    if settings.pseudonymize_users:
        scheduler.every(60, "pseudonyms", treat, first_after=1)
    scheduler.every(3600, "retention", retain, first_after=120)
    return scheduler


def _links(service: Service) -> Links:
    """What a reader may do straight from a message; the same links each time a message is repeated."""
    days = service.settings.config.alerts.links_valid_days
    origin = service.settings.origin

    def links(alert: Alert, reader: str) -> tuple[Action, ...]:
        if alert.kind in _WITHOUT_LINKS or not alert.topic or alert.created_at is None:
            return ()
        expires = expiry(alert.created_at, days)

        def offered(title: str, action: LinkAction, days: int) -> Action:
            link = Link(alert_id=alert.id, action=action, days=days, reader=reader, expires=expires)
            return Action(title, f"{origin}/act?t={signed(link, service.link_key)}")

        return (
            offered("Acknowledge", "acknowledge", 0),
            offered("Snooze for a week", "snooze", 7),
            offered("Snooze for 30 days", "snooze", 30),
        )

    return links


def _of_tenant(scheduler: Scheduler, service: Service, watch: TenantWatch, of: str) -> None:
    """One tenant's jobs, under a lease of its own: what hangs or fails in it is no other tenant's affair."""
    settings = service.settings
    lease = Lease(lease_of(watch.tenant_id), service.owner, service.database, service.clock)
    channels = [channel.name for channel in settings.config.channels]
    mail_channels = [channel.name for channel in settings.config.channels if isinstance(channel, EmailChannel)]
    watcher = CredentialWatcher(
        watch.tenant_id,
        service.database,
        service.clock,
        settings.config.thresholds_days,
        channels,
        policy=settings.config.alerts,
        mail_channels=mail_channels,
        translator=service.translator,
        owners=OwnerReader(watch.tenant_id, watch.directory, service.database, service.clock),
    )

    async def registrations() -> None:
        await watch.synchronise()
        await watcher.run()

    details = DetailReader(watch.tenant_id, watch.directory, service.database, service.translator, service.clock)

    async def hosts() -> None:
        found = await asyncio.to_thread(details.hosts)
        await service.hosts.look_up(found, SystemResolver(), CANARY)

    told = CoverageWatcher(
        service.tenants[watch.tenant_id],
        service.database,
        service.clock,
        watch.connection,
        settings.config.alerts,
        channels,
    )
    attention = AttentionWatcher(
        watch.tenant_id,
        service.database,
        service.clock,
        channels,
        policy=settings.config.alerts,
        mail_channels=mail_channels,
        translator=service.translator,
    )
    digests = DigestWriter(
        watch.tenant_id,
        service.tenants[watch.tenant_id].label,
        service.database,
        service.clock,
        channels,
        policy=settings.config.alerts,
        zone=ZoneInfo(settings.config.alerts.zone),
        translator=service.translator,
    )
    quick = settings.sample
    pace = service.tenants[watch.tenant_id].poll_seconds
    scheduler.every(60 if quick else 300, f"registrations{of}", registrations, lease=lease)
    scheduler.every(pace, f"sign-ins{of}", watch.collect, lease=lease)
    scheduler.every(30 if quick else 60, f"successes{of}", watch.count_successes, first_after=3, lease=lease)
    scheduler.every(900, f"second reading{of}", watch.reconcile, first_after=60, lease=lease)
    scheduler.every(30 if quick else 120, f"changes{of}", watch.collect_changes, lease=lease)
    scheduler.every(20 if quick else 60, f"details for checks{of}", details.run, first_after=10, lease=lease)
    if settings.config.resolve_hosts and not settings.sample:
        scheduler.every(6 * 3600, f"hosts{of}", hosts, first_after=300, lease=lease)
    for files in service.file_watchers(watch.tenant_id):
        scheduler.every(60, f"{files.source}{of}", files.run, lease=lease)
    # Not at once: after a pause everything is late until the first polls are through.
    scheduler.every(15 if quick else 60, f"coverage{of}", told.run, first_after=20 if quick else 120, lease=lease)
    scheduler.every(60, f"attention{of}", attention.run, first_after=30, lease=lease)
    scheduler.every(300, f"digest{of}", digests.run, first_after=90, lease=lease)
    scheduler.every(3, f"diagnoses{of}", watch.diagnose, first_after=2, lease=lease)
