"""Commands that ask tenants ask all of them; one that cannot be read is said, and costs the exit code."""

import json
from pathlib import Path

import pytest

from tests.end_to_end.test_story import sample_tenant
from tests.entrypoints.cli.conftest import Diag

SILENT = "00000000-0000-4000-8000-000000000009"


def _configure(folder: Path, tenant: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "config.yaml").write_text(
        "tenants:\n"
        f"  - {{tenant_id: {tenant['tenant_id']}, name: Contoso, client_id: {tenant['client_id']},"
        f" client_secret_env: CONTOSO, graph_url: '{tenant['url']}', authority: '{tenant['url']}'}}\n"
        f"  - {{tenant_id: {SILENT}, name: Fabrikam, client_id: c,"
        f" client_secret_env: FABRIKAM, graph_url: '{tenant['url']}', authority: '{tenant['url']}'}}\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(folder)
    monkeypatch.setenv("DIAG_CONFIG", "config.yaml")
    monkeypatch.setenv("DIAG_DATA_DIR", str(folder))
    monkeypatch.setenv("CONTOSO", tenant["client_secret"])
    monkeypatch.setenv("FABRIKAM", "an-invented-secret")


def test_sync_reads_every_tenant_and_says_which_it_could_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, diag: Diag
) -> None:
    with sample_tenant() as tenant:
        _configure(tmp_path, tenant, monkeypatch)
        every = diag("sync")
        one = diag("sync", "--tenant", "contoso", "--json")
        other = diag("sync", "--tenant", SILENT)
        nobody = diag("sync", "--tenant", "Tailspin")
    assert every.code == 3, every.err
    assert every.out.startswith("Contoso:\napplications")
    assert "Fabrikam:\napplications        authentication failed" in every.out
    assert "an-invented-secret" not in every.out + every.err
    assert one.code == 0
    assert {item["tenant_id"] for item in json.loads(one.out)["value"]} == {tenant["tenant_id"]}
    assert other.code == 3
    assert "Fabrikam:" not in other.out
    assert nobody.code == 2
    assert "Contoso, Fabrikam" in nobody.err


def test_doctor_asks_every_tenant_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, diag: Diag
) -> None:
    with sample_tenant() as tenant:
        _configure(tmp_path, tenant, monkeypatch)
        every = diag("doctor")
        one = diag("doctor", "--tenant", "Contoso", "--json")
    assert every.code == 3, every.err
    assert f"Contoso ({tenant['tenant_id']}): degraded" in every.out
    assert "Changes (audit log): degraded, answers now" in every.out
    assert f"Fabrikam ({SILENT}): blind" in every.out
    assert "Applications: blind, refuses now: No token" in every.out
    assert "an-invented-secret" not in every.out + every.err
    assert one.code == 0
    (item,) = json.loads(one.out)["tenants"]
    assert item["coverage"]["permissions_held"] == [
        "Application.Read.All", "AuditLog.Read.All", "Directory.Read.All", "Policy.Read.All",
    ]  # fmt: skip
    assert all(source["answers"] for source in item["sources"])
    offline = diag("doctor", "--offline")
    assert offline.code == 3
    assert "answers now" not in offline.out
    assert "authentication" not in diag("doctor", "--offline", "--tenant", "Contoso").out


def test_doctor_says_the_same_of_the_sample_tenant_before_and_after_it_ran(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, diag: Diag
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DIAG_DATA_DIR", str(tmp_path))
    said = diag("doctor")
    assert said.code == 0
    assert "nothing was collected yet" in said.out
