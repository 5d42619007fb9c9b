import base64
import json

import pytest

from diag.core.errors import BadInput
from diag.core.token_claims import read_claims


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _raw(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode()


TWICE, DEEP, NO_TEXT = b'{"aud": 1, "aud": 2}', b"[" * 100_000, b"\xff\xfe"
HEADER = {"typ": "JWT", "alg": "RS256", "kid": "k1", "x5c": ["MII…"]}
CLAIMS = {"aud": "api://orders.contoso.example", "scp": "Orders.Read", "exp": 1763632800, "name": "Ana Ibáñez"}
TOKEN = f"{_part(HEADER)}.{_part(CLAIMS)}.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    "token",
    [
        json.dumps({"token_type": "Bearer", "access_token": TOKEN}),
        TOKEN,
        f"Bearer {TOKEN}",
        f"Authorization: bearer {TOKEN}\n",
        f'"{TOKEN}"',
        TOKEN.replace(".", ".\n  "),
    ],
)
def test_the_claims_are_read_however_the_token_is_pasted(token: str) -> None:
    read = read_claims(token)
    assert dict(read.claims) == CLAIMS
    assert dict(read.header) == {"typ": "JWT", "alg": "RS256", "kid": "k1"}


def test_nothing_of_the_signature_comes_back() -> None:
    assert "c2lnbmF0dXJl" not in repr(read_claims(TOKEN))


def test_the_claims_as_a_fact_carry_the_header_beside_them() -> None:
    assert read_claims(TOKEN).as_fact() == {**CLAIMS, "header": {"typ": "JWT", "alg": "RS256", "kid": "k1"}}


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("", "no token"),
        ("Bearer ", "no token"),
        ("EwBopaque", "no JSON Web Token"),
        ("a.b.c.d", "no JSON Web Token"),
        ("a.b.c.d.e", "encrypted"),
        (f"{_part(HEADER)}.{_part(CLAIMS)[:20]}.sig", "claims cannot be read"),
        (f"{_part(HEADER)}.{_part([1])}.sig", "no JSON object"),
        ("%%%.%%%.x", "no JSON Web Token"),
        (f"{_part(HEADER)}.{_raw(TWICE)}.sig", "twice"),
        (f"{_part(HEADER)}.{_part(CLAIMS)}." + "s" * 300_000, "far too long"),
        (f"{_part(HEADER)}.{_raw(DEEP)}.sig", "cannot be read"),
        (f"{_part(HEADER)}.{_raw(NO_TEXT)}.sig", "cannot be read"),
        ('{"error": "invalid_grant"}', "no JSON Web Token"),
    ],
)
def test_what_is_no_readable_token_is_refused_in_one_sentence(token: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        read_claims(token)
