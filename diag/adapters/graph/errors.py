"""What Graph answers instead of what was asked → the errors of ``diag.core.errors``.

Every status has one: a new one becomes ``SourceError`` with the status in its text. Of an error body only code and
message are quoted, shortened.
"""

import msgspec

from diag.core.errors import (
    AuthenticationFailed,
    LicenceMissing,
    NotFound,
    NotOffered,
    PermissionLost,
    SourceError,
    Throttled,
    Unreachable,
    WindowRefused,
)

RETRYABLE = frozenset({408, 500, 502, 503, 504})
"""Worth another try; 501 is not."""

_PERMISSIONS = (
    ("auditLogs", "AuditLog.Read.All"),
    ("oauth2PermissionGrants", "Directory.Read.All"),
    ("identity/conditionalAccess", "Policy.Read.All"),
    ("subscribedSkus", "LicenseAssignment.Read.All"),
    ("applications", "Application.Read.All"),
    ("servicePrincipals", "Application.Read.All"),
    ("deletedItems", "Application.Read.All"),
)
_NO_LICENCE = "Authentication_RequestFromNonPremiumTenantOrB2CTenant"
_LOST_STATE = frozenset({"syncstatenotfound", "resyncrequired", "directory_expiredpagetoken"})


class _Inner(msgspec.Struct):
    code: str | None = None
    message: str | None = None


class _Body(msgspec.Struct):
    error: _Inner


def permission_for(path: str) -> str:
    """The least permission that lets this path be read; empty for a path we do not know."""
    return next((permission for part, permission in _PERMISSIONS if part in path), "")


def error_code(body: bytes) -> tuple[str, str]:
    """Code and message of an error body; empty for HTML, truncated JSON and the like."""
    try:
        error = msgspec.json.decode(body, type=_Body).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "", ""
    return error.code or "", " ".join((error.message or "").split())[:300]


def failed(status: int, path: str, body: bytes, wait: float | None) -> SourceError:
    """The error for an answer that is no success; ``wait`` is what its Retry-After says, in seconds."""
    code, message = error_code(body)
    said = f"Microsoft Graph answered {status}" + (f" {code}" if code else "") + (f": {message}" if message else "")
    said += "" if said.endswith((".", "!", "?")) else "."
    lowered = code.lower()
    if status == 401:
        return AuthenticationFailed(said)
    if status == 403:
        if code == _NO_LICENCE or "premium licen" in message.lower():
            return LicenceMissing(said)
        return PermissionLost(said, permission=permission_for(path))
    if status == 410 or lowered in _LOST_STATE or "pagetoken" in lowered:
        return WindowRefused(said)
    if status == 404:
        if "segment" in message:
            return NotOffered(said)
        return NotFound(said)
    if status == 400:
        return WindowRefused(said)
    if status == 429:
        return Throttled(said, retry_after=wait if wait is not None else 0.0)
    if status in RETRYABLE or status >= 500:
        return Unreachable(said)
    if 300 <= status < 400:
        return Unreachable(f"{said}: redirects are not followed.")
    return SourceError(said)
