"""What the running service does by itself: every job with its pace."""

from datetime import timedelta

from diag.bootstrap import Service
from diag.entrypoints.scheduler import Scheduler
from diag.workflows.deliver import Deliverer
from diag.workflows.lease import Lease
from diag.workflows.retention import delete_old
from diag.workflows.watch import CredentialWatcher
from diag.workflows.watch_tenant import TenantWatch

LEASE = "scheduler"


def jobs(service: Service, watch: TenantWatch) -> Scheduler:
    """The ticker of all jobs; the sample tenant's are quicker, because somebody is looking at it."""
    settings = service.settings
    watcher = CredentialWatcher(
        watch.tenant_id,
        service.database,
        service.clock,
        settings.config.thresholds_days,
        [channel.name for channel in settings.config.channels],
    )
    deliverers = {
        channel.name: Deliverer(
            channel, service.database, service.clock, service.owner, settings.origin, settings.sample
        )
        for channel in service.channels()
    }

    async def registrations() -> None:
        await watch.synchronise()
        await watcher.run()

    async def retain() -> None:
        await delete_old(service.database, service.clock, timedelta(days=settings.retention_days))

    quick = settings.sample
    scheduler = Scheduler(Lease(LEASE, service.owner, service.database, service.clock))
    scheduler.every(60 if quick else 300, "registrations", registrations)
    scheduler.every(settings.pace_seconds, "sign-ins", watch.collect)
    scheduler.every(30 if quick else 120, "changes", watch.collect_changes)
    scheduler.every(3, "diagnoses", watch.diagnose, first_after=2)
    for channel, deliverer in deliverers.items():
        # A job of its own for each channel: a slow receiver keeps nobody else waiting.
        scheduler.every(10, f"deliveries to {channel}", deliverer.run, first_after=5)
    scheduler.every(3600, "retention", retain, first_after=120)
    return scheduler
