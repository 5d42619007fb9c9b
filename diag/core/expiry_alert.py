"""What an alert about a credential's end says: which one, of which application, and the safe way to replace it."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import quote

from msgspec import Struct

from diag.core import alert_text
from diag.core.alerts import Alert, Content, Fact, Severity
from diag.core.expiry import Due, remaining
from diag.core.inventory import CredentialKind, CredentialRow
from diag.core.profile import Recipients

_LONGEST_NAME = 80
_KINDS: Mapping[CredentialKind, str] = {
    "secret": "client secret",
    "certificate": "certificate",
    "saml_signing": "SAML signing certificate",
    "token_encryption": "token encryption certificate",
}
_HAND_OVER: Mapping[CredentialKind, tuple[str, str]] = {
    "secret": (
        "Give its value to every place that uses the old one.",
        "See sign-ins succeed with the new key ID, and none with the old one.",
    ),
    "certificate": (
        "Install it, with its private key, in every place that uses the old one.",
        "See sign-ins succeed with the new key ID, and none with the old one.",
    ),
    "saml_signing": (
        "Have the application trust the new one too; many need its metadata or file beforehand.",
        "Make the new one the active one, and see people sign in.",
    ),
    "token_encryption": (
        "Give its private key to the application, so that it can decrypt with both.",
        "Make the new one the encryption key, and see people sign in.",
    ),
}


class Usage(Struct, frozen=True, kw_only=True):
    """What was seen of a credential's use, for the people who depend on it."""

    sign_ins: int
    """Successful ones in the time looked at."""
    days: int
    """How long that time was."""
    resources: tuple[str, ...] = ()
    """Names or ids of the APIs, most used first."""
    known: bool = True
    """False: successes were not counted all that time, so that none seen proves nothing."""
    users_sign_in: bool | None = None
    """People sign in to the application, and their sign-ins name no credential."""


def written(
    credential: CredentialRow,
    reached: Due,
    now: datetime,
    *,
    key: str,
    tenant_id: str,
    application: str,
    last_used: datetime | None = None,
    last_tried: datetime | None = None,
    usage: Usage | None = None,
    told: Recipients | None = None,
) -> Alert:
    """The alert for a threshold that was reached; ``credential`` has an end. Names in it are one inert line each."""
    ends = credential.ends
    assert ends is not None  # noqa: S101  something is due, so there is an end
    kind = _KINDS[credential.kind]
    name = inert_line(application) or credential.app_id
    left = remaining(ends, now)
    ended = now >= ends
    facts = [
        Fact(label="Application", text=f"{name} ({credential.app_id})"),
        Fact(label="Credential", text=named(credential)),
        Fact(label="End", at=ends, text=f"({left})"),
        *_seen(credential.kind, usage, last_used, last_tried),
        *_owners(told),
    ]
    note = f"You get this as {told.found_by}." if told is not None and told.found_by else ""
    if reached.late:
        facts.append(Fact(label="Was due", at=reached.reached_at, text="(nobody was looking then, so this comes late)"))
    content = Content(facts=tuple(facts), steps=_steps(credential), note=note)
    return Alert(
        key=key,
        tenant_id=tenant_id,
        kind="credential_ended" if ended else "credential_ending",
        app_id=credential.app_id,
        app_name=name,
        subject=f"{name}: {kind} {'' if ended else 'ends '}{left}",
        body=alert_text.text(content),
        link=_link(credential, tenant_id),
        due_at=reached.reached_at,
        late=reached.late,
        topic=key.rpartition("|")[0],
        severity=severity(ends, now),
        content=content,
    )


