"""What is kept about the connections to tenants, and of what somebody was told about their coverage."""

from collections.abc import Sequence
from typing import Protocol

from diag.core.coverage_changes import Trouble
from diag.core.graph_permissions import Connection


class CoverageStore(Protocol):
    def connection(self, tenant_id: str) -> Connection | None:
        """What the connection to the tenant was last seen to be; None before the first look."""

    def save_connection(self, tenant_id: str, connection: Connection) -> None:
        """Keep what was seen; permissions and clock that were not seen this time leave the earlier ones in place."""

    def troubles(self, tenant_id: str) -> Sequence[Trouble]:
        """What stands, as it was last judged, oldest first."""

    def save_troubles(self, tenant_id: str, troubles: Sequence[Trouble]) -> None:
        """Keep exactly these."""
