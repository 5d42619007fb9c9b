"""Alerts by SMTP, as plain text and HTML of the same words."""

import asyncio
import html
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime

from diag.adapters.notify.egress import resolve
from diag.core.alerts import Message
from diag.core.channels import EmailChannel
from diag.core.errors import NotifyError

_TIMEOUT = 20
"""Seconds for each step of the conversation."""
_LONGEST_SUBJECT = 160


class Email:
    """A mail server and the people it is asked to tell."""

    def __init__(self, channel: EmailChannel, password: str, *, sample: bool) -> None:
        self.name = channel.name
        self._channel = channel
        self._password = password
        self._sample = sample

    async def send(self, message: Message) -> str:
        address = await resolve(self._channel.host, self._channel.port, sample=self._sample)
        return await asyncio.to_thread(self._send, self._composed(message), address)

    def _send(self, mail: EmailMessage, address: str) -> str:
        channel = self._channel
        try:
            with self._connected(address) as server:
                if channel.username:
                    server.login(channel.username, self._password)
                refused = server.send_message(mail)
        except smtplib.SMTPRecipientsRefused as error:
            raise _refused(error) from error
        except smtplib.SMTPAuthenticationError as error:
            raise NotifyError(
                f"The mail server refused the sign-in ({error.smtp_code}).",
                permanent=False,
                hint="Check the channel's user name and password.",
            ) from error
        except smtplib.SMTPResponseException as error:
            raise NotifyError(
                f"The mail server answered {error.smtp_code}.", permanent=500 <= error.smtp_code < 600
            ) from error
        except (OSError, smtplib.SMTPException) as error:
            raise NotifyError(
                f"The mail server could not be used ({type(error).__name__}).", permanent=False
            ) from error
        return f"accepted, but refused for {', '.join(sorted(refused))}" if refused else "accepted"

    def _connected(self, address: str) -> smtplib.SMTP:
        channel = self._channel
        context = ssl.create_default_context()
        implicit = channel.security == "tls"
        server = smtplib.SMTP_SSL(timeout=_TIMEOUT, context=context) if implicit else smtplib.SMTP(timeout=_TIMEOUT)
        # The certificate must name the configured host, not the address that was checked.
        server._host = channel.host  # type: ignore[attr-defined]
        server.connect(address, channel.port)
        if channel.security == "starttls":
            server.starttls(context=context)
        return server

    def _composed(self, message: Message) -> EmailMessage:
        alert = message.alert
        mail = EmailMessage()
        prefix = "[sample tenant] " if message.sample else ""
        mail["Subject"] = _one_line(f"{prefix}{alert.subject}")
        mail["From"] = self._channel.sender
        mail["To"] = ", ".join(self._channel.recipients)
        mail["Message-ID"] = f"<{message.id}@aadsts-diag.invalid>"
        mail["Auto-Submitted"] = "auto-generated"
        if alert.created_at is not None:
            mail["Date"] = format_datetime(alert.created_at)
        link = f"{message.public_url}{alert.link}"
        mail.set_content(f"{alert.body}\n{link}\n")
        mail.add_alternative(_page(alert.subject, alert.body, link), subtype="html")
        return mail


def _refused(error: smtplib.SMTPRecipientsRefused) -> NotifyError:
    codes = sorted({code for code, _ in error.recipients.values()})
    return NotifyError(
        f"The mail server refused every recipient ({', '.join(map(str, codes))}).",
        permanent=all(500 <= code < 600 for code in codes),
        hint="Check the channel's recipients.",
    )


def _one_line(text: str) -> str:
    """Tenant text in a header: no line ends, no control characters, not endless."""
    line = "".join(character if character.isprintable() else " " for character in text)
    return line if len(line) <= _LONGEST_SUBJECT else f"{line[: _LONGEST_SUBJECT - 1]}…"


def _page(subject: str, body: str, link: str) -> str:
    return (
        '<!doctype html><html lang="en"><body style="font:15px/1.5 sans-serif;color:#1c2024;max-width:40rem">'
        f'<h1 style="font-size:18px">{html.escape(subject)}</h1>'
        f'<p style="white-space:pre-line">{html.escape(body)}</p>'
        f'<p><a href="{html.escape(link, quote=True)}">Open in aadsts-diag</a></p></body></html>'
    )
