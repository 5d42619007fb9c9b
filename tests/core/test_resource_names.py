"""What an API's name looks like on its own."""

import pytest

from diag.core import resource_names
from diag.core.permissions import KNOWN_APIS

APP = "2c4e6a8b-0d1f-4b3c-9e5a-7f8d6c5b4a39"


@pytest.mark.parametrize(
    "name",
    [
        f"api://api://{APP}",
        "api://https://orders.contoso.example",
        f"api:///{APP}",
        f"api:/{APP}",
        "https://orders.contoso.example//api",
        "https://orders.contoso.example ",
        "https://orders.contoso.example%20",
        f"api://{APP}/.default",
        f"'api://{APP}'",
        "orders-api",
    ],
)
def test_a_malformed_name_is_told_with_its_flaw(name: str) -> None:
    assert resource_names.flaw_of(name)


@pytest.mark.parametrize(
    "name",
    [
        APP,
        f"api://{APP}",
        f"{APP}/orders",
        "https://orders.contoso.example/",
        "https://orders.contoso.example/api",
        "urn:contoso:orders",
        "[redacted]",
        *[uri for api in KNOWN_APIS for uri in api.uris],
    ],
)
def test_a_well_formed_name_has_no_flaw(name: str) -> None:
    assert resource_names.flaw_of(name) is None


@pytest.mark.parametrize(
    ("name", "bare"), [("api://", True), ("https:///", True), ("api:", True), (f"api://{APP}", False)]
)
def test_a_scheme_with_nothing_behind_it_is_bare(name: str, bare: bool) -> None:
    assert resource_names.is_bare(name) is bare


@pytest.mark.parametrize(
    ("name", "placeholder"),
    [
        ("api://<client-id>", True),
        ("api://{tenant}/x", True),
        ("https://your-api-name.azurewebsites.net", True),
        ("api://Enter_the_Application_Id_here", True),
        ("api://00000000-0000-0000-0000-000000000000", True),
        ("api://undefined", True),
        ("RESOURCE_ID/TENANT_NAME.sharepoint.com", True),
        ("api://API_CLIENT_ID", True),
        ("https://IDENTITY.contoso.example", False),
        ("https://orders.contoso.example", False),
        ("api://xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", False),
        ("<redacted>", False),
        (f"api://{APP}", False),
        ("00000003-0000-0000-c000-000000000000", False),
    ],
)
def test_a_templates_text_is_told_from_a_name_and_from_a_blackened_one(name: str, placeholder: bool) -> None:
    assert (resource_names.placeholder_in(name) is not None) is placeholder


@pytest.mark.parametrize(
    ("name", "cloud"),
    [
        ("https://graph.microsoft.us", "US Government"),
        ("https://management.usgovcloudapi.net/", "US Government"),
        ("https://microsoftgraph.chinacloudapi.cn", "China"),
        ("https://vault.azure.cn", "China"),
        ("https://graph.microsoft.de", "Germany (closed)"),
        ("https://graph.microsoft.com", None),
        ("https://microsoft.users.contoso.example", None),
    ],
)
def test_the_national_cloud_is_read_from_the_host(name: str, cloud: str | None) -> None:
    assert resource_names.cloud_of(name) == cloud


def test_the_sign_in_cloud_is_read_from_a_text() -> None:
    assert resource_names.login_cloud_in("POST https://login.microsoftonline.us/x/oauth2/v2.0/token") == "US Government"
    assert resource_names.login_cloud_in("https://login.microsoftonline.com/common") == "global"
    assert resource_names.login_cloud_in("no host at all") is None
