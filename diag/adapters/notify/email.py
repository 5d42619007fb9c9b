"""Alerts by SMTP, as plain text and HTML of the same words."""

import asyncio
import contextlib
import hashlib
import re
import smtplib
import socket
import ssl
from collections.abc import Sequence
from email.errors import HeaderParseError, MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from diag.adapters.notify.egress import is_loopback, resolve
from diag.adapters.notify.letter import letter
from diag.adapters.notify.mail_page import page
from diag.adapters.notify.mail_text import text
from diag.core.alerts import Message
from diag.core.channels import EmailChannel
from diag.core.errors import NotifyError

_STEP = 20
"""Seconds for each step of the conversation."""
_WITHIN = 60
"""Seconds for the whole conversation, however slowly the server speaks."""
_LONGEST_SUBJECT = 160
_ONE_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")


class Email:
    """A mail server and the people it is asked to tell."""

    def __init__(self, channel: EmailChannel, password: str, *, sample: bool, within: float = _WITHIN) -> None:
        self.name = channel.name
        self._channel = channel
        self._password = password
        self._sample = sample
        self._within = within
        if not channel.recipients:
            raise _unusable(f"The channel {channel.name} names no recipient.")
        for address in (channel.sender, *channel.recipients):
            _check_address(channel.name, address)

    async def send(self, message: Message) -> str:
        channel = self._channel
        addresses = await resolve(
            channel.host, channel.port, sample=self._sample, private_network=channel.private_network
        )
        conversation = _Conversation(channel, self._password, addresses)
        told = asyncio.create_task(asyncio.to_thread(conversation.tell, self._composed(message)))
        finished, _ = await asyncio.wait((told,), timeout=self._within)
        if not finished:
            # A thread cannot be cancelled, but it ends when its connection does.
            conversation.hang_up()
        try:
            return await told
        except NotifyError as error:
            if finished:
                raise
            raise NotifyError(f"The mail server took more than {self._within:g} seconds.", permanent=False) from error

    def _composed(self, message: Message) -> EmailMessage:
        alert = message.alert
        written = letter(message)
        mail = EmailMessage()
        mail["Subject"] = _one_line(written.subject)
        mail["From"] = self._channel.sender
        mail["To"] = _usable(message.recipient) if message.recipient else ", ".join(self._channel.recipients)
        mail["Message-ID"] = f"<{message.id}@aadsts-diag.invalid>"
        mail["List-Id"] = f"aadsts-diag alerts <alerts.aadsts-diag.{_domain(self._channel.sender)}>"
        # Two words for the same, because Exchange does not know the standard one: no out-of-office replies.
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
        if alert.created_at is not None:
            mail["Date"] = format_datetime(alert.created_at)
        if len(message.alerts) == 1:
            # Mail programs show all alerts about one thing as one conversation.
            topic = hashlib.sha256((alert.topic or alert.key).encode()).hexdigest()[:32]
            mail["References"] = f"<{topic}@aadsts-diag.invalid>"
        mail.set_content(text(written))
        mail.add_alternative(page(written, home=message.public_url, sample=message.sample), subtype="html")
        return mail


