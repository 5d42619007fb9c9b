"""The message that tries a channel."""

import uuid
from datetime import datetime

from diag.core.alert_text import text
from diag.core.alerts import Alert, Content, Fact, Message

TESTS_APART = 10.0
"""Seconds between two test messages on one channel: a button pressed in anger is no storm."""


def message_of_test(
    tenant_id: str, channel: str, now: datetime, public_url: str, zone: str, *, sample: bool
) -> Message:
    """A message that says that it is one, in the form in which alerts come."""
    message_id = str(uuid.uuid4())
    content = Content(
        facts=(Fact(label="Channel", text=channel), Fact(label="Sent", at=now)),
        note="Somebody asked for this test message. Nothing is wrong, and there is nothing to do.",
    )
    alert = Alert(
        key=f"test|{message_id}",
        tenant_id=tenant_id,
        kind="test",
        app_id="",
        app_name="",
        subject="Test message: alerts of sign-in diagnosis arrive here",
        body=text(content),
        link="/alerts",
        due_at=now,
        topic=f"test|{message_id}",
        severity="info",
        content=content,
        created_at=now,
        id=message_id,
    )
    return Message(id=message_id, alerts=(alert,), public_url=public_url, sample=sample, zone=zone)


def wait_before_test(last: dict[str, float], channel: str, now: float) -> float:
    """Seconds to wait before this channel may be tried again; 0 notes that it is tried now (monotonic seconds)."""
    wait = last.get(channel, -TESTS_APART) + TESTS_APART - now
    if wait > 0:
        return wait
    last[channel] = now
    return 0.0
