"""Alerts to Slack, by an incoming webhook or as a bot, in Block Kit.

Checked 2026-11-22: docs.slack.dev (incoming webhooks, chat.postMessage, rich text blocks, rate limits). Text of the
tenant stands in rich text elements only, which are shown as they are: no mentions, no links, no formatting. The line
for notifications, which Slack does interpret, is escaped.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from diag.adapters.notify.http import Answer, Endpoint, refused
from diag.adapters.notify.letter import Line, Part, fitting, letter
from diag.core.alerts import Message
from diag.core.channels import SlackChannel
from diag.core.errors import NotifyError
from diag.workflows.ports import Clock

BUDGET = 12_000
"""Characters of all blocks; Slack refuses messages above some 13,200 although it documents no such limit."""
_LONGEST_SUBJECT = 200
_READ = 256 * 1024
"""Bytes of the API's answer, which echoes the message."""
_LATER = frozenset(
    {
        "accesslimited",
        "fatal_error",
        "internal_error",
        "message_limit_exceeded",
        "rate_limited",
        "ratelimited",
        "request_timeout",
        "rollup_error",
        "service_unavailable",
        "team_added_to_org",
    }
)
"""Errors of the API that pass by themselves."""
_OF_MESSAGE = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "no_text"})
"""Errors that speak of the message, not of the channel."""
_FINAL = frozenset({403, 404, 410})
"""Answers of a webhook that was removed, may not post, or whose channel is archived."""

_Element = dict[str, Any]


class Slack:
    """A Slack channel."""

    def __init__(self, channel: SlackChannel, secrets: Mapping[str, str], clock: Clock, *, sample: bool) -> None:
        self.name = channel.name
        url = secrets.get(channel.url_env, "")
        self._token = secrets.get(channel.token_env, "")
        self._channel = channel.channel
        if bool(channel.url_env) == bool(channel.token_env) or bool(channel.token_env) != bool(channel.channel):
            raise NotifyError(
                f"The channel {channel.name} is neither a webhook nor a bot.",
                permanent=True,
                hint="Give url_env alone, or token_env together with channel, the ID of a Slack channel.",
            )
        if not self._token.isascii() or not self._token.isprintable() or " " in self._token:
            raise NotifyError(
                f"The token of the channel {channel.name} cannot be used.",
                permanent=True,
                hint=f"Give {channel.token_env} as Slack shows it; it begins with xoxb-.",
            )
        self._endpoint = Endpoint(
            channel.name,
            f"{channel.api_url.rstrip('/')}/chat.postMessage" if self._token else url,
            clock,
            sample=sample,
            private_network=channel.private_network,
        )

    async def send(self, message: Message) -> str:
        body = payload(message)
        headers = {"content-type": "application/json; charset=utf-8"}
        if not self._token:
            answer = await self._endpoint.post(msgspec.json.encode(body), headers)
            if not answer.accepted:
                raise _refused_by_webhook(answer)
            return f"HTTP {answer.status}"
        headers["authorization"] = f"Bearer {self._token}"
        body |= {"channel": self._channel, "unfurl_links": False, "unfurl_media": False}
        answer = await self._endpoint.post(msgspec.json.encode(body), headers, read=_READ)
        _check(answer)
        return f"HTTP {answer.status}: posted"


def payload(message: Message) -> dict[str, Any]:
    """The message as text for notifications and as blocks, within Slack's limits."""
    written = letter(message)
    alone = len(written.parts) == 1
    head = _section([_run(f"{written.subject[:_LONGEST_SUBJECT]}\n", bold=True)])
    lines = [section for part in written.parts for section in _sections(part, alone=alone)]
    links = [_link(written.parts[0].url, "Open in aadsts-diag")] if alone and written.parts[0].url else []
    links += [_link(action.url, action.title) for action in written.actions]
    spaced = [element for link in links for element in (_run("  ·  "), link)][1:]
    foot = [_section([_run("\n"), *spaced])] if spaced else []
    room = BUDGET - sum(map(_size, (head, *foot)))
    sections = [head, *fitting(lines, _size, room, _more), *foot]
    return {
        "text": _escaped(written.subject[:_LONGEST_SUBJECT]),
        "blocks": [{"type": "rich_text", "elements": sections}],
        "parse": "none",
        "link_names": False,
        "mrkdwn": False,
    }


def _sections(part: Part, *, alone: bool) -> list[_Element]:
    found = [_line(line) for line in part.lines]
    if alone:
        return found
    title = _link(part.url, part.subject) if part.url else _run(part.subject, bold=True)
    return [_section([_run("\n"), title, _run("\n")]), *found]


def _line(line: Line) -> _Element:
    if line.label:
        return _section([_run(f"{line.label}: ", bold=True), _run(f"{line.text}\n")])
    if line.heading:
        return _section([_run(f"\n{line.text}\n", bold=True)])
    if line.url:
        return _section([_link(line.url, line.text), _run(f" · {line.detail}\n" if line.detail else "\n")])
    return _section([_run(f"{line.number}. {line.text}\n" if line.number else f"{line.text}\n")])


def _section(elements: list[_Element]) -> _Element:
    return {"type": "rich_text_section", "elements": elements}


def _run(text: str, *, bold: bool = False) -> _Element:
    return {"type": "text", "text": text, **({"style": {"bold": True}} if bold else {})}


def _link(url: str, text: str) -> _Element:
    return {"type": "link", "url": url, "text": text}


def _more(sentence: str) -> _Element:
    return _section([_run(f"{sentence}\n")])


def _size(element: _Element) -> int:
    return len(msgspec.json.encode(element).decode()) + 1


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _refused_by_webhook(answer: Answer) -> NotifyError:
    return refused(
        answer,
        permanent=answer.status in _FINAL or answer.status == 400,
        disables=answer.status in _FINAL,
        hint="Look whether the webhook and its Slack channel still exist.",
    )


def _check(answer: Answer) -> None:
    """``NotifyError`` unless the API says that the message was posted; it says so in the body, not in the status."""
    if not answer.accepted:
        raise refused(answer, permanent=False, hint="Look at status.slack.com.")
    try:
        told = msgspec.json.decode(answer.body, type=_Told)
    except msgspec.DecodeError:
        # Cut or no JSON: the message may be there. A repeat is better than none.
        raise NotifyError("Slack's answer cannot be read.", permanent=False, hint="Check api_url.") from None
    if told.ok:
        return
    code = "".join(character for character in told.error[:60] if character.isascii() and character.isprintable())
    final = bool(code) and code not in _LATER
    raise NotifyError(
        f"Slack did not post it: {code or 'no reason given'}.",
        permanent=final,
        disables=final and code not in _OF_MESSAGE,
        hint="Check the bot's token, its scope chat:write, and that it is a member of the channel.",
    )


class _Told(msgspec.Struct, frozen=True):
    ok: bool = False
    error: str = ""
