"""Questions about the certificate that signs SAML tokens."""

from datetime import UTC, datetime, timedelta

import pytest

from diag.core.facts import Facts
from diag.core.identifiers import KeyId
from diag.core.predicate import REGISTRY, NoArgs
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.read import UNREAD, Found, Missing, absent, present
from diag.core.registration import Certificate, ServicePrincipal
from diag.core.sign_in import Failure
from diag.core.verdict import No, Unknown, Verdict, Yes

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
ONE, OTHER = "3C1E5A7B9D0F2A4C6E8B1D3F5A7C9E0B2D4F6A8C", "AA1E5A7B9D0F2A4C6E8B1D3F5A7C9E0B2D4F6A8C"


def usable(facts: Facts) -> Verdict:
    return REGISTRY["signing_certificate.is_usable"].ask(facts, NoArgs())


def certificate(ends: datetime, thumbprint: str = ONE, usage: str = "Sign") -> Certificate:
    return Certificate(KeyId(f"key-{thumbprint[:2]}"), NOON - 100 * DAY, ends, usage, thumbprint=thumbprint)


def holding(*held: Certificate, chosen: str | None = None, complete: bool = True, now: bool = True) -> Facts:
    principal = ServicePrincipal(
        certificates=Found(held, complete=complete),
        preferred_signing_thumbprint=present(chosen) if chosen else Missing(),
    )
    return Facts(service_principal=principal, failure=Failure(observed_at=present(NOON, "text") if now else UNREAD))


@pytest.mark.parametrize(("ends", "expected"), [(NOON + SECOND, Yes), (NOON, No), (NOON - SECOND, No)])
def test_a_signing_certificate_serves_until_its_end(ends: datetime, expected: type) -> None:
    assert isinstance(usable(holding(certificate(ends))), expected)


def test_the_chosen_certificate_is_the_one_that_counts() -> None:
    live, ended = certificate(NOON + DAY), certificate(NOON - DAY, OTHER)
    assert isinstance(usable(holding(live, ended, chosen=ONE.lower())), Yes)
    assert isinstance(usable(holding(live, ended, chosen=OTHER)), No)
    gone = usable(holding(live, chosen=OTHER))
    assert isinstance(gone, No)
    assert OTHER in gone.evidence[0].statement


def test_a_certificate_that_only_verifies_does_not_sign() -> None:
    assert isinstance(usable(holding(certificate(NOON + DAY, usage="Verify"))), No)
    assert isinstance(usable(Facts(service_principal=ServicePrincipal(certificates=Missing()))), No)


def test_a_part_of_the_list_proves_no_absence() -> None:
    assert isinstance(usable(holding(complete=False)), Unknown)
    assert isinstance(usable(holding(certificate(NOON - DAY), complete=False)), Unknown)
    assert isinstance(usable(holding(certificate(NOON + DAY), complete=False)), Yes)


def test_unread_certificates_an_unknown_instant_and_an_absent_principal_leave_it_open() -> None:
    blind = usable(Facts())
    assert isinstance(blind, Unknown)
    assert [need.fact for need in blind.needs] == ["service_principal.certificates"]
    timeless = usable(holding(certificate(NOON + DAY), now=False))
    assert isinstance(timeless, Unknown)
    assert [need.fact for need in timeless.needs] == ["failure.observed_at"]
    assert isinstance(usable(Facts(service_principal=absent(ServicePrincipal))), Unknown)
