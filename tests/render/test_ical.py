"""The calendar as an independent library reads it."""

from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diag.core.inert import visible
from diag.core.inventory import CredentialRow
from diag.render.ical import calendar
from diag.workflows.ports import StoredCredential

NOW = datetime(2026, 11, 22, 14, 30, 5, tzinfo=UTC)
TENANT = "5f0a9d1e-2c3b-4d5e-8f60-718293a4b5c6"
ORIGIN = "https://diag.contoso.example"


def _stored(name: str = "Orders", label: str = "deploy", **changed: object) -> StoredCredential:
    row = {
        "owner_kind": "application",
        "owner_object_id": "o-1",
        "app_id": "11111111-1111-1111-1111-111111111111",
        "key_id": "k-1",
        "kind": "secret",
        "display_name": label,
        "hint": "abc",
        "ends": NOW + timedelta(days=12),
    } | changed
    credential = CredentialRow(**row)  # type: ignore[arg-type]
    return StoredCredential(tenant_id=TENANT, application_name=name, credential=credential)


def _read(text: str) -> icalendar.Calendar:
    read = icalendar.Calendar.from_ical(text)
    assert isinstance(read, icalendar.Calendar)
    return read


def test_an_end_is_an_event_at_its_instant_with_two_alarms() -> None:
    text = calendar([_stored()], NOW, ORIGIN, sample=False)
    read = _read(text)
    assert (read["VERSION"], read["METHOD"], read["X-WR-CALNAME"]) == ("2.0", "PUBLISH", "Credential ends")
    (event,) = read.events
    assert event["SUMMARY"] == "Orders: client secret ends"
    assert event["DTSTART"].dt == NOW + timedelta(days=12)
    address = f"{ORIGIN}/applications/11111111-1111-1111-1111-111111111111?tenant_id={TENANT}"
    assert event["URL"] == address
    assert event["DESCRIPTION"].splitlines() == [
        "Application: Orders (11111111-1111-1111-1111-111111111111)",
        "Credential: deploy",
        "Value begins with: abc",
        "Key ID: k-1",
        address,
    ]
    assert [alarm["TRIGGER"].dt for alarm in event.walk("VALARM")] == [
        timedelta(days=-30),
        timedelta(days=-7),
    ]


def test_an_event_keeps_its_identity_whatever_it_is_called_and_shares_it_with_no_other() -> None:
    items = [
        _stored(),
        _stored(key_id="k-2"),
        _stored(owner_object_id="o-2"),
        _stored(kind="certificate"),
    ]
    first = [event["UID"] for event in _read(calendar(items, NOW, ORIGIN, sample=False)).events]
    assert len(set(first)) == 4
    renamed = calendar([_stored("Bestellungen", "neu")], NOW + timedelta(days=3), ORIGIN, sample=False)
    assert _read(renamed).events[0]["UID"] == first[0]


def test_the_same_day_gives_the_same_text_and_a_credential_that_is_gone_gives_no_event() -> None:
    later = NOW + timedelta(hours=5)
    assert calendar([_stored()], NOW, ORIGIN, sample=False) == calendar([_stored()], later, ORIGIN, sample=False)
    assert _read(calendar([], NOW, ORIGIN, sample=False)).events == []
    assert _read(calendar([_stored(ends=None)], NOW, ORIGIN, sample=False)).events == []


def test_the_sample_tenants_calendar_says_what_it_is() -> None:
    assert "sample tenant" in _read(calendar([], NOW, ORIGIN, sample=True))["X-WR-CALNAME"]


@pytest.mark.parametrize("ends", [datetime(999, 1, 2, 3, 4, 5, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
def test_years_far_away_are_written_with_four_digits(ends: datetime) -> None:
    text = calendar([_stored(ends=ends)], NOW, ORIGIN, sample=False)
    assert f"DTSTART:{ends.year:04}{ends.month:02}{ends.day:02}T" in text


@given(st.text(max_size=200), st.text(max_size=200))
def test_no_name_writes_a_line_of_its_own_or_a_line_that_is_too_long(name: str, label: str) -> None:
    text = calendar([_stored(name, label)], NOW, ORIGIN, sample=False)
    lines = text.split("\r\n")
    assert lines[-1] == ""
    assert all(len(line.encode()) <= 75 for line in lines)
    assert not any(character in line for line in lines for character in "\r\n\x00")
    assert sum(line.startswith("BEGIN:") for line in lines) == sum(line.startswith("END:") for line in lines) == 4
    (event,) = _read(text).events
    shown = visible(" ".join(name.split()))
    assert event["SUMMARY"].startswith(shown[:299] or "11111111")
    assert f"Credential: {visible(' '.join(label.split()))[:299]}" in event["DESCRIPTION"]
