"""Findings of one application and of all, in the frame of every list."""

from typing import Any

import httpx
import pytest

from diag.adapters.graph.wire.registration import details
from diag.bootstrap import Service
from tests.entrypoints.api.seed import CONTOSO, NOW, ORDERS, PRINCIPAL_ONLY, SHARED


async def ask(api: httpx.AsyncClient, path: str, **params: Any) -> Any:
    answer = await api.get(f"/api/v1/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_findings_hold_first_and_say_what_could_not_be_looked_at(api: httpx.AsyncClient) -> None:
    body = await ask(api, f"applications/{ORDERS}/findings")
    assert body["scope"] == "registration"
    verdicts = [item["verdict"] for item in body["value"]]
    assert verdicts == sorted(verdicts)
    assert set(verdicts) == {"holds", "unknown"}
    for item in body["value"]:
        assert (item["tenant_id"], item["app_id"]) == (CONTOSO, ORDERS)
        if item["verdict"] == "holds":
            assert item["evidence"]
            assert item["fix"]
        else:
            assert item["needs"]
            assert item["fix"] == []


async def test_a_fix_has_every_tool_as_in_a_diagnosis(api: httpx.AsyncClient, service: Service) -> None:
    with service.database.write() as stores:
        held = stores.registrations.as_of(CONTOSO, ORDERS, None)["application"]
        stores.registrations.put(CONTOSO, [details("owners", held.object_id, ORDERS, [])], NOW)
    body = await ask(api, f"applications/{ORDERS}/findings", verdict="holds", severity="medium")
    owner = next(item for item in body["value"] if item["id"] == "no-owner")
    commands = owner["fix"][0]["commands"]
    assert commands["az"].startswith("az ad app owner add")
    assert {"az", "graph", "powershell", "bicep", "terraform", "portal"} <= commands.keys()


async def test_verdict_and_severity_filter_and_a_misspelt_one_is_refused(api: httpx.AsyncClient) -> None:
    everything = [
        item
        for verdict in ("holds", "unknown", "ruled_out")
        for item in (await ask(api, f"applications/{ORDERS}/findings", verdict=verdict))["value"]
    ]
    assert len(everything) >= 34
    low = (await ask(api, f"applications/{ORDERS}/findings", severity="low"))["value"]
    assert {item["severity"] for item in low} == {"low"}
    for wrong in ({"verdict": "hold"}, {"severity": "High"}, {"state": "open"}):
        answer = await api.get(f"/api/v1/applications/{ORDERS}/findings", params=wrong)
        assert answer.status_code == 422


async def test_pages_of_one_applications_findings_join_to_the_whole(api: httpx.AsyncClient) -> None:
    whole = (await ask(api, f"applications/{ORDERS}/findings"))["value"]
    body = await ask(api, f"applications/{ORDERS}/findings", maxpagesize=5)
    joined = body["value"]
    while "nextLink" in body:
        body = (await api.get(body["nextLink"])).json()
        joined += body["value"]
    assert [item["id"] for item in joined] == [item["id"] for item in whole]


async def test_an_application_of_two_tenants_is_a_409_with_the_choices(api: httpx.AsyncClient) -> None:
    answer = await api.get(f"/api/v1/applications/{SHARED}/findings")
    assert answer.status_code == 409
    tenants = [choice["tenant_id"] for choice in answer.json()["choices"]]
    for tenant in tenants:
        body = await ask(api, f"applications/{SHARED}/findings", tenant_id=tenant)
        assert {item["tenant_id"] for item in body["value"]} <= {tenant}


async def test_an_application_nobody_knows_is_a_404(api: httpx.AsyncClient) -> None:
    assert (await api.get(f"/api/v1/applications/{CONTOSO}/findings")).status_code == 404


async def test_a_service_principal_alone_is_checked_for_what_lies_here(api: httpx.AsyncClient) -> None:
    body = await ask(api, f"applications/{PRINCIPAL_ONLY}/findings", verdict="unknown")
    assert body["scope"] in ("registration", "service_principal")


async def test_findings_of_all_applications_come_page_by_page_and_lose_none(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = (await ask(api, "findings", verdict="unknown", maxpagesize=500))["value"]
    monkeypatch.setattr("diag.entrypoints.api.findings.REVIEWED_AT_ONCE", 2)
    body = await ask(api, "findings", verdict="unknown", maxpagesize=1)
    joined = body["value"]
    while "nextLink" in body:
        body = (await api.get(body["nextLink"])).json()
        joined += body["value"]
    key = [(item["tenant_id"], item["app_id"], item["id"]) for item in whole]
    assert len(key) > 20
    assert [(item["tenant_id"], item["app_id"], item["id"]) for item in joined] == key


async def test_one_check_or_one_tenant_can_be_asked_for(api: httpx.AsyncClient) -> None:
    body = await ask(api, "findings", check="no-owner", verdict="unknown", tenant_id=CONTOSO)
    assert {item["id"] for item in body["value"]} == {"no-owner"}
    assert {item["tenant_id"] for item in body["value"]} == {CONTOSO}
    assert (await api.get("/api/v1/findings", params={"check": "no-owners"})).status_code == 422