class _Conversation:
    """One connection to a mail server, spoken in a thread of its own."""

    def __init__(self, channel: EmailChannel, password: str, addresses: Sequence[str]) -> None:
        self._channel = channel
        self._password = password
        self._addresses = addresses
        self._server: smtplib.SMTP | None = None

    def tell(self, mail: EmailMessage) -> str:
        """Hand the mail over; what the server said. Raises ``NotifyError``."""
        try:
            server = self._connected()
            try:
                if self._channel.username:
                    server.login(self._channel.username, self._password)
                refused = server.send_message(mail)
                # The mail is accepted; a goodbye that goes wrong must not send it again.
                with contextlib.suppress(OSError, smtplib.SMTPException):
                    server.quit()
            finally:
                server.close()
        except smtplib.SMTPRecipientsRefused as error:
            codes = sorted({code for code, _ in error.recipients.values()})
            raise NotifyError(
                f"The mail server refused every recipient ({', '.join(map(str, codes))}).",
                permanent=all(500 <= code < 600 for code in codes),
                hint="Check the channel's recipients.",
            ) from error
        except smtplib.SMTPAuthenticationError as error:
            raise NotifyError(
                f"The mail server refused the sign-in ({error.smtp_code}).",
                permanent=False,
                hint="Check the channel's user name and password.",
            ) from error
        except smtplib.SMTPResponseException as error:
            raise NotifyError(
                f"The mail server answered {error.smtp_code}.",
                # A refused greeting or sign-in is no word about this message.
                permanent=isinstance(error, smtplib.SMTPDataError | smtplib.SMTPSenderRefused)
                and 500 <= error.smtp_code < 600,
            ) from error
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            raise NotifyError(
                f"The mail server could not be used ({type(error).__name__}).",
                permanent=False,
                hint="Check the channel's host, port and security, and the server's certificate.",
            ) from error
        return f"accepted, but refused for {', '.join(sorted(refused))}" if refused else "accepted"

    def hang_up(self) -> None:
        """End the connection from outside; the thread that speaks then gets an error."""
        connected = self._server.sock if self._server is not None else None
        if connected is not None:
            with contextlib.suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)

    def _connected(self) -> smtplib.SMTP:
        problem: OSError | None = None
        for address in self._addresses:
            if self._channel.security == "none" and self._channel.username and not is_loopback(address):
                raise NotifyError(
                    "A password would go to the mail server in the clear, so nothing was sent.",
                    permanent=False,
                    hint="Set the channel's security to starttls or tls.",
                )
            try:
                return self._to(address)
            except (smtplib.SMTPException, ssl.SSLError):
                raise
            except OSError as error:
                problem = error
        raise problem or OSError("no address")

    def _to(self, address: str) -> smtplib.SMTP:
        channel = self._channel
        context = ssl.create_default_context()
        server = (
            smtplib.SMTP_SSL(timeout=_STEP, context=context)
            if channel.security == "tls"
            else smtplib.SMTP(timeout=_STEP)
        )
        # The checked address is connected to, and the certificate must name the configured host.
        server._host = channel.host  # type: ignore[attr-defined]
        self._server = server
        try:
            code, said = server.connect(address, channel.port)
            if code != 220:
                raise smtplib.SMTPConnectError(code, said)
            if channel.security == "starttls":
                server.starttls(context=context)
        except BaseException:
            server.close()
            raise
        return server


def _check_address(channel: str, address: str) -> None:
    try:
        Address(addr_spec=parseaddr(address)[1])
        EmailMessage()["To"] = address
    except (ValueError, IndexError, HeaderParseError, MessageError) as error:
        raise _unusable(f"The channel {channel} names {address!r}, which is no e-mail address.") from error


def _usable(address: str) -> str:
    """The address of a person whom the directory names; people there choose it, so it must be nothing but one."""
    if _ONE_ADDRESS.fullmatch(address) is None or "=?" in address:
        raise NotifyError(
            "The person's mail address in the directory is none that a mail can go to.",
            permanent=True,
            hint="Correct the owner's mail address, or name recipients in the rules.",
        )
    return address


def _unusable(problem: str) -> NotifyError:
    return NotifyError(problem, permanent=True, hint="Correct the file that DIAG_CONFIG names.")


def _domain(address: str) -> str:
    return parseaddr(address)[1].rpartition("@")[2]


def _one_line(text: str) -> str:
    """Tenant text in a header: no line ends or control characters, not even encoded ones, and not endless."""
    line = "".join(character if character.isprintable() else " " for character in text).replace("=?", "= ?")
    return line if len(line) <= _LONGEST_SUBJECT else f"{line[: _LONGEST_SUBJECT - 1]}…"
