import asyncio
import base64
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook as Verifier

from diag.adapters.notify.channels import build
from diag.adapters.notify.webhook import Webhook
from diag.core.alerts import Message
from diag.core.channels import WebhookChannel
from diag.core.errors import NotifyError
from tests.adapters.notify.conftest import server_context, several
from tests.adapters.notify.receiver import Answer, http, receiver
from tests.workflows.fakes import FakeClock

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()


def _channel(url: str, secret: str = SECRET, *, sample: bool = False) -> Webhook:
    channel = WebhookChannel(name="hook", url=url, secret_env="HOOK_SECRET")
    made = build(channel, {"HOOK_SECRET": secret}, sample, FakeClock(datetime.now(UTC)))
    assert isinstance(made, Webhook)
    return made


async def _refusal(answer: Answer, message: Message) -> NotifyError:
    async with receiver(answer) as running:
        with pytest.raises(NotifyError) as refused:
            await _channel(f"http://127.0.0.1:{running.port}/x").send(message)
    return refused.value


async def test_the_independent_library_verifies_what_arrives(message: Message) -> None:
    async with receiver(http("202 Accepted")) as running:
        channel = _channel(f"http://127.0.0.1:{running.port}/alerts?x=1")
        assert await channel.send(message) == "HTTP 202"
        assert await channel.send(message) == "HTTP 202"
    (headers, body), (again, _) = running.taken
    given = Verifier(SECRET).verify(body, headers)
    assert headers["webhook-id"] == again["webhook-id"] == message.id
    assert headers["host"] == f"127.0.0.1:{running.port}"
    assert given["type"] == "alert.credential_ending"
    assert given["data"]["subject"] == message.alert.subject
    assert given["data"]["link"] == "https://diag.contoso.example/applications/a?tenant_id=contoso.example"
    assert given["data"]["sample_tenant"] is False
    assert len(body) < 20_000
    with pytest.raises(Exception, match="signature"):
        Verifier(SECRET).verify(body.replace(b"Orders", b"Others"), headers)


async def test_many_alerts_are_one_message_below_twenty_kilobytes_that_says_what_it_left_out() -> None:
    async with receiver(http("202 Accepted")) as running:
        for number in (2, 1000):
            await _channel(f"http://127.0.0.1:{running.port}/").send(several(number, "漢" * 100))
    for headers, body in running.taken:
        assert len(body) < 20_000
        Verifier(SECRET).verify(body, headers)
    few, many = (given["data"] for given in running.bodies())
    assert (len(few["alerts"]), few["left_out"]) == (2, 0)
    assert len(many["alerts"]) + many["left_out"] == 1000
    assert many["link"] == "https://diag.contoso.example/alerts"


async def test_without_a_secret_nothing_is_signed(message: Message) -> None:
    async with receiver(http("204 No Content")) as running:
        await _channel(f"http://localhost:{running.port}/", "").send(message)
    assert "webhook-signature" not in running.taken[0][0]


@pytest.mark.parametrize("status", ["400", "401", "403", "404", "408", "413", "422", "429", "500", "503"])
async def test_a_refusal_is_tried_again_and_its_words_are_kept(message: Message, status: str) -> None:
    refused = await _refusal(http(f"{status} No", body=b"first\nsecond \x1b[2J"), message)
    assert not refused.permanent
    assert str(refused) == f"The receiver answered HTTP {status}: first second [2J."


async def test_a_receiver_that_is_gone_is_left_alone(message: Message) -> None:
    assert (await _refusal(http("410 Gone"), message)).permanent


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("600", 600.0), ("0", 0.0), ("-5", None), ("soon", None), ("", None), ("9" * 400, float("inf")), ("²", None)],
)
async def test_the_time_a_receiver_asks_for_is_read(message: Message, value: str, seconds: float | None) -> None:
    answer = http("429 Slow", f"retry-after: {value}".encode().decode("latin-1"))
    assert (await _refusal(answer, message)).retry_after == seconds


async def test_a_date_a_receiver_asks_for_is_read_and_one_of_the_past_is_now(message: Message) -> None:
    refused = await _refusal(http("503 Down", "retry-after: Fri, 31 Dec 2999 23:59:59 GMT"), message)
    assert (refused.retry_after or 0) > 10**9
    refused = await _refusal(http("503 Down", "retry-after: Wed, 21 Oct 2015 07:28:00 GMT"), message)
    assert refused.retry_after == 0


