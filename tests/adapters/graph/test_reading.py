"""Delta rounds and the audit log, as the ports promise them, over HTTP that respx answers."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
import respx

from diag.adapters.graph.audit_log import GraphAuditLog
from diag.adapters.graph.directory import GraphDirectory
from diag.core.errors import ForeignLink, PermissionLost
from diag.core.windows import Window
from tests.adapters.graph.support import GRAPH, NOW, StillClock, answer, client, listed

APPLICATION = f"{GRAPH}/v1.0/applications/o1"
WINDOW = Window(NOW - timedelta(hours=1), NOW)


async def test_a_later_delta_round_reads_each_changed_object_whole_and_once(
    http: httpx.AsyncClient, respx_mock: respx.MockRouter
) -> None:
    link = f"{GRAPH}/v1.0/applications/delta?$deltatoken=t1"
    entries = [
        {"id": "o1", "displayName": "x"},
        {"id": "o1"},
        {"id": "o2"},
        {"id": "o3", "@removed": {"reason": "changed"}},
    ]
    body = {"value": entries, "@odata.deltaLink": f"{GRAPH}/v1.0/applications/delta?$deltatoken=t2"}
    respx_mock.get(link).mock(return_value=httpx.Response(200, json=body))
    whole = respx_mock.get(APPLICATION).mock(return_value=httpx.Response(200, json={"id": "o1", "appId": "a1"}))
    respx_mock.get(f"{GRAPH}/v1.0/applications/o2").mock(return_value=answer(404, "Request_ResourceNotFound"))
    [page] = [page async for page in GraphDirectory(client(http, StillClock())).delta("application", link)]
    assert [(item.object_id, item.app_id) for item in page.objects] == [("o1", "a1")]
    assert [(item.object_id, item.restorable) for item in page.removed] == [("o3", True)]
    assert page.delta_link is not None
    assert page.delta_link.endswith("t2")
    assert whole.call_count == 1


async def test_a_failure_while_reading_changed_objects_is_told_as_itself(
    http: httpx.AsyncClient, respx_mock: respx.MockRouter
) -> None:
    link = f"{GRAPH}/v1.0/applications/delta?$deltatoken=t1"
    respx_mock.get(link).mock(return_value=listed({"id": "o1"}, {"id": "o2"}))
    respx_mock.get(url__regex=r".*/applications/o\d").mock(return_value=answer(403))
    with pytest.raises(PermissionLost):
        await anext(GraphDirectory(client(http, StillClock())).delta("application", link))


async def test_a_delta_link_of_another_host_is_not_asked(http: httpx.AsyncClient) -> None:
    directory = GraphDirectory(client(http, StillClock()))
    with pytest.raises(ForeignLink):
        await anext(directory.delta("application", "https://elsewhere.example/v1.0/applications/delta?$deltatoken=1"))


async def test_audit_siblings_on_two_pages_become_one_change(
    http: httpx.AsyncClient, respx_mock: respx.MockRouter
) -> None:
    def record(minute: int, correlation: str, **more: Any) -> dict[str, Any]:
        target = {"id": "o1", "type": "Application", "modifiedProperties": more.get("properties", [])}
        return {"activityDateTime": f"2026-11-22T09:{minute:02}:00Z", "activityDisplayName": "Update application",
                "category": more.get("category", "ApplicationManagement"), "correlationId": correlation,
                "targetResources": [target]}  # fmt: skip

    audits = f"{GRAPH}/v1.0/auditLogs/directoryAudits"
    changed = [{"displayName": "KeyDescription", "oldValue": "[]", "newValue": '["k"]'}]
    respx_mock.get(f"{audits}?$skiptoken=2").mock(return_value=listed(record(30, "c1", properties=changed)))
    respx_mock.get(audits, params={"$top": "1000"}).mock(
        return_value=listed(
            record(50, "c0"),
            record(40, "c9", category="UserManagement"),
            record(30, "c1"),
            link=f"{audits}?$skiptoken=2",
        )
    )
    batches = [batch async for batch in GraphAuditLog(client(http, StillClock())).pages(WINDOW)]
    assert [[item.correlation_id for item in batch] for batch in batches] == [["c0"], ["c1"]]
    assert [item.name for item in batches[1][0].properties] == ["KeyDescription"]
