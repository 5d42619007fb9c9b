import json
import random
import re
import string
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diag.core.error_text import read_error_text
from diag.core.redaction import kinds_known, redact
from tests.conftest import Campaign
from tests.core.secrets_corpus import dresses, fixed_forms, secrets

MESSAGE = (
    "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent is the value, for a secret added to "
    "app '4f8d1c3a-6b52-4e0f-9a7d-2c5e8b1f6a01'. Trace ID: 11111111-2222-4333-8444-555555555501 "
    "Correlation ID: 11111111-2222-4333-8444-555555555502 Timestamp: 2026-11-20 10:00:00Z"
)
KEPT = (
    "AADSTS7000215",
    "4f8d1c3a-6b52-4e0f-9a7d-2c5e8b1f6a01",
    "11111111-2222-4333-8444-555555555501",
    "11111111-2222-4333-8444-555555555502",
    "2026-11-20 10:00:00Z",
)
_SEPARATORS = re.compile(r"[\s<>\"'&;]|-----[A-Z ]*-----|%..|\\.")


def _leaked(secret: str, text: str) -> list[str]:
    """Twelve characters of the secret that still stand in the text; words of its format do not count."""
    found = []
    for part in _SEPARATORS.split(secret):
        if part.startswith(("Version=", "SignatureValue", "saml:", "ds:", "/ds:", "/saml:")):
            continue
        for start in range(0, max(1, len(part) - 11), 4):
            piece = part[start : start + 12]
            if len(piece) >= 8 and piece in text:
                found.append(piece)
    return found


def _pasted(seed: str) -> Iterator[tuple[str, str, str]]:
    """(what it is, secret, text) for every secret in every dress, before and after a message."""
    rng = random.Random(seed)
    for kind, name, secret in secrets(rng):
        for dress, text in dresses(name, secret):
            yield f"{kind}, {dress}, below", secret, f"{MESSAGE}\n{text}\n"
            yield f"{kind}, {dress}, above", secret, f"{text}\n{MESSAGE}"
    for kind, secret, text in fixed_forms(rng):
        yield f"{kind}, below", secret, f"{MESSAGE}\n{text}\n"
        yield f"{kind}, above", secret, f"{text}\n\n{MESSAGE}"


def test_no_canary_survives_in_any_dress_and_the_message_stays_whole(campaign: Campaign) -> None:
    tried = 0
    for round_ in range(campaign.rounds(20)):
        for what, secret, text in _pasted(f"{campaign.seed}:{round_}"):
            tried += 1
            cleaned = redact(text)
            assert _leaked(secret, cleaned.text) == [], f"{what}: {cleaned.text!r}"
            assert [kept for kept in KEPT if kept not in cleaned.text] == [], f"{what}: {cleaned.text!r}"
            assert cleaned.kinds, what
    assert tried >= 500


def test_redacting_twice_changes_nothing_more() -> None:
    for what, _, text in _pasted("twice"):
        once = redact(text)
        assert redact(once.text).text == once.text, what


def test_kinds_name_what_was_removed_and_never_the_secret() -> None:
    for what, secret, text in _pasted("kinds"):
        kinds = redact(text).kinds
        assert set(kinds) <= set(kinds_known()), what
        assert not any(secret in kind for kind in kinds)


