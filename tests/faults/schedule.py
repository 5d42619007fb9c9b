"""One seeded course of events: a world, its weather, processes that live and die, and the verdict at the end.

``python -m tests.faults.schedule SEED…`` plays single seeds and says what happened in them.
"""

import asyncio
import logging
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from diag import resources
from diag.adapters.db.migrate import migrate
from diag.adapters.kb_files.store import open_knowledge_base
from diag.workflows.ports import KnowledgeBase
from tests.faults.instance import BODY, OWN, Instance, Pace
from tests.faults.judging import Stored, claimed, consistent, equal
from tests.faults.oracle.answers import Answer, Request
from tests.faults.oracle.graph import Graph
from tests.faults.oracle.weather import EVERYTHING, Loss, Spell, Weather
from tests.faults.oracle.world import Shape, World, make
from tests.faults.virtual import Gate, VirtualClock, VirtualLoop, VirtualTransport

START = 1_795_341_600.0
"""A Sunday at ten."""
HOUR, DAY = 3600.0, 86400.0
SETTLED_WITHIN = ((HOUR, 4 * HOUR), (6 * HOUR, 34 * HOUR), (7 * DAY, 9 * DAY))
"""What came no later than so is there within so many virtual seconds of good weather: by the next poll, the next night,
the last look at the week."""
CLOCK_SET = (0.0, 5.0, -5.0, 300.0, -300.0, 2 * HOUR, -2 * HOUR, DAY, -DAY)
"""Seconds ahead that a machine's wall clock is set to; the days last."""
MOST_REQUESTS = 20_000
"""More than any course needs; who sends more goes in a circle."""


@dataclass
class Plan:
    """What a seed means."""

    shape: Shape
    page: int
    accepts_ne: bool
    spells: list[Spell]
    losses: list[Loss]
    deaths: list[float]
    """Seconds from the start at which the process dies at one of its next requests."""
    freezes: list[tuple[float, float]]
    """When the process freezes, and for how long; another one is started meanwhile."""
    steps: list[tuple[float, float]]
    """When its wall clock is set, and to how many seconds ahead."""
    date_off: float


@dataclass
class Course:
    """What came of it."""

    seed: str
    problems: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    requests: int = 0
    deaths: int = 0
    hours: float = 0.0
    plan: Plan | None = None


def plan(rng: random.Random) -> Plan:
    """Draw a course of events."""
    span = rng.uniform(0.5, 1.2) * 3600
    shape = Shape(
        sign_ins=rng.randrange(20, 120),
        audits=rng.randrange(2, 16),
        objects=rng.randrange(2, 7),
        span=span,
        latest=rng.choice((*[Shape.latest] * 14, *[5 * HOUR] * 4, 26 * HOUR, 6 * DAY)),
    )
    spells, losses = [], []
    for _ in range(rng.randrange(1, 5)):
        start = START + rng.uniform(-0.1, 1.0) * span
        kinds = EVERYTHING if rng.random() < 0.5 else rng.sample(EVERYTHING, rng.randrange(1, 6))
        spells.append(Spell(start, start + rng.expovariate(1 / 1800), rng.choice((0.05, 0.2, 0.5, 0.9, 1.0)), kinds))
    for _ in range(rng.choice((0, 0, 1, 2))):
        start = START + rng.random() * span
        family = rng.choice(("logs", "directory"))
        losses.append(Loss(start, start + rng.uniform(60, 5400), family, licence=rng.random() < 0.5))
    # A night's reading looks back six hours more than a day: a clock that is set by a day while rows come late by hours
    # is found out by the week's reading only, days later.
    clocks = CLOCK_SET[: -2 if shape.latest > HOUR else None]
    steps = [(rng.random() * span, rng.choice(clocks)) for _ in range(rng.choice((0, 0, 0, 1, 2)))]
    return Plan(
        shape=shape,
        page=rng.choice((3, 8, 20, 100)),
        accepts_ne=rng.random() < 0.5,
        spells=spells,
        losses=losses,
        deaths=sorted(rng.random() * span for _ in range(rng.choice((0, 0, 1, 3, 8)))),
        freezes=[(rng.random() * span, rng.uniform(20, 900)) for _ in range(rng.choice((0, 0, 0, 1)))],
        steps=steps,
        date_off=rng.choice((0.0, 0.0, 0.0, 90.0, -90.0)),
    )


