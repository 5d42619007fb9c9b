"""Alerts as signed JSON, by the Standard Webhooks specification 1.0.0 (standardwebhooks.com, checked 2026-11-22)."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit, urlunsplit

import httpx
import msgspec

from diag.adapters.notify.egress import resolve
from diag.core.alerts import Message
from diag.core.channels import WebhookChannel
from diag.core.errors import NotifyError

_TIMEOUT = httpx.Timeout(20.0, connect=10.0)
_GONE = frozenset({301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 410, 413, 422})
"""Answers that another try would not change."""


class Webhook:
    """A receiver of signed JSON; any 2xx is acceptance."""

    def __init__(
        self, channel: WebhookChannel, secret: str, *, sample: bool, now: Callable[[], datetime] | None = None
    ) -> None:
        self.name = channel.name
        self._url = channel.url
        self._key = _key(secret)
        self._sample = sample
        self._now = now or (lambda: datetime.now(UTC))

    async def send(self, message: Message) -> str:
        body = msgspec.json.encode(_payload(message))
        stamp = str(int(self._now().timestamp()))
        headers = {
            "content-type": "application/json",
            "user-agent": "aadsts-diag",
            "webhook-id": message.id,
            "webhook-timestamp": stamp,
        }
        if self._key:
            signed = f"{message.id}.{stamp}.".encode() + body
            digest = hmac.digest(self._key, signed, hashlib.sha256)
            headers["webhook-signature"] = f"v1,{base64.b64encode(digest).decode()}"
        response = await self._post(body, headers)
        if response.is_success:
            return f"HTTP {response.status_code}"
        raise NotifyError(
            f"The receiver answered HTTP {response.status_code}.",
            permanent=response.status_code in _GONE,
            retry_after=self._retry_after(response.headers.get("retry-after", "")),
            hint="Look at the receiver's log; redirects are not followed."
            if response.is_redirect
            else "Look at the receiver's log.",
        )

    async def _post(self, body: bytes, headers: dict[str, str]) -> httpx.Response:
        parts = urlsplit(self._url)
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        address = await resolve(host, port, sample=self._sample)
        shown = f"[{address}]" if ":" in address else address
        # The checked address is the one that is connected to, so a name that changes its mind gains nothing.
        target = urlunsplit((parts.scheme, f"{shown}:{port}", parts.path, parts.query, ""))
        try:
            async with (
                httpx.AsyncClient(timeout=_TIMEOUT, follow_redirects=False, trust_env=False) as client,
                client.stream(
                    "POST",
                    target,
                    content=body,
                    headers={**headers, "host": parts.netloc.rpartition("@")[2]},
                    extensions={"sni_hostname": host},
                ) as response,
            ):
                return response
        except httpx.HTTPError as error:
            raise NotifyError(
                f"The receiver could not be reached ({type(error).__name__}).", permanent=False
            ) from error

    def _retry_after(self, value: str) -> float | None:
        if value.strip().isdigit():
            return float(value)
        try:
            return max(0.0, (parsedate_to_datetime(value) - self._now()).total_seconds())
        except (TypeError, ValueError):
            return None


def _key(secret: str) -> bytes:
    """The signing key of ``whsec_…``; empty when the channel has none."""
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True) if secret else b""
    except ValueError as error:
        raise NotifyError(
            "The webhook's secret is not base64.", permanent=True, hint="Give it as whsec_ followed by base64."
        ) from error


def _payload(message: Message) -> dict[str, object]:
    alert = message.alert
    return {
        "type": f"alert.{alert.kind}",
        "timestamp": alert.due_at,
        "data": {
            "id": alert.id,
            "tenant_id": alert.tenant_id,
            "app_id": alert.app_id,
            "app_name": alert.app_name,
            "subject": alert.subject,
            "body": alert.body,
            "link": f"{message.public_url}{alert.link}",
            "late": alert.late,
            "sample_tenant": message.sample,
        },
    }
