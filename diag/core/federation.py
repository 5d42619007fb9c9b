"""How a presented token's issuer, subject and audience differ from a federated credential's.

Entra ID compares all three exactly, case included. The vocabulary below names the one thing that differs where the rest
agrees; it is what a person must change.
"""

import re
from typing import Literal, get_args

from msgspec import Struct

from diag.core.registration import FederatedCredential

Difference = Literal[
    "nothing",
    "issuer_slash",
    "issuer_case",
    "audience",
    "subject_case",
    "immutable_form",
    "run_phase",
    "entity_name",
    "entity_type",
    "service_account",
    "template",
    "repository",
    "issuer_cluster_default",
    "issuer_moved",
    "subject",
    "issuer",
]
"""From the nearest miss to the farthest. ``issuer_moved``: the subject is the same and both issuers are of one system.
``subject``: same issuer, subjects of which nothing can be said; ``issuer``: nothing agrees."""

NEARNESS: tuple[Difference, ...] = get_args(Difference)
"""The vocabulary in its order: the first is the nearest."""

System = Literal["github", "kubernetes", "azure_devops", "terraform", "gitlab", "other"]
CI_SYSTEMS: frozenset[System] = frozenset({"github", "azure_devops", "terraform", "gitlab"})

GITHUB_ISSUER = "https://token.actions.githubusercontent.com"

AUDIENCES = {
    "public": "api://AzureADTokenExchange",
    "usgov": "api://AzureADTokenExchangeUSGov",
    "china": "api://AzureADTokenExchangeChina",
}
"""The audience Entra ID recommends, by cloud (learn.microsoft.com, checked 2026-11-22)."""

_ENTITY = re.compile(
    r"(?P<repo>[^:]{1,512}):(?:(?P<pull>pull_request)|(?P<type>environment|ref):(?P<name>.{1,1024}))", re.DOTALL
)
_RUN_PHASE = re.compile(r":run_phase:(plan|apply)\Z")
_ACCOUNT = re.compile(r"system:serviceaccount:([^:]{1,253}):([^:]{1,253})")
_NUMBERED = re.compile(r"@[^/:@]{1,64}(?=[/:]|\Z)")
_TEMPLATE_KEYS = re.compile(
    r"(?:\A|:)(job_workflow_ref|repository_owner|repository_owner_id|repository_id|repository_visibility|repository|actor|"
    r"workflow|context|head_ref|base_ref|ref_type|enterprise|runner_environment):"
)


class Presented(Struct, frozen=True):
    """What the workload's token says; None where nobody could look."""

    issuer: str | None = None
    subject: str | None = None
    audience: str | None = None


class Comparison(Struct, frozen=True):
    """One registered credential and the one thing by which it misses the presented token."""

    credential: FederatedCredential
    difference: Difference


class Subject(Struct, frozen=True):
    """A subject taken apart; empty parts are not there."""

    repository: str = ""
    """GitHub's ``owner/repository``, with ``@<id>`` where the immutable form is used."""
    entity_type: Literal["", "branch", "tag", "environment", "pull_request"] = ""
    entity_name: str = ""
    namespace: str = ""
    account: str = ""
    run_phase: str = ""

    @property
    def is_immutable(self) -> bool:
        """GitHub's form that carries the numeric IDs of owner and repository."""
        return bool(_NUMBERED.search(self.repository))


def parsed(subject: str) -> Subject:
    """A subject in its parts; one of unknown form has none."""
    phase = _RUN_PHASE.search(subject)
    if phase:
        return Subject(run_phase=phase[1])
    account = _ACCOUNT.fullmatch(subject)
    if account:
        return Subject(namespace=account[1], account=account[2])
    if not subject.startswith("repo:"):
        return Subject()
    match = _ENTITY.fullmatch(subject.removeprefix("repo:"))
    if match is None:
        return Subject()
    repository = match["repo"]
    if match["pull"]:
        return Subject(repository, "pull_request")
    if match["type"] == "environment":
        return Subject(repository, "environment", match["name"])
    name = match["name"]
    if name.startswith("refs/tags/"):
        return Subject(repository, "tag", name.removeprefix("refs/tags/"))
    return Subject(repository, "branch", name.removeprefix("refs/heads/"))


def is_customised(subject: str) -> bool:
    """Whether a GitHub subject carries claims that only a customised subject template puts there."""
    return bool(_TEMPLATE_KEYS.search(subject))


def system_of(issuer: str | None, subject: str | None = None) -> System | None:
    """The system that issues such tokens, by issuer or, failing that, by the form of the subject; None when unknown."""
    if issuer:
        host = issuer.casefold()
        if "actions.githubusercontent.com" in host or "/_services/token" in host:
            return "github"
        if is_cluster_default(issuer) or any(part in host for part in _CLUSTER_HOSTS):
            return "kubernetes"
        if "vstoken.dev.azure.com" in host:
            return "azure_devops"
        if "app.terraform.io" in host:
            return "terraform"
        if "gitlab" in host:
            return "gitlab"
    if subject:
        for prefix, system in _BY_SUBJECT:
            if subject.startswith(prefix):
                return system
    return "other" if issuer else None


