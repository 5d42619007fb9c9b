"""Flows over the API: the table, one flow, and a recommendation that never guesses."""

from typing import Any

import httpx
import pytest

URL = "/api/v1/flows"


async def recommended(api: httpx.AsyncClient, **answers: Any) -> dict[str, Any]:
    answer = await api.post(f"{URL}/recommend", json=answers)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


async def test_the_table_lists_flows_and_what_is_never_used(api: httpx.AsyncClient) -> None:
    guide = (await api.get(URL)).json()
    assert len(guide["value"]) >= 10
    assert [item["id"] for item in guide["never"]] == ["implicit", "ropc", "secret-in-public"]
    assert guide["questions"][0]["id"] == "runs"


async def test_a_flow_brings_registration_credentials_scope_and_codes(api: httpx.AsyncClient) -> None:
    flow = (await api.get(f"{URL}/web-app")).json()
    commands = flow["register"][0]["commands"]
    assert commands["az"].startswith("(")
    assert "Microsoft.Graph/applications@v1.0" in commands["bicep"]
    assert 'resource "azuread_application" "app"' in commands["terraform"]
    assert [option["kind"] for option in flow["credentials"]] == [
        "managed_identity",
        "federated",
        "federated",
        "certificate",
        "secret",
    ]
    assert all(item["name"] for item in flow["goes_wrong"])
    for item in flow["goes_wrong"]:
        assert (await api.get(f"/api/v1/codes/{item['code']}")).status_code == 200
    unknown = await api.get(f"{URL}/none")
    assert (unknown.status_code, unknown.json()["type"]) == (404, "/problems/not-found")


async def test_answers_choose_the_credential_and_the_scope(api: httpx.AsyncClient) -> None:
    found = await recommended(api, runs="pipeline", system="gitlab", calls="azure")
    assert found["outcome"] == "one"
    assert [option["kind"] for option in found["flow"]["credentials"]] == ["federated", "certificate", "secret"]
    assert "gitlab.com" in found["flow"]["credentials"][0]["step"]["commands"]["az"]
    assert [item["scope"] for item in found["flow"]["request"]] == ["https://management.azure.com/.default"]
    assert len(found["flow"]["register"]) == 1, "Azure knows no consent: there is no permission to grant"


async def test_what_is_not_known_is_asked_and_not_guessed(api: httpx.AsyncClient) -> None:
    found = await recommended(api, runs="server", user=None)
    assert (found["outcome"], found["flow"]) == ("several", None)
    assert found["question"]["id"] == "user"
    assert {option["value"]: option["flows"] for option in found["question"]["options"]} == {
        True: ["web-app", "api-for-user"],
        False: ["azure-workload", "outside-workload", "daemon"],
    }
    assert (await api.post(f"{URL}/recommend")).json()["outcome"] == "several"


async def test_answers_that_fit_nothing_are_told_why(api: httpx.AsyncClient) -> None:
    found = await recommended(api, runs="mobile", user=False)
    assert (found["outcome"], found["candidates"]) == ("none", [])
    assert found["dead_ends"][0]["instead"]


@pytest.mark.parametrize(
    "body", ['{"runs": "sever"}', '{"run": "server"}', '{"user": "yes"}', "[]", "{", '{"runs": 1}']
)
async def test_what_is_no_answer_is_refused_with_its_place(api: httpx.AsyncClient, body: str) -> None:
    answer = await api.post(f"{URL}/recommend", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["type"] == "/problems/bad-input"
