"""The machine's clock; the only place that asks it for the time."""

import time
from datetime import UTC, datetime


class SystemClock:
    """The ``Clock`` port."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        # Imported here because a command that explains a paste asks for the time and never sleeps.
        import asyncio

        await asyncio.sleep(seconds)
