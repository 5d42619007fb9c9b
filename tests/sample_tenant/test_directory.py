"""The directory's paths page, filter, and report changes as Graph does."""

from typing import Any

import pytest

from tests.sample_tenant.conftest import Running, Start

EVENTUAL = {"ConsistencyLevel": "eventual"}


@pytest.mark.parametrize("name", ["applications", "servicePrincipals"])
def test_pages_of_any_size_hold_every_object_once(tenant: Running, name: str) -> None:
    whole = [each["id"] for each in tenant.rows(f"v1.0/{name}", top="999")]
    assert len(set(whole)) == len(whole) >= 60
    assert [each["id"] for each in tenant.rows(f"v1.0/{name}", top="7")] == whole


def test_there_are_sixty_applications_and_principals_without_one(tenant: Running) -> None:
    applications = {each["appId"] for each in tenant.rows("v1.0/applications")}
    principals = tenant.rows("v1.0/servicePrincipals")
    assert len(applications) == 60
    strangers = [each for each in principals if each["appId"] not in applications]
    assert {each["servicePrincipalType"] for each in strangers} == {"Application", "ManagedIdentity"}
    assert tenant.tenant_id not in {each["appOwnerOrganizationId"] for each in strangers}
    assert len({each["displayName"] for each in principals}) == len(principals)


@pytest.mark.parametrize(("top", "status"), [("0", 400), ("1000", 400), ("999", 200), ("x", 400)])
def test_page_size_has_bounds(tenant: Running, top: str, status: int) -> None:
    tenant.get("v1.0/applications", status=status, top=top)


def test_object_is_reached_by_either_key(tenant: Running) -> None:
    listed = tenant.application("Payroll Sync")
    by_id = tenant.get(f"v1.0/applications/{listed['id']}")
    by_app_id = tenant.get(f"v1.0/applications(appId='{listed['appId']}')")
    assert by_id == by_app_id
    principal = tenant.get(f"v1.0/servicePrincipals(appId='{listed['appId']}')")
    assert principal["appId"] == listed["appId"]
    assert principal["id"] != listed["id"]
    owners = tenant.get(f"v1.0/applications(appId='{listed['appId']}')/owners")["value"]
    assert len(owners) == 1


def test_application_id_is_not_an_object_id(tenant: Running) -> None:
    app_id = tenant.application("Payroll Sync")["appId"]
    error = tenant.get(f"v1.0/applications/{app_id}", status=404)["error"]
    assert error["code"] == "Request_ResourceNotFound"
    assert app_id in error["message"]


def test_select_keeps_what_was_named(tenant: Running) -> None:
    first = tenant.get("v1.0/applications", select="displayName,appId", top="1")["value"][0]
    assert first.keys() == {"id", "displayName", "appId"}


def test_count_and_advanced_filters_need_the_header(tenant: Running) -> None:
    assert "@odata.count" not in tenant.get("v1.0/applications", count="true")
    assert tenant.get("v1.0/applications", count="true", top="1", headers=EVENTUAL)["@odata.count"] == 60
    advanced = {"filter": "signInAudience ne 'AzureADMyOrg'", "count": "true"}
    tenant.get("v1.0/applications", status=400, **advanced)
    assert tenant.get("v1.0/applications", headers=EVENTUAL, **advanced)["@odata.count"] == 0
    tenant.get("v1.0/applications", status=400, filter="passwordCredentials/any(p:p/displayName eq 'x')")


def test_filter_on_a_list_of_texts(tenant: Running) -> None:
    api = tenant.application("Orders API")
    uri = api["identifierUris"][0]
    (found,) = tenant.rows("v1.0/applications", filter=f"identifierUris/any(u:u eq '{uri}')")
    assert found["id"] == api["id"]


def test_writing_is_denied(tenant: Running) -> None:
    url = f"{tenant.url}/v1.0/applications/{tenant.application('Payroll Sync')['id']}"
    answer = tenant.http.patch(url, json={"notes": "changed"})
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "Authorization_RequestDenied"


def _follow(running: Running, link: str) -> tuple[list[dict[str, Any]], str]:
    """Read a delta query to its end: its entries and the link for the next time."""
    entries: list[dict[str, Any]] = []
    page = running.get(link)
    while "@odata.nextLink" in page:
        assert "@odata.deltaLink" not in page
        entries += page["value"]
        page = running.get(page["@odata.nextLink"])
    return entries + page["value"], page["@odata.deltaLink"]


@pytest.mark.parametrize("name", ["applications", "servicePrincipals"])
def test_delta_begins_with_everything_and_then_has_nothing(tenant: Running, name: str) -> None:
    entries, again = _follow(tenant, f"v1.0/{name}/delta")
    assert entries == tenant.rows(f"v1.0/{name}")
    assert _follow(tenant, again)[0] == []


