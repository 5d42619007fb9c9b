"""Fakes of the outside: a clock, a channel, a sign-in log, a directory and an audit log that do what a test says."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta

from diag.core.alerts import Message
from diag.core.directory import Change
from diag.core.errors import NotFound, NotifyError, SourceError
from diag.core.inventory import DetailKind, ObjectKind, RegistrationObject, TenantKind
from diag.core.records import FailureRow
from diag.core.successes import Success
from diag.core.windows import Window
from diag.workflows.ports import DirectoryPage, Outcome, SignInGroup, SignInPage

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
TENANT = "3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11"
APP = "4f8d1c3a-6b52-4e0f-9a7d-2c5e8b1f6a01"


class FakeClock:
    """Time passes when somebody sleeps or a test says so."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now
        self._passed = 0.0
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._passed

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.pass_by(seconds=seconds)
        await asyncio.sleep(0)

    def pass_by(self, **span: float) -> None:
        self._now += timedelta(**span)
        self._passed += timedelta(**span).total_seconds()


# ── the outside ────────────────────────────────────────────────────────────────────────────────────────────────────


class FakeNotifier:
    """A channel that does what it is told: each answer is a line, or an error to raise; then it accepts."""

    def __init__(self, name: str, *answers: str | NotifyError) -> None:
        self.name = name
        self.answers = list(answers)
        self.sent: list[Message] = []
        self.taken: list[Message] = []

    async def send(self, message: Message) -> str:
        self.sent.append(message)
        answer = self.answers.pop(0) if self.answers else "accepted"
        if isinstance(answer, NotifyError):
            raise answer
        self.taken.append(message)
        return answer


class FakeSignInLog:
    """A log of given rows, newest first, in pages; faults are raised in turn, before the page they are given for."""

    def __init__(self, rows: Sequence[FailureRow] = (), *, page_size: int = 50) -> None:
        self.rows = list(rows)
        self.successes: list[Success] = []
        self.page_size = page_size
        self.accepts_filter = True
        self.windows: list[Window] = []
        self.outcomes: list[Outcome] = []
        self.pages_given = 0
        self.failing: dict[int, SourceError] = {}
        """Errors by the number of the page request, counted from 0 over the log's life."""
        self.refuses: Callable[[Window], SourceError | None] = lambda window: None
        self.asked = 0
        self.told: datetime | None = None

    def now(self) -> datetime | None:
        return self.told

    async def probe_failure_filter(self, group: SignInGroup) -> bool:
        return self.accepts_filter

    async def pages(self, group: SignInGroup, window: Window, *, outcome: Outcome) -> AsyncIterator[SignInPage]:
        self.windows.append(window)
        self.outcomes.append(outcome)
        refused = self.refuses(window)
        if refused is not None:
            raise refused
        inside: list[FailureRow | Success] = []
        if outcome != "succeeded":
            inside += [row for row in self.rows if window.start <= row.created_at <= window.end]
        if outcome != "failed":
            inside += [item for item in self.successes if window.start <= item.at <= window.end]
        inside.sort(key=lambda item: (_when(item), item.id), reverse=True)
        starts = range(0, max(len(inside), 1), self.page_size)
        for start in starts:
            asked, self.asked = self.asked, self.asked + 1
            if asked in self.failing:
                raise self.failing.pop(asked)
            part = inside[start : start + self.page_size]
            self.pages_given += 1
            yield SignInPage(
                [item for item in part if isinstance(item, FailureRow)],
                [item for item in part if isinstance(item, Success)],
                len(part),
                start != starts[-1],
                f"{part[0].id} {part[-1].id}" if part else "",
            )


def _when(item: FailureRow | Success) -> datetime:
    return item.created_at if isinstance(item, FailureRow) else item.at


class FakeDirectory:
    """A directory of given objects; the delta link counts the rounds."""

    def __init__(self, *objects: RegistrationObject) -> None:
        self.objects = {(item.kind, item.object_id): item for item in objects}
        self.changes: list[DirectoryPage] = []
        self.failing: list[SourceError] = []
        """Raised in turn by whatever is asked next."""
        self.links: list[str | None] = []
        self.details: list[tuple[str, str]] = []
        self.left_out: set[str] = set()
        """Objects that a full listing leaves out by mistake."""
        self.page_size = 2

    async def delta(self, kind: ObjectKind, link: str | None) -> AsyncIterator[DirectoryPage]:
        self.links.append(link)
        if link is not None:
            self._fail()
            for page in self.changes:
                yield page
            return
        found = [item for item in self.objects.values() if item.kind == kind and item.object_id not in self.left_out]
        for start in range(0, max(len(found), 1), self.page_size):
            self._fail()
            last = start + self.page_size >= len(found)
            yield DirectoryPage(found[start : start + self.page_size], (), f"link-{len(self.links)}" if last else None)

    async def read(self, kind: ObjectKind, object_id: str) -> RegistrationObject:
        if (kind, object_id) not in self.objects:
            raise NotFound("No such object.")
        return self.objects[(kind, object_id)]

    async def detail(self, kind: DetailKind, object_id: str, app_id: str) -> RegistrationObject:
        self.details.append((kind, object_id))
        self._fail()
        return RegistrationObject(kind=kind, object_id=object_id, app_id=app_id, body=b'{"value": []}')

    async def tenant_wide(self, kind: TenantKind) -> RegistrationObject:
        self.details.append((kind, kind))
        self._fail()
        return RegistrationObject(kind=kind, object_id=kind, body=b'{"value": []}')

    def _fail(self) -> None:
        if self.failing:
            raise self.failing.pop(0)


class FakeAuditLog:
    """An audit log of given changes, in pages of two."""

    def __init__(self, *changes: Change) -> None:
        self.changes = list(changes)
        self.windows: list[Window] = []
        self.failing: list[SourceError | None] = []
        """Raised before each page in turn; None lets a page pass."""
        self.told: datetime | None = None

    def now(self) -> datetime | None:
        return self.told

    async def pages(self, window: Window) -> AsyncIterator[Sequence[Change]]:
        self.windows.append(window)
        inside = sorted((c for c in self.changes if window.start <= c.at <= window.end), key=lambda c: c.at)[::-1]
        for start in range(0, max(len(inside), 1), 2):
            problem = self.failing.pop(0) if self.failing else None
            if problem is not None:
                raise problem
            yield inside[start : start + 2]
