"""Questions about the certificate an assertion was signed with."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from diag.core.directory import Change, Neighbour, PropertyChange
from diag.core.facts import Facts
from diag.core.identifiers import AppId, KeyId
from diag.core.predicate import REGISTRY
from diag.core.predicates import every as _predicates  # noqa: F401  registers every predicate
from diag.core.predicates.certificate import certificates_of
from diag.core.read import UNREAD, Found, Missing, absent, present
from diag.core.registration import Application, Certificate, ServicePrincipal
from diag.core.sign_in import Failure
from diag.core.verdict import No, Unknown, Verdict, Yes

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SHA1 = "3C1E5A7B9D0F2A4C6E8B1D3F5A7C9E0B2D4F6A8C"
KEY = "d4f6b8ca-3e5a-4c7d-8f9b-6a8c0d2e4f11"


def ask(name: str, facts: Facts, **args: Any) -> Verdict:
    question = REGISTRY[name]
    return question.ask(facts, msgspec.convert(args, question.args))


def certificate(thumbprint: str = SHA1, ends: datetime = NOON + DAY, usage: str = "Verify") -> Certificate:
    return Certificate(KeyId(KEY), NOON - 300 * DAY, ends, usage, thumbprint=thumbprint)


def facts(*held: Certificate, sent: str | None = SHA1, complete: bool = True, at: datetime | None = NOON) -> Facts:
    return Facts(
        failure=Failure(
            assertion_thumbprint=present(sent, "text") if sent else UNREAD, observed_at=present(at) if at else UNREAD
        ),
        application=Application(exists=present(True), certificates=Found(held, complete=complete)),
    )


def test_a_certificate_that_is_listed_is_not_missing() -> None:
    assert isinstance(ask("certificate.is_missing_from_registration", facts(certificate())), No)


def test_a_certificate_that_a_complete_list_lacks_is_missing() -> None:
    verdict = ask("certificate.is_missing_from_registration", facts(certificate("AA" * 20)))
    assert isinstance(verdict, Yes)
    assert verdict.gives["thumbprint"] == SHA1


def test_an_empty_list_lacks_every_certificate() -> None:
    assert isinstance(ask("certificate.is_missing_from_registration", facts(sent=None)), Yes)


@pytest.mark.parametrize(
    "given",
    [
        Facts(),
        facts(certificate("AA" * 20), complete=False),
        facts(certificate(""), sent=SHA1),
        facts(certificate(), sent=None),
        facts(certificate(), sent="AB" * 32),
        Facts(failure=Failure(assertion_thumbprint=present(SHA1)), application=absent(Application)),
    ],
)
def test_a_certificate_is_not_missing_only_because_nobody_could_look(given: Facts) -> None:
    assert isinstance(ask("certificate.is_missing_from_registration", given), Unknown)


def test_the_service_principal_s_certificates_count_and_those_for_encryption_do_not() -> None:
    read = certificates_of(
        Facts(
            application=Application(certificates=Found((certificate(usage="Encrypt"),))),
            service_principal=ServicePrincipal(certificates=Found((certificate("BB" * 20),))),
        )
    )
    assert isinstance(read, Found)
    assert [item.thumbprint for item in read.value] == ["BB" * 20]


@pytest.mark.parametrize(("ends", "expected"), [(NOON, Yes), (NOON - DAY, Yes), (NOON + timedelta(microseconds=1), No)])
def test_the_certificate_had_ended_from_its_end_on(ends: datetime, expected: type) -> None:
    assert isinstance(ask("certificate.has_ended", facts(certificate(ends=ends))), expected)


def test_an_unregistered_certificate_has_not_ended_and_an_unknown_one_is_open() -> None:
    assert isinstance(ask("certificate.has_ended", facts(certificate("AA" * 20))), No)
    assert isinstance(ask("certificate.has_ended", facts(sent=None)), No)
    assert isinstance(ask("certificate.has_ended", facts(certificate(), sent=None)), Unknown)
    assert isinstance(ask("certificate.has_ended", facts(certificate(), at=None)), Unknown)
    assert isinstance(ask("certificate.has_ended", Facts()), Unknown)


def test_some_certificate_is_live_or_none_is() -> None:
    assert isinstance(ask("certificate.is_live", facts(certificate())), Yes)
    assert isinstance(ask("certificate.is_live", facts(certificate(ends=NOON))), No)
    assert isinstance(ask("certificate.is_live", facts()), No)
    assert isinstance(ask("certificate.is_live", facts(certificate(ends=NOON), complete=False)), Unknown)
    assert isinstance(ask("certificate.is_live", facts(certificate(), at=None)), Unknown)
    assert isinstance(ask("certificate.is_live", Facts()), Unknown)


def removal(at: datetime, kind: str = "AsymmetricX509Cert") -> Change:
    old = f"[KeyIdentifier={KEY},KeyType={kind},KeyUsage=Verify,DisplayName=x]"
    return Change(at, "Update application", "Ada", properties=(PropertyChange("KeyDescription", old, ""),))


def changed(*changes: Change, at: datetime | None = NOON, complete: bool = True) -> Facts:
    failure = Failure(observed_at=present(at)) if at else Failure()
    return Facts(failure=failure, changes=Found(changes, "history", complete=complete))


def test_a_removal_counts_within_its_days_and_for_certificates_only() -> None:
    verdict = ask("certificate.was_removed_within", changed(removal(NOON - 30 * DAY)), days=30)
    assert isinstance(verdict, Yes)
    assert verdict.gives == {"removal": "a certificate was taken off on 2026-10-21 by Ada"}
    late = changed(removal(NOON - 30 * DAY - timedelta(seconds=1)))
    assert isinstance(ask("certificate.was_removed_within", late, days=30), No)
    assert isinstance(ask("certificate.was_removed_within", changed(removal(NOON, "Password")), days=30), No)


def test_without_an_instant_every_recorded_removal_counts() -> None:
    assert isinstance(ask("certificate.was_removed_within", changed(removal(NOON), at=None), days=30), Yes)


def test_no_removal_is_proved_only_by_a_whole_list_of_changes() -> None:
    assert isinstance(ask("certificate.was_removed_within", changed(), days=30), No)
    assert isinstance(ask("certificate.was_removed_within", changed(complete=False), days=30), Unknown)
    assert isinstance(ask("certificate.was_removed_within", Facts(), days=30), Unknown)


def test_a_neighbour_that_holds_the_thumbprint_is_named() -> None:
    other = Neighbour(AppId("5a9e2d4b-7c63-4f1a-8b8e-3d6f9c2a7b02"), "Stock Board", "thumbprint")
    failure = Failure(assertion_thumbprint=present(SHA1))
    verdict = ask("certificate.belongs_to_neighbour", Facts(failure=failure, neighbours=Found((other,))))
    assert isinstance(verdict, Yes)
    assert "Stock Board" in verdict.gives["other_application"]
    assert isinstance(ask("certificate.belongs_to_neighbour", Facts(failure=failure, neighbours=Missing())), No)
    assert isinstance(ask("certificate.belongs_to_neighbour", Facts(neighbours=Missing())), Unknown)
    assert isinstance(ask("certificate.belongs_to_neighbour", Facts(failure=failure)), Unknown)
    cut = Facts(failure=failure, neighbours=Found((), complete=False))
    assert isinstance(ask("certificate.belongs_to_neighbour", cut), Unknown)


@pytest.mark.parametrize(
    ("sent", "malformed"), [(SHA1, False), ("AB" * 32, False), (SHA1.encode().hex(), True), ("x", True)]
)
def test_a_thumbprint_is_a_digest_or_malformed(sent: str, malformed: bool) -> None:
    given = facts(sent=sent)
    assert isinstance(ask("certificate.thumbprint_is_malformed", given), Yes if malformed else No)
    assert isinstance(ask("certificate.thumbprint_is_digest", given), No if malformed else Yes)


def test_an_unread_thumbprint_is_neither() -> None:
    assert isinstance(ask("certificate.thumbprint_is_malformed", Facts()), Unknown)
    assert isinstance(ask("certificate.thumbprint_is_digest", Facts()), Unknown)
