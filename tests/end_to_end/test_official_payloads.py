"""Microsoft's own example payloads all the way: HTTP, client, translation, workflows, store, engine."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from diag import resources
from diag.adapters.db.database import SqlDatabase
from diag.adapters.db.migrate import migrate
from diag.adapters.graph.audit_log import GraphAuditLog
from diag.adapters.graph.directory import GraphDirectory
from diag.adapters.graph.sign_in_log import GraphSignInLog
from diag.adapters.graph.wire.common import is_guid
from diag.adapters.graph.wire.stored import StoredFacts
from diag.adapters.kb_files.store import open_knowledge_base
from diag.workflows.changes import ChangeCollector
from diag.workflows.collect import Collector
from diag.workflows.incidents import IncidentDiagnoser
from diag.workflows.ports import FailureQuery, IncidentQuery
from diag.workflows.sync import Synchroniser
from tests.adapters.graph.support import GRAPH, TENANT, StillClock, client

Json = dict[str, Any]


class Payloads:
    """The examples by kind; each record once, by its id."""

    def __init__(self, folder: Path) -> None:
        self.sign_ins = self._records(folder, r"(beta|v1\.0)-signin-(get|list)-.*")
        self.applications = self._records(folder, r"v1\.0-application-(get|list|delta)-\d.*")
        self.service_principals = self._records(folder, r"(beta|v1\.0)-serviceprincipal-(get|list|delta)-\d.*")
        self.audits = self._records(folder, r"(beta|v1\.0)-directoryaudit-.*")

    def _records(self, folder: Path, pattern: str) -> dict[str, Json]:
        records: dict[str, Json] = {}
        for file in sorted(folder.glob("*.json")):
            if re.fullmatch(pattern, file.stem):
                given = json.loads(file.read_text(encoding="utf-8"))
                value = given.get("value", given)
                for record in value if isinstance(value, list) else [value]:
                    records[record.get("id", file.stem)] = record
        return records


@pytest.fixture(scope="module")
def payloads(shared: Path) -> Payloads:
    return Payloads(shared / "facts" / "graph-examples")


@pytest.fixture
def database(tmp_path: Path) -> SqlDatabase:
    url = f"sqlite:///{tmp_path / 'diag.db'}"
    migrate(url)
    return SqlDatabase(url)


def listed(records: list[Json], **more: str) -> httpx.Response:
    return httpx.Response(200, json={"value": records, **more})


async def test_every_failed_sign_in_is_stored_verbatim_and_diagnosed(
    payloads: Payloads, database: SqlDatabase, respx_mock: respx.MockRouter
) -> None:
    # The examples hold more successes than failures; a success that had failed is as real a record.
    failed = {
        key: {**record, "status": {**record["status"], "errorCode": record["status"]["errorCode"] or 50126}}
        for key, record in payloads.sign_ins.items()
    }
    respx_mock.get(url__regex=r".*/beta/auditLogs/signIns.*").mock(return_value=listed(list(failed.values())))
    clock = StillClock()
    async with httpx.AsyncClient() as http:
        graph = client(http, clock)
        collector = Collector(TENANT, "user", GraphSignInLog(graph, clock), database, clock)
        progress = await collector.run()
        assert progress.state in ("ok", "backfilling")
        diagnoser = IncidentDiagnoser(
            TENANT,
            None,
            database,
            open_knowledge_base(resources.knowledge_base()),
            StoredFacts(),
            clock,
        )
        while await diagnoser.run():
            pass
    with database.read() as transaction:
        rows = transaction.failures.find(FailureQuery(interrupts=True, limit=500))
        incidents = transaction.incidents.find(IncidentQuery(limit=500))
    assert {row.id: json.loads(row.raw) for row in rows} == failed
    assert sum(incident.count for incident in incidents) == len(failed) > 3
    assert all(incident.diagnosis is not None for incident in incidents)
    codes = {incident.fingerprint.code for incident in incidents}
    assert codes == {record["status"]["errorCode"] for record in failed.values()}


@pytest.mark.parametrize("kind", ["application", "service_principal"])
async def test_every_registration_is_stored_and_becomes_facts(
    payloads: Payloads, database: SqlDatabase, respx_mock: respx.MockRouter, kind: Any
) -> None:
    held = payloads.applications if kind == "application" else payloads.service_principals
    records = [record for record in held.values() if record.get("appId") and record.get("id")]
    path = "applications" if kind == "application" else "servicePrincipals"
    link = f"{GRAPH}/v1.0/{path}/delta?$deltatoken=1"
    respx_mock.get(url__regex=rf".*/v1\.0/{path}/delta.*").mock(
        return_value=listed(records, **{"@odata.deltaLink": link})
    )
    clock = StillClock()
    async with httpx.AsyncClient() as http:
        directory = GraphDirectory(client(http, clock))
        progress = await Synchroniser(TENANT, kind, directory, database, clock).run()
    assert progress.state == "ok", progress.problem
    assert records
    for record in records:
        # An example writes "appId-value" where a GUID belongs; only GUIDs are compared without regard to case.
        app_id = record["appId"].lower() if is_guid(record["appId"]) else record["appId"]
        with database.read() as transaction:
            stored = transaction.registrations.as_of(TENANT, app_id, None)
        body = json.loads(stored[kind].body or b"{}")
        assert set(record) - {"@odata.context", "@odata.id"} <= set(body) | {
            name for name in record if name.startswith("@") or "@odata" in name
        }
        facts = StoredFacts().facts(stored, app_id)
        assert getattr(facts, kind).app_id.value == app_id


async def test_every_audit_record_is_stored_as_a_change(
    payloads: Payloads, database: SqlDatabase, respx_mock: respx.MockRouter
) -> None:
    # What is kept are the changes of applications, consent and policies, so each example is told as one.
    audits = [{**record, "category": "ApplicationManagement"} for record in payloads.audits.values()]
    respx_mock.get(url__regex=r".*/auditLogs/directoryAudits.*").mock(return_value=listed(audits))
    clock = StillClock()
    async with httpx.AsyncClient() as http:
        progress = await ChangeCollector(TENANT, GraphAuditLog(client(http, clock)), database, clock).run()
    assert progress.state == "ok", progress.problem
    with database.read() as transaction:
        changes = [change for _, change in transaction.changes.find(None, None, None, None, 100)]
    assert {change.correlation_id for change in changes} == {record["correlationId"] for record in audits}
    assert len(audits) > 1
