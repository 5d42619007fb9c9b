"""Every body that a remedy would send fits the type that Microsoft's description gives the addressed object."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from diag.core.facts import Facts
from diag.core.remedy import Unavailable
from tests.core.remedies.given import CALLS, NOTHING_READ, every_commands, facts, render
from tests.sample_tenant.graph_schema import Description

READ = {"everything read": facts(), "nothing read": NOTHING_READ}
OBJECT = r"(\(appId='[^']+'\)|/[^/?]+)"
TYPES = (
    ("PATCH", rf"applications{OBJECT}", "application"),
    ("POST", r"applications", "application"),
    ("POST", r"servicePrincipals", "servicePrincipal"),
    ("PATCH", rf"servicePrincipals{OBJECT}", "servicePrincipal"),
    ("POST", rf"applications{OBJECT}/federatedIdentityCredentials", "federatedIdentityCredential"),
    ("POST", rf"servicePrincipals{OBJECT}/appRoleAssign(edTo|ments)", "appRoleAssignment"),
    ("POST", r"oauth2PermissionGrants", "oAuth2PermissionGrant"),
    ("PATCH", r"oauth2PermissionGrants/[^/]+", "oAuth2PermissionGrant"),
)
ACTIONS = {
    "addPassword": {"passwordCredential": "passwordCredential"},
    "removePassword": {"keyId": str},
    "addKey": {"keyCredential": "keyCredential", "passwordCredential": "passwordCredential", "proof": str},
    "removeKey": {"keyId": str, "proof": str},
    "$ref": {"@odata.id": str},
}
"""Parameters of the actions, by name: the type of each."""
STANDS_FOR = {"<end-date>": "2027-05-22T10:00:00Z", "<public-certificate-base64>": "TUlJQw=="}
GUID = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"


@pytest.fixture(scope="session")
def description(shared: Path) -> Description:
    return Description(shared / "facts" / "openapi" / "graph-v1.0-slice.yaml")


def filled(part: Any) -> Any:
    """The body after a person has put something in the place of each placeholder."""
    if isinstance(part, dict):
        return {name: filled(inner) for name, inner in part.items()}
    if isinstance(part, list):
        return [filled(inner) for inner in part]
    if isinstance(part, str) and re.fullmatch(r"<[a-z-]+>", part):
        return STANDS_FOR.get(part, GUID)
    return part


def errors(description: Description, method: str, path: str, body: Any) -> list[str]:
    action = path.rpartition("/")[2]
    if action in ACTIONS:
        parameters = ACTIONS[action]
        found = [f"{action} has no parameter {name}" for name in body.keys() - parameters.keys()]
        for name, kind in parameters.items():
            value = body.get(name)
            if isinstance(kind, str) and value is not None:
                found += description.errors_of(f"microsoft.graph.{kind}", value)
            elif isinstance(kind, type) and not isinstance(value, kind):
                found.append(f"{action} needs {name}")
        return found
    for known, pattern, kind in TYPES:
        if known == method and re.fullmatch(pattern, path):
            return description.errors_of(f"microsoft.graph.{kind}", body)
    return [f"no type is known for {method} {path}"]


@pytest.mark.parametrize("seen", READ)
@pytest.mark.parametrize(("name", "args"), CALLS)
def test_bodies_fit(description: Description, name: str, args: dict[str, str], seen: str) -> None:
    given: Facts = READ[seen]
    for commands in every_commands(render(name, given, args)):
        if isinstance(commands.graph, Unavailable):
            continue
        for request in msgspec.to_builtins(commands.graph):
            if "body" in request and request["body"] is not None:
                path = request["url"].removeprefix("https://graph.microsoft.com/v1.0/")
                assert errors(description, request["method"], path, filled(request["body"])) == []


def test_a_misspelt_property_is_noticed(description: Description) -> None:
    assert errors(description, "PATCH", "applications/1", {"isFallbackPublicCIient": True})
    assert errors(description, "POST", "applications/1/addPassword", {"password": {}})
    assert errors(description, "POST", "applications/1/owners", {})
