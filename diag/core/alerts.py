"""Something a person should know, and the attempts to tell them."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

AlertKind = Literal["credential_ending", "credential_ended", "incident", "test"]
DeliveryState = Literal["pending", "sending", "delivered", "failed", "dead"]


class Alert(Struct, frozen=True, kw_only=True):
    """One thing worth telling, once per channel; ``key`` makes it the same thing."""

    key: str
    """``tenant|object|key id|threshold`` for credentials; unique."""
    tenant_id: str
    kind: AlertKind
    app_id: str
    app_name: str
    subject: str
    """One calm line, plain text, tenant text in it untrusted."""
    body: str
    """Plain text."""
    link: str = ""
    """Path of the page that shows more, beginning with ``/``."""
    due_at: datetime
    late: bool = False
    """The threshold passed while nobody was looking."""
    created_at: datetime | None = None
    id: str = ""


class Message(Struct, frozen=True, kw_only=True):
    """What a channel is given; ``id`` stays the same when a delivery is repeated."""

    id: str
    alert: Alert
    public_url: str
    sample: bool
    """True when it speaks of the built-in sample tenant."""


class Delivery(Struct, frozen=True, kw_only=True):
    id: str
    alert: Alert
    channel: str
    state: DeliveryState
    attempts: int
    claim: int
    """Fencing number of the present claim."""
    next_at: datetime
    answer: str = ""
    finished_at: datetime | None = None
