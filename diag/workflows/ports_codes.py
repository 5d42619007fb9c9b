"""What the stored incidents say of codes, whatever the knowledge base knows of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct


class SeenCode(Struct, frozen=True, kw_only=True):
    """A code as one tenant met it; counts go on when the sign-ins themselves are no longer kept."""

    tenant_id: str
    code: int
    count: int
    first_seen: datetime
    last_seen: datetime


class SeenApplication(Struct, frozen=True):
    app_id: str
    display_name: str
    """As the sign-in log gave it; untrusted."""
    count: int


class SeenCodeStore(Protocol):
    def codes(self, tenant_id: str | None) -> Sequence[SeenCode]:
        """Every code of every tenant's incidents, latest seen first, then by code and tenant."""

    def applications(self, tenant_id: str, code: int, limit: int) -> Sequence[SeenApplication]:
        """The applications that met it, most failures first."""
