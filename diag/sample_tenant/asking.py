"""One request to Graph, with what all its handlers need."""

from dataclasses import dataclass
from typing import Any

import msgspec

from diag.sample_tenant.graph_errors import GraphError
from diag.sample_tenant.registrations import Properties
from diag.sample_tenant.signin_rows import Dialect
from diag.sample_tenant.tenant import Tenant


@dataclass(frozen=True)
class Asking:
    """A request after its token was accepted."""

    tenant: Tenant
    beta: bool
    base: str
    """`http://host:port/v1.0` or `/beta`, as the caller addressed it."""
    path: str
    """The path below the version, as given."""
    options: dict[str, str]
    """Query options; names in lower case, with their dollar sign."""
    app_id: str
    late_members: bool
    eventual: bool
    """Whether the request has `ConsistencyLevel: eventual`."""

    @property
    def url(self) -> str:
        """Gives the address that was asked, without query options."""
        return f"{self.base}/{self.path}"

    @property
    def dialect(self) -> Dialect:
        """Gives the form in which sign-in rows are to be written."""
        return Dialect(self.beta, self.late_members, self.tenant.options.key_ids, self.tenant.tenant_id)

    def context(self, of: str) -> str:
        """Gives the metadata link of an answer."""
        return f"{self.base}/$metadata#{of}"

    def top(self, default: int, most: int) -> int:
        """Reads `$top`; raises GraphError 400 when it is not a positive number or larger than Graph serves."""
        text = self.options.get("$top")
        if text is None:
            return default
        if not text.isdecimal() or not 0 < int(text[:9]) <= most:
            raise GraphError(
                400, "Request_UnsupportedQuery",
                f"Invalid page size specified: '{text}'. Must be between 1 and {most} inclusive.",
            )  # fmt: skip
        return int(text)


def encode(answer: Any) -> bytes:
    """Writes an answer as JSON."""
    return msgspec.json.encode(answer)


def collection(context: str, rows: list[bytes], **links: str | int | None) -> bytes:
    """Writes a page from rows that are JSON already; `links` are written with the prefix `@odata.`."""
    head = {"@odata.context": context} | {f"@odata.{name}": value for name, value in links.items() if value is not None}
    return encode(head)[:-1] + b',"value":[' + b",".join(rows) + b"]}"


def selected(properties: Properties, select: str | None) -> Properties:
    """Keeps the properties named in `$select`, and the id as Graph does not leave it out of lists here."""
    if select is None:
        return properties
    names = {name.strip() for name in select.split(",")} | {"id", "@odata.type"}
    return {name: value for name, value in properties.items() if name in names}
