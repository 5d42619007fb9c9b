"""The real process is killed at random points: what it claims is stored, and in the end everything is, once."""

import random
import time
from pathlib import Path

from tests.conftest import Campaign
from tests.faults.oracle.server import Spec
from tests.faults.oracle.world import Shape
from tests.faults.processes import Instance, drawn_death, oracle, zygote

FULL = 300
COMMANDS = ("serve", "serve", "serve", "collect", "sync")
WEATHER = ("reset", "reset_inside", "truncated", "html", "500", "too_short", "401", "empty_page", "lost_token")
A_LIFE = 2.0
"""Seconds after which a process that met no death of its own is killed wherever it is."""


async def test_kills_at_random_points_lose_nothing_and_claim_nothing_that_is_not_stored(
    tmp_path: Path, campaign: Campaign
) -> None:
    kills = campaign.rounds(FULL)
    rng = campaign.generator("kills")
    seed = f"kills:{campaign.seed}"
    shape = Shape(sign_ins=100 + kills, audits=10 + kills // 4, objects=12, span=5.0 + 0.8 * kills, latest=5.0)
    wrong: list[str] = []
    async with zygote() as nursery, oracle(Spec(seed, time.time(), shape, page=30 + kills // 2)) as graph:
        instance = Instance(graph, nursery, tmp_path)
        assert await instance.run("migrate") == 0
        await graph.order("weather", rate=0.05, kinds=WEATHER)
        for number in range(kills):
            life = await instance.start(rng.choice(COMMANDS))
            await graph.kill_at(drawn_death(rng, life.pid, requests=12))
            await life.end(within=rng.uniform(0.5, 1.0) * A_LIFE)
            wrong += [f"after kill {number}: {problem}" for problem in instance.wrong()]
            if wrong:
                break
        seen = await graph.order("weather", rate=0.0, kinds=())
        said = (tmp_path / "said.txt").read_text(encoding="utf-8")
        assert not wrong, f"DIAG_TEST_SEED={campaign.seed}: {wrong[:5]}\n{said[-3000:]}"
        missing = await instance.finish(within=40.0)
        state = await graph.order()
    print(f"{kills} kills, {seen['deaths']} of them at a request, {seen['requests']} requests, {seen['counts']}")
    assert not missing, f"DIAG_TEST_SEED={campaign.seed}: {missing[:5]}\n{said[-3000:]}"
    assert "Traceback" not in said, said[-3000:]
    assert (state["unexpected"], state["strangers"]) == ([], 0)
    assert seen["deaths"] >= kills / 4


def test_deaths_are_drawn_before_within_and_after_answers() -> None:
    rng = random.Random(1)
    deaths = [drawn_death(rng, 1, 7) for _ in range(200)]
    assert {death.requests for death in deaths} == set(range(7))
    assert {0.0, 1.0} < {death.part for death in deaths}
    assert any(death.delay > 0.05 for death in deaths)
