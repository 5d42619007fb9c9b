"""What answers and tokens tell about the connection itself: the clock, the permissions held, the pauses asked for."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from diag.adapters.graph.credentials import Tokens
from diag.adapters.graph.throttle import Budgets
from diag.core.errors import BadInput
from diag.core.graph_permissions import Connection, of_token
from diag.core.token_claims import read_claims
from diag.workflows.ports import Clock

_PAUSE_WORTH_SAYING = 1.0
"""Seconds; shorter pauses are everyday business."""


class Observed:
    """Gathers for one tenant what the client sees in passing; sends nothing itself."""

    def __init__(self, tenant_id: str, tokens: Tokens, budgets: Budgets, clock: Clock) -> None:
        self._tenant_id, self._tokens, self._budgets, self._clock = tenant_id, tokens, budgets, clock
        self._skew: float | None = None
        self._permissions: tuple[str, tuple[str, ...] | None, str] = ("", None, "")
        self._read = ""

    def answered(self, date: str | None) -> None:
        """Compare the clocks by an answer's Date header, at the moment its headers arrive."""
        if date is None:
            return
        try:
            theirs = parsedate_to_datetime(date)
        except (ValueError, IndexError, OverflowError):
            return
        if theirs.tzinfo is None:
            theirs = theirs.replace(tzinfo=UTC)
        self._skew = (self._clock.now() - theirs).total_seconds()

    def now(self) -> datetime | None:
        """What time it is where Graph runs, by the Date of its last answer; None before the first."""
        return None if self._skew is None else self._clock.now() - timedelta(seconds=self._skew)

    def connection(self) -> Connection:
        """All of it as it is now."""
        now = self._clock.now()
        token = self._tokens.held
        if token and token != self._read:
            self._permissions, self._read = _permissions(token), token
        kind, permissions, app_id = self._permissions
        pause = self._budgets.paused(self._tenant_id)
        return Connection(
            token=kind,  # type: ignore[arg-type]
            app_id=app_id,
            permissions=permissions,
            skew_seconds=self._skew,
            throttled_until=_in(pause, now) if pause >= _PAUSE_WORTH_SAYING else None,
            observed_at=now,
        )


def _permissions(token: str) -> tuple[str, tuple[str, ...] | None, str]:
    """Kind, permissions and application of a token; nothing where it is opaque."""
    try:
        return of_token(read_claims(token).claims)
    except BadInput:
        return "", None, ""


def _in(seconds: float, now: datetime) -> datetime:
    return now + timedelta(seconds=seconds)
