"""Alerts as an Adaptive Card 1.4 for Microsoft Teams, by a workflow that posts what its webhook is given.

Checked 2026-11-22: the envelope and the limits at learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors,
the elements at adaptivecards.io/explorer. Text of the tenant stands in TextRuns only: they know no Markdown, no links
and no mentions.
"""

from typing import Any

import msgspec

from diag.adapters.notify.http import Endpoint, refused
from diag.adapters.notify.letter import Line, Part, fitting, letter
from diag.core.alerts import Message
from diag.core.channels import TeamsChannel
from diag.workflows.ports import Clock

BUDGET = 18 * 1024
"""Bytes of a request. Teams takes 28 KB of what the workflow makes of it, which is more than what was sent, and the
workflow has answered long before it finds out."""
_LONGEST_SUBJECT = 200
_MOST_ACTIONS = 6
"""Buttons of a card; Teams hides more."""
_GONE = 410
_TOO_LARGE = 413

_Element = dict[str, Any]


class Teams:
    """A workflow's webhook. Its acceptance says that the workflow will run, not that Teams shows the card."""

    def __init__(self, channel: TeamsChannel, url: str, clock: Clock, *, sample: bool) -> None:
        self.name = channel.name
        self._endpoint = Endpoint(channel.name, url, clock, sample=sample, private_network=channel.private_network)

    async def send(self, message: Message) -> str:
        headers = {"content-type": "application/json", "x-message-id": message.id}
        answer = await self._endpoint.post(msgspec.json.encode(envelope(message)), headers)
        if answer.accepted:
            return f"HTTP {answer.status}: accepted by the workflow, which does not tell whether Teams shows it"
        raise refused(
            answer,
            # Workflows that are switched off for a while answer 400 and 404 too, so only the plain word is final.
            permanent=answer.status in (_GONE, _TOO_LARGE),
            disables=answer.status == _GONE,
            hint="Look at the workflow's run history in Power Automate, and whether its owner still exists.",
        )


def envelope(message: Message) -> dict[str, Any]:
    """The request: one card as the attachment of a message, never above the budget."""
    written = letter(message)
    first = written.parts[0]
    colour = {"color": "Attention"} if first.urgent else {}
    head = _text([_run(_inert(written.subject)[:_LONGEST_SUBJECT], size="Large", weight="Bolder", **colour)])
    url = first.url if len(written.parts) == 1 else f"{message.public_url}/alerts"
    links = [("Open in aadsts-diag", url)] if url else []
    links += [(action.title, action.url) for action in written.actions]
    actions = [{"type": "Action.OpenUrl", "title": title, "url": url} for title, url in links[:_MOST_ACTIONS]]
    card: _Element = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": _inert(written.subject)[:_LONGEST_SUBJECT],
        "msteams": {"width": "full"},
        "body": [],
        "actions": actions,
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    built: dict[str, Any] = {"type": "message", "attachments": [attachment]}
    alone = len(written.parts) == 1
    blocks = [element for part in written.parts for element in _elements(part, alone=alone)]
    room = BUDGET - _size(built) - _size(head)
    card["body"] = [head, *fitting(blocks, _size, room, _more)]
    return built


def _elements(part: Part, *, alone: bool) -> list[_Element]:
    found = [_element(line) for line in part.lines]
    if alone:
        return found
    link = {"selectAction": {"type": "Action.OpenUrl", "url": part.url}} if part.url else {}
    head = _text([_run(_inert(part.subject), weight="Bolder", **link)])
    return [{**head, "separator": True, "spacing": "Medium"}, *found]


def _element(line: Line) -> _Element:
    if line.label:
        return _text([_run(f"{_inert(line.label)}: ", weight="Bolder"), _run(_inert(line.text))], spacing="Small")
    text = f"{line.number}. {_inert(line.text)}" if line.number else _inert(line.text)
    if line.heading:
        return _text([_run(text, weight="Bolder")], spacing="Medium")
    link = {"selectAction": {"type": "Action.OpenUrl", "url": line.url}} if line.url else {}
    detail = [_run(f" · {_inert(line.detail)}", isSubtle=True)] if line.detail else []
    return _text([_run(text, **link), *detail], spacing="Small")


def _text(runs: list[_Element], **more: Any) -> _Element:
    return {"type": "RichTextBlock", "inlines": runs, **more}


def _run(text: str, **more: Any) -> _Element:
    return {"type": "TextRun", "text": text, **more}


def _more(sentence: str) -> _Element:
    return _text([_run(sentence, isSubtle=True)])


def _size(element: _Element) -> int:
    return len(msgspec.json.encode(element)) + 1


def _inert(text: str) -> str:
    """Text that no renderer takes for a date function or a template's place-holder."""
    return text.replace("{{", "{ {").replace("${", "$ {")
