"""Coverage: good only when everything is read, blind when nothing new is seen, and told once when it turns."""

from datetime import UTC, datetime, timedelta

import pytest

from diag.core.coverage import (
    ALARMING_SKEW,
    BLIND_AFTER,
    CREDENTIAL_ENDS_SOON,
    EXPECTED,
    LATE,
    Coverage,
    OwnCredential,
    judge,
)
from diag.core.coverage_changes import changes
from diag.core.graph_permissions import NEEDS, Connection, missing, of_token, permission_for
from diag.core.windows import Window
from diag.workflows.ports import Progress

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
TENANT = "3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11"
ALL = tuple(need.permission for need in NEEDS)
SECOND = timedelta(seconds=1)


def _read(source: str, state: str = "ok", ago: timedelta | None = timedelta(minutes=1), **given: object) -> Progress:
    at = None if ago is None else NOW - ago
    values = {"succeeded_at": at, "newest": at, "oldest": NOW - timedelta(days=30), "attempted_at": NOW, **given}
    return Progress(tenant_id=TENANT, source=source, state=state, **values)  # type: ignore[arg-type]


def _judged(*differing: Progress, connection: Connection | None = None, **given: object) -> Coverage:
    readings = {source: _read(source) for source in EXPECTED} | {item.source: item for item in differing}
    return judge(TENANT, list(readings.values()), NOW, connection=connection, **given)  # type: ignore[arg-type]


def _codes(coverage: Coverage) -> list[str]:
    return [reason.code for reason in coverage.reasons]


def test_all_is_good_only_when_every_source_was_read() -> None:
    assert _judged().verdict == "good"
    assert _judged().reasons == ()
    nothing = judge(TENANT, [], NOW)
    assert nothing.verdict == "degraded"
    assert _codes(nothing) == ["not_read"] * len(EXPECTED)


@pytest.mark.parametrize("state", ["permission_lost", "authentication_failed"])
def test_what_takes_sight_away_blinds_at_once_however_lately_it_was_read(state: str) -> None:
    coverage = _judged(_read("changes", state, timedelta(0)))
    assert [item.verdict for item in coverage.sources if item.source == "changes"] == ["blind"]
    assert coverage.verdict == "degraded"
    assert [reason.alarming for reason in coverage.reasons] == [True]
    users, apps = _read("sign_ins:user", state), _read("sign_ins:service", state)
    assert _judged(users, apps).verdict == "blind"
    assert _judged(users).verdict == "degraded"


@pytest.mark.parametrize("state", ["throttled", "unreachable", "ok", "backfilling"])
@pytest.mark.parametrize(
    ("ago", "verdict"), [(BLIND_AFTER - SECOND, "degraded"), (BLIND_AFTER, "blind"), (LATE, "degraded")]
)
def test_what_passes_by_itself_blinds_once_it_has_lasted(state: str, ago: timedelta, verdict: str) -> None:
    coverage = _judged(_read("changes", state, ago))
    (source,) = [item for item in coverage.sources if item.source == "changes"]
    assert source.verdict == verdict
    assert source.reasons[0].alarming is (verdict == "blind")
    assert source.reasons[0].code == (state if state in ("throttled", "unreachable") else "late")


def test_a_source_that_does_not_fail_is_not_late_before_its_time() -> None:
    assert _judged(_read("changes", "ok", LATE - SECOND)).verdict == "good"
    assert _judged(_read("changes", "ok", -timedelta(hours=3))).verdict == "good"


def test_who_looks_seldom_is_not_late_for_it() -> None:
    pace = timedelta(hours=1)
    assert _judged(_read("changes", "ok", 3 * pace - SECOND), pace=pace).verdict == "good"
    assert _codes(_judged(_read("changes", "ok", 3 * pace), pace=pace)) == ["late"]
    assert not changes((), _judged(_read("changes", "ok", 6 * pace - SECOND), pace=pace)).begun
    assert changes((), _judged(_read("changes", "ok", 6 * pace), pace=pace)).begun


def test_counting_successes_takes_its_time_where_there_are_many() -> None:
    assert _judged(_read("successes", "ok", 4 * LATE - SECOND)).verdict == "good"
    assert _codes(_judged(_read("successes", "ok", 4 * LATE))) == ["late"]


