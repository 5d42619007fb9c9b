"""What applications did, by the hour: successes by credential, failures by application."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from diag.adapters.db.tables import FailureHourTable, SuccessHourTable
from diag.workflows.ports_alerts import Usage

_SUCCESSES = SuccessHourTable.__table__  # type: ignore[attr-defined]
_FAILURES = FailureHourTable.__table__  # type: ignore[attr-defined]


class SqlUsage:
    """The ``UsageStore`` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, tenant_id: str, app_id: str, since: datetime) -> Sequence[Usage]:
        table = _SUCCESSES.c
        total = sa.func.sum(table["count"])
        statement = (
            sa.select(table.credential_key_id, table.resource_id, total, sa.func.max(table.hour))
            .where(table.tenant_id == tenant_id, table.app_id == app_id, table.hour >= since)
            .group_by(table.credential_key_id, table.resource_id)
            .order_by(total.desc(), table.credential_key_id, table.resource_id)
        )
        return [
            Usage(credential_key_id=key_id, resource_id=resource_id, count=count, last_hour=last)
            for key_id, resource_id, count, last in self._connection.execute(statement)
        ]

    def failures_by_hour(self, tenant_id: str, since: datetime) -> Mapping[str, Mapping[datetime, int]]:
        table = _FAILURES.c
        statement = (
            sa.select(table.app_id, table.hour, sa.func.sum(table["count"]))
            .where(table.tenant_id == tenant_id, table.hour >= since, table.interrupt.is_(False))
            .group_by(table.app_id, table.hour)
        )
        found: dict[str, dict[datetime, int]] = defaultdict(dict)
        for app_id, hour, count in self._connection.execute(statement):
            found[app_id][hour] = count
        return found
