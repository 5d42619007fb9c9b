from datetime import UTC, datetime

import pytest

from diag.core.entry import Cause, Entry, Otherwise
from diag.core.read import Found, Unread
from diag.core.reading import MOMENTS, as_reads, flattened, instant, is_told, values_in, wordings_in

ENTRY = Entry(
    code=50011,
    name="InvalidReplyTo",
    family="redirect-uri",
    kind="failure",
    status="test",
    summary="",
    read_from_text=("reply address '(?P<redirect_uri>[^']{1,2048})'", "redirect URI '(?P<redirect_uri>[^']{1,2048})'"),
    wordings={"older": ("reply address",), "newer": ("redirect URI",)},
    causes=(Cause("x", "", Otherwise(), "likely", "common", "developer", "", (), ()),),
)


def test_the_first_pattern_that_names_a_value_wins() -> None:
    text = "The redirect URI 'https://b.example' … the reply address 'https://a.example' …"
    assert values_in(ENTRY, flattened(text)) == {"redirect_uri": "https://a.example"}


def test_a_message_broken_over_lines_with_typographic_quotes_is_read() -> None:
    assert values_in(ENTRY, flattened("The Redirect\n   URI ‘https://a.example’")) == {
        "redirect_uri": "https://a.example"
    }


def test_wordings_come_in_the_order_of_the_entry() -> None:
    assert wordings_in(ENTRY, "a redirect URI and a reply address") == ("older", "newer")
    assert wordings_in(ENTRY, "anything else") == ()


@pytest.mark.parametrize(
    "value", ["", " ", "xxxx-xxxx", "XXXXXXXX", "***", "…", "...", "[redacted]", "{appIdentifier}", "{0}"]
)
def test_a_value_that_was_blotted_out_or_never_filled_in_says_nothing(value: str) -> None:
    assert not is_told(value)


@pytest.mark.parametrize(
    "value", ["4f8d1c3a-6b52-4e0f-9a7d-2c5e8b1f6a01", "Insert your client ID here", "${CLIENT_ID}", "{client_id}"]
)
def test_a_placeholder_that_a_client_really_sent_is_a_value(value: str) -> None:
    assert is_told(value)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-20 10:00:00Z", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("2026-11-20T10:00:00.1234567Z", datetime(2026, 11, 20, 10, 0, 0, 123456, tzinfo=UTC)),
        ("2026-11-20T12:00:00+02:00", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("11/20/2026 10:00:00 AM", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("11/20/2026 10:00:00 PM", datetime(2026, 11, 20, 22, tzinfo=UTC)),
        ("20/11/2026 10:00:00", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("1763632800", datetime(2025, 11, 20, 10, tzinfo=UTC)),
        ("yesterday", None),
        ("2026-13-40 10:00:00Z", None),
        ("9999-12-31T23:59:59-12:00", None),
    ],
)
def test_an_instant_is_read_as_messages_print_it(text: str, moment: datetime | None) -> None:
    assert instant(text) == moment


def test_an_instant_that_cannot_be_read_stays_unread() -> None:
    reads = as_reads({"token_issued_at": "long ago", "redirect_uri": "https://a.example"})
    assert reads == {"token_issued_at": Unread(), "redirect_uri": Found("https://a.example", "text")}
    assert "token_issued_at" in MOMENTS
