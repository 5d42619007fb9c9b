"""Figures for Prometheus, read from the store at the moment of asking; labels are bounded."""

from collections import Counter as Counts
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from diag import __version__
from diag.bootstrap import Service
from diag.core.errors import StoreError
from diag.entrypoints.api import alert_metrics
from diag.entrypoints.api.coverage_metrics import coverage_figures
from diag.workflows.coverage import all_coverage
from diag.workflows.ports import HourlyFailures, IncidentQuery, Progress
from diag.workflows.ports_codes import SeenCode
from diag.workflows.unknown_codes import seen_unknown

_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST"})
_HEALTHY = ("ok", "backfilling")
_STATES = (
    "new",
    "ok",
    "backfilling",
    "permission_lost",
    "licence_missing",
    "authentication_failed",
    "throttled",
    "unreachable",
    "not_offered",
)


class Requests:
    """Counts what was answered; its labels are route templates, never addresses."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._answered = Counter(
            "diag_http_requests", "Requests answered", ("method", "route", "status"), registry=self.registry
        )
        self._took = Histogram(
            "diag_http_request_duration_seconds",
            "Time from the first byte of a request to the end of its answer",
            ("route",),
            registry=self.registry,
            buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0),
        )
        ProcessCollector(namespace="diag", registry=self.registry)

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        self._answered.labels(method if method in _METHODS else "other", route, str(status)).inc()
        self._took.labels(route).observe(seconds)


def exposition(service: Service, requests: Requests) -> bytes:
    """All figures in the text format."""
    figures = CollectorRegistry()
    figures.register(_Figures(service))
    return generate_latest(figures) + generate_latest(requests.registry)


class _Figures(Collector):
    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        info = InfoMetricFamily("diag_build", "Version of the program and of its knowledge base")
        info.add_metric([], {"version": __version__, "knowledge_base": self._service.knowledge_base.version})
        yield info
        ready = not self._service.starting and self._service.problem is None
        yield GaugeMetricFamily("diag_ready", "1 when start-up is done", value=float(ready))
        if self._service.starting:
            return
        now = self._service.clock.now()
        try:
            with self._service.database.read() as transaction:
                progress = transaction.progress.all()
                troubled = len(transaction.incidents.find(IncidentQuery(troubled=True, limit=1000)))
                coverage = all_coverage(transaction, list(self._service.tenants.values()), self._service.clock)
                hours = transaction.failures.hourly(None, now - timedelta(hours=24))
                unknown = seen_unknown(transaction, self._service.knowledge_base)
                alerts = alert_metrics.read(transaction, self._service.tenant_ids)
        except StoreError:
            yield GaugeMetricFamily("diag_database_up", "1 when the database can be read", value=0.0)
            return
        yield GaugeMetricFamily("diag_database_up", "1 when the database can be read", value=1.0)
        yield from _progress(progress, now)
        yield from coverage_figures(coverage)
        yield from _recent(hours)
        yield _unknown(unknown)
        channels = [channel.name for channel in self._service.settings.config.channels]
        yield from alert_metrics.figures(alerts, channels, now)
        yield GaugeMetricFamily(
            "diag_incidents_diagnosis_failed",
            "Incidents whose diagnosis a mistake of this program stopped, at most 1000",
            value=float(troubled),
        )


def _unknown(codes: Sequence[SeenCode]) -> Metric:
    counted = Counts(one.tenant_id for one in codes)
    family = GaugeMetricFamily(
        "diag_unknown_codes", "Codes of collected failures that the knowledge base does not know", labels=("tenant_id",)
    )
    for tenant_id, number in sorted(counted.items()):
        family.add_metric((tenant_id,), float(number))
    return family


def _progress(progress: Sequence[Progress], now: datetime) -> Iterator[Metric]:
    labels = ("tenant_id", "source")
    success = GaugeMetricFamily(
        "diag_source_last_success_timestamp_seconds", "When a source was last read to its end", labels=labels
    )
    lag = GaugeMetricFamily("diag_source_lag_seconds", "Age of the newest instant read to its end", labels=labels)
    healthy = GaugeMetricFamily("diag_source_healthy", "1 when the last attempt succeeded", labels=labels)
    state = GaugeMetricFamily("diag_source_state", "1 for the state a source is in", labels=(*labels, "state"))
    records = GaugeMetricFamily("diag_source_records", "Records read from a source so far", labels=labels)
    for item in progress:
        key = (item.tenant_id, item.source)
        if item.succeeded_at is not None:
            success.add_metric(key, item.succeeded_at.timestamp())
        if item.newest is not None:
            lag.add_metric(key, max(0.0, (now - item.newest).total_seconds()))
        healthy.add_metric(key, float(item.state in _HEALTHY))
        for name in _STATES:
            state.add_metric((*key, name), float(item.state == name))
        records.add_metric(key, float(item.records))
    yield from (success, lag, healthy, state, records)


def _recent(hours: Sequence[HourlyFailures]) -> Iterator[Metric]:
    recent = GaugeMetricFamily(
        "diag_sign_ins_24h", "Sign-ins of the last 24 hours that failed or paused", labels=("outcome",)
    )
    recent.add_metric(("failure",), float(sum(hour.failures for hour in hours)))
    recent.add_metric(("interrupt",), float(sum(hour.interrupts for hour in hours)))
    yield recent
