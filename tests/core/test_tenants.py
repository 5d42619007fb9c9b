"""Several tenants: what a list of them may say, what it cannot mean, and what each gets."""

import pytest

from diag.core.tenants import Tenant, TenantEntry, apart, contradictions, resolved, usual_authority

CONTOSO = "3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11"
FABRIKAM = "7b2d1c0a-5e4f-4a3b-9c8d-1f2e3d4c5b6a"
CLIENT = "4f8d1c3a-6b52-4e0f-9a7d-2c5e8b1f6a01"


def _entry(tenant_id: str = FABRIKAM, **given: object) -> TenantEntry:
    return TenantEntry(tenant_id=tenant_id, **(given or {"managed_identity": True}))  # type: ignore[arg-type]


def test_a_sound_list_has_no_contradictions() -> None:
    entries = [_entry(), _entry(CONTOSO, client_id=CLIENT, client_secret_env="CONTOSO_SECRET", poll_seconds=3600)]
    assert contradictions(entries, "") == []


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (_entry("fabrikam.example"), "tenant_id must be the tenant's GUID"),
        (_entry(client_id=CLIENT), "no credential is given"),
        (_entry(managed_identity=True, client_secret_env="A"), "managed_identity and client_secret_env are given"),
        (_entry(client_secret_env="A"), "client_secret_env needs client_id"),
        (_entry(workload_identity=True), "workload_identity needs client_id"),
        (_entry(certificate="a.pem"), "certificate needs client_id"),
        (_entry(managed_identity=True, certificate_password_env="A"), "certificate_password_env is given without"),
        (_entry(managed_identity=True, poll_seconds=9), "poll_seconds must be between 10 and 3600"),
        (_entry(managed_identity=True, poll_seconds=3601), "poll_seconds must be between 10 and 3600"),
    ],
)
def test_what_an_entry_cannot_mean_is_said_with_its_tenant(entry: TenantEntry, said: str) -> None:
    problems = contradictions([entry], "")
    assert any(said in problem and entry.tenant_id in problem for problem in problems), problems


def test_every_problem_of_every_entry_is_said_at_once() -> None:
    entries = [_entry("nonsense", client_secret_env="A"), _entry(), _entry(FABRIKAM.upper()), _entry(CONTOSO)]
    problems = "\n".join(contradictions(entries, CONTOSO))
    for said in ("must be the tenant's GUID", "needs client_id", f"{FABRIKAM} twice", f"{CONTOSO}, which DIAG_TENANT"):
        assert said in problems


def test_two_tenants_of_one_name_are_refused_whatever_their_letter_case() -> None:
    entries = [_entry(name="Contoso", managed_identity=True), _entry(CONTOSO, name=" contoso ", managed_identity=True)]
    assert contradictions(entries, "") == ["calls two tenants contoso"]


def test_a_domain_beside_a_list_is_refused_since_it_may_name_one_of_it() -> None:
    assert "must be a GUID" in contradictions([_entry()], "contoso.example")[0]
    assert contradictions([], "contoso.example") == []


def test_a_credential_is_never_taken_over_from_the_tenant_of_the_environment() -> None:
    own = Tenant(
        tenant_id=CONTOSO, client_id=CLIENT, client_secret="hunter2", certificate_path="own.pem", static_token="token",
        managed_identity=True, federated_token_file="/token", certificate_password="password", poll_seconds=30,
    )  # fmt: skip
    assert resolved(_entry(az_login=True), own, {}) == Tenant(tenant_id=FABRIKAM, poll_seconds=30)
    assert resolved(_entry(workload_identity=True), own, {}).federated_token_file == "/token"


@pytest.mark.parametrize(
    ("given", "authority"),
    [
        ({}, "https://login.contoso.example"),
        ({"graph_url": "https://graph.microsoft.us/"}, "https://login.microsoftonline.us"),
        ({"graph_url": "https://microsoftgraph.chinacloudapi.cn"}, "https://login.chinacloudapi.cn"),
        ({"graph_url": "https://graph.microsoft.us", "authority": "https://sts.example/"}, "https://sts.example"),
    ],
)
def test_the_sign_in_host_follows_the_cloud(given: dict[str, str], authority: str) -> None:
    own = Tenant(tenant_id=CONTOSO, authority="https://login.contoso.example")
    assert resolved(_entry(managed_identity=True, **given), own, {}).authority == authority


@pytest.mark.parametrize(
    ("graph", "authority", "result"),
    [
        ("https://graph.microsoft.us", "https://login.microsoftonline.com", True),
        ("https://graph.microsoft.com", "https://login.microsoftonline.us", True),
        ("https://dod-graph.microsoft.us", "https://login.microsoftonline.us", False),
        ("https://graph.microsoft.com", "https://login.microsoftonline.com", False),
        ("http://127.0.0.1:9", "https://login.microsoftonline.com", False),
        ("https://graph.microsoft.com", "https://sts.contoso.example", False),
    ],
)
def test_graph_and_sign_in_host_of_two_clouds_do_not_go_together(graph: str, authority: str, result: bool) -> None:
    assert apart(graph, authority) is result


def test_a_graph_that_is_no_clouds_has_no_usual_sign_in_host() -> None:
    assert usual_authority("https://graph.contoso.example") == ""
