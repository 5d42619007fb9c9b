"""Alerts, the outbox, and the leases that decide who runs."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from diag.adapters.db.statements import upsert
from diag.adapters.db.tables import AlertTable, DeliveryTable, LeaseTable
from diag.core.alerts import Alert, Delivery

_ALERTS = AlertTable.__table__  # type: ignore[attr-defined]
_OUTBOX = DeliveryTable.__table__  # type: ignore[attr-defined]
_LEASES = LeaseTable.__table__  # type: ignore[attr-defined]
_ALERT_COLUMNS = list(_ALERTS.c)
_NAMESPACE = uuid.UUID("6f1b1c0e-7d0a-4f0e-9d6e-3f5f0f5f2a11")


class SqlAlerts:
    """The ``AlertStore`` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, alerts: Sequence[Alert], channels: Sequence[str], at: datetime) -> int:
        new = 0
        for alert in alerts:
            alert_id = str(uuid.uuid5(_NAMESPACE, alert.key))
            values = {name: getattr(alert, name) for name in alert.__struct_fields__}
            values |= {"id": alert_id, "created_at": at}
            statement = upsert(self._connection, _ALERTS).values(values).on_conflict_do_nothing()
            if not self._connection.execute(statement).rowcount:
                continue
            new += 1
            for channel in channels:
                self._connection.execute(
                    _OUTBOX.insert().values(
                        id=str(uuid.uuid5(_NAMESPACE, f"{alert.key}\n{channel}")),
                        alert_id=alert_id,
                        channel=channel,
                        state="pending",
                        attempts=0,
                        claim=0,
                        owner="",
                        claimed_until=None,
                        next_at=at,
                        answer="",
                        finished_at=None,
                    )
                )
        return new

    def find(self, tenant_id: str | None, before: str | None, limit: int) -> Sequence[Alert]:
        statement = sa.select(_ALERTS)
        if tenant_id:
            statement = statement.where(_ALERTS.c.tenant_id == tenant_id)
        if before:
            created, _, key = before.partition("\n")
            instant = datetime.fromisoformat(created)
            statement = statement.where(
                sa.or_(_ALERTS.c.created_at < instant, sa.and_(_ALERTS.c.created_at == instant, _ALERTS.c.id < key))
            )
        statement = statement.order_by(_ALERTS.c.created_at.desc(), _ALERTS.c.id.desc()).limit(limit)
        return [Alert(**row._mapping) for row in self._connection.execute(statement)]

    def deliveries(self, before: str | None, limit: int, tenant_id: str | None = None) -> Sequence[Delivery]:
        statement = self._joined()
        if tenant_id:
            statement = statement.where(_ALERTS.c.tenant_id == tenant_id)
        if before:
            created, _, key = before.partition("\n")
            instant = datetime.fromisoformat(created)
            statement = statement.where(
                sa.or_(_ALERTS.c.created_at < instant, sa.and_(_ALERTS.c.created_at == instant, _OUTBOX.c.id < key))
            )
        statement = statement.order_by(_ALERTS.c.created_at.desc(), _OUTBOX.c.id.desc()).limit(limit)
        return [_delivery(row) for row in self._connection.execute(statement)]

    def claim(self, channel: str, owner: str, now: datetime, lease_seconds: int, limit: int) -> Sequence[Delivery]:
        free = sa.or_(
            _OUTBOX.c.state == "pending", sa.and_(_OUTBOX.c.state == "sending", _OUTBOX.c.claimed_until <= now)
        )
        due = self._connection.execute(
            sa.select(_OUTBOX.c.id, _OUTBOX.c.claim)
            .where(_OUTBOX.c.channel == channel, free, _OUTBOX.c.next_at <= now)
            .order_by(_OUTBOX.c.next_at, _OUTBOX.c.id)
            .limit(limit)
        ).all()
        taken: list[str] = []
        for delivery_id, claim in due:
            result = self._connection.execute(
                _OUTBOX.update()
                .where(_OUTBOX.c.id == delivery_id, _OUTBOX.c.claim == claim, free)
                .values(
                    state="sending",
                    owner=owner,
                    claim=claim + 1,
                    attempts=_OUTBOX.c.attempts + 1,
                    claimed_until=now + timedelta(seconds=lease_seconds),
                )
            )
            if result.rowcount:
                taken.append(delivery_id)
        if not taken:
            return []
        rows = self._connection.execute(self._joined().where(_OUTBOX.c.id.in_(taken)).order_by(_OUTBOX.c.next_at))
        return [_delivery(row) for row in rows]

    def finish(
        self, delivery: Delivery, now: datetime, *, state: str, answer: str, retry_at: datetime | None = None
    ) -> bool:
        values: dict[str, Any] = {"state": state, "answer": answer[:500], "claimed_until": None}
        if retry_at is None:
            values["finished_at"] = now
        else:
            values["next_at"] = retry_at
        result = self._connection.execute(
            _OUTBOX.update().where(_OUTBOX.c.id == delivery.id, _OUTBOX.c.claim == delivery.claim).values(values)
        )
        return bool(result.rowcount)

    def delivered_keys(self, tenant_id: str, prefix: str) -> frozenset[str]:
        statement = sa.select(_ALERTS.c.key).where(
            _ALERTS.c.tenant_id == tenant_id, _ALERTS.c.key.startswith(prefix, autoescape=True)
        )
        return frozenset(self._connection.execute(statement).scalars())

    def _joined(self) -> Any:
        outbox = [column for column in _OUTBOX.c if column.name not in {"alert_id", "id"}]
        return sa.select(_OUTBOX.c.id.label("delivery_id"), *outbox, *_ALERT_COLUMNS).join(
            _ALERTS, _ALERTS.c.id == _OUTBOX.c.alert_id
        )


class SqlLeases:
    """The ``LeaseStore`` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def acquire(self, name: str, owner: str, now: datetime, seconds: int) -> bool:
        until = now + timedelta(seconds=seconds)
        statement = upsert(self._connection, _LEASES).values(name=name, owner=owner, until=until)
        statement = statement.on_conflict_do_update(
            index_elements=[_LEASES.c.name],
            set_={"owner": owner, "until": until},
            where=sa.or_(_LEASES.c.owner == owner, _LEASES.c.until <= now),
        )
        return bool(self._connection.execute(statement).rowcount)

    def release(self, name: str, owner: str) -> None:
        self._connection.execute(_LEASES.delete().where(_LEASES.c.name == name, _LEASES.c.owner == owner))


def _delivery(row: Row[Any]) -> Delivery:
    columns = row._mapping
    return Delivery(
        id=columns["delivery_id"],
        alert=Alert(**{name: columns[name] for name in Alert.__struct_fields__}),
        channel=columns["channel"],
        state=columns["state"],
        attempts=columns["attempts"],
        claim=columns["claim"],
        next_at=columns["next_at"],
        answer=columns["answer"],
        finished_at=columns["finished_at"],
    )
