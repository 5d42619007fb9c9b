"""How a presented token differs from a registered federated credential."""

import pytest

from diag.core.federation import (
    GITHUB_ISSUER,
    Difference,
    Presented,
    compare,
    is_cluster_default,
    is_customised,
    nearest,
    parsed,
    system_of,
)
from diag.core.registration import FederatedCredential

AUDIENCE = "api://AzureADTokenExchange"
AKS = "https://westeurope.oic.prod-aks.azure.com/0d3f5b7a-91c2-4e68-8b4a-7f6e5d4c3b2a/e5a7c9db-4f6b-4d8e-9aac-7b9d1e3f5a02/"
AKS_NEW = AKS.replace("e5a7c9db", "a5a7c9db")


def credential(subject: str, issuer: str = GITHUB_ISSUER, *, expression: str = "") -> FederatedCredential:
    return FederatedCredential("id", "name", issuer, subject, (AUDIENCE,), expression)


@pytest.mark.parametrize(
    ("sent", "registered", "expected"),
    [
        ("repo:contoso/orders:ref:refs/heads/main", "repo:contoso/orders:ref:refs/heads/main", "nothing"),
        ("repo:Contoso/orders:pull_request", "repo:contoso/orders:pull_request", "subject_case"),
        ("repo:contoso@1/orders@2:pull_request", "repo:contoso/orders:pull_request", "immutable_form"),
        ("repo:contoso/orders:environment:a", "repo:contoso@1/orders@2:environment:a", "immutable_form"),
        ("repo:contoso@1/orders@3:pull_request", "repo:contoso@1/orders@2:pull_request", "repository"),
        ("repo:contoso/orders:environment:a", "repo:contoso/orders:environment:b", "entity_name"),
        ("repo:contoso/orders:ref:refs/heads/a", "repo:contoso/orders:ref:refs/heads/b", "entity_name"),
        ("repo:contoso/orders:ref:refs/tags/a", "repo:contoso/orders:ref:refs/heads/a", "entity_type"),
        ("repo:contoso/orders:pull_request", "repo:contoso/orders:environment:b", "entity_type"),
        ("repo:fabrikam/orders:pull_request", "repo:contoso/orders:pull_request", "repository"),
        ("repo:contoso/shop:pull_request", "repo:contoso/orders:pull_request", "repository"),
        ("repo:fabrikam/shop:pull_request", "repo:contoso/orders:pull_request", "subject"),
        ("repo:contoso/orders:job_workflow_ref:x@y", "repo:contoso/orders:ref:refs/heads/main", "template"),
        ("repo:c/o:environment:p:job_workflow_ref:x", "repo:c/o:environment:p", "template"),
    ],
)
def test_github_subjects_differ_in_one_named_part(sent: str, registered: str, expected: Difference) -> None:
    assert compare(Presented(GITHUB_ISSUER, sent, AUDIENCE), credential(registered)) == expected


@pytest.mark.parametrize(
    ("issuer", "registered", "expected"),
    [
        (GITHUB_ISSUER, GITHUB_ISSUER + "/", "issuer_slash"),
        (GITHUB_ISSUER + "//", GITHUB_ISSUER, "issuer_slash"),
        (GITHUB_ISSUER.upper(), GITHUB_ISSUER, "issuer_case"),
        (GITHUB_ISSUER, "https://gitlab.contoso.example", "issuer"),
        (GITHUB_ISSUER + "/contoso", GITHUB_ISSUER, "issuer_moved"),
    ],
)
def test_issuers_differ_in_one_named_part(issuer: str, registered: str, expected: Difference) -> None:
    subject = "repo:contoso/orders:pull_request"
    assert compare(Presented(issuer, subject, AUDIENCE), credential(subject, registered)) == expected


def test_a_cluster_made_anew_keeps_the_subject_and_changes_the_issuer() -> None:
    subject = "system:serviceaccount:orders:importer"
    assert compare(Presented(AKS_NEW, subject), credential(subject, AKS)) == "issuer_moved"
    assert compare(Presented(AKS_NEW, "system:serviceaccount:orders:other"), credential(subject, AKS)) == "issuer"
    assert compare(Presented(AKS, "system:serviceaccount:blue:importer"), credential(subject, AKS)) == "service_account"


