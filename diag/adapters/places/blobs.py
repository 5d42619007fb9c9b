"""A blob container into which diagnostic settings write records: the ``WatchedPlace`` port."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.identity import DefaultAzureCredential
from azure.storage.blob import ContainerClient

from diag.core.errors import AuthenticationFailed, NotFound, PermissionLost, Unreachable
from diag.core.places import BlobPlace
from diag.workflows.ports_files import SourceFile

if TYPE_CHECKING:
    from diag.core.errors import SourceError

_IN_MEMORY = 8 << 20
"""Bytes of a blob that are kept in memory; the rest of a larger one lies in a temporary file while it is read."""
_PATIENCE = 30
"""Seconds for an answer."""


class Blobs:
    """Every blob of a container, or those below a prefix."""

    def __init__(self, place: BlobPlace, sas: str = "", connection_string: str = "") -> None:
        self._place = place
        # One attempt: the next round comes soon, and a state that is named beats one that is waited for.
        options: dict[str, Any] = {"retry_total": 0, "connection_timeout": _PATIENCE, "read_timeout": _PATIENCE}
        if connection_string:
            container = place.url.rstrip("/").rpartition("/")[2]
            self._client = ContainerClient.from_connection_string(connection_string, container, **options)
        else:
            credential = sas.removeprefix("?") or DefaultAzureCredential(exclude_interactive_browser_credential=True)
            self._client = ContainerClient.from_container_url(place.url, credential=credential, **options)

    @property
    def name(self) -> str:
        return self._place.name

    def files(self) -> Iterator[SourceFile]:
        with self._named_errors():
            for blob in self._client.list_blobs(name_starts_with=self._place.prefix or None):
                yield SourceFile(name=blob.name, version=str(blob.etag), modified=blob.last_modified)

    def open(self, file: SourceFile) -> BinaryIO:
        kept = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115  the caller closes it
        with self._named_errors():
            self._client.download_blob(file.name).readinto(cast("BinaryIO", kept))
        kept.seek(0)
        return cast("BinaryIO", kept)

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except AzureError as error:
            raise self._named(error) from error

    def _named(self, error: AzureError) -> "SourceError":
        where = f"The blob container {self._place.url}"
        if isinstance(error, ResourceNotFoundError):
            return NotFound(f"{where} is not there.", hint="Correct its url in the file that DIAG_CONFIG names.")
        if isinstance(error, HttpResponseError) and error.status_code == 403:
            return PermissionLost(
                f"{where} may not be read.",
                hint="Grant the role Storage Blob Data Reader on it, or renew the signature that sas_env names.",
            )
        if isinstance(error, ClientAuthenticationError):
            return AuthenticationFailed(
                f"{where} refused the credential.",
                hint="Give the host an identity, or name a variable with sas_env or connection_string_env.",
            )
        return Unreachable(
            f"{where} did not answer: {type(error).__name__}.", hint="Check the network and the address."
        )
