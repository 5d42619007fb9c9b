"""Scope strings, permission values and names of APIs."""

import pytest

from diag.core import permissions
from diag.core.permissions import GRAPH, RequestedScope

APP = "2c4e6a8b-0d1f-4b3c-9e5a-7f8d6c5b4a39"


@pytest.mark.parametrize(
    ("scope", "resource", "value"),
    [
        ("User.Read", "", "User.Read"),
        ("https://graph.microsoft.com/User.Read", "https://graph.microsoft.com", "User.Read"),
        ("https://vault.azure.net//.default", "https://vault.azure.net/", ".default"),
        (f"api://{APP}/orders/read", f"api://{APP}/orders", "read"),
        (f"{APP}/.default", APP, ".default"),
        ("orders/read", "", "orders/read"),
        ("", None, None),
    ],
)
def test_a_scope_is_split_at_its_last_slash(scope: str, resource: str | None, value: str | None) -> None:
    expected = () if resource is None or value is None else (RequestedScope(resource, value),)
    assert permissions.split_scopes(scope) == expected


def test_permissions_of_apis_leave_openid_scopes_and_default_out_and_repeat_nothing() -> None:
    scope = f"openid profile offline_access User.Read User.Read api://{APP}/.default Email"
    assert permissions.api_values(scope) == ("User.Read",)


def test_a_bare_permission_is_asked_of_graph_and_openid_scopes_of_nobody() -> None:
    assert permissions.resources_asked("openid offline_access") == ()
    assert permissions.resources_asked(f"openid Mail.Read api://{APP}/read Mail.Send") == (GRAPH, f"api://{APP}")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://graph.microsoft.com/", GRAPH, True),
        ("HTTPS://Graph.Microsoft.com", GRAPH.upper(), True),
        (f"api://{APP}", APP, True),
        (f"spn:{APP}", APP, True),
        ("https://orders.contoso.example/", "https://orders.contoso.example", True),
        ("https://orders.contoso.example", "https://orders.contoso.example/v1", False),
        ("https://analysis.windows.net/powerbi/api", "00000009-0000-0000-c000-000000000000", True),
        (GRAPH, permissions.AZURE_AD_GRAPH, False),
    ],
)
def test_two_names_of_one_api_are_the_same(one: str, other: str, same: bool) -> None:
    assert permissions.same_api(one, other) is same


def test_ids_in_the_table_are_guids_and_named_once() -> None:
    ids = [api.app_id for api in permissions.KNOWN_APIS]
    uris = [uri for api in permissions.KNOWN_APIS for uri in api.uris]
    assert all(permissions.is_guid(app_id) and app_id == app_id.lower() for app_id in ids)
    assert len(set(ids)) == len(ids)
    assert len(set(uris)) == len(uris)
    assert all(uri == uri.lower().rstrip("/") for uri in uris)


@pytest.mark.parametrize(
    ("name", "app_id"),
    [
        (APP, APP),
        (f"api://{APP.upper()}", APP),
        (f"api://{APP}/orders", APP),
        ("https://orders.contoso.example", None),
        (f"api://contoso.example/{APP}", None),
    ],
)
def test_the_application_id_is_read_from_an_apis_name(name: str, app_id: str | None) -> None:
    assert permissions.app_id_in(name) == app_id


def test_the_printed_list_ends_where_the_sentence_does() -> None:
    text = (
        f"List of valid resources from app registration: {GRAPH}, {APP}. Trace ID: 11111111-2222-3333-4444-555555555555"
    )
    assert permissions.guids_after("list of valid resources from app registration", text) == (GRAPH, APP)
    assert permissions.guids_after("List of valid resources", "nothing of the kind") == ()
    assert permissions.guids_after("List of valid resources from app registration", "…registration: .") == ()


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("Mail.Red", "Mail.Read"),
        ("mail.read", "Mail.Read"),
        ("Mial.Read", "Mail.Read"),
        ("Mail.Read", None),
        ("Calendar", None),
        ("xy", None),
    ],
)
def test_the_nearest_name_is_a_slip_away_at_most(value: str, found: str | None) -> None:
    assert permissions.nearest(value, ["Mail.Read", "Files.Read.All", "ab"]) == found


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("abc", "abc", 0),
        ("abc", "acb", 1),
        ("abc", "abcd", 1),
        ("abc", "xbz", 2),
        ("abc", "xyz", 3),
        ("a" * 600, "a", 3),
    ],
)
def test_edits_are_counted_up_to_the_limit(one: str, other: str, distance: int) -> None:
    assert permissions.edits(one, other, 2) == distance
