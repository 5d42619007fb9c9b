"""Alerts, the outbox, and the leases that decide who runs."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection, Row

from diag.adapters.db.statements import upsert
from diag.adapters.db.tables import AlertTable, DeliveryTable, LeaseTable
from diag.core.alerts import WARNS_OF_NOTHING, Address, Alert, AlertStanding, Content, Delivery

_ALERTS = AlertTable.__table__  # type: ignore[attr-defined]
_OUTBOX = DeliveryTable.__table__  # type: ignore[attr-defined]
_LEASES = LeaseTable.__table__  # type: ignore[attr-defined]
_ALERT_COLUMNS = list(_ALERTS.c)
_CLAIMED = (_OUTBOX.c.id, _OUTBOX.c.claim, _OUTBOX.c.letter)
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Content)
_CHUNK = 500
"""Ids per statement, far below what either database takes."""
_BLOCKS_UNTIL = 6
"""Attempts after which a message no longer keeps another one for the same reader waiting."""
_AT_MOST_UNDER_WAY = 2
_NAMESPACE = uuid.UUID("6f1b1c0e-7d0a-4f0e-9d6e-3f5f0f5f2a11")


class SqlAlerts:
    """The ``AlertStore`` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, alerts: Sequence[Alert], channels: Sequence[str | Address], at: datetime) -> int:
        addresses = [Address(channel) if isinstance(channel, str) else channel for channel in channels]
        new = 0
        for alert in alerts:
            alert_id = str(uuid.uuid5(_NAMESPACE, alert.key))
            values = {name: getattr(alert, name) for name in alert.__struct_fields__}
            values |= {"id": alert_id, "created_at": at, "content": _ENCODER.encode(alert.content).decode()}
            statement = upsert(self._connection, _ALERTS).values(values).on_conflict_do_nothing()
            if not self._connection.execute(statement).rowcount:
                continue
            new += 1
            if alert.topic:
                self._replace_unsent(alert.tenant_id, alert.topic, alert_id, addresses, at)
            if addresses:
                self._connection.execute(_OUTBOX.insert(), [_row(alert, alert_id, where, at) for where in addresses])
        return new

    def get(self, alert_id: str) -> Alert | None:
        row = self._connection.execute(sa.select(_ALERTS).where(_ALERTS.c.id == alert_id)).first()
        return alert_of(row) if row else None

    def find(
        self,
        tenant_id: str | None,
        before: str | None,
        limit: int,
        *,
        kind: str | None = None,
        app_id: str | None = None,
        standing: AlertStanding | None = None,
    ) -> Sequence[Alert]:
        statement = sa.select(_ALERTS)
        for column, value in ((_ALERTS.c.tenant_id, tenant_id), (_ALERTS.c.kind, kind), (_ALERTS.c.app_id, app_id)):
            if value:
                statement = statement.where(column == value)
        if standing is not None:
            statement = statement.where(*_stands(standing))
        if before:
            created, _, key = before.partition("\n")
            instant = datetime.fromisoformat(created)
            statement = statement.where(
                sa.or_(_ALERTS.c.created_at < instant, sa.and_(_ALERTS.c.created_at == instant, _ALERTS.c.id < key))
            )
        statement = statement.order_by(_ALERTS.c.created_at.desc(), _ALERTS.c.id.desc()).limit(limit)
        return [alert_of(row) for row in self._connection.execute(statement)]

    def deliveries(
        self,
        before: str | None,
        limit: int,
        tenant_id: str | None = None,
        state: str | None = None,
        *,
        delivery_id: str | None = None,
        channel: str | None = None,
    ) -> Sequence[Delivery]:
        statement = self._joined()
        if tenant_id:
            statement = statement.where(_ALERTS.c.tenant_id == tenant_id)
        if state:
            statement = statement.where(_OUTBOX.c.state == state)
        if delivery_id is not None:
            statement = statement.where(_OUTBOX.c.id == delivery_id)
        if channel:
            statement = statement.where(_OUTBOX.c.channel == channel)
        if before:
            created, _, key = before.partition("\n")
            instant = datetime.fromisoformat(created)
            statement = statement.where(
                sa.or_(_ALERTS.c.created_at < instant, sa.and_(_ALERTS.c.created_at == instant, _OUTBOX.c.id < key))
            )
        statement = statement.order_by(_ALERTS.c.created_at.desc(), _OUTBOX.c.id.desc()).limit(limit)
        return [_delivery(row) for row in self._connection.execute(statement)]

    def claim(
        self,
        channel: str,
        owner: str,
        now: datetime,
        lease_seconds: int,
        limit: int,
        apart: timedelta = timedelta(0),
    ) -> Sequence[Delivery]:
        due = self._tried_before(channel, now, apart) or self._new_letter(channel, now, limit, apart)
        letter = due[0].letter or _letter_of([row.id for row in due]) if due else ""
        taken: list[str] = []
        for row in due:
            result = self._connection.execute(
                _OUTBOX.update()
                .where(_OUTBOX.c.id == row.id, _OUTBOX.c.claim == row.claim, _free(now))
                .values(
                    state="sending",
                    owner=owner,
                    letter=letter,
                    claim=row.claim + 1,
                    attempts=_OUTBOX.c.attempts + 1,
                    claimed_until=now + timedelta(seconds=lease_seconds),
                )
            )
            if result.rowcount:
                taken.append(row.id)
        found: list[Delivery] = []
        for start in range(0, len(taken), _CHUNK):
            part = self._joined().where(_OUTBOX.c.id.in_(taken[start : start + _CHUNK]))
            found += [_delivery(row) for row in self._connection.execute(part.order_by(_OUTBOX.c.id))]
        return found

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

    def replay(self, delivery_ids: Sequence[str], at: datetime) -> int:
        again = {"state": "pending", "attempts": 0, "next_at": at, "finished_at": None, "queued_at": at}
        dead = sa.and_(_OUTBOX.c.id.in_(delivery_ids), _OUTBOX.c.state == "dead")
        return self._connection.execute(_OUTBOX.update().where(dead).values(again)).rowcount

    def delivered_keys(self, tenant_id: str, prefix: str) -> frozenset[str]:
        statement = sa.select(_ALERTS.c.key).where(
            _ALERTS.c.tenant_id == tenant_id, _ALERTS.c.key.startswith(prefix, autoescape=True)
        )
        return frozenset(self._connection.execute(statement).scalars())

    def _replace_unsent(
        self, tenant_id: str, topic: str, alert_id: str, addresses: Sequence[Address], at: datetime
    ) -> None:
        """Older alerts about the same that nobody was sent yet are made moot by the newer one."""
        older = sa.select(_ALERTS.c.id).where(
            _ALERTS.c.tenant_id == tenant_id, _ALERTS.c.topic == topic, _ALERTS.c.id != alert_id
        )
        for where in addresses:
            self._connection.execute(
                _OUTBOX.update()
                .where(
                    _OUTBOX.c.alert_id.in_(older),
                    _OUTBOX.c.channel == where.channel,
                    _OUTBOX.c.recipient == where.recipient,
                    _OUTBOX.c.state == "pending",
                )
                .values(state="withdrawn", finished_at=at, answer="A newer alert about the same took its place.")
            )

    def _tried_before(self, channel: str, now: datetime, apart: timedelta) -> Sequence[Row[Any]]:
        """The rows of one message whose repeat is due; it holds what it held the first time."""
        first = self._connection.execute(
            sa.select(_OUTBOX.c.letter)
            .where(_OUTBOX.c.channel == channel, _OUTBOX.c.letter != "", _free(now), _OUTBOX.c.next_at <= now)
            .where(~_written_lately(now, apart))
            .order_by(_OUTBOX.c.next_at, _OUTBOX.c.id)
            .limit(1)
        ).scalar()
        if first is None:
            return []
        statement = sa.select(*_CLAIMED).where(_OUTBOX.c.channel == channel, _OUTBOX.c.letter == first, _free(now))
        return self._connection.execute(statement.order_by(_OUTBOX.c.id)).all()

    def _new_letter(self, channel: str, now: datetime, limit: int, apart: timedelta) -> Sequence[Row[Any]]:
        """What waits for the reader who has waited longest, and was not written to a moment ago."""
        waiting = (_OUTBOX.c.channel == channel, _OUTBOX.c.state == "pending", _OUTBOX.c.letter == "")
        reader = self._connection.execute(
            sa.select(_OUTBOX.c.recipient)
            .where(*waiting, _OUTBOX.c.next_at <= now, ~_written_lately(now, apart), _room())
            .order_by(_OUTBOX.c.next_at, _OUTBOX.c.id)
            .limit(1)
        ).scalar()
        if reader is None:
            return []
        statement = (
            sa.select(*_CLAIMED)
            .where(*waiting, _OUTBOX.c.next_at <= now, _OUTBOX.c.recipient == reader)
            .order_by(_OUTBOX.c.next_at, _OUTBOX.c.id)
            .limit(limit)
        )
        return self._connection.execute(statement).all()

    def _joined(self) -> Any:
        outbox = [column for column in _OUTBOX.c if column.name not in {"alert_id", "id"}]
        return sa.select(_OUTBOX.c.id.label("delivery_id"), *outbox, *_ALERT_COLUMNS).join(
            _ALERTS, _ALERTS.c.id == _OUTBOX.c.alert_id
        )


