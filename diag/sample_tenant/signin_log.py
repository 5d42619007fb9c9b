"""The sign-in log: bulk tracks that are computed and story tracks that are kept, read newest first by key.

A row's key is (instant, track, number). Its id holds track and number under a keyed mask, so that a row can be
found by its id without an index. Pages continue after a key, therefore rows that arrive meanwhile shift nothing.
"""

import bisect
import hashlib
import heapq
import struct
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from diag.sample_tenant.bulk import RETENTION, LiveTrack, Population, Track, live_tracks
from diag.sample_tenant.callers import KINDS, Caller
from diag.sample_tenant.clock import StoryClock, stamp
from diag.sample_tenant.minting import Mint, as_guid
from diag.sample_tenant.people import Person, Place
from diag.sample_tenant.signin_rows import (
    ClientBytes,
    Dialect,
    PersonBytes,
    RowFormat,
    client_bytes,
    outline,
    person_bytes,
)

Key = tuple[int, int, int]
"""Instant, track, number."""


class Kept(NamedTuple):
    """A row of a story, or one that arrived while the tenant ran."""

    instant: int
    number: int
    """Order of arrival in its track."""
    caller: Caller
    session: str
    """Rows of one session share their correlation id; empty for a session of its own."""


class Weighted(NamedTuple):
    """A caller that goes on while the story does, more or less often."""

    caller: Caller
    weight: int


class Resolved(NamedTuple):
    """A row, ready to be asked or written."""

    instant: int
    row_id: str
    correlation: str
    milliseconds: int
    caller: Caller
    person: Person | None
    place: Place


