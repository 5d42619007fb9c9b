"""Alerts as signed JSON, by the Standard Webhooks specification 1.0.0 (standardwebhooks.com, checked 2026-11-22)."""

import asyncio
import base64
import hashlib
import hmac
import ssl
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult, urlsplit, urlunsplit

import httpx
import msgspec

from diag.adapters.notify.egress import is_loopback, resolve
from diag.core.alerts import Message
from diag.core.channels import WebhookChannel
from diag.core.errors import NotifyError
from diag.workflows.ports import Clock

_WITHIN = 30
"""Seconds for the whole exchange, however slowly the receiver writes."""
_TIMEOUT = httpx.Timeout(20.0, connect=10.0)
_GONE = 410
"""The one answer that says nothing more is wanted; all others may pass and are tried again, by the specification."""
_EXCERPT = 200
"""Bytes of a refusal that are read and kept; the rest is never read."""


class Webhook:
    """A receiver of signed JSON; any 2xx is acceptance."""

    def __init__(
        self, channel: WebhookChannel, secret: str, clock: Clock, *, sample: bool, within: float = _WITHIN
    ) -> None:
        self.name = channel.name
        self._url = _parts(channel, sample=sample)
        self._within = within
        self._key = _key(channel, secret)
        self._clock = clock
        self._sample = sample
        self._private_network = channel.private_network

    async def send(self, message: Message) -> str:
        body = msgspec.json.encode(_payload(message))
        headers = self._headers(message.id, body)
        try:
            async with asyncio.timeout(self._within):
                return await self._post(body, headers)
        except TimeoutError as error:
            raise NotifyError(f"The receiver took more than {self._within:g} seconds.", permanent=False) from error

    def _headers(self, message_id: str, body: bytes) -> dict[str, str]:
        stamp = str(int(self._clock.now().timestamp()))
        headers = {
            "content-type": "application/json",
            "accept-encoding": "identity",
            "user-agent": "aadsts-diag",
            "host": self._url.netloc,
            "webhook-id": message_id,
            "webhook-timestamp": stamp,
        }
        if self._key:
            digest = hmac.digest(self._key, f"{message_id}.{stamp}.".encode() + body, hashlib.sha256)
            headers["webhook-signature"] = f"v1,{base64.b64encode(digest).decode()}"
        return headers

    async def _post(self, body: bytes, headers: dict[str, str]) -> str:
        host = self._url.hostname or ""
        port = self._url.port or (443 if self._url.scheme == "https" else 80)
        addresses = await resolve(host, port, sample=self._sample, private_network=self._private_network)
        if self._url.scheme == "http" and not all(map(is_loopback, addresses)):
            raise _in_the_clear(self.name)
        problem: Exception | None = None
        # The system's certificates, as for mail: a receiver of one's own may have one of one's own authority.
        trusted = ssl.create_default_context()
        client_of = httpx.AsyncClient(verify=trusted, timeout=_TIMEOUT, follow_redirects=False, trust_env=False)
        async with client_of as client:
            for address in addresses:
                # The checked address is the one that is connected to: a name that changes its mind gains nothing.
                target = self._url._replace(netloc=f"[{address}]:{port}" if ":" in address else f"{address}:{port}")
                sent = client.stream(
                    "POST",
                    urlunsplit(target._replace(fragment="")),
                    content=body,
                    headers=headers,
                    extensions={"sni_hostname": host},
                )
                try:
                    async with sent as response:
                        return await self._accepted(response)
                except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                    problem = error
                except httpx.HTTPError as error:
                    problem = error
                    break
        raise NotifyError(
            f"The receiver could not be reached ({type(problem).__name__}).",
            permanent=False,
            hint="Check the channel's address, its certificate and the network.",
        ) from problem

    async def _accepted(self, response: httpx.Response) -> str:
        """The answer in one line; ``NotifyError`` when it is no acceptance."""
        if response.is_success:
            return f"HTTP {response.status_code}"
        said = await _beginning(response)
        raise NotifyError(
            f"The receiver answered HTTP {response.status_code}{f': {said}' if said else ''}.",
            permanent=response.status_code == _GONE,
            retry_after=self._retry_after(response.headers.get("retry-after", "")),
            hint="Redirects are not followed: give the channel the final address."
            if response.is_redirect
            else "Look at the receiver's log.",
        )

    def _retry_after(self, value: str) -> float | None:
        """Seconds that the receiver asks to be left alone; None when it names no time that can be read."""
        if value.strip().isdecimal():
            return float(value)
        try:
            return max(0.0, (parsedate_to_datetime(value) - self._clock.now()).total_seconds())
        except (TypeError, ValueError, OverflowError):
            return None


async def _beginning(response: httpx.Response) -> str:
    """The first words of a refusal, in one line of visible characters."""
    if response.headers.get("content-encoding", "identity") != "identity":
        return ""
    raw = b""
    async for chunk in response.aiter_raw(_EXCERPT):
        raw += chunk
        if len(raw) >= _EXCERPT:
            break
    text = raw[:_EXCERPT].decode("utf-8", "replace")
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def _parts(channel: WebhookChannel, *, sample: bool) -> SplitResult:
    """The channel's address in parts; ``NotifyError`` when nothing may be sent to it."""
    try:
        if not channel.url.isprintable():
            raise ValueError("line ends and the like")
        parts = urlsplit(channel.url)
        usable = parts.scheme in ("https", "http") and bool(parts.hostname) and not parts.username
        _ = parts.port, httpx.URL(channel.url)
    except (ValueError, httpx.InvalidURL):
        usable = False
        parts = SplitResult("", "", "", "", "")
    if not usable:
        raise NotifyError(
            f"The address of the channel {channel.name} cannot be used.",
            permanent=True,
            hint="Give an address such as https://hooks.contoso.example/alerts, without a user name in it.",
        )
    if parts.scheme == "http" and not sample and not _names_loopback(parts.hostname or ""):
        raise _in_the_clear(channel.name)
    return parts


def _names_loopback(host: str) -> bool:
    try:
        return host == "localhost" or is_loopback(host)
    except ValueError:
        return False


def _in_the_clear(channel: str) -> NotifyError:
    return NotifyError(
        f"The address of the channel {channel} begins with http:, and alerts leave this machine encrypted only.",
        permanent=False,
        hint="Give the channel an https address.",
    )


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
