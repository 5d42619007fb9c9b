"""Alerts by Apprise (github.com/caronc/apprise, 2.2), for services that have no channel of their own here.

Apprise makes its requests itself, so it runs in a child process in which the gate hangs below every connection; see
``long_tail_child`` and docs/decisions. Only services of the list below are spoken to, over TLS.
"""

import asyncio
import importlib.util
import os
import ssl
import sys
from urllib.parse import parse_qsl, urlsplit

import msgspec
from msgspec.structs import replace

from diag.adapters.notify.egress import names_loopback
from diag.adapters.notify.letter import Letter, Line, Part, letter
from diag.adapters.notify.long_tail_child import Task, Told
from diag.adapters.notify.mail_text import text
from diag.core.alerts import Message
from diag.core.channels import AppriseChannel
from diag.core.errors import NotifyError

FIXED = frozenset(
    {
        "discord",
        "gchat",
        "jira",
        "mailgun",
        "opsgenie",
        "pagertree",
        "pbul",
        "pover",
        "sendgrid",
        "signl4",
        "sns",
        "spike",
        "splunk",
        "tgram",
        "twilio",
        "victorops",
        "webex",
        "wxteams",
        "zulip",
    }
)
"""Services whose host is their own: the address in the configuration cannot change it."""
OWN_HOST = frozenset({"gotifys", "matrixs", "mmosts", "ntfys", "rockets"})
"""Services on a host of the organisation's choice, over TLS."""
PLAIN = frozenset({"gotify", "mmost", "ntfy", "rocket"})
"""The same without TLS: for a receiver on this machine."""
_REFUSED = frozenset({"verify", "redirect"})
"""Parameters that would switch off the check of certificates, or have redirects followed."""
_WITHIN = 45
_MOST_LINES = 12
"""These services show little; the page shows the rest."""
_INERT = str.maketrans({"@": "＠", "<": "‹", ">": "›", "[": "［", "]": "］", "`": "ˋ", "|": "ǀ"})
"""What some service would take for a mention, a link or markup, as letters that look alike."""


class LongTail:
    """One Apprise address. Apprise says whether it was taken, and little else."""

    def __init__(self, channel: AppriseChannel, url: str, *, sample: bool, within: float = _WITHIN) -> None:
        self.name = channel.name
        self._url = url
        self._sample = sample
        self._private_network = channel.private_network
        self._within = within
        _check(channel, url)

    async def send(self, message: Message) -> str:
        written = _inert(letter(message))
        task = Task(
            url=self._url,
            title=written.subject,
            body=text(written),
            sample=self._sample,
            private_network=self._private_network,
            only_here=self._url.partition("://")[0].lower() in PLAIN,
        )
        told = await self._run(task)
        if told.refused:
            raise NotifyError(told.refused, permanent=False, hint="Check the channel's address and private_network.")
        if not told.taken:
            raise NotifyError(
                f"The service did not take it{f' (HTTP {told.status})' if told.status else ''}.",
                permanent=False,
                hint="Check the address and its tokens; Apprise gives no more reason than this.",
            )
        return "accepted, as Apprise says"

    async def _run(self, task: Task) -> Told:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-m",
            "diag.adapters.notify.long_tail_child",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=_environment(),
            cwd=os.sep,
        )
        try:
            async with asyncio.timeout(self._within):
                # The address is a secret, so it goes by a pipe and not among the arguments, which all users can see.
                said, _ = await child.communicate(msgspec.json.encode(task))
        except TimeoutError as error:
            raise NotifyError(f"The service took more than {self._within:g} seconds.", permanent=False) from error
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        try:
            return msgspec.json.decode(said, type=Told)
        except msgspec.DecodeError:
            raise NotifyError("Apprise ended without a word.", permanent=False) from None


def _check(channel: AppriseChannel, url: str) -> None:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        parameters = {name.lower() for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    except ValueError:
        raise _unusable(channel, "is no address") from None
    known = parts.scheme in FIXED | OWN_HOST or (parts.scheme in PLAIN and names_loopback(host))
    if not known or not url.isprintable() or " " in url:
        raise _unusable(channel, f"must begin with one of {', '.join(sorted(FIXED | OWN_HOST))}, followed by ://")
    if _REFUSED & parameters:
        raise _unusable(channel, f"must not set {' or '.join(sorted(_REFUSED & parameters))}")
    if importlib.util.find_spec("apprise") is None:
        raise NotifyError(
            f"The channel {channel.name} needs Apprise, which is not installed.",
            permanent=True,
            hint="Install the extra: pip install 'aadsts-diag[apprise]'.",
        )


def _unusable(channel: AppriseChannel, problem: str) -> NotifyError:
    return NotifyError(
        f"The address of the channel {channel.name} {problem}.",
        permanent=True,
        hint=f"Correct the environment variable {channel.url_env}.",
    )


def _environment() -> dict[str, str]:
    """No proxy, no netrc, no home: nothing of this process's surroundings steers the child's requests."""
    given = {"LANG": "C.UTF-8", "HOME": "/nonexistent", "NETRC": os.devnull}
    # The system's certificates, as for all channels.
    authorities = os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().cafile
    return given | ({"REQUESTS_CA_BUNDLE": authorities} if authorities else {})


def _inert(written: Letter) -> Letter:
    parts = tuple(
        Part(
            subject=part.subject.translate(_INERT),
            lines=_short([_plain(line) for line in part.lines]),
            url=part.url,
        )
        for part in written.parts[:1]
    )
    return replace(written, subject=written.subject.translate(_INERT), parts=parts)


def _plain(line: Line) -> Line:
    return replace(line, text=line.text.translate(_INERT), label=line.label.translate(_INERT), detail="", url="")


def _short(lines: list[Line]) -> tuple[Line, ...]:
    left = len(lines) - _MOST_LINES
    more = [Line(text=f"{left} more on the page.")] if left > 0 else []
    return (*lines[:_MOST_LINES], *more)
