import asyncio
import contextlib
import email
import email.policy
import ssl
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from msgspec.structs import replace

from diag.adapters.notify.channels import build
from diag.adapters.notify.email import Email
from diag.core.alerts import Message
from diag.core.channels import EmailChannel
from diag.core.errors import NotifyError
from diag.workflows.deliver import RETRY_AFTER, Deliverer
from tests.adapters.notify.conftest import named, server_context, several
from tests.workflows.fakes import NOW, FakeClock
from tests.workflows.memory_database import MemoryDatabase


class Box:
    """What a mail server was given, and what it answers to a recipient or to the mail."""

    def __init__(self, *, rcpt: dict[str, str] | None = None, data: str = "250 taken") -> None:
        self.mails: list[EmailMessage] = []
        self.signed_in: list[str] = []
        self._rcpt, self._data = rcpt or {}, data

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self._rcpt.get(address, "250 fine")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        if self._data.startswith("250"):
            self.mails.append(email.message_from_bytes(content, policy=email.policy.default))
        return self._data

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        self.signed_in.append(data.login.decode())
        return AuthResult(success=data.password == b"right", handled=False)


@contextlib.asynccontextmanager
async def server(
    box: Box, *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    """A real mail server on this machine; gives its port."""
    loop = asyncio.get_running_loop()
    sessions: list[SMTP] = []

    def session() -> SMTP:
        sessions.append(
            SMTP(
                box,
                hostname="mail.contoso.example",
                authenticator=box.authenticate,
                auth_require_tls=starttls is not None,
                tls_context=starttls,
                require_starttls=starttls is not None,
                loop=loop,
            )
        )
        return sessions[-1]

    listening = await loop.create_server(session, "127.0.0.1", 0, ssl=tls)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()
        for open_session in sessions:
            if open_session.transport is not None:
                open_session.transport.abort()
        await asyncio.sleep(0.01)


def _channel(port: int, security: str = "none", **more: Any) -> EmailChannel:
    given = {"host": "127.0.0.1", "sender": "diag@contoso.example", "recipients": ("ada@contoso.example",)} | more
    return EmailChannel(name="mail", port=port, security=security, **given)  # type: ignore[arg-type]


async def _send(message: Message, channel: EmailChannel, password: str = "", *, sample: bool = False) -> str:
    return await build(channel, {channel.password_env: password}, sample, FakeClock()).send(message)


async def test_an_alert_arrives_as_text_and_html_of_the_same_words(message: Message) -> None:
    box = Box()
    async with server(box) as port:
        channel = _channel(port, recipients=("ada@contoso.example", "Bo <bo@contoso.example>"))
        assert await _send(message, channel) == "accepted"
        assert await _send(message, channel) == "accepted"
    mail, again = box.mails
    assert mail["Subject"] == "Orders & more: client secret ends in 7 days"
    assert (mail["From"], mail["To"]) == ("diag@contoso.example", "ada@contoso.example, Bo <bo@contoso.example>")
    assert mail["Message-ID"] == again["Message-ID"] == f"<{message.id}@aadsts-diag.invalid>"
    assert mail["Date"].datetime == NOW
    assert mail["Auto-Submitted"] == "auto-generated"
    plain, rich = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert rich is not None
    link = "https://diag.contoso.example/applications/a?tenant_id=contoso.example"
    assert plain.get_content().replace("\r\n", "\n") == f"{message.alert.body}\n{link}\n"
    assert f'href="{link}"' in rich.get_content()
    assert "Orders &amp; more (a)" in rich.get_content()
    assert mail["List-Id"] == "aadsts-diag alerts <alerts.aadsts-diag.contoso.example>"
    assert mail["X-Auto-Response-Suppress"] == "All"


async def test_text_and_html_say_the_same_in_the_readers_zone(rich: Message) -> None:
    box = Box()
    async with server(box) as port:
        await _send(rich, _channel(port))
    (mail,) = box.mails
    plain, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert page is not None
    assert plain.get_content().replace("\r\n", "\n") == (
        "Application: Orders & more (a)\n"
        "Credential: client secret “Orders & more”\n"
        "End: 2026-11-29 11:00 CET in 7 days\n"
        "- 2026-11-22 11:00 CET Orders & more too\n"
        "  https://diag.contoso.example/applications/b\n"
        "You own Orders & more.\n"
        "\n"
        "What to do, in this order:\n"
        "1. Add a new one.\n"
        "2. Give its value to Orders & more.\n"
        "\n"
        "https://diag.contoso.example/applications/a?tenant_id=contoso.example\n"
        "\n"
        "Acknowledge: https://diag.contoso.example/act/1\n"
        "\n"
        "Snooze for a week: https://diag.contoso.example/act/2\n"
    )
    for said in (
        "2026-11-29 11:00 CET",
        "What to do, in this order:",
        "Give its value to Orders &amp; more.",
        "/act/2",
    ):
        assert said in page.get_content()


async def test_alerts_about_one_thing_are_one_conversation(rich: Message) -> None:
    box = Box()
    sooner = replace(rich, id="other", alerts=(replace(rich.alert, key="tenant|o|k0|1"),))
    async with server(box) as port:
        for message in (rich, sooner, named("Orders", 5), several(2)):
            await _send(message, _channel(port))
    first, second, other, many = box.mails
    assert first["References"] == second["References"] != other["References"]
    assert first["Message-ID"] != second["Message-ID"]
    assert many["References"] is None


async def test_a_thousand_alerts_are_one_mail_that_no_program_cuts(message: Message) -> None:
    box = Box()
    async with server(box) as port:
        await _send(several(1000), _channel(port))
    (mail,) = box.mails
    plain, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert page is not None
    assert plain.get_content().count("client secret ends") == 1000
    assert len(page.get_content().encode()) < 102 * 1024
    assert page.get_content().count("client secret ends") > 200
    assert "more lines are on the page." in page.get_content()
    assert mail["Subject"] == "Orders & more 0: client secret ends in 7 days, and 999 more alerts"


async def test_a_person_whom_the_directory_names_gets_the_mail_alone(rich: Message) -> None:
    box = Box()
    async with server(box) as port:
        await _send(replace(rich, recipient="bo@contoso.example"), _channel(port))
    assert box.mails[0]["To"] == "bo@contoso.example"


@pytest.mark.parametrize(
    "address",
    ["a@contoso.example, b@contoso.example", "a@contoso.example\r\nBcc: b@contoso.example", "Ada <a@contoso.example>",
     "=?utf-8?q?a=2C_b?=@contoso.example", "nobody", "@contoso.example", "a@localhost", "ä@contoso.example",
     "a b@c.example"],
)  # fmt: skip
async def test_an_address_in_the_directory_that_is_more_than_one_gets_nothing(rich: Message, address: str) -> None:
    box = Box()
    async with server(box) as port:
        with pytest.raises(NotifyError, match="mail address") as refused:
            await _send(replace(rich, recipient=address), _channel(port))
    assert refused.value.permanent
    assert not refused.value.disables
    assert box.mails == []


@pytest.mark.parametrize(
    "evil", ["a\r\nBcc: all@contoso.example", "a\nb", "a\u2028b", "\u202eevil", "a\x00b", "é" * 300, "x" * 5000]
)
async def test_a_name_cannot_write_a_header_or_markup(message: Message, evil: str) -> None:
    box = Box()
    alert = replace(message.alert, subject=evil, body=f"<script>{evil}</script>\n")
    async with server(box) as port:
        await _send(replace(message, alerts=(alert,)), _channel(port))
    (mail,) = box.mails
    assert mail["Bcc"] is None
    assert mail["Subject"].isprintable()
    assert len(mail["Subject"]) <= 160
    rich = mail.get_body(("html",))
    assert rich is not None
    assert "<script>" not in rich.get_content()


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_mail_goes_encrypted_to_a_server_whose_certificate_is_trusted_and_names_it(
    message: Message, trusted: Path, security: str, host: str
) -> None:
    box, context = Box(), server_context(trusted, "good")
    async with server(box, **{security: context}) as port:
        channel = _channel(port, security, host=host, username="diag", password_env="MAIL_PASSWORD")
        assert await _send(message, channel, "right") == "accepted"
    assert (len(box.mails), box.signed_in) == (1, ["diag"])


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("certificate", ["other", "untrusted"])
async def test_a_certificate_of_another_host_or_authority_gets_neither_password_nor_mail(
    message: Message, authority: Path, monkeypatch: pytest.MonkeyPatch, security: str, certificate: str
) -> None:
    if certificate == "other":
        monkeypatch.setenv("SSL_CERT_FILE", str(authority / "ca.pem"))
    box = Box()
    context = server_context(authority, "other" if certificate == "other" else "good")
    async with server(box, **{security: context}) as port:
        channel = _channel(port, security, host="localhost", username="diag", password_env="MAIL_PASSWORD")
        with pytest.raises(NotifyError, match="SSLCertVerificationError") as refused:
            await _send(message, channel, "right")
    assert not refused.value.permanent
    assert (box.mails, box.signed_in) == ([], [])


async def test_a_server_without_starttls_gets_nothing_in_the_clear(message: Message) -> None:
    box = Box()
    async with server(box) as port:
        channel = _channel(port, "starttls", username="diag", password_env="MAIL_PASSWORD")
        with pytest.raises(NotifyError, match="SMTPNotSupportedError"):
            await _send(message, channel, "right")
    assert (box.mails, box.signed_in) == ([], [])


async def test_a_wrong_password_is_tried_again_and_never_shown(message: Message, trusted: Path) -> None:
    box = Box()
    async with server(box, starttls=server_context(trusted, "good")) as port:
        channel = _channel(port, "starttls", username="diag", password_env="MAIL_PASSWORD")
        for password, problem in (("wrong", "refused the sign-in"), ("wröng", "UnicodeEncodeError")):
            with pytest.raises(NotifyError, match=problem) as refused:
                await _send(message, channel, password)
            assert not refused.value.permanent
            assert password not in f"{refused.value} {refused.value.hint}"


@pytest.mark.parametrize(("answer", "permanent"), [("550 unknown", True), ("450 later", False)])
async def test_a_refusal_of_every_recipient_is_final_only_when_the_server_says_so(
    message: Message, answer: str, permanent: bool
) -> None:
    async with server(Box(rcpt={"ada@contoso.example": answer})) as port:
        (refused,) = await asyncio.gather(_send(message, _channel(port)), return_exceptions=True)
    assert isinstance(refused, NotifyError)
    assert "refused every recipient" in str(refused)
    assert refused.permanent is permanent


async def test_one_refused_recipient_takes_nothing_from_the_others_and_is_named(message: Message) -> None:
    box = Box(rcpt={"bo@contoso.example": "550 unknown"})
    async with server(box) as port:
        channel = _channel(port, recipients=("ada@contoso.example", "bo@contoso.example"))
        assert await _send(message, channel) == "accepted, but refused for bo@contoso.example"
    assert len(box.mails) == 1


@pytest.mark.parametrize(("answer", "permanent"), [("554 no", True), ("451 later", False), ("421 closing", False)])
async def test_a_refused_mail_is_final_only_when_the_server_says_so(
    message: Message, answer: str, permanent: bool
) -> None:
    async with server(Box(data=answer)) as port:
        (refused,) = await asyncio.gather(_send(message, _channel(port)), return_exceptions=True)
    assert isinstance(refused, NotifyError)
    assert refused.permanent is permanent


async def test_a_server_that_is_down_gets_the_alert_once_when_it_is_up(message: Message) -> None:
    box, database, clock = Box(), MemoryDatabase(), FakeClock()
    with database.write() as stores:
        stores.alerts.add([message.alert], ["mail"], NOW)
    async with server(Box()) as port:
        free = port
    down = Deliverer(build(_channel(free), {}, False, clock), database, clock, "one", "", False)
    assert await down.run() == 0
    clock.pass_by(seconds=RETRY_AFTER[0])
    async with server(box) as port:
        up = Deliverer(build(_channel(port), {}, False, clock), database, clock, "one", "", False)
        assert [await up.run(), await up.run()] == [1, 0]
    assert len(box.mails) == 1


@contextlib.asynccontextmanager
async def _speaking(*lines: bytes, pause: float = 0.0) -> Any:
    """A server that says these lines, whatever it hears."""
    writers = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with contextlib.suppress(OSError):
            for line in lines:
                for byte in line if pause else [line]:
                    writer.write(bytes([byte]) if isinstance(byte, int) else byte)
                    await writer.drain()
                    await asyncio.sleep(pause)
                await reader.readline()

    running = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield running.sockets[0].getsockname()[1]
    running.close()
    for writer in writers:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def test_a_server_that_drips_is_hung_up_on(message: Message) -> None:
    async with _speaking(b"220 " + b"x" * 2000, pause=0.01) as port:
        started = asyncio.get_running_loop().time()
        with pytest.raises(NotifyError, match="took more than"):
            await Email(_channel(port), "", sample=False, within=0.2).send(message)
        assert asyncio.get_running_loop().time() - started < 5


async def test_a_goodbye_that_goes_wrong_does_not_send_the_mail_again(message: Message) -> None:
    mail = [b"250 go on\r\n"] * 3 + [b"354 speak\r\n"]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        for line in mail:
            await reader.readline()
            writer.write(line)
        await reader.readuntil(b"\r\n.\r\n")
        writer.write(b"250 taken\r\n")
        await reader.readline()
        writer.write(b"500 what?\r\n")
        writer.close()

    running = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = running.sockets[0].getsockname()[1]
    assert await _send(message, _channel(port)) == "accepted"
    running.close()


@pytest.mark.parametrize("greeting", [b"554 no\r\n", b"421 busy\r\n", b"\x00\xff\r\n", b"HTTP/1.1 200 OK\r\n"])
async def test_a_strange_greeting_is_no_last_word(message: Message, greeting: bytes) -> None:
    async with _speaking(greeting) as port:
        with pytest.raises(NotifyError) as refused:
            await _send(message, _channel(port))
    assert not refused.value.permanent


async def test_the_sample_tenants_mail_stays_on_this_machine_and_says_what_it_is(message: Message) -> None:
    box = Box()
    async with server(box) as port:
        await _send(replace(message, sample=True), _channel(port), sample=True)
    assert box.mails[0]["Subject"].startswith("[sample tenant] ")
    with pytest.raises(NotifyError, match="never leave this machine") as refused:
        await _send(message, _channel(587, host="192.0.2.1"), sample=True)
    assert refused.value.permanent


@pytest.mark.parametrize(
    "changed",
    [
        {"recipients": ()},
        {"recipients": ("nobody",)},
        {"recipients": ("ada@contoso.example\r\nBcc: x@y.example",)},
        {"sender": ""},
        {"sender": "diag@contoso.example\nX: y"},
    ],
)
def test_an_address_that_cannot_work_is_refused_at_the_start(changed: dict[str, Any]) -> None:
    with pytest.raises(NotifyError, match="channel mail"):
        build(_channel(25, **changed), {}, False, FakeClock())