def _stands(standing: AlertStanding) -> tuple[sa.ColumnElement[bool], ...]:
    warns = _ALERTS.c.kind.not_in(WARNS_OF_NOTHING)
    if standing == "over":
        return (warns, _ALERTS.c.closed_at.is_not(None))
    looked_after = _ALERTS.c.acknowledged_at
    return (
        warns,
        _ALERTS.c.closed_at.is_(None),
        looked_after.is_(None) if standing == "open" else looked_after.is_not(None),
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
            # No owner takes a lease for longer than this: one that ends later is from before the clock was set back,
            # and its owner may be dead.
            where=sa.or_(_LEASES.c.owner == owner, _LEASES.c.until <= now, _LEASES.c.until > now + 2 * (until - now)),
        )
        return bool(self._connection.execute(statement).rowcount)

    def holders(self) -> Mapping[str, str]:
        return {row.name: row.owner for row in self._connection.execute(sa.select(_LEASES.c.name, _LEASES.c.owner))}

    def release(self, name: str, owner: str) -> None:
        self._connection.execute(_LEASES.delete().where(_LEASES.c.name == name, _LEASES.c.owner == owner))


def alert_of(row: Row[Any]) -> Alert:
    """The alert in a row of the alert table, or of one joined with it."""
    values = {name: row._mapping[name] for name in Alert.__struct_fields__}
    return Alert(**{**values, "content": _DECODER.decode(values["content"])})


