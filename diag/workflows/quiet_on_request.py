"""Somebody asks for quiet, or takes over: from a page, the API, or a signed link in a message."""

from datetime import datetime, timedelta
from typing import Literal

from diag.core.action_links import Link
from diag.core.alerts import Alert, Quieting, application_topic
from diag.core.redaction import redact
from diag.workflows.ports import Transaction

Scope = Literal["topic", "application"]
LONGEST = timedelta(days=3660)
"""A snooze until an instant reaches this far at most; for good is said as such."""
_LONGEST_TEXT = 500


def settle(
    transaction: Transaction,
    tenant_id: str,
    topic: str,
    action: Literal["snooze", "acknowledge"],
    *,
    until: datetime | None,
    by: str,
    why: str,
    now: datetime,
) -> Quieting:
    """Keep a snooze or an acknowledgement of a topic; ``until`` None is for good. Texts are redacted and cut."""
    kept = Quieting(
        tenant_id=tenant_id,
        topic=topic,
        action=action,
        until=until,
        by=_kept(by) or "somebody",
        why=_kept(why),
        at=now,
    )
    transaction.topics.put(kept)
    transaction.topics.acknowledge(tenant_id, topic, now, kept.by)
    return kept


def topic_of(alert: Alert, scope: Scope) -> str:
    """What a request about an alert is about: its own topic, or all of its application's."""
    if scope == "application" and alert.app_id:
        return application_topic(alert.tenant_id, alert.app_id)
    return alert.topic


def follow(transaction: Transaction, link: Link, now: datetime, why: str = "") -> tuple[Alert, Quieting] | None:
    """Do what a signed link permits, once; None when it was used before or its alert is gone."""
    alert = transaction.alerts.get(link.alert_id)
    if alert is None or not alert.topic or not transaction.topics.use_link(link.id, now):
        return None
    until = now + timedelta(days=link.days) if link.action == "snooze" else None
    kept = settle(
        transaction,
        alert.tenant_id,
        alert.topic,
        link.action,
        until=until,
        by=link.reader,
        why=why,
        now=now,
    )
    return alert, kept


def _kept(text: str) -> str:
    """One line without what looks like a secret: it is stored and shown to others."""
    return " ".join(redact(text[: 4 * _LONGEST_TEXT]).text.split())[:_LONGEST_TEXT]
