"""What collecting keeps beside the records, in memory: windows that were read and counted successes."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from diag.core.records import SuccessCount
from diag.core.windows import HOUR, ReadWindow, Window
from diag.workflows.ports_collecting import HourlySuccesses
from tests.workflows.memory_records import Store


class MemoryWindows(Store):
    def close(self, window: ReadWindow) -> None:
        table = self._state["windows"]
        if window.kind == "poll":
            for key, row in sorted(table.items(), key=lambda item: item[1].start, reverse=True):
                follows = row.start <= window.start <= row.end <= window.end
                if key[:3] == _key(window)[:3] and follows and row.start > window.end - 2 * HOUR:
                    table[key] = replace(
                        row,
                        end=window.end,
                        read_at=window.read_at,
                        pages=row.pages + window.pages,
                        records=row.records + window.records,
                        new=row.new + window.new,
                    )
                    return
        known = table.get(_key(window))
        table[_key(window)] = replace(window, end=max(window.end, known.end)) if known else window

    def find(
        self, tenant_id: str, source: str | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> Sequence[ReadWindow]:
        found = [
            row
            for row in self._state["windows"].values()
            if row.tenant_id == tenant_id
            and source in (None, row.source)
            and (since is None or row.end >= since)
            and (until is None or row.start <= until)
        ]
        return sorted(found, key=lambda row: (row.start, row.source, row.kind))

    def delete_before(self, instant: datetime, limit: int) -> int:
        table = self._state["windows"]
        doomed = [key for key, row in table.items() if row.end < instant][:limit]
        for key in doomed:
            del table[key]
        return len(doomed)


class MemorySuccesses(Store):
    def replace(self, tenant_id: str, window: Window, counts: Sequence[SuccessCount]) -> int:
        table = self._state["successes"]
        before = [key for key in table if key[0] == tenant_id and window.start <= key[1] < window.end]
        more = sum(count.count for count in counts) - sum(table.pop(key).count for key in before)
        for count in counts:
            table[tenant_id, count.hour, count.app_id, count.credential_key_id, count.resource_id] = count
        return more

    def note(self, tenant_id: str, counts: Sequence[SuccessCount]) -> None:
        table = self._state["successes"]
        for count in counts:
            key = (tenant_id, count.hour, count.app_id, count.credential_key_id, count.resource_id)
            known = table.get(key)
            table[key] = replace(known, last_at=max(known.last_at, count.last_at)) if known else count

    def last(
        self, tenant_id: str, app_id: str, *, resource_id: str | None = None, credential_key_id: str | None = None
    ) -> datetime | None:
        found = [
            count.last_at
            for (tenant, _, app, key_id, resource), count in self._state["successes"].items()
            if (tenant, app) == (tenant_id, app_id)
            and resource_id in (None, resource)
            and credential_key_id in (None, key_id)
        ]
        return max(found, default=None)

    def hourly(self, tenant_id: str, since: datetime, app_id: str | None = None) -> Sequence[HourlySuccesses]:
        hours: Counter[datetime] = Counter()
        for (tenant, hour, app, _, _), count in self._state["successes"].items():
            if tenant == tenant_id and hour >= since and app_id in (None, app):
                hours[hour] += count.count
        return [HourlySuccesses(hour, hours[hour]) for hour in sorted(hours)]

    def delete_before(self, instant: datetime, limit: int) -> int:
        table = self._state["successes"]
        doomed = [key for key in table if key[1] < instant][:limit]
        for key in doomed:
            del table[key]
        return len(doomed)


def _key(window: ReadWindow) -> tuple[str, str, str, datetime]:
    return window.tenant_id, window.source, window.kind, window.start
