"""Alerts, the outbox, what is quiet and how channels are doing, in memory."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from msgspec.structs import replace

from diag.core.alerts import Address, Alert, AlertStanding, ChannelState, Delivery, DeliveryState, Quieting
from diag.core.alerts import standing as standing_of
from diag.workflows.ports_alerts import OutboxFigure, Usage
from tests.workflows.memory_records import Store


class MemoryAlerts(Store):
    def add(self, alerts: Sequence[Alert], channels: Sequence[str | Address], at: datetime) -> int:
        new = 0
        for alert in alerts:
            if alert.key in self._state["alerts"]:
                continue
            new += 1
            kept = replace(alert, id=str(uuid5(NAMESPACE_URL, alert.key)), created_at=at)
            self._state["alerts"][alert.key] = kept
            for channel in channels:
                where = Address(channel) if isinstance(channel, str) else channel
                self._replace_unsent(kept, where, at)
                key = str(uuid5(NAMESPACE_URL, f"{alert.key}\n{where.channel}\n{where.recipient}"))
                delivery = Delivery(
                    id=key,
                    alert=kept,
                    channel=where.channel,
                    recipient=where.recipient,
                    state="pending",
                    attempts=0,
                    claim=0,
                    next_at=at,
                    queued_at=at,
                )
                self._state["outbox"][key] = (delivery, None)
        return new

    def get(self, alert_id: str) -> Alert | None:
        return next((alert for alert in self._state["alerts"].values() if alert.id == alert_id), None)

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
        found = [
            alert
            for alert in self._state["alerts"].values()
            if tenant_id in (None, alert.tenant_id)
            and kind in (None, alert.kind)
            and app_id in (None, alert.app_id)
            and standing in (None, standing_of(alert))
        ]
        return sorted(found, key=lambda alert: (alert.created_at, alert.id), reverse=True)[:limit]

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
        found = [
            delivery
            for delivery, _ in self._state["outbox"].values()
            if state in (None, delivery.state)
            and delivery_id in (None, delivery.id)
            and channel in (None, delivery.channel)
        ]
        return sorted(found, key=lambda delivery: (delivery.alert.created_at, delivery.id), reverse=True)[:limit]

    def claim(
        self,
        channel: str,
        owner: str,
        now: datetime,
        lease_seconds: int,
        limit: int,
        apart: timedelta = timedelta(0),
    ) -> Sequence[Delivery]:
        rows = [item for item, _ in self._state["outbox"].values() if item.channel == channel]
        lately = {
            item.recipient
            for item in rows
            if item.state == "delivered" and item.finished_at and now - apart < item.finished_at <= now
        }
        free = [
            delivery
            for delivery, until in self._state["outbox"].values()
            if delivery.channel == channel
            and (delivery.state == "pending" or (delivery.state == "sending" and until <= now))
        ]
        due = sorted(
            (item for item in free if item.next_at <= now and item.recipient not in lately),
            key=lambda item: (item.next_at, item.id),
        )
        tried = next((item.letter for item in due if item.letter), "")
        if tried:
            chosen = [item for item in free if item.letter == tried]
        else:
            fresh = [item for item in due if not item.letter and self._has_room(rows, item.recipient)]
            chosen = [item for item in fresh if item.recipient == fresh[0].recipient][:limit]
        letter = tried or (str(uuid5(NAMESPACE_URL, "\n".join(sorted(item.id for item in chosen)))) if chosen else "")
        if len(chosen) == 1 and not tried:
            letter = chosen[0].id
        taken = [
            replace(item, state="sending", attempts=item.attempts + 1, claim=item.claim + 1, letter=letter)
            for item in chosen
        ]
        until = now + timedelta(seconds=lease_seconds)
        self._state["outbox"].update({delivery.id: (delivery, until) for delivery in taken})
        return taken

    def finish(
        self, delivery: Delivery, now: datetime, *, state: Any, answer: str, retry_at: datetime | None = None
    ) -> bool:
        known, _ = self._state["outbox"][delivery.id]
        if known.claim != delivery.claim:
            return False
        done = replace(known, state=state, answer=answer[:500])
        done = replace(done, finished_at=now) if retry_at is None else replace(done, next_at=retry_at)
        self._state["outbox"][delivery.id] = (done, None)
        return True

    def replay(self, delivery_ids: Sequence[str], at: datetime) -> int:
        dead = [d for d, _ in self._state["outbox"].values() if d.id in delivery_ids and d.state == "dead"]
        for item in dead:
            again = replace(item, state="pending", attempts=0, next_at=at, queued_at=at, finished_at=None)
            self._state["outbox"][item.id] = (again, None)
        return len(dead)

    def delivered_keys(self, tenant_id: str, prefix: str) -> frozenset[str]:
        return frozenset(
            key
            for key, alert in self._state["alerts"].items()
            if alert.tenant_id == tenant_id and key.startswith(prefix)
        )

    def _replace_unsent(self, alert: Alert, where: Address, at: datetime) -> None:
        for item, until in list(self._state["outbox"].values()):
            same = (item.alert.tenant_id, item.alert.topic) == (alert.tenant_id, alert.topic) and alert.topic
            if same and (item.channel, item.recipient, item.state) == (where.channel, where.recipient, "pending"):
                moot = replace(item, state="withdrawn", finished_at=at, answer="A newer alert took its place.")
                self._state["outbox"][item.id] = (moot, until)

    @staticmethod
    def _has_room(rows: Sequence[Delivery], recipient: str) -> bool:
        under_way = [
            item
            for item in rows
            if item.recipient == recipient and item.letter and item.state in ("pending", "sending")
        ]
        return len({item.letter for item in under_way}) < 2 and all(item.attempts >= 6 for item in under_way)


class MemoryTopics(Store):
    def standing(self, tenant_id: str) -> Sequence[Alert]:
        latest = {
            alert.topic: alert
            for alert in sorted(self._state["alerts"].values(), key=lambda a: (a.topic, a.created_at, a.due_at, a.id))
            if alert.tenant_id == tenant_id
            and alert.topic
            and alert.closed_at is None
            and alert.kind not in ("all_clear", "digest", "test")
        }
        return list(latest.values())

    def close(self, tenant_id: str, topic: str, at: datetime, why: str) -> Sequence[Address]:
        open_ones = {
            alert.id: alert
            for alert in self._state["alerts"].values()
            if (alert.tenant_id, alert.topic) == (tenant_id, topic) and alert.closed_at is None
        }
        told = set()
        for item, until in list(self._state["outbox"].values()):
            if item.alert.id in open_ones and item.state in ("delivered", "sending"):
                told.add(Address(item.channel, item.recipient))
            elif item.alert.id in open_ones and item.state == "pending":
                moot = replace(item, state="withdrawn", finished_at=at, answer=why[:500])
                self._state["outbox"][item.id] = (moot, until)
        for alert in open_ones.values():
            self._state["alerts"][alert.key] = replace(alert, closed_at=at)
        return sorted(told)

    def acknowledge(self, tenant_id: str, topic: str, at: datetime, by: str) -> int:
        found = [
            alert
            for alert in self._state["alerts"].values()
            if (alert.tenant_id, alert.topic) == (tenant_id, topic) and alert.acknowledged_at is None
        ]
        for alert in found:
            self._state["alerts"][alert.key] = replace(alert, acknowledged_at=at, acknowledged_by=by)
        return len(found)

    def put(self, quieting: Quieting) -> None:
        self._state["quietings"][(quieting.tenant_id, quieting.topic, quieting.action)] = quieting

    def end(self, tenant_id: str, topic: str) -> int:
        doomed = [key for key in self._state["quietings"] if key[:2] == (tenant_id, topic)]
        for key in doomed:
            del self._state["quietings"][key]
        return len(doomed)

    def quietings(self, tenant_id: str | None, now: datetime) -> Sequence[Quieting]:
        table = self._state["quietings"]
        since = now - timedelta(days=366)
        return [
            table[key]
            for key in sorted(table)
            if tenant_id in (None, key[0]) and (table[key].until is None or table[key].until > since)
        ]

    def use_link(self, link_id: str, at: datetime) -> bool:
        if link_id in self._state["links"]:
            return False
        self._state["links"][link_id] = at
        return True


class MemoryChannels(Store):
    def get(self, name: str) -> ChannelState:
        return self._state["channels"].get(name) or ChannelState(name=name)

    def save(self, state: ChannelState) -> None:
        self._state["channels"][state.name] = state

    def all(self) -> Sequence[ChannelState]:
        return [self._state["channels"][name] for name in sorted(self._state["channels"])]

    def waiting(self, name: str) -> int:
        return sum(
            1
            for item, _ in self._state["outbox"].values()
            if item.channel == name and item.state in ("pending", "sending")
        )

    def outbox(self) -> Sequence[OutboxFigure]:
        found: dict[tuple[str, DeliveryState], list[datetime]] = {}
        for item, _ in self._state["outbox"].values():
            found.setdefault((item.channel, item.state), []).append(item.alert.created_at)
        return [
            OutboxFigure(channel=channel, state=state, number=len(written), oldest=min(written))
            for (channel, state), written in sorted(found.items())
        ]


class MemoryUsage(Store):
    def of(self, tenant_id: str, app_id: str, since: datetime) -> Sequence[Usage]:
        found: dict[tuple[str, str], tuple[int, datetime]] = {}
        for (tenant, hour, app, key_id, resource_id), count in self._state["successes"].items():
            if (tenant, app) == (tenant_id, app_id) and hour >= since:
                before, last = found.get((key_id, resource_id), (0, hour))
                found[(key_id, resource_id)] = (before + count.count, max(last, hour))
        return [
            Usage(credential_key_id=key_id, resource_id=resource_id, count=count, last_hour=last)
            for (key_id, resource_id), (count, last) in sorted(found.items(), key=lambda item: (-item[1][0], item[0]))
        ]

    def failures_by_hour(self, tenant_id: str, since: datetime) -> Mapping[str, Mapping[datetime, int]]:
        found: dict[str, Counter[datetime]] = {}
        for row in self._state["failures"].values():
            hour = row.created_at.replace(minute=0, second=0, microsecond=0)
            if row.tenant_id == tenant_id and hour >= since and not row.interrupt:
                found.setdefault(row.app_id, Counter())[hour] += 1
        return found
