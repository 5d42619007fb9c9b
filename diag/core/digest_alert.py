"""The weekly summary for one reader: what ends in the coming weeks, and what else wants somebody's attention."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from msgspec import Struct

from diag.core import alert_text
from diag.core.alerts import Alert, Content, Fact, Item
from diag.core.expiry import remaining
from diag.core.expiry_alert import inert_line, named
from diag.core.inventory import CredentialRow

MOST = 50
"""Lines of one list; the pages show the rest."""


class Ending(Struct, frozen=True, kw_only=True):
    application: str
    credential: CredentialRow
    quiet: str = ""
    """Why it raises no alert; empty when it does."""


class State(Struct, frozen=True, kw_only=True):
    """What is told to those who look after the whole tenant."""

    open_incidents: int
    ownerless: Sequence[str]
    """Names of applications with an end ahead whose owners were read and are none who can be told."""
    dead_deliveries: int
    disabled_channels: Sequence[str]


def written(
    tenant_id: str, name: str, due_at: datetime, now: datetime, endings: Sequence[Ending], state: State | None, key: str
) -> Alert:
    """The digest; ``state`` is None for a person who is told of their own applications only."""
    told = [ending for ending in endings if not ending.quiet]
    quiet = [ending for ending in endings if ending.quiet]
    facts = [Fact(label="Tenant", text=name), Fact(label="Ends ahead", text=_count(len(told), "credential"))]
    if quiet:
        facts.append(Fact(label="Besides", text=f"{_count(len(quiet), 'more')} without alerts, each with a reason"))
    if state is not None:
        facts.append(Fact(label="Open incidents", text=f"{state.open_incidents:,}"))
        if state.ownerless:
            names = ", ".join(inert_line(application) for application in state.ownerless[:10])
            more = f" and {len(state.ownerless) - 10} more" if len(state.ownerless) > 10 else ""
            facts.append(Fact(label="Without an owner who can be told", text=f"{names}{more}"))
        if state.dead_deliveries:
            facts.append(Fact(label="Given up", text=_count(state.dead_deliveries, "message")))
        if state.disabled_channels:
            facts.append(Fact(label="Disabled channels", text=", ".join(state.disabled_channels)))
    items = [_item(ending, tenant_id, now) for ending in told[:MOST]]
    if len(told) > MOST:
        items.append(Item(text=f"and {len(told) - MOST} more on the page Credentials", link="/credentials"))
    content = Content(facts=tuple(facts), items=tuple(items))
    what = f"{_count(len(told), 'credential')} end{'s' if len(told) == 1 else ''} in the coming weeks"
    return Alert(
        key=key,
        tenant_id=tenant_id,
        kind="digest",
        app_id="",
        app_name="",
        subject=f"{name}: {what}" if name != tenant_id else what,
        body=alert_text.text(content),
        link=f"/credentials?tenant_id={quote(tenant_id, safe='')}",
        due_at=due_at,
        topic=key.rpartition("|")[0],
        severity="info",
        content=content,
    )


def _item(ending: Ending, tenant_id: str, now: datetime) -> Item:
    credential = ending.credential
    ends = credential.ends
    assert ends is not None  # noqa: S101  it has an end ahead
    name = inert_line(ending.application) or credential.app_id
    link = f"/applications/{quote(credential.app_id, safe='')}?tenant_id={quote(tenant_id, safe='')}"
    return Item(text=f"{name}: {named(credential)} ({remaining(ends, now)})", link=link, at=ends)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 or what == 'more' else 's'}"
