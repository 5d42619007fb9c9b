"""What checks rest on: the token version that was chosen, the instance lock, owners, last use, hosts."""

from typing import Any

import pytest

from diag.adapters.graph.wire.application import application
from diag.adapters.graph.wire.common import Node
from diag.adapters.graph.wire.request import enquiry
from diag.core.errors import BadInput
from diag.core.facts import Facts
from diag.core.read import Found, Missing, Unread
from diag.core.registration import CredentialUse, Owner

KEY = "7b9d1f3e-5a6c-4d8e-9f0a-1b2c3d4e5f04"


def asked(**registration: Any) -> Facts:
    return enquiry({"code": 50011, "registration": registration}).facts


@pytest.mark.parametrize(
    ("api", "is_set"),
    [
        ({"api": {"requestedAccessTokenVersion": None}}, Found(False)),
        ({"api": {"requestedAccessTokenVersion": 2}}, Found(True)),
        ({"api": {"requestedAccessTokenVersion": 1}}, Found(True)),
        ({"api": None}, Found(False)),
        ({"api": {}}, Unread()),
        ({}, Unread()),
    ],
)
def test_null_says_that_nobody_chose_a_token_version_and_absent_says_nothing(api: Any, is_set: Any) -> None:
    assert application(Node(api, "x")).access_token_version_is_set == is_set


@pytest.mark.parametrize(
    ("lock", "on"),
    [
        (None, Found(False)),
        ({"isEnabled": True, "allProperties": True}, Found(True)),
        ({"isEnabled": True, "allProperties": False, "credentialsWithUsageVerify": True}, Found(True)),
        ({"isEnabled": True, "allProperties": False, "credentialsWithUsageVerify": False}, Found(False)),
        ({"isEnabled": False}, Found(False)),
        ({"isEnabled": True, "allProperties": False}, Unread()),
        ({}, Unread()),
    ],
)
def test_the_lock_is_on_only_where_it_covers_the_credentials(lock: Any, on: Any) -> None:
    assert application(Node({"servicePrincipalLockConfiguration": lock}, "x")).instance_lock == on
    assert application(Node({}, "x")).instance_lock == Unread()
    assert application(Node(Missing(), "x")).instance_lock == Missing()


def test_an_owner_is_known_by_kind_and_state_of_the_account_where_they_were_read() -> None:
    guest = {"id": "A", "displayName": "Kim", "userPrincipalName": "k", "userType": "Guest", "accountEnabled": False}
    read = application(Node({"owners": [guest, {"id": "B", "displayName": "robot"}]}, "x")).owners
    assert isinstance(read, Found)
    assert read.value == (
        Owner(name="Kim", object_id="a", user_name="k", guest=True, enabled=False),
        Owner(name="robot", object_id="b"),
    )


def test_last_use_is_read_from_graphs_report_and_hosts_from_a_mapping() -> None:
    facts = asked(
        app_credential_sign_in_activities=[
            {"keyId": KEY, "signInActivity": {"lastSignInDateTime": "2026-11-15T00:00:00Z"}},
            {"keyId": KEY[:-1] + "5", "signInActivity": None},
        ],
        hosts={"Old.AzureWebsites.net.": False},
    )
    assert isinstance(facts.credential_uses, Found)
    first, second = facts.credential_uses.value.uses
    assert (first.key_id, str(first.last_used)) == (KEY, "2026-11-15 00:00:00+00:00")
    assert second == CredentialUse(second.key_id, None)
    assert isinstance(facts.hosts, Found)
    assert facts.hosts.value == {"old.azurewebsites.net": False}


def test_what_is_no_report_and_no_lookup_stays_unread() -> None:
    assert isinstance(asked(hosts={"a.example": "gone"}).hosts, Unread)
    assert isinstance(asked(hosts=[1]).hosts, Unread)
    assert isinstance(asked(app_credential_sign_in_activities=[{"id": "x"}]).credential_uses, Unread)
    with pytest.raises(BadInput):
        asked(app_credential_sign_in_activities="x")
