"""Requests to receivers over HTTP: through the one gate, to the checked address, without following anything."""

import asyncio
import ssl
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from urllib.parse import SplitResult, urlsplit, urlunsplit

import httpx
from msgspec import Struct

from diag.adapters.notify.egress import is_loopback, names_loopback, resolve
from diag.core.errors import NotifyError
from diag.workflows.ports import Clock

WITHIN = 30
"""Seconds for the whole exchange, however slowly the receiver writes."""
_TIMEOUT = httpx.Timeout(20.0, connect=10.0)
_SHOWN = 200
"""Bytes of an answer that are shown; of a refusal no more is read."""


class Answer(Struct, frozen=True, kw_only=True):
    """What a receiver answered."""

    status: int
    body: bytes
    """Its beginning: as much as was asked for, or the first words of a refusal."""
    retry_after: float | None
    """Seconds that the receiver asks to be left alone; None when it names no time that can be read."""

    @property
    def accepted(self) -> bool:
        return 200 <= self.status < 300

    def said(self) -> str:
        """The first words, in one line of visible characters."""
        text = self.body[:_SHOWN].decode("utf-8", "replace")
        return " ".join("".join(character if character.isprintable() else " " for character in text).split())


class Endpoint:
    """One address that messages are sent to; ``NotifyError`` at once when nothing may be sent there."""

    def __init__(
        self,
        channel: str,
        url: str,
        clock: Clock,
        *,
        sample: bool,
        private_network: bool = False,
        within: float = WITHIN,
    ) -> None:
        self._channel = channel
        self._url = _parts(channel, url, sample=sample)
        self._clock = clock
        self._sample = sample
        self._private_network = private_network
        self._within = within

    async def post(self, body: bytes, headers: Mapping[str, str], *, read: int = 0) -> Answer:
        """The receiver's answer with the first ``read`` bytes of its body; ``NotifyError`` when there is none."""
        given = {"accept-encoding": "identity", "user-agent": "aadsts-diag", "host": self._url.netloc, **headers}
        try:
            async with asyncio.timeout(self._within):
                return await self._post(body, given, read)
        except TimeoutError as error:
            raise NotifyError(f"The receiver took more than {self._within:g} seconds.", permanent=False) from error

    async def _post(self, body: bytes, headers: dict[str, str], read: int) -> Answer:
        host = self._url.hostname or ""
        port = self._url.port or (443 if self._url.scheme == "https" else 80)
        addresses = await resolve(host, port, sample=self._sample, private_network=self._private_network)
        if self._url.scheme == "http" and not all(map(is_loopback, addresses)):
            raise _in_the_clear(self._channel)
        problem: Exception | None = None
        # The system's certificates, as for mail: a receiver of one's own may have one of one's own authority.
        trusted = ssl.create_default_context() if self._url.scheme == "https" else False
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
                        return await self._answer(response, read)
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

    async def _answer(self, response: httpx.Response, read: int) -> Answer:
        most = max(read, 0 if response.is_success else _SHOWN)
        return Answer(
            status=response.status_code,
            body=await _beginning(response, most) if most else b"",
            retry_after=self._retry_after(response.headers.get("retry-after", "")),
        )

    def _retry_after(self, value: str) -> float | None:
        if value.strip().isdecimal():
            return float(value)
        try:
            return max(0.0, (parsedate_to_datetime(value) - self._clock.now()).total_seconds())
        except (TypeError, ValueError, OverflowError):
            return None


def refused(
    answer: Answer, *, permanent: bool, disables: bool = False, hint: str = "Look at the receiver's log."
) -> NotifyError:
    """The error for an answer that is no acceptance."""
    said = answer.said()
    redirected = 300 <= answer.status < 400
    return NotifyError(
        f"The receiver answered HTTP {answer.status}{f': {said}' if said else ''}.",
        permanent=permanent,
        disables=disables,
        retry_after=answer.retry_after,
        hint="Redirects are not followed: give the channel the final address." if redirected else hint,
    )


async def _beginning(response: httpx.Response, most: int) -> bytes:
    if response.headers.get("content-encoding", "identity") != "identity":
        return b""
    raw = b""
    async for chunk in response.aiter_raw():
        raw += chunk
        if len(raw) >= most:
            break
    return raw[:most]


def _parts(channel: str, url: str, *, sample: bool) -> SplitResult:
    """The address in parts; ``NotifyError`` when nothing may be sent to it. Its text may be a secret: never told."""
    try:
        if not url.isprintable():
            raise ValueError("line ends and the like")
        parts = urlsplit(url)
        usable = parts.scheme in ("https", "http") and bool(parts.hostname) and not parts.username
        _ = parts.port, httpx.URL(url)
    except (ValueError, httpx.InvalidURL):
        usable = False
        parts = SplitResult("", "", "", "", "")
    if not usable:
        raise NotifyError(
            f"The address of the channel {channel} cannot be used.",
            permanent=True,
            hint="Give an address such as https://hooks.contoso.example/alerts, without a user name in it.",
        )
    if parts.scheme == "http" and not sample and not names_loopback(parts.hostname or ""):
        raise _in_the_clear(channel)
    return parts


def _in_the_clear(channel: str) -> NotifyError:
    return NotifyError(
        f"The address of the channel {channel} begins with http:, and alerts leave this machine encrypted only.",
        permanent=False,
        hint="Give the channel an https address.",
    )
