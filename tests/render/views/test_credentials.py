"""Credentials by urgency, at, just before and just after each boundary."""

from datetime import UTC, datetime, timedelta

import pytest

from diag.core.inventory import CredentialRow
from diag.render.views.chrome import Listing
from diag.render.views.credentials import CredentialsView, credential_line, credentials_view, record
from diag.workflows.ports import StoredCredential

NOW = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def _stored(ends: datetime | None, **more: object) -> StoredCredential:
    credential = CredentialRow(
        owner_kind="application", owner_object_id="o", app_id="a", key_id="k", kind="secret", ends=ends
    )
    return StoredCredential(tenant_id="t", application_name="Payroll", credential=credential, **more)  # type: ignore[arg-type]


def _view(*found: StoredCredential, quiet: str = "") -> CredentialsView:
    return credentials_view(
        found,
        [],
        NOW,
        lambda _: quiet,
        kind="",
        app_id="",
        tenant_id="",
        window="",
        listing=Listing(json="", csv=""),
        empty="",
    )


@pytest.mark.parametrize(
    ("ends", "group"),
    [
        (NOW - SECOND, "ended"),
        (NOW, "ended"),
        (NOW + SECOND, "week"),
        (NOW + timedelta(days=7), "week"),
        (NOW + timedelta(days=7) + SECOND, "month"),
        (NOW + timedelta(days=30), "month"),
        (NOW + timedelta(days=30) + SECOND, "quarter"),
        (NOW + timedelta(days=90) + SECOND, "later"),
        (datetime(9999, 12, 31, tzinfo=UTC), "later"),
        (None, "never"),
    ],
)
def test_each_credential_stands_in_the_group_of_its_end(ends: datetime | None, group: str) -> None:
    assert [one.id for one in _view(_stored(ends)).groups] == [group]


def test_a_credential_without_alerts_is_listed_with_its_reason() -> None:
    view = _view(_stored(NOW + timedelta(days=3)), quiet="Another signing certificate is the active one.")
    assert view.groups == ()
    assert view.quiet[0].quiet == "Another signing certificate is the active one."


def test_an_ended_credential_that_is_still_tried_says_so() -> None:
    ended = NOW - timedelta(days=1)
    assert credential_line(_stored(ended, last_tried=NOW), NOW).badge.text == "Ended, still tried"
    assert credential_line(_stored(ended, last_tried=ended - SECOND), NOW).badge.text == "Ended"


def test_time_left_is_never_rounded_up() -> None:
    assert credential_line(_stored(NOW + timedelta(days=2) - SECOND), NOW).badge.text == "1 day left"


def test_the_flat_record_holds_no_value_of_a_secret() -> None:
    flat = record(_stored(NOW), "")
    assert flat["quiet_because"] is None
    assert {"secret", "value", "secret_text"}.isdisjoint(flat)
