"""The words and tones that pages use for the values of the core; every tone comes with a word, never alone."""

from typing import Literal

from msgspec import Struct

from diag.core.check import Severity
from diag.core.coverage import source_name as source_name  # Pages take all words from here.

Tone = Literal["neutral", "good", "warn", "bad", "info"]


class Badge(Struct, frozen=True):
    """A short word with an icon; ``tone`` colours it."""

    text: str
    tone: Tone
    icon: str


VERDICTS: dict[str, Badge] = {
    "determined": Badge("Cause found", "good", "check"),
    "undetermined": Badge("Cause not determined", "warn", "question"),
    "unknown_code": Badge("Unknown code", "warn", "question"),
    "not_a_failure": Badge("Not a failure", "info", "pause"),
}
CAUSE_VERDICTS: dict[str, Badge] = {
    "holds": Badge("Holds", "good", "check"),
    "possible": Badge("Possible", "warn", "question"),
    "ruled_out": Badge("Ruled out", "neutral", "cross"),
}
CONFIDENCE: dict[str, str] = {
    "certain": "certain: everything it rests on was read",
    "likely": "likely: something that could speak against it was not read, or is never recorded",
    "possible": "possible: what was read fits, and does not prove it",
}
COMMONNESS: dict[str, str] = {"common": "common", "occasional": "occasional", "rare": "rare"}
FIXED_BY: dict[str, str] = {
    "developer": "the developer of the client",
    "app-owner": "an owner of the application",
    "admin": "an administrator of the tenant",
    "user": "the user",
    "microsoft": "Microsoft",
    "partner": "the partner or vendor",
}
EFFECTS: dict[str, Badge] = {
    "adds": Badge("Adds", "good", "plus"),
    "changes": Badge("Changes", "warn", "pencil"),
    "widens": Badge("Widens access", "bad", "warning"),
    "removes": Badge("Removes", "bad", "minus"),
}
IN_THE_CLIENT = Badge("Nothing in the directory", "neutral", "code")
SOURCES: dict[str, str] = {
    "registration": "registration",
    "text": "pasted text",
    "request": "request as described",
    "sign_in": "sign-in record",
    "history": "audit log and history",
    "token": "token claims",
    "answer": "your answer",
}
SEVERITIES: dict[Severity, Badge] = {
    "high": Badge("High", "bad", "warning"),
    "medium": Badge("Medium", "warn", "warning"),
    "low": Badge("Low", "neutral", "dot"),
}
INCIDENT_STATES: dict[str, Badge] = {
    "open": Badge("Open", "bad", "dot"),
    "acknowledged": Badge("Acknowledged", "info", "eye"),
    "snoozed": Badge("Snoozed", "neutral", "pause"),
    "resolved": Badge("Resolved", "good", "check"),
}
KINDS: dict[str, str] = {
    "failure": "failure",
    "interrupt": "interrupt: the sign-in paused and may have gone on",
    "user-error": "user error",
    "service": "service fault",
}
EVENT_TYPES: dict[str, str] = {
    "interactiveUser": "user, interactive",
    "nonInteractiveUser": "user, in the background",
    "servicePrincipal": "service principal",
    "managedIdentity": "managed identity",
}
CREDENTIAL_KINDS: dict[str, str] = {
    "secret": "Client secret",
    "certificate": "Certificate",
    "saml_signing": "SAML signing certificate",
    "token_encryption": "Token encryption certificate",
}
ALERT_KINDS: dict[str, str] = {
    "credential_ending": "Credential ending",
    "credential_ended": "Credential ended",
    "still_tried": "Ended, still tried",
    "incident": "Incident",
    "spike": "Spike",
    "coverage": "Coverage",
    "channel": "Channel",
    "all_clear": "All clear",
    "digest": "Weekly digest",
    "test": "Test",
}
CHANNEL_KINDS: dict[str, str] = {
    "email": "E-mail",
    "webhook": "Webhook",
    "teams": "Microsoft Teams",
    "slack": "Slack",
    "pagerduty": "PagerDuty",
    "apprise": "Apprise",
}
DELIVERY_STATES: dict[str, Badge] = {
    "pending": Badge("Waiting", "neutral", "clock"),
    "sending": Badge("Sending", "info", "clock"),
    "delivered": Badge("Delivered", "good", "check"),
    "withdrawn": Badge("Not needed any more", "neutral", "minus"),
    "dead": Badge("Given up", "bad", "cross"),
}
ACCEPTED = Badge("Accepted", "good", "check")
"""Delivered, where that only means that the receiver took it."""
ALERT_STANDINGS: dict[str, Badge] = {
    "open": Badge("Open", "warn", "dot"),
    "acknowledged": Badge("Looked after", "info", "eye"),
    "over": Badge("Over", "good", "check"),
}
PROTECTIONS: dict[str, str] = {"none": "not encrypted", "starttls": "STARTTLS", "tls": "TLS"}
"""How an e-mail channel's connection is protected; other channels say it in words themselves."""
CHANNEL_STATES: dict[str, Badge] = {
    "new": Badge("Not tried yet", "neutral", "clock"),
    "tried": Badge("Accepting", "good", "check"),
    "failing": Badge("Failing", "warn", "warning"),
    "disabled": Badge("Disabled", "bad", "cross"),
}
SOURCE_STATES: dict[str, Badge] = {
    "new": Badge("Not read yet", "neutral", "clock"),
    "ok": Badge("Reading", "good", "check"),
    "backfilling": Badge("Reading, going back in time", "info", "clock"),
    "permission_lost": Badge("Permission missing", "bad", "warning"),
    "licence_missing": Badge("Licence missing", "bad", "warning"),
    "authentication_failed": Badge("Cannot sign in", "bad", "warning"),
    "throttled": Badge("Asked to wait", "warn", "clock"),
    "unreachable": Badge("Not reachable", "bad", "warning"),
    "not_offered": Badge("Not offered here", "warn", "question"),
}
COVERAGE: dict[str, Badge] = {
    "good": Badge("All is seen", "good", "check"),
    "degraded": Badge("Not everything is seen", "warn", "warning"),
    "blind": Badge("No new sign-in is seen", "bad", "warning"),
}
LATE: dict[str, Badge] = {
    "good": Badge("Late", "warn", "clock"),
    "degraded": Badge("Late", "warn", "clock"),
    "blind": Badge("Not read for long", "bad", "warning"),
}
LICENCES: dict[str, str] = {
    "present": "present: the log answers",
    "missing": "missing: the log refuses for the lack of Microsoft Entra ID P1 or P2",
    "unknown": "not known: the log has not answered yet",
}
_FAMILIES: dict[str, str] = {
    "redirect-uri": "Redirect URI",
    "federation-saml": "Federation and SAML",
    "conditional-access": "Conditional Access",
}
TOOLS: tuple[tuple[str, str], ...] = (
    ("az", "Azure CLI"),
    ("graph", "Microsoft Graph"),
    ("powershell", "PowerShell"),
    ("bicep", "Bicep"),
    ("terraform", "Terraform"),
    ("portal", "Portal"),
)


def event_type(value: str) -> str:
    """The kinds of a sign-in record in words; the log joins several by commas."""
    return ", ".join(EVENT_TYPES.get(part.strip(), part.strip()) for part in value.split(",") if part.strip())


def family(name: str) -> str:
    """A family's id as words: ``client-credential`` → ``Client credential``."""
    return _FAMILIES.get(name) or name.replace("-", " ").capitalize()


def unknown(table: dict[str, Badge], key: str) -> Badge:
    """The badge for a key, or the key itself in neutral where a newer version has written it."""
    return table.get(key) or Badge(key or "not known", "neutral", "question")


def count(number: int, one: str, several: str = "") -> str:
    """``1 failure``, ``2,304 failures``."""
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"
