"""Credentials by urgency: what ends when, what still uses it, and which ones are quiet and why."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from diag.render import links, times, words
from diag.render.charts import Chart, calendar
from diag.render.times import Moment
from diag.render.views.chrome import Listing
from diag.render.words import Badge
from diag.workflows.ports import StoredCredential

CALENDAR_DAYS = 90


class CredentialLine(Struct, frozen=True, kw_only=True):
    tenant_id: str
    application: str
    application_href: str
    name: str
    hint: str
    kind: str
    owner: str
    key_id: str
    thumbprint: str
    starts: Moment | None
    ends: Moment | None
    badge: Badge
    last_used: Moment | None
    last_tried: Moment | None
    quiet: str
    """Why no alert is raised for it; empty when alerts are."""
    quiet_href: str
    """Where it is snoozed or acknowledged; empty where it has no end."""


class Group(Struct, frozen=True):
    id: str
    title: str
    hint: str
    lines: tuple[CredentialLine, ...]


class CredentialsView(Struct, frozen=True, kw_only=True):
    groups: tuple[Group, ...]
    quiet: tuple[CredentialLine, ...]
    calendar: Chart
    shown: int
    kind: str
    kinds: tuple[tuple[str, str], ...]
    """(value, label) of every kind to choose from."""
    app_id: str
    tenant_id: str
    window: str
    listing: Listing
    empty: str


_GROUPS: tuple[tuple[str, str, str, timedelta | None], ...] = (
    ("ended", "Ended", "Sign-ins with these fail. Replace them, or remove them if nothing needs them.", timedelta()),
    ("week", "Within 7 days", "Add a successor now, and move every caller to it.", timedelta(days=7)),
    ("month", "Within 30 days", "Plan the rotation.", timedelta(days=30)),
    ("quarter", "Within 90 days", "", timedelta(days=90)),
    ("later", "Later", "", None),
    ("never", "Without an end", "These stay valid until somebody removes them.", None),
)


def credential_line(stored: StoredCredential, now: datetime, quiet: str | None = None) -> CredentialLine:
    credential = stored.credential
    return CredentialLine(
        application=stored.application_name or credential.app_id,
        tenant_id=stored.tenant_id,
        application_href=links.application(credential.app_id, stored.tenant_id),
        name=credential.display_name or "without a name",
        hint=credential.hint,
        kind=words.CREDENTIAL_KINDS.get(credential.kind, credential.kind),
        owner="registration" if credential.owner_kind == "application" else "service principal",
        key_id=credential.key_id,
        thumbprint=credential.thumbprint,
        starts=times.maybe(credential.starts, now),
        ends=times.maybe(credential.ends, now),
        badge=_badge(stored, now),
        last_used=times.maybe(stored.last_used, now),
        last_tried=times.maybe(stored.last_tried, now),
        quiet=quiet or "",
        quiet_href=_quiet_href(stored) if credential.ends is not None else "",
    )


def credentials_view(
    found: Sequence[StoredCredential],
    upcoming: Sequence[datetime],
    now: datetime,
    reason_of: Callable[[StoredCredential], str | None],
    *,
    kind: str,
    app_id: str,
    tenant_id: str,
    window: str,
    listing: Listing,
    empty: str,
    read: bool = True,
) -> CredentialsView:
    """``upcoming``: ends of the coming 90 days, for the calendar; ``reason_of``: why a credential is quiet, or None.

    ``read``: every source that holds credentials was read to its end.
    """
    groups: dict[str, list[CredentialLine]] = {group: [] for group, *_ in _GROUPS}
    quiet: list[CredentialLine] = []
    for stored in found:
        reason = reason_of(stored)
        line = credential_line(stored, now, reason)
        if reason:
            quiet.append(line)
        else:
            groups[_group_of(stored.credential.ends, now)].append(line)
    return CredentialsView(
        groups=tuple(
            Group(group, title, hint, tuple(groups[group])) for group, title, hint, _ in _GROUPS if groups[group]
        ),
        quiet=tuple(quiet),
        calendar=calendar(upcoming, now, CALENDAR_DAYS, read=read),
        shown=len(found),
        kind=kind,
        kinds=tuple(words.CREDENTIAL_KINDS.items()),
        app_id=app_id,
        tenant_id=tenant_id,
        window=window,
        listing=listing,
        empty=empty,
    )


def record(stored: StoredCredential, quiet: str | None) -> dict[str, object]:
    """The credential flat, for JSON and CSV; its value is never held here."""
    credential = stored.credential
    return {
        "tenant_id": stored.tenant_id,
        "app_id": credential.app_id,
        "application": stored.application_name,
        "owner_kind": credential.owner_kind,
        "owner_object_id": credential.owner_object_id,
        "kind": credential.kind,
        "key_id": credential.key_id,
        "display_name": credential.display_name,
        "hint": credential.hint,
        "thumbprint": credential.thumbprint,
        "starts": times.rfc3339(credential.starts) if credential.starts else None,
        "ends": times.rfc3339(credential.ends) if credential.ends else None,
        "last_used": times.rfc3339(stored.last_used) if stored.last_used else None,
        "last_tried": times.rfc3339(stored.last_tried) if stored.last_tried else None,
        "quiet_because": quiet or None,
    }


def _quiet_href(stored: StoredCredential) -> str:
    credential = stored.credential
    asked = {"tenant_id": stored.tenant_id, "app_id": credential.app_id, "owner": credential.owner_object_id}
    return links.page("/quiet", {**asked, "key_id": credential.key_id})


def _group_of(ends: datetime | None, now: datetime) -> str:
    if ends is None:
        return "never"
    return next((group for group, _, _, span in _GROUPS if span is not None and ends <= now + span), "later")


def _badge(stored: StoredCredential, now: datetime) -> Badge:
    starts, ends = stored.credential.starts, stored.credential.ends
    if ends is not None and ends <= now:
        tried = stored.last_tried is not None and stored.last_tried >= ends
        return Badge("Ended, still tried" if tried else "Ended", "bad", "warning")
    if starts is not None and starts > now:
        return Badge("Not valid yet", "warn", "clock")
    if ends is None:
        return Badge("No end", "neutral", "infinity")
    left = ends - now
    words_left = f"{times.span_words(left)} left"
    if left <= timedelta(days=7):
        return Badge(words_left, "bad", "clock")
    if left <= timedelta(days=30):
        return Badge(words_left, "warn", "clock")
    return Badge(words_left, "neutral" if left > timedelta(days=90) else "info", "clock")
