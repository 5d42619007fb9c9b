"""Every list: complete over its pages, whatever arrives meanwhile, and honest about what it is asked."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from diag.bootstrap import Service
from tests.entrypoints.api.conftest import client
from tests.entrypoints.api.seed import CONTOSO, ENDED_KEY, FABRIKAM, NOW, ORDERS, PRINCIPAL_ONLY, failure, guid

LISTS = {
    "failures": 42,
    "failures?interrupts=true": 43,
    "incidents": 11,
    "applications": 12,
    f"applications/{ORDERS}/history": 3,
    "credentials": 6,
    "credentials?used=false": 5,
    "changes": 13,
    "alerts": 9,
    "deliveries": 16,
    "unknown-codes": 1,
}


async def pages(api: httpx.AsyncClient, path: str) -> list[list[dict[str, Any]]]:
    """Every page, by following nextLink to the end."""
    found = []
    url = f"/api/v1/{path}"
    while url:
        response = await api.get(url)
        assert response.status_code == 200, response.text
        body = response.json()
        assert set(body) <= {"value", "nextLink"}
        found.append(body["value"])
        url = body.get("nextLink", "")
        assert not url or url.startswith("http://127.0.0.1:8000/api/v1/")
        assert len(found) < 2000
    return found


async def items(api: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    return [item for page in await pages(api, path) for item in page]


@pytest.mark.parametrize(("path", "count"), LISTS.items())
@pytest.mark.parametrize("size", [1, 3, 7])
async def test_pages_of_any_size_hold_each_item_once_and_in_the_order_of_one_large_page(
    api: httpx.AsyncClient, path: str, count: int, size: int
) -> None:
    whole = await items(api, path)
    joint = "&" if "?" in path else "?"
    cut = await pages(api, f"{path}{joint}maxpagesize={size}")
    assert len(whole) == count
    assert [item for page in cut for item in page] == whole
    assert all(len(page) == size for page in cut[:-1])
    assert all(item["tenant_id"] in (CONTOSO, FABRIKAM) for item in whole)


@pytest.mark.parametrize(
    "path", ["failures", "incidents", "applications", "credentials", "changes", "alerts", "deliveries"]
)
async def test_every_list_takes_a_tenant(api: httpx.AsyncClient, path: str) -> None:
    for tenant in (CONTOSO, FABRIKAM):
        found = await items(api, f"{path}?tenant_id={tenant.upper()}")
        assert {item["tenant_id"] for item in found} <= {tenant}
    every = await items(api, path)
    assert len(every) == sum([len(await items(api, f"{path}?tenant_id={tenant}")) for tenant in (CONTOSO, FABRIKAM)])
    assert await items(api, f"{path}?tenant_id={guid(1)}") == []


async def test_rows_that_arrive_while_pages_are_read_move_none_of_them(
    api: httpx.AsyncClient, service: Service
) -> None:
    before = {item["id"] for item in await items(api, "failures")}
    url, read, rounds = "/api/v1/failures?maxpagesize=4", [], 0
    while url:
        body = (await api.get(url)).json()
        read += [item["id"] for item in body["value"]]
        url = body.get("nextLink", "")
        rounds += 1
        with service.database.write() as stores:
            stores.failures.add([failure(1000 + rounds, created_at=NOW + timedelta(seconds=rounds))])
    assert len(read) == len(set(read))
    assert set(read) == before


async def test_an_incident_that_moves_to_the_front_while_pages_are_read_is_not_missed(
    api: httpx.AsyncClient, service: Service
) -> None:
    order = [item["id"] for item in await items(api, "incidents")]
    codes = {item["id"]: item["code"] for item in await items(api, "incidents")}
    body = (await api.get("/api/v1/incidents?maxpagesize=3")).json()
    read = [item["id"] for item in body["value"]]
    moved = order[-2]
    with service.database.write() as stores:
        again = failure(2000, error_code=codes[moved], app_id=ORDERS, created_at=NOW + timedelta(minutes=1))
        if (await api.get(f"/api/v1/incidents/{moved}")).json()["tenant_id"] != CONTOSO:
            raise AssertionError("the test moves an incident of the first tenant")
        stores.incidents.touch(CONTOSO, [again])
    while "nextLink" in body:
        body = (await api.get(body["nextLink"])).json()
        read += [item["id"] for item in body["value"]]
    assert set(read) == set(order)
    assert read[-1] == moved


async def test_the_next_link_is_at_the_address_people_use(make_service: Callable[..., Service]) -> None:
    for public, origin in (
        ("", "http://127.0.0.1:8000"),
        ("https://diag.contoso.example/", "https://diag.contoso.example"),
    ):
        async with client(make_service(public_url=public)) as api:
            link = (await api.get("/api/v1/failures?maxpagesize=2&code=50011")).json()["nextLink"]
            assert link.startswith(f"{origin}/api/v1/failures?maxpagesize=2&code=50011&cursor=")


async def test_a_page_is_capped_at_500(api: httpx.AsyncClient, service: Service) -> None:
    with service.database.write() as stores:
        stores.failures.add([failure(number) for number in range(3000, 3600)])
    for size in (500, 501, 10**30):
        body = (await api.get(f"/api/v1/failures?maxpagesize={size}")).json()
        assert len(body["value"]) == 500
        assert "nextLink" in body


async def test_filters_of_failures_tell_apart_what_they_name(api: httpx.AsyncClient) -> None:
    assert {item["code"] for item in await items(api, "failures?code=AADSTS7000222")} == {7000222}
    assert len(await items(api, f"failures?app_id={ORDERS.upper()}&code=50011")) == 26
    [one] = await items(api, f"failures?correlation_id={guid(7003)}")
    assert one["id"] == guid(3)
    # One name of a kind must not be found inside another one.
    interactive = await items(api, "failures?event_type=interactiveUser&tenant_id=" + CONTOSO)
    assert all("interactiveUser" in item["event_type"].split(",") for item in interactive)
    assert len(await items(api, "failures?event_type=nonInteractiveUser")) == 2
    since, until = "2026-11-22T09:54:00Z", "2026-11-22T10:55:00 01:00"
    within = await items(api, f"failures?from={since}&to={until}")
    assert {item["created_at"] for item in within} == {"2026-11-22T09:54:00Z", "2026-11-22T09:55:00Z"}


async def test_filters_of_credentials_tell_apart_what_they_name(api: httpx.AsyncClient) -> None:
    async def keys(query: str) -> set[str]:
        return {item["key_id"] for item in await items(api, f"credentials?{query}")}

    assert await keys("state=ended") == {ENDED_KEY}
    assert await keys("state=ending") == {guid(901), guid(999), guid(920)}
    assert await keys("state=valid") == {guid(960), guid(1200)}
    assert await keys("used=true") == {guid(920)}
    assert await keys("kind=saml_signing") == set()
    assert await keys("ends_before=2026-11-24T00:00:00Z") == {ENDED_KEY, guid(901), guid(999)}
    for item in await items(api, "credentials"):
        assert item["key_id"] in await keys(f"state={item['state']}")


async def test_filters_of_incidents_and_applications_tell_apart_what_they_name(api: httpx.AsyncClient) -> None:
    assert [item["code"] for item in await items(api, "incidents?interrupts=true")] == [50140]
    assert 50140 not in [item["code"] for item in await items(api, "incidents?interrupts=false")]
    assert await items(api, "incidents?state=resolved") == []
    [diagnosed] = [item for item in await items(api, "incidents") if "verdict" in item]
    assert diagnosed["code"] == 50011
    names = [item["display_name"] for item in await items(api, "applications?query=shared")]
    assert names == ["Shared", "Shared of Fabrikam"]
    [partner] = await items(api, f"applications?query={PRINCIPAL_ONLY}")
    assert (partner["has_registration"], partner["has_service_principal"]) == (False, True)


async def test_codes_are_listed_searched_and_filtered(api: httpx.AsyncClient) -> None:
    whole = await items(api, "codes")
    assert [item["code"] for item in await items(api, "codes?maxpagesize=4")] == [item["code"] for item in whole]
    assert {50011, 7000222} < {item["code"] for item in whole}
    assert "api-rejects-token" in [item["symptom"] for item in whole]
    assert (await items(api, "codes?query=AADSTS50011"))[0]["code"] == 50011
    families = {item["family"] for item in await items(api, "codes?family=redirect-uri")}
    assert families == {"redirect-uri"}
    assert await items(api, "codes?family=nothing") == []


async def test_unknown_codes_are_those_without_an_entry_and_name_who_met_them(api: httpx.AsyncClient) -> None:
    known = {item["code"] for item in await items(api, "codes?maxpagesize=500")}
    met = {item["code"] for item in await items(api, "incidents")}
    found = await items(api, "unknown-codes")
    assert {item["code"] for item in found} == met - known != set()
    assert {item["tenant_id"] for item in found} == {CONTOSO}
    assert found[0]["applications"][0]["app_id"] == ORDERS
    assert await items(api, f"unknown-codes?tenant_id={FABRIKAM}") == []
