"""The truth: what the tenant's logs and directory hold at any instant. Made from a seed, and asked by the judge."""

import random
from dataclasses import dataclass, field

from tests.faults.oracle.records import KINDS, Cast, Record, audit, directory_object, guid, second_look, sign_in

DAY = 86400.0


@dataclass(frozen=True)
class Shape:
    """How large a world is and how it behaves; seconds."""

    sign_ins: int = 90
    audits: int = 12
    objects: int = 8
    past: float = 3 * DAY
    """History before ``start``."""
    span: float = 3 * 3600.0
    """How long things go on happening after it."""
    latest: float = 50 * 60.0
    """The longest after its own time that a row arrives or is told anew."""
    codes_change: bool = False
    """Whether a row told anew may carry another error code."""


@dataclass
class Row:
    """A row of a log: when it happened, and from when on the log tells it how."""

    created: float
    tellings: list[tuple[float, Record]]
    on_time: bool

    def told(self, now: float) -> Record | None:
        """What the log says of it; None while it has not arrived."""
        return next((record for since, record in reversed(self.tellings) if since <= now), None)

    @property
    def key(self) -> tuple[float, str]:
        return self.created, self.tellings[0][1]["id"]


@dataclass
class Turn:
    """An object of the directory from an instant on; ``body`` None: deleted."""

    at: float
    object_id: str
    body: Record | None
    reason: str = ""


@dataclass
class World:
    start: float
    sign_ins: list[Row] = field(default_factory=list)
    audits: list[Row] = field(default_factory=list)
    turns: dict[str, list[Turn]] = field(default_factory=dict)
    """By ``applications`` and ``servicePrincipals``, in order of time."""
    quiet_after: float = 0.0
    """From here on nothing happens and nothing arrives."""

    def failures(self, now: float) -> dict[str, Record]:
        """Failed and interrupted sign-ins by id, as they are told last."""
        told = (row.told(now) for row in self.sign_ins)
        return {record["id"]: record for record in told if record is not None and record["status"]["errorCode"] != 0}

    def successes(self, now: float) -> list[tuple[float, Record]]:
        """Successful sign-ins with their instants."""
        told = ((row.created, row.told(now)) for row in self.sign_ins)
        return [(at, record) for at, record in told if record is not None and record["status"]["errorCode"] == 0]

    def changes(self, now: float) -> list[Record]:
        """Audit records."""
        return [record for row in self.audits if (record := row.told(now)) is not None]

    def objects(self, kind: str, now: float) -> dict[str, Record]:
        """What is in the directory, by object ID."""
        current: dict[str, Record | None] = {}
        for turn in self.turns[kind]:
            if turn.at <= now:
                current[turn.object_id] = turn.body
        return {object_id: body for object_id, body in current.items() if body is not None}


def make(rng: random.Random, start: float, shape: Shape) -> World:
    """A world whose history ends at ``start`` and that goes on for ``shape.span``."""
    world, cast = World(start), Cast(rng)
    for _ in range(shape.sign_ins):
        world.sign_ins.append(_sign_in(rng, cast, _moment(rng, start, shape), shape))
    world.turns = {kind: _turns(rng, kind, start, shape) for kind in ("applications", "servicePrincipals")}
    targets = sorted({turn.object_id for turns in world.turns.values() for turn in turns})
    while len(world.audits) < shape.audits:
        world.audits += _operation(rng, rng.choice(targets), _moment(rng, start, shape), shape)
    world.sign_ins.sort(key=lambda row: row.key, reverse=True)
    world.audits.sort(key=lambda row: row.key, reverse=True)
    rows = [since for row in (*world.sign_ins, *world.audits) for since, _ in row.tellings]
    world.quiet_after = max([start, *rows, *(turn.at for turns in world.turns.values() for turn in turns)])
    return world


def _moment(rng: random.Random, start: float, shape: Shape) -> float:
    """Mostly while things are watched, else in the history, in whole microseconds."""
    chance = rng.random()
    if chance < 0.6:
        moment = start + rng.random() * shape.span
    elif chance < 0.95:
        moment = start - rng.random() * shape.past
    else:
        moment = start - rng.uniform(1, 28) * DAY
    return round(moment, 6)


def _arrival(rng: random.Random, created: float, shape: Shape) -> float:
    chance = rng.random()
    if chance < 0.5:
        return created
    return created + rng.random() * (min(300.0, shape.latest) if chance < 0.75 else shape.latest)


def _sign_in(rng: random.Random, cast: Cast, created: float, shape: Shape) -> Row:
    record = sign_in(rng, cast, rng.choice(KINDS), created)
    if "." not in record["createdDateTime"]:
        created = float(int(created))
    elif len(record["createdDateTime"].rpartition(".")[2]) == 7:
        created = round(created, 6)
    arrival = _arrival(rng, created, shape)
    tellings = [(arrival, record)]
    if rng.random() < 0.15 and arrival < created + shape.latest:
        again = second_look(rng, record, code=shape.codes_change and rng.random() < 0.5)
        tellings.append((rng.uniform(arrival, created + shape.latest), again))
    return Row(created, tellings, on_time=arrival == created)


def _operation(rng: random.Random, target: str, at: float, shape: Shape) -> list[Row]:
    """One edit: one record, or two or three of one correlation ID that lie seconds apart, of which one says what."""
    correlation, rows = guid(rng), []
    for sibling in range(rng.choice((1, 1, 2, 3))):
        moment = round(at + sibling * rng.uniform(0.0, 5.0), 6)
        record = audit(rng, moment, target, correlation, properties=rng.randrange(1, 3) if sibling == 0 else 0)
        arrival = _arrival(rng, moment, shape)
        rows.append(Row(moment, [(arrival, record)], on_time=arrival == moment))
    return rows


def _turns(rng: random.Random, kind: str, start: float, shape: Shape) -> list[Turn]:
    turns: list[Turn] = []
    for _ in range(shape.objects):
        object_id, app_id = guid(rng), guid(rng)
        at = start + rng.uniform(-shape.past, shape.span * 0.5)
        turns.append(Turn(at, object_id, directory_object(rng, kind, object_id, app_id, at)))
        while at < start + shape.span and rng.random() < 0.6:
            at = max(at, start) + rng.uniform(1.0, shape.span * 0.5)
            gone = turns[-1].body is not None and rng.random() < 0.2
            body = None if gone else directory_object(rng, kind, object_id, app_id, at)
            turns.append(Turn(at, object_id, body, rng.choice(("changed", "deleted")) if gone else ""))
    return sorted(turns, key=lambda turn: turn.at)
