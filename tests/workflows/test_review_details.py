"""What checks need and delta omits is read little by little, each failure kept with its reason."""

import asyncio
from datetime import timedelta
from typing import Any

from diag.adapters.graph.wire.registration import whole_object
from diag.adapters.graph.wire.stored import StoredFacts
from diag.core.errors import SourceError
from diag.workflows import review_details
from diag.workflows.review_details import DETAIL_AGE, DetailReader
from tests.workflows.fakes import TENANT, FakeClock, FakeDirectory
from tests.workflows.memory_database import MemoryDatabase

KINDS = {"owners", "federated_credentials", "app_role_assignments"}


def app_id(number: int) -> str:
    return f"{number:08d}-6b52-4e0f-9a7d-2c5e8b1f6a01"


def filled(count: int, clock: FakeClock, *uris: str) -> MemoryDatabase:
    database = MemoryDatabase()
    with database.write() as stores:
        for number in range(count):
            app: dict[str, Any] = {"id": f"o{number}", "appId": app_id(number), "displayName": f"App {number}"}
            app["web"] = {"redirectUris": list(uris)}
            app["spa"] = app["publicClient"] = {"redirectUris": []}
            principal = {"id": f"p{number}", "appId": app_id(number), "displayName": f"App {number}"}
            stores.registrations.put(TENANT, [whole_object("application", app)], clock.now())
            stores.registrations.put(TENANT, [whole_object("service_principal", principal)], clock.now())
    return database


def reader(database: MemoryDatabase, directory: FakeDirectory, clock: FakeClock) -> DetailReader:
    return DetailReader(TENANT, directory, database, StoredFacts(), clock)


def test_each_application_gets_its_details_once_and_again_when_they_are_old() -> None:
    clock, directory = FakeClock(), FakeDirectory()
    database = filled(2, clock)
    details = reader(database, directory, clock)
    assert asyncio.run(details.run()) == 6
    assert {kind for kind, _ in directory.details} == KINDS
    assert asyncio.run(details.run()) == 0
    clock.pass_by(seconds=DETAIL_AGE.total_seconds() + 1)
    assert asyncio.run(details.run()) == 6


def test_a_round_is_bounded_and_the_next_goes_on_where_it_ended() -> None:
    clock, directory = FakeClock(), FakeDirectory()
    database = filled(40, clock)
    details = reader(database, directory, clock)
    read = [asyncio.run(details.run()) for _ in range(4)]
    assert all(count <= review_details.AT_ONCE + 2 for count in read)
    assert sum(read) == 120
    assert len(set(directory.details)) == 120


def test_a_refusal_is_kept_with_its_reason_and_does_not_stop_the_others() -> None:
    clock, directory = FakeClock(), FakeDirectory()
    database = filled(1, clock)
    directory.failing = [SourceError("Forbidden.", hint="Grant Application.Read.All.")]
    assert asyncio.run(reader(database, directory, clock).run()) == 2
    with database.read() as stores:
        owners = stores.registrations.as_of(TENANT, app_id(0), None)["owners"]
    assert owners.unread_because == "Forbidden. Grant Application.Read.All."


def test_only_hosts_that_others_could_take_are_looked_for() -> None:
    clock = FakeClock(now=FakeClock().now() + timedelta(0))
    database = filled(3, clock, "https://Old.azurewebsites.net/cb", "https://orders.contoso.example/cb", "x")
    assert reader(database, FakeDirectory(), clock).hosts() == {"old.azurewebsites.net"}
