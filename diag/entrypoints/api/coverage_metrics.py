"""Coverage of tenants as figures for Prometheus."""

from collections.abc import Iterator, Sequence

from prometheus_client.core import GaugeMetricFamily, Metric

from diag.core.coverage import VERDICTS, Coverage
from diag.core.graph_permissions import NEEDS

_TENANT = ("tenant_id",)


def coverage_figures(coverage: Sequence[Coverage]) -> Iterator[Metric]:
    """A figure that could not be learnt is absent: nought would be a statement."""
    verdict = _gauge("diag_tenant_coverage", "1 for a tenant's verdict", "verdict")
    source = _gauge("diag_source_coverage", "1 for a source's verdict", "source", "verdict")
    gap = _gauge("diag_source_gap_seconds", "Time of the last seven days that was not read", "source")
    permission = _gauge("diag_permission_held", "1 when a needed permission is held", "permission")
    licence = _gauge("diag_licence_present", "1 when the sign-in log answers, 0 when it refuses for lack of a licence")
    skew = _gauge("diag_clock_skew_seconds", "This host's clock minus Microsoft Graph's")
    waits = _gauge("diag_throttled_until_timestamp_seconds", "Until when Microsoft Graph asked to wait")
    ends = _gauge("diag_own_credential_ends_timestamp_seconds", "When the credential of this service ends")
    for item in coverage:
        key = (item.tenant_id,)
        for name in VERDICTS:
            verdict.add_metric((*key, name), float(item.verdict == name))
        for one in item.sources:
            for name in VERDICTS:
                source.add_metric((*key, one.source, name), float(one.verdict == name))
            gap.add_metric((*key, one.source), sum((span.end - span.start).total_seconds() for span in one.gaps))
        if item.held is not None:
            for need in NEEDS:
                permission.add_metric((*key, need.permission), float(need.permission not in item.lacking))
        if item.licence != "unknown":
            licence.add_metric(key, float(item.licence == "present"))
        if item.skew_seconds is not None:
            skew.add_metric(key, item.skew_seconds)
        if item.throttled_until is not None:
            waits.add_metric(key, item.throttled_until.timestamp())
        if item.credential is not None:
            ends.add_metric(key, item.credential.ends.timestamp())
    yield from (verdict, source, gap, permission, licence, skew, waits, ends)


def _gauge(name: str, help_text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help_text, labels=(*_TENANT, *labels))
