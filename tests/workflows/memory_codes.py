"""Codes as the incidents in memory count them."""

from collections import Counter
from collections.abc import Sequence

from diag.core.incidents import Incident
from diag.workflows.ports_codes import SeenApplication, SeenCode
from tests.workflows.memory_records import Store


class MemorySeenCodes(Store):
    def codes(self, tenant_id: str | None) -> Sequence[SeenCode]:
        grouped: dict[tuple[str, int], list[Incident]] = {}
        for incident in self._incidents():
            if tenant_id in (None, incident.tenant_id):
                grouped.setdefault((incident.tenant_id, incident.fingerprint.code), []).append(incident)
        seen = [
            SeenCode(
                tenant_id=tenant,
                code=code,
                count=sum(item.count for item in found),
                first_seen=min(item.first_seen for item in found),
                last_seen=max(item.last_seen for item in found),
            )
            for (tenant, code), found in grouped.items()
        ]
        return sorted(seen, key=lambda item: (-item.last_seen.timestamp(), item.code, item.tenant_id))

    def applications(self, tenant_id: str, code: int, limit: int) -> Sequence[SeenApplication]:
        counts: Counter[str] = Counter()
        names: dict[str, str] = {}
        for incident in self._incidents():
            if (incident.tenant_id, incident.fingerprint.code) == (tenant_id, code):
                app_id = incident.fingerprint.app_id
                counts[app_id] += incident.count
                names[app_id] = max(names.get(app_id, ""), incident.app_name)
        ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return [SeenApplication(app_id, names[app_id], count) for app_id, count in ordered[:limit]]

    def _incidents(self) -> list[Incident]:
        return [item for item in self._state["incidents"].values() if isinstance(item, Incident)]
