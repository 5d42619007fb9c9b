"""The channels a configuration may name. Secrets are named by environment variable, never written in the file."""

from typing import Literal

from msgspec import Struct


class EmailChannel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="email"):
    """Alerts by SMTP. ``security`` is how the connection is protected."""

    name: str
    host: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    sender: str
    recipients: tuple[str, ...]
    username: str = ""
    password_env: str = ""
    """Name of the environment variable that holds the password."""


class WebhookChannel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="webhook"):
    """Alerts as signed JSON by the Standard Webhooks specification."""

    name: str
    url: str
    secret_env: str = ""
    """Name of the environment variable that holds the signing secret (``whsec_…``)."""


Channel = EmailChannel | WebhookChannel