_CLUSTER_HOSTS = (".oic.prod-aks.azure.", ".oic.prod-arc.", "oidc.eks.", "container.googleapis.com")
_BY_SUBJECT: tuple[tuple[str, System], ...] = (
    ("repo:", "github"),
    ("system:serviceaccount:", "kubernetes"),
    ("sc://", "azure_devops"),
    ("organization:", "terraform"),
    ("project_path:", "gitlab"),
)


def is_cluster_default(issuer: str) -> bool:
    """Whether the issuer is the one a Kubernetes API server uses when nobody configured a public one."""
    host = re.sub(r"\Ahttps?://", "", issuer.casefold()).split("/")[0].split(":")[0]
    return host in ("kubernetes", "kubernetes.default") or host.startswith("kubernetes.default.svc")


def _host(issuer: str | None) -> str:
    return (issuer or "").casefold().removeprefix("https://").split("/")[0]


def compare(presented: Presented, credential: FederatedCredential) -> Difference:
    """The nearest difference between a presented token and one registered credential.

    Parts nobody could look at are taken to agree. A credential that matches by expression is never called a near miss.
    """
    issuer = _issuer_difference(presented, credential)
    if issuer in ("issuer_slash", "issuer_case", "issuer_cluster_default"):
        return issuer
    subject = _subject_difference(presented.subject, credential)
    if issuer == "issuer":
        same_system = system_of(presented.issuer, presented.subject) == system_of(credential.issuer, credential.subject)
        told = presented.subject is not None and credential.subject != ""
        same_host = _host(presented.issuer) == _host(credential.issuer)
        return "issuer_moved" if subject == "nothing" and same_system and (told or same_host) else "issuer"
    if subject != "nothing":
        return subject
    if presented.audience is not None and credential.audiences and presented.audience not in credential.audiences:
        return "audience"
    return "nothing"


def nearest(presented: Presented, credentials: tuple[FederatedCredential, ...]) -> Comparison | None:
    """The registered credential that comes closest to the presented token; None when there is none."""
    compared = [Comparison(credential, compare(presented, credential)) for credential in credentials]
    return min(compared, key=lambda item: NEARNESS.index(item.difference), default=None)


def _issuer_difference(presented: Presented, credential: FederatedCredential) -> Difference:
    issuer = presented.issuer
    if issuer is None:
        ours, theirs = system_of(None, presented.subject), system_of(credential.issuer, credential.subject)
        return "issuer" if ours is not None and theirs is not None and ours != theirs else "nothing"
    if issuer == credential.issuer:
        return "nothing"
    if issuer.rstrip("/") == credential.issuer.rstrip("/"):
        return "issuer_slash"
    if issuer.casefold().rstrip("/") == credential.issuer.casefold().rstrip("/"):
        return "issuer_case"
    if is_cluster_default(issuer) and not is_cluster_default(credential.issuer):
        return "issuer_cluster_default" if _subject_difference(presented.subject, credential) == "nothing" else "issuer"
    return "issuer"


def _subject_difference(subject: str | None, credential: FederatedCredential) -> Difference:
    if credential.expression:
        return "subject"
    if subject is None or not credential.subject or subject == credential.subject:
        return "nothing"
    if subject.casefold() == credential.subject.casefold():
        return "subject_case"
    if is_customised(subject) != is_customised(credential.subject):
        return "template"
    sent, kept = parsed(subject), parsed(credential.subject)
    if sent.run_phase and kept.run_phase:
        same = _RUN_PHASE.sub("", subject) == _RUN_PHASE.sub("", credential.subject)
        return "run_phase" if same and sent.run_phase != kept.run_phase else "subject"
    if sent.account and kept.account:
        return "service_account"
    if sent.repository and kept.repository:
        return _repository_difference(sent, kept)
    return "subject"


def _repository_difference(sent: Subject, kept: Subject) -> Difference:
    ours, theirs = _NUMBERED.sub("", sent.repository), _NUMBERED.sub("", kept.repository)
    same_entity = (sent.entity_type, sent.entity_name) == (kept.entity_type, kept.entity_name)
    if ours.casefold() == theirs.casefold():
        if sent.is_immutable != kept.is_immutable:
            return "immutable_form"
        if ours != theirs:
            return "subject_case"
        if sent.repository != kept.repository:
            return "repository"  # Same names, other IDs: the repository was made anew or moved.
        if sent.entity_type != kept.entity_type:
            return "entity_type"
        return "entity_name"
    shares = bool(set(ours.casefold().split("/")) & set(theirs.casefold().split("/")))
    return "repository" if shares and same_entity else "subject"