async def test_a_redirect_is_not_followed(message: Message) -> None:
    async with receiver(http("200 OK")) as target:
        to = f"location: http://127.0.0.1:{target.port}/"
        for status in ("301 Moved", "302 Found", "307 Temporary", "308 Permanent"):
            refused = await _refusal(http(status, to), message)
            assert not refused.permanent
            assert "Redirects are not followed" in refused.hint
    assert target.taken == []


async def _endless(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 500 No\r\n\r\n")
    while not writer.is_closing():
        writer.write(b"x" * 65536)
        await writer.drain()


async def test_an_endless_answer_is_read_no_further_than_its_beginning(message: Message) -> None:
    refused = await asyncio.wait_for(_refusal(_endless, message), 5)
    assert len(str(refused)) < 300


async def test_a_compressed_refusal_is_not_unpacked(message: Message) -> None:
    refused = await _refusal(http("500 No", "content-encoding: gzip", body=b"\x1f\x8b"), message)
    assert str(refused) == "The receiver answered HTTP 500."


async def _drip(writer: asyncio.StreamWriter) -> None:
    for byte in b"HTTP/1.1 200 OK\r\nx: " + b"y" * 1000:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.02)


async def test_a_receiver_that_drips_is_given_up(message: Message) -> None:
    async with receiver(_drip) as running:
        channel = WebhookChannel(name="hook", url=f"http://127.0.0.1:{running.port}/")
        with pytest.raises(NotifyError, match="took more than"):
            await Webhook(channel, "", FakeClock(), sample=False, within=0.2).send(message)


async def _hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()


@pytest.mark.parametrize("answer", [_hang_up, b"HTTP/1.1 200", b"<html>", b"\x00" * 100])
async def test_what_is_no_answer_is_no_acceptance(message: Message, answer: Answer) -> None:
    refused = await _refusal(answer, message)
    assert not refused.permanent


async def test_nobody_there_is_tried_again(message: Message) -> None:
    async with receiver(http("200 OK")) as running:
        port = running.port
    with pytest.raises(NotifyError, match="could not be reached") as refused:
        await _channel(f"http://127.0.0.1:{port}/").send(message)
    assert not refused.value.permanent


async def test_a_certificate_must_be_trusted_and_name_the_host(message: Message, trusted: Path) -> None:
    async with receiver(http("200 OK"), server_context(trusted, "good")) as running:
        assert await _channel(f"https://localhost:{running.port}/").send(message) == "HTTP 200"
    async with receiver(http("200 OK"), server_context(trusted, "other")) as running:
        with pytest.raises(NotifyError, match="could not be reached"):
            await _channel(f"https://localhost:{running.port}/").send(message)
    assert running.taken == []


async def test_an_untrusted_certificate_gets_nothing(message: Message, authority: Path) -> None:
    async with receiver(http("200 OK"), server_context(authority, "good")) as running:
        with pytest.raises(NotifyError, match="could not be reached"):
            await _channel(f"https://localhost:{running.port}/").send(message)
    assert running.taken == []


async def test_the_sample_tenants_alerts_reach_a_receiver_here_and_say_what_they_are(message: Message) -> None:
    sample = Message(id="i", alerts=message.alerts, public_url="", sample=True)
    async with receiver(http("200 OK")) as running:
        assert await _channel(f"http://127.0.0.1:{running.port}/", sample=True).send(sample) == "HTTP 200"
    assert json.loads(running.taken[0][1])["data"]["sample_tenant"] is True
    with pytest.raises(NotifyError, match="never leave this machine") as refused:
        await _channel("https://192.0.2.1/", sample=True).send(sample)
    assert refused.value.permanent


@pytest.mark.parametrize("url", ["http://192.0.2.1/", "http://hooks.contoso.example/"])
async def test_plain_http_never_leaves_this_machine(url: str) -> None:
    with pytest.raises(NotifyError, match="encrypted only"):
        _channel(url)


@pytest.mark.parametrize(
    "url", ["ftp://h.example/", "https://", "h.example", "https://u:p@h.example/", "https://h:99999/", "https://h\n.x/"]
)
def test_an_address_that_cannot_work_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(NotifyError, match="hook"):
        _channel(url)


def test_a_secret_that_is_no_base64_is_refused_at_the_start_without_being_shown() -> None:
    with pytest.raises(NotifyError, match="not base64") as refused:
        _channel("https://h.example/", "whsec_very*secret")
    assert "very" not in f"{refused.value} {refused.value.hint}"
    assert "HOOK_SECRET" in refused.value.hint
