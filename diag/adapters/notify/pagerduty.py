"""Alerts as events for PagerDuty, by its Events API v2 (developer.pagerduty.com, checked 2026-11-22).

All alerts about one thing carry the same ``dedup_key``, so that a more urgent one adds to the incident that is open
and the all-clear resolves it.
"""

import hashlib
import re
from typing import Any, Literal

import msgspec

from diag.adapters.notify.http import Answer, Endpoint, refused
from diag.adapters.notify.letter import letter, shown
from diag.core.alerts import Alert, Message
from diag.core.channels import PagerDutyChannel
from diag.core.errors import NotifyError
from diag.workflows.ports import Clock

_LONGEST_SUMMARY = 1024
_LONGEST_KEY = 255
_MOST_DETAILS = 40
_READ = 4096
_KEY = re.compile(r"[A-Za-z0-9]{32}")

EventAction = Literal["trigger", "resolve"]


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
        self._endpoint = Endpoint(
            channel.name, channel.url, clock, sample=sample, private_network=channel.private_network
        )

    async def send(self, message: Message) -> str:
        answer = await self._enqueue(event(message, "trigger"))
        if message.alert.kind == "test":
            # Nobody is to be called for a test: what it opened is closed at once.
            await self._enqueue(event(message, "resolve"))
        return f"HTTP {answer.status}: accepted, and processed later"

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


def event(message: Message, action: EventAction) -> dict[str, Any]:
    """One event without its routing key; a resolving one carries no payload."""
    alert = message.alert
    told: dict[str, Any] = {"event_action": action, "dedup_key": _dedup_key(alert)}
    if action == "resolve":
        return told
    written = letter(message)
    url = written.parts[0].url
    details: dict[str, str] = {}
    for line in written.parts[0].lines[:_MOST_DETAILS]:
        label = line.label or (f"Step {line.number}" if line.number else "Note")
        details[label] = f"{details[label]} {line.text}" if label in details else line.text
    return {
        **told,
        "payload": {
            "summary": written.subject[:_LONGEST_SUMMARY],
            "source": shown(alert.app_name) or alert.app_id or "aadsts-diag",
            "severity": _severity(alert),
            "timestamp": alert.due_at,
            "component": alert.app_id or "aadsts-diag",
            "class": alert.kind,
            "custom_details": details,
        },
        "client": "aadsts-diag",
        "client_url": url or message.public_url,
        "links": [{"href": url, "text": "Open in aadsts-diag"}] if url else [],
    }


def _severity(alert: Alert) -> str:
    if alert.kind == "test":
        return "info"
    return "critical" if alert.kind == "credential_ended" else "warning"


def _dedup_key(alert: Alert) -> str:
    """The same for all alerts about one thing: the alert's key without its threshold."""
    topic = alert.key.rpartition("|")[0] if alert.kind in ("credential_ending", "credential_ended") else ""
    key = topic or alert.key
    if len(key) <= _LONGEST_KEY and key.isascii() and key.isprintable():
        return key
    return hashlib.sha256(key.encode()).hexdigest()