@pytest.mark.parametrize(
    "text",
    [
        MESSAGE,
        "AADSTS50126: Error validating credentials due to invalid username or password.",
        "Invalid username or password: AADSTS50126: Error validating credentials.",
        "AADSTS7000218: The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        "AADSTS900144: The request body must contain the following parameter: 'password'.",
        '{"error":"invalid_grant","error_description":"AADSTS70008: The provided refresh token has expired"}',
        "AADSTS700027: … thumbprint of key used by client: '3C1E5A7B9D0F2A4C6E8B1D3F5A7C9E0B2D4F6A8C'",
        "redirect_uri=https://orders.contoso.example/signin-oidc&response_type=code&state=abc",
        "error=invalid_client&code=50011&error_code=AADSTS50011",
        '{"code":"Authorization_RequestDenied","message":"Insufficient privileges to complete the operation."}',
        'WWW-Authenticate: Bearer error="invalid_token", error_description="The audience is invalid"',
        "az rest --method GET --url https://graph.microsoft.com/v1.0/applications/4f8d1c3a-6b52-4e0f-9a7d-2c5e8b1f6a01",
        "at Contoso.Client.Requests.ClientCredentialRequest.ExecuteAsync(CancellationToken c) in A:line 42",
        "/subscriptions/4f8d1c3a-6b52-4e0f-9a7d-2c5e8b1f6a01/resourceGroups/Orders-Prod-West/providers/Microsoft.Web/sites/Orders",
        "client_secret=<your secret>",
        "AZURE_CLIENT_SECRET=${CLIENT_SECRET}",
        "password: null",
    ],
)
def test_what_holds_no_secret_is_left_as_it_is(text: str) -> None:
    assert redact(text).text == text


CANARY = "Zq7wXk"
BLANKS = "blue canary sky"


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ("Winter2026!", "my password is Winter2026! and it fails"),
        ("hunter", "The password was hunter"),
        (BLANKS, f"the password is '{BLANKS}', I think"),
        ("abcDEF~12x", "our secret is abcDEF~12x for the app"),
        (f"1.AX{CANARY}", f"https://orders.contoso.example/signin-oidc?code=1.AX{CANARY}&state=7"),
        (f"0.AX{CANARY}", f"redirect%3Fcode%3D0.AX{CANARY}%26state%3D7"),
        (CANARY, f"https://files.contoso.example/c/b.txt?sv=2024-08-04&sig={CANARY}%2B&se=2026-12-01"),
        (CANARY, f'{{"url":"https://files.contoso.example/c?sv=1\\u0026sig\\u003d{CANARY}12"}}'),
        (CANARY, f"sv%253D1%2526sig%253D{CANARY}12%2526se%253D2"),
        (CANARY, f'"sig": "{CANARY}abc="'),
    ],
)
def test_a_short_secret_and_one_told_in_plain_words_are_removed(secret: str, text: str) -> None:
    for pasted in (f"{MESSAGE}\n{text}\n", f"{text}\n{MESSAGE}"):
        cleaned = redact(pasted)
        assert secret not in cleaned.text
        assert [kept for kept in KEPT if kept not in cleaned.text] == []


def test_a_key_whose_first_or_last_line_was_cut_off_is_removed_and_its_neighbours_stay() -> None:
    rng = random.Random("key")
    letters = string.ascii_letters + string.digits + "+/"
    lines = ["".join(rng.choice(letters) for _ in range(64)) for _ in range(5)]
    lines.append("".join(rng.choice(letters) for _ in range(18)) + "==")
    head, foot = "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"
    for line_break in ("\n", "\r\n", "\\n"):
        whole = line_break.join(lines)
        for pasted in (
            whole,
            whole + line_break + foot,
            head + line_break + whole,
            lines[0][40:] + line_break + line_break.join([*lines[1:], foot]),
            lines[0][:30] + line_break + line_break.join([head, *lines, foot]),
        ):
            cleaned = redact(f"{MESSAGE}\nAADSTS50011\n50011\n{pasted}\n{KEPT[2]}\n").text
            assert _leaked(" ".join(lines), cleaned) == [], cleaned
            assert [kept for kept in KEPT if kept not in cleaned] == []
            assert "\nAADSTS50011\n50011\n" in cleaned
            assert cleaned.endswith(f"{KEPT[2]}\n")