def test_a_source_that_failed_from_the_first_attempt_on_is_blind() -> None:
    coverage = _judged(_read("changes", "unreachable", None))
    assert {item.source for item in coverage.sources if item.verdict == "blind"} == {"changes"}
    assert "never read so far" in coverage.reasons[0].text


@pytest.mark.parametrize(("ago", "verdict"), [(LATE - SECOND, "degraded"), (LATE, "blind"), (None, "blind")])
def test_a_missing_licence_is_said_at_once_and_believed_when_it_lasts(ago: timedelta | None, verdict: str) -> None:
    coverage = _judged(
        _read("sign_ins:user", "licence_missing", ago), _read("sign_ins:service", "licence_missing", ago)
    )
    assert coverage.verdict == verdict
    assert coverage.licence == "missing"
    assert _judged().licence == "present"
    assert _judged(_read("sign_ins:user", "unreachable"), _read("sign_ins:service", "new", None)).licence == "unknown"


def test_a_log_that_a_cloud_does_not_offer_is_said_and_is_no_alarm() -> None:
    coverage = _judged(_read("sign_ins:service", "not_offered", None))
    assert (coverage.verdict, _codes(coverage)) == ("degraded", ["not_offered"])
    assert not changes((), coverage).begun


def test_a_permission_that_is_not_held_is_named_with_what_is_not_seen_without_it() -> None:
    coverage = _judged(connection=Connection(token="application", permissions=ALL[:2]))
    assert coverage.lacking == ("Policy.Read.All", "Directory.Read.All")
    assert [reason.subject for reason in coverage.reasons] == [f"permission:{name}" for name in coverage.lacking]
    assert "Conditional Access" in coverage.reasons[0].text
    assert coverage.verdict == "degraded"


def test_permissions_that_nobody_could_read_are_not_taken_for_missing() -> None:
    assert _judged(connection=Connection(permissions=None)).lacking == ()
    assert _judged(connection=None).held is None
    assert len(_judged(connection=Connection(permissions=())).lacking) == len(ALL)


def test_a_permission_that_graph_refused_for_is_lacking_whatever_the_token_says() -> None:
    coverage = _judged(_read("changes", "permission_lost"), connection=Connection(permissions=ALL))
    assert coverage.lacking == ("AuditLog.Read.All",)
    assert _codes(coverage) == ["permission_lost"]


def test_what_works_without_the_permission_is_no_reason_for_alarm() -> None:
    held = tuple(set(ALL) - {"AuditLog.Read.All"})
    assert _judged(connection=Connection(permissions=held)).verdict == "good"


@pytest.mark.parametrize(
    ("held", "lacking"),
    [
        (ALL, ()),
        (("AuditLog.Read.All", "Policy.Read.All", "Directory.Read.All"), ()),
        (("AuditLog.Read.All", "Policy.Read.All", "Directory.ReadWrite.All"), ()),
        (("AuditLog.Read.All", "Policy.Read.All", "Application.ReadWrite.All"), ("Directory.Read.All",)),
        (("Policy.Read.All", "Directory.AccessAsUser.All"), ("AuditLog.Read.All",)),
        ((), ALL),
    ],
)
def test_a_wider_permission_contains_the_narrower(held: tuple[str, ...], lacking: tuple[str, ...]) -> None:
    assert missing(held) == lacking


@pytest.mark.parametrize(
    ("claims", "found"),
    [
        ({"roles": ["B", "A"], "appid": "X"}, ("application", ("A", "B"), "x")),
        ({"scp": "B A", "azp": "Y", "roles": ["C"]}, ("delegated", ("A", "B"), "y")),
        ({"roles": [1, None, "A"]}, ("application", ("A",), "")),
        ({"roles": "A"}, ("application", (), "")),
        ({}, ("application", (), "")),
    ],
)
def test_a_tokens_permissions_are_its_roles_or_its_scopes(claims: dict[str, object], found: object) -> None:
    assert of_token(claims) == found


def test_every_expected_source_has_its_permission() -> None:
    assert all(permission_for(source) for source in EXPECTED)
    assert permission_for("something else") == ""


