"""No name of anybody who signs in lies in the database, its log or what is compressed in it; counting goes on."""

import asyncio
import contextlib
import json
import shutil
import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from diag.adapters.db.packing import unpacked
from diag.bootstrap import Service, build
from diag.core.errors import StoreError
from diag.settings import read_settings
from diag.workflows.ports import FailureQuery, IncidentQuery
from diag.workflows.pseudonymise import treat_stored
from tests.end_to_end.test_story import StoryClock, run, sample_tenant


@contextlib.contextmanager
def _service(folder: Path, tenant: dict[str, Any], *, pseudonyms: bool) -> Iterator[Service]:
    given = {"DIAG_DATA_DIR": str(folder), **({"DIAG_PSEUDONYMIZE_USERS": "yes"} if pseudonyms else {})}
    made = build(read_settings(given, folder), clock=StoryClock())
    made.join_sample(**tenant)
    made.prepare_database()
    try:
        yield made
    finally:
        made.close()


def _people(made: Service) -> set[str]:
    """What the log calls those who signed in."""
    names: set[str] = set()
    with made.database.read() as stores:
        for row in stores.failures.find(FailureQuery(interrupts=True, limit=100_000)):
            record = json.loads(row.raw)
            for field in ("userPrincipalName", "userDisplayName", "userId", "ipAddress"):
                if row.user_id and record.get(field):
                    names.add(record[field])
        for app in stores.registrations.applications(None, "", None, 1000):
            held = stores.registrations.as_of(app.tenant_id, app.app_id, None).get("service_principal")
            # Addresses that somebody registered to be written to are no secret of who signs in.
            names -= set(json.loads(held.body)["notificationEmailAddresses"]) if held and held.body else set()
    return names


def _counts(made: Service) -> dict[tuple[str, int], tuple[int, int]]:
    """Failures and people of every incident, by application and code."""
    with made.database.read() as stores:
        return {
            (item.fingerprint.app_id + item.fingerprint.resource_id, item.fingerprint.code): (item.count, item.people)
            for item in stores.incidents.find(IncidentQuery(limit=10_000))
        }


def _everything(folder: Path) -> bytes:
    """All bytes of the database and the files beside it, and all that is compressed in its tables."""
    parts = [file.read_bytes() for file in folder.glob("sample-tenant.db*")]
    with contextlib.closing(sqlite3.connect(folder / "sample-tenant.db")) as connection:
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608
                for value in row:
                    if isinstance(value, bytes):
                        parts.append(value)
                        with contextlib.suppress(zlib.error):
                            parts.append(unpacked(value))
    return b"\n".join(parts).lower()


def _found(folder: Path, people: set[str]) -> set[str]:
    stored = _everything(folder)
    return {name for name in people if name.lower().encode() in stored}


def _of_the_owner_alone(key: Path) -> bytes:
    assert key.stat().st_mode & 0o077 == 0
    return key.read_bytes()


@pytest.fixture(scope="module")
def tenant() -> Iterator[dict[str, Any]]:
    with sample_tenant() as running:
        yield running


class Plain(NamedTuple):
    """A database in which people are stored as they are."""

    folder: Path
    people: set[str]
    counts: dict[tuple[str, int], tuple[int, int]]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory, tenant: dict[str, Any]) -> Plain:
    folder = tmp_path_factory.mktemp("plain")
    with _service(folder, tenant, pseudonyms=False) as made:
        asyncio.run(run(made))
        people, counts = _people(made), _counts(made)
    assert len(_found(folder, people)) == len(people) > 50
    return Plain(folder, people, counts)


async def test_no_name_reaches_the_database_when_that_is_asked_from_the_start(
    tmp_path: Path, tenant: dict[str, Any], plain: Plain
) -> None:
    with _service(tmp_path, tenant, pseudonyms=True) as made:
        await run(made)
        assert _found(tmp_path, plain.people) == set()
        assert _counts(made) == plain.counts
    assert _of_the_owner_alone(tmp_path / "pseudonym.key") not in _everything(tmp_path)


async def test_switching_it_on_later_treats_what_is_stored_and_counts_the_same(
    tmp_path: Path, tenant: dict[str, Any], plain: Plain
) -> None:
    people = plain.people
    shutil.copytree(plain.folder, tmp_path, dirs_exist_ok=True)
    with _service(tmp_path, tenant, pseudonyms=True) as made:
        assert _found(tmp_path, people)
        assert await treat_stored(made.database, made.clock)
        assert _found(tmp_path, people) == set()
        assert not await treat_stored(made.database, made.clock)
        await run(made)
        assert _found(tmp_path, people) == set()
        assert _counts(made) == plain.counts
        with made.database.read() as stores:
            assert not stores.incidents.undiagnosed(tenant["tenant_id"], made.knowledge_base.version, 10)
    with _service(tmp_path, tenant, pseudonyms=False):
        pass
    with _service(tmp_path, tenant, pseudonyms=True) as made:
        # Between the two, rows may have been stored as they came.
        assert await treat_stored(made.database, made.clock)


async def test_another_key_than_the_one_in_use_is_refused(tmp_path: Path, tenant: dict[str, Any]) -> None:
    with _service(tmp_path, tenant, pseudonyms=True):
        pass
    (tmp_path / "pseudonym.key").unlink()
    with pytest.raises(StoreError, match="another key"), _service(tmp_path, tenant, pseudonyms=True):
        pass


def test_nothing_is_treated_where_it_was_not_asked_for(tmp_path: Path) -> None:
    made = build(read_settings({"DIAG_DATA_DIR": str(tmp_path)}, tmp_path), clock=StoryClock())
    made.prepare_database()
    with made.database.read() as stores:
        assert stores.privacy.treated()
    made.close()
    assert not (tmp_path / "pseudonym.key").exists()
