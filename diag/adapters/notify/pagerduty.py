"""Alerts as events for PagerDuty, by its Events API v2 (developer.pagerduty.com, checked 2026-11-22).

All alerts about one thing carry the same ``dedup_key``, so that a more urgent one adds to the incident that is open
and the all-clear resolves it.
"""

import hashlib
import re
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from diag.adapters.notify.http import Answer, Endpoint, refused
from diag.adapters.notify.letter import letter, shown
from diag.core.alerts import Alert, Message, Severity
from diag.core.channels import PagerDutyChannel
from diag.core.errors import NotifyError
from diag.workflows.ports import Clock

_LONGEST_SUMMARY = 1024
_LONGEST_KEY = 255
_MOST_DETAILS = 40
_ALONE = 20
"""Events of one message that call for somebody."""
_ORDER: Sequence[Severity] = ("critical", "warning", "info")
_READ = 4096
_KEY = re.compile(r"[A-Za-z0-9]{32}")


class PagerDuty:
    """One integration of one PagerDuty service."""

    def __init__(self, channel: PagerDutyChannel, routing_key: str, clock: Clock, *, sample: bool) -> None:
        self.name = channel.name
        if _KEY.fullmatch(routing_key) is None:
            raise NotifyError(
                f"The integration key of the channel {channel.name} is not 32 letters and digits.",
                permanent=True,
                hint=f"Give {channel.routing_key_env} the Integration Key of an Events API v2 integration.",
            )
        self._routing_key = routing_key
        self._taken_of, self._taken = "", 0
        self._endpoint = Endpoint(
            channel.name, channel.url, clock, sample=sample, private_network=channel.private_network
        )

    async def send(self, message: Message) -> str:
        taken = self._taken if self._taken_of == message.id else 0
        given = events(message)
        answer = "nothing to send: a summary is no incident"
        for number, one in enumerate(given[taken:], taken + 1):
            said = await self._enqueue(one)
            answer = f"HTTP {said.status}: accepted, and processed later"
            # A message that fails half-way is repeated: it goes on where it stopped, or a limit would never be passed.
            self._taken_of, self._taken = message.id, number
        return answer

    async def _enqueue(self, given: dict[str, Any]) -> Answer:
        body = msgspec.json.encode({"routing_key": self._routing_key, **given})
        answer = await self._endpoint.post(body, {"content-type": "application/json"}, read=_READ)
        if not answer.accepted:
            # 400: the key or the event is wrong, and stays so.
            raise refused(
                answer,
                permanent=answer.status in (400, 413),
                disables=answer.status == 400 and b"routing_key" in answer.body,
                hint="Check that the integration still exists in PagerDuty, and that its key is the one given.",
            )
        return answer


def events(message: Message) -> list[dict[str, Any]]:
    """What PagerDuty is told, without the routing key: what is over first, then the most urgent, one event each.

    Of many alerts the last are one event that counts them: an integration takes 120 events a minute.
    """
    over = [alert for alert in message.alerts if alert.kind == "all_clear"]
    told = [alert for alert in message.alerts if alert.kind not in ("all_clear", "digest")]
    alone = told if len(told) <= _ALONE else told[: _ALONE - 1]
    found = [_resolving(alert) for alert in over] + [_triggering(alert, message) for alert in alone]
    if len(alone) < len(told):
        found.append(_rest(told[len(alone) :], message))
    # Nobody is to be called for a test: what it opened is closed at once.
    return found + [_resolving(alert) for alert in told if alert.kind == "test"]


def _resolving(alert: Alert) -> dict[str, Any]:
    return {"event_action": "resolve", "dedup_key": _dedup_key(alert)}


def _triggering(alert: Alert, message: Message) -> dict[str, Any]:
    written = letter(replace(message, alerts=(alert,)))
    part = written.parts[0]
    details: dict[str, str] = {}
    for line in part.lines[:_MOST_DETAILS]:
        label = line.label or (f"Step {line.number}" if line.number else "Note")
        details[label] = f"{details[label]} {line.text}" if label in details else line.text
    return {
        "event_action": "trigger",
        "dedup_key": _dedup_key(alert),
        "payload": {
            "summary": written.subject[:_LONGEST_SUMMARY],
            "source": shown(alert.app_name) or alert.app_id or "aadsts-diag",
            "severity": "info" if alert.kind == "test" else alert.severity,
            "timestamp": alert.due_at,
            "component": alert.app_id or "aadsts-diag",
            "class": alert.kind,
            "custom_details": details,
        },
        "client": "aadsts-diag",
        "client_url": part.url or message.public_url,
        "links": [{"href": part.url, "text": "Open in aadsts-diag"}] if part.url else [],
    }


def _rest(alerts: Sequence[Alert], message: Message) -> dict[str, Any]:
    url = f"{message.public_url}/alerts"
    worst = min((alert.severity for alert in alerts), key=_ORDER.index)
    mark = "[sample tenant] " if message.sample else ""
    return {
        "event_action": "trigger",
        "dedup_key": f"more|{message.id}",
        "payload": {
            "summary": f"{mark}{len(alerts)} more alerts of aadsts-diag",
            "source": "aadsts-diag",
            "severity": worst,
            "timestamp": max(alert.due_at for alert in alerts),
            "component": "aadsts-diag",
            "class": "alerts",
            "custom_details": {f"{number}": shown(a.subject) for number, a in enumerate(alerts[:_MOST_DETAILS], 1)},
        },
        "client": "aadsts-diag",
        "client_url": url,
        "links": [{"href": url, "text": "Open in aadsts-diag"}],
    }


def _dedup_key(alert: Alert) -> str:
    """The same for all alerts about one thing, from its first warning to its all-clear."""
    key = alert.topic or alert.key
    if len(key) <= _LONGEST_KEY and key.isascii() and key.isprintable():
        return key
    return hashlib.sha256(key.encode()).hexdigest()
