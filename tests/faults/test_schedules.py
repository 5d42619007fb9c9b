"""Random courses of faults in virtual time: when the faults stop, what is stored equals what is true."""

import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.conftest import Campaign
from tests.faults.oracle.weather import EVERYTHING
from tests.faults.schedule import Course, played

FULL = 1000
SEEDS = Path(__file__).parent / "seeds.txt"
WORKERS = min(4, os.cpu_count() or 1)


@pytest.fixture(scope="module")
def players() -> Iterator[ProcessPoolExecutor]:
    # Started afresh: a forked process would share the parent's threads and open files.
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        yield pool


def _play(players: ProcessPoolExecutor, seeds: list[str]) -> list[Course]:
    parts = [seeds[number::WORKERS] for number in range(WORKERS)]
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder:
        return [course for part in players.map(played, parts, [folder] * WORKERS) for course in part]


def _kept() -> dict[str, str]:
    lines = (line for line in SEEDS.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#"))
    return dict(line.split("  ", 1) for line in lines)


def _keep(failed: list[Course]) -> str:
    """Write the failed seeds down, and say how to see each again."""
    kept = _kept()
    with SEEDS.open("a", encoding="utf-8") as file:
        for course in failed:
            if course.seed not in kept:
                file.write(f"{course.seed}  {course.problems[0][:120]}\n")
    return "\n".join(
        f"python -m tests.faults.schedule {course.seed}\n  " + "\n  ".join(course.problems[:8]) for course in failed
    )


def test_courses_that_failed_once_do_not_fail_again(players: ProcessPoolExecutor) -> None:
    failed = [course for course in _play(players, list(_kept())) if course.problems]
    assert not failed, _keep(failed)


def test_random_courses_of_faults_lose_nothing_and_store_nothing_twice(
    players: ProcessPoolExecutor, campaign: Campaign
) -> None:
    courses = _play(players, [f"{campaign.seed}:{number}" for number in range(campaign.rounds(FULL))])
    met: Counter[str] = Counter()
    for course in courses:
        met.update(course.counts)
    requests, deaths = sum(course.requests for course in courses), sum(course.deaths for course in courses)
    print(f"{len(courses)} courses, {requests} requests, {deaths} deaths, faults met: {dict(met.most_common())}")
    failed = [course for course in courses if course.problems]
    assert not failed, _keep(failed)
    assert {*EVERYTHING, "permission", "licence"} <= met.keys()
    assert deaths