def _delivery(row: Row[Any]) -> Delivery:
    columns = row._mapping
    own = {name: columns[name] for name in Delivery.__struct_fields__ if name not in ("id", "alert")}
    return Delivery(id=columns["delivery_id"], alert=alert_of(row), **own)


def _row(alert: Alert, alert_id: str, where: Address, at: datetime) -> dict[str, Any]:
    """A new row of the outbox; its id is the same however often it is made."""
    named = f"{alert.key}\n{where.channel}"
    return {
        "id": str(uuid.uuid5(_NAMESPACE, f"{named}\n{where.recipient}" if where.recipient else named)),
        "alert_id": alert_id,
        "channel": where.channel,
        "recipient": where.recipient,
        "letter": "",
        "state": "pending",
        "attempts": 0,
        "claim": 0,
        "owner": "",
        "claimed_until": None,
        "next_at": at,
        "queued_at": at,
        "answer": "",
        "finished_at": None,
    }


def _letter_of(delivery_ids: Sequence[str]) -> str:
    """The id of a message: the delivery's own where there is one, so that it is what the API shows."""
    return delivery_ids[0] if len(delivery_ids) == 1 else str(uuid.uuid5(_NAMESPACE, "\n".join(sorted(delivery_ids))))


def _written_lately(now: datetime, apart: timedelta) -> sa.ColumnElement[bool]:
    """Whether the row's reader took a message within ``apart``; an instant ahead of the clock does not count."""
    other = _OUTBOX.alias("lately")
    return sa.exists().where(
        other.c.channel == _OUTBOX.c.channel,
        other.c.recipient == _OUTBOX.c.recipient,
        other.c.state == "delivered",
        other.c.finished_at > now - apart,
        other.c.finished_at <= now,
    )


def _room() -> sa.ColumnElement[bool]:
    """Whether a new message may begin for the row's reader.

    Not while one is under way; a second one only when the first failed so often that the fault may lie in it.
    """
    other = _OUTBOX.alias("under_way")
    under_way = sa.and_(
        other.c.channel == _OUTBOX.c.channel,
        other.c.recipient == _OUTBOX.c.recipient,
        other.c.letter != "",
        other.c.state.in_(("pending", "sending")),
    )
    letters = sa.select(sa.func.count(sa.distinct(other.c.letter))).where(under_way).scalar_subquery()
    fresh = sa.exists().where(under_way, other.c.attempts < _BLOCKS_UNTIL)
    return sa.and_(letters < _AT_MOST_UNDER_WAY, ~fresh)


def _free(now: datetime) -> sa.ColumnElement[bool]:
    """Nobody is at it: it waits, or whoever took it has not finished in time."""
    overdue = sa.and_(_OUTBOX.c.state == "sending", _OUTBOX.c.claimed_until <= now)
    return sa.or_(_OUTBOX.c.state == "pending", overdue)
