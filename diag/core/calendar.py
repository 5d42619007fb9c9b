"""Who may read the calendar of credential ends: calendar programs cannot sign in, so their address holds a token.

The configuration holds the token's digest only: a token has 256 random bits, so a plain SHA-256 keeps it secret.
"""

import hashlib
import hmac
import re
from collections.abc import Sequence

from msgspec import Struct

_DIGEST = re.compile(r"[0-9a-f]{64}")


class CalendarReader(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One person or program that may read the calendar; taking the entry out ends it."""

    name: str
    token_sha256: str
    """Of the token in the address; ``diag calendar-token`` writes both."""
    tenant_id: str = ""
    """Only this tenant's credentials; all of them when left out."""


def digest(token: str) -> str:
    """What the configuration keeps of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def reader_of(readers: Sequence[CalendarReader], token: str) -> CalendarReader | None:
    """Whose token it is; None when it is nobody's. Takes the same time whichever it is."""
    given = digest(token)
    found: CalendarReader | None = None
    for reader in readers:
        if hmac.compare_digest(reader.token_sha256, given):
            found = reader
    return found


def problems(readers: Sequence[CalendarReader]) -> list[str]:
    """What is wrong with the readers, each in one sentence without a digest in it."""
    names = [reader.name for reader in readers]
    digests = [reader.token_sha256 for reader in readers]
    found = [f"names the calendar reader {name} twice" for name in sorted({n for n in names if names.count(n) > 1})]
    for reader in readers:
        if _DIGEST.fullmatch(reader.token_sha256) is None:
            found.append(f"calendar reader {reader.name}: token_sha256 must be 64 hexadecimal digits in lower case")
        elif digests.count(reader.token_sha256) > 1:
            found.append(f"calendar reader {reader.name}: somebody else has the same token")
    return found
