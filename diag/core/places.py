"""Places a configuration may name into which another system writes sign-ins and audit records."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from msgspec import Struct


class FolderPlace(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="folder"):
    """A folder of this machine, with what lies below it."""

    name: str
    path: str
    tenant_id: str = ""
    """The tenant the records come from; may be left out while only one is watched."""


class BlobPlace(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="blobs"):
    """A blob container, such as ``insights-logs-signinlogs``, into which diagnostic settings write.

    Without a variable for a secret it is read as the host's own identity, with the role Storage Blob Data Reader.
    """

    name: str
    url: str
    """The container's address: ``https://<account>.blob.core.windows.net/<container>``."""
    prefix: str = ""
    """Only blobs whose names begin like this."""
    tenant_id: str = ""
    """The tenant the records come from; may be left out while only one is watched."""
    sas_env: str = ""
    """Name of the environment variable that holds a shared access signature (permissions read and list)."""
    connection_string_env: str = ""
    """Name of the environment variable that holds the storage account's connection string."""

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables it names."""
        return tuple(name for name in (self.sas_env, self.connection_string_env) if name)


Place = FolderPlace | BlobPlace


def problems(places: tuple[Place, ...], tenant_ids: tuple[str, ...]) -> Iterator[str]:
    """What is wrong with the places, each in a sentence."""
    names = [place.name for place in places]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"DIAG_CONFIG names the watched place {name} twice"
    for place in places:
        if place.tenant_id and place.tenant_id not in tenant_ids:
            yield f"DIAG_CONFIG: the watched place {place.name} names a tenant that is not watched"
        if not place.tenant_id and len(tenant_ids) > 1:
            yield f"DIAG_CONFIG: the watched place {place.name} must name its tenant_id, for several are watched"
        if isinstance(place, BlobPlace):
            yield from _of_blobs(place)


def _of_blobs(place: BlobPlace) -> Iterator[str]:
    parts = urlsplit(place.url)
    if parts.scheme not in ("https", "http") or not parts.hostname or not parts.path.strip("/"):
        yield f"DIAG_CONFIG: the watched place {place.name} needs url: https://<account>.blob.core.windows.net/<container>"
    elif parts.scheme == "http" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        yield f"DIAG_CONFIG: the watched place {place.name} must use https; plain http is accepted on loopback only"
    if parts.query:
        yield f"DIAG_CONFIG: the watched place {place.name} holds a signature in its url; name a variable with sas_env"
    if place.sas_env and place.connection_string_env:
        yield f"DIAG_CONFIG: the watched place {place.name} names two secrets; keep sas_env or connection_string_env"
