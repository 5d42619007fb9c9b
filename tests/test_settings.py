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


SECOND = "33333333-3333-3333-3333-333333333333"


def _listing(folder: Path, *tenants: str, **environment: str) -> dict[str, str]:
    file = folder / "config.yaml"
    file.write_text("tenants:\n" + "".join(f"  - {{{tenant}}}\n" for tenant in tenants), encoding="utf-8")
    return {"DIAG_CONFIG": str(file), **environment}


def test_listed_tenants_come_after_that_of_the_environment_each_with_its_own(tmp_path: Path) -> None:
    entry = f"tenant_id: {SECOND}, name: Fabrikam, client_id: c, client_secret_env: FABRIKAM_SECRET, poll_seconds: 120"
    given = _listing(tmp_path, entry, DIAG_TENANT_ID=TENANT, FABRIKAM_SECRET="an-invented-secret")
    settings = read_settings(given, tmp_path)
    first, second = settings.tenants
    assert (first.tenant_id, first.label, first.poll_seconds, first.client_secret) == (TENANT, TENANT, 60, "")
    assert (second.tenant_id, second.label, second.poll_seconds) == (SECOND, "Fabrikam", 120)
    assert second.client_secret == "an-invented-secret"
    assert not settings.sample
    assert "an-invented-secret" not in str(shown(settings))


def test_a_list_alone_is_enough_and_starts_no_sample_tenant(tmp_path: Path) -> None:
    settings = read_settings(_listing(tmp_path, f"tenant_id: {SECOND}, managed_identity: true"), tmp_path)
    assert [tenant.tenant_id for tenant in settings.tenants] == [SECOND]
    assert not settings.sample
    assert settings.database.endswith("diag.db")


def test_surroundings_may_be_set_for_all_listed_tenants_but_no_credential(tmp_path: Path) -> None:
    entry = f"tenant_id: {SECOND}, managed_identity: true"
    given = _listing(tmp_path, entry, DIAG_GRAPH_URL="https://graph.microsoft.us")
    given["DIAG_AUTHORITY"] = "https://login.microsoftonline.us"
    assert read_settings(given, tmp_path).tenants[0].authority == "https://login.microsoftonline.us"
    problems = _problems(tmp_path, **given, DIAG_CLIENT_ID="c")
    assert "DIAG_TENANT_ID is missing although DIAG_CLIENT_ID is set; a tenant of DIAG_CONFIG brings" in problems


def test_every_problem_of_listed_tenants_is_said_at_once_with_the_tenants_name(tmp_path: Path) -> None:
    given = _listing(
        tmp_path,
        f"tenant_id: {SECOND}, name: Fabrikam, client_id: c, client_secret_env: FABRIKAM_SECRET",
        f"tenant_id: {SECOND[:-1]}4, name: Tailspin, client_id: c, certificate: /nowhere/own.pem",
        f"tenant_id: {SECOND[:-1]}5, name: Wingtip, static_token_env: WINGTIP_TOKEN",
        f"tenant_id: {SECOND[:-1]}6, name: Proseware, client_id: c, workload_identity: true",
        f"tenant_id: {SECOND[:-1]}7, name: Northwind, az_login: true, graph_url: 'http://graph.contoso.example'",
        f"tenant_id: {SECOND[:-1]}8, name: Litware, az_login: true, graph_url: 'https://graph.microsoft.us', "
        "authority: 'https://login.microsoftonline.com'",
        WINGTIP_TOKEN="an-invented-token",
    )
    first = _problems(tmp_path, **given)
    assert first == "DIAG_CONFIG: the tenant Fabrikam names FABRIKAM_SECRET, which is not set"
    problems = _problems(tmp_path, **given, FABRIKAM_SECRET="an-invented-secret")
    for said in (
        "tenant Tailspin: certificate /nowhere/own.pem is not a file",
        "tenant Wingtip: static_token_env is accepted only",
        "tenant Proseware: workload_identity needs AZURE_FEDERATED_TOKEN_FILE",
        "tenant Northwind: graph_url must use https",
        "tenant Litware: https://graph.microsoft.us and https://login.microsoftonline.com belong to two different",
    ):
        assert said in problems
    assert "invented" not in problems


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"channels: []\nthresholds_days: [7]\nchannels: []\n", ":3: `channels` is written twice (first on line 1)"),
        (b"channels:\n  - {type: webhook\n", "is not YAML"),
        (b"\xff\xfe\x00", ":1: is not UTF-8"),
        (b"resolve_hosts: no\n", ":1: `no` would be read as a boolean"),
        (b"- a\n", "Expected `object`, got `array`"),
        (b"[]\n", "Expected `object`, got `array`"),
    ],
)
def test_a_configuration_file_that_means_something_else_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_bytes(content)
    problems = _problems(tmp_path, DIAG_CONFIG=str(file))
    assert said in problems
    assert str(file) in problems


@pytest.mark.parametrize("content", ["", "# nothing yet\n", "---\n"])
def test_an_empty_configuration_file_holds_the_defaults(tmp_path: Path, content: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(content, encoding="utf-8")
    assert read_settings({"DIAG_CONFIG": str(file)}, tmp_path).config.channels == ()
