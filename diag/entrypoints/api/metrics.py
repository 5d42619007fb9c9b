"""Figures for Prometheus, read from the store at the moment of asking; labels are bounded."""

from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.registry import Collector

from diag import __version__
from diag.bootstrap import Service
from diag.workflows.ports import Progress


def exposition(service: Service) -> bytes:
    """All figures in the text format."""
    registry = CollectorRegistry()
    registry.register(_Figures(service))
    return generate_latest(registry)


class _Figures(Collector):
    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        info = InfoMetricFamily("diag_build", "Version of the program and of its knowledge base")
        info.add_metric([], {"version": __version__, "knowledge_base": self._service.knowledge_base.version})
        yield info
        ready = not self._service.starting and self._service.problem is None
        yield GaugeMetricFamily("diag_ready", "1 when start-up is done", value=float(ready))
        if not ready:
            return
        with self._service.database.read() as transaction:
            progress = transaction.progress.all()
        yield from _progress(progress)


def _progress(progress: Sequence[Progress]) -> Iterator[Metric]:
    labels = ("tenant_id", "source")
    success = GaugeMetricFamily(
        "diag_source_last_success_timestamp_seconds", "When a source was last read to its end", labels=labels
    )
    healthy = GaugeMetricFamily("diag_source_healthy", "1 when the last attempt succeeded", labels=labels)
    records = GaugeMetricFamily("diag_source_records", "Records read from a source so far", labels=labels)
    for item in progress:
        key = (item.tenant_id, item.source)
        if item.succeeded_at is not None:
            success.add_metric(key, item.succeeded_at.timestamp())
        healthy.add_metric(key, float(item.state in ("ok", "backfilling")))
        records.add_metric(key, float(item.records))
    yield success
    yield healthy
    yield records
