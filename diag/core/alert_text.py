"""An alert, or several in one message, as plain text; channels with a form of their own render the content instead."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from diag.core.alerts import Alert, Content, Message, Severity

_ORDER: dict[Severity, int] = {"critical": 0, "warning": 1, "info": 2}


def urgent_first(alerts: Sequence[Alert]) -> tuple[Alert, ...]:
    """The alerts in the order in which a reader should see them."""
    return tuple(sorted(alerts, key=lambda alert: (_ORDER[alert.severity], alert.due_at, alert.key)))


def instant(at: datetime, zone: tzinfo = UTC) -> str:
    """For example ``2026-11-29 10:00 UTC``; an instant that no clock of the zone can show stays in UTC."""
    try:
        local = at.astimezone(zone)
    except (OverflowError, ValueError):
        local = at.astimezone(UTC)
    return f"{local:%Y-%m-%d %H:%M} {local.tzname() or 'UTC'}"


def text(content: Content, zone: tzinfo = UTC) -> str:
    """The content in lines."""
    lines: list[str] = []
    for fact in content.facts:
        said = " ".join(filter(None, (instant(fact.at, zone) if fact.at else "", fact.text)))
        lines.append(f"{fact.label}: {said}")
    for item in content.items:
        lines.append(f"- {instant(item.at, zone)}: {item.text}" if item.at else f"- {item.text}")
    if content.note:
        lines.append(content.note)
    if content.steps:
        lines += ["", "What to do, in this order:"]
        lines += [f"{number}. {step}" for number, step in enumerate(content.steps, 1)]
    return "\n".join(lines) + "\n" if lines else ""


def subject(message: Message) -> str:
    """One calm line for the whole message."""
    first, others = message.alerts[0], len(message.alerts) - 1
    if not others:
        return first.subject
    return f"{first.subject}, and {others} more alert{'s' if others > 1 else ''}"


def body(message: Message, zone: tzinfo = UTC) -> str:
    """The whole message as plain text, with a link below each alert."""
    parts = []
    for alert in message.alerts:
        said = text(alert.content, zone) or alert.body
        link = f"{message.public_url}{alert.link}\n" if alert.link else ""
        head = f"{alert.subject}\n\n" if len(message.alerts) > 1 else ""
        parts.append(f"{head}{said}\n{link}" if link else f"{head}{said}")
    for action in message.actions:
        parts[-1] += f"{action.title}: {action.url}\n"
    return f"\n{'-' * 60}\n\n".join(parts)