def test_a_cluster_s_default_issuer_is_told_from_a_public_one() -> None:
    subject = "system:serviceaccount:orders:importer"
    sent = Presented("https://kubernetes.default.svc.cluster.local", subject)
    assert compare(sent, credential(subject, "https://oidc.contoso.example")) == "issuer_cluster_default"
    assert is_cluster_default("https://kubernetes.default.svc")
    assert is_cluster_default("kubernetes/serviceaccount")
    assert not is_cluster_default("https://kubernetes.default.contoso.example")


def test_the_audience_counts_last_and_only_when_it_is_known() -> None:
    subject = "repo:contoso/orders:pull_request"
    assert compare(Presented(GITHUB_ISSUER, subject, "https://github.com/contoso"), credential(subject)) == "audience"
    assert compare(Presented(GITHUB_ISSUER, subject), credential(subject)) == "nothing"


def test_run_phases_differ_only_where_the_rest_agrees() -> None:
    workspace = "organization:contoso:project:net:workspace:hub:run_phase:"
    issuer = "https://app.terraform.io"
    assert compare(Presented(issuer, workspace + "apply"), credential(workspace + "plan", issuer)) == "run_phase"
    other = workspace.replace("hub", "spoke")
    assert compare(Presented(issuer, other + "apply"), credential(workspace + "plan", issuer)) == "subject"


def test_an_unknown_issuer_is_taken_from_the_form_of_the_subject() -> None:
    subject = "repo:contoso/orders:pull_request"
    assert compare(Presented(None, subject), credential(subject)) == "nothing"
    assert compare(Presented(None, subject), credential("system:serviceaccount:a:b", AKS)) == "issuer"


def test_a_credential_by_expression_is_never_called_a_near_miss() -> None:
    expression = "claims['sub'] matches 'repo:contoso/orders:*'"
    sent = Presented(GITHUB_ISSUER, "repo:contoso/orders:pull_request")
    assert compare(sent, credential("", expression=expression)) == "subject"


def test_the_nearest_of_several_credentials_is_named() -> None:
    sent = Presented(GITHUB_ISSUER, "repo:contoso/orders:environment:staging")
    near = credential("repo:contoso/orders:environment:production")
    comparison = nearest(
        sent, (credential("repo:contoso/orders:pull_request"), near, credential("repo:a/b:pull_request"))
    )
    assert comparison is not None
    assert comparison.credential == near
    assert comparison.difference == "entity_name"
    assert nearest(sent, ()) is None


def test_subjects_are_taken_apart() -> None:
    branch = parsed("repo:contoso/orders:ref:refs/heads/feature/a:b")
    assert (branch.repository, branch.entity_type, branch.entity_name) == ("contoso/orders", "branch", "feature/a:b")
    assert parsed("repo:contoso@1/orders@2:pull_request").is_immutable
    assert not parsed("repo:contoso/orders:ref:refs/heads/fix@home").is_immutable
    assert parsed("https://unknown") == parsed("")


@pytest.mark.parametrize(
    ("issuer", "subject", "system"),
    [
        (GITHUB_ISSUER, None, "github"),
        (AKS, None, "kubernetes"),
        ("https://vstoken.dev.azure.com/e5a7c9db", None, "azure_devops"),
        (None, "sc://contoso/orders/production", "azure_devops"),
        (None, "project_path:contoso/orders:ref_type:branch:ref:main", "gitlab"),
        ("https://id.contoso.example", None, "other"),
        (None, None, None),
        (None, "anything", None),
    ],
)
def test_the_system_of_a_token_is_known_by_issuer_or_subject(
    issuer: str | None, subject: str | None, system: str | None
) -> None:
    assert system_of(issuer, subject) == system


def test_a_branch_named_like_a_claim_is_no_customised_template() -> None:
    assert not is_customised("repo:contoso/orders:ref:refs/heads/actor")
    assert is_customised("repository_owner:contoso:ref:refs/heads/main")