@pytest.mark.parametrize("name", ["applications", "servicePrincipals"])
def test_delta_applied_to_an_old_copy_gives_the_present_state(start: Start, name: str) -> None:
    # At this pace a registration changes every fifth of a second, and the eighth change deletes an application.
    running = start("--no-throttle", "--story-speed", "200")
    entries, link = _follow(running, f"v1.0/{name}/delta")
    copy = {each["id"]: each for each in entries}
    removed: list[str] = []
    partial = 0
    present: dict[str, Any] = {}
    for _ in range(400):
        changes, link = _follow(running, link)
        for change in changes:
            if "@removed" in change:
                assert change == {"id": change["id"], "@removed": {"reason": "changed"}}
                removed.append(change["id"])
                copy.pop(change["id"], None)
            else:
                partial += len(change) < 5
                copy[change["id"]] = copy.get(change["id"], {}) | change
        before = running.get("v1.0/auditLogs/directoryAudits", top="1")["value"][0]["id"]
        present = {each["id"]: each for each in running.rows(f"v1.0/{name}")}
        late, link = _follow(running, link)
        after = running.get("v1.0/auditLogs/directoryAudits", top="1")["value"][0]["id"]
        for change in late:
            if "@removed" in change:
                removed.append(change["id"])
                copy.pop(change["id"], None)
            else:
                copy[change["id"]] = copy.get(change["id"], {}) | change
        if removed and partial and before == after and not late:
            break
    assert len(removed) == 1
    assert copy == present
    kind = name.removesuffix("s")
    gone = running.rows(f"v1.0/directory/deletedItems/microsoft.graph.{kind}")
    assert removed[0] in {each["id"] for each in gone}


def test_delta_can_begin_at_the_present(tenant: Running) -> None:
    page = tenant.get("v1.0/applications/delta", deltatoken="latest")
    assert page["value"] == []
    assert _follow(tenant, page["@odata.deltaLink"])[0] == []


def test_delta_keeps_to_the_properties_asked_for(start: Start) -> None:
    running = start("--no-throttle", "--story-speed", "400")
    first = running.get("v1.0/applications/delta", select="displayName")
    assert first["value"][0].keys() == {"id", "displayName"}
    _, link = _follow(running, "v1.0/applications/delta?$select=displayName")
    entries: list[dict[str, Any]] = []
    while not entries:
        # Notes and redirect URIs change all the time; only the removal is left to report.
        entries, link = _follow(running, link)
        if running.rows("v1.0/directory/deletedItems/graph.application", filter="displayName eq 'Prototype Chat'"):
            entries += _follow(running, link)[0]
            break
    assert all("@removed" in entry for entry in entries)


@pytest.mark.parametrize("token", ["made-up", "", "AAAA"])
def test_unknown_delta_token_is_gone_and_says_where_to_begin(tenant: Running, token: str) -> None:
    answer = tenant.http.get(f"{tenant.url}/v1.0/applications/delta", params={"$deltatoken": token})
    assert answer.status_code == 410
    assert answer.json()["error"]["code"] == "syncStateNotFound"
    assert answer.headers["Location"].endswith("/v1.0/applications/delta?$deltatoken=")


def test_delta_token_lives_seven_days(start: Start) -> None:
    early = start("--now", "2026-11-01T00:00:00Z", "--story-speed", "0")
    link = _follow(early, "v1.0/applications/delta")[1]
    for now, status in (("2026-11-08T00:00:00Z", 200), ("2026-11-08T00:00:01Z", 410)):
        later = start("--now", now, "--story-speed", "0")
        later.get(link.replace(early.url, later.url), status=status)


def test_delta_refuses_two_tokens_and_unsupported_options(tenant: Running) -> None:
    tenant.get("v1.0/applications/delta", status=400, deltatoken="latest", skiptoken="x")
    for option in ("top", "orderby", "expand"):
        tenant.get("v1.0/applications/delta", status=400, **{option: "1"})


def test_grants_of_one_client_are_those_of_the_whole_list(tenant: Running) -> None:
    every = tenant.rows("v1.0/oauth2PermissionGrants")
    assert len({each["id"] for each in every}) == len(every) > 20
    principal = tenant.principal("Expense Reports")
    (grant,) = tenant.get(f"v1.0/servicePrincipals/{principal['id']}/oauth2PermissionGrants")["value"]
    assert grant in every
    assert tenant.rows("v1.0/oauth2PermissionGrants", filter=f"clientId eq '{principal['id']}'") == [grant]


def test_licence_is_p1(tenant: Running) -> None:
    (sku,) = tenant.rows("v1.0/subscribedSkus")
    plans = {each["servicePlanName"] for each in sku["servicePlans"]}
    assert "AAD_PREMIUM" in plans
    assert "AAD_PREMIUM_P2" not in plans
