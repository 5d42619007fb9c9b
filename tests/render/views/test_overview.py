"""Overview: what is empty says why."""

from datetime import UTC, datetime, timedelta

import pytest

from diag.core.incidents import Fingerprint, Incident
from diag.render.views.incidents import incident_line
from diag.render.views.overview import OverviewView, overview_view, reach
from diag.render.views.status import EXPECTED
from diag.workflows.ports import HourlyFailures, Progress

NOW = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)


def _incident(number: int, code: int = 50011, *, interrupt: bool = False) -> Incident:
    return Incident(
        id=f"{number:020x}",
        tenant_id="t",
        fingerprint=Fingerprint("a", code, "r", ""),
        app_name="Payroll",
        resource_name="",
        state="open",
        first_seen=NOW - timedelta(days=1),
        last_seen=NOW,
        count=3,
        people=0,
        last_failure_id="f",
        interrupt=interrupt,
    )


def _view(
    *, incidents: int = 0, failures: int = 7, progress: tuple[Progress, ...] = (), starting: str = ""
) -> OverviewView:
    return overview_view(
        NOW,
        incidents=[_incident(number) for number in range(incidents)],
        shown=2,
        counted=3,
        interrupts=[],
        by_application={},
        hourly=[
            HourlyFailures(NOW - timedelta(hours=25), 5 if failures else 0, 0),
            HourlyFailures(NOW - timedelta(hours=2), failures, 9),
        ],
        credentials=[],
        credentials_shown=5,
        alerts=[],
        progress=progress,
        starting=starting,
    )


def _progress(state: str, **more: object) -> tuple[Progress, ...]:
    return tuple(
        Progress(tenant_id="t", source=source, state=state, **more)  # type: ignore[arg-type]
        for source in ("sign_ins:user", "sign_ins:service")
    )


@pytest.mark.parametrize(
    ("progress", "starting", "words"),
    [
        ((), "opening the database", "still starting: opening the database"),
        ((), "", "read for the first time"),
        (_progress("permission_lost", problem="Refused."), "", "could not be read: Refused."),
        (_progress("ok", succeeded_at=NOW), "", "everything that failed was resolved"),
        (_progress("backfilling", succeeded_at=NOW), "", "Older sign-ins are still being read"),
        (_progress("unreachable", succeeded_at=NOW), "", "cannot be read at the moment"),
    ],
)
def test_an_empty_overview_tells_nothing_failed_from_nobody_looked(
    progress: tuple[Progress, ...], starting: str, words: str
) -> None:
    assert words in _view(progress=progress, starting=starting).incidents_empty


def test_more_incidents_than_are_counted_are_shown_as_at_least() -> None:
    assert _view(incidents=3).figures[0].value == "3"
    view = _view(incidents=4)
    assert view.figures[0].value == "3+"
    assert len(view.incidents) == 2
    assert view.more_incidents == "2 of 3+"
    assert _view(incidents=3).more_incidents == "2 of 3"
    assert _view(incidents=2).more_incidents == ""


def _read(*sources: str, until: datetime = NOW) -> tuple[Progress, ...]:
    return tuple(
        Progress(tenant_id="t", source=source, newest=until, oldest=NOW - timedelta(days=9)) for source in sources
    )


def test_nothing_found_is_a_nought_only_where_somebody_has_looked() -> None:
    unread = _view(failures=0)
    assert [(figure.value, figure.tone) for figure in unread.figures] == [("–", "neutral")] * 4
    assert all(figure.label.endswith(": not read yet") for figure in unread.figures)
    assert unread.credentials_empty.startswith("Registrations were not all read yet")
    assert unread.chart.summary.startswith("Not read yet")
    read = _view(failures=0, progress=_read(*EXPECTED))
    assert [figure.value for figure in read.figures] == ["0"] * 4
    assert {figure.tone for figure in read.figures} == {"good", "neutral"}
    assert read.credentials_empty.startswith("No credential")


def test_a_figure_over_sources_of_which_one_is_unread_says_so() -> None:
    part = _view(failures=0, progress=_read("sign_ins:user", "applications"))
    assert [figure.value for figure in part.figures] == ["–"] * 4
    assert all(figure.label.endswith(": not all read yet") for figure in part.figures)
    some = _view(incidents=1, progress=_read("sign_ins:user"))
    assert (some.figures[0].value, some.figures[0].label, some.figures[0].tone) == ("1", "open incidents so far", "bad")


def test_a_day_that_nobody_read_has_no_number_of_failures() -> None:
    stale = _view(failures=0, progress=_read(*EXPECTED, until=NOW - timedelta(hours=25)))
    assert stale.figures[1].value == "–"
    assert stale.figures[1].label == "failures in 24 h: not read in that time"


def test_interrupts_and_older_hours_are_not_in_the_failures_of_the_day() -> None:
    assert _view().figures[1].value == "7"


def test_reach_is_what_both_groups_of_sign_ins_have_read() -> None:
    user = Progress(tenant_id="t", source="sign_ins:user", newest=NOW, oldest=NOW - timedelta(days=9))
    service = Progress(
        tenant_id="t", source="sign_ins:service", newest=NOW - timedelta(hours=1), oldest=NOW - timedelta(days=3)
    )
    assert reach([user, service]) == (NOW - timedelta(days=3), NOW - timedelta(hours=1))
    assert reach([user, Progress(tenant_id="t", source="sign_ins:service")]) == (None, None)


def test_an_interrupt_is_named_by_what_the_sign_in_paused_for() -> None:
    line = incident_line(_incident(1, 50140, interrupt=True), NOW)
    assert line.title == "The user is asked whether to stay signed in"
    assert incident_line(_incident(1), NOW).title == "Not diagnosed yet"
