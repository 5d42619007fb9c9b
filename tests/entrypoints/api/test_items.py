"""One failure, one application, its history, the status: nothing invented, nothing that was not read called missing."""

import httpx

from diag.bootstrap import Service
from tests.entrypoints.api.seed import CONTOSO, ENDED_KEY, GONE, NOW, ORDERS, PRINCIPAL_ONLY, application, guid


async def test_a_failure_keeps_the_record_as_it_was_sent_and_leaves_out_what_was_not(api: httpx.AsyncClient) -> None:
    body = (await api.get(f"/api/v1/failures/{guid(3)}")).json()
    assert body["record"] == {"id": guid(3), "appId": ORDERS, "status": {"errorCode": 50011}, "extra": None}
    assert body["created_at"] == "2026-11-22T09:58:00Z"
    assert "" not in body.values()
    assert None not in body.values()
    listed = (await api.get("/api/v1/failures?correlation_id=" + guid(7003))).json()["value"][0]
    assert "record" not in listed
    incident = (await api.get(f"/api/v1/incidents/{body['incident_id']}")).json()
    assert incident["code"] == body["code"]


async def test_a_failure_is_found_within_its_tenant_only(api: httpx.AsyncClient) -> None:
    assert (await api.get(f"/api/v1/failures/{guid(3)}?tenant_id={CONTOSO}")).status_code == 200
    assert (await api.get(f"/api/v1/failures/{guid(3)}?tenant_id={guid(1)}")).status_code == 404


async def test_the_diagnosis_of_a_failure_rests_on_its_registration(api: httpx.AsyncClient) -> None:
    secret = (await api.get("/api/v1/failures?code=7000222")).json()["value"][0]
    assert secret["credential_key_id"] == ENDED_KEY
    body = (await api.get(f"/api/v1/failures/{secret['id']}/diagnosis")).json()
    assert body["code"] == 7000222
    facts = {item["fact"] for cause in body["causes"] for item in cause["evidence"]}
    assert any(fact.startswith("application.") for fact in facts)


async def test_an_application_tells_missing_from_unread(api: httpx.AsyncClient) -> None:
    body = (await api.get(f"/api/v1/applications/{ORDERS.upper()}")).json()
    held = body["registration"]
    assert held["application"]["web"]["redirectUris"] == ["https://orders.contoso.example/signin-oidc"]
    assert held["service_principal"]["appId"] == ORDERS
    assert held["federated_identity_credentials"] == {"value": []}
    # Refused and never tried are both absent; only the first says why.
    assert "oauth2_permission_grants" not in held
    assert body["read"]["oauth2_permission_grants"]["unread_because"] == "Directory.Read.All is not granted."
    assert "app_role_assignments" not in {**held, **body["read"]}
    assert body["failures_24h"] == 37
    assert body["first_credential_end"] == "2026-11-19T10:00:00Z"


async def test_what_is_shown_of_an_application_can_be_sent_to_diagnose(api: httpx.AsyncClient) -> None:
    held = (await api.get(f"/api/v1/applications/{ORDERS}")).json()["registration"]
    body = {"code": 50011, "registration": held, "request": {"redirect_uri": "https://orders.contoso.example/other"}}
    response = await api.post("/api/v1/diagnose", json=body)
    assert response.status_code == 200, response.text


async def test_an_application_is_shown_as_it_was(api: httpx.AsyncClient) -> None:
    body = (await api.get(f"/api/v1/applications/{ORDERS}?at=2026-11-15T00:00:00Z")).json()
    assert body["registration"]["application"]["web"]["redirectUris"] == ["https://orders.contoso.example/old"]


async def test_an_application_known_by_its_service_principal_only_is_there(api: httpx.AsyncClient) -> None:
    body = (await api.get(f"/api/v1/applications/{PRINCIPAL_ONLY}")).json()
    assert (body["has_registration"], body["display_name"]) == (False, "Partner’s tool")
    assert set(body["registration"]) == {"service_principal"}


async def test_an_application_that_is_gone_is_null_and_keeps_its_history(api: httpx.AsyncClient) -> None:
    body = (await api.get(f"/api/v1/applications/{GONE}")).json()
    assert body["registration"] == {"application": None}
    history = (await api.get(f"/api/v1/applications/{GONE}/history")).json()["value"]
    assert [(item["exists"], "valid_until" in item) for item in history] == [(False, False), (True, True)]


async def test_a_history_tells_what_changed(api: httpx.AsyncClient) -> None:
    history = (await api.get(f"/api/v1/applications/{ORDERS}/history")).json()["value"]
    versions = [item for item in history if item["kind"] == "application"]
    changed = {item["path"]: (item["old"], item["new"]) for item in versions[0]["differences"]}
    assert changed["web.redirectUris"] == (
        ["https://orders.contoso.example/old"],
        ["https://orders.contoso.example/signin-oidc"],
    )
    assert "differences" not in versions[-1]
    assert versions[0]["valid_from"] == versions[-1]["valid_until"]


async def test_nobody_can_hide_an_application_behind_a_name_that_holds_its_id(
    api: httpx.AsyncClient, service: Service
) -> None:
    with service.database.write() as stores:
        stores.registrations.put(CONTOSO, [application(guid(8000 + n), f"A {ORDERS} {n}") for n in range(20)], NOW)
    assert (await api.get(f"/api/v1/applications/{ORDERS}")).json()["display_name"] == "Orders"


async def test_the_status_names_every_source_its_lag_and_the_missing_grant(api: httpx.AsyncClient) -> None:
    body = (await api.get("/api/v1/status")).json()
    [tenant] = body["tenants"]
    sources = {item["source"]: item for item in tenant["sources"]}
    assert set(sources) == {"sign_ins:user", "sign_ins:service", "applications", "service_principals", "changes"}
    assert sources["sign_ins:user"]["lag_seconds"] == 120
    assert "grant" not in sources["sign_ins:user"]
    lost = sources["sign_ins:service"]
    assert (lost["state"], lost["healthy"], lost["permission"]) == ("permission_lost", False, "AuditLog.Read.All")
    assert "appRoleAssignments" in lost["grant"]["az"]
    never = sources["service_principals"]
    assert (never["state"], never["healthy"]) == ("new", False)
    assert "succeeded_at" not in never
    assert (await api.get(f"/api/v1/status?tenant_id={guid(1)}")).json()["tenants"] == []


async def test_a_code_carries_every_cause_with_its_fix(api: httpx.AsyncClient) -> None:
    for name in ("50011", "AADSTS50011", "aadsts50011"):
        body = (await api.get(f"/api/v1/codes/{name}")).json()
        assert body["code"] == 50011
        assert len(body["causes"]) > 3
        assert all(cause["fix"] and cause["confirm"] and "verdict" not in cause for cause in body["causes"])
        assert body["sources"][0]["url"].startswith("https://")
    symptom = (await api.get("/api/v1/codes/api-rejects-token")).json()
    assert (symptom["code"], symptom["symptom"]) == (None, "api-rejects-token")
