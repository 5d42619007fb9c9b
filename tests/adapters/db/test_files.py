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
