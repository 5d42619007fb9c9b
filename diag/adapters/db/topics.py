"""Topics of alerts with their snoozes and acknowledgements, links used, and the state of channels."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from diag.adapters.db.alert_tables import ChannelStateTable, QuietingTable, UsedLinkTable
from diag.adapters.db.alerts import alert_of
from diag.adapters.db.statements import upsert
from diag.adapters.db.tables import AlertTable, DeliveryTable
from diag.core.alerts import WARNS_OF_NOTHING, Address, Alert, ChannelState, Quieting
from diag.workflows.ports_alerts import OutboxFigure

_ALERTS = AlertTable.__table__  # type: ignore[attr-defined]
_OUTBOX = DeliveryTable.__table__  # type: ignore[attr-defined]
_QUIETINGS = QuietingTable.__table__  # type: ignore[attr-defined]
_LINKS = UsedLinkTable.__table__  # type: ignore[attr-defined]
_CHANNELS = ChannelStateTable.__table__  # type: ignore[attr-defined]
_REMEMBERED = timedelta(days=366)
_LINK_MEMORY = timedelta(days=100)
_BY_TOPIC = (_QUIETINGS.c.tenant_id, _QUIETINGS.c.topic, _QUIETINGS.c.action)


class SqlTopics:
    """The ``TopicStore`` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def standing(self, tenant_id: str) -> Sequence[Alert]:
        statement = (
            sa.select(_ALERTS)
            .where(
                _ALERTS.c.tenant_id == tenant_id,
                _ALERTS.c.topic != "",
                _ALERTS.c.closed_at.is_(None),
                _ALERTS.c.kind.not_in(WARNS_OF_NOTHING),
            )
            .order_by(_ALERTS.c.topic, _ALERTS.c.created_at, _ALERTS.c.due_at, _ALERTS.c.id)
        )
        latest = {row.topic: alert_of(row) for row in self._connection.execute(statement)}
        return list(latest.values())

    def close(self, tenant_id: str, topic: str, at: datetime, why: str) -> Sequence[Address]:
        open_ones = sa.select(_ALERTS.c.id).where(
            _ALERTS.c.tenant_id == tenant_id, _ALERTS.c.topic == topic, _ALERTS.c.closed_at.is_(None)
        )
        of_topic = _OUTBOX.c.alert_id.in_(open_ones)
        told = self._connection.execute(
            sa.select(_OUTBOX.c.channel, _OUTBOX.c.recipient)
            .where(of_topic, _OUTBOX.c.state.in_(("delivered", "sending")))
            .distinct()
            .order_by(_OUTBOX.c.channel, _OUTBOX.c.recipient)
        ).all()
        self._connection.execute(
            _OUTBOX.update()
            .where(of_topic, _OUTBOX.c.state == "pending")
            .values(state="withdrawn", finished_at=at, answer=why[:500])
        )
        self._connection.execute(_ALERTS.update().where(_ALERTS.c.id.in_(open_ones)).values(closed_at=at))
        return [Address(channel, recipient) for channel, recipient in told]

    def acknowledge(self, tenant_id: str, topic: str, at: datetime, by: str) -> int:
        standing = sa.and_(
            _ALERTS.c.tenant_id == tenant_id, _ALERTS.c.topic == topic, _ALERTS.c.acknowledged_at.is_(None)
        )
        marked = _ALERTS.update().where(standing).values(acknowledged_at=at, acknowledged_by=by)
        return self._connection.execute(marked).rowcount

    def put(self, quieting: Quieting) -> None:
        values = {name: getattr(quieting, name) for name in quieting.__struct_fields__}
        statement = upsert(self._connection, _QUIETINGS).values(values)
        self._connection.execute(statement.on_conflict_do_update(index_elements=list(_BY_TOPIC), set_=values))

    def end(self, tenant_id: str, topic: str) -> int:
        about = sa.and_(_QUIETINGS.c.tenant_id == tenant_id, _QUIETINGS.c.topic == topic)
        return self._connection.execute(_QUIETINGS.delete().where(about)).rowcount

    def quietings(self, tenant_id: str | None, now: datetime) -> Sequence[Quieting]:
        lasting = sa.or_(_QUIETINGS.c.until.is_(None), _QUIETINGS.c.until > now - _REMEMBERED)
        statement = sa.select(_QUIETINGS).where(lasting)
        if tenant_id:
            statement = statement.where(_QUIETINGS.c.tenant_id == tenant_id)
        return [Quieting(**row._mapping) for row in self._connection.execute(statement.order_by(*_BY_TOPIC))]

    def use_link(self, link_id: str, at: datetime) -> bool:
        # What has expired needs no memory: no link is good for longer than 90 days.
        self._connection.execute(_LINKS.delete().where(_LINKS.c.used_at < at - _LINK_MEMORY))
        statement = upsert(self._connection, _LINKS).values(id=link_id, used_at=at).on_conflict_do_nothing()
        return bool(self._connection.execute(statement).rowcount)


class SqlChannels:
    """The ``ChannelStore`` port."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, name: str) -> ChannelState:
        row = self._connection.execute(sa.select(_CHANNELS).where(_CHANNELS.c.name == name)).first()
        return ChannelState(**row._mapping) if row else ChannelState(name=name)

    def save(self, state: ChannelState) -> None:
        values = {name: getattr(state, name) for name in state.__struct_fields__}
        values["answer"], values["disabled_because"] = state.answer[:500], state.disabled_because[:500]
        statement = upsert(self._connection, _CHANNELS).values(values)
        self._connection.execute(statement.on_conflict_do_update(index_elements=[_CHANNELS.c.name], set_=values))

    def all(self) -> Sequence[ChannelState]:
        rows = self._connection.execute(sa.select(_CHANNELS).order_by(_CHANNELS.c.name))
        return [ChannelState(**row._mapping) for row in rows]

    def waiting(self, name: str) -> int:
        waits = sa.and_(_OUTBOX.c.channel == name, _OUTBOX.c.state.in_(("pending", "sending")))
        return self._connection.execute(sa.select(sa.func.count()).where(waits)).scalar_one()

    def outbox(self) -> Sequence[OutboxFigure]:
        statement = (
            sa.select(_OUTBOX.c.channel, _OUTBOX.c.state, sa.func.count(), sa.func.min(_ALERTS.c.created_at))
            .join(_ALERTS, _ALERTS.c.id == _OUTBOX.c.alert_id)
            .group_by(_OUTBOX.c.channel, _OUTBOX.c.state)
            .order_by(_OUTBOX.c.channel, _OUTBOX.c.state)
        )
        return [
            OutboxFigure(channel=channel, state=state, number=number, oldest=oldest)
            for channel, state, number, oldest in self._connection.execute(statement)
        ]
