"""Every answer has the shape that Microsoft's OpenAPI description gives it, and no property of its own."""

import copy
from pathlib import Path
from typing import Any

import pytest

from tests.sample_tenant.conftest import KINDS, Running
from tests.sample_tenant.graph_schema import Description

COLLECTIONS = (
    "/applications",
    "/servicePrincipals",
    "/auditLogs/directoryAudits",
    "/oauth2PermissionGrants",
    "/subscribedSkus",
    "/organization",
    "/identity/conditionalAccess/policies",
    "/directory/deletedItems/graph.application",
    "/directory/deletedItems/graph.servicePrincipal",
)
NEWER = {"Prefer": "include-unknown-enum-members"}


@pytest.fixture(scope="session")
def descriptions(shared: Path) -> dict[str, Description]:
    folder = shared / "facts" / "openapi"
    return {version: Description(folder / f"graph-{version}-slice.yaml") for version in ("v1.0", "beta")}


@pytest.mark.parametrize("version", ["v1.0", "beta"])
@pytest.mark.parametrize("path", COLLECTIONS)
def test_collection_fits(tenant: Running, descriptions: dict[str, Description], version: str, path: str) -> None:
    answer = tenant.get(f"{version}{path}")
    assert answer["value"]
    assert descriptions[version].errors(path, answer) == []


@pytest.mark.parametrize("version", ["v1.0", "beta"])
@pytest.mark.parametrize("name", ["applications", "servicePrincipals"])
def test_single_object_fits(tenant: Running, descriptions: dict[str, Description], version: str, name: str) -> None:
    singular = name.removesuffix("s")
    for listed in tenant.rows(f"{version}/{name}"):
        answer = tenant.get(f"{version}/{name}/{listed['id']}")
        assert descriptions[version].errors(f"/{name}/{{{singular}-id}}", answer) == []
        answer.pop("@odata.context")
        assert answer == listed


@pytest.mark.parametrize("version", ["v1.0", "beta"])
@pytest.mark.parametrize("relation", ["appRoleAssignments", "appRoleAssignedTo", "oauth2PermissionGrants"])
def test_relation_of_service_principal_fits(
    tenant: Running, descriptions: dict[str, Description], version: str, relation: str
) -> None:
    seen = 0
    for principal in tenant.rows("v1.0/servicePrincipals"):
        answer = tenant.get(f"{version}/servicePrincipals/{principal['id']}/{relation}")
        assert descriptions[version].errors(f"/servicePrincipals/{{servicePrincipal-id}}/{relation}", answer) == []
        seen += len(answer["value"])
    assert seen > 3


@pytest.mark.parametrize("version", ["v1.0", "beta"])
def test_federated_credentials_fit(tenant: Running, descriptions: dict[str, Description], version: str) -> None:
    app = tenant.application("Website Deploy Pipeline")
    answer = tenant.get(f"{version}/applications/{app['id']}/federatedIdentityCredentials")
    path = "/applications/{application-id}/federatedIdentityCredentials"
    assert len(answer["value"]) == 1
    assert descriptions[version].errors(path, answer) == []


@pytest.mark.parametrize("version", ["v1.0", "beta"])
def test_owners_are_users_of_the_directory(tenant: Running, descriptions: dict[str, Description], version: str) -> None:
    app = tenant.application("Payroll Sync")
    (owner,) = tenant.get(f"{version}/applications/{app['id']}/owners")["value"]
    # The description prunes the user type to what all directory objects share.
    core = {name: owner[name] for name in ("@odata.type", "id")}
    assert descriptions[version].errors_of("microsoft.graph.directoryObject", core) == []
    assert owner["@odata.type"] == "#microsoft.graph.user"


@pytest.mark.parametrize("headers", [{}, NEWER], ids=["plain", "newer members"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_form_of_sign_in_fits_beta(
    tenant: Running, descriptions: dict[str, Description], kind: str, headers: dict[str, str]
) -> None:
    tenant.http.headers.update(headers)
    try:
        rows = tenant.sign_ins(kind)
    finally:
        for name in headers:
            del tenant.http.headers[name]
    forms = _one_of_each_form(rows)
    assert len(forms) >= 2
    for row in forms:
        assert descriptions["beta"].errors_of("microsoft.graph.signIn", row) == []


def test_every_form_of_sign_in_fits_v1(tenant: Running, descriptions: dict[str, Description]) -> None:
    rows = tenant.rows("v1.0/auditLogs/signIns")
    for row in _one_of_each_form(rows):
        assert descriptions["v1.0"].errors_of("microsoft.graph.signIn", row) == []
        assert row["isInteractive"] is True
        assert "signInEventTypes" not in row


@pytest.mark.parametrize("version", ["v1.0", "beta"])
def test_page_and_single_row_of_sign_ins_fit(
    tenant: Running, descriptions: dict[str, Description], version: str
) -> None:
    page = tenant.get(f"{version}/auditLogs/signIns", top="5")
    assert descriptions[version].errors("/auditLogs/signIns", page) == []
    single = tenant.get(f"{version}/auditLogs/signIns/{page['value'][0]['id']}")
    assert descriptions[version].errors("/auditLogs/signIns/{signIn-id}", single) == []


@pytest.mark.parametrize("version", ["v1.0", "beta"])
def test_delta_fits(tenant: Running, descriptions: dict[str, Description], version: str) -> None:
    for name in ("applications", "servicePrincipals"):
        answer = tenant.get(f"{version}/{name}/delta")
        assert descriptions[version].errors(f"/{name}/delta()", answer) == []


def test_the_check_itself_notices_what_does_not_fit(tenant: Running, descriptions: dict[str, Description]) -> None:
    row = tenant.get("beta/auditLogs/signIns", top="1")["value"][0]
    wrong: list[dict[str, Any]] = []
    for change in (
        {"redirectUri": "https://invented.example"},
        {"clientCredentialType": "password"},
        {"authenticationProtocol": "oAuth2, telepathy"},
        {"createdDateTime": "yesterday"},
        {"status": {"errorCode": "50011"}},
    ):
        wrong.append(copy.deepcopy(row) | change)
    for each in wrong:
        assert len(descriptions["beta"].errors_of("microsoft.graph.signIn", each)) == 1


def _one_of_each_form(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep one row of each application and code: rows of one form differ in ids, instants and users alone."""
    return list({(row["appId"], row["status"]["errorCode"]): row for row in rows}.values())
