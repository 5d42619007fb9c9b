"""Channels: where alerts go, how they are doing, and the button that tries them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import quote

from msgspec import Struct

from diag.core.alerts import ChannelState
from diag.core.channels import Channel, EmailChannel, described
from diag.render import times, words
from diag.render.times import Moment
from diag.render.words import Badge


class ChannelLine(Struct, frozen=True, kw_only=True):
    name: str
    kind: str
    target: str
    protection: str
    confirms: bool
    state: Badge
    because: str
    """What the receiver said while it fails or is disabled."""
    since: Moment | None
    delivered: Moment | None
    waiting: int
    test_href: str


def channel_lines(
    channels: Sequence[Channel],
    secrets: Mapping[str, str],
    states: Mapping[str, ChannelState],
    waiting: Mapping[str, int],
    now: datetime,
) -> tuple[ChannelLine, ...]:
    """The configured channels, in the order of the configuration; ``waiting``: deliveries that are not out yet."""
    return tuple(
        _line(channel, secrets, states.get(channel.name), waiting.get(channel.name, 0), now) for channel in channels
    )


def _line(
    channel: Channel, secrets: Mapping[str, str], state: ChannelState | None, waiting: int, now: datetime
) -> ChannelLine:
    told = described(channel, secrets)
    state = state or ChannelState(name=channel.name)
    word = (
        "disabled" if state.disabled_at else "failing" if state.failures else "tried" if state.delivered_at else "new"
    )
    # What is shown here is shown to who may see the pages: recipients, but never an address that is itself a secret.
    target = f"{', '.join(channel.recipients)} by {told.target}" if isinstance(channel, EmailChannel) else told.target
    return ChannelLine(
        name=channel.name,
        kind=words.CHANNEL_KINDS[told.kind],
        target=target,
        protection=words.PROTECTIONS.get(told.protection, told.protection),
        confirms=told.confirms,
        state=words.CHANNEL_STATES[word],
        because=(state.disabled_because or state.answer) if word in ("disabled", "failing") else "",
        since=times.maybe((state.disabled_at or state.failed_at) if word in ("disabled", "failing") else None, now),
        delivered=times.maybe(state.delivered_at, now),
        waiting=waiting,
        test_href=f"/alerts/channels/{quote(channel.name, safe='')}/test",
    )
