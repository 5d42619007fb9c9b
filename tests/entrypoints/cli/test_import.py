"""``diag import``: what it says of a file, and that a kill in the middle costs nothing."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from diag.adapters.db.database import SqlDatabase
from diag.workflows.ports import FailureQuery
from tests.adapters.graph.exports.routes import TENANT, portal_csv, routes, sign_ins
from tests.conftest import Campaign
from tests.entrypoints.cli.conftest import Diag

RECORDS = sign_ins()
FAILED = {record["id"] for record in RECORDS if record["status"]["errorCode"]}
KEEP = "3650"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DIAG_TENANT_ID", TENANT)
    monkeypatch.setenv("DIAG_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DIAG_RETENTION_DAYS", KEEP)
    return tmp_path


def stored(folder: Path) -> list[str]:
    database = SqlDatabase(f"sqlite:///{folder / 'data' / 'diag.db'}")
    with database.read() as stores:
        found = [row.id for row in stores.failures.find(FailureQuery(tenant_id=TENANT, limit=100_000))]
    database.close()
    return found


def test_files_of_all_shapes_are_imported_and_nothing_twice(folder: Path, diag: Diag) -> None:
    for name, content in routes(RECORDS).items():
        (folder / name).write_bytes(content)
    first = diag("import", "InteractiveSignIns_2026-11-21.csv")
    assert first.code == 0, first.err
    assert f"{len(RECORDS)} records read" in first.out
    assert f"{len(FAILED)} new failures" in first.out
    others = diag("import", *(name for name in routes(RECORDS)))
    assert others.code == 0
    assert "imported already on" in others.out.splitlines()[0]
    assert others.out.count("0 new failures") == len(routes(RECORDS)) - 1
    assert sorted(stored(folder)) == sorted(FAILED)


def test_standard_input_is_imported(folder: Path, diag: Diag) -> None:
    said = diag("import", "-", "--json", stdin=routes(RECORDS)["az-rest.json"])
    (result,) = json.loads(said.out)["value"]
    assert (said.code, result["file"], result["stored"]) == (0, "standard input", len(FAILED))


def test_again_reads_a_file_once_more(folder: Path, diag: Diag) -> None:
    (folder / "a.csv").write_bytes(portal_csv(RECORDS))
    diag("import", "a.csv")
    said = diag("import", "a.csv", "--again", "--json")
    (result,) = json.loads(said.out)["value"]
    assert (result["read"], result["stored"], result["already_imported_at"]) == (len(RECORDS), 0, None)


def test_what_was_left_out_is_said_with_the_reason(folder: Path, diag: Diag, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIAG_RETENTION_DAYS", "1")
    old = RECORDS[1] | {"createdDateTime": "2020-01-01T00:00:00Z"}
    (folder / "a.json").write_text("\n".join((json.dumps(old), "{broken", json.dumps({"id": 1}), "")))
    said = diag("import", "a.json")
    assert said.code == 0
    assert "1 failures are older than DIAG_RETENTION_DAYS" in said.out
    assert "1 are neither sign-ins nor audit records" in said.out
    assert "1 could not be read:" in said.out
    assert "the line is not JSON" in said.out


def test_a_file_that_is_no_export_keeps_no_other_out(folder: Path, diag: Diag) -> None:
    (folder / "notes.txt").write_text("hello")
    (folder / "a.csv").write_bytes(portal_csv(RECORDS))
    said = diag("import", "notes.txt", "a.csv")
    assert said.code == 2
    assert "notes.txt: This is neither JSON nor CSV" in said.err
    assert sorted(stored(folder)) == sorted(FAILED)


def test_a_missing_file_stops_before_anything_is_read(folder: Path, diag: Diag) -> None:
    (folder / "a.csv").write_bytes(portal_csv(RECORDS))
    said = diag("import", "a.csv", "b.csv")
    assert (said.code, said.out) == (2, "")
    assert "There is no file b.csv" in said.err
    assert not (folder / "data").exists()


def test_without_a_tenant_nothing_goes_into_the_sample_s_database(
    folder: Path, diag: Diag, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DIAG_TENANT_ID")
    (folder / "a.csv").write_bytes(portal_csv(RECORDS))
    said = diag("import", "a.csv")
    assert said.code == 2
    assert "Set DIAG_TENANT_ID" in said.err


def test_with_several_tenants_it_asks_which(folder: Path, diag: Diag, monkeypatch: pytest.MonkeyPatch) -> None:
    other = "00000000-0000-4000-8000-000000000009"
    (folder / "config.yaml").write_text(
        f"tenants: [{{tenant_id: {other}, name: Fabrikam, client_id: x, managed_identity: true}}]"
    )
    monkeypatch.setenv("DIAG_CONFIG", "config.yaml")
    (folder / "a.csv").write_bytes(portal_csv(RECORDS))
    assert "Which tenant" in diag("import", "a.csv").err
    assert diag("import", "a.csv", "--tenant", "fabrikam").code == 0
    assert stored(folder) == []


def test_a_kill_in_the_middle_of_a_file_costs_nothing(folder: Path, campaign: Campaign) -> None:
    records = sign_ins(6_000)
    failed = {record["id"] for record in records if record["status"]["errorCode"]}
    generator = campaign.generator("import kills")
    shapes = routes(records)
    for _ in range(campaign.rounds(20)):
        name = generator.choice(["PT1H.json", "InteractiveSignIns_2026-11-21.csv", "az-rest.json", "query_data.csv"])
        (folder / name).write_bytes(shapes[name])
        _import_with_kills(folder, name, generator)
        found = stored(folder)
        assert sorted(found) == sorted(failed)
        for file in (folder / "data").iterdir():
            file.unlink()


def _import_with_kills(folder: Path, name: str, generator: random.Random) -> None:
    command = [sys.executable, "-m", "diag", "import", name, "--json"]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    for _ in range(2):
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
        time.sleep(generator.uniform(0.3, 2.5))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