class SignInLog:
    """All sign-ins of the tenant."""

    def __init__(self, mint: Mint, population: Population, clock: StoryClock) -> None:
        self._mint, self._population, self._clock = mint, population, clock
        self._tracks: list[Track | LiveTrack] = []
        self._wheels: dict[str, list[Caller]] = {kind: [] for kind in KINDS}
        self._kept: list[list[Kept]] = [[] for _ in KINDS]
        self._arrivals: list[dict[int, Kept]] = [{} for _ in KINDS]
        self._formats: dict[tuple[Caller, Dialect], RowFormat] = {}
        self._clients: dict[tuple[Caller, Dialect], tuple[RowFormat, ClientBytes]] = {}
        self._people: dict[str, PersonBytes] = {}

    @property
    def kept_rows(self) -> int:
        """Gives the number of rows that are kept one by one."""
        return sum(map(len, self._arrivals))

    def fill(self, bulk: list[tuple[str, bool, int]], live: Iterable[Weighted], speed: float) -> None:
        """Sets the computed rows, before the first row is read: the bulk, and who goes on at which pace."""
        starts = self._clock.starts
        self._tracks = [Track(kind, failed, size, starts, self._digest) for kind, failed, size in bulk]
        self._tracks += live_tracks(speed, starts, self._digest)
        for each in live:
            self._wheels[each.caller.kind] += [each.caller] * each.weight

    def _digest(self, track: int, number: int) -> bytes:
        """Gives 40 bytes for a row: 8 prove its id, the rest draws everything else."""
        return hashlib.blake2b(struct.pack(">HQ", track, number), digest_size=40, key=self._mint.key).digest()

    def _row_id(self, track: int, number: int, proof: bytes) -> str:
        mask = hashlib.blake2b(proof, digest_size=8, key=self._mint.key).digest()
        plain = track << 48 | number
        return as_guid((plain ^ int.from_bytes(mask, "big")).to_bytes(8, "big") + proof)

    def add(self, instant: int, caller: Caller, session: str = "") -> None:
        """Adds a row; its instant may lie before that of rows which are there already."""
        track = KINDS.index(caller.kind)
        arrivals = self._arrivals[track]
        # What a client does is not part of the story: its numbers depend on the instant, so that the id of such a row
        # is not that of another after the story was taken up again.
        number = len(arrivals)
        if self._tracks:
            number += 1_000_000 * max(1, instant - self._clock.starts)
        row = Kept(instant, number, caller, session)
        arrivals[number] = row
        bisect.insort(self._kept[track], row, key=lambda kept: (kept.instant, kept.number))

    def keys(
        self, kinds: Iterable[str], failed_only: bool, earliest: int, latest: int, after: Key | None, ascending: bool
    ) -> Iterator[Key]:
        """Gives the keys of a window (both ends included) in order, continuing after a key."""
        wanted = set(kinds)
        runs: list[Iterator[Key]] = []
        for number, track in enumerate(self._tracks):
            if isinstance(track, Track) and failed_only and not track.failed:
                continue
            if track.kind in wanted:
                runs.append(self._bulk_run(number, track, earliest, latest, after, ascending))
        for number, kind in enumerate(KINDS):
            if kind in wanted:
                runs.append(self._kept_run(number, earliest, latest, after, ascending))
        return heapq.merge(*runs, reverse=not ascending)

    def _size(self, track: int) -> int:
        of = self._tracks[track]
        return of.size if isinstance(of, Track) else of.size(self._clock.elapsed(), track)

    def _bulk_run(
        self, track: int, of: Track | LiveTrack, earliest: int, latest: int, after: Key | None, ascending: bool
    ) -> Iterator[Key]:
        def key(number: int) -> Key:
            return of.instant(number, track), track, number

        yield from _run(range(self._size(track)), key, earliest, latest, after, ascending)

    def _kept_run(self, kind: int, earliest: int, latest: int, after: Key | None, ascending: bool) -> Iterator[Key]:
        track = len(self._tracks) + kind
        rows = self._kept[kind]

        def key(place: int) -> Key:
            return rows[place].instant, track, rows[place].number

        yield from _run(range(len(rows)), key, earliest, latest, after, ascending)

    def resolve(self, key: Key) -> Resolved:
        """Gives the row of a key."""
        instant, track, number = key
        digest = self._digest(track, number)
        row_id = self._row_id(track, number, digest[:8])
        correlation = as_guid(digest[8:24])
        milliseconds = 40 + digest[24] * 2
        if track < len(self._tracks):
            of = self._tracks[track]
            wheel = self._wheels[of.kind]
            if isinstance(of, LiveTrack) and digest[25] % 3 and wheel:
                caller = wheel[int.from_bytes(digest[26:29], "big") % len(wheel)]
                person, place = caller.person, caller.place
            else:
                failed = isinstance(of, Track) and of.failed
                caller, person, place = self._population.draw(of.kind, failed, digest)
            return Resolved(instant, row_id, correlation, milliseconds, caller, person, place)
        kept = self._arrivals[track - len(self._tracks)][number]
        if kept.session:
            correlation = self._mint.guid("session", kept.session)
        return Resolved(instant, row_id, correlation, milliseconds, kept.caller, kept.caller.person, kept.caller.place)

    def find(self, row_id: str, now: int) -> Resolved | None:
        """Gives the row of an id, unless it does not exist or is no longer retained."""
        try:
            raw = bytes.fromhex(row_id.replace("-", ""))
        except ValueError:
            return None
        if len(raw) != 16:
            return None
        mask = hashlib.blake2b(raw[8:], digest_size=8, key=self._mint.key).digest()
        plain = int.from_bytes(raw[:8], "big") ^ int.from_bytes(mask, "big")
        track, number = plain >> 48, plain & (1 << 48) - 1
        if track < len(self._tracks):
            if number >= self._size(track):
                return None
            instant = self._tracks[track].instant(number, track)
        else:
            kind = track - len(self._tracks)
            if kind >= len(KINDS) or number not in self._arrivals[kind]:
                return None
            instant = self._arrivals[kind][number].instant
        if self._digest(track, number)[:8] != raw[8:] or instant < now - RETENTION:
            return None
        return self.resolve((instant, track, number))

    def write(self, row: Resolved, dialect: Dialect) -> bytes:
        """Writes a row as JSON."""
        known = self._clients.get((row.caller, dialect))
        if known is None:
            if len(self._clients) > 20_000:
                self._clients.clear()
            known = self._clients[row.caller, dialect] = (
                self._format(outline(row.caller), dialect),
                client_bytes(row.caller, dialect),
            )
        form, client = known
        who = row.person.object_id if row.person else ""
        person = self._people.get(who)
        if person is None:
            person = self._people[who] = person_bytes(row.person)
        created = stamp(row.instant).encode()
        return form.fill(
            row.row_id.encode(), created, row.correlation.encode(), row.milliseconds, client, person, row.place
        )

    def _format(self, caller: Caller, dialect: Dialect) -> RowFormat:
        form = self._formats.get((caller, dialect))
        if form is None:
            form = self._formats[caller, dialect] = RowFormat(caller, dialect)
        return form


def _run(
    numbers: range, key: Callable[[int], Key], earliest: int, latest: int, after: Key | None, ascending: bool
) -> Iterator[Key]:
    """Gives the keys of a sorted sequence that lie in a window and after a key, in the order asked for."""
    low = bisect.bisect_left(numbers, (earliest, 0, 0), key=key)
    high = bisect.bisect_left(numbers, (latest + 1, 0, 0), key=key)
    if after is not None:
        if ascending:
            low = max(low, bisect.bisect_right(numbers, after, key=key))
        else:
            high = min(high, bisect.bisect_left(numbers, after, key=key))
    for place in range(low, high) if ascending else range(high - 1, low - 1, -1):
        yield key(place)
