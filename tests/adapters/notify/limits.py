"""What the receivers publish about what they take, as strict checks of a payload; see ../shared/facts/ecosystem.md.

Each check fails on an element, property or size that is not among what is known to work: a receiver that silently
drops a message is the failure these checks exist for.
"""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

_CARD = {
    "RichTextBlock": {"type", "inlines", "spacing", "separator", "horizontalAlignment"},
    "TextRun": {"type", "text", "size", "weight", "color", "isSubtle", "selectAction"},
    "Action.OpenUrl": {"type", "title", "url"},
}
"""Elements of Adaptive Cards 1.4 that show text as it is, and their properties."""
_CHOICES = {
    "size": {"Small", "Default", "Medium", "Large", "ExtraLarge"},
    "weight": {"Lighter", "Default", "Bolder"},
    "spacing": {"None", "Small", "Default", "Medium", "Large", "ExtraLarge", "Padding"},
    "color": {"Default", "Dark", "Light", "Accent", "Good", "Warning", "Attention"},
}


def check_teams(body: bytes) -> list[str]:
    """The texts of a workflow's request with one card."""
    assert len(body) <= 18 * 1024
    given = json.loads(body)
    assert given.keys() == {"type", "attachments"}
    assert given["type"] == "message"
    (attachment,) = given["attachments"]
    assert attachment.keys() == {"contentType", "contentUrl", "content"}
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert card.keys() <= {"$schema", "type", "version", "fallbackText", "msteams", "body", "actions"}
    assert (card["type"], card["version"], card["msteams"]) == ("AdaptiveCard", "1.4", {"width": "full"})
    assert len(card["actions"]) <= 6
    texts = [card["fallbackText"]]
    for element in _elements([*card["body"], *card["actions"]]):
        assert element.keys() <= _CARD[element["type"]], element
        for name, allowed in _CHOICES.items():
            assert element.get(name, "Default") in allowed, element
        if element["type"] == "Action.OpenUrl":
            assert _is_ours(element["url"])
            texts.append(element.get("title", ""))
        texts.append(element.get("text", ""))
    assert not any("{{" in text or "${" in text for text in texts)
    return texts


def check_slack(given: dict[str, Any]) -> list[str]:
    """The texts of a message; the first is the one that Slack interprets."""
    assert given.keys() <= {
        "text", "blocks", "parse", "link_names", "mrkdwn", "channel", "unfurl_links", "unfurl_media"
    }  # fmt: skip
    assert (given["parse"], given["link_names"], given["mrkdwn"]) == ("none", False, False)
    assert 0 < len(given["text"]) <= 40_000
    assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", given["text"])
    assert 0 < len(given["blocks"]) <= 50
    assert len(json.dumps(given["blocks"], ensure_ascii=False)) <= 13_200
    texts = [given["text"]]
    for block in given["blocks"]:
        assert block.keys() == {"type", "elements"}
        assert block["type"] == "rich_text"
        for section in block["elements"]:
            assert section.keys() == {"type", "elements"}
            assert section["type"] == "rich_text_section"
            for element in section["elements"]:
                if element["type"] == "link":
                    assert element.keys() == {"type", "url", "text"}
                    assert _is_ours(element["url"])
                    assert len(element["url"]) <= 3000
                else:
                    assert element["type"] == "text", element
                    assert element.keys() <= {"type", "text", "style"}
                    assert element.get("style", {}).keys() <= {"bold"}
                assert element["text"]
                texts.append(element["text"])
    return texts


def check_pagerduty(body: bytes) -> list[str]:
    """The texts of an event."""
    assert len(body) <= 512 * 1024
    given = json.loads(body)
    assert re.fullmatch(r"[A-Za-z0-9]{32}", given["routing_key"])
    assert given["event_action"] in ("trigger", "resolve")
    assert 0 < len(given["dedup_key"]) <= 255
    if given["event_action"] == "resolve":
        assert given.keys() == {"routing_key", "event_action", "dedup_key"}
        return []
    payload = given["payload"]
    assert payload.keys() <= {
        "summary", "source", "severity", "timestamp", "component", "group", "class", "custom_details"
    }  # fmt: skip
    assert 0 < len(payload["summary"]) <= 1024
    assert payload["source"]
    assert payload["severity"] in ("critical", "error", "warning", "info")
    assert datetime.fromisoformat(payload["timestamp"]).tzinfo
    assert _is_ours(given["client_url"])
    assert all(link.keys() == {"href", "text"} and _is_ours(link["href"]) for link in given["links"])
    return [payload["summary"], payload["source"], *payload["custom_details"].values()]


def _elements(found: Any) -> Iterator[dict[str, Any]]:
    for element in found:
        yield element
        yield from _elements(element.get("inlines", []))
        if "selectAction" in element:
            yield element["selectAction"]


def _is_ours(url: str) -> bool:
    return url.startswith("https://diag.contoso.example") and not re.search(r"[\s|<>\"]", url)
