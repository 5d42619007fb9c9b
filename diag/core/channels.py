"""The channels a configuration may name. Secrets are named by environment variable, never written in the file."""

from typing import Literal

from msgspec import Struct


class EmailChannel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="email"):
    """Alerts by SMTP. ``security`` is how the connection is protected."""

    name: str
    host: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    """``none`` is for a relay that asks for no sign-in: a password is never sent in the clear."""
    sender: str
    recipients: tuple[str, ...]
    username: str = ""
    password_env: str = ""
    """Name of the environment variable that holds the password."""
    private_network: bool = False
    """The server may have an address of the organisation's own network."""


class WebhookChannel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="webhook"):
    """Alerts as signed JSON by the Standard Webhooks specification."""

    name: str
    url: str
    """``https``; plain ``http`` only for a receiver on this machine."""
    secret_env: str = ""
    """Name of the environment variable that holds the signing secret (``whsec_…``)."""
    private_network: bool = False
    """The receiver may have an address of the organisation's own network."""


Channel = EmailChannel | WebhookChannel
