"""Status: what is read, and that nothing broken looks well."""

import shlex
from datetime import UTC, datetime, timedelta

import pytest

from diag.core.coverage import judge
from diag.core.tenants import Tenant
from diag.render.views.grants import ROLE_IDS, grant_commands, permission_for
from diag.render.views.status import EXPECTED, StatusView, coverage_sentence, status_view
from diag.workflows.ports import Progress

NOW = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)
BROKEN = ("permission_lost", "licence_missing", "authentication_failed", "unreachable")


def _progress(source: str, state: str = "ok", **more: object) -> Progress:
    given: dict[str, object] = {"newest": NOW, "oldest": NOW - timedelta(days=30), "succeeded_at": NOW, **more}
    return Progress(tenant_id="t", source=source, state=state, **given)  # type: ignore[arg-type]


def _view(*progress: Progress) -> StatusView:
    tenant = Tenant(tenant_id="t", client_id="11111111-2222-4333-8444-555555555555")
    return status_view(progress, {"t": tenant}, [judge("t", progress, NOW)], NOW, facts=())


def test_all_is_well_only_when_every_source_was_read() -> None:
    assert _view(*map(_progress, EXPECTED)).badge.tone == "good"
    assert _view(*map(_progress, EXPECTED[:-1])).badge.text == "Not everything is read yet"


@pytest.mark.parametrize("state", BROKEN)
def test_one_broken_source_is_said_first(state: str) -> None:
    view = _view(*map(_progress, EXPECTED[1:]), _progress(EXPECTED[0], state))
    assert view.badge.tone == "bad"
    assert "Sign-ins of users" in view.sentence
    sentence, fine = coverage_sentence([_progress(EXPECTED[0], state)], NOW)
    assert not fine
    assert "sign-ins of users:" in sentence


def test_a_source_that_was_never_tried_is_listed() -> None:
    lines = _view().tenants[0].lines
    assert len(lines) == len(EXPECTED)
    assert {line.badge.text for line in lines} == {"Not read yet"}


def test_only_a_missing_permission_brings_grant_commands() -> None:
    lines = _view(_progress("changes", "permission_lost"), _progress("applications", "unreachable")).tenants[0].lines
    granted = {line.name: bool(line.grants) for line in lines}
    assert granted["Changes (audit log)"]
    assert not granted["Applications"]


@pytest.mark.parametrize("source", EXPECTED)
def test_every_source_names_its_least_permission_and_how_to_grant_it(source: str) -> None:
    permission = permission_for(source)
    az, graph, powershell, portal = grant_commands(source, "11111111-2222-4333-8444-555555555555")
    assert ROLE_IDS[permission] in az.text
    assert ROLE_IDS[permission] in powershell.text
    assert ROLE_IDS[permission] in graph.text
    assert permission in portal.text


def test_a_client_id_cannot_leave_its_place_in_a_command() -> None:
    hostile = "x'; rm -rf ~; '"
    az, graph, powershell, _ = grant_commands("changes", hostile)
    assert "'; rm" not in graph.text
    command = az.text.splitlines()[0].removeprefix("principal=$(").removesuffix(")")
    assert shlex.split(command)[5] == hostile
    assert "'x''; rm -rf ~; '''" in powershell.text


def test_the_coverage_line_tells_until_when_and_how_far_back() -> None:
    progress = [
        _progress("sign_ins:user", "backfilling", newest=NOW - timedelta(minutes=28), oldest=NOW - timedelta(days=19)),
        _progress("sign_ins:service"),
        _progress("applications"),
        _progress("service_principals"),
    ]
    sentence, fine = coverage_sentence(progress, NOW)
    assert sentence == (
        "Sign-ins read until 14:02 UTC; back-fill has come down to 3 Nov 2026; changes not read yet; "
        "registrations until 14:30 UTC."
    )
    assert fine


def test_without_any_read_the_coverage_line_says_so() -> None:
    sentence, fine = coverage_sentence([], NOW)
    assert sentence.startswith("No sign-ins read yet")
    assert not fine