def all_clear(warned: Alert, why: str, now: datetime) -> Alert:
    """The message that ends a warning, for those who were told."""
    what = warned.subject.partition(":")[0]
    content = Content(
        facts=(Fact(label="It was said", text=warned.subject), Fact(label="Now", text=why)),
        note="There is nothing to do.",
    )
    return Alert(
        key=f"{warned.topic}|all-clear|{warned.id}",
        tenant_id=warned.tenant_id,
        kind="all_clear",
        app_id=warned.app_id,
        app_name=warned.app_name,
        subject=f"All clear: {what}" if warned.app_name else f"All clear: {warned.subject}",
        body=alert_text.text(content),
        link=warned.link,
        due_at=now,
        topic=warned.topic,
        severity="info",
        content=content,
    )


def severity(ends: datetime, now: datetime) -> Severity:
    """How urgent an end is: critical from a day before, to be planned from two weeks before."""
    if ends - now <= timedelta(days=1):
        return "critical"
    return "warning" if ends - now <= timedelta(days=14) else "info"


def named(credential: CredentialRow) -> str:
    """Which credential it is, as people see it in the portal: kind, name, first characters, key ID."""
    label = inert_line(credential.display_name)
    shown = f"“{label}”" if label else "without a name"
    hint = f", value begins with {inert_line(credential.hint)}" if credential.hint else ""
    return f"{_KINDS[credential.kind]} {shown}{hint}, key ID {credential.key_id}"


def inert_line(text: str) -> str:
    """A name chosen by others as one short line that hides nothing, ends no line early and makes no link."""
    plain = "".join(character if unicodedata.category(character)[0] not in "CZ" else " " for character in text)
    line = " ".join(plain.replace("://", ": //").replace("www.", "www. ").split())
    return line if len(line) <= _LONGEST_NAME else f"{line[: _LONGEST_NAME - 1]}…"


def _steps(credential: CredentialRow) -> tuple[str, ...]:
    hand_over, see = _HAND_OVER[credential.kind]
    return (
        f"Add a new {_KINDS[credential.kind]} beside this one; nothing that works now stops working.",
        hand_over,
        see,
        f"Remove the old one by its key ID, {credential.key_id}.",
    )


def _seen(
    kind: CredentialKind, usage: Usage | None, last_used: datetime | None, last_tried: datetime | None
) -> list[Fact]:
    facts = []
    if last_used is not None:
        facts.append(Fact(label="Last successful sign-in seen with it", at=last_used))
    if usage is not None:
        facts.append(Fact(label="What depends on it", text=_depends(usage, kind)))
    if last_tried is not None:
        facts.append(Fact(label="Last failed sign-in that named it", at=last_tried))
    return facts


def _depends(usage: Usage, kind: CredentialKind) -> str:
    if kind in ("saml_signing", "token_encryption"):
        return "the sign-ins of people to this application; their records name no certificate"
    if usage.sign_ins:
        most = 5
        names = [inert_line(name) for name in usage.resources[:most]]
        more = f" and {len(usage.resources) - most} more" if len(usage.resources) > most else ""
        times = f"{usage.sign_ins:,} sign-in{'s' if usage.sign_ins > 1 else ''}"
        return f"{times} in {usage.days} days, for {', '.join(names)}{more}"
    if not usage.known:
        return "not known: successful sign-ins were not counted all the time"
    if usage.users_sign_in is not False:
        return f"no sign-in named it in {usage.days} days; sign-ins of people never do, so it may be used for them"
    return f"no sign-in used it in {usage.days} days"


def _owners(told: Recipients | None) -> list[Fact]:
    if told is None:
        return []
    facts = []
    if told.ownerless:
        facts.append(Fact(label="Owners", text="the directory names none who can be told; give it one"))
    elif told.ownerless is None:
        facts.append(Fact(label="Owners", text="not known: they could not be read"))
    if told.skipped:
        facts.append(Fact(label="Passed over", text="; ".join(inert_line(clause) for clause in told.skipped[:5])))
    return facts


def _link(credential: CredentialRow, tenant_id: str) -> str:
    return f"/applications/{quote(credential.app_id, safe='')}?tenant_id={quote(tenant_id, safe='')}"
