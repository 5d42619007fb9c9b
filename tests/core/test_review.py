"""Which checks are asked of which application, and what is said where not everything lies here."""

from typing import Any

import pytest

from diag.adapters.kb_files.store import open_knowledge_base
from diag.core.facts import Facts
from diag.core.read import Found, Missing, Unread, absent, present
from diag.core.registration import Application, ServicePrincipal
from diag.core.review import MICROSOFT_TENANTS, review

CHECKS = open_knowledge_base().checks()
OURS = "3d9c4c1e-3f5b-4d0f-8f4e-0e6f5f0a9b11"
THEIRS = "7b2d1c0a-5e4f-4a3b-9c8d-1f2e3d4c5b6a"
OF_PRINCIPALS = {check.id for check in CHECKS if check.subject == "service_principal"}


def principal(**known: Any) -> ServicePrincipal:
    return ServicePrincipal(exists=present(True), owner_tenant_id=present(OURS), **known)


def facts(**known: Any) -> Facts:
    return Facts(home_tenant_id=present(OURS), **known)


def test_a_registration_that_is_here_is_asked_everything() -> None:
    found = review(CHECKS, facts(application=Application(exists=present(True)), service_principal=principal()))
    assert (found.scope, found.note) == ("registration", "")
    assert {finding.id for finding in found.findings} == {check.id for check in CHECKS}


def test_a_registration_that_nobody_read_is_unknown_throughout_and_says_why() -> None:
    unread = Application(exists=Unread("the permission Application.Read.All is not granted"))
    found = review(CHECKS, facts(application=unread))
    assert found.scope == "registration"
    assert "Application.Read.All is not granted" in found.note
    assert {finding.verdict for finding in found.findings} == {"unknown"}
    assert not found.held


@pytest.mark.parametrize("application", [absent(Application), Application()])
def test_of_an_application_of_another_tenant_only_what_lies_here_is_asked(application: Application) -> None:
    theirs = ServicePrincipal(exists=present(True), owner_tenant_id=present(THEIRS))
    found = review(CHECKS, facts(application=application, service_principal=theirs))
    assert found.scope == "service_principal"
    assert {finding.id for finding in found.findings} == OF_PRINCIPALS
    assert "another tenant" in found.note


def test_a_managed_identity_has_no_registration_to_check() -> None:
    found = review(CHECKS, facts(service_principal=principal(type=present("ManagedIdentity"))))
    assert found.scope == "service_principal"
    assert {finding.id for finding in found.findings} == OF_PRINCIPALS


@pytest.mark.parametrize("owner", sorted(MICROSOFT_TENANTS))
def test_microsofts_own_applications_are_left_alone(owner: str) -> None:
    theirs = ServicePrincipal(exists=present(True), owner_tenant_id=present(owner))
    found = review(CHECKS, facts(service_principal=theirs))
    assert (found.scope, found.findings) == ("none", ())
    assert "Microsoft" in found.note


def test_what_is_nowhere_here_is_not_checked() -> None:
    found = review(CHECKS, Facts(application=Application(exists=Missing()), service_principal=absent(ServicePrincipal)))
    assert (found.scope, found.findings) == ("none", ())


def test_a_finding_keeps_when_its_evidence_was_read() -> None:
    from datetime import UTC, datetime

    at = datetime(2026, 11, 22, tzinfo=UTC)
    application = Application(exists=present(True), owners=Found((), "registration", at))
    held = review(CHECKS, facts(application=application)).held
    assert [(finding.id, finding.evidence[0].as_of) for finding in held] == [("no-owner", at)]
