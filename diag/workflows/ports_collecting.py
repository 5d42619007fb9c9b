"""What collecting keeps beside the records: windows that were read to their end, and counted successes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from diag.core.records import SuccessCount
from diag.core.windows import ReadWindow, Window


class WindowStore(Protocol):
    def close(self, window: ReadWindow) -> None:
        """Keep that the window was read to its end.

        A poll that goes on where the one before ended lengthens that one's row, up to about an hour.
        """

    def find(
        self, tenant_id: str, source: str | None = None, since: datetime | None = None, until: datetime | None = None
    ) -> Sequence[ReadWindow]:
        """Windows that touch the span, of one source or of all, by their start."""


class HourlySuccesses(Struct, frozen=True):
    hour: datetime
    successes: int


class SuccessStore(Protocol):
    def replace(self, tenant_id: str, window: Window, counts: Sequence[SuccessCount]) -> int:
        """Put these counts in the place of all that is stored of the hours that begin in ``start <= t < end``.

        The window begins with an hour, so that reading it again counts nothing twice. By how much the sum has grown.
        """

    def note(self, tenant_id: str, counts: Sequence[SuccessCount]) -> None:
        """Keep that there were such successes; of an hour that is counted already only the latest instant can change.

        A file tells of some successes of an hour; Graph's own answer, read to its end, takes its place.
        """

    def last(
        self, tenant_id: str, app_id: str, *, resource_id: str | None = None, credential_key_id: str | None = None
    ) -> datetime | None:
        """When an application last signed in successfully, to one resource and with one credential where given."""

    def hourly(self, tenant_id: str, since: datetime, app_id: str | None = None) -> Sequence[HourlySuccesses]:
        """Counts by hour, oldest first; hours without a success are absent."""
