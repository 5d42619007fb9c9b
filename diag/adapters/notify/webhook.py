"""Alerts as signed JSON, by the Standard Webhooks specification 1.0.0 (standardwebhooks.com, checked 2026-11-22)."""

import base64
import hashlib
import hmac

import msgspec

from diag.adapters.notify.http import WITHIN, Endpoint, refused
from diag.adapters.notify.letter import fitting
from diag.core import alert_text
from diag.core.alerts import Alert, Message
from diag.core.channels import WebhookChannel
from diag.core.errors import NotifyError
from diag.workflows.ports import Clock

_BUDGET = 18_000
"""Bytes of all alerts of one message; the specification advises to stay below 20 KB."""
_LONGEST_BODY = 4000
_LONGEST_NAME = 300
_GONE = 410
"""The one answer that says nothing more is wanted; all others may pass and are tried again, by the specification."""


class Webhook:
    """A receiver of signed JSON; any 2xx is acceptance."""

    def __init__(
        self, channel: WebhookChannel, secret: str, clock: Clock, *, sample: bool, within: float = WITHIN
    ) -> None:
        self.name = channel.name
        self._key = _key(channel, secret)
        self._clock = clock
        self._endpoint = Endpoint(
            channel.name, channel.url, clock, sample=sample, private_network=channel.private_network, within=within
        )

    async def send(self, message: Message) -> str:
        body = msgspec.json.encode(_payload(message))
        answer = await self._endpoint.post(body, self._headers(message.id, body))
        if not answer.accepted:
            raise refused(answer, permanent=answer.status == _GONE, disables=answer.status == _GONE)
        return f"HTTP {answer.status}"

    def _headers(self, message_id: str, body: bytes) -> dict[str, str]:
        stamp = str(int(self._clock.now().timestamp()))
        headers = {"content-type": "application/json", "webhook-id": message_id, "webhook-timestamp": stamp}
        if self._key:
            digest = hmac.digest(self._key, f"{message_id}.{stamp}.".encode() + body, hashlib.sha256)
            headers["webhook-signature"] = f"v1,{base64.b64encode(digest).decode()}"
        return headers


def _key(channel: WebhookChannel, secret: str) -> bytes:
    """The signing key of ``whsec_…``; empty when the channel has none."""
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True) if secret else b""
    except ValueError as error:
        raise NotifyError(
            f"The secret of the channel {channel.name} is not base64.",
            permanent=True,
            hint=f"Give {channel.secret_env} as whsec_ followed by base64.",
        ) from error


def _payload(message: Message) -> dict[str, object]:
    if len(message.alerts) == 1:
        alert = message.alert
        data = {**_told(alert, message), "body": alert.body[:_LONGEST_BODY]}
        return {"type": f"alert.{alert.kind}", "timestamp": alert.due_at, "data": data}
    told = fitting([_told(alert, message) for alert in message.alerts], _size, _BUDGET, lambda _: {})
    kept = [item for item in told if item]
    data = {
        "subject": alert_text.subject(message)[:_LONGEST_NAME],
        "alerts": kept,
        "left_out": len(message.alerts) - len(kept),
        "link": f"{message.public_url}/alerts",
        "sample_tenant": message.sample,
    }
    return {"type": "alerts", "timestamp": max(alert.due_at for alert in message.alerts), "data": data}


def _size(item: dict[str, object]) -> int:
    return len(msgspec.json.encode(item)) + 1


def _told(alert: Alert, message: Message) -> dict[str, object]:
    return {
        "id": alert.id,
        "tenant_id": alert.tenant_id,
        "kind": alert.kind,
        "severity": alert.severity,
        "topic": alert.topic,
        "app_id": alert.app_id,
        "app_name": alert.app_name[:_LONGEST_NAME],
        "subject": alert.subject[:_LONGEST_NAME],
        "link": f"{message.public_url}{alert.link}",
        "due_at": alert.due_at,
        "late": alert.late,
        "sample_tenant": message.sample,
    }
