"""What an alert says when a tenant's coverage turns bad, and when it is whole again."""

from collections.abc import Sequence

from diag.core import alert_text
from diag.core.alerts import Alert, Content, Fact, Item
from diag.core.coverage import Coverage
from diag.core.coverage_changes import CoverageChange, Trouble


def topic(tenant_id: str) -> str:
    """What all alerts about one tenant's coverage share."""
    return f"{tenant_id}|coverage"


def written(coverage: Coverage, change: CoverageChange, name: str) -> Alert:
    """The alert for what began; ``name``: how people call the tenant."""
    blind = coverage.verdict == "blind"
    told = change.begun
    others = [trouble for trouble in change.standing if trouble not in told]
    content = Content(
        facts=(
            Fact(label="Tenant", text=name),
            Fact(label="Since", at=min(trouble.since for trouble in told)),
            Fact(label="Seen now", text="no new failed sign-in" if blind else "the rest goes on being read"),
        ),
        items=tuple(_item(trouble) for trouble in (*told, *others)),
        steps=_steps(told),
        note="While this lasts, an empty list proves nothing. A message follows when it is over.",
    )
    return Alert(
        key=f"{topic(coverage.tenant_id)}|{coverage.at:%Y%m%dT%H%M%SZ} {','.join(item.subject for item in told)}",
        tenant_id=coverage.tenant_id,
        kind="coverage",
        app_id="",
        app_name="",
        subject=f"{name}: {'nothing new is seen' if blind else 'not everything is seen any more'}",
        body=alert_text.text(content),
        link="/status",
        due_at=coverage.at,
        topic=topic(coverage.tenant_id),
        severity="critical" if blind else "warning",
        content=content,
    )


def all_clear(coverage: Coverage, change: CoverageChange, name: str) -> Alert:
    """The alert that says that the last trouble is over."""
    began = min(trouble.since for trouble in change.over)
    content = Content(
        facts=(Fact(label="Tenant", text=name), Fact(label="Lasted", at=began, text="until now")),
        items=tuple(_item(trouble) for trouble in change.over),
        note="What was recorded meanwhile is read afterwards, as far back as Microsoft Graph keeps it.",
    )
    return Alert(
        key=f"{topic(coverage.tenant_id)}|{coverage.at:%Y%m%dT%H%M%SZ} over",
        tenant_id=coverage.tenant_id,
        kind="all_clear",
        app_id="",
        app_name="",
        subject=f"{name}: what could not be read is read again",
        body=alert_text.text(content),
        link="/status",
        due_at=coverage.at,
        topic=topic(coverage.tenant_id),
        severity="info",
        content=content,
    )


def _item(trouble: Trouble) -> Item:
    return Item(text=trouble.text, link="/status")


def _steps(troubles: Sequence[Trouble]) -> tuple[str, ...]:
    """What to do about each, once."""
    steps = dict.fromkeys(trouble.hint for trouble in troubles if trouble.hint)
    return (*steps, "Open the status page: it holds the exact commands for what is missing.")
