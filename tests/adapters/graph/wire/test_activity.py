"""What Graph says of an application's last sign-ins."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from diag.adapters.graph.wire.request import enquiry
from diag.core.read import Found, Missing, Unread
from diag.core.sign_in import SignInActivity


def read(given: Any) -> SignInActivity:
    return enquiry({"code": 50011, "registration": {"sign_in_activity": given}}).facts.sign_in_activity


def test_the_last_sign_in_of_each_way_is_read() -> None:
    seen = read(
        {
            "applicationAuthenticationClientSignInActivity": {"lastSignInDateTime": "2026-11-20T08:00:00Z"},
            "delegatedClientSignInActivity": None,
        }
    )
    assert isinstance(seen.as_itself, Found)
    assert seen.as_itself.value == datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    assert isinstance(seen.for_users, Missing)


def test_the_year_one_means_never_and_absent_means_unread() -> None:
    seen = read({"delegatedClientSignInActivity": {"lastSignInDateTime": "0001-01-01T00:00:00Z"}})
    assert isinstance(seen.for_users, Missing)
    assert isinstance(seen.as_itself, Unread)
    assert isinstance(enquiry({"code": 50011}).facts.sign_in_activity.for_users, Unread)


def test_the_official_example_is_read_as_far_as_its_instants_are_right(shared: Path) -> None:
    """Its offsets are written -8:00, which is no RFC 3339."""
    name = "beta-serviceprincipalsigninactivities-list-1.json"
    text = (shared / "facts" / "graph-examples" / name).read_text(encoding="utf-8")
    seen = read(json.loads(text)["value"][0])
    assert isinstance(seen.as_itself, Unread)
    assert "applicationAuthenticationClientSignInActivity.lastSignInDateTime" in seen.as_itself.why
