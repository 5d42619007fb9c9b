"""The flat records that collecting stores and grouping counts."""

from datetime import datetime

from msgspec import Struct


class FailureRow(Struct, frozen=True, kw_only=True):
    """One failed or interrupted sign-in as the log gave it; empty strings where the log gave nothing.

    The natural key is (tenant_id, id). Text in it is untrusted.
    """

    tenant_id: str
    id: str
    created_at: datetime
    event_type: str
    """interactiveUser, nonInteractiveUser, servicePrincipal, managedIdentity; several are joined by commas."""
    error_code: int
    interrupt: bool
    """The sign-in paused for more and may have gone on; not a failure."""
    failure_reason: str = ""
    app_id: str = ""
    app_display_name: str = ""
    service_principal_id: str = ""
    resource_id: str = ""
    resource_display_name: str = ""
    correlation_id: str = ""
    user_id: str = ""
    user_principal_name: str = ""
    ip_address: str = ""
    user_agent: str = ""
    client_app_used: str = ""
    is_interactive: bool | None = None
    conditional_access_status: str = ""
    credential_key_id: str = ""
    credential_thumbprint: str = ""
    credential_type: str = ""
    federated_credential_id: str = ""
    home_tenant_id: str = ""
    resource_tenant_id: str = ""
    protocol: str = ""
    country: str = ""
    raw: bytes = b""
    """The record as Graph sent it, so that unknown properties and enum values survive."""


class SuccessCount(Struct, frozen=True, kw_only=True):
    """Successful application sign-ins of one hour; successes themselves are not stored."""

    hour: datetime
    app_id: str
    credential_key_id: str
    resource_id: str
    count: int
    last_at: datetime
    """The last of them."""
