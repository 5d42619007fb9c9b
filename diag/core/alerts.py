"""Something a person should know, the attempts to tell them, and the message that one attempt hands to a channel.

An alert's content is data (facts, steps, items), so that every channel renders it in its own way; ``body`` is the same
as plain text in UTC. Names in it are one inert line each, but untrusted all the same: a channel escapes them.
"""

from datetime import datetime
from typing import Literal

from msgspec import Struct

AlertKind = Literal[
    "credential_ending",
    "credential_ended",
    "still_tried",
    "incident",
    "spike",
    "coverage",
    "channel",
    "all_clear",
    "digest",
    "test",
]
Severity = Literal["info", "warning", "critical"]
"""How urgent: told quietly, to be planned, to be acted on now."""
AlertStanding = Literal["open", "acknowledged", "over"]
"""Whether what an alert warns of still stands: and nobody said so, somebody looks after it, or it is over."""
DeliveryState = Literal["pending", "sending", "delivered", "withdrawn", "dead"]
"""``withdrawn``: made moot before it was sent, by a more urgent alert about the same or by its end."""


class Fact(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of what is known: a label with a text, an instant, or both."""

    label: str
    text: str = ""
    at: datetime | None = None
    """Shown in the reader's zone, before the text."""


class Item(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of a list, such as a digest's."""

    text: str
    link: str = ""
    """Path of the page that shows more, beginning with ``/``; empty when there is none."""
    at: datetime | None = None


class Content(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an alert says, in the order in which it is read."""

    facts: tuple[Fact, ...] = ()
    steps: tuple[str, ...] = ()
    """What to do, in this order; without numbers."""
    items: tuple[Item, ...] = ()
    note: str = ""
    """One sentence at the end, such as why it comes late or why it came to this reader."""


class Alert(Struct, frozen=True, kw_only=True):
    """One thing worth telling, once per channel and person; ``key`` makes it the same thing."""

    key: str
    """``topic|threshold`` for credentials, ``topic|number`` for others; unique."""
    tenant_id: str
    kind: AlertKind
    app_id: str
    app_name: str
    subject: str
    """One calm line, plain text, tenant text in it untrusted."""
    body: str
    """The content as plain text, instants in UTC."""
    link: str = ""
    """Path of the page that shows more, beginning with ``/``."""
    due_at: datetime
    late: bool = False
    """The threshold passed while nobody was looking."""
    topic: str = ""
    """What it is about: all alerts about one thing share it, from the first warning to the all-clear.
    ``tenant|object|key id`` for a credential, ``tenant|incident|id``, ``tenant|spike|app id``, ``tenant|coverage``."""
    severity: Severity = "warning"
    content: Content = Content()
    """Empty in alerts of a version that kept plain text only; ``body`` then says everything."""
    closed_at: datetime | None = None
    """When what it warns of was over; None while it stands."""
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    created_at: datetime | None = None
    id: str = ""


WARNS_OF_NOTHING: frozenset[AlertKind] = frozenset({"all_clear", "digest", "test"})
"""What speaks of nothing that stands."""


def standing(alert: Alert) -> AlertStanding | None:
    """Where the alert stands; None for one that warns of nothing, such as a digest."""
    if alert.kind in WARNS_OF_NOTHING:
        return None
    if alert.closed_at is not None:
        return "over"
    return "acknowledged" if alert.acknowledged_at is not None else "open"


class Address(Struct, frozen=True, order=True):
    """Where an alert goes: a channel, and the person on it."""

    channel: str
    recipient: str = ""
    """A mail address, on channels that can write to a person; empty for the channel's own recipients."""


class Action(Struct, frozen=True):
    """Something a reader may do straight from the message: a signed link that works once and asks before it acts."""

    title: str
    url: str


class Message(Struct, frozen=True, kw_only=True):
    """What a channel is given; ``id`` stays the same when a delivery is repeated, and so does what is in it."""

    id: str
    alerts: tuple[Alert, ...]
    """At least one, the most urgent first; several when more than one was due for the same reader."""
    recipient: str = ""
    """The person to write to instead of the channel's own recipients; channels that cannot do that ignore it."""
    actions: tuple[Action, ...] = ()
    """For a message with a single alert: acknowledge, snooze."""
    public_url: str
    sample: bool
    """True when it speaks of the built-in sample tenant."""
    zone: str = "UTC"
    """IANA name of the reader's time zone, for the instants in facts and items."""

    @property
    def alert(self) -> Alert:
        """The most urgent alert."""
        return self.alerts[0]


class Delivery(Struct, frozen=True, kw_only=True):
    """One alert on its way to one address."""

    id: str
    alert: Alert
    channel: str
    recipient: str = ""
    state: DeliveryState
    attempts: int
    claim: int
    """Fencing number of the present claim."""
    next_at: datetime
    queued_at: datetime | None = None
    """When it was written, or replayed: the time until it is given up runs from here."""
    letter: str = ""
    """Id of the message it was put into at the first attempt; a repeat carries the same id and the same alerts."""
    answer: str = ""
    finished_at: datetime | None = None


class ChannelState(Struct, frozen=True, kw_only=True):
    """How a channel is doing, kept across restarts."""

    name: str
    configured: str = ""
    """Digest of the configuration that this state is about; another one begins anew."""
    disabled_at: datetime | None = None
    disabled_because: str = ""
    failures: int = 0
    """Failed attempts since the last that went well."""
    retry_at: datetime | None = None
    """Nothing is sent before: the receiver failed or asked for time."""
    answer: str = ""
    """What the receiver said last."""
    delivered_at: datetime | None = None
    failed_at: datetime | None = None


class Quieting(Struct, frozen=True, kw_only=True):
    """Somebody's word that alerts about a topic are to wait, or that it is looked after."""

    tenant_id: str
    topic: str
    """A credential's, an incident's …, or ``tenant|application|app id`` for all of an application."""
    action: Literal["snooze", "acknowledge"]
    """``snooze``: no alerts until then. ``acknowledge``: somebody looks after it, so nobody else is called in."""
    until: datetime | None
    """None: for good."""
    by: str
    why: str = ""
    at: datetime


def credential_topic(tenant_id: str, owner_object_id: str, key_id: str) -> str:
    """The topic of everything about one credential."""
    return f"{tenant_id}|{owner_object_id}|{key_id}"


def application_topic(tenant_id: str, app_id: str) -> str:
    """The topic that stands for all alerts of one application."""
    return f"{tenant_id}|application|{app_id}"