@pytest.mark.parametrize(
    "text",
    [
        "The password is expired. Your password is older than 90 days, and the passcode was typed wrong.",
        "the secret is for app 4f8d1c3a-6b52-4e0f-9a7d-2c5e8b1f6a01 and the secret is expired",
        '{"keys":[{"use":"sig","kid":"abc"}]}',
        "/subscriptions/4f8d1c3a-6b52-4e0f-9a7d-2c5e8b1f6a01/resourceGroups/OrdersProd2026/sites/Stock",
        "-----END OF LOG-----",
    ],
)
def test_words_about_a_password_and_paths_are_no_secrets(text: str) -> None:
    assert redact(text).text == text


def test_real_messages_keep_codes_and_identifiers(shared: Path) -> None:
    lost = []
    messages = 0
    for line in (shared / "facts" / "aadsts-codes.jsonl").read_text(encoding="utf-8").splitlines():
        for message in json.loads(line)["messages"]:
            messages += 1
            cleaned = redact(f"AADSTS{json.loads(line)['code']}: {message} {MESSAGE[MESSAGE.index('Trace') :]}").text
            lost += [kept for kept in (f"AADSTS{json.loads(line)['code']}", *KEPT[2:]) if kept not in cleaned]
    assert messages > 1000
    assert len(lost) <= messages // 1000


def test_a_line_of_its_own_below_a_wrapped_token_survives() -> None:
    token = "eyJ" + "aB3d" * 40
    text = f"{token[:76]}\n{token[76:]}\n4f8d1c3a-6b52-4e0f-9a7d-2c5e8b1f6a01\nAADSTS50011\n50011"
    cleaned = redact(text).text
    assert cleaned.splitlines()[-3:] == ["4f8d1c3a-6b52-4e0f-9a7d-2c5e8b1f6a01", "AADSTS50011", "50011"]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=400), st.text(alphabet="aB3_-xYz9Qq", min_size=30, max_size=60), st.text(max_size=400))
def test_a_secret_between_any_two_texts_is_removed(before: str, secret: str, after: str) -> None:
    text = f"{before}\nclient_secret={secret}\n{after}"
    cleaned = redact(text).text
    assert f"client_secret={secret}" not in cleaned


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=2000))
def test_any_text_can_be_redacted_and_read(text: str) -> None:
    cleaned = redact(text)
    if not cleaned.kinds:
        assert cleaned.text == text
    if cleaned.text.strip() and "\x00" not in text:
        redact(cleaned.text)


UNITS = [
    "a", "\\", "%25", "ey", "eyJhbGciOiJ.", "client_secret=", "client_secret=<", "code=", '"name":"', "-----BEGIN ",
    "<Assertion ", "://a:", "Cookie: ", "abc8Q~", "password = \n", "A1b2C3d4", "MIIx", "0.Abc", "Bearer ", "Basic x",
    "Authorization: ", "sig=", "&quot;", "AADSTS50011 ", "error=%25", "errorCode: ", "correlation id ",
    "redirect_uri=a", "password is ", "password is 'a", "secret is a", "-----END ", "A1b2C3d4\n", "abcdefgh1\n-----END",
    "application 'x", "<p ", "abcdefghij" * 5 + "\n", " ", "\t\n", "access_token", 'value="', "secret: ", "[removed",
]  # fmt: skip


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: ascii(unit)[:30])
def test_time_grows_with_the_length_of_hostile_text_and_no_faster(unit: str) -> None:
    long = (unit * (250_000 // len(unit)))[:250_000]
    taken = min(_seconds(long) for _ in range(2))
    if taken > 0.25:
        taken = min(taken, _seconds(long))
    quarter = min(_seconds(long[: len(long) // 4]) for _ in range(3))
    assert taken < 1.0
    assert taken < max(0.1, 4 * quarter * 3)


def _seconds(text: str) -> float:
    started = time.thread_time()
    cleaned = redact(text).text
    if cleaned.strip() and len(cleaned.encode()) < 256 * 1024:
        read_error_text(cleaned)
    return time.thread_time() - started
