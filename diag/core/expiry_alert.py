"""What an alert about a credential's end says: which one, of which application, and the safe way to replace it."""

import unicodedata
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

from diag.core.alerts import Alert
from diag.core.expiry import Due, remaining
from diag.core.inventory import CredentialKind, CredentialRow

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
) -> Alert:
    """The alert for a threshold that was reached; ``credential`` has an end. Names in it are one inert line each."""
    ends = credential.ends
    assert ends is not None  # noqa: S101  something is due, so there is an end
    kind = _KINDS[credential.kind]
    name = inert_line(application) or credential.app_id
    left = remaining(ends, now)
    ended = now >= ends
    label = inert_line(credential.display_name)
    shown = f"“{label}”" if label else "without a name"
    hint = f", value begins with {inert_line(credential.hint)}" if credential.hint else ""
    lines = [
        f"Application: {name} ({credential.app_id})",
        f"Credential: {kind} {shown}{hint}, key ID {credential.key_id}",
        f"End: {_utc(ends)} ({left})",
    ]
    if last_used is not None:
        lines.append(f"Last successful sign-in seen with it: in the hour of {_utc(last_used)}")
    if last_tried is not None:
        lines.append(f"Last failed sign-in that named it: {_utc(last_tried)}")
    if reached.late:
        lines.append(f"This was due on {_utc(reached.reached_at)}; nobody was looking then, so it comes late.")
    return Alert(
        key=key,
        tenant_id=tenant_id,
        kind="credential_ended" if ended else "credential_ending",
        app_id=credential.app_id,
        app_name=name,
        subject=f"{name}: {kind} {'' if ended else 'ends '}{left}",
        body="\n".join([*lines, "", *_steps(credential)]) + "\n",
        link=f"/applications/{quote(credential.app_id, safe='')}?tenant_id={quote(tenant_id, safe='')}",
        due_at=reached.reached_at,
        late=reached.late,
    )


def inert_line(text: str) -> str:
    """A name chosen by others as one short line that hides nothing, ends no line early and makes no link."""
    plain = "".join(character if unicodedata.category(character)[0] not in "CZ" else " " for character in text)
    line = " ".join(plain.replace("://", ": //").replace("www.", "www. ").split())
    return line if len(line) <= _LONGEST_NAME else f"{line[: _LONGEST_NAME - 1]}…"


def _steps(credential: CredentialRow) -> list[str]:
    hand_over, see = _HAND_OVER[credential.kind]
    return [
        "What to do, in this order:",
        f"1. Add a new {_KINDS[credential.kind]} beside this one; nothing that works now stops working.",
        f"2. {hand_over}",
        f"3. {see}",
        f"4. Remove the old one by its key ID, {credential.key_id}.",
    ]


def _utc(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"
