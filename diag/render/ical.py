"""The ends of credentials as an iCalendar file (RFC 5545, rfc-editor.org, checked 2026-11-22)."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime

from diag import __version__
from diag.core.inert import visible
from diag.render import links
from diag.render.words import CREDENTIAL_KINDS
from diag.workflows.ports import StoredCredential

_NAMESPACE = uuid.UUID("5c4fb7f2-6f0e-4a0b-9a63-1de4a3f7c9d2")
_ALARMS = ("-P30D", "-P7D")
_OCTETS = 75
_LONGEST = 300


def calendar(found: Sequence[StoredCredential], now: datetime, origin: str, *, sample: bool) -> str:
    """One event for each credential that ends, at its end; lines end with CR LF and have at most 75 octets.

    ``origin`` is where people reach the pages. The same input on the same day gives the same text.
    """
    name = "Credential ends" + (" (sample tenant)" if sample else "")
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//aadsts-diag//{__version__}//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{name}",
        f"X-WR-CALNAME:{name}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
        "X-PUBLISHED-TTL:PT6H",
    ]
    stamp = _instant(now.replace(hour=0, minute=0, second=0))
    for item in found:
        lines += _event(item, stamp, origin)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _event(item: StoredCredential, stamp: str, origin: str) -> list[str]:
    credential = item.credential
    ends = credential.ends
    if ends is None:
        return []
    identity = (item.tenant_id, credential.owner_object_id, credential.key_id, credential.kind)
    application = _cut(item.application_name) or credential.app_id
    kind = CREDENTIAL_KINDS[credential.kind]
    summary = f"{application}: {kind if kind[:2].isupper() else kind.lower()} ends"
    told = [f"Application: {application} ({credential.app_id})", f"Credential: {_cut(credential.display_name)}"]
    if credential.hint:
        told.append(f"Value begins with: {_cut(credential.hint)}")
    told.append(f"Key ID: {_cut(credential.key_id)}")
    address = f"{origin}{links.application(credential.app_id, item.tenant_id)}"
    event = [
        "BEGIN:VEVENT",
        f"UID:{uuid.uuid5(_NAMESPACE, chr(10).join(identity))}@aadsts-diag.invalid",
        f"DTSTAMP:{stamp}",
        f"DTSTART:{_instant(ends)}",
        f"SUMMARY:{_text(summary)}",
        f"DESCRIPTION:{_text(chr(10).join([*told, address]))}",
        f"URL:{address}",
        "CLASS:CONFIDENTIAL",
        "TRANSP:TRANSPARENT",
        "SEQUENCE:0",
    ]
    for trigger in _ALARMS:
        event += [
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            f"DESCRIPTION:{_text(summary)}",
            f"TRIGGER:{trigger}",
            "END:VALARM",
        ]
    return [*event, "END:VEVENT"]


def _cut(text: str) -> str:
    line = visible(" ".join(text.split()))
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _text(value: str) -> str:
    """A value of the type TEXT (section 3.3.11)."""
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        value = value.replace(plain, escaped)
    return value


def _instant(at: datetime) -> str:
    """In UTC (section 3.3.5); written out, because strftime does not fill up years before 1000."""
    return f"{at.year:04}{at.month:02}{at.day:02}T{at.hour:02}{at.minute:02}{at.second:02}Z"


def _folded(line: str) -> Iterator[str]:
    """The line in parts of at most 75 octets, none of which splits a character (section 3.1)."""
    room, part = _OCTETS, ""
    for character in line:
        octets = len(character.encode())
        if octets > room:
            yield part
            room, part = _OCTETS - 1, " "
        part += character
        room -= octets
    yield part