def test_a_gap_between_windows_is_found_and_said() -> None:
    day, hour = timedelta(days=1), timedelta(hours=1)
    read = [
        Window(NOW - 3 * day, NOW - 2 * day),
        Window(NOW - 2 * day + 2 * hour, NOW - day),
        Window(NOW - 26 * hour, NOW),
    ]
    hole = Window(NOW - 2 * day, NOW - 2 * day + 2 * hour)
    changed = _read("changes", ago=timedelta(0), oldest=NOW - 3 * day)
    coverage = _judged(changed, windows={"changes": read})
    assert coverage.verdict == "degraded"
    assert (
        coverage.reasons[0].text == "Changes (audit log): not read from 2026-11-20 10:00 UTC to 2026-11-20 12:00 UTC."
    )
    assert not coverage.reasons[0].alarming
    assert [item.gaps for item in coverage.sources if item.source == "changes"] == [(hole,)]


def test_windows_that_are_a_second_apart_leave_no_gap_and_unknown_windows_prove_none() -> None:
    changed = _read("changes", ago=timedelta(0), oldest=NOW - timedelta(days=3))
    touching = [Window(NOW - timedelta(days=4), NOW - 2 * SECOND), Window(NOW - SECOND, NOW)]
    assert _judged(changed, windows={"changes": touching}).verdict == "good"
    assert _judged(changed, windows={"changes": []}).verdict == "good"
    late = [Window(NOW - timedelta(days=1), NOW)]
    (source,) = [item for item in _judged(changed, windows={"changes": late}).sources if item.source == "changes"]
    assert source.gaps == (Window(NOW - timedelta(days=3), NOW - timedelta(days=1)),)


@pytest.mark.parametrize(
    ("skew", "said", "alarming"),
    [(30.0, False, False), (30.5, True, False), (-31.0, True, False), (-7200.0, True, True), (None, False, False)],
)
def test_a_clock_that_is_off_is_said(skew: float | None, said: bool, alarming: bool) -> None:
    coverage = _judged(connection=Connection(permissions=ALL, skew_seconds=skew))
    assert ("clock" in _codes(coverage)) is said
    assert any(reason.alarming for reason in coverage.reasons) is alarming
    if said and skew is not None:
        assert ("ahead of" if skew > 0 else "behind") in coverage.reasons[0].text
    assert timedelta(seconds=7200) > ALARMING_SKEW


@pytest.mark.parametrize(
    ("left", "code"),
    [
        (CREDENTIAL_ENDS_SOON + SECOND, None),
        (CREDENTIAL_ENDS_SOON, "credential_ending"),
        (SECOND, "credential_ending"),
        (timedelta(0), "credential_ended"),
    ],
)
def test_the_end_of_our_own_credential_is_said(left: timedelta, code: str | None) -> None:
    own = OwnCredential(kind="client secret", display_name="collector", key_id="k", ends=NOW + left)
    coverage = _judged(credential=own)
    assert _codes(coverage) == ([code] if code else [])
    assert coverage.credential == own


def test_a_trouble_is_told_once_while_it_lasts_and_once_when_it_is_over() -> None:
    bad = _judged(_read("changes", "permission_lost", timedelta(minutes=2)))
    first = changes((), bad)
    assert [trouble.subject for trouble in first.begun] == ["changes"]
    assert not first.recovered
    again = changes(first.standing, bad)
    assert (again.begun, again.over, again.standing) == ((), (), first.standing)
    milder = changes(again.standing, _judged(_read("changes", "unreachable", timedelta(minutes=2))))
    assert (milder.begun, milder.over) == ((), ())
    assert [(trouble.code, trouble.since) for trouble in milder.standing] == [("unreachable", NOW)]
    over = changes(milder.standing, _judged())
    assert ([trouble.subject for trouble in over.over], over.standing, over.recovered) == (["changes"], (), True)
    assert not changes((), _judged()).recovered


def test_one_trouble_that_is_over_is_no_recovery_while_another_stands() -> None:
    both = changes((), _judged(_read("changes", "permission_lost"), _read("applications", "permission_lost")))
    assert {trouble.subject for trouble in both.begun} == {"changes", "applications"}
    half = changes(both.standing, _judged(_read("changes", "permission_lost")))
    assert [trouble.subject for trouble in half.over] == ["applications"]
    assert not half.recovered


def test_what_was_not_read_yet_after_a_start_is_no_trouble() -> None:
    assert changes((), judge(TENANT, [], NOW)).begun == ()
