from diag.workflows.lease import SECONDS, Lease
from tests.workflows.fakes import FakeClock
from tests.workflows.memory_database import MemoryDatabase


class Pair:
    def __init__(self) -> None:
        self.database, self.clock = MemoryDatabase(), FakeClock()
        self.one = Lease("scheduler", "one", self.database, self.clock)
        self.two = Lease("scheduler", "two", self.database, self.clock)


async def test_one_of_two_holds_the_lease_and_keeps_it_while_it_renews() -> None:
    pair = Pair()
    for _ in range(20):
        assert await pair.one.held()
        assert not await pair.two.held()
        pair.clock.pass_by(seconds=SECONDS / 2)


async def test_who_does_not_renew_loses_it_when_it_runs_out_and_not_before() -> None:
    pair = Pair()
    assert await pair.one.held()
    pair.clock.pass_by(seconds=SECONDS - 1)
    assert not await pair.two.held()
    pair.clock.pass_by(seconds=1)
    assert await pair.two.held()


async def test_a_process_that_was_frozen_notices_that_another_took_over() -> None:
    pair = Pair()
    assert await pair.one.held()
    pair.clock.pass_by(seconds=120)
    assert await pair.two.held()
    assert not await pair.one.held()


async def test_a_released_lease_is_free_at_once() -> None:
    pair = Pair()
    assert await pair.one.held()
    await pair.one.release()
    assert await pair.two.held()
    await pair.one.release()
    assert await pair.two.held()


async def test_the_database_is_asked_only_every_third_of_the_leases_life() -> None:
    pair = Pair()
    for _ in range(100):
        assert await pair.one.held()
        pair.clock.pass_by(seconds=0.09)
    assert pair.database.writes == 1
    pair.clock.pass_by(seconds=SECONDS / 3)
    assert await pair.one.held()
    assert pair.database.writes == 2
