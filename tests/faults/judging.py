"""What is stored against what is true. Reads the database file by itself, so that no store can vouch for itself."""

import itertools
import json
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from diag.adapters.db.database import sqlite_module
from diag.adapters.db.packing import unpacked
from tests.faults.oracle.records import KINDS, Record
from tests.faults.oracle.world import World

HOUR = 3_600_000_000
_GROUPS = {"user": KINDS[:2], "service": KINDS[2:]}


class Stored:
    """One reading of the database file."""

    def __init__(self, file: Path) -> None:
        with closing(sqlite_module().connect(f"file:{file}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite_module().Row
            self.sound = connection.execute("PRAGMA integrity_check").fetchone()[0]
            rows = {name: _table(connection, name) for name in _TABLES}
        self.failures, self.hours, self.incidents = rows["failure"], rows["failure_hour"], rows["incident"]
        self.changes, self.versions, self.progress = rows["change"], rows["object_version"], rows["progress"]
        self.successes = rows["success_hour"]

    def source(self, name: str) -> dict[str, Any]:
        """How far a source has been read; empty before it ever was."""
        return next((row for row in self.progress if row["source"] == name), {})


_TABLES = ("failure", "failure_hour", "incident", "change", "object_version", "progress", "success_hour")


def _table(connection: Any, name: str) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(f"SELECT * FROM {name}")]  # noqa: S608  names of our own


def micros(written: str) -> int:
    """The instant that Graph wrote, in microseconds since 1970."""
    whole, _, fraction = written.rstrip("Z").partition(".")
    seconds = int(datetime.fromisoformat(whole).replace(tzinfo=UTC).timestamp())
    return seconds * 1_000_000 + int(fraction[:6].ljust(6, "0"))


def consistent(stored: Stored) -> Iterator[str]:
    """What the stored rows say of each other, true at every instant, after every death."""
    if stored.sound != "ok":
        yield f"integrity_check: {stored.sound}"
    counted = Counter(
        (r["created_at"] // HOUR * HOUR, r["app_id"], r["error_code"], r["interrupt"]) for r in stored.failures
    )
    kept = {(r["hour"], r["app_id"], r["error_code"], r["interrupt"]): r["count"] for r in stored.hours if r["count"]}
    yield from _unequal("hourly counts", dict(counted), kept)
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in stored.failures:
        groups[row["app_id"], row["error_code"], row["resource_id"], row["credential_key_id"]].append(row)
    told = {
        (r["app_id"], r["code"], r["resource_id"], r["credential_key_id"]): r for r in stored.incidents if r["count"]
    }
    for name, of_rows, of_incident in (
        ("incident counts", len, lambda incident: incident["count"]),
        ("incident's first", lambda rows: min(r["created_at"] for r in rows), lambda incident: incident["first_seen"]),
        ("incident's last", lambda rows: max(r["created_at"] for r in rows), lambda incident: incident["last_seen"]),
        ("incident's people", _people, lambda incident: incident["people"]),
    ):
        expected = {key: of_rows(rows) for key, rows in groups.items()}
        yield from _unequal(name, expected, {key: of_incident(row) for key, row in told.items()})
    chains: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for version in sorted(stored.versions, key=lambda v: v["id"]):
        chains[version["kind"], version["object_id"]].append(version)
    for key, chain in chains.items():
        yield from _one_history(key, chain)


def _people(rows: list[dict[str, Any]]) -> int:
    return len({row["user_id"] or row["user_principal_name"] for row in rows} - {""})


def _one_history(key: tuple[str, str], chain: list[dict[str, Any]]) -> Iterator[str]:
    """Versions follow each other without gap or overlap; the last is open; neighbours differ."""
    for before, after in itertools.pairwise(chain):
        if before["valid_until"] != after["valid_from"]:
            yield f"versions of {key}: one ends at {before['valid_until']}, the next begins at {after['valid_from']}"
        if before["body"] == after["body"]:
            yield f"versions of {key}: the same content twice"
    if chain[-1]["valid_until"] is not None:
        yield f"versions of {key}: none is open"


def claimed(stored: Stored, world: World) -> Iterator[str]:
    """Rows that the watermark says were read, and that are not there; rows that came late are not asked for."""
    have = {row["id"] for row in stored.failures}
    for group, kinds in _GROUPS.items():
        progress = stored.source(f"sign_ins:{group}")
        newest, oldest = progress.get("newest"), progress.get("oldest")
        if newest is None or oldest is None:
            continue
        for row in world.sign_ins:
            record = row.tellings[0][1]
            if (
                row.on_time
                and record["signInEventTypes"][0] in kinds
                and record["status"]["errorCode"] != 0
                and oldest <= micros(record["createdDateTime"]) <= newest
                and record["id"] not in have
            ):
                yield f"the watermark of {group} claims {record['id']} of {record['createdDateTime']}"


def equal(stored: Stored, world: World, now: float, *, successes: bool = False) -> Iterator[str]:
    """Everything true is stored, as it was told last, and nothing else is; ``successes``: so are their counts."""
    yield from consistent(stored)
    if successes:
        counted = {
            (r["hour"], r["app_id"], r["credential_key_id"], r["resource_id"]): r["count"] for r in stored.successes
        }
        yield from _unequal("successes", Counter(_success_keys(world, now)), counted)
    failures = world.failures(now)
    have = {row["id"]: json.loads(unpacked(row["raw"])) for row in stored.failures}
    if len(have) != len(stored.failures):
        yield "a failure is stored twice"
    yield from _unequal("failures", failures, have)
    columns = {row["id"]: _columns_of_row(row) for row in stored.failures}
    yield from _unequal("columns", {key: _columns_of_record(record) for key, record in failures.items()}, columns)
    told = Counter(_operation(json.loads(row["body"])) for row in stored.changes)
    yield from _unequal("changes", Counter(_operations(world.changes(now))), told)
    for kind, name in (("application", "applications"), ("service_principal", "servicePrincipals")):
        current = {
            v["object_id"]: json.loads(_inflated(v["body"]))
            for v in stored.versions
            if v["kind"] == kind and v["valid_until"] is None and v["body"] is not None
        }
        yield from _unequal(name, world.objects(name, now), current)
    for row in stored.progress:
        if row["state"] != "ok":
            yield f"{row['source']} is {row['state']}: {row['problem']}"


def _success_keys(world: World, now: float) -> Iterator[tuple[Any, ...]]:
    for _, record in world.successes(now):
        if record["signInEventTypes"][0] in _GROUPS["service"]:
            hour = micros(record["createdDateTime"]) // HOUR * HOUR
            key = record["servicePrincipalCredentialKeyId"]
            yield hour, record["appId"].lower(), key, record["resourceId"]


def _inflated(body: bytes) -> bytes:
    return zlib.decompress(body) if body[:1] == b"\x78" else body


def _columns_of_row(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["created_at"], row["error_code"], row["app_id"], row["event_type"], row["user_id"], row["failure_reason"]


def _columns_of_record(record: Record) -> tuple[Any, ...]:
    return (
        micros(record["createdDateTime"]),
        record["status"]["errorCode"],
        record["appId"].lower(),
        ",".join(record["signInEventTypes"]),
        record.get("userId") or "",
        record["status"]["failureReason"],
    )


def _operation(change: Mapping[str, Any]) -> tuple[Any, ...]:
    names = sorted(f"{item['name']}={item['new']}" for item in change.get("properties", ()))
    return change["correlation_id"], change["target_object_id"], tuple(names)


def _operations(records: list[Record]) -> Iterator[tuple[Any, ...]]:
    """One for all records of one correlation ID and target, with the properties of all of them."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for record in records:
        target = record["targetResources"][0]
        found[record["correlationId"], target["id"]] += [
            f"{item['displayName']}={json.loads(item['newValue'])[0]}" for item in target["modifiedProperties"]
        ]
    return ((correlation, target, tuple(sorted(names))) for (correlation, target), names in found.items())


def _unequal(name: str, expected: Mapping[Any, Any], found: Mapping[Any, Any]) -> Iterator[str]:
    missing, extra = expected.keys() - found.keys(), found.keys() - expected.keys()
    if missing:
        yield f"{name}: {len(missing)} missing, such as {min(missing, key=str)}"
    if extra:
        yield f"{name}: {len(extra)} too many, such as {min(extra, key=str)}"
    wrong = [key for key in expected.keys() & found.keys() if expected[key] != found[key]]
    if wrong:
        key = min(wrong, key=str)
        one, other = str(found[key])[:300], str(expected[key])[:300]
        yield f"{name}: {len(wrong)} differ, such as {key}: {one} in place of {other}"
