"""The channels a configuration may name. Secrets are named by environment variable, never written in the file."""

import hashlib
from collections.abc import Mapping
from typing import Literal, assert_never
from urllib.parse import urlsplit

import msgspec
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


class TeamsChannel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="teams"):
    """Alerts as an Adaptive Card, by a workflow that posts to a Teams channel or chat."""

    name: str
    url_env: str
    """Name of the environment variable that holds the workflow's address: who knows it may post, so it is a secret."""
    private_network: bool = False
    """The address may be one of the organisation's own network, such as a proxy of its own."""


class SlackChannel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="slack"):
    """Alerts to Slack: by an incoming webhook (``url_env``), or as a bot (``token_env`` and ``channel``)."""

    name: str
    url_env: str = ""
    """Name of the environment variable that holds the incoming webhook's address, which is a secret."""
    token_env: str = ""
    """Name of the environment variable that holds the bot's token (``xoxb-…``, scope ``chat:write``)."""
    channel: str = ""
    """ID of the channel the bot writes to, such as ``C0123456789``; the bot must be a member."""
    api_url: str = "https://slack.com/api"
    """Where the bot's requests go; another one for GovSlack."""
    private_network: bool = False


class PagerDutyChannel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="pagerduty"):
    """Alerts as events for PagerDuty (Events API v2), resolved when all is clear."""

    name: str
    routing_key_env: str
    """Name of the environment variable that holds the integration's key, 32 characters."""
    url: str = "https://events.pagerduty.com/v2/enqueue"
    """``https://events.eu.pagerduty.com/v2/enqueue`` for accounts in the European service region."""
    private_network: bool = False


class AppriseChannel(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="apprise"):
    """Alerts by Apprise, for services that have no channel of their own here; needs the extra ``apprise``."""

    name: str
    url_env: str
    """Name of the environment variable that holds the Apprise address, such as ``tgram://token/chat``: a secret."""
    private_network: bool = False
    """The service may have an address of the organisation's own network."""


Channel = EmailChannel | WebhookChannel | TeamsChannel | SlackChannel | PagerDutyChannel | AppriseChannel


class Described(Struct, frozen=True, kw_only=True):
    """A channel as people may see it: no secret, no path of an address, no recipient."""

    kind: str
    target: str
    """Host and port, or the service of Apprise; empty when they stand in a secret that is not set."""
    protection: str
    """How what is sent is protected: starttls, tls, none, signed, unsigned, secret address, token, key."""
    confirms: bool
    """The answer of the receiver means that people can see the message; otherwise it only means that it was taken."""


def described(channel: Channel, secrets: Mapping[str, str]) -> Described:
    """The channel as people may see it; ``secrets`` are the values of the variables that the configuration names."""
    match channel:
        case EmailChannel():
            target = f"{_bracketed(channel.host)}:{channel.port}"
            return Described(kind="email", target=target, protection=channel.security, confirms=False)
        case WebhookChannel():
            protection = "signed" if channel.secret_env else "unsigned"
            return Described(kind="webhook", target=_target(channel.url), protection=protection, confirms=True)
        case TeamsChannel():
            target = _target(secrets.get(channel.url_env, ""))
            return Described(kind="teams", target=target, protection="secret address", confirms=False)
        case SlackChannel():
            target = _target(channel.api_url if channel.token_env else secrets.get(channel.url_env, ""))
            protection = "token" if channel.token_env else "secret address"
            return Described(kind="slack", target=target, protection=protection, confirms=True)
        case PagerDutyChannel():
            return Described(kind="pagerduty", target=_target(channel.url), protection="key", confirms=False)
        case AppriseChannel():
            scheme = secrets.get(channel.url_env, "").partition("://")[0]
            target = scheme if scheme.isalnum() and scheme.isascii() and len(scheme) < 20 else ""
            return Described(kind="apprise", target=target, protection="secret address", confirms=False)
        case _:
            assert_never(channel)


def secret_names(channel: Channel) -> tuple[str, ...]:
    """Names of the environment variables that a channel's configuration points to."""
    named = (getattr(channel, field) for field in channel.__struct_fields__ if field.endswith("_env"))
    return tuple(name for name in named if name)


def _target(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return ""
    return f"{_bracketed(parts.hostname)}:{port}" if parts.hostname else ""


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def digest_of(channel: Channel) -> str:
    """A few characters that change with the channel's configuration; the secrets it names are no part of it."""
    return hashlib.sha256(msgspec.json.encode(channel)).hexdigest()[:16]