class Stage:
    """Plays one plan on the virtual loop."""

    def __init__(
        self, seed: str, file: Path, loop: VirtualLoop, knowledge_base: KnowledgeBase, changed: dict[str, Any]
    ) -> None:
        self.rng = random.Random(f"course:{seed}")
        self.plan = replace(plan(self.rng), **changed)
        self.world: World = make(self.rng, START, self.plan.shape)
        self.graph = Graph(self.world, self.plan.page, self.plan.accepts_ne)
        self.weather = Weather(self.rng, self.plan.spells, self.plan.losses, self.plan.date_off, oversized=BODY)
        self.file, self.loop, self.clock = file, loop, VirtualClock(loop, START)
        self.course = Course(seed, plan=self.plan)
        self.foreign: list[str] = []
        self._knowledge_base, self._pace = knowledge_base, Pace(self.rng)
        self._living: dict[str, tuple[Instance, asyncio.Task[None]]] = {}
        self._born = 0
        self.late = self.plan.shape.latest > HOUR
        """Whether rows come later than a poll looks back; what finds them then is the second reading of the night."""
        self._slowness = self.rng.choice((0.01, 0.2, 3.0))

    async def play(self) -> Course:
        """The stormy part, then good weather until everything is there, then the verdict."""
        events: list[tuple[float, Any]] = [(at, self._die) for at in self.plan.deaths]
        events += [(at, lambda lasting=lasting: self._freeze(lasting)) for at, lasting in self.plan.freezes]
        events += [(at, lambda off=off: self._set_clock(off)) for at, off in self.plan.steps]
        self._begin()
        for at, event in sorted(events, key=lambda pair: pair[0]):
            await self._until(START + at)
            await event()
        bad = (*self.plan.spells, *self.plan.losses)
        await self._until(max(START + self.plan.shape.span, *(spell.end for spell in bad)))
        self.weather.spells = self.weather.losses = ()
        if self.late:
            self._pace.slow_down()
        await self._until(self.world.quiet_after)
        await self._settle()
        for who in list(self._living):
            await self._end(who)
        self._judge()
        return self.course

    def _begin(self) -> str:
        self._born += 1
        who, gate = f"process-{self._born}", Gate()
        transport = VirtualTransport(
            OWN, self, self.clock, lambda: self.rng.expovariate(1 / self._slowness), who, gate, self.foreign
        )
        instance = Instance(
            who, f"sqlite:///{self.file}", self.clock, transport, gate, self._knowledge_base, self._pace, self.rng
        )
        self._living[who] = instance, self.loop.create_task(instance.run())
        return who

    def leaving(self, request: Request, now: float) -> None:
        self.weather.leaving(request, now)

    def answer(self, request: Request, now: float) -> Answer:
        if self.weather.requests > MOST_REQUESTS:
            raise AssertionError("the client goes in a circle")
        return self.weather.answer(request, now, self.graph)

    def arrived(self, request: Request, answer: Answer, answered: float) -> None:
        self.weather.arrived(request, answer, answered)

    async def _until(self, instant: float) -> None:
        await asyncio.sleep(max(0.0, instant - self.clock.true))

    async def _die(self) -> None:
        """A process dies at one of its next requests, its answer never read; the next one starts a while later."""
        who = self.rng.choice(sorted(self._living))
        gate = self._living[who][0].gate
        gate.requests_left = self.rng.randrange(12)
        try:
            async with asyncio.timeout(3600):
                await gate.dead.wait()
        except TimeoutError:
            pass
        await self._end(who)
        self.course.deaths += 1
        stored = self._stored()
        self._note(consistent(stored))
        self._note_claims(stored)
        await asyncio.sleep(self.rng.choice((0.0, 5.0, 40.0, 600.0)))
        self._begin()

    async def _freeze(self, lasting: float) -> None:
        """A process stops in the middle of things and goes on later, while another one has begun."""
        who = self.rng.choice(sorted(self._living))
        gate = self._living[who][0].gate
        gate.open.clear()
        self.weather.frozen.add(who)
        other = self._begin()
        await asyncio.sleep(lasting)
        gate.open.set()
        await asyncio.sleep(self.rng.uniform(0, 600))
        await self._end(self.rng.choice((who, other)))

    async def _set_clock(self, off: float) -> None:
        self.clock.off = off

    async def _end(self, who: str) -> None:
        instance, task = self._living.pop(who)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        self.course.problems += [f"{type(mistake).__name__}: {mistake}" for mistake in instance.mistakes]

    async def _settle(self) -> None:
        latest = self.plan.shape.latest
        deadline = self.clock.true + next(within for late, within in SETTLED_WITHIN if latest <= late)
        while self.clock.true < deadline:
            await asyncio.sleep(3 * HOUR if self.late else HOUR / 3)
            if not any(self._unequal()):
                return

    def _unequal(self) -> Iterator[str]:
        return equal(self._stored(), self.world, self.clock.true, successes=self.late)

    def _stored(self) -> Stored:
        return Stored(self.file)

    def _note_claims(self, stored: Stored) -> None:
        # Where both clocks are ahead of the truth, nobody can tell.
        if not (self.plan.steps and self.plan.date_off > 0.0):
            self._note(claimed(stored, self.world))

    def _note(self, problems: Any) -> None:
        self.course.problems += [f"stored: {problem}" for problem in problems]

    def _judge(self) -> None:
        problems = self.course.problems
        problems += self._unequal()
        self._note_claims(self._stored())
        problems += [f"a request went to {url}" for url in self.foreign]
        problems += self.weather.too_early
        problems += [f"the oracle was asked for what it does not know: {what}" for what in self.graph.unexpected]
        self.course.counts, self.course.requests = dict(self.weather.counts), self.weather.requests
        self.course.hours = (self.clock.true - START) / 3600


class Theatre:
    """Plays one seed after the other; the empty database and the knowledge base are made once."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._empty = folder, folder / "empty.db"
        migrate(f"sqlite:///{self._empty}")
        self._knowledge_base = open_knowledge_base(resources.knowledge_base())

    def play(self, seed: str, **changed: Any) -> Course:
        """The course of a seed, the same every time; ``changed``: what of its plan is given instead of drawn."""
        file = self._folder / "course.db"
        for old in self._folder.glob("course.db*"):
            old.unlink()
        shutil.copy(self._empty, file)
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            loop = runner.get_loop()
            assert isinstance(loop, VirtualLoop)
            return runner.run(Stage(seed, file, loop, self._knowledge_base, changed).play())


def played(seeds: Sequence[str], folder: str) -> list[Course]:
    """The courses of these seeds, in a folder of their own within ``folder``; for a process that does nothing else."""
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory(dir=folder) as own:
        theatre = Theatre(Path(own))
        return [theatre.play(seed) for seed in seeds]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for course in played(sys.argv[1:], folder):
            print(f"{course.seed}: {course.requests} requests, {course.deaths} deaths, {course.hours:.1f} hours")
            print(f"  {course.plan}\n  {course.counts}")
            for problem in course.problems:
                print(f"  {problem}")


if __name__ == "__main__":
    main()
