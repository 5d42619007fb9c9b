"""Hosts are looked up off the way of answers; nothing is learnt from a DNS that does not work."""

import asyncio

from diag.workflows.hosts import KnownHosts
from tests.workflows.fakes import FakeClock

CANARY = "login.example"


class FakeNames:
    def __init__(self, **answers: bool | None) -> None:
        self.answers = {name.replace("_", "."): answer for name, answer in answers.items()} | {CANARY: True}
        self.asked: list[str] = []

    async def exists(self, host: str) -> bool | None:
        self.asked.append(host)
        return self.answers.get(host)


def look(hosts: KnownHosts, names: FakeNames, *wanted: str) -> int:
    return asyncio.run(hosts.look_up(wanted, names, CANARY))


def test_what_nobody_asked_is_not_known() -> None:
    assert KnownHosts(FakeClock()).known() is None


def test_answers_are_kept_and_asked_for_again_when_they_grow_old() -> None:
    clock = FakeClock()
    hosts, names = KnownHosts(clock), FakeNames(a_net=True, b_net=False)
    assert look(hosts, names, "a.net", "b.net") == 2
    assert hosts.known() == {"a.net": True, "b.net": False}
    assert look(hosts, names, "a.net", "b.net") == 0
    clock.pass_by(hours=21)
    assert look(hosts, names, "a.net") == 1
    clock.pass_by(hours=30)
    assert hosts.known() == {"a.net": True}


def test_a_host_that_could_not_be_asked_for_stays_unknown() -> None:
    hosts = KnownHosts(FakeClock())
    look(hosts, FakeNames(a_net=None), "a.net")
    assert hosts.known() == {}


def test_nothing_is_learnt_where_a_host_that_surely_exists_is_not_found() -> None:
    hosts, names = KnownHosts(FakeClock()), FakeNames(a_net=False)
    names.answers[CANARY] = False
    assert look(hosts, names, "a.net") == 0
    assert hosts.known() is None
    assert names.asked == [CANARY]
