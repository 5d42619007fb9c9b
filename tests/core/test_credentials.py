"""Which credential is live, which replaced which, which one a failure used."""

from datetime import UTC, datetime, timedelta

import pytest

from diag.core.credentials import (
    Credential,
    counted,
    instant,
    instant_words,
    is_digest,
    removed_keys,
    sha1_thumbprint,
    shown,
    spelled_out,
    state_at,
    successor,
    used,
)
from diag.core.directory import Change, PropertyChange
from diag.core.facts import Facts
from diag.core.identifiers import KeyId
from diag.core.read import Found, Missing, Unread, present
from diag.core.registration import Application, Certificate, ClientSecret
from diag.core.sign_in import Failure

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SHA1 = "3C1E5A7B9D0F2A4C6E8B1D3F5A7C9E0B2D4F6A8C"


def secret(number: int, starts: datetime | None = None, ends: datetime | None = None) -> ClientSecret:
    return ClientSecret(KeyId(f"7b9d1f3e-5a6c-4d8e-9f0a-1b2c3d4e5f{number:02}"), starts, ends)


def certificate(number: int, usage: str = "Verify", identifier: str = "", thumbprint: str = "") -> Certificate:
    key_id = KeyId(f"d4f6b8ca-3e5a-4c7d-8f9b-6a8c0d2e4f{number:02}")
    return Certificate(key_id, NOON - DAY, NOON + DAY, usage, thumbprint=thumbprint, custom_key_identifier=identifier)


def test_a_saml_certificate_counts_once_by_its_verifying_key_and_its_password_twin_not_at_all() -> None:
    sign, verify = certificate(1, "Sign", "abc="), certificate(2, "Verify", "abc=")
    twin = ClientSecret(sign.key_id, NOON - DAY, NOON + 300 * DAY)
    other = secret(9, NOON - DAY, NOON + DAY)
    assert counted((sign, verify, twin, other)) == (verify, other)
    assert counted((twin, verify, sign)) == (verify,)


def test_a_signing_key_whose_public_half_is_not_listed_still_counts() -> None:
    sign = certificate(1, "Sign", "abc=")
    assert counted((sign,)) == (sign,)


def test_two_verifying_certificates_with_one_identifier_count_twice() -> None:
    one, other = certificate(1, "Verify", "abc="), certificate(2, "Verify", "abc=")
    assert counted((one, other)) == (one, other)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (NOON - timedelta(microseconds=1), "not_yet_valid"),
        (NOON, "live"),
        (NOON + DAY - timedelta(microseconds=1), "live"),
        (NOON + DAY, "ended"),
    ],
)
def test_a_credential_is_live_from_its_start_until_just_before_its_end(at: datetime, expected: str) -> None:
    assert state_at(secret(1, NOON, NOON + DAY), at) == expected


def test_a_credential_without_start_or_end_is_always_live() -> None:
    assert state_at(secret(1), NOON) == "live"


def test_the_successor_begins_later_ends_later_and_is_of_the_same_kind() -> None:
    old = secret(1, NOON - 9 * DAY, NOON)
    shorter = secret(2, NOON - 8 * DAY, NOON - DAY)
    longer = secret(3, NOON - 8 * DAY, NOON + 9 * DAY)
    longest = secret(4, NOON - 7 * DAY, None)
    others: list[Credential] = [old, shorter, longer, certificate(5)]
    assert successor(old, others) == longer
    assert successor(old, [*others, longest]) == longest
    assert successor(longest, [*others, longest]) is None
    assert successor(old, [old, shorter, certificate(5)]) is None


@pytest.mark.parametrize(
    "printed",
    [SHA1, SHA1.lower(), "3C:1E:5A:7B:9D:0F:2A:4C:6E:8B:1D:3F:5A:7C:9E:0B:2D:4F:6A:8C", "PB5ae50PKkxuix0_WnyeCy1Paow"],
)
def test_a_thumbprint_is_the_same_however_it_is_printed(printed: str) -> None:
    assert sha1_thumbprint(printed) == SHA1
    assert is_digest(printed)


def test_a_sha256_thumbprint_is_a_digest_that_cannot_be_compared() -> None:
    assert is_digest("AB" * 32)
    assert sha1_thumbprint("AB" * 32) == ""


@pytest.mark.parametrize("printed", ["my-certificate", "", "12345", "zz" * 20])
def test_other_text_is_no_digest(printed: str) -> None:
    assert not is_digest(printed)
    assert sha1_thumbprint(printed) == ""


def test_hex_text_that_was_encoded_letter_by_letter_is_recognised() -> None:
    assert spelled_out(SHA1.encode().hex()) == SHA1
    assert spelled_out(SHA1) == ""
    assert spelled_out("00" * 40) == ""


def test_the_credential_of_a_failure_is_found_by_key_id_before_thumbprint() -> None:
    one, other = certificate(1, thumbprint=SHA1), certificate(2, thumbprint="AA" * 20)
    listed: Found[tuple[Credential, ...]] = Found((one, other))
    by_key = Facts(failure=Failure(credential_key_id=present(other.key_id.upper()), assertion_thumbprint=present(SHA1)))
    assert used(by_key, listed) == Found(other)
    assert used(Facts(failure=Failure(assertion_thumbprint=present(SHA1.lower()))), listed) == Found(one)


def test_a_credential_that_a_complete_list_lacks_is_missing_and_one_of_a_cut_list_unread() -> None:
    facts = Facts(failure=Failure(credential_key_id=present("7b9d1f3e-5a6c-4d8e-9f0a-1b2c3d4e5fee")))
    assert isinstance(used(facts, Found((secret(1),))), Missing)
    assert isinstance(used(facts, Found((secret(1),), complete=False)), Unread)
    assert isinstance(used(Facts(), Found((secret(1),))), Unread)


def test_a_registered_certificate_without_thumbprint_proves_no_absence() -> None:
    facts = Facts(failure=Failure(assertion_thumbprint=present(SHA1)))
    assert isinstance(used(facts, Found((certificate(1),))), Unread)
    assert isinstance(used(facts, Found((certificate(1, thumbprint="AA" * 20),))), Missing)


def test_key_descriptions_tell_what_went_by_kind() -> None:
    gone, stays = "7b9d1f3e-5a6c-4d8e-9f0a-1b2c3d4e5f01", "7B9D1F3E-5A6C-4D8E-9F0A-1B2C3D4E5F02"
    text = '["[KeyIdentifier={},KeyType={},KeyUsage=Verify,DisplayName=x]"]'
    old = text.format(gone, "Password") + text.format(stays, "Password")
    new = text.format(stays, "Password") + text.format(gone, "AsymmetricX509Cert")
    change = Change(NOON, "Update application", properties=(PropertyChange("KeyDescription", old, new),))
    assert removed_keys(change, "Password") == {gone}


def test_the_instant_is_the_failure_s_else_that_of_the_reading() -> None:
    read = Application(client_secrets=Found((), as_of=NOON))
    dated = Facts(failure=Failure(observed_at=present(NOON - DAY)), application=read)
    assert instant(dated) == present(NOON - DAY)
    assert instant_words(dated) == "when the sign-in failed"
    undated = Facts(application=read)
    at = instant(undated)
    assert isinstance(at, Found)
    assert at.value == NOON
    assert "carries no time" in instant_words(undated)
    assert isinstance(instant(Facts()), Unread)


def test_a_credential_is_shown_by_name_and_key_id() -> None:
    assert shown(secret(1)) == secret(1).key_id
    assert shown(ClientSecret(KeyId("k"), None, None, "web server")) == "“web server” (k)"
