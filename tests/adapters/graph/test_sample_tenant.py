"""The ports against a server that imitates Graph in a process of its own: the sample tenant on loopback."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from diag.adapters.graph.audit_log import GraphAuditLog
from diag.adapters.graph.client import GraphClient, Limits
from diag.adapters.graph.credentials import CredentialChoice, Tokens, token_source
from diag.adapters.graph.directory import GraphDirectory
from diag.adapters.graph.sign_in_log import GraphSignInLog
from diag.adapters.graph.throttle import Budgets
from diag.adapters.graph.wire.stored import StoredFacts
from diag.core.errors import AuthenticationFailed, NotFound
from diag.core.facts import Facts
from diag.core.inventory import Kind, StoredObject
from diag.core.read import Found
from diag.core.records import FailureRow
from diag.core.windows import Window
from diag.workflows.ports import Outcome, SignInGroup


class WallClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def start(*arguments: str) -> Iterator[dict[str, str]]:
    command = [sys.executable, "-m", "diag.sample_tenant", "--until-stdin-closes", "--story-speed", "0", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.stdin.close()
        process.wait(10)


@pytest.fixture(scope="module")
def tenant() -> Iterator[dict[str, str]]:
    yield from start("--no-throttle")


@pytest.fixture(scope="module")
def strict_tenant() -> Iterator[dict[str, str]]:
    yield from start("--refuse-ne-filter", "--without-key-ids")


UNLIMITED = dict.fromkeys(("logs", "policies", "directory"), (100_000, 1.0))


def connect(
    tenant: dict[str, str], http: httpx.AsyncClient, budgets: Budgets | None = None, **other: Any
) -> GraphClient:
    clock = WallClock()
    given = {name: tenant[name] for name in ("tenant_id", "client_id", "client_secret")} | other
    source = token_source(CredentialChoice(**given), tenant["url"], tenant["url"], http, clock)
    return GraphClient(
        tenant_id=tenant["tenant_id"], graph_url=tenant["url"], tokens=Tokens(source, clock), http=http,
        budgets=budgets or Budgets(clock, UNLIMITED), clock=clock, jitter=lambda: 0.5, limits=Limits(attempts=3),
    )  # fmt: skip


def month() -> Window:
    now = datetime.now(UTC)
    return Window(now - timedelta(days=30), now)


async def rows(made: GraphClient, group: SignInGroup, *, outcome: Outcome) -> list[FailureRow]:
    log = GraphSignInLog(made, WallClock())
    return [row async for page in log.pages(group, month(), outcome=outcome) for row in page.failures]


async def test_every_failure_of_a_month_is_read_whether_graph_filters_or_we_do(
    tenant: dict[str, str], http: httpx.AsyncClient
) -> None:
    made = connect(tenant, http)
    assert await GraphSignInLog(made, WallClock()).probe_failure_filter("service")
    for group in ("user", "service"):
        filtered = await rows(made, group, outcome="failed")
        local = await rows(made, group, outcome="all")
        assert {row.id for row in filtered} == {row.id for row in local}
        assert len({row.id for row in local}) == len(local) > 100
        assert [row.created_at for row in local] == sorted((row.created_at for row in local), reverse=True)
        for row in local:
            assert json.loads(row.raw)["id"] == row.id
            assert row.tenant_id == tenant["tenant_id"]


async def test_the_kinds_of_sign_ins_come_by_their_own_requests(
    tenant: dict[str, str], http: httpx.AsyncClient
) -> None:
    made = connect(tenant, http)
    users = {row.event_type for row in await rows(made, "user", outcome="failed")}
    services = {row.event_type for row in await rows(made, "service", outcome="failed")}
    assert users == {"interactiveUser", "nonInteractiveUser"}
    assert services == {"servicePrincipal", "managedIdentity"}


async def test_successes_are_counted_beside_the_failures(tenant: dict[str, str], http: httpx.AsyncClient) -> None:
    log = GraphSignInLog(connect(tenant, http), WallClock())
    read = kept = counted = 0
    async for page in log.pages("service", month(), outcome="all"):
        read += page.read
        kept += len(page.failures)
        counted += len(page.successes)
    assert read == kept + counted
    assert counted > 0


async def test_a_refused_filter_is_noticed_and_the_log_still_read_without_a_single_429(
    strict_tenant: dict[str, str], http: httpx.AsyncClient
) -> None:
    statuses: list[int] = []

    async def watch(response: httpx.Response) -> None:
        statuses.append(response.status_code)

    http.event_hooks["response"].append(watch)
    made = connect(strict_tenant, http, Budgets(WallClock()))
    assert not await GraphSignInLog(made, WallClock()).probe_failure_filter("service")
    failures = await rows(made, "service", outcome="all")
    assert len(failures) > 100
    assert {row.credential_key_id for row in failures} == {""}
    # The token's answer among them: the budget of five was used up and waited for.
    assert len(statuses) > 6
    assert 429 not in statuses


async def test_the_first_delta_round_gives_every_object_whole_and_the_next_nothing(
    tenant: dict[str, str], http: httpx.AsyncClient
) -> None:
    directory = GraphDirectory(connect(tenant, http))
    for kind, least in (("application", 50), ("service_principal", 60)):
        pages = [page async for page in directory.delta(kind, None)]  # type: ignore[arg-type]
        objects = [item for page in pages for item in page.objects]
        assert len({item.object_id for item in objects}) == len(objects) >= least
        assert [page.delta_link is not None for page in pages] == [False] * (len(pages) - 1) + [True]
        assert (await directory.read(objects[0].kind, objects[0].object_id)).body == objects[0].body  # type: ignore[arg-type]
        [again] = [page async for page in directory.delta(kind, pages[-1].delta_link)]  # type: ignore[arg-type]
        assert (list(again.objects), list(again.removed)) == ([], [])


async def test_details_and_tenant_wide_lists_become_facts(tenant: dict[str, str], http: httpx.AsyncClient) -> None:
    directory = GraphDirectory(connect(tenant, http))
    apps = [item async for page in directory.delta("application", None) for item in page.objects]
    principals = {
        item.app_id: item async for page in directory.delta("service_principal", None) for item in page.objects
    }
    app = next(item for item in apps if item.app_id in principals)
    principal = principals[app.app_id]
    made = [app, principal]
    for kind in ("federated_credentials", "owners"):
        made.append(await directory.detail(kind, app.object_id, app.app_id))  # type: ignore[arg-type]
    for kind in ("grants", "app_role_assignments", "assigned_principals", "service_principal_owners"):
        made.append(await directory.detail(kind, principal.object_id, app.app_id))  # type: ignore[arg-type]
    for kind in ("deleted_applications", "access_policies", "licences"):
        made.append(await directory.tenant_wide(kind))  # type: ignore[arg-type]
    now = datetime.now(UTC)
    objects: dict[Kind, StoredObject] = {
        item.kind: StoredObject(
            kind=item.kind, object_id=item.object_id, app_id=item.app_id, display_name=item.display_name,
            body=item.body, valid_from=now, valid_until=None, read_at=now,
        )
        for item in made
    }  # fmt: skip
    facts = StoredFacts().facts(objects)
    for read in (
        facts.application.redirect_uris, facts.application.federated_credentials, facts.application.owners,
        facts.service_principal.account_enabled, facts.service_principal.owners, facts.grants,
        facts.app_role_assignments, facts.assigned_principals, facts.access_policies, facts.home_tenant_id,
    ):  # fmt: skip
        assert isinstance(read, Found)
        assert read.complete
    assert facts.home_tenant_id == Found(tenant["tenant_id"], "registration", now)


async def test_a_stored_failure_and_its_registration_meet_in_the_facts(
    tenant: dict[str, str], http: httpx.AsyncClient
) -> None:
    made = connect(tenant, http)
    row = next(row for row in await rows(made, "service", outcome="failed") if row.error_code == 7000222)
    attempt = StoredFacts().enquiry(row, Facts()).facts.failure
    assert attempt.credential_key_id == Found(row.credential_key_id, "sign_in", row.created_at)
    apps = [item async for page in GraphDirectory(made).delta("application", None) for item in page.objects]
    credentials = {item.key_id: item for app in apps if app.app_id == row.app_id for item in app.credentials}
    ends = credentials[row.credential_key_id].ends
    assert ends is not None
    assert ends < row.created_at


async def test_changes_come_newest_first_with_their_properties(tenant: dict[str, str], http: httpx.AsyncClient) -> None:
    changes = [change async for batch in GraphAuditLog(connect(tenant, http)).pages(month()) for change in batch]
    assert [item.at for item in changes] == sorted((item.at for item in changes), reverse=True)
    credentials = [item for item in changes if item.activity.endswith("Certificates and secrets management")]
    assert credentials
    assert all("KeyDescription" in {change.name for change in item.properties} for item in credentials)


async def test_an_object_that_is_not_there_is_not_found(tenant: dict[str, str], http: httpx.AsyncClient) -> None:
    directory = GraphDirectory(connect(tenant, http))
    with pytest.raises(NotFound):
        await directory.read("application", "11111111-1111-4111-8111-111111111111")
    with pytest.raises(NotFound):
        await directory.detail("grants", "11111111-1111-4111-8111-111111111111", "")


async def test_a_wrong_secret_is_told_with_the_authoritys_code(tenant: dict[str, str], http: httpx.AsyncClient) -> None:
    with pytest.raises(AuthenticationFailed, match="AADSTS7000215") as caught:
        await rows(connect(tenant, http, client_secret="wrong-secret"), "user", outcome="failed")
    assert "wrong-secret" not in str(caught.value)
