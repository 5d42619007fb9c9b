"""Settings: what must never start, and what is said of it."""

from pathlib import Path

import pytest

from diag.core.errors import SettingsError
from diag.settings import Settings, read_settings, shown

TENANT = "22222222-2222-2222-2222-222222222222"


def _problems(folder: Path, **environment: str) -> str:
    with pytest.raises(SettingsError) as refused:
        read_settings(environment, folder)
    return "\n".join(refused.value.problems)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DIAG_CLIENT_ID", "11111111-1111-1111-1111-111111111111"),
        ("DIAG_CLIENT_SECRET", "an-invented-secret"),
        ("DIAG_CLIENT_CERTIFICATE", __file__),
        ("DIAG_MANAGED_IDENTITY", "yes"),
        ("DIAG_STATIC_TOKEN", "an-invented-token"),
        ("DIAG_GRAPH_URL", "https://graph.microsoft.us"),
        ("DIAG_AUTHORITY", "https://login.microsoftonline.us"),
        ("DIAG_DATABASE_URL", "sqlite:////srv/diag/production.db"),
    ],
)
def test_what_belongs_to_a_tenant_never_starts_the_sample_tenant(tmp_path: Path, name: str, value: str) -> None:
    problems = _problems(tmp_path, **{name: value})
    assert f"DIAG_TENANT_ID is missing although {name} is set" in problems
    assert "invented" not in problems


def test_what_platforms_set_unasked_and_what_is_switched_off_start_the_sample_tenant(tmp_path: Path) -> None:
    given = {"AZURE_FEDERATED_TOKEN_FILE": "/var/run/token", "DIAG_MANAGED_IDENTITY": "no", "DIAG_CLIENT_ID": " "}
    assert read_settings(given, tmp_path).sample


def test_an_empty_tenant_is_refused_wherever_it_stands(tmp_path: Path) -> None:
    assert "DIAG_TENANT_ID is empty" in _problems(tmp_path, DIAG_TENANT_ID="  ")
    (tmp_path / ".env").write_text("DIAG_TENANT_ID=\n", encoding="utf-8")
    assert "DIAG_TENANT_ID is empty" in _problems(tmp_path)
    assert read_settings({"DIAG_TENANT_ID": TENANT}, tmp_path).tenant_id == TENANT


@pytest.mark.parametrize(
    "value",
    [
        "postgresql://diag:hunter2@db.example/diag",
        "nonsense",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite://host/file.db",
        "sqlite:///file.db?mode=ro",
        "C:\\data\\diag.db",
    ],
)
def test_a_database_that_this_version_cannot_use_is_named_without_its_password(tmp_path: Path, value: str) -> None:
    problems = _problems(tmp_path, DIAG_TENANT_ID=TENANT, DIAG_DATABASE_URL=value)
    assert problems.startswith("DIAG_DATABASE_URL must be sqlite:///")
    assert "hunter2" not in problems


def test_a_sqlite_file_elsewhere_is_taken_as_given(tmp_path: Path) -> None:
    url = "sqlite:////srv/diag/diag.db"
    settings = read_settings({"DIAG_TENANT_ID": TENANT, "DIAG_DATABASE_URL": url}, tmp_path)
    assert settings.database == url
    assert shown(settings)["DIAG_DATABASE_URL"] == "(set)"


@pytest.mark.parametrize(("tenant", "asked", "pace"), [("", 60, 20), ("", 10, 10), (TENANT, 60, 60)])
def test_the_pace_is_the_one_that_is_really_kept(tenant: str, asked: int, pace: int) -> None:
    assert Settings(tenant_id=tenant, poll_seconds=asked).pace_seconds == pace
