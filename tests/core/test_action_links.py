from datetime import timedelta

import pytest
from msgspec.structs import replace

from diag.core.action_links import LONGEST_TOKEN, Link, expiry, read, signed
from tests.conftest import Campaign
from tests.workflows.fakes import NOW

KEY = b"k" * 32
LINK = Link(alert_id="a1", action="snooze", days=7, reader="ada@contoso.example", expires=expiry(NOW, 14))


def test_a_link_is_read_as_it_was_signed_and_is_the_same_each_time() -> None:
    token = signed(LINK, KEY)
    assert read(token, KEY, NOW) == LINK
    assert signed(LINK, KEY) == token
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


@pytest.mark.parametrize(("after", "good"), [(timedelta(days=14, microseconds=-1), True), (timedelta(days=14), False)])
def test_a_link_expires(after: timedelta, good: bool) -> None:
    assert (read(signed(LINK, KEY), KEY, NOW + after) is not None) is good


def test_another_key_reads_nothing() -> None:
    assert read(signed(LINK, b"x" * 32), KEY, NOW) is None


def test_no_change_of_a_link_is_taken(campaign: Campaign) -> None:
    chance = campaign.generator("links")
    token = signed(LINK, KEY)
    body, _, signature = token.partition(".")
    other = signed(replace(LINK, days=3650), KEY).partition(".")[0]
    forged = ["", ".", body, f"{body}.", f".{signature}", f"{other}.{signature}", token + "=", "é" + token, "x" * 5000]
    for _ in range(campaign.rounds(20_000)):
        at = chance.randrange(len(token))
        forged.append(token[:at] + chance.choice("AZaz09-_.~\n ") + token[at + 1 :])
    for given in forged:
        found = read(given, KEY, NOW)
        # The last character of base64 carries bits that count for nothing.
        assert found is None or found == LINK, given
    assert len(token) < LONGEST_TOKEN


def test_links_of_different_alerts_actions_and_readers_are_used_up_apart() -> None:
    others = [replace(LINK, alert_id="a2"), replace(LINK, action="acknowledge"), replace(LINK, reader="ben")]
    assert len({link.id for link in (LINK, *others)}) == 4
    assert replace(LINK).id == LINK.id
