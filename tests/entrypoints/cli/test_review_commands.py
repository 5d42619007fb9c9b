"""``diag review``: exit codes, a registration from a file, and what attackers put into names."""

import json
from pathlib import Path
from typing import Any

import pytest

from diag.adapters.graph.wire.registration import details, whole_object
from diag.bootstrap import build
from diag.settings import Settings
from diag.workflows.ports import Progress
from tests.entrypoints.cli.conftest import Diag
from tests.workflows.fakes import APP, NOW, TENANT

SPA = {
    "id": "a1c3e5f7-0b2d-4f6a-8c1e-3d5f7a9b1c02",
    "appId": APP,
    "displayName": "Stock \x1b[31mBoard\u202e",
    "spa": {"redirectUris": ["https://stock.contoso.example/"]},
    "web": {"redirectUris": [], "implicitGrantSettings": {}},
    "publicClient": {"redirectUris": []},
    "passwordCredentials": [
        {
            "keyId": APP,
            "displayName": "x",
            "startDateTime": "2026-01-01T00:00:00Z",
            "endDateTime": "2399-01-01T00:00:00Z",
        }
    ],
    "keyCredentials": [],
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "app.json"
    path.write_text(json.dumps(SPA), encoding="utf-8")
    return path


@pytest.fixture
def stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with two applications of one tenant that were read."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DIAG_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DIAG_TENANT_ID", TENANT)
    monkeypatch.setenv("DIAG_CLIENT_ID", APP)
    service = build(Settings(data_dir=tmp_path, tenant_id=TENANT))
    service.prepare_database()
    healthy: dict[str, Any] = {**SPA, "id": "o2", "appId": TENANT, "displayName": "Quiet", "passwordCredentials": []}
    with service.database.write() as stores:
        stores.registrations.put(TENANT, [whole_object("application", SPA), whole_object("application", healthy)], NOW)
        owner = {
            "id": "u1",
            "displayName": "Dana",
            "userPrincipalName": "d",
            "userType": "Member",
            "accountEnabled": True,
        }
        both = [owner, {**owner, "id": "u2"}]
        stores.registrations.put(TENANT, [details("owners", "o2", TENANT, both)], NOW)
        stores.progress.save(Progress(tenant_id=TENANT, source="applications", succeeded_at=NOW))
    service.close()
    return tmp_path


def test_a_registration_from_a_file_needs_no_tenant_and_exits_with_1_for_findings(diag: Diag, file: Path) -> None:
    said = diag("review", "--registration", str(file))
    assert said.code == 1
    assert "secret-in-single-page-app" in said.out
    assert "az ad app credential delete" in said.out
    assert "Could not be looked at" in said.out
    assert "\x1b[31m" not in said.out
    assert "\u202e" not in said.out


def test_nothing_found_exits_with_0_and_still_says_what_was_not_looked_at(diag: Diag, tmp_path: Path) -> None:
    path = tmp_path / "app.json"
    path.write_text(json.dumps({**SPA, "passwordCredentials": []}), encoding="utf-8")
    said = diag("review", "--registration", str(path))
    assert said.code == 0
    assert "Nothing was found in what could be looked at." in said.out
    assert "no-owner" in said.out


def test_json_has_the_published_form(diag: Diag, file: Path) -> None:
    said = diag("review", "--registration", str(file), "--json")
    value = json.loads(said.out)["value"]
    assert [one["app_id"] for one in value] == [APP]
    held = [finding for finding in value[0]["findings"] if finding["verdict"] == "holds"]
    assert {finding["id"] for finding in held} >= {"secret-in-single-page-app", "credential-hardly-ends"}
    assert held[0]["fix"][0]["do"]


def test_a_file_that_is_no_registration_is_refused(diag: Diag, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text("{}", encoding="utf-8")
    assert diag("review", "--registration", str(path)).code == 2


def test_stored_applications_are_reviewed_all_or_by_name(diag: Diag, stored: Path) -> None:
    said = diag("review")
    assert said.code == 1
    assert "2 applications: 1 with findings, 1 without" in said.out
    assert diag("review", "Quiet").code == 0
    assert diag("review", APP).code == 1
    assert diag("review", TENANT).code == 0
    unknown = diag("review", "nobody")
    assert unknown.code == 2
    assert "nobody" in unknown.err


def test_a_tenant_that_was_never_read_exits_with_3(diag: Diag, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DIAG_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DIAG_TENANT_ID", TENANT)
    monkeypatch.setenv("DIAG_CLIENT_ID", APP)
    for command in ("review", "expiring"):
        said = diag(command)
        assert said.code == 3
        assert "diag sync" in said.err


def test_what_ends_soon_exits_with_1_and_names_the_tenant(diag: Diag, stored: Path) -> None:
    assert diag("expiring").code == 0
    said = diag("expiring", "--within", "99999w")
    assert said.code == 1
    assert TENANT in said.out
    assert "\x1b" not in said.out


def test_a_tenant_that_is_not_configured_is_a_mistake_and_not_a_tenant_without_findings(
    diag: Diag, stored: Path
) -> None:
    said = diag("review", "--tenant", "Fabrikan")
    assert said.code == 2
    assert "none of the configured tenants" in said.err
    assert diag("review", "--tenant", TENANT).code == 1
