from datetime import timedelta

from msgspec.structs import replace

from diag.workflows.ports import Database
from diag.workflows.ports_files import ImportedFile
from tests.workflows.fakes import NOW, TENANT

FILE = ImportedFile(
    tenant_id=TENANT,
    name="logs/PT1H.json",
    version="etag-1",
    head="ab",
    position=3_000_000_000,
    grows=True,
    read=10,
    stored=4,
    updated_at=NOW,
)


def test_a_file_comes_back_as_it_was_kept(database: Database) -> None:
    with database.write() as stores:
        stores.files.save(FILE)
        stores.files.save(replace(FILE, position=4_000_000_000, finished=True, problem="?"))
    with database.read() as stores:
        assert stores.files.get(TENANT, FILE.name) == replace(FILE, position=4_000_000_000, finished=True, problem="?")
        assert stores.files.get("another", FILE.name) is None
        assert stores.files.get(TENANT, "other") is None


def test_files_of_long_ago_are_forgotten_in_small_steps(database: Database) -> None:
    with database.write() as stores:
        for number in range(5):
            stores.files.save(replace(FILE, name=str(number), updated_at=NOW - timedelta(days=number)))
        assert stores.files.delete_before(NOW - timedelta(days=1), 2) == 2
        assert stores.files.delete_before(NOW - timedelta(days=1), 2) == 1
        assert stores.files.delete_before(NOW - timedelta(days=1), 2) == 0
    with database.read() as stores:
        kept = [name for name in "01234" if stores.files.get(TENANT, name)]
    assert kept == ["0", "1"]
